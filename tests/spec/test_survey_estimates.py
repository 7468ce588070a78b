"""What a survey says, and how sure that is."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from rooftree import survey
from rooftree.vocabulary.errors import DataError, UserError
from tests.lib.survey_data import make

SAMPLE = make(5)
DESIGN = {"strata": "area", "cluster": "building"}
SATISFIED = {"very_satisfied", "fairly_satisfied"}


def test_a_share_comes_with_its_interval_and_what_was_left_out():
    made = survey.estimate(
        SAMPLE.table, "answer", statistic="proportion", counts=SATISFIED, weight="weight", **DESIGN
    )
    (row,) = made.rows()
    unknown = SAMPLE.table["answer"].null_count
    assert row["n"] == SAMPLE.table.num_rows - unknown
    assert row["n_missing"] == unknown > 0
    assert row["low"] < row["estimate"] < row["high"]
    assert row["category"] == "fairly_satisfied + very_satisfied"
    assert made.degrees_of_freedom == 24 - 4
    assert made.interval == "wilson"


def test_shares_of_all_categories_add_up_to_one():
    rows = survey.estimate(SAMPLE.table, "answer", statistic="proportion", weight="weight").rows()
    assert len(rows) == 5
    assert sum(row["estimate"] for row in rows) == pytest.approx(1)


def test_a_category_may_be_said_to_be_no_answer():
    """ "Not applicable" is no opinion: it is counted as missing and not as dissatisfied."""
    told = pa.table({"tp05": ["yes", "yes", "no", "not_applicable", None, "no"]})
    (row,) = survey.estimate(
        told, "tp05", statistic="proportion", counts={"yes"}, not_counted={"not_applicable"}
    ).rows()
    assert (row["estimate"], row["n"], row["n_missing"]) == (0.5, 4, 2)


def test_a_group_is_part_of_the_whole_design():
    """Units without anyone of the group still count: leaving them out would promise too much."""
    table, by_sex = (
        SAMPLE.table,
        survey.estimate(SAMPLE.table, "rent", by="sex", weight="weight", **DESIGN),
    )
    for row in by_sex.rows():
        inside = np.array([sex == row["sex"] for sex in table["sex"].to_pylist()])
        marked = table.append_column("one", pa.array(inside.astype(float)))
        marked = marked.append_column(
            "of", pa.array(np.where(inside, table["rent"].to_numpy(), 0.0))
        )
        ratio = survey.estimate(
            marked, "of", statistic="ratio", over="one", weight="weight", **DESIGN
        )
        assert row["estimate"] == pytest.approx(ratio.rows()[0]["estimate"])
        assert row["standard_error"] == pytest.approx(ratio.rows()[0]["standard_error"])


def test_the_covariance_gives_the_error_of_a_difference_between_groups():
    made = survey.estimate(SAMPLE.table, "rent", by="sex", weight="weight", **DESIGN)
    again = survey.jackknife(SAMPLE.table, weight="weight", **DESIGN)
    other = survey.estimate(SAMPLE.table, "rent", by="sex", weight="weight", replicates=again)
    gap = np.array([1, -1])
    linear, jack = (gap @ m.covariance @ gap for m in (made, other))
    assert jack == pytest.approx(linear, rel=0.15)


def test_fitted_weights_lessen_the_error_of_what_the_margins_explain():
    plain = survey.estimate(SAMPLE.table, "rooms", weight="weight", statistic="total").rows()[0]
    fitted = survey.calibrate(
        SAMPLE.table,
        {"sex": SAMPLE.margins["sex"]},
        totals={"rooms": SAMPLE.rooms},
        weight="weight",
    )
    known = survey.estimate(fitted, "rooms", statistic="total").rows()[0]
    assert known["estimate"] == pytest.approx(SAMPLE.rooms)
    assert known["standard_error"] < 1e-6 * plain["standard_error"]


def test_a_bootstrap_comes_near_the_formula_and_repeats_itself():
    again = survey.bootstrap(SAMPLE.table, n=400, seed=1, weight="weight", **DESIGN)
    same = survey.bootstrap(SAMPLE.table, n=400, seed=1, weight="weight", **DESIGN)
    assert np.array_equal(again.weights, same.weights)
    drawn = survey.estimate(SAMPLE.table, "rent", weight="weight", replicates=again).rows()[0]
    linear = survey.estimate(SAMPLE.table, "rent", weight="weight", **DESIGN).rows()[0]
    assert drawn["standard_error"] == pytest.approx(linear["standard_error"], rel=0.15)


def test_where_all_agree_the_interval_still_says_what_is_not_known():
    told = pa.table({"safe": ["yes"] * 40})
    for kind in ("wilson", "logit", "korn_graubard"):
        (row,) = survey.estimate(told, "safe", statistic="proportion", interval=kind).rows()
        assert row["estimate"] == row["high"] == 1
        assert 0.9 < row["low"] < 0.93


def test_a_stratum_drawn_whole_adds_nothing():
    table = pa.table({"y": [1.0, 5.0, 9.0], "area": ["N", "N", "N"], "of": [3, 3, 3]})
    (row,) = survey.estimate(table, "y", strata="area", fpc="of").rows()
    assert row["standard_error"] == 0


def test_what_nobody_can_know_is_refused():
    alone = pa.table({"y": [1.0, 2.0, 3.0], "area": ["N", "N", "S"], "of": [2, 2, 9]})
    with pytest.raises(DataError, match=r"stratum 'S' has one unit.*lonely='adjust'"):
        survey.estimate(alone, "y", strata="area")
    with pytest.raises(DataError, match="is smaller than the number of units"):
        survey.estimate(
            alone.set_column(2, "of", pa.array([1, 1, 9])), "y", strata="area", fpc="of"
        )
    with pytest.raises(DataError, match="more than one number within a stratum"):
        survey.estimate(
            alone.set_column(2, "of", pa.array([5, 6, 9])), "y", strata="area", fpc="of"
        )
    with pytest.raises(DataError, match="row 2 has no value"):
        survey.estimate(alone.set_column(1, "area", pa.array(["N", None, "N"])), "y", strata="area")
    with pytest.raises(DataError, match="holds string, not numbers"):
        survey.estimate(alone, "area")
    with pytest.raises(DataError, match="nobody answered"):
        survey.estimate(pa.table({"y": pa.array([None, None], pa.float64())}), "y")
    with pytest.raises(DataError, match="2 rows have no answer"):
        survey.estimate(pa.table({"y": [1.0, None, None]}), "y", missing="refuse")
    with pytest.raises(UserError, match="no statistic 'median'"):
        survey.estimate(alone, "y", statistic="median")
    with pytest.raises(UserError, match="for proportions"):
        survey.estimate(alone, "y", interval="wilson")
    with pytest.raises(UserError, match="needs `over`"):
        survey.estimate(alone, "y", statistic="ratio")


def test_few_answers_are_told_with_a_warning():
    made = survey.estimate(pa.table({"y": [1.0, 2.0, 4.0]}), "y")
    assert "stands on 3 answers" in made.warnings[0].what


def test_a_slip_in_what_counts_is_no_share_of_nothing():
    with pytest.raises(
        DataError, match=r"no category 'very_satisfyed'.*Did you mean very_satisfied"
    ):
        survey.estimate(SAMPLE.table, "answer", statistic="proportion", counts={"very_satisfyed"})
    nobody = survey.estimate(
        pa.table({"a": ["no"] * 50}), "a", statistic="proportion", counts={"yes"}
    )
    assert nobody.rows()[0]["estimate"] == 0


def test_strata_that_nobody_is_in_do_not_count():
    areas = pa.DictionaryArray.from_arrays(pa.array([0, 0, 2, 2]), pa.array(["N", "S", "E"]))
    table = pa.table({"y": [1.0, 2.0, 4.0, 8.0], "area": areas})
    made = survey.estimate(table, "y", strata="area")
    plain = survey.estimate(
        table.set_column(1, "area", pa.array(["N", "N", "E", "E"])), "y", strata="area"
    )
    assert made.rows() == plain.rows()
    assert made.degrees_of_freedom == 2
