"""What each house function of portable SQL means: its truth table.

Run on DuckDB. The Spark side is checked as compiled text only, since there is no Spark here to run it:
a change of its text must be seen and meant.
"""

from __future__ import annotations

import datetime as dt

import pytest

from rooftree.storage.engine import Engine
from rooftree.storage.portable import HOUSE, compile_sql
from rooftree.vocabulary.errors import DefinitionError

D = dt.date

# The expression over a and b of one row, the values of a and b, the result.
ROWS = [
    ("days_between(a, b)", "DATE '2026-03-01'", "DATE '2026-03-31'", 30),
    ("days_between(a, b)", "DATE '2026-03-31'", "DATE '2026-03-01'", -30),
    ("days_between(a, b)", "DATE '2024-02-28'", "DATE '2024-03-01'", 2),
    ("days_between(a, b)", "CAST(NULL AS DATE)", "DATE '2026-03-01'", None),
    ("years_full(a, b)", "DATE '2000-05-01'", "DATE '2026-04-30'", 25),
    ("years_full(a, b)", "DATE '2000-05-01'", "DATE '2026-05-01'", 26),
    ("years_full(a, b)", "DATE '2024-02-29'", "DATE '2025-02-28'", 0),
    ("years_full(a, b)", "DATE '2024-02-29'", "DATE '2025-03-01'", 1),
    ("years_full(a, b)", "DATE '2024-02-29'", "DATE '2028-02-29'", 4),
    ("years_full(a, b)", "CAST(NULL AS DATE)", "DATE '2026-03-01'", None),
    ("months_full(a, b)", "DATE '2026-01-15'", "DATE '2026-02-14'", 0),
    ("months_full(a, b)", "DATE '2026-01-15'", "DATE '2026-02-15'", 1),
    ("months_full(a, b)", "DATE '2026-01-31'", "DATE '2026-02-28'", 1),
    ("months_full(a, b)", "DATE '2026-01-30'", "DATE '2026-02-28'", 1),
    ("months_full(a, b)", "DATE '2026-01-30'", "DATE '2026-02-27'", 0),
    ("months_full(a, b)", "DATE '2025-03-31'", "DATE '2026-03-31'", 12),
    ("months_full(a, b)", "CAST(NULL AS DATE)", "DATE '2026-03-01'", None),
    ("date_plus_days(a, b)", "DATE '2026-02-27'", "2", D(2026, 3, 1)),
    ("date_plus_days(a, b)", "DATE '2026-03-01'", "-1", D(2026, 2, 28)),
    ("date_plus_days(a, b)", "CAST(NULL AS DATE)", "1", None),
    ("int_div(a, b)", "7", "2", 3),
    ("int_div(a, b)", "-7", "2", -3),
    ("int_div(a, b)", "7", "0", None),
    ("int_div(a, b)", "7", "CAST(NULL AS INTEGER)", None),
    ("safe_div(a, b)", "7", "2", 3.5),
    ("safe_div(a, b)", "1", "3", 1 / 3),
    ("safe_div(a, b)", "7", "0", None),
    ("safe_div(a + b, b - a)", "1", "3", 2.0),
    ("bit_at(a)", "0", "0", 1),
    ("bit_at(a)", "51", "0", 2**51),
    ("bits_both(a, b)", "13", "6", 4),
    ("bits_set(a)", "13", "0", 3),
    ("bits_set(a)", "0", "0", 0),
    ("bits_set(a)", "4503599627370495", "0", 52),
]

# The aggregate over rows of (x, y), those rows, the result.
AGGREGATES = [
    ("value_at_max(x, y)", "(5, 1), (7, 3), (9, 2)", 7),
    ("value_at_max(x, y)", "(5, 1), (7, NULL)", 5),
    ("value_at_min(x, y)", "(5, 1), (7, 3), (9, 2)", 5),
    ("median_of(x)", "(1, 0), (2, 0), (10, 0)", 2.0),
    ("median_of(x)", "(1, 0), (2, 0), (NULL, 0)", 1.5),
    ("median_of(x)", "(NULL, 0)", None),
    ("bits_any(bit_at(x))", "(0, 0), (2, 0), (2, 0)", 5),
    ("bits_any(bit_at(x))", "(NULL, 0)", None),
    ("joined(CAST(x AS VARCHAR))", "(2, 0), (1, 0), (2, 0), (NULL, 0)", "1;2"),
    ("joined(CAST(x AS VARCHAR))", "(NULL, 0)", None),
]

SPARK = {
    "days_between(a, b)": "DATEDIFF(b, a)",
    "years_full(a, b)": "(YEAR(b) - YEAR(a) - CASE WHEN MONTH(b) * 100 + DAY(b) < MONTH(a) * 100 + DAY(a) "
    "THEN 1 ELSE 0 END)",
    "months_full(a, b)": "((YEAR(b) - YEAR(a)) * 12 + MONTH(b) - MONTH(a) "
    "- CASE WHEN DAY(b) < DAY(a) AND b <> LAST_DAY(b) THEN 1 ELSE 0 END)",
    "date_plus_days(a, b)": "DATE_ADD(a, CAST(b AS INT))",
    "int_div(a, b)": "(a DIV NULLIF(b, 0))",
    "safe_div(a, b)": "(CAST(a AS DOUBLE) / NULLIF(b, 0))",
    "value_at_max(a, b)": "MAX_BY(a, b)",
    "value_at_min(a, b)": "MIN_BY(a, b)",
    "median_of(a)": "PERCENTILE(a, 0.5)",
    "bit_at(a)": "SHIFTLEFT(CAST(1 AS BIGINT), a)",
    "bits_any(a)": "BIT_OR(a)",
    "bits_set(a)": "BIT_COUNT(a)",
    "bits_both(a, b)": "(a & b)",
    "joined(a)": "NULLIF(CONCAT_WS(';', ARRAY_SORT(COLLECT_SET(a))), '')",
}

#: Functions whose truth table has a file of its own.
ELSEWHERE = {"date_plus_months"}


@pytest.fixture(scope="module")
def duck():
    with Engine(memory_limit="500MB", threads=1) as engine:
        yield engine


@pytest.mark.parametrize(("text", "a", "b", "expected"), ROWS)
def test_truth_table_of_a_row(duck, text, a, b, expected):
    sql = compile_sql(f"SELECT {text} AS r FROM given", where="test")
    value = duck.value(f"WITH given AS (SELECT {a} AS a, {b} AS b) {sql}")
    assert value == expected
    assert type(value) is type(expected)


@pytest.mark.parametrize(("text", "rows", "expected"), AGGREGATES)
def test_truth_table_of_an_aggregate(duck, text, rows, expected):
    sql = compile_sql(f"SELECT {text} AS r FROM given", where="test")
    assert (
        duck.value(f"WITH given AS (SELECT * FROM (VALUES {rows}, (NULL, NULL)) v(x, y)) {sql}")
        == expected
    )


@pytest.mark.parametrize(("text", "spark"), SPARK.items())
def test_text_for_spark(text, spark):
    sql = compile_sql(f"SELECT {text} AS r FROM t", where="test", engine="spark")
    assert sql == f"SELECT {spark} AS r FROM t"


def test_every_house_function_has_a_truth_table():
    tested = {text.split("(")[0] for text, *_ in (*ROWS, *AGGREGATES)}
    assert set(HOUSE) - tested - ELSEWHERE == set()
    assert set(HOUSE) - {text.split("(")[0] for text in SPARK} - ELSEWHERE == set()


def test_what_is_not_portable_is_refused_all_at_once():
    with pytest.raises(DefinitionError) as error:
        compile_sql("SELECT a / b, list_sort(c) FROM t WHERE d < :later", where="test")
    assert len(error.value.problems) == 3


def test_true_and_one_are_different_parameters():
    text = "SELECT a FROM t WHERE b = :p"
    assert compile_sql(text, where="t", parameters={"p": 1}).endswith("b = 1")
    assert compile_sql(text, where="t", parameters={"p": True}).endswith("b = TRUE")
