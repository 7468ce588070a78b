"""House function `date_plus_months`: the same day so many months later, or the last of the month."""

from __future__ import annotations

import datetime as dt

import pytest

from rooftree.profile.lookup import plus_months
from rooftree.storage.portable import compile_sql

TRUTH = [
    ("2026-01-15", 1, "2026-02-15"),
    ("2026-01-31", 1, "2026-02-28"),
    ("2024-01-31", 1, "2024-02-29"),
    ("2024-02-29", 12, "2025-02-28"),
    ("2026-02-28", 1, "2026-03-28"),  # not the 31st: the end of a month is no anchor
    ("2026-03-31", 0, "2026-03-31"),
    ("2026-03-31", -1, "2026-02-28"),
    ("2025-12-31", 2, "2026-02-28"),
]


@pytest.mark.parametrize(("day", "months", "expected"), TRUTH)
def test_truth_table(engine, day, months, expected):
    sql = "SELECT date_plus_months(CAST(:day AS DATE), :months) AS later"
    compiled = compile_sql(sql, where="test", parameters={"day": day, "months": months})
    assert engine.value(compiled) == dt.date.fromisoformat(expected)
    assert plus_months(dt.date.fromisoformat(day), months) == dt.date.fromisoformat(expected)


def test_unknown_stays_unknown(engine):
    sql = "SELECT date_plus_months(CAST(NULL AS DATE), 3) AS later"
    assert engine.value(compile_sql(sql, where="test")) is None


def test_spark_text():
    sql = compile_sql("SELECT date_plus_months(d, 3) AS later FROM t", where="test", engine="spark")
    assert sql == "SELECT ADD_MONTHS(d, 3) AS later FROM t"
