"""Weighting a survey: what comes out, and what is refused because the result would be wrong."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from rooftree import survey
from rooftree.survey.tables import long_targets
from rooftree.vocabulary.errors import DataError, UserError

#: Six answers of 100 tenants, of whom 60 are women and 50 are over 55.
ANSWERS = pa.table({
    "sex": ["f", "f", "f", "f", "m", "m"],
    "age": ["under 55", "55+", "55+", "under 55", "under 55", "55+"],
    "satisfied": [1, 1, 0, 1, 0, 1],
})  # fmt: skip
MARGINS = {"sex": {"f": 60, "m": 40}, "age": {"under 55": 50, "55+": 50}}


def totals(weighting, field: str) -> dict[str, float]:
    """The weighted count of each category."""
    values = weighting.table[field].to_pylist()
    return {
        key: sum(w for w, v in zip(weighting.weights, values, strict=True) if v == key)
        for key in dict.fromkeys(values)
    }


def test_raked_weights_meet_every_margin():
    raked = survey.rake(ANSWERS, MARGINS)
    assert totals(raked, "sex") == pytest.approx({"f": 60, "m": 40})
    assert totals(raked, "age") == pytest.approx({"under 55": 50, "55+": 50})
    assert raked.table["calibrated_weight"].to_pylist() == raked.weights.tolist()
    assert raked.diagnostics.error < 1e-10


def test_shares_are_brought_to_the_sum_of_the_design_weights():
    shares = {"sex": {"f": 0.6, "m": 0.4}, "age": {"under 55": 0.5, "55+": 0.5}}
    raked = survey.rake(ANSWERS, shares, targets="shares")
    assert raked.weights.sum() == pytest.approx(6)
    assert raked.weights * 100 / 6 == pytest.approx(survey.rake(ANSWERS, MARGINS).weights)


def test_design_weights_are_kept_as_far_as_the_margins_allow():
    """Within a cell weights keep their proportions: the design's knowledge is not thrown away."""
    drawn = ANSWERS.append_column("w", pa.array([1.0, 2.0, 6.0, 1.0, 3.0, 3.0]))
    raked = survey.rake(drawn, MARGINS, weight="w")
    assert raked.weights[2] / raked.weights[1] == pytest.approx(3)
    assert raked.base.tolist() == [1, 2, 6, 1, 3, 3]


def test_cell_weights_are_the_count_of_the_cell_over_its_answers():
    cells = {("f", "under 55"): 30, ("f", "55+"): 30, ("m", "under 55"): 20, ("m", "55+"): 20}
    weighted = survey.poststratify(ANSWERS, ("sex", "age"), cells)
    assert weighted.weights.tolist() == pytest.approx([15, 15, 15, 15, 20, 20])


def test_a_joint_margin_stands_beside_a_simple_one():
    drawn = ANSWERS.append_column("area", pa.array(["N", "S", "N", "S", "N", "S"]))
    joint = {("f", "under 55"): 30, ("f", "55+"): 30, ("m", "under 55"): 20, ("m", "55+"): 20}
    raked = survey.rake(drawn, {("sex", "age"): joint, "area": {"N": 55, "S": 45}})
    assert totals(raked, "area") == pytest.approx({"N": 55, "S": 45})
    assert totals(raked, "sex") == pytest.approx({"f": 60, "m": 40})


def test_margins_come_from_a_file_of_three_columns():
    rows = [
        {"field": "sex", "category": "f", "target": 60},
        {"field": "sex", "category": "m", "target": 40},
        {"field": "sex × age", "category": "f × 55+", "target": 30},
    ]
    assert long_targets(rows) == {"sex": {"f": 60, "m": 40}, "sex × age": {"f × 55+": 30}}
    numbered = pa.table({"field": ["rooms"] * 2, "category": [1.0, 2.0], "target": [3, 4]})
    assert long_targets(numbered) == {"rooms": {"1": 3, "2": 4}}
    with pytest.raises(DataError, match=r"row 4: category 'f' of sex stands twice"):
        long_targets([*rows, rows[0]])


def test_calibration_meets_the_total_of_a_number():
    drawn = ANSWERS.append_column("rooms", pa.array([1, 2, 3, 2, 1, 3]))
    fitted = survey.calibrate(drawn, {"sex": MARGINS["sex"]}, totals={"rooms": 210})
    assert fitted.weights @ np.array([1, 2, 3, 2, 1, 3]) == pytest.approx(210)
    assert totals(fitted, "sex") == pytest.approx({"f": 60, "m": 40})


def test_linear_calibration_may_go_below_nothing_and_says_so():
    drawn = pa.table({"rooms": [1, 1, 1, 1, 9]})
    fitted = survey.calibrate(drawn, totals={"rooms": 3})
    assert fitted.weights.min() < 0
    (warning,) = [w for w in fitted.warnings if "less than nothing" in w.what]
    assert "raking distance" in warning.remedy


def test_any_table_that_arrow_can_read_will_do():
    of_pandas = survey.rake(pd.DataFrame(ANSWERS.to_pandas()), MARGINS)
    of_rows = survey.rake(ANSWERS.to_pylist(), MARGINS)
    of_columns = survey.rake(ANSWERS.to_pydict(), MARGINS)
    expected = survey.rake(ANSWERS, MARGINS).weights.tolist()
    for weighted in (of_pandas, of_rows, of_columns):
        assert weighted.weights.tolist() == expected


def test_words_numbered_piece_by_piece_are_one_list_of_words():
    pieces = [pa.array(["f", "m"]).dictionary_encode(), pa.array(["m", "f"]).dictionary_encode()]
    table = pa.table({"sex": pa.chunked_array(pieces)})
    assert survey.rake(table, {"sex": {"f": 6, "m": 4}}).weights.tolist() == [3, 2, 2, 3]
    views = pa.table({"sex": pa.array(["f", "m", "m", "f"], pa.string_view())})
    assert survey.rake(views, {"sex": {"f": 6, "m": 4}}).weights.tolist() == [3, 2, 2, 3]


def test_text_taken_for_a_field_of_codes_is_not_quoted():
    told = pa.table({"sex": [f"Mx Invented {n}" for n in range(40)]})
    with pytest.raises(DataError) as error:
        survey.rake(told, {"sex": {"f": 60, "m": 40}})
    assert "sex: holds 40 values that the margin does not know" in str(error.value)
    assert "Invented" not in str(error.value)


def test_numbers_as_codes_are_found_by_number_or_text():
    drawn = pa.table({"code": pa.array([1.0, 2.0, 2.0, 1.0])})
    assert survey.rake(drawn, {"code": {1: 6, 2: 4}}).weights.tolist() == [3, 2, 2, 3]
    assert survey.rake(drawn, {"code": {"1": 6, "2": 4}}).weights.tolist() == [3, 2, 2, 3]


# What would make the weights wrong without a sign: the table or margins, and what the message names.
WRONG = {
    "an unknown category": (
        ANSWERS.set_column(0, "sex", pa.array(["f", "f", "f", "x", "m", "m"])),
        MARGINS,
        r"sample: sex: row 4 has the category 'x'.*Use one of: f, m",
    ),
    "a row without a value": (
        ANSWERS.set_column(1, "age", pa.array([None, "55+", None, "under 55", "under 55", "55+"])),
        MARGINS,
        r"sample: age: rows 1, 3 have no value. Nothing is guessed",
    ),
    "a category that nobody is in": (
        ANSWERS,
        {"sex": {"f": 55, "m": 40, "other": 5}},
        r"margin sex: 'other' has a target of 5 and nobody in the sample. Join it",
    ),
    "a target of 0 for people who answered": (
        ANSWERS,
        {"sex": {"f": 100, "m": 0}},
        r"margin sex: 'm' has a target of 0 and 2 rows",
    ),
    "margins that do not add up": (
        ANSWERS,
        {"sex": {"f": 60, "m": 40}, "age": {"under 55": 50, "55+": 52}},
        r"margin age: adds up to 102, margin sex to 100",
    ),
    "a negative target": (ANSWERS, {"sex": {"f": 110, "m": -10}}, r"target of 'm' is -10"),
    "a target that is missing": (ANSWERS, {"sex": {"f": 60, "m": None}}, r"target of 'm' is nan"),
    "a column that is not there": (ANSWERS, {"sexx": {"f": 1}}, r"sexx: is no column.*sex\?"),
    "no margin": (ANSWERS, {}, "there are none"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_would_be_wrong_is_refused(case: str):
    table, margins, message = WRONG[case]
    with pytest.raises(DataError, match=message):
        survey.rake(table, margins)


def test_every_problem_is_told_at_once():
    table = ANSWERS.set_column(0, "sex", pa.array(["f", None, "f", "x", "m", "m"]))
    with pytest.raises(DataError) as error:
        survey.rake(table, {"sex": {"f": 60, "m": 30, "other": 10}})
    assert len(error.value.problems) == 3


def test_shares_that_do_not_add_up_to_one_are_refused():
    with pytest.raises(DataError, match=r"adds up to 0.9, not to 1"):
        survey.rake(ANSWERS, {"sex": {"f": 0.5, "m": 0.4}}, targets="shares")


def test_margins_that_contradict_each_other_are_refused_and_not_half_met():
    """Everybody under 55 in the sample is a woman, yet more men than that must be under 55."""
    drawn = pa.table({"sex": ["f", "f", "m"], "age": ["young", "old", "old"]})
    margins = {"sex": {"f": 10, "m": 90}, "age": {"young": 50, "old": 50}}
    with pytest.raises(DataError, match=r"after \d+ rounds the margins are missed"):
        survey.rake(drawn, margins)


@pytest.mark.parametrize("bad", [-1.0, float("nan"), float("inf"), None])
def test_a_design_weight_that_is_none_is_refused(bad):
    drawn = ANSWERS.append_column("w", pa.array([1.0, 1, bad, 1, 1, 1], pa.float64()))
    with pytest.raises(DataError, match="row 3 has no weight, a negative or an endless one"):
        survey.rake(drawn, MARGINS, weight="w")


def test_trimmed_weights_keep_to_their_bounds_and_still_meet_the_margins():
    rng = np.random.default_rng(3)
    drawn = pa.table({
        "sex": rng.choice(["f", "m"], 400, p=[0.85, 0.15]),
        "age": rng.choice(["a", "b", "c"], 400, p=[0.7, 0.2, 0.1]),
        "w": rng.uniform(0.4, 3.0, 400),
    })  # fmt: skip
    margins = {"sex": {"f": 600, "m": 400}, "age": {"a": 400, "b": 300, "c": 300}}
    free = survey.rake(drawn, margins, weight="w")
    trimmed = survey.rake(drawn, margins, weight="w", trim=(0.2, 4))
    assert free.diagnostics.largest_over_mean > 5
    assert trimmed.diagnostics.largest_over_mean <= 4 * 1.001
    assert trimmed.weights.min() >= 0.2 * trimmed.weights.mean() * 0.999
    assert totals(trimmed, "age") == pytest.approx(margins["age"])
    assert trimmed.diagnostics.n_trimmed > 0
    assert trimmed.diagnostics.design_effect < free.diagnostics.design_effect


def test_trimming_that_cannot_be_is_refused():
    with pytest.raises(DataError, match="cannot be met with weights between"):
        survey.rake(ANSWERS, {"sex": {"f": 10, "m": 90}}, trim=(0.5, 1.5))
    with pytest.raises(UserError, match="first below 1"):
        survey.rake(ANSWERS, MARGINS, trim=(2, 3))


def test_the_diagnostics_say_what_the_weights_cost():
    raked = survey.rake(ANSWERS, {"sex": {"f": 20, "m": 80}})
    d = raked.diagnostics
    assert d.design_effect == pytest.approx(6 * (4 * 5**2 + 2 * 40**2) / 100**2)
    assert d.effective_n == pytest.approx(6 / d.design_effect)
    assert d.largest["row"].to_pylist()[:2] == [5, 6]
    rows = {row["category"]: row for row in d.margins.to_pylist()}
    assert rows["m"]["before"] == 2
    assert rows["m"]["after"] == pytest.approx(80)
    assert rows["m"]["factor"] == pytest.approx(40)


def test_costly_weights_come_with_their_warnings():
    raked = survey.rake(ANSWERS, {"sex": {"f": 20, "m": 80}})
    told = [f"{warning.what} {warning.remedy}" for warning in raked.warnings]
    assert any("the design effect is 1.98" in text for text in told)
    assert any("'m' stands on 2 answers" in text for text in told)
    assert survey.estimate(raked, "satisfied").warnings[-1] == raked.warnings[-1]
