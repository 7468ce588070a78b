"""Is what we hold right? Verifying a sample of records."""

from __future__ import annotations

import datetime as dt

import pyarrow as pa
import pytest

from rooftree.survey.accuracy import accuracy, age_band, plan
from rooftree.vocabulary.errors import DataError

RECORDS = pa.table({
    "record": [f"r{n}" for n in range(2_000)],
    "source": ["housing"] * 1_500 + ["contact"] * 500,
})  # fmt: skip


def test_the_margin_decides_how_many_records_are_verified():
    drawn = plan(RECORDS, key="record", margin=0.05, seed=1, strata="source")
    assert drawn.sample.num_rows == 323
    assert drawn.strata["n_drawn"].to_pylist() == [81, 242]
    again = plan(RECORDS, key="record", margin=0.05, seed=1, strata="source", expected=0.95)
    assert again.sample.num_rows == 71


def checks(*groups: tuple[str, str, int, int]) -> pa.Table:
    """Checks by attribute and source: so many right, so many wrong."""
    rows = []
    for attribute, source, right, wrong in groups:
        for n in range(right + wrong):
            rows.append(
                {
                    "attribute": attribute, "source": source,
                    "result": "right" if n < right else "wrong",
                    "recorded_on": dt.date(2025, 9, 1) if n % 2 else dt.date(2022, 1, 1),
                    "checked_on": dt.date(2026, 3, 1),
                }
            )  # fmt: skip
    return pa.Table.from_pylist(rows)


# right, wrong, and what the share wrong may be (Wilson)
CASES = [
    (50, 0, 0.0, 0.0713),
    (49, 1, 0.0035, 0.1050),
    (97, 3, 0.0103, 0.0845),
    (388, 12, 0.0172, 0.0517),
]


@pytest.mark.parametrize(("right", "wrong", "low", "high"), CASES)
def test_accuracy_is_told_with_what_it_may_be(right, wrong, low, high):
    (row,) = accuracy(checks(("phone", "housing", right, wrong))).attributes.to_pylist()
    assert (1 - row["high"], 1 - row["low"]) == pytest.approx((low, high), abs=6e-5)
    assert (row["n_right"], row["n_wrong"]) == (right, wrong)


def test_the_source_that_is_wrong_most_often_comes_first_and_stands_out():
    found = accuracy(
        checks(("phone", "housing", 190, 10), ("phone", "contact", 70, 30), ("phone", "old", 4, 3))
    )
    sources = [row for row in found.worst.to_pylist() if row["kind"] == "source"]
    assert [row["value"] for row in sources] == ["contact", "housing"]
    assert [row["stands_out"] for row in sources] == [True, False]
    assert sources[0]["low"] < sources[0]["share_wrong"] == 0.3 < sources[0]["high"]
    assert found.too_few.to_pylist() == [{"kind": "source", "value": "old", "n": 7, "n_wrong": 3}]
    ages = {row["value"]: row for row in found.worst.to_pylist() if row["kind"] == "age"}
    assert set(ages) == {"0 to 6 months", "over 36 months"}
    assert not any(row["stands_out"] for row in ages.values())


def test_what_could_not_be_verified_is_counted_and_decides_nothing():
    table = pa.table({"attribute": ["a"] * 4, "result": ["right", "right", "wrong", "cannot_tell"]})
    (row,) = accuracy(table).attributes.to_pylist()
    assert (row["share_right"], row["n"], row["n_cannot_tell"]) == (pytest.approx(2 / 3), 3, 1)
    (none,) = accuracy(
        pa.table({"attribute": ["a"], "result": ["cannot_tell"]})
    ).attributes.to_pylist()
    assert none["share_right"] is None


def test_a_stratified_draw_speaks_of_all_records():
    table = checks(("a", "housing", 90, 10), ("a", "contact", 50, 50))
    weights = pa.array([90.0] * 100 + [10.0] * 100)
    strata = table["source"]
    table = table.append_column("w", weights).append_column("stratum", strata)
    (row,) = accuracy(table, weight="w", strata="stratum").attributes.to_pylist()
    assert row["share_right"] == pytest.approx(0.9 * 0.9 + 0.1 * 0.5)
    assert row["low"] < row["share_right"] < row["high"]


@pytest.mark.parametrize(
    ("days", "band"),
    [
        (0, "0 to 6 months"),
        (180, "0 to 6 months"),
        (365, "6 to 12 months"),
        (1_500, "over 36 months"),
    ],
)
def test_the_age_of_a_value_is_that_at_the_check(days: int, band: str):
    checked = dt.date(2026, 3, 1)
    assert age_band(checked - dt.timedelta(days=days), checked) == band
    assert age_band((checked - dt.timedelta(days=days)).isoformat(), "2026-03-01") == band
    assert age_band(None, checked) is None


def test_a_result_that_is_none_of_the_three_is_refused():
    with pytest.raises(DataError, match="'yes' is not a result"):
        accuracy(pa.table({"attribute": ["a"], "result": ["yes"]}))
