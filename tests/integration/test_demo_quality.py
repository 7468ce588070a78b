"""What is planted in the made-up landlord's extracts is what the data-quality report counts."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from rooftree.catalogue.load import load
from rooftree.demo.generate import generate
from rooftree.staging.contract import load_definitions
from rooftree.staging.quality import assess
from rooftree.staging.store import stage_all
from rooftree.storage.engine import Engine

AS_OF = dt.date(2026, 3, 31)

#: (rule, system, table, field) → what was planted
PLANTED = {
    (
        "balance_differs_from_ledger",
        "housing",
        "tenancy",
        "balance_pence",
    ): "housing.tenancies.balance_not_of_entries",
    ("value_missing", "housing", "person", "date_of_birth"): "housing.people.sentinel_birth_dates",
    ("value_missing", "crm", "person", "date_of_birth"): "crm.customers.no_birth_date",
    ("value_missing", "crm", "contact", "person_ref"): "crm.contacts.caller_unknown",
    ("value_missing", "asset", "property", "bedrooms"): "asset.homes.no_bedrooms",
    ("birth_in_future", "housing", "person", "date_of_birth"): "housing.people.birth_dates_ahead",
    (
        "reference_unknown",
        "housing",
        "tenancy",
        "property_ref",
    ): "housing.tenancies.unknown_property",
}


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, int], dict[tuple, int]]:
    folder = tmp_path_factory.mktemp("demo")
    generate(folder, as_of=AS_OF, homes=400, seed=3, years=1)
    catalogue = load()
    definitions = load_definitions(folder / "sources", catalogue=catalogue)
    with Engine(memory_limit="1GB") as engine:
        staging = stage_all(
            definitions, extracts_dir=folder / "extracts", staged_dir=folder / "s", corrections_dir=folder / "c",
            engine=engine, catalogue=catalogue,
        )  # fmt: skip
        report = assess(engine, staging=staging, as_of=AS_OF)
    planted = json.loads((folder / "truth" / "planted.json").read_text())
    found = {
        (i["rule"], i["system"], i["table_name"], i["field"]): i["rows"] for i in report.issues
    }
    return planted, found


@pytest.mark.parametrize("key", PLANTED, ids=PLANTED.get)
def test_what_is_planted_is_counted(
    said: tuple[dict[str, int], dict[tuple, int]], key: tuple[str, str, str, str]
) -> None:
    planted, found = said
    assert found.get(key, 0) == planted[PLANTED[key]] > 0


def test_what_is_normal_is_no_issue(said: tuple[dict[str, int], dict[tuple, int]]) -> None:
    _, found = said
    assert "ni_number_invalid" not in {rule for rule, *_ in found}
    assert "no_name" not in {rule for rule, *_ in found}
    fields = {field for rule, *_, field in found if rule == "value_missing"}
    assert (
        fields & {"middle_name", "ended_on", "end_reason", "phone_2", "frame", "value", "to_on"}
        == set()
    )
