"""Names, dates, telephones and numbers in one spelling."""

from __future__ import annotations

import pyarrow as pa
import pytest

from rooftree.identity.normalise import RAW, comparison_table, nicknames, telephone
from rooftree.storage.engine import Engine


def normal(engine: Engine, **columns: str) -> dict:
    """One record, normalised."""
    row = dict.fromkeys(RAW) | {"unique_id": "1", "source": "s"} | columns
    table = pa.table({name: pa.array([value], pa.string()) for name, value in row.items()})
    engine.con.register("given_row", table)
    comparison_table(engine, "given_row", "normal")
    result = engine.execute("SELECT * FROM normal")
    names = [column[0] for column in result.description]
    return dict(zip(names, result.fetchone(), strict=True))


@pytest.mark.parametrize(
    ("written", "given", "middle", "family"),
    [
        ("Dr Maureen Max Marsh", "maureen", "max", "marsh"),
        ("Marsh, Maureen Max", "maureen", "max", "marsh"),
        ("Mrs Anna van der Berg", "anna", None, "vanderberg"),
        ("Mr Seán O'Brien Jr", "sean", None, "obrien"),
        ("Miss Anna Smith-Jones", "anna", None, "smithjones"),
        ("Other Maureen Marsh", "maureen", None, "marsh"),
        ("Cher", None, None, "cher"),
        ("  ", None, None, None),
    ],
)
def test_full_names(
    engine: Engine, written: str, given: str | None, middle: str | None, family: str | None
) -> None:
    row = normal(engine, full_name=written)
    assert (row["given"], row["middle"], row["family"]) == (given, middle, family)


@pytest.mark.parametrize(
    ("written", "digits"),
    [
        ("1950-03-27", "19500327"),
        ("1950-03-27 00:00:00", "19500327"),
        ("19500327", "19500327"),
        ("27/3/1950", "19500327"),
        ("1900-01-01", None),
        ("27 March", None),
    ],
)
def test_dates_of_birth(engine: Engine, written: str, digits: str | None) -> None:
    assert normal(engine, date_of_birth=written)["dob"] == digits


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("020 7946 0018", "+442079460018"),
        ("+44 (0)20 7946 0018", "+442079460018"),
        ("0044 20 7946 0018", "+442079460018"),
        ("07700 900123", "+447700900123"),  # kept for drama: not a real number, but one number
        ("+33 1 99 00 12 34", "+33199001234"),
        ("none", None),
        ("0", None),
    ],
)
def test_telephones(engine: Engine, written: str, number: str | None) -> None:
    assert normal(engine, phone=written)["phone"] == number
    if number:
        assert telephone(written.replace("0044", "+44")) == number


@pytest.mark.parametrize(
    ("written", "number"),
    [("ab 12 34 56 c", "AB123456C"), ("QQ123456C", None), ("GB123456A", None), ("AB123456", None)],
)
def test_national_insurance_numbers(engine: Engine, written: str, number: str | None) -> None:
    assert normal(engine, ni_number=written)["ni"] == number


def test_a_home_is_a_postcode_and_all_its_numbers(engine: Engine) -> None:
    one_line = normal(engine, address_1="Flat 3, 12 High Street", postcode="zx1 1aa")
    two_lines = normal(engine, address_1="Flat 3", address_2="12 High St", postcode="ZX11AA")
    assert one_line["home"] == two_lines["home"] == "zx11aa:3-12"


def test_a_telephone_that_many_records_carry_says_nothing(engine: Engine) -> None:
    rows = [dict.fromkeys(RAW) | {"unique_id": str(i), "phone": "020 7946 0018"} for i in range(25)]
    schema = pa.schema([(name, pa.string()) for name in RAW])
    engine.con.register("switchboard", pa.Table.from_pylist(rows, schema=schema))
    comparison_table(engine, "switchboard", "normal")
    assert engine.rows("SELECT count(phone), max(len(phones)) FROM normal") == [(0, 0)]


def test_the_nickname_table_is_clean() -> None:
    table = nicknames().to_pylist()
    pairs = [(row["name"], row["formal_name"]) for row in table]
    assert len(pairs) == len(set(pairs)) > 1000
    assert all(a.isalpha() and a == a.lower() and a != b for a, b in pairs)
