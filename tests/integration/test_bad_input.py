"""Files that nobody should send: each is answered with what, where and what to do, and never by a guess."""

from __future__ import annotations

import zipfile
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from rooftree.sources.definition import parse_definition
from rooftree.sources.read import read_file
from rooftree.sources.reading import Limits, Reading
from rooftree.staging.store import stage_all
from rooftree.storage.engine import Engine
from rooftree.vocabulary.errors import DataError, ExitCode
from rooftree.vocabulary.progress import NoProgress

HEAD = 'system = "crm"\n[[extract]]\nkey = "people"\nfiles = "p.*"\n'
TABLE = '[[extract.table]]\ntable = "person"\n[extract.table.columns]\nperson_ref = "ID"\nfamily_name = "Name"\n'


def stage(folder: Path, data: bytes, options: str = "", *, name: str = "p.csv") -> list[tuple]:
    """Stage one file; returns the people accepted."""
    (folder / "extracts").mkdir(exist_ok=True)
    (folder / "extracts" / name).write_bytes(data)
    definition, problems = parse_definition(HEAD + options + TABLE)
    assert problems == []
    with Engine() as engine:
        stage_all(
            [definition],
            extracts_dir=folder / "extracts",
            staged_dir=folder / "staged",
            corrections_dir=folder / "corrections",
            engine=engine,
        )
        stage.rejects = engine.rows("SELECT source_row, rules FROM staging.reject ORDER BY ALL")  # type: ignore[attr-defined]
        stage.issues = engine.rows("SELECT rule, field FROM staging.issue ORDER BY ALL")  # type: ignore[attr-defined]
        stage.file = engine.rows("SELECT rows_read, rows_accepted, rows_rejected, rows_blank FROM staging.file")[0]  # type: ignore[attr-defined]  # fmt: skip
        return engine.rows("SELECT person_ref, family_name FROM staging.person ORDER BY ALL")


def told(folder: Path, data: bytes, options: str = "", *, name: str = "p.csv") -> str:
    """What is said of a file that cannot be read."""
    with pytest.raises(DataError) as caught:
        stage(folder, data, options, name=name)
    assert caught.value.exit_code is ExitCode.DATA
    return " ".join(str(problem) for problem in caught.value.problems)


def test_an_empty_file(tmp_path: Path) -> None:
    assert (
        told(tmp_path, b"")
        == "p.csv: the file is empty. Ask for the extract again, or remove the file."
    )
    assert "the file is empty" in told(tmp_path, b"\r\n\r\n")


def test_a_header_and_nothing_else(tmp_path: Path) -> None:
    assert stage(tmp_path, b"ID,Name\n") == []
    assert ("no_rows", None) in stage.issues  # type: ignore[attr-defined]


def test_another_delimiter(tmp_path: Path) -> None:
    assert "Set delimiter = ';'" in told(tmp_path, b"ID;Name\n1;Hill\n")


@pytest.mark.parametrize(
    ("data", "named", "advice"),
    [
        ("ID,Name\n1,Hill\n2,Zoë\n".encode("cp1252"), "utf-8", "line 3 is not utf-8"),
        ("ID,Name\n1,Zoë\n".encode(), "cp1252", 'Set encoding = "utf-8"'),
        ("ID,Name\n1,Hill\n".encode("utf-16"), "utf-8", 'Set encoding = "utf-16"'),
        ("ID,Name\n1,Hill\n".encode("utf-16-le"), "utf-8", 'Set encoding = "utf-16"'),
    ],
)
def test_another_encoding(tmp_path: Path, data: bytes, named: str, advice: str) -> None:
    assert advice in told(tmp_path, data, f'encoding = "{named}"\n')


@pytest.mark.parametrize(
    ("data", "named"),
    [
        ("ID,Name\n1,Zoë £\n".encode("cp1252"), "cp1252"),
        ("ID,Name\n1,Zoë £\n".encode("utf-8-sig"), "utf-8"),
        ("ID,Name\n1,Zoë £\n".encode("utf-8-sig"), "cp1252"),  # the mark leaves no doubt
        ("ID,Name\n1,Zoë £\n".encode("utf-16"), "utf-16"),
    ],
)
def test_encodings_that_are_read(tmp_path: Path, data: bytes, named: str) -> None:
    assert stage(tmp_path, data, f'encoding = "{named}"\n') == [("1", "Zoë £")]


def test_a_mapped_column_that_is_gone(tmp_path: Path) -> None:
    said = told(tmp_path, b"ID,Surname\n1,Hill\n")
    assert "the file has no column Name." in said
    assert "renamed" in said


def test_columns_moved_renamed_and_added(tmp_path: Path) -> None:
    data = b"Extra,Surname,ID\nx,Hill,1\n"
    assert stage(tmp_path, data, 'renamed = { Surname = "Name" }\n') == [("1", "Hill")]
    assert ("unmapped_columns", None) in stage.issues  # type: ignore[attr-defined]


def test_duplicate_columns(tmp_path: Path) -> None:
    said = told(tmp_path, b"ID,Name,Name\n1,a,b\n")
    assert "the column Name occurs more than once and is read" in said
    assert stage(tmp_path, b"ID,Name,X,X\n1,a,b,c\n") == [("1", "a")]
    assert ("duplicate_column", "X") in stage.issues  # type: ignore[attr-defined]


def test_a_header_on_a_later_row(tmp_path: Path) -> None:
    data = b'Report of tenants,\n"run on\n1 May",\nID,Name\n1,Hill\n'
    assert stage(tmp_path, data, "header_row = 3\n") == [("1", "Hill")]
    assert "in row 11" in told(tmp_path, data, "header_row = 11\n")


def test_quoted_line_breaks_are_part_of_a_value(tmp_path: Path) -> None:
    assert stage(tmp_path, b'ID,Name\n1,"Hill\nTop"\n2,Dale\n') == [
        ("1", "Hill\nTop"),
        ("2", "Dale"),
    ]
    assert stage.file == (2, 2, 0, 0)  # type: ignore[attr-defined]


def test_a_quotation_mark_without_a_partner_loses_no_line(tmp_path: Path) -> None:
    data = b'ID,Name,X\n1,Hill,a\n2,"Dale,b\n3,Moor,c\n4,"Lane,d\n5,Field,e\n'
    assert stage(tmp_path, data) == [("1", "Hill"), ("5", "Field")]
    # three lines were swallowed: each of them is refused, none is lost
    assert stage.rejects == [(2, ["unbalanced_quote"])] * 3  # type: ignore[attr-defined]
    assert stage.file == (5, 2, 3, 0)  # type: ignore[attr-defined]


def test_a_quotation_mark_that_stays_open_to_the_end(tmp_path: Path) -> None:
    data = b'ID,Name,X\n1,Hill,a\n2,Dale,"b\n3,Moor,c\n4,Lane,d\n'
    assert stage(tmp_path, data) == [("1", "Hill")]
    assert stage.file == (4, 1, 3, 0)  # type: ignore[attr-defined]


def test_a_row_with_a_nul_is_refused_alone(tmp_path: Path) -> None:
    assert stage(tmp_path, b"ID,Name\n1,Hi\0ll\n2,Dale\n") == [("2", "Dale")]
    assert stage.rejects == [(1, ["nul_byte"])]  # type: ignore[attr-defined]


def read(path: Path, limits: Limits) -> Reading:
    definition, _ = parse_definition(HEAD + TABLE)
    out = path.with_suffix(".parquet")
    return read_file(path, out, extract=definition.extracts[0], progress=NoProgress(), limits=limits)  # fmt: skip


def test_a_line_without_an_end(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    with path.open("wb") as file:
        file.write(b"ID,Name\n1,")
        file.truncate(1 << 30)  # a gigabyte of nothing, which takes no room on the disk
    with pytest.raises(DataError, match=r"line 2 is longer than 1,000 bytes"):
        read(path, Limits(line_bytes=1000))


def test_most_rows_with_another_width_are_a_matter_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_text("ID,Name\n" + "1,2,3\n" * 50)
    with pytest.raises(DataError, match=r"10 of the first 10 rows have not 2 fields"):
        read(path, Limits(bad_rows=10))


def test_a_workbook_with_a_password(tmp_path: Path) -> None:
    data = (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512 + "EncryptedPackage".encode("utf-16-le")
    )
    said = told(tmp_path, data, 'format = "excel"\n', name="p.xlsx")
    assert said.startswith("p.xlsx: the workbook has a password.")


def test_a_workbook_that_unpacks_to_too_much(tmp_path: Path) -> None:
    (tmp_path / "extracts").mkdir()
    path = tmp_path / "extracts" / "p.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (80 << 20))
    said = told(tmp_path, path.read_bytes(), 'format = "excel"\n', name="p.xlsx")
    assert "as an attack would" in said


def test_something_else_under_the_name_of_a_workbook(tmp_path: Path) -> None:
    assert "no Excel workbook" in told(tmp_path, b"ID,Name\n", 'format = "excel"\n', name="p.xlsx")


def workbook(path: Path) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "People"
    for row in (["Report"], [None], ["ID", "Name"], ["007", "Hill"], [None, None], ["8", "Dale"]):
        sheet.append(row)
    book.save(path)
    return path.read_bytes()


def test_a_workbook_keeps_leading_zeros_and_counts_blank_rows(tmp_path: Path) -> None:
    data = workbook(tmp_path / "book.xlsx")
    options = 'format = "excel"\nheader_row = 3\n'
    assert stage(tmp_path, data, options, name="p.xlsx") == [("007", "Hill"), ("8", "Dale")]
    assert stage.file == (2, 2, 0, 1)  # type: ignore[attr-defined]
    said = told(tmp_path, data, options + 'sheet = "Tenants"\n', name="p.xlsx")
    assert "there is no sheet 'Tenants'. Set sheet to one of: People." in said


def test_parquet_cut_short(tmp_path: Path) -> None:
    path = tmp_path / "p.parquet"
    pq.write_table(pa.table({"ID": ["1"], "Name": ["Hill"]}), path)
    whole = path.read_bytes()
    assert stage(tmp_path, whole, 'format = "parquet"\n', name="p.parquet") == [("1", "Hill")]
    said = told(tmp_path, whole[:-20], 'format = "parquet"\n', name="p.parquet")
    assert said.startswith("p.parquet: the file is cut short or is no Parquet.")


def test_json_lines_of_which_one_is_broken(tmp_path: Path) -> None:
    data = b'{"index": {}}\n{"ID": "1", "Name": "Hill"}\n{"ID": \n\n{"ID": 2, "Name": null}\n'
    options = 'format = "jsonl"\nskip_lines_with = { key = "index" }\n'
    assert stage(tmp_path, data, options, name="p.json") == [("1", "Hill"), ("2", None)]
    assert stage.rejects == [(2, ["invalid_json"])]  # type: ignore[attr-defined]
    assert stage.file == (3, 2, 1, 2)  # type: ignore[attr-defined]


def test_no_file_at_all(tmp_path: Path) -> None:
    assert "no file matches p.*" in told(tmp_path, b"", name="other.csv")


def test_no_personal_value_is_in_a_message(tmp_path: Path) -> None:
    said = told(tmp_path, b"ID,Name\n1,Hillary\n2,Zo\xeb\n")
    assert "Hillary" not in said
    assert "Zo" not in said
