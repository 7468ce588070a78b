"""How the text of an extract becomes dates, money, numbers, yes and no: the manual, as tables."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest

from rooftree.staging import conversions as to
from rooftree.storage.engine import Engine


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with Engine() as opened:
        yield opened


def read(engine: Engine, expression: str, text: str | None) -> object:
    return engine.value(f"SELECT {expression} FROM (SELECT CAST(? AS VARCHAR) AS x)", [text])


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("007", "007"),  # leading zeros stay
        ("  Ann ", "Ann"),
        ("\u00a0Ann\u00a0", "Ann"),  # the no-break space of a spreadsheet
        ("Ann\t", "Ann"),
        ("Zoë", "Zoë"),
        ("   ", None),
        ("", None),
        (None, None),
        ("n/a", None),  # a word that the definition lists under no_value
    ],
)
def test_text(engine: Engine, text: str | None, value: str | None) -> None:
    assert read(engine, to.text("x", no_value=["n/a"]), text) == value


@pytest.mark.parametrize(
    ("text", "formats", "value"),
    [
        ("01/02/2024", ["dd/mm/yyyy"], dt.date(2024, 2, 1)),  # never 2 January
        ("1/2/2024", ["dd/mm/yyyy"], dt.date(2024, 2, 1)),
        ("01/02/2024 09:30", ["dd/mm/yyyy"], dt.date(2024, 2, 1)),  # a time is passed over
        ("31/02/2024", ["dd/mm/yyyy"], None),  # there is no such day
        ("13/14/2024", ["dd/mm/yyyy"], None),
        ("1/2/24", ["dd/mm/yyyy"], None),  # not the year 24
        ("2024-02-01", ["dd/mm/yyyy"], None),  # a format that was not named
        ("2024-02-01", ["dd/mm/yyyy", "yyyy-mm-dd"], dt.date(2024, 2, 1)),
        ("2024-02-01T00:00:00Z", ["yyyy-mm-dd"], dt.date(2024, 2, 1)),
        ("2024-02-30", ["yyyy-mm-dd"], None),
        ("01/02/2024", ["yyyy-mm-dd"], None),
        ("01/02/24", ["yyyy-mm-dd"], None),
        ("infinity", ["yyyy-mm-dd"], None),
        ("epoch", ["yyyy-mm-dd"], None),
        ("0001-01-01", ["yyyy-mm-dd"], None),  # before 1800: a slip
        ("05/11/30", ["dd/mm/yy"], dt.date(2030, 11, 5)),  # the pivot year itself is 20xx
        ("05/11/31", ["dd/mm/yy"], dt.date(1931, 11, 5)),
        ("5 Nov 1931", ["dd mmm yyyy"], dt.date(1931, 11, 5)),
        ("20240201", ["yyyymmdd"], dt.date(2024, 2, 1)),
        ("45323", ["excel"], dt.date(2024, 2, 1)),
        (None, ["dd/mm/yyyy"], None),
    ],
)
def test_date(engine: Engine, text: str | None, formats: list[str], value: dt.date | None) -> None:
    assert read(engine, to.date("x", formats=formats, pivot_year=30), text) == value


@pytest.mark.parametrize(
    ("text", "pence"),
    [
        ("57.22", 5722),
        ("£1,234.50", 123450),
        ("(1,234.50)", -123450),  # an accountant's minus
        ("12.00-", -1200),
        ("-12", -1200),
        ("-£12", -1200),
        ("5 CR", -500),  # the landlord owes
        ("5.00DR", 500),
        ("0.005", 1),  # rounded half away from zero
        ("-0.005", -1),
        ("12,34", None),  # no thousands
        ("1.234,50", None),  # another country's
        ("12 pounds", None),
        ("£", None),
        ("nan", None),
        ("1e400", None),
        ("99999999999999", None),  # no amount; a hundred times it would not fit
        ("--1", None),
        ("٣", None),  # a digit of another script
        ("", None),
    ],
)
def test_money(engine: Engine, text: str, pence: int | None) -> None:
    assert read(engine, to.pence("x", unit="pounds"), text) == pence


def test_pence_are_whole_and_may_be_turned_round(engine: Engine) -> None:
    assert read(engine, to.pence("x", unit="pence"), "1250") == 1250
    assert read(engine, to.pence("x", unit="pence"), "12.5") is None
    assert read(engine, to.pence("x", unit="pounds", negate=True), "12.50") == -1250


@pytest.mark.parametrize(
    ("text", "value"), [("3", 3), ("3.0", 3), ("1,200", 1200), ("3.5", None), ("three", None)]
)
def test_whole_number(engine: Engine, text: str, value: int | None) -> None:
    assert read(engine, to.whole("x"), text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [("Yes", True), ("Y", True), ("1", True), ("TRUE", True), ("no", False), ("0", False), ("X", None)],
)  # fmt: skip
def test_yes_and_no(engine: Engine, text: str, value: bool | None) -> None:
    assert read(engine, to.boolean("x"), text) == value


def test_a_map_passes_over_case_unless_it_tells_them_apart(engine: Engine) -> None:
    assert read(engine, to.mapped("x", {"Yes": "y"}), "YES") == "y"
    assert read(engine, to.mapped("x", {"m": "minor", "M": "major"}), "M") == "major"
    assert read(engine, to.mapped("x", {"Yes": "y"}), "no") is None


@pytest.mark.parametrize(
    ("column", "text", "value"),
    [
        ("postcode", "e8 1dy", "E8 1DY"),
        ("postcode", "E81DY", "E8 1DY"),
        ("uprn", "000100021", "100021"),
        ("uprn", "10X", "10X"),  # kept as supplied; the report names it
        ("ni_number", "qq 12 34 56 c", "QQ123456C"),
    ],
)
def test_tidy(engine: Engine, column: str, text: str, value: str) -> None:
    assert read(engine, to.tidy(column, "x"), text) == value
