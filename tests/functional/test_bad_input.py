"""Bad input, met as a landlord meets it: each is answered with what, where and what to do, and an exit code.

Every case runs the whole pipeline on a workspace in which a snapshot stands already: it must stand
afterwards, whole and current. No message may hold a value from a row.
"""

from __future__ import annotations

import datetime as dt
import io
import os
import resource
import shutil
import signal
import struct
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import fastexcel
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from rooftree.storage.snapshot import current_id
from rooftree.storage.verify import verify
from rooftree.storage.workspace import Workspace
from rooftree.vocabulary.errors import ExitCode, UserError
from tests.functional.conftest import ROOT, rooftree
from tests.lib import workspaces as spaces
from tests.lib.compound import encrypted_workbook

SECRET = "Zebedee"  # a name in the files: no message may tell it
GOOD = spaces.HEADER + f"001,{SECRET} Abel,1980-02-01,100.50\n"


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with one snapshot; copied, never changed."""
    folder = spaces.make(tmp_path_factory.mktemp("bad") / "ours", people__csv=GOOD)
    assert spaces.run(folder).outcome == "published"
    return folder


@pytest.fixture
def ours(published: Path, tmp_path: Path) -> Path:
    """A copy that a test may spoil."""
    return Path(shutil.copytree(published, tmp_path / "ours"))


def refusal(folder: Path) -> UserError:
    """Run, and give the refusal; the snapshot that stood must still stand."""
    before = current_id(folder / "snapshots")
    with pytest.raises(UserError) as caught:
        spaces.run(folder)
    assert current_id(folder / "snapshots") == before
    assert verify(folder / "snapshots" / str(before)) == []
    assert [p.name for p in (folder / "snapshots").iterdir() if p.name.startswith(".")] == []
    assert SECRET not in str(caught.value)
    return caught.value


def workbook(rows: list[list[object]]) -> bytes:
    """A workbook of one sheet."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)  # type: ignore[union-attr]
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def parquet(table: pa.Table) -> bytes:
    """A Parquet file."""
    out = io.BytesIO()
    pq.write_table(table, out)
    return out.getvalue()


def bomb() -> bytes:
    """A workbook of a few hundred kilobytes that would unpack to 300 MB."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/worksheets/sheet1.xml", "w") as sheet,
    ):
        for _ in range(300):
            sheet.write(b"0" * 1_000_000)
    return out.getvalue()


def damaged() -> bytes:
    """A Parquet file with a good end and a spoilt middle."""
    refs = [f"{number * 7919:09}" for number in range(5000)]
    many = pa.table({"Ref": refs, "Name": refs, "Born": refs, "Rent": refs})
    whole = parquet(many)
    return whole[:2000] + b"\xff" * 4000 + whole[6000:]


def liar() -> bytes:
    """A workbook of 100 kilobytes, of which one part unpacks to 100 MB and says that it has 1,000 bytes."""
    plain = zipfile.ZipFile(io.BytesIO(workbook([["Ref", "Name", "Born", "Rent"]])))
    out, sheet = io.BytesIO(), "xl/worksheets/sheet1.xml"
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for item in plain.infolist():
            if item.filename != sheet:
                archive.writestr(item, plain.read(item))
        head, tail = plain.read(sheet).split(b"</sheetData>")
        with archive.open(sheet, "w") as part:
            part.write(head + b'<row r="2"><c t="inlineStr"><is><t>')
            for _ in range(100):
                part.write(b"0" * 1_000_000)
            part.write(b"</t></is></c></row></sheetData>" + tail)
    with zipfile.ZipFile(out) as archive:
        true = struct.pack("<I", archive.getinfo(sheet).file_size)
    assert out.getvalue().count(true) == 2  # in the part's own header, and in the directory
    return out.getvalue().replace(true, struct.pack("<I", 1000))


PEOPLE = pa.table(
    {"Ref": ["1", "2"], "Name": [SECRET, "B"], "Born": ["1980-01-01"] * 2, "Rent": ["1", "2"]}
)

#: name of the case: (file, bytes, options of the extract, words of the answer)
FILES: dict[str, tuple[str, bytes | Callable[[], bytes], str, tuple[str, ...]]] = {
    "empty": ("people.csv", b"", "", ("people.csv", "is empty", "Ask for the extract again")),
    "blank lines": ("people.csv", b"\r\n\r\n", "", ("people.csv", "is empty")),
    "wrong delimiter": (
        "people.csv", GOOD.replace(",", ";").encode(), "", ("one column only", "delimiter = ';'"),
    ),
    "delimiter nobody knows": (
        "people.csv", GOOD.replace(",", "~").encode(), "", ("people.csv", "no column Ref", "no column Rent"),
    ),
    "cp1252 read as utf-8": (
        "people.csv", GOOD.replace("Abel", "Ab\xebl").encode("cp1252"), "", ("line 2 is not utf-8", "cp1252"),
    ),
    "utf-8 read as cp1252": (
        "people.csv", GOOD.replace("Abel", "Abël").encode(), 'encoding = "cp1252"', ('encoding = "utf-8"',),
    ),
    "utf-16 read as utf-8": ("people.csv", GOOD.encode("utf-16"), "", ('encoding = "utf-16"',)),
    "utf-8 read as utf-16": (
        "people.csv", GOOD.encode(), 'encoding = "utf-16"', ("the file is not", 'encoding = "utf-8"'),
    ),
    "half a character": (
        "people.csv", GOOD.encode("utf-16") + b"x", 'encoding = "utf-16"', ("is not utf-16",),
    ),
    "NUL in the header": ("people.csv", GOOD.replace("Name", "Na\0me").encode(), "", ("the header holds NUL",)),
    "a mapped column twice": (
        "people.csv", GOOD.replace("Born,Rent", "Born,Rent,Name").replace("0\n", "0,x\n").encode(), "",
        ("Name occurs more than once",),
    ),
    "a mapped column gone": ("people.csv", GOOD.replace("Born", "DOB").encode(), "", ("no column Born", "renamed")),
    "a column of an expression gone": (
        "people.csv", GOOD.replace("Ref", "Id").encode(), "", ("people.csv", "no column Ref"),
    ),
    "most rows too short": (
        "people.csv", (GOOD + f"{SECRET},2\n" * 3000).encode(), "", ("have not 4 fields", "delimiter"),
    ),
    "a line without an end": (
        "people.csv", GOOD.encode() + b"2," + b"x" * 3_000_000, "", ("line 3 is longer than 1,048,576 bytes",),
    ),
    "a field of 100 MB": (
        "people.csv", lambda: (GOOD + '2,"' + ("x" * 999 + "\n") * 100_000 + '",1980-01-01,1\n').encode(), "",
        ("a quotation mark has no partner",),
    ),
    "no workbook": ("people.xlsx", GOOD.encode(), 'format = "excel"', ("people.xlsx", "no Excel workbook")),
    "a workbook with a password": (
        "people.xlsx", encrypted_workbook, 'format = "excel"', ("has a password", "take the password off"),
    ),
    "a workbook cut short": (
        "people.xlsx", lambda: workbook([["Ref", "Name", "Born", "Rent"]])[:-200], 'format = "excel"',
        ("people.xlsx", "no Excel workbook"),
    ),
    "a zip bomb that lies": ("people.xlsx", liar, 'format = "excel"', ("unpacks to more than the workbook says",)),
    "a zip bomb": ("people.xlsx", bomb, 'format = "excel"', ("unpacks from", "300,000,000")),
    "another sheet": (
        "people.xlsx", lambda: workbook([["Ref"]]), 'format = "excel"\nsheet = "March"', ("no sheet 'March'", "Sheet"),
    ),
    "Parquet cut short": (
        "people.parquet", lambda: parquet(PEOPLE)[:-30], 'format = "parquet"', ("people.parquet", "cut short"),
    ),
    "Parquet damaged within": (
        "people.parquet", damaged, 'format = "parquet"', ("the Parquet file is damaged",),
    ),
    "Parquet with the engine's own names": (
        "people.parquet", lambda: parquet(PEOPLE.append_column("_row", pa.array([1, 2]))), 'format = "parquet"',
        ("_row", "other names"),
    ),
    "Parquet with a quotation mark in a name": (
        "people.parquet", lambda: parquet(PEOPLE.append_column('a"b', pa.array([1, 2]))), 'format = "parquet"',
        ("other names",),
    ),
    "Parquet with names apart only by case": (
        "people.parquet", lambda: parquet(PEOPLE.append_column("name", pa.array([1, 2]))), 'format = "parquet"',
        ("two columns have one name",),
    ),
    "no JSON lines": ("people.jsonl", b"", 'format = "jsonl"', ("people.jsonl", "is empty")),
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_cannot_be_read(ours: Path, name: str) -> None:
    file, data, options, words = FILES[name]
    (ours / "extracts" / "people.csv").unlink()
    spaces.put(ours, file, data() if callable(data) else data)
    definition = spaces.people(options).replace("people*.csv", "people*.*")
    (ours / "sources" / "housing.toml").write_text(definition, encoding="utf-8")
    error = refusal(ours)
    assert error.exit_code is ExitCode.DATA
    for word in words:
        assert word in str(error)


def test_the_workbook_with_a_password_is_one(tmp_path: Path) -> None:
    """The library that opens workbooks says so too, so that the file made by hand is what Excel makes."""
    where = tmp_path / "people.xlsx"
    where.write_bytes(encrypted_workbook())
    with pytest.raises(fastexcel.FastExcelError, match="password protected"):
        fastexcel.read_excel(where)


@pytest.mark.parametrize("file", ["people.csv", "people.jsonl"])
def test_ten_gigabytes_without_a_line_break_are_answered_from_the_first_of_them(
    ours: Path, file: str
) -> None:
    """The file has a hole: it takes no room, and reads as one line of NUL. Three gigabytes of memory."""
    (ours / "extracts" / "people.csv").unlink()
    spaces.put(ours, file, GOOD + "2," if file.endswith("csv") else '{"Ref": "1"}\n{"Ref": "')
    os.truncate(ours / "extracts" / file, 10 * 1000**3)
    options = 'format = "jsonl"' if file.endswith("jsonl") else ""
    definition = spaces.people(options).replace("people*.csv", "people*.*")
    (ours / "sources" / "housing.toml").write_text(definition, encoding="utf-8")
    before = current_id(ours / "snapshots")
    process = subprocess.Popen(
        [sys.executable, "-m", "rooftree", "run", str(ours), "--as-of", "2026-03-31"],
        env=os.environ | {"PYTHONPATH": str(ROOT / "src")},
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30)),
    )
    told = process.communicate()[1]
    assert process.returncode == ExitCode.DATA, told
    line = 3 if file.endswith("csv") else 2
    assert f"{file}: line {line} is longer than 1,048,576 bytes" in told
    assert "Check the encoding and line ends" in told
    assert current_id(ours / "snapshots") == before


#: name of the case: (file, bytes, options, (rows read, accepted, rejected) of the file)
ROWS: dict[str, tuple[str, bytes | Callable[[], bytes], str, tuple[int, int, int]]] = {
    "header only": ("people.csv", spaces.HEADER.encode(), "", (0, 0, 0)),
    "a NUL in a row": ("people.csv", (GOOD + "2,A\0b,1980-01-01,1\n").encode(), "", (2, 1, 1)),
    "a quotation mark that swallows rows": (
        "people.csv", (GOOD + '2,"A,1980-01-01,1\n3,B,1980-01-01,1\n4,C,1980-01-01,1\n').encode(), "", (4, 1, 3),
    ),
    "days that never were": (
        "people.csv", (spaces.HEADER + "1,a,31/02/2024,1\n2,b,29/02/2023,1\n3,c,29/02/2024,1\n4,d,00/00/0000,1\n"
                       "5,e,٠١/٠١/١٩٨٠,1\n6,f,01/01/9999,1\n").encode(), 'dates = ["dd/mm/yyyy"]', (6, 1, 5),
    ),
    "days that only an engine knows": (
        "people.csv", (spaces.HEADER + "1,a,infinity,1\n2,b,1980-01-01 (BC),1\n3,c,5877642-01-01,1\n").encode(), "",
        (3, 0, 3),
    ),
    "numbers that are none": (
        "people.csv", (spaces.HEADER + "".join(
            f"{n},a,1980-01-01,{text}\n" for n, text in enumerate(["1e400", "NaN", "inf", "٣", "0x10", "--1", "9" * 17])
        )).encode(), "", (7, 0, 7),
    ),
    "numbers that are": (
        "people.csv", (spaces.HEADER + '1,a,1980-01-01,-0\n2,a,1980-01-01,"£1,234.50"\n3,a,1980-01-01,1e-400\n')
        .encode(), "", (3, 3, 0),
    ),
    "5,000 columns": (
        "people.csv", ("Ref,Name,Born,Rent," + ",".join(f"c{n}" for n in range(5000)) + "\n1,a,1980-01-01,1"
                       + ",x" * 5000).encode(), "", (1, 1, 0),
    ),
    "floats that are no amounts": (
        "people.parquet", lambda: parquet(
            pa.table({"Ref": ["1", "2", "3", "4"], "Name": ["a"] * 4, "Born": ["1980-01-01"] * 4,
                      "Rent": [float("nan"), float("inf"), 1e300, -0.0]})
        ), 'format = "parquet"', (4, 1, 3),
    ),
    "lines that are no objects": (
        "people.jsonl", b'{"Ref": "1", "Name": "a", "Born": null, "Rent": 1}\n[1]\n"x"\n3\nnull\n{bad\nNaN\n',
        'format = "jsonl"', (7, 1, 6),
    ),
    "100,000 levels": (
        "people.jsonl", b'{"Ref": "1", "Name": "a"}\n' + b'{"a":' * 100_000 + b"1" + b"}" * 100_000 + b"\n",
        'format = "jsonl"', (2, 1, 1),
    ),
    "NUL in JSON": (
        "people.jsonl", b'{"Ref": "1", "Name": "a"}\n{"Ref": "2", "Name": "a\\u0000b"}\n{"Ref": "3", "Name": "a\0b"}\n',
        'format = "jsonl"', (3, 1, 2),
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One workspace with all of these files, each as a system of its own, and one run of them."""
    folder = spaces.make(tmp_path_factory.mktemp("bad") / "mixed")
    (folder / "sources" / "housing.toml").unlink()
    for number, (file, data, options, _) in enumerate(ROWS.values()):
        name = f"case_{number}.{file.rpartition('.')[2]}"
        spaces.put(folder, name, data() if callable(data) else data)
        said = spaces.people(options).replace("people*.csv", name)
        said = said.replace('system = "housing"', f'system = "case_{number}"')
        (folder / "sources" / f"case_{number}.toml").write_text(said, encoding="utf-8")
    for rows in spaces.run(folder).staging.values():
        assert rows.read == rows.accepted + rows.rejected
    return folder


@pytest.mark.parametrize("name", ROWS)
def test_rows_that_are_refused_one_by_one(mixed: Path, name: str) -> None:
    account = "SELECT rows_read, rows_accepted, rows_rejected FROM staging.file WHERE system = "
    assert spaces.rows(mixed, f"{account} 'case_{list(ROWS).index(name)}'") == [ROWS[name][3]]
    held = (
        "SELECT count(DISTINCT source_row) FILTER (table_name <> '*') + count(*) FILTER (table_name = '*') "
        f"FROM staging.reject WHERE system = 'case_{list(ROWS).index(name)}'"
    )
    assert spaces.rows(mixed, held) == [(ROWS[name][3][2],)]


#: name of the case: (what stands in the definition, what is put there, words of the answer)
DEFINITIONS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "a typo in a column": ("person_ref", "persn_ref", ("persn_ref", "Did you mean person_ref?")),
    "not TOML": ('system = "housing"', "system = [", ("sources/housing.toml", "not valid TOML")),
    "too deep": ('system = "housing"', "x = " + "[" * 5000, ("nested too deeply",)),
    "a pattern for no file name": ("people*.csv", "**x[/", ("is no pattern", "Write *")),
    "a quotation mark as delimiter": ('files = "', 'delimiter = "\'\'\'"\nfiles = "', ("delimiter",)),
    "a look-behind": ('files = "', 'trailer = "(?<=x)y"\nfiles = "', ("trailer is not a valid pattern",)),
    "a pivot of four digits": ('files = "', 'pivot_year = 1930\nfiles = "', ("pivot_year", "0 to 99")),
    "row nought": ('files = "', 'header_row = 0\nfiles = "', ("header_row is less than 1",)),
    "an unknown encoding": ('files = "', 'encoding = "ebcdic"\nfiles = "', ("ebcdic", "cp1252")),
}  # fmt: skip


@pytest.mark.parametrize("name", DEFINITIONS)
def test_a_definition_that_does_not_load(ours: Path, name: str) -> None:
    stands, instead, words = DEFINITIONS[name]
    path = ours / "sources" / "housing.toml"
    path.write_text(path.read_text().replace(stands, instead))
    error = refusal(ours)
    assert error.exit_code is ExitCode.DEFINITIONS
    for word in words:
        assert word in str(error)


@pytest.mark.parametrize(
    "sql",
    [
        "read_csv('/etc/passwd')", "(SELECT 1)", "Ref || (SELECT content FROM read_text('/etc/passwd'))",
        "Ref; DROP TABLE x", "Ref -- and more", "Ref /* and more */", "ATTACH 'x'", "COPY x TO 'y'", "getenv('HOME')",
        "CASE WHEN true THEN read_blob('/etc/passwd') END", "sum(Ref)", "row_number() OVER ()", "Ref IN (FROM x)",
        "COLUMNS(*)", "?", "''); DROP TABLE x; --", "now()", "(" * 3000 + "1" + ")" * 3000, "query('SELECT 1')",
    ],
)  # fmt: skip
def test_an_expression_reads_the_columns_of_one_row_and_nothing_else(ours: Path, sql: str) -> None:
    path = ours / "sources" / "housing.toml"
    path.write_text(path.read_text().replace("concat('T', Ref)", sql, 1))
    error = refusal(ours)
    assert error.exit_code is ExitCode.DEFINITIONS
    assert "sources/housing.toml: people.table[2] tenancy.tenancy_ref" in str(error)
    assert "\x1b" not in str(error)


def test_a_circle_of_precedence_is_a_wrong_definition(ours: Path) -> None:
    shipped = ROOT / "tests" / "spec" / "bad_definitions" / "precedence_cycle"
    shutil.copytree(shipped, ours / "definitions", dirs_exist_ok=True)
    error = refusal(ours)
    assert error.exit_code is ExitCode.DEFINITIONS


def test_a_disclosure_policy_that_is_not_there(ours: Path) -> None:
    with (ours / "rooftree.toml").open("a", encoding="utf-8") as file:
        file.write('\n[disclosure]\npolicy = "ofquall"\n')
    error = refusal(ours)
    assert error.exit_code is ExitCode.DEFINITIONS
    assert "disclosure.policy: 'ofquall' is not a policy. Did you mean ofqual?" in str(error)


@pytest.mark.parametrize("day", [dt.date(1, 1, 1), dt.date(9999, 12, 31)])
def test_a_day_that_no_run_can_speak_of(ours: Path, day: dt.date) -> None:
    with pytest.raises(UserError, match="Name a day from 1900-01-01"):
        spaces.run(ours, as_of=day)


def test_a_day_before_all_data_has_its_snapshot_too(ours: Path) -> None:
    result = spaces.run(ours, as_of=dt.date(1900, 1, 1))
    assert result.outcome == "published"
    assert result.staging["person"].accepted == 1


@pytest.mark.parametrize("lost", ["account.json", "reject.parquet", "000-person.parquet"])
def test_staged_files_that_were_lost_are_made_again(ours: Path, lost: str) -> None:
    next((ours / ".rooftree" / "staged").rglob(lost)).unlink()
    result = spaces.run(ours, again=True)
    assert (result.outcome, result.files_read) == ("unchanged", 1)


@pytest.mark.parametrize("text", [b"", b"\xff\xfe", b"../../etc", b"2020-01-01-00000000"])
def test_a_damaged_mark_of_the_current_snapshot_is_set_right(ours: Path, text: bytes) -> None:
    was = current_id(ours / "snapshots")
    (ours / "snapshots" / "CURRENT").write_bytes(text)
    assert spaces.run(ours).snapshot == was
    assert current_id(ours / "snapshots") == was


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"", "_file is missing"),
        (b"_file,_row,Ref\nx,1,\xff\n", "Save it as CSV UTF-8"),
        ("_file,_row,Ref\nx,²,1\n".encode(), "line 2: _row is no number"),
    ],
)
def test_corrections_that_cannot_be_read(ours: Path, text: bytes, words: str) -> None:
    (ours / "corrections" / "housing.people.csv").write_bytes(text)
    error = refusal(ours)
    assert error.exit_code is ExitCode.DATA
    assert words in str(error)


def test_names_that_a_shell_or_an_engine_would_take_apart(tmp_path: Path) -> None:
    folder = spaces.make(tmp_path / 'O\'Brien & "Söhne" 50% $(x) ; [a]*?{b}\nновый')
    for number, name in enumerate(["people\nx.csv", "people'y\".csv", "people $(z) [a]*?.csv"]):
        spaces.put(folder, name, spaces.HEADER + f"{number},A,1980-01-01,1\n")
    result = spaces.run(folder)
    assert result.staging["person"].accepted == 3
    assert spaces.run(folder).outcome == "unchanged"


def test_a_file_name_of_another_encoding(ours: Path) -> None:
    (ours / "extracts" / os.fsdecode(b"people\xff.csv")).write_text(GOOD)
    assert "Give the files other names" in str(refusal(ours))


@pytest.mark.parametrize("name", ["snapshots", ".rooftree"])
def test_a_file_where_a_folder_should_be(tmp_path: Path, name: str) -> None:
    folder = spaces.make(tmp_path / "ours", people__csv=GOOD)
    (folder / name).write_text("in the way")
    with pytest.raises(UserError, match="is in the way") as caught:
        spaces.run(folder)
    assert caught.value.exit_code is ExitCode.ENVIRONMENT


def test_a_second_run_is_told_of_the_first(ours: Path) -> None:
    with Workspace.open(ours).lock():
        answer = rooftree("run", ours, "--as-of", "2026-03-31")
    assert answer.code == ExitCode.ENVIRONMENT
    assert f"process {os.getpid()}" in answer.err


def test_the_shell_learns_of_each_by_its_exit_code(ours: Path) -> None:
    words = ("run", ours, "--as-of", "2026-03-31")
    spaces.put(ours, "people.csv", GOOD + f"2,{SECRET},1980-01-01,1\n2,short\n".replace(",", "~"))
    spaces.put(ours, "people2.csv", b"")
    told = rooftree(*words)
    assert told.code == ExitCode.DATA
    assert "people2.csv: the file is empty" in told.err
    as_json = rooftree(*words, "--json")
    assert as_json.json["exit_code"] == ExitCode.DATA
    assert {"where", "what", "remedy"} == set(as_json.json["problems"][0])
    for answer in (told, as_json):
        assert "Traceback" not in answer.out + answer.err
        assert SECRET not in answer.out + answer.err


def test_a_run_that_is_asked_to_stop_says_so_and_the_next_goes_on(ours: Path) -> None:
    spaces.put(ours, "people.csv", GOOD + "2,B,1980-01-01,1\n")
    before = current_id(ours / "snapshots")
    staged = ours / ".rooftree" / "staged" / "housing" / "people"
    there = set(staged.glob("[!.]*/account.json"))
    words = [sys.executable, "-m", "rooftree", "run", str(ours), "--as-of", "2026-03-31"]
    process = subprocess.Popen(
        words, env=os.environ | {"PYTHONPATH": str(ROOT / "src")}, stderr=subprocess.PIPE, text=True
    )
    while process.poll() is None and not set(staged.glob("[!.]*/account.json")) - there:
        time.sleep(0.005)
    process.send_signal(signal.SIGTERM)
    told = process.communicate()[1]
    assert process.returncode == ExitCode.INTERRUPTED, told
    assert "the next run goes on from here" in told
    assert current_id(ours / "snapshots") == before
    result = spaces.run(ours)
    assert result.outcome == "published"
    assert result.files_read == 0  # what was staged before it stopped is not read again


def test_a_doctor_who_finds_something_says_so_to_the_shell(tmp_path: Path) -> None:
    assert rooftree("doctor", tmp_path).code == ExitCode.ENVIRONMENT


def test_names_that_look_like_markup_are_shown_as_they_are(tmp_path: Path) -> None:
    folder = spaces.make(tmp_path / "ours [/bold]")
    (folder / "rooftree.toml").write_text('name = "Homes [/bold] [red]"\n')
    spaces.put(folder, "people [red].csv", GOOD)
    answer = rooftree("run", folder, "--as-of", "2026-03-31")
    assert answer.code == ExitCode.OK, answer.err
    assert "Homes [/bold] [red]" in answer.out


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write anywhere")
def test_a_workspace_that_may_not_be_written(ours: Path) -> None:
    (ours / ".rooftree").chmod(0o500)
    try:
        with pytest.raises(UserError, match="Writing is not allowed") as caught:
            spaces.run(ours)
    finally:
        (ours / ".rooftree").chmod(0o700)
    assert caught.value.exit_code is ExitCode.ENVIRONMENT


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 24 MB that is really full when it is full."""
    where = tmp_path / "disk"
    where.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(where)],
        capture_output=True,
        text=True,
    )
    if made.returncode:
        pytest.skip(
            f"NOT TESTED: a full disk needs a mount, which needs root: {made.stderr.strip()}"
        )
    try:
        yield where
    finally:
        subprocess.run(["umount", str(where)], check=True)


@pytest.mark.parametrize("left", [0, 100_000, 300_000, 700_000])
def test_a_disk_that_is_full_while_a_run_is_at_work(
    published: Path, small_disk: Path, left: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Full at another point each time; what stood stands, and with space again the run goes through."""
    ours = Path(shutil.copytree(published, small_disk / "ours"))
    refs = "".join(
        f"{n},{SECRET} {n * 7919:x},{1930 + n % 70}-{n % 12 + 1:02}-{n % 28 + 1:02},{n % 900}\n"
        for n in range(6000)
    )
    spaces.put(ours, "people.csv", spaces.HEADER + refs)
    monkeypatch.setattr("rooftree.pipeline.run.check_free_space", lambda *_, **__: None)
    ballast = small_disk / "ballast"
    with ballast.open("wb") as file:
        file.write(bytes(shutil.disk_usage(small_disk).free - left))
    error = refusal(ours)
    assert error.exit_code is ExitCode.ENVIRONMENT
    assert "disk is full" in str(error)
    assert "Free some space" in str(error)
    ballast.unlink()
    result = spaces.run(ours)
    assert (result.outcome, result.staging["person"].accepted) == ("published", 6000)


def test_too_little_space_is_told_before_anything_is_done(ours: Path, small_disk: Path) -> None:
    ours = Path(shutil.copytree(ours, small_disk / "ours"))
    spaces.put(ours, "people.csv", GOOD + "2,B,1980-01-01,1\n")
    assert "There is too little space" in str(refusal(ours))
