"""What leaves, and what is hidden: tables made safe to publish, rule by rule."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from rooftree.catalogue import load
from rooftree.disclosure import audit, find_policy, protect
from rooftree.vocabulary.errors import DataError, NotFound
from tests.lib.tables import SIX_BY_FIVE, TEN_BY_EIGHT, cells, hidden, table, texts

ROOT = Path(__file__).resolve().parents[2]
POLICY = find_policy("rooftree")
PLAIN = replace(POLICY, class_disclosure=False)


def four(a: int, b: int, c: int, d: int, **options: object):
    """Two areas by two groups, protected."""
    return protect(table(np.array([[a, b], [c, d]])), by=("a", "b"), count="n", **options)


# Small counts, and the cells that would give them away


def test_a_small_count_is_hidden_and_so_are_three_more_that_would_give_it_away():
    result = four(3, 40, 50, 60)
    assert texts(result) == {
        ("01", "01"): "c", ("01", "02"): "c", ("01", "Total"): "43",
        ("02", "01"): "c", ("02", "02"): "c", ("02", "Total"): "110",
        ("Total", "01"): "53", ("Total", "02"): "100", ("Total", "Total"): "153",
    }  # fmt: skip
    assert hidden(result, "suppressed_primary") == [("01", "01")]


def test_a_table_without_small_counts_is_shown_as_it_is():
    result = four(30, 40, 50, 60)
    assert result.table["status"].to_pylist() == ["shown"] * 9
    assert result.report.n_suppressed_primary == 0
    assert result.report.method == "nothing"


def test_what_is_published_does_not_say_which_hidden_cells_are_the_small_ones():
    published = four(3, 40, 50, 60).table
    assert set(published["status"].to_pylist()) == {"shown", "suppressed"}
    assert set(published.filter(pa.compute.is_null(published["value"]))["text"].to_pylist()) == {
        "c"
    }


def test_the_cheapest_protection_of_a_known_table_is_one_cell_of_six():
    result = protect(table(cells(SIX_BY_FIVE)), by=("a", "b"), count="n")
    assert result.report.method == "optimal"
    assert result.report.n_suppressed_primary == 5
    assert hidden(result, "suppressed_secondary") == [("01", "05")]
    found = audit(result.table, by=("a", "b")).to_pylist()
    assert found[0] == {"a": "01", "b": "02", "low": 0.0, "high": 3.0}


def test_the_cheapest_protection_of_a_larger_known_table_costs_27():
    leaves = cells(TEN_BY_EIGHT)
    result = protect(table(leaves), by=("a", "b"), count="n", policy=PLAIN)
    extra = hidden(result, "suppressed_secondary")
    assert result.report.n_suppressed_primary == 19
    assert len(extra) == 2
    assert sum(leaves[int(a) - 1, int(b) - 1] + 1 for a, b in extra) == 27


def test_the_report_says_what_was_lost():
    report = four(3, 40, 50, 60).report
    assert (report.n_cells, report.n_suppressed_primary, report.n_suppressed_secondary) == (9, 1, 3)
    assert report.share_of_count_hidden == 1.0
    assert report.audited
    assert str(report).startswith("4 of 9 cells hidden: 1 for their own sake, 3 to protect those")


def test_margins_add_up_and_a_margin_can_be_small_itself():
    result = four(2, 1, 50, 60)
    assert ("01", "Total") in hidden(result, "suppressed_primary")
    rows = {tuple(r.values())[:2]: r["true_value"] for r in result.cells.to_pylist()}
    assert rows["Total", "01"] == rows["01", "01"] + rows["02", "01"]


# True zeros, and rows that are all of one category


def test_a_true_zero_is_shown_as_zero():
    leaves = np.array([[0, 40, 9], [50, 60, 9], [20, 30, 9]])
    result = protect(table(leaves), by=("a", "b"), count="n")
    assert texts(result)["01", "01"] == "0"
    assert result.table["status"].to_pylist()[0] == "zero"


def test_a_policy_may_hide_zeros_like_small_counts():
    result = protect(
        table(np.array([[0, 40, 19], [50, 60, 19]])), by=("a", "b"), count="n", policy="acro"
    )
    assert ("01", "01") in hidden(result, "suppressed_primary")


def test_a_row_that_is_all_of_one_category_tells_of_each_of_its_people():
    leaves = np.array([[0, 40], [50, 60], [20, 30]])
    result = protect(table(leaves), by=("a", "b"), count="n")
    reasons = {(r["a"], r["b"]): r["reason"] for r in result.cells.to_pylist() if r["reason"]}
    assert reasons == {
        ("01", "01"): "whole row in one category",
        ("01", "02"): "whole row in one category",
    }
    found = {(r["a"], r["b"]): r for r in audit(result.table, by=("a", "b")).to_pylist()}
    assert found["01", "01"]["high"] >= 1, "a reader cannot rule out that somebody is there"


def test_without_that_rule_the_row_is_shown():
    assert texts(four(0, 40, 50, 60, policy=PLAIN))["01", "01"] == "0"


# Rounding


def test_ofqual_rounds_to_the_nearest_five_and_says_fewer_than_five():
    result = four(3, 42, 53, 60, policy="ofqual")
    assert texts(result) == {
        ("01", "01"): "fewer than 5", ("01", "02"): "40", ("01", "Total"): "45",
        ("02", "01"): "55", ("02", "02"): "60", ("02", "Total"): "115",
        ("Total", "01"): "55", ("Total", "02"): "100", ("Total", "Total"): "160",
    }  # fmt: skip


def test_hesa_hides_no_count_and_two_becomes_zero():
    result = four(2, 43, 50, 60, policy="hesa")
    assert texts(result)["01", "01"] == "0"
    assert texts(result)["01", "02"] == "45"


def test_the_new_nhs_rule_masks_one_to_seven():
    result = four(7, 8, 50, 60, policy="nhs_new")
    assert texts(result)["01", "01"] == "*"
    assert texts(result)["01", "02"] == "10"


def test_words_that_would_tell_the_number_are_not_used():
    """Four times "fewer than 5" in a row whose total is fewer than 5 would be four times 1."""
    result = protect(
        table(np.array([[1, 1, 1, 1], [20, 30, 40, 12]])), by=("a", "b"), count="n", policy="ofqual"
    )
    row = [texts(result)["01", label] for label in ("01", "02", "03", "04", "Total")]
    assert row.count("fewer than 5") < 5


def test_the_same_people_are_rounded_alike_in_every_table():
    people = [
        {"person": f"P{i}", "area": "NS"[i % 2], "group": "xyz"[i % 3], "home": "H"}
        for i in range(203)
    ]
    options = {"unit": "person", "key": b"secret", "policy": "by_people"}
    one = protect(people, by=("area", "group"), **options)
    two = protect(people, by=("area", "home"), **options)
    assert texts(one)["N", "Total"] == texts(two)["N", "Total"]
    assert texts(one)["Total", "Total"] == texts(two)["Total", "Total"]
    assert all(value % 5 == 0 for value in one.table["value"].to_pylist() if value is not None)


def test_rounding_by_people_needs_to_know_who_they_are():
    with pytest.raises(DataError, match="Name the column of ids with unit="):
        four(9, 9, 9, 9, policy="by_people")


# Coarser categories


ETHNIC = load().code_lists["ethnic_group"]


def test_detailed_categories_are_put_together_where_more_can_be_read_then():
    detailed = [
        {"ward": ward, "group": code.key, "n": 2 + at % 3}
        for ward in ("A", "B")
        for at, code in enumerate(ETHNIC.codes)
    ]
    result = protect(detailed, by=("ward", "group"), count="n", parents={"group": ETHNIC})
    assert result.report.rolled_up == {"group": "19 categories put together to 5"}
    assert texts(result)["A", "asian"] == "14"
    assert result.report.n_suppressed_primary == 0


def test_detailed_categories_stay_where_they_can_be_read():
    detailed = [
        {"ward": ward, "group": code.key, "n": 20} for ward in ("A", "B") for code in ETHNIC.codes
    ]
    result = protect(detailed, by=("ward", "group"), count="n", parents={"group": ETHNIC})
    assert result.report.rolled_up == {}


def test_neighbouring_bands_are_joined_where_they_have_an_order():
    bands = [
        {"ward": ward, "age": age, "n": n}
        for ward in "AB"
        for age, n in (("16 to 24", 3), ("25 to 34", 4), ("35 to 49", 60), ("50 to 64", 70))
    ]
    result = protect(bands, by=("ward", "age"), count="n", ordered=("age",))
    assert texts(result)["A", "16 to 24 … 25 to 34"] == "7"


def test_rare_categories_are_joined_under_a_label():
    rare = [
        {"ward": ward, "faith": faith, "n": n}
        for ward in ("A", "B", "C", "D", "E", "F")
        for faith, n in (("one", 40), ("two", 30), ("three", 0), ("four", 0), ("other", 6))
    ]
    rare[2]["n"] = rare[3]["n"] = 2
    result = protect(rare, by=("ward", "faith"), count="n", others={"faith": "other"})
    assert texts(result)["A", "other"] == "10"


def test_groups_can_be_shown_as_subtotals_and_are_protected_with_the_rest():
    groups = {"a": "first", "b": "first", "c": "second", "d": "second"}
    rows = [
        {"ward": ward, "kind": kind, "n": n}
        for ward, numbers in {"A": (3, 20, 30, 40), "B": (50, 60, 70, 80)}.items()
        for kind, n in zip("abcd", numbers, strict=True)
    ]
    result = protect(
        rows, by=("ward", "kind"), count="n", parents={"kind": groups}, subtotals=("kind",)
    )
    assert texts(result)["A", "first"] == "23"
    found = audit(result.table, by=("ward", "kind"), groups={"kind": groups}).to_pylist()
    small = next(row for row in found if (row["ward"], row["kind"]) == ("A", "a"))
    assert small["low"] <= 2
    assert small["high"] >= 4


# Percentages, means and medians


def people_with_rent() -> list[dict]:
    numbers = {("N", "x"): 3, ("N", "y"): 20, ("S", "x"): 30, ("S", "y"): 47}
    return [
        {"area": area, "group": group, "rent": 100 + 10 * at}
        for (area, group), n in numbers.items()
        for at in range(n)
    ]


def test_a_percentage_a_mean_and_a_median_are_hidden_with_their_cell():
    result = protect(
        people_with_rent(), by=("area", "group"), shares=("group",), means=("rent",), medians=("rent",)
    )  # fmt: skip
    for row in result.table.to_pylist():
        if row["status"] == "suppressed":
            extra = (row["percent_of_group"], row["mean_rent"], row["median_rent"])
            assert extra == (None, None, None)
    total = result.table.to_pylist()[-1]
    assert total["percent_of_group"] == 100.0
    assert total["median_rent"] == float(np.median([p["rent"] for p in people_with_rent()]))


def test_percentages_come_from_rounded_or_unrounded_counts_as_the_policy_says():
    unrounded = four(12, 42, 53, 60, policy="ofqual", shares=("b",)).table.to_pylist()[0]
    rounded = four(12, 42, 53, 60, policy="nhs_new", shares=("b",)).table.to_pylist()[0]
    assert unrounded["percent_of_b"] == 22.2  # 12 of 54
    assert rounded["percent_of_b"] == 18.2  # 10 of 55


def test_no_percentage_of_a_few_and_no_average_of_a_few():
    row = four(9, 12, 53, 60, policy="hesa", shares=("b",)).table.to_pylist()[0]
    assert row["percent_of_b"] is None  # of 21 people; the least is 22.5


def test_a_mean_of_a_margin_does_not_give_away_the_few_that_are_hidden_in_it():
    rows = [{"g": g, "x": float(i)} for g, n in (("a", 1), ("b", 2), ("c", 50)) for i in range(n)]
    result = protect(rows, by="g", policy=replace(POLICY, average_least=10), means=("x",))
    assert result.table.to_pylist()[-1]["mean_x"] is None


# Money


def test_money_is_hidden_where_one_contributor_makes_up_nearly_all_of_it():
    owed = [
        {"ward": "A", "kind": "rent", "pence": p} for p in (900_000, 10_000, 9_000, 8_000, 7_000)
    ]
    owed += [
        {"ward": ward, "kind": kind, "pence": 10_000 + 100 * i}
        for ward, kind in (("A", "other"), ("B", "rent"), ("B", "other"))
        for i in range(20)
    ]
    result = protect(owed, by=("ward", "kind"), value="pence")
    rows = {(r["ward"], r["kind"]): r for r in result.cells.to_pylist()}
    assert rows["A", "rent"]["reason"] == "one or two make up nearly all of it"
    found = audit(result.table, by=("ward", "kind"), whole=False).to_pylist()
    attacked = next(r for r in found if (r["ward"], r["kind"]) == ("A", "rent"))
    # The second largest contributor must not come within a tenth of what the largest owes.
    assert attacked["high"] - 934_000 >= 0.1 * 900_000 - 24_000


def test_money_counted_already_says_who_contributed_most():
    rows = [
        {"w": "A", "k": "x", "n": 9, "owed": 1000.0, "first": 950.0, "second": 20.0},
        {"w": "A", "k": "y", "n": 9, "owed": 1000.0, "first": 150.0, "second": 140.0},
        {"w": "B", "k": "x", "n": 9, "owed": 1000.0, "first": 150.0, "second": 140.0},
        {"w": "B", "k": "y", "n": 9, "owed": 1000.0, "first": 150.0, "second": 140.0},
    ]
    result = protect(rows, by=("w", "k"), count="n", value="owed", largest=("first", "second"))
    assert hidden(result, "suppressed_primary") == [("A", "x")]
    assert result.report.n_suppressed_secondary >= 3


# What goes in


@pytest.mark.parametrize(
    "wrap",
    [lambda t: t, lambda t: t.to_pandas(), lambda t: t.to_pylist(), lambda t: duckdb.from_arrow(t)],
    ids=["pyarrow", "pandas", "rows", "duckdb"],
)
def test_anything_that_arrow_can_read_goes_in(wrap):
    given = table(cells(SIX_BY_FIVE))
    assert protect(wrap(given), by=("a", "b"), count="n").table == protect(
        given, by=("a", "b"), count="n"
    ).table  # fmt: skip


def test_rows_of_people_are_counted_and_an_unknown_value_is_a_category():
    people = pd.DataFrame({"area": ["N"] * 30 + ["S"] * 30 + [None] * 9})
    assert texts(protect(people, by="area")) == {
        ("N",): "30", ("S",): "30", ("Not known",): "9", ("Total",): "69",
    }  # fmt: skip


def test_categories_nobody_has_are_shown_when_the_order_names_them():
    result = protect(
        [{"g": "b", "n": 9}], by="g", count="n", order={"g": ["a", "b", "c"]}, policy=PLAIN
    )
    assert list(texts(result).values()) == ["0", "9", "0", "9"]


def test_a_policy_that_is_not_there_is_answered_with_the_nearest():
    with pytest.raises(NotFound, match="Did you mean ofqual"):
        four(9, 9, 9, 9, policy="ofquall")


@pytest.mark.parametrize(
    ("rows", "options", "message"),
    [
        ([{"g": "Total", "n": 3}], {}, "Leave totals out"),
        ([{"g": "a", "n": -3}], {}, "no whole number"),
        ([{"g": "a", "n": 2.5}], {}, "no whole number"),
        ([{"g": "a", "n": 9}], {"by": ("g", "h")}, "no column h"),
        ([{"g": "a", "n": 9}], {"by": ()}, "no dimension"),
        ([{"g": "a", "n": 9, "m": -1.0}], {"value": "m"}, "amount is negative"),
        ([{"g": "a", "n": 9}], {"shares": ("h",)}, "h is no dimension"),
    ],
)
def test_what_cannot_be_counted_is_refused_and_says_why(rows, options, message):
    with pytest.raises(DataError, match=message):
        protect(rows, **{"by": "g", "count": "n", **options})


def test_exact_hides_nothing():
    assert four(1, 2, 0, 60, policy="exact").table["value"].to_pylist()[:2] == [1, 2]


def test_the_package_needs_no_data_frame():
    names = {
        name.split(".")[0]
        for path in (ROOT / "src/rooftree/disclosure").glob("*.py")
        for name in re.findall(r"^\s*(?:from|import) (\S+)", path.read_text(), re.M)
    }
    assert names & {"pandas", "polars", "django"} == set()
