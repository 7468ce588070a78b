"""Generated samples: raking against a slow reference, against calibration, and what must hold of any weights."""

from __future__ import annotations

import os

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rooftree import survey
from rooftree.vocabulary.errors import DataError

CASES = 3000 if os.environ.get("ROOFTREE_FUZZ") else 60
FIELDS = ("a", "b", "c")


@st.composite
def samples(draw: st.DrawFn) -> tuple[list[dict], dict[str, dict[str, float]]]:
    """Rows with three fields and weights, and margins that some weights of those rows meet."""
    sizes = [draw(st.integers(1, 4)) for _ in FIELDS]
    row = st.fixed_dictionaries(
        {name: st.integers(0, size - 1).map(str) for name, size in zip(FIELDS, sizes, strict=True)}
        | {"w": st.floats(0.1, 20), "true": st.floats(0.5, 30)}
    )
    rows = draw(st.lists(row, min_size=2, max_size=40))
    margins: dict[str, dict[str, float]] = {name: {} for name in FIELDS}
    for each in rows:  # the margins of other weights on the same rows can be met
        for name in FIELDS:
            margins[name][each[name]] = margins[name].get(each[name], 0.0) + each["true"]
    return rows, margins


def swept(rows: list[dict], margins: dict[str, dict[str, float]]) -> list[float]:
    """Raking as a textbook says it: row by row, one category after the other, for a long time."""
    weights = [row["w"] for row in rows]
    for _ in range(3000):
        for name, targets in margins.items():
            held = dict.fromkeys(targets, 0.0)
            for row, weight in zip(rows, weights, strict=True):
                held[row[name]] += weight
            weights = [
                weight * targets[row[name]] / held[row[name]]
                for row, weight in zip(rows, weights, strict=True)
            ]
    return weights


@settings(max_examples=CASES, deadline=None)
@given(samples())
def test_margins_are_met_and_cells_keep_their_proportions(case):
    rows, margins = case
    raked = survey.rake(rows, margins, weight="w")
    for name, targets in margins.items():
        for key, target in targets.items():
            held = sum(w for w, row in zip(raked.weights, rows, strict=True) if row[name] == key)
            assert held == pytest.approx(target, rel=1e-8)
    assert (raked.weights > 0).all()
    factors: dict[tuple, float] = {}
    for row, weight in zip(rows, raked.weights, strict=True):
        cell = tuple(row[name] for name in FIELDS)
        assert factors.setdefault(cell, weight / row["w"]) == pytest.approx(weight / row["w"])


@settings(max_examples=max(CASES // 4, 10), deadline=None)
@given(samples())
def test_raking_is_what_the_textbook_says(case):
    rows, margins = case
    assert survey.rake(rows, margins, weight="w").weights == pytest.approx(
        swept(rows, margins), rel=1e-5
    )


@settings(max_examples=CASES, deadline=None)
@given(samples())
def test_newton_steps_lead_to_the_same_weights_as_sweeps(case):
    rows, margins = case
    sweeps = survey.rake(rows, margins, weight="w", tolerance=1e-13)
    try:
        newton = survey.calibrate(rows, margins, weight="w", distance="raking")
    except DataError:  # weights that lie many powers of e apart: told, not answered wrongly
        return
    assert newton.weights == pytest.approx(sweeps.weights, rel=1e-5)


@settings(max_examples=CASES, deadline=None)
@given(samples(), st.randoms(use_true_random=False))
def test_the_order_of_rows_and_the_size_of_weights_do_not_matter(case, random):
    rows, margins = case
    plain = survey.rake(rows, margins, weight="w").weights
    order = list(range(len(rows)))
    random.shuffle(order)
    mixed = survey.rake([rows[n] for n in order], margins, weight="w").weights
    assert mixed == pytest.approx(plain[order], rel=1e-7)
    larger = [row | {"w": row["w"] * 7} for row in rows]
    assert survey.rake(larger, margins, weight="w").weights == pytest.approx(plain, rel=1e-7)


@settings(max_examples=CASES, deadline=None)
@given(samples())
def test_an_estimate_of_what_the_margins_say_has_no_error(case):
    """A weighted count of a margin's category is known: its standard error is nothing."""
    rows, margins = case
    raked = survey.rake(rows, margins, weight="w")
    made = survey.estimate(raked, "a", statistic="proportion")
    total = sum(margins["a"].values())
    for row in made.rows():
        assert row["estimate"] == pytest.approx(margins["a"][row["category"]] / total, rel=1e-7)
        assert row["standard_error"] == pytest.approx(0, abs=1e-7)


@settings(max_examples=CASES, deadline=None)
@given(
    st.lists(st.tuples(st.floats(-50, 50), st.floats(0.2, 9), st.sampled_from("xyz")), min_size=4)
)
def test_a_plain_mean_has_the_error_of_the_textbook(rows):
    table = pa.table({"y": [r[0] for r in rows], "w": [1.0] * len(rows)})
    made = survey.estimate(table, "y", weight="w").rows()[0]
    values = np.array([r[0] for r in rows])
    assert made["estimate"] == pytest.approx(values.mean(), abs=1e-9)
    expected = values.std(ddof=1) / np.sqrt(len(values))
    assert made["standard_error"] == pytest.approx(expected, rel=1e-9, abs=1e-9)


def test_intervals_hold_the_truth_as_often_as_they_say():
    """Samples of buildings from a population in which answers go with area, age and building.

    Of 400 samples the 95% intervals of a raked share should hold the truth in about 380: with 20
    buildings an honest interval may be a little short or long, and 92 to 98 in a hundred is asked.
    """
    rng = np.random.default_rng(20)
    buildings = 400
    area = np.repeat(np.arange(4), buildings // 4)
    mood = rng.normal(0, 0.5, buildings) + 0.3 * area
    building = np.repeat(np.arange(buildings), 12)
    old = rng.random(len(building)) < 0.3 + 0.1 * area[building]
    chance = 1 / (1 + np.exp(-(mood[building] + 0.8 * old - 0.3)))
    answer = rng.random(len(building)) < chance
    truth = answer.mean()
    margins = {
        "age": {"old": float(old.sum()), "young": float((~old).sum())},
        "area": {str(a): float((area[building] == a).sum()) for a in range(4)},
    }
    held = 0
    for _ in range(400):
        drawn = np.concatenate(
            [rng.choice(np.flatnonzero(area == a), 10, replace=False) for a in range(4)]
        )
        rows = np.flatnonzero(np.isin(building, drawn))
        rows = rows[rng.random(len(rows)) < np.where(old[rows], 0.8, 0.4)]
        table = pa.table({
            "area": area[building[rows]].astype(str),
            "age": np.where(old[rows], "old", "young"),
            "building": building[rows],
            "yes": np.where(answer[rows], "yes", "no"),
        })  # fmt: skip
        raked = survey.rake(table, margins)
        (row,) = survey.estimate(
            raked, "yes", statistic="proportion", counts={"yes"}, strata="area", cluster="building"
        ).rows()
        held += row["low"] <= truth <= row["high"]
    assert 368 <= held <= 392
