"""Refused rows go out, are put right, come back; the account of the file still holds."""

from __future__ import annotations

import csv
from pathlib import Path

from rooftree.staging.corrections import export_rejects
from rooftree.storage.engine import Engine
from tests.integration.test_staging_slice import PEOPLE, put, stage


def correct(path: Path, change) -> None:
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        change(row)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def mend(row: dict[str, str]) -> None:
    row["DOB"] = row["DOB"].replace("31/02", "28/02")
    row["Rent"] = row["Rent"].replace("1.5x", "105")
    if row["_line"] == "4;x":
        row["_line"] = "4;Ed Marsh;03/04/1990;T;99"


def account(engine: Engine) -> list[tuple]:
    return engine.rows("SELECT rows_read, rows_accepted, rows_rejected FROM staging.file")


def test_corrected_rows_are_accepted_and_their_rejects_go(tmp_path: Path) -> None:
    put(tmp_path, "people.csv", PEOPLE)
    with Engine() as engine:
        stage(tmp_path, engine)
        assert account(engine) == [(6, 2, 4)]
        path = tmp_path / "corrections" / "housing.people.csv"
        assert export_rejects(engine, path, system="housing", extract="people") == 4
        correct(path, mend)
        for _ in range(2):  # replaying again changes nothing
            result = stage(tmp_path, engine)
            # row 3 was left as it was: its role is still not known, its key still stands twice
            left = engine.rows("SELECT DISTINCT source_row FROM staging.reject")
            assert left == [(3,)]
            assert account(engine) == [(6, 5, 1)]
            people = "SELECT source_row, person_ref FROM staging.person ORDER BY 1"
            assert engine.rows(people) == [(1, "007"), (2, "2"), (6, "3"), (7, "4"), (8, "5")]
            assert engine.value("SELECT count(*) FROM staging.tenancy") == 5
            assert result.counts["person"] == {"read": 6, "accepted": 5, "rejected": 1}


def test_taking_corrections_away_brings_the_rejects_back(tmp_path: Path) -> None:
    put(tmp_path, "people.csv", PEOPLE)
    with Engine() as engine:
        stage(tmp_path, engine)
        path = tmp_path / "corrections" / "housing.people.csv"
        export_rejects(engine, path, system="housing", extract="people")
        correct(path, mend)
        stage(tmp_path, engine)
        path.unlink()
        stage(tmp_path, engine)
        assert account(engine) == [(6, 2, 4)]
