"""Real layouts: Hackney's platform and the lettings log of CORE, from the workspaces under examples/."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from rooftree.staging.contract import load_definitions
from rooftree.staging.quality import assess
from rooftree.staging.store import stage_all
from rooftree.storage.engine import Engine

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.realdata


@pytest.fixture(scope="module")
def hackney(tmp_path_factory: pytest.TempPathFactory, real_data: Path) -> Iterator[Engine]:
    folder = tmp_path_factory.mktemp("hackney")
    definitions = load_definitions(ROOT / "examples" / "hackney_mtfh" / "sources")
    with Engine() as engine:
        staging = stage_all(
            definitions, extracts_dir=folder, staged_dir=folder / "s", corrections_dir=folder / "c", engine=engine,
            environment={"ROOFTREE_TEST_DATA": str(real_data.resolve())},
        )  # fmt: skip
        assess(engine, staging=staging, as_of=dt.date(2025, 3, 31))
        yield engine


def test_no_row_is_lost(hackney: Engine) -> None:
    files = "SELECT name, rows_read, rows_accepted, rows_rejected FROM staging.file ORDER BY name"
    assert hackney.rows(files) == [
        ("assets.json", 1000, 1000, 0),
        ("persons.json", 2541, 2541, 0),
        ("tenures.json", 1000, 1000, 0),
    ]
    members = "SELECT system, count(*) FROM staging.household_member GROUP BY 1 ORDER BY 1"
    assert hackney.rows(members) == [("persons", 2541), ("tenures", 2541)]


def test_ids_resolve_as_the_data_say(hackney: Engine) -> None:
    resolved = (
        "SELECT count(*) FROM staging.household_member m SEMI JOIN staging.tenancy t USING (tenancy_ref) "
        "WHERE m.system = 'persons'"
    )
    assert hackney.value(resolved) == 2541
    homes = (
        "SELECT count(*) FROM staging.tenancy t SEMI JOIN staging.property p USING (property_ref)"
    )
    assert hackney.value(homes) == 1000
    paid = "SELECT count(*) FROM staging.property p SEMI JOIN staging.tenancy t USING (payment_ref)"
    assert hackney.value(paid) == 1000


def test_tenures_are_what_they_are(hackney: Engine) -> None:
    kinds = "SELECT tenure_raw, count(*) FROM staging.tenancy GROUP BY 1 ORDER BY 2 DESC"
    assert hackney.rows(kinds) == [
        ("Introductory", 206), ("Temp Hostel Lse", 205), ("Freehold", 203), ("Secure", 194), ("Leasehold (RTB)", 192),
    ]  # fmt: skip
    assert hackney.value("SELECT count(*) FROM staging.tenancy WHERE ended_on IS NULL") == 503


@pytest.mark.parametrize(
    ("rule", "system", "rows"),
    [
        ("member_not_a_person", "tenures", 2541),
        ("asset_tenure_not_shared", "assets", 1000),
        ("tenancy_on_block_or_estate", "tenures", 523),
        ("responsible_born_2008_or_later", "tenures", 151),
        ("responsible_born_before_1920", "tenures", 90),
    ],
)
def test_every_planted_oddity_is_named_and_counted(
    hackney: Engine, rule: str, system: str, rows: int
) -> None:
    found = "SELECT rows FROM staging.issue WHERE rule = ? AND system = ?"
    assert hackney.value(found, [rule, system]) == rows


def test_impossible_postcodes_are_counted(hackney: Engine) -> None:
    named = hackney.value("SELECT rows FROM staging.issue WHERE rule = 'postcode_impossible'")
    leading_zero = hackney.value(
        "SELECT count(*) FROM staging.property WHERE regexp_matches(postcode, '^[A-Z]{1,2}0[0-9] ')"
    )
    assert leading_zero > 0
    assert named > leading_zero  # these, and districts that end in a letter where none does
