"""Extracts as systems really write them: each in its own format, all in one workspace and one run."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import os
import shutil
import socket
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from rooftree.pipeline.read import export_rejects
from rooftree.storage.workspace import Workspace
from tests.lib import workspaces as spaces

#: The same two people, whichever way they come.
EXPECTED = [
    ("001", "Zoë Abel", dt.date(1980, 2, 1), 123450),
    ("002", "Bob\nBell", dt.date(2005, 6, 30), -500),
]
DATES = (
    'dates = ["dd/mm/yyyy", "dd/mm/yy", "yyyy-mm-dd"]\npivot_year = 30\nno_date = ["1900-01-01"]\n'
)
ROWS = 'Ref,Name,Born,Rent\n001,Zoë Abel,01/02/80,"£1,234.50"\n\n002,"Bob\nBell",30/06/05,5 CR\n'
AGAIN = "Ref,Name,Born,Rent\n, ,,\n,,,\n"  # a header that comes again, and blank rows behind


def workbook(rows: list[list[object]], sheet: str = "Sheet") -> bytes:
    book = openpyxl.Workbook()
    book.active.title = sheet  # type: ignore[union-attr]
    for row in rows:
        book.active.append(row)  # type: ignore[union-attr]
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def parquet() -> bytes:
    out = io.BytesIO()
    born = pa.array([dt.date(1980, 2, 1), dt.date(2005, 6, 30)])
    columns = {
        "Ref": ["001", "002"],
        "Name": ["Zoë Abel", "Bob\nBell"],
        "Born": born,
        "Rent": [1234.5, -5.0],
    }
    pq.write_table(pa.table(columns), out)
    return out.getvalue()


TITLES = "Tenancy report\nRun on 31/03/2026\n"
PLAIN = [
    ["001", "Zoë Abel", dt.date(1980, 2, 1), 1234.5],
    ["002", "Bob\nBell", dt.date(2005, 6, 30), -5],
]
HEAD: list[object] = ["Ref", "Name", "Born", "Rent"]
NESTED = [
    {"Ref": "001", "Name": "Zoë Abel", "Born": "01/02/1980", "Rent": 1234.5},
    {"Ref": "002", "Name": "Bob\nBell", "Born": "2005-06-30", "Rent": "(5.00)"},
]

#: name of the case: (ending, bytes, options)
CASES: dict[str, tuple[str, bytes, str]] = {
    "cp1252": ("csv", ROWS.encode("cp1252"), 'encoding = "cp1252"'),
    "utf-8 with a mark": ("csv", ROWS.encode("utf-8-sig"), ""),
    "utf-16": ("csv", ROWS.encode("utf-16"), 'encoding = "utf-16"'),
    "utf-16 without a mark": ("csv", ROWS.encode("utf-16-le"), 'encoding = "utf-16"'),
    "Windows line ends": (
        "csv", ROWS.replace("Bob\nBell", "Bob~Bell").replace("\n", "\r\n").replace("~", "\n").encode(), "",
    ),
    "tabs": ("csv", ROWS.replace('"£1,234.50"', "£1234.50").replace(",", "\t").encode(), 'delimiter = "tab"'),
    "header on row 3": ("csv", (TITLES + ROWS).encode(), "header_row = 3"),
    "header on row 11": ("csv", (TITLES + "x\n" * 8 + ROWS).encode(), "header_row = 11"),
    "repeated headers, blank rows, a total": ("csv", (ROWS + AGAIN + "Total,2,,\n").encode(), 'trailer = "^Total"'),
    "columns moved and added": (
        "csv", 'New,Rent,Born,Name,Ref\nx,1234.50,1980-02-01,Zoë Abel,001\ny,5.00-,2005-06-30,"Bob\nBell",002\n'
        .encode(), "",
    ),
    "columns renamed": (
        "csv", ROWS.replace("Ref,Name", "Person No.,Full name").encode(),
        'renamed = { "Person No." = "Ref", "Full name" = "Name" }',
    ),
    "a workbook": ("xlsx", workbook([HEAD, *PLAIN, [None] * 4]), 'format = "excel"'),
    "a sheet by name, titles above": (
        "xlsx", workbook([["Report"], ["March"], HEAD, *PLAIN], "Rents"),
        'format = "excel"\nsheet = "Rents"\nheader_row = 3',
    ),
    "Parquet": ("parquet", parquet(), 'format = "parquet"'),
    "JSON lines": ("jsonl", "".join(json.dumps(r) + "\n" for r in NESTED).encode(), 'format = "jsonl"'),
}  # fmt: skip


@pytest.fixture(scope="module")
def messy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All of these in one workspace, each as a system of its own; run once."""
    folder = spaces.make(tmp_path_factory.mktemp("messy") / "ours")
    (folder / "sources" / "housing.toml").unlink()
    for number, (ending, data, options) in enumerate(CASES.values()):
        spaces.put(folder, f"case_{number}.{ending}", data)
        said = spaces.people(DATES + options).replace("people*.csv", f"case_{number}.{ending}")
        said = said.replace('system = "housing"', f'system = "case_{number}"')
        (folder / "sources" / f"case_{number}.toml").write_text(said, encoding="utf-8")
    spaces.run(folder)
    return folder


def found(folder: Path, system: str) -> list[tuple]:
    """Reference, name, birth and rent of the people of one system."""
    return spaces.rows(
        folder,
        "SELECT person_ref, full_name, date_of_birth, rent_pence FROM staging.person JOIN staging.tenancy "
        f"ON tenancy.tenancy_ref = concat('T', person_ref) AND person.system = tenancy.system "
        f"WHERE person.system = '{system}' ORDER BY 1",
    )


@pytest.mark.parametrize("name", CASES)
def test_the_same_two_people_come_out_of_each(messy: Path, name: str) -> None:
    system = f"case_{list(CASES).index(name)}"
    assert found(messy, system) == EXPECTED
    account = "SELECT rows_read, rows_accepted, rows_rejected FROM staging.file WHERE system = "
    assert spaces.rows(messy, f"{account}'{system}'") == [(2, 2, 0)]


def test_a_sentinel_date_is_no_date_and_no_error(tmp_path: Path) -> None:
    folder = spaces.make(tmp_path / "ours", definition=spaces.people(DATES))
    spaces.put(folder, "people.csv", spaces.HEADER + "1,A,01/01/1900,1\n2,B,,1\n")
    spaces.run(folder)
    assert spaces.rows(folder, "SELECT DISTINCT date_of_birth FROM staging.person") == [(None,)]


def test_rejects_are_exported_corrected_and_replayed_as_often_as_one_likes(tmp_path: Path) -> None:
    folder = spaces.make(tmp_path / "ours")
    spaces.put(folder, "people.csv", spaces.GOOD + "003,Cy Cox,31/02/1999,1\n004,short\n")
    first = spaces.run(folder)
    assert (first.staging["person"].accepted, first.staging["person"].rejected) == (2, 1)
    export_rejects(Workspace.open(folder))
    path = folder / "corrections" / "housing.people.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        row["Born"] = "1999-02-28" if row["Ref"] == "003" else row["Born"]
        row["_line"] = "004,Di Dale,1960-01-01,2" if row["_line"] else ""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    second = spaces.run(folder)
    assert (second.staging["person"].accepted, second.staging["person"].rejected) == (4, 0)
    assert spaces.run(folder).outcome == "unchanged"


def test_a_corrected_file_replaces_its_rows(tmp_path: Path) -> None:
    folder = spaces.make(tmp_path / "ours", people__csv=spaces.GOOD)
    spaces.run(folder)
    spaces.put(folder, "people.csv", spaces.GOOD.replace("Ann Abel", "Anne Abel"))
    assert spaces.run(folder).outcome == "published"
    names = "SELECT full_name FROM staging.person ORDER BY person_ref"
    assert spaces.rows(folder, names) == [("Anne Abel",), ("Bob Bell",)]


QUERY = 'format = "sql"\nquery = \'SELECT * FROM people ORDER BY "Ref"\'\ndatabase = '


def test_a_query_on_sqlite(tmp_path: Path) -> None:
    folder = spaces.make(tmp_path / "ours", definition=spaces.people(DATES + QUERY + '"crm.db"'))
    with sqlite3.connect(folder / "extracts" / "crm.db") as con:
        con.execute('CREATE TABLE people ("Ref" TEXT, "Name" TEXT, "Born" TEXT, "Rent" REAL)')
        values = [(e[0], e[1], e[2].isoformat(), e[3] / 100) for e in EXPECTED]
        con.executemany("INSERT INTO people VALUES (?, ?, ?, ?)", values)
    con.close()
    spaces.run(folder)
    assert found(folder, "housing") == EXPECTED


@pytest.fixture
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A PostgreSQL server of its own, by its address; it refuses to run as the superuser, so it does not."""
    programs = Path("/usr/lib/postgresql/15/bin")
    as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    folder = Path("/tmp") / f"rooftree-postgres-{os.getpid()}"
    folder.mkdir(mode=0o700)
    if as_user:
        shutil.chown(folder, "postgres")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]

    def call(*words: str) -> None:
        subprocess.run([*as_user, *words], check=True, capture_output=True, cwd=folder)

    control = str(programs / "pg_ctl") if programs.exists() else "pg_ctl"
    try:
        call(
            control.replace("pg_ctl", "initdb"),
            "-D",
            f"{folder}/data",
            "-U",
            "rooftree",
            "-A",
            "trust",
            "-E",
            "UTF8",
        )
        options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
        call(control, "-D", f"{folder}/data", "-o", options, "-l", f"{folder}/log", "-w", "start")
        yield f"postgresql://rooftree@127.0.0.1:{port}/postgres"
    finally:
        subprocess.run(
            [*as_user, control, "-D", f"{folder}/data", "-m", "immediate", "stop"],
            capture_output=True,
            cwd="/",
        )
        shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.postgres
def test_a_query_on_postgresql(tmp_path: Path, server: str) -> None:
    from adbc_driver_postgresql import dbapi

    with dbapi.connect(server) as con, con.cursor() as cursor:
        cursor.execute(
            'CREATE TABLE people ("Ref" text, "Name" text, "Born" date, "Rent" numeric(9,2))'
        )
        cursor.execute(
            "INSERT INTO people VALUES ('001', 'Zoë Abel', '1980-02-01', 1234.50), "
            "('002', E'Bob\\nBell', '2005-06-30', -5)"
        )
        con.commit()
    definition = spaces.people(DATES + QUERY + '"${CRM}"')
    folder = spaces.make(tmp_path / "ours", definition=definition)
    spaces.run(folder, environment={"CRM": server})
    assert found(folder, "housing") == EXPECTED
    assert spaces.run(folder, environment={"CRM": server}).outcome == "unchanged"
