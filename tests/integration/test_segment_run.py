"""A run writes what rules read and who is in each segment, and says loudly which segments are old."""

from __future__ import annotations

from pathlib import Path

import pytest

from rooftree.cli import show
from rooftree.storage.snapshot import locate
from rooftree.storage.verify import verify
from tests.lib import workspaces

SEGMENT = """
key = "young"
label = "Young"
topic = "age"
unit = "person"
base = "customers"
purpose = "tenancy_management"
use = "select"
rule = "{rule}"
why = "For a test."
owner = "Testers"
checked_by = "Others"
reviewed_on = 2026-03-01
next_review_on = 2027-03-01

[[example]]
says = "Twenty"
is = "in"
given = {{ age = 20 }}

[[example]]
says = "Fifty"
is = "out"
given = {{ age = 50 }}
"""


def define(folder: Path, rule: str) -> None:
    path = folder / "definitions" / "segments" / "young.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(SEGMENT.format(rule=rule), encoding="utf-8")


@pytest.fixture
def homes(tmp_path: Path) -> Path:
    folder = workspaces.make(tmp_path / "homes", people__csv=workspaces.GOOD)
    define(folder, "age < 48")
    return folder


def spells(folder: Path) -> list[tuple]:
    return workspaces.rows(
        folder,
        "SELECT count(*), entered_why, left_why FROM segments.spell WHERE segment = 'young' GROUP BY ALL",
    )


def test_a_run_publishes_tables_events_and_members(homes: Path):
    result = workspaces.run(homes)
    assert result.failed_segments == ()
    assert workspaces.rows(homes, "SELECT count(*) FROM segments.person") == [(2,)]
    assert workspaces.rows(homes, "SELECT count(*) FROM segments.event_repair") == [(0,)]
    assert spells(homes) == [(1, "first", None)]
    assert verify(locate(homes)) == []


def test_the_same_run_again_gives_the_same_bytes(homes: Path):
    workspaces.run(homes)
    assert workspaces.run(homes, again=True).outcome == "unchanged"


def test_a_segment_that_fails_is_told_with_the_day_its_members_are_from(homes: Path, capsys):
    workspaces.run(homes)
    define(homes, "aged < 48")
    result = workspaces.run(homes)
    (failed,) = result.failed_segments
    assert (failed.segment, failed.good_on) == ("young", workspaces.AS_OF)
    assert spells(homes) == [(1, "first", None)]
    show.run(result, homes)
    told = " ".join(capsys.readouterr().out.split())
    assert "NOT UP TO DATE: 1 segments could not be evaluated" in told
    assert "young: its members are still those of 31 March 2026." in told


def test_a_run_of_an_earlier_day_does_not_know_the_stays_of_a_later_one(homes: Path):
    workspaces.run(homes)
    workspaces.run(homes, as_of=workspaces.AS_OF.replace(day=1))
    assert workspaces.rows(homes, "SELECT DISTINCT entered_on FROM segments.spell") == [
        (workspaces.AS_OF.replace(day=1),)
    ]
