"""The made-up landlord's workspace: same bytes for the same seed, and every planted oddity there."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import json
import tomllib
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from rooftree.demo.generate import Summary, generate
from rooftree.vocabulary.errors import UserError

AS_OF = dt.date(2026, 3, 31)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Summary:
    return generate(tmp_path_factory.mktemp("landlord"), as_of=AS_OF, homes=400, seed=3)


def digests(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def lines(made: Summary, name: str, encoding: str) -> list[str]:
    text = (made.directory / "extracts" / name).read_bytes().decode(encoding)
    return text.splitlines()


def test_the_same_seed_gives_the_same_bytes(made: Summary, tmp_path: Path) -> None:
    generate(tmp_path, as_of=AS_OF, homes=400, seed=3)
    assert digests(tmp_path) == digests(made.directory)


def test_another_seed_gives_other_people(made: Summary, tmp_path: Path) -> None:
    generate(tmp_path, as_of=AS_OF, homes=400, seed=4)
    assert (
        digests(tmp_path)["extracts/people.csv"] != digests(made.directory)["extracts/people.csv"]
    )


def test_definitions_are_toml_and_name_files_that_exist(made: Summary) -> None:
    extracts = made.directory / "extracts"
    for path in sorted((made.directory / "sources").glob("*.toml")):
        for extract in tomllib.loads(path.read_text(encoding="utf-8"))["extract"]:
            assert list(extracts.glob(extract["files"])), f"{path.name}: {extract['key']}"


def test_housing_people_are_cp1252_with_a_repeated_header_and_a_total(made: Summary) -> None:
    text = lines(made, "people.csv", "cp1252")
    assert text.count(text[0]) == 1 + made.planted["housing.people.repeated_headers"]
    assert text[-1].startswith("Total records:")
    assert text.count("") == made.planted["housing.people.blank_rows"]
    rows = [r for r in csv.reader(io.StringIO("\n".join(text))) if r]
    people = [r for r in rows[1:] if r != rows[0] and not r[0].startswith("Total")]
    assert len(people) == made.planted["housing.people.rows"]
    born = rows[0].index("Date of birth")
    sentinels = sum(r[born] == "01/01/1900" for r in people)
    assert sentinels == made.planted["housing.people.sentinel_birth_dates"]
    ethnic = rows[0].index("Ethnic origin")
    assert (
        sum(r[ethnic] == "99" for r in people) == made.planted["housing.people.wrong_ethnic_codes"]
    )


def test_rents_carry_pound_signs(made: Summary) -> None:
    rows = list(csv.DictReader(lines(made, "tenancies.csv", "cp1252")))
    assert all(r["Rent"].startswith("£") for r in rows)
    assert rows[-1]["Tenancy ref"] == "Total"


def test_contact_system_begins_with_a_byte_order_mark(made: Summary) -> None:
    assert (made.directory / "extracts" / "customers.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(lines(made, "customers.csv", "utf-8-sig")))
    assert len(rows) == made.planted["crm.customers.rows"]
    assert sum(r["DateOfBirth"] == "" for r in rows) == made.planted["crm.customers.no_birth_date"]


def test_assets_have_the_header_on_row_three(made: Summary) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.load_workbook(made.directory / "extracts" / "assets.xlsx", read_only=True)
    rows = list(book["Homes"].iter_rows(values_only=True))
    assert rows[2][0] == "Asset ref"
    assert rows[-1][0] == "Total"
    homes = [r for r in rows[3:-1] if r[0]]
    assert len(homes) == made.planted["asset.homes.rows"] == 400
    assert len(rows[3:-1]) - len(homes) == made.planted["asset.homes.blank_rows"]


def test_every_record_points_to_one_true_person(made: Summary) -> None:
    truth = made.directory / "truth"
    people = pq.read_table(truth / "people.parquet")["person"].to_pylist()
    for system, name, column in (
        ("housing", "people.csv", "PersonID"),
        ("crm", "customers.csv", "CustomerId"),
    ):
        table = pq.read_table(truth / f"records_{system}.parquet")
        refs = table["person_ref"].to_pylist()
        assert len(set(refs)) == len(refs)
        assert set(table["person"].to_pylist()) <= set(people)
        encoding = "cp1252" if system == "housing" else "utf-8-sig"
        found = {r[column] for r in csv.DictReader(lines(made, name, encoding))}
        assert set(refs) <= found


def test_planted_counts_are_written_for_tests_only(made: Summary) -> None:
    text = (made.directory / "truth" / "planted.json").read_text(encoding="utf-8")
    assert json.loads(text) == made.planted
    assert not (made.directory / "extracts" / "planted.json").exists()


@pytest.mark.parametrize(
    "wrong", [{"kind": "private"}, {"setting": "moon"}, {"homes": 3}, {"years": 0}]
)
def test_wrong_arguments_are_answered_in_words(tmp_path: Path, wrong: dict) -> None:
    with pytest.raises(UserError, match=r"is not one of|at least 20 homes"):
        generate(tmp_path, as_of=AS_OF, **wrong)


def entries(made: Summary) -> list[dict[str, str]]:
    rows: list[dict[str, str]] = []
    for path in sorted((made.directory / "extracts").glob("transactions_*.csv")):
        with path.open(encoding="cp1252") as file:
            rows += csv.DictReader(file)
    return rows


def test_entries_of_each_account_add_up_to_its_true_balance(made: Summary) -> None:
    balance: dict[str, int] = {}
    for row in entries(made):
        pence = round(float(row["Amount"]) * 100)
        balance[row["Rent account"]] = balance.get(row["Rent account"], 0) + pence
    truth = pq.read_table(made.directory / "truth" / "accounts.parquet").to_pylist()
    assert {t["payment_ref"]: t["balance_pence"] for t in truth if t["balance_pence"]} == {
        ref: pence for ref, pence in balance.items() if pence
    }
    rows = list(csv.DictReader(lines(made, "tenancies.csv", "cp1252")))[:-1]
    shown = {
        r["Rent account"]: round(float(r["Balance"].replace("£", "").replace(",", "")) * 100)
        for r in rows
        if r["Rent account"]
    }
    wrong = sum(balance.get(ref, 0) != pence for ref, pence in shown.items())
    assert wrong == made.planted["housing.tenancies.balance_not_of_entries"]


def test_entries_have_numbers_of_their_own_and_signs_that_fit(made: Summary) -> None:
    rows = entries(made)
    assert len(rows) == made.transactions
    assert len({r["Entry"] for r in rows}) == len(rows)
    assert all(float(r["Amount"]) > 0 for r in rows if r["Type"] in ("RENT", "SERV"))
    assert all(float(r["Amount"]) < 0 for r in rows if r["Type"] in ("PAY", "HB", "UC"))


def test_parquet_entries_say_the_same(made: Summary, tmp_path: Path) -> None:
    generate(tmp_path, as_of=AS_OF, homes=400, seed=3, transactions="parquet")
    files = sorted((tmp_path / "extracts").glob("transactions_*.parquet"))
    pence = sum(sum(pq.read_table(f)["Amount"].to_pylist()) for f in files)
    assert pence == sum(round(float(r["Amount"]) * 100) for r in entries(made))
    housing = tomllib.loads((tmp_path / "sources" / "housing.toml").read_text(encoding="utf-8"))
    extract = next(e for e in housing["extract"] if e["key"] == "transactions")
    assert extract["format"] == "parquet"
    assert extract["table"][0]["columns"]["amount_pence"] == "Amount"


def test_each_planted_oddity_of_the_registers_is_counted_right(made: Summary) -> None:
    people = [
        r
        for r in csv.DictReader(lines(made, "people.csv", "cp1252"))
        if r["PersonID"] != "PersonID" and not r["PersonID"].startswith("Total")
    ]
    born = [r["Date of birth"] for r in people]
    assert born.count("14/02/2071") == made.planted["housing.people.birth_dates_ahead"] > 0
    assert born.count("31/02/1974") == made.planted["housing.people.impossible_birth_dates"] > 0
    tenancies = list(csv.DictReader(lines(made, "tenancies.csv", "cp1252")))[:-1]

    def on(text: str) -> dt.date:
        return dt.datetime.strptime(text, "%d/%m/%Y").date()  # noqa: DTZ007

    early = sum(
        r["End"] != "01/01/1900" and r["Start"] != "01/01/1900" and on(r["End"]) < on(r["Start"])
        for r in tenancies
    )
    assert early == made.planted["housing.tenancies.end_before_start"] > 0
    unknown = sum(r["Property ref"] == "99999999" for r in tenancies)
    assert unknown == made.planted["housing.tenancies.unknown_property"] > 0


def test_repairs_stand_below_ten_lines_of_heading(made: Summary) -> None:
    files = sorted((made.directory / "extracts").glob("repairs_*.csv"))
    texts = [f.read_text(encoding="utf-8").splitlines() for f in files]
    assert all(t[10].startswith("Job,") for t in texts)
    assert sum(len(t) - 11 for t in texts) == made.planted["repairs.repairs.rows"]


def test_every_column_that_a_definition_names_is_in_its_file(made: Summary) -> None:
    extracts = made.directory / "extracts"
    for path in sorted((made.directory / "sources").glob("*.toml")):
        for extract in tomllib.loads(path.read_text(encoding="utf-8"))["extract"]:
            if extract["format"] != "csv":
                continue
            first = sorted(extracts.glob(extract["files"]))[0]
            header = first.read_bytes().decode("utf-8-sig", "replace").splitlines()
            names = set(next(csv.reader([header[extract.get("header_row", 1) - 1]])))
            for answer in extract.get("answer", []):
                said = [answer["subject"], answer.get("from"), *answer.get("flags", {})]
                assert {s for s in said if s} <= names, f"{path.name}: {answer['attribute']}"
            for table in extract.get("table", []):
                for said in table["columns"].values():
                    source = said.get("from") if isinstance(said, dict) else said
                    assert source is None or source in names or "{n}" in source, (
                        f"{path.name}: {source}"
                    )


@pytest.mark.parametrize(
    ("kind", "setting"), [("association", "city"), ("supported", "city"), ("council", "city")]
)
def test_other_kinds_of_landlord(tmp_path: Path, kind: str, setting: str) -> None:
    made = generate(tmp_path, as_of=AS_OF, homes=60, kind=kind, setting=setting, years=2)
    assert made.homes == 60
    assert made.transactions > 1_000


@pytest.mark.realdata
def test_supplied_places_are_real_and_names_stay_invented(tmp_path: Path, real_data: Path) -> None:
    generate(tmp_path, as_of=AS_OF, homes=150, seed=2, geography=real_data / "geography")
    postcodes = list(
        csv.DictReader((tmp_path / "reference" / "postcodes.csv").read_text().splitlines())
    )
    assert {p["lad25cd"] for p in postcodes} <= {"E07000200", "E07000203"}
    assert all(p["lsoa11cd"].startswith("E01") for p in postcodes)
    assert all(0.5 < float(p["long"]) < 1.5 and 51.8 < float(p["lat"]) < 52.6 for p in postcodes)
