"""The data-quality report: each rule on the smallest data that breaks it, and nothing on data that does not."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest

from rooftree.sources.definition import parse_definition
from rooftree.staging import schema
from rooftree.staging.quality import QualityReport, assess, render_page, write_workbook
from rooftree.staging.quality.checks import reference_issues, timeliness_issues
from rooftree.staging.quality.postcodes import AREAS, impossible_sql
from rooftree.staging.store import stage_all
from rooftree.storage.engine import Engine

AS_OF = dt.date(2025, 3, 31)
FILES = {
    "people.csv": """ref,name,dob,postcode,ten,resp
1,Ann,1980-01-01,E8 1DY,T1,Y
2,Bob,2030-01-01,E02 2UP,T1,N
3,Cy,1908-01-01,KY4N 0UJ,T2,Y
4,Di,2015-01-01,,T9,Y
""",
    "tenancies.csv": "ref,prop,from,uprn\nT1,A1,2020-01-01,100\nT2,A2,2020-01-01,1234567890123\n",
    "assets.csv": "ref,kind,uprn\nA1,block,1\nA2,house,2\nA3,house,2\n",
}
DEFINITION = """
system = "all"
[[extract]]
key = "people"
files = "people.csv"
tables = []
[[extract.table]]
table = "person"
columns = { person_ref = "ref", full_name = "name", date_of_birth = "dob", postcode = "postcode" }
[[extract.table]]
table = "household_member"
[extract.table.columns]
person_ref = "ref"
tenancy_ref = "ten"
role = { constant = "tenant" }
is_responsible = "resp"
[[extract]]
key = "tenancies"
files = "tenancies.csv"
[[extract.table]]
table = "tenancy"
columns = { tenancy_ref = "ref", property_ref = "prop", started_on = "from", uprn = "uprn" }
[[extract]]
key = "assets"
files = "assets.csv"
[[extract.table]]
table = "property"
columns = { property_ref = "ref", asset_type = "kind", uprn = "uprn" }
""".replace("tables = []\n", "")


@pytest.fixture
def engine() -> Iterator[Engine]:
    with Engine() as opened:
        yield opened


def report(
    folder: Path, engine: Engine, previous: QualityReport | None = None, **changed: str
) -> QualityReport:
    for name, text in FILES.items():
        (folder / name).write_text(changed.get(name.split(".")[0], text))
    definition, problems = parse_definition(DEFINITION)
    assert problems == []
    staging = stage_all(
        [definition], extracts_dir=folder, staged_dir=folder / "s", corrections_dir=folder / "c", engine=engine
    )  # fmt: skip
    before = json.loads(previous.to_json()) if previous else None
    return assess(engine, staging=staging, as_of=AS_OF, previous=before)


@pytest.mark.parametrize(("day", "named"), [(dt.date(1950, 1, 1), True), (AS_OF, False)])
def test_a_day_before_all_data_is_named(engine: Engine, day: dt.date, named: bool) -> None:
    for table in schema.CANONICAL:
        engine.create(table)
    engine.execute(
        "INSERT INTO staging.tenancy (system, source_kind, source_file, source_row, tenancy_ref, started_on) "
        "VALUES ('h', 'housing', 'f', 1, 'T1', DATE '2020-04-06')"
    )
    found = list(timeliness_issues(engine, as_of=day))
    assert [i["rule"] for i in found] == (["day_before_all_data"] if named else [])
    assert all("2020-04-06" in i["message"] for i in found)


def test_references_to_a_table_of_which_every_row_was_refused_are_named(
    tmp_path: Path, engine: Engine
) -> None:
    """Nobody is known: the members of every tenancy lead nowhere, and the report says so."""
    for table in (*schema.CANONICAL, schema.REJECT):
        engine.create(table)
    lineage = "(system, source_kind, source_file, source_row"
    engine.execute(
        f"INSERT INTO staging.household_member {lineage}, tenancy_ref, person_ref, role, relationship) "
        "VALUES ('h', 'housing', 'f', 1, 'T1', 'P1', 'tenant', 'lead')"
    )
    assert (
        list(reference_issues(engine, [])) == []
    )  # no extract of people at all: nothing to compare
    columns = ", ".join(
        f"CAST({'[]' if c.type.endswith('[]') else repr('person') if c.name == 'table_name' else 1} AS {c.type})"
        for c in schema.REJECT
    )
    engine.execute(f"INSERT INTO staging.reject SELECT {columns}")
    found = [(i["rule"], i["field"], i["rows"]) for i in reference_issues(engine, [])]
    assert found == [("reference_unknown", "person_ref", 1)]


def test_everything_that_is_wrong_is_named_with_its_count_and_place(
    tmp_path: Path, engine: Engine
) -> None:
    found = {
        (i["rule"], i["table_name"], i["field"]): (i["rows"], i["of_rows"], i["example_rows"])
        for i in report(tmp_path, engine).issues
        if i["rule"] != "extract_does_not_say"
    }
    assert found == {
        ("birth_in_future", "person", "date_of_birth"): (1, 4, ["people.csv:2"]),
        ("age_over_110", "person", "date_of_birth"): (1, 4, ["people.csv:3"]),
        ("postcode_impossible", "person", "postcode"): (2, 4, ["people.csv:2", "people.csv:3"]),
        ("responsible_minor", "household_member", "is_responsible"): (1, 3, ["people.csv:4"]),
        ("reference_unknown", "household_member", "tenancy_ref"): (1, 4, ["people.csv:4"]),
        ("tenancy_on_block_or_estate", "tenancy", "property_ref"): (1, 2, ["tenancies.csv:1"]),
        ("uprn_invalid", "tenancy", "uprn"): (1, 2, ["tenancies.csv:2"]),
        ("uprn_shared", "property", "uprn"): (2, 3, ["assets.csv:2", "assets.csv:3"]),
    }


def test_what_has_moved_since_last_time(tmp_path: Path, engine: Engine) -> None:
    before = report(tmp_path, engine)
    after = report(tmp_path, engine, before, assets="ref,kind,uprn,height\nA1,block,1,3\n")
    drift = {
        (i["rule"], i["table_name"], i["field"]) for i in after.issues if i["dimension"] == "drift"
    }
    assert ("column_new", "assets", "height") in drift
    assert ("rows_moved", "property", None) in drift
    assert ("rows_moved", "tenancy", None) not in drift


@pytest.mark.parametrize(
    ("postcode", "impossible"),
    [
        ("E8 1DY", False),
        ("EC1A 1BB", False),
        ("W1A 0AX", False),
        ("M1 1AE", False),
        ("CR0 2YR", False),  # one of the few areas with a district 0
        ("GIR 0AA", False),  # codespell:ignore gir
        ("E02 2UP", True),  # no district has a leading 0
        ("KY4N 0UJ", True),  # only central London has districts that end in a letter
        ("QX1 1AA", True),  # no such area
        ("E8 1CY", True),  # C does not stand in the second half
        ("E8", True),
        (None, None),
    ],
)
def test_which_postcodes_cannot_be(
    engine: Engine, postcode: str | None, impossible: bool | None
) -> None:
    query = f"SELECT {impossible_sql('x')} FROM (SELECT CAST(? AS VARCHAR) x)"
    assert engine.value(query, [postcode]) is impossible
    assert len(set(AREAS)) == 124


def test_page_workbook_and_json_say_the_same(tmp_path: Path, engine: Engine) -> None:
    found = report(tmp_path, engine)
    page = render_page(found, landlord="Fernleigh & Sons")
    assert "Fernleigh &amp; Sons" in page
    assert "<script" not in page
    assert "http" not in page  # nothing is fetched from anywhere
    assert page.count("<caption>") == page.count("<table")
    write_workbook(found, tmp_path / "q.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "q.xlsx")["Issues"]
    told = [row[0] for row in sheet.iter_rows(min_row=2, values_only=True)]
    assert told == [i["rule"] for i in json.loads(found.to_json())["issues"]]
    for rule in told:
        assert f"<code>{rule}</code>" in page
    first = (tmp_path / "q.xlsx").read_bytes()
    write_workbook(found, tmp_path / "q.xlsx")
    assert (tmp_path / "q.xlsx").read_bytes() == first


def test_no_personal_value_is_in_the_report(tmp_path: Path, engine: Engine) -> None:
    found = report(tmp_path, engine)
    said = found.to_json() + render_page(found)
    for value in ("Ann", "KY4N", "1908-01-01"):
        assert value not in said


def test_good_data_has_no_issue(tmp_path: Path, engine: Engine) -> None:
    good = report(
        tmp_path,
        engine,
        people="ref,name,dob,postcode,ten,resp\n1,Ann,1980-01-01,E8 1DY,T1,Y\n",
        tenancies="ref,prop,from,uprn\nT1,A1,2020-01-01,100\n",
        assets="ref,kind,uprn\nA1,flat,1\n",
    )
    assert {issue["rule"] for issue in good.issues} == {"extract_does_not_say"}
    assert {issue["severity"] for issue in good.issues} == {"note"}


def found_in(folder: Path, engine: Engine, definition: str, **files: str) -> dict[tuple, int]:
    """What is wrong in one system: (rule, table, field) → rows."""
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text)
    parsed, problems = parse_definition(definition)
    assert problems == []
    staging = stage_all(
        [parsed], extracts_dir=folder, staged_dir=folder / "s", corrections_dir=folder / "c", engine=engine
    )  # fmt: skip
    said = assess(engine, staging=staging, as_of=AS_OF).issues
    return {(i["rule"], i["table_name"], i["field"]): i["rows"] for i in said}


PEOPLE = """
system = "housing"
[[extract]]
key = "people"
files = "people.csv"
[[extract.table]]
table = "person"
[extract.table.columns]
person_ref = "ref"
same_as = "same"
family_name = "name"
ni_number = "ni"
phone = "phone"
email = "mail"
"""


def test_only_what_somebody_needs_is_missed(tmp_path: Path, engine: Engine) -> None:
    people = """ref,same,name,ni,phone,mail
1,,Lane,,0161 496 0000,
2,,Hill,,,a@example.org
3,,,,,
4,crm:9,,,,
5,,Dale,QQ123456C,,
6,,Moor,AB12345,0161 496 0001,
"""
    assert found_in(tmp_path, engine, PEOPLE, people=people) == {
        ("no_name", "person", "family_name"): 1,  # 3; the record that 4 is the same as has the name
        ("not_contactable", "person", "phone"): 2,  # 3 and 5: one way to reach somebody is enough
        (
            "ni_prefix_unused",
            "person",
            "ni_number",
        ): 1,  # has the form of a number, and is of nobody
        ("ni_number_invalid", "person", "ni_number"): 1,
        ("extract_does_not_say", "people", None): 2,  # no given name and no date of birth is mapped
    }


LEDGER = """
system = "housing"
[[extract]]
key = "tenancies"
files = "tenancies.csv"
[[extract.table]]
table = "tenancy"
[extract.table.columns]
tenancy_ref = "ref"
payment_ref = "account"
started_on = "start"
ended_on = "end"
balance_pence = { from = "balance", unit = "pence" }
balance_on = "on"
[[extract.table.rule]]
key = "ended_after_started"
holds = "ended_on is null or ended_on >= started_on"
on_failure = "reject"
message = "The tenancy ends before it starts."
remedy = "Correct the end."
[[extract]]
key = "entries"
files = "entries.csv"
[[extract.table]]
table = "account_transaction"
[extract.table.columns]
payment_ref = "account"
tenancy_ref = "ten"
posted_on = "day"
amount_pence = { from = "pence", unit = "pence" }
kind = { constant = "adjustment" }
"""


def test_balances_are_held_against_entries_by_tenancy_or_rent_account(
    tmp_path: Path, engine: Engine
) -> None:
    tenancies = """ref,account,start,end,balance,on
T1,A1,2020-01-01,,300,2025-01-31
T2,A2,2020-01-01,,301,2025-01-31
T3,A3,2020-01-01,,500,2025-01-31
T4,A4,2020-01-01,2019-01-01,0,2025-01-31
T5,,2020-01-01,,7,2025-01-31
"""
    entries = """account,ten,day,pence
A1,,2025-01-01,100
A1,,2025-01-31,200
A1,,2025-02-01,999
A2,,2025-01-01,300
A3,T3,2025-01-01,500
A4,,2025-01-01,5
A4,,2025-01-02,5
"""
    found = found_in(tmp_path, engine, LEDGER, tenancies=tenancies, entries=entries)
    # an entry after the day of the balance does not count, and an account without entries is not judged
    assert found["balance_differs_from_ledger", "tenancy", "balance_pence"] == 1
    assert found["value_missing", "tenancy", "payment_ref"] == 1
    assert found["reference_unknown", "account_transaction", "payment_ref"] == 2
    message, remedy = engine.rows(
        "SELECT message, remedy FROM staging.issue WHERE rule = 'reference_unknown'"
    )[0]
    assert "names no tenancy that was accepted (references that do so: 1)" in message
    assert remedy.startswith("Rows of tenancy were refused (1): put these right first.")
