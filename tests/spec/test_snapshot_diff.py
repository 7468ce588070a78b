"""What changed between two snapshots, table by table, in rows and columns."""

from __future__ import annotations

from pathlib import Path

import pytest

from rooftree.storage.compare import TableDiff, diff
from rooftree.storage.engine import Engine
from rooftree.storage.snapshot import Snapshot
from tests.storage_help import HOMES, REPAIRS, publish


def compare(tmp_path: Path, *, sample: int = 0, ignore=None, **after: list) -> dict[str, TableDiff]:
    first = publish(tmp_path / "a", seed="before")
    second = publish(tmp_path / "b", seed="after", **after)
    more = {} if ignore is None else {"ignore": ignore}
    with Engine() as engine:
        found = diff(
            Snapshot.open(first.directory),
            Snapshot.open(second.directory),
            engine=engine,
            sample=sample,
            **more,
        )
    return {one.name: one for one in found}


def test_the_same_rows_are_the_same(tmp_path: Path):
    found = compare(tmp_path)
    assert [one.is_same for one in found.values()] == [True, True]


@pytest.mark.parametrize(
    ("homes", "added", "removed", "changed", "columns"),
    [
        ([*HOMES, ("M4", 1, "Elm")], 1, 0, 0, {}),
        (list(HOMES[1:]), 0, 1, 0, {}),
        ([("M1", 4, "Ash"), *HOMES[1:]], 0, 0, 1, {"bedrooms": 1}),
        # null differs from every value, in both directions, and equals null
        ([HOMES[0], ("M2", 3, "Elm"), HOMES[2]], 0, 0, 1, {"estate": 1}),
        ([("M1", None, "Ash"), *HOMES[1:]], 0, 0, 1, {"bedrooms": 1}),
        # two columns of one row: one row changed
        ([("M1", 1, "Elm"), *HOMES[1:]], 0, 0, 1, {"bedrooms": 1, "estate": 1}),
        ([("M9", 2, "Ash"), *HOMES[1:]], 1, 1, 0, {}),
        ([], 0, 3, 0, {}),
    ],
)
def test_rows_with_a_key(tmp_path: Path, homes, added, removed, changed, columns):
    found = compare(tmp_path, homes=homes)["identity.home"]
    assert (found.added, found.removed, found.changed) == (added, removed, changed)
    assert found.columns == columns
    assert (found.before, found.after) == (3, len(homes))
    assert not found.is_same


def test_the_keys_of_what_differs_are_there_for_the_asking(tmp_path: Path):
    homes = [("M1", 9, "Ash"), ("M3", None, "Oak"), ("M4", 1, None), ("M5", 1, None)]
    found = compare(tmp_path, homes=homes, sample=1)["identity.home"]
    assert found.keys == {"added": ("M4",), "removed": ("M2",), "changed": ("M1",)}


def test_without_a_key_equal_rows_are_counted_and_a_change_is_one_out_one_in(tmp_path: Path):
    # two of "heating" before, three after; "plumbing" became "roof"
    repairs = [*REPAIRS[:2], ("f1", 3, "heating"), ("f1", 4, "roof")]
    found = compare(tmp_path, repairs=repairs)["staging.repair"]
    assert (found.added, found.removed, found.changed) == (2, 1, 0)


def test_a_file_sent_again_moves_lineage_and_changes_nothing(tmp_path: Path):
    repairs = [("f2", row + 10, trade) for _, row, trade in REPAIRS]
    assert compare(tmp_path, repairs=repairs)["staging.repair"].is_same
    found = compare(tmp_path / "again", repairs=repairs, ignore=())["staging.repair"]
    assert (found.added, found.removed) == (3, 3)
