"""A messy extract goes in; canonical rows, rejects and an account of every row come out."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from rooftree.sources.definition import parse_definition
from rooftree.staging.contract import check_definitions
from rooftree.staging.store import StagingResult, stage_all
from rooftree.storage.engine import Engine

DEFINITION = """
system = "housing"
kind = "housing"
[[extract]]
key = "people"
files = "people*.csv"
encoding = "cp1252"
delimiter = ";"
dates = ["dd/mm/yyyy", "yyyy-mm-dd"]
no_date = ["1900-01-01"]
trailer = "^Total"
[[extract.table]]
table = "person"
[extract.table.columns]
person_ref = "PersonID"
full_name = "Name"
date_of_birth = "DOB"
given_name = { from = "Name", split = " ", part = 1 }
[[extract.table]]
table = "household_member"
[extract.table.columns]
person_ref = "PersonID"
tenancy_ref = { sql = "concat('T', PersonID)" }
role = { from = "Role", map = { T = "tenant", J = "joint_tenant" } }
[[extract.table]]
table = "tenancy"
[extract.table.columns]
tenancy_ref = { sql = "concat('T', PersonID)" }
rent_pence = { from = "Rent", unit = "pounds" }
[[extract.table.rule]]
key = "rent_is_positive"
holds = "rent_pence > 0"
on_failure = "issue"
message = "The rent is not positive."
remedy = "Correct the rent."
"""

PEOPLE = """PersonID;Name;DOB;Role;Rent
007;Zoë Lane;01/02/1980;T;£1,234.50
2;Bob Hill;31/02/1980;T;(12.00)
3;Cy Dale;1900-01-01;X;5 CR

PersonID;Name;DOB;Role;Rent
3;Cy Moor;1950-01-01;T;5 CR
4;x
5;"Di";12/12/1999;J;1.5x
Total: 5;;;;
"""


@pytest.fixture
def engine():
    with Engine() as opened:
        yield opened


def stage(folder: Path, engine: Engine, definition: str = DEFINITION) -> StagingResult:
    parsed, problems = parse_definition(definition)
    assert [*problems, *check_definitions([parsed])] == []
    return stage_all(
        [parsed],
        extracts_dir=folder / "extracts",
        staged_dir=folder / "staged",
        corrections_dir=folder / "corrections",
        engine=engine,
    )


def put(folder: Path, name: str, text: str, encoding: str = "cp1252") -> None:
    (folder / "extracts").mkdir(exist_ok=True)
    (folder / "extracts" / name).write_bytes(text.encode(encoding))


def test_rows_are_typed_and_refused_with_reasons(tmp_path: Path, engine: Engine) -> None:
    put(tmp_path, "people.csv", PEOPLE)
    result = stage(tmp_path, engine)
    people = (
        "SELECT person_ref, full_name, given_name, date_of_birth FROM staging.person ORDER BY 1"
    )
    assert engine.rows(people) == [
        ("007", "Zoë Lane", "Zoë", dt.date(1980, 2, 1)),
        ("3", "Cy Moor", "Cy", dt.date(1950, 1, 1)),
        ("5", "Di", "Di", dt.date(1999, 12, 12)),
    ]
    rents = "SELECT tenancy_ref, rent_pence FROM staging.tenancy ORDER BY 1"
    assert engine.rows(rents) == [("T007", 123450), ("T2", -1200), ("T3", -500)]
    rejects = "SELECT source_row, table_name, rules, fields FROM staging.reject ORDER BY ALL"
    assert engine.rows(rejects) == [
        (2, "person", ["not_a_date"], ["date_of_birth"]),
        (3, "household_member", ["unknown_code"], ["role"]),
        (3, "person", ["repeated_key"], ["person_ref"]),
        (3, "tenancy", ["repeated_key"], ["tenancy_ref"]),
        (7, "*", ["wrong_number_of_fields"], [""]),
        (8, "tenancy", ["not_a_number"], ["rent_pence"]),
    ]
    assert result.counts["person"] == {"read": 5, "accepted": 3, "rejected": 2}
    issue = "SELECT rule, table_name, rows, example_rows FROM staging.issue"
    assert engine.rows(issue) == [
        ("rent_is_positive", "tenancy", 3, ["people.csv:2", "people.csv:3", "people.csv:6"])
    ]


def test_rows_in_are_rows_accepted_and_rows_rejected(tmp_path: Path, engine: Engine) -> None:
    put(tmp_path, "people.csv", PEOPLE)
    stage(tmp_path, engine)
    account = "SELECT rows_read, rows_accepted, rows_rejected, rows_blank FROM staging.file"
    # the blank row, the header that comes again and the total are passed over, and counted
    assert engine.rows(account) == [(6, 2, 4, 3)]


def test_the_same_file_twice_changes_nothing(tmp_path: Path, engine: Engine) -> None:
    put(tmp_path, "people.csv", PEOPLE)
    assert stage(tmp_path, engine).reread == 1
    assert stage(tmp_path, engine).reread == 0
    put(tmp_path, "people copy.csv", PEOPLE)
    stage(tmp_path, engine)
    assert engine.value("SELECT count(*) FROM staging.person") == 3
    twins = "SELECT message FROM staging.issue WHERE rule = 'same_file_twice'"
    assert engine.value(twins) == "people.csv has the same bytes as people copy.csv and was counted once."  # fmt: skip


def test_a_corrected_file_replaces_its_rows(tmp_path: Path, engine: Engine) -> None:
    put(tmp_path, "people.csv", PEOPLE)
    stage(tmp_path, engine)
    put(tmp_path, "people.csv", PEOPLE.replace("31/02/1980", "28/02/1980"))
    stage(tmp_path, engine)
    assert engine.value("SELECT count(*) FROM staging.person") == 4
    assert len(list((tmp_path / "staged" / "housing" / "people").iterdir())) == 1


def test_what_a_stopped_import_left_is_swept(tmp_path: Path, engine: Engine) -> None:
    put(tmp_path, "people.csv", PEOPLE)
    aside = tmp_path / "staged" / "housing" / "people" / ".aside-0123"
    aside.mkdir(parents=True)
    (aside / "000-person.parquet").write_bytes(b"half")
    stage(tmp_path, engine)
    assert not aside.exists()
