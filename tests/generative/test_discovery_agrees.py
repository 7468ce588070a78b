"""The fast EM step against the slow one, person by person; and what must hold of any fit."""

from __future__ import annotations

import os

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rooftree.segments.discovery import discover
from rooftree.segments.discovery.blocks import Likelihood, Parameters
from rooftree.segments.discovery.collapse import collapse, draw, thin
from rooftree.segments.discovery.fitting import climb, random_start
from rooftree.segments.discovery.reference import reference_step
from tests.lib.classes import quickly

EXAMPLES = 400 if os.environ.get("ROOFTREE_FUZZ") else 25

seeds = st.integers(0, 2**32 - 1)
few_sizes = st.lists(st.integers(1, 5), min_size=1, max_size=6)
#: Enough joint categories that blocks are cut in halves and the table is held by its filled cells.
many_sizes = st.lists(st.integers(3, 9), min_size=7, max_size=12)
sizes = st.one_of(few_sizes, many_sizes)


def people(sizes: list[int], n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Codes (`size` where missing), some rows repeated, and weights of one or two digits."""
    rng = np.random.default_rng(seed)
    rows = np.stack([rng.integers(size + 1, size=n) for size in sizes], axis=1).astype(np.uint8)
    rows[n // 2 :] = rows[rng.integers(n, size=n - n // 2)]
    return rows, rng.integers(1, 20, size=n) / 4


def step_on(sizes: list[int], rows: np.ndarray, weights: np.ndarray, at: Parameters):
    """The same step by the reference."""
    ends = np.cumsum(sizes)
    theta = [at.theta[end - size : end].tolist() for size, end in zip(sizes, ends, strict=True)]
    answers = [
        [None if code == size else int(code) for code, size in zip(row, sizes, strict=True)]
        for row in rows
    ]
    height, shares, theta = reference_step(answers, weights.tolist(), at.shares.tolist(), theta)
    return height, Parameters(np.array(shares), np.array([row for item in theta for row in item]))


@settings(max_examples=EXAMPLES, deadline=None, derandomize=True)
@given(sizes, st.integers(2, 200), st.integers(1, 5), seeds)
def test_a_fast_step_is_a_slow_step(sizes, n, k, seed):
    rows, weights = people(sizes, n, seed)
    patterns = collapse(rows.T, tuple(sizes), weights)
    if not len(patterns):
        return
    likelihood = Likelihood(patterns)
    at = random_start(likelihood, k, np.random.default_rng(seed))
    for _ in range(3):
        # From the same point each time: the floor under probabilities may decide what a class that
        # next to nobody is in becomes after several steps.
        expected, slow = step_on(sizes, rows, weights, at)
        height, fast = likelihood.step(at)
        at = fast
        assert height == pytest.approx(expected, abs=1e-8)
        assert fast.shares == pytest.approx(slow.shares, abs=1e-8)
        assert fast.theta == pytest.approx(slow.theta, abs=1e-8)


def test_both_ways_of_holding_the_table_are_tried():
    """The cases above reach the small dense table, the large one, and blocks cut in halves."""
    small, large = ([2, 2, 3], [5] * 10)
    made = [
        Likelihood(collapse(people(sizes, 200, 1)[0].T, tuple(sizes))) for sizes in (small, large)
    ]
    assert [one.is_dense for one in made] == [True, False]
    assert type(made[1].one).__name__ == "_Pair"


@settings(max_examples=EXAMPLES, deadline=None, derandomize=True)
@given(sizes, st.integers(5, 80), st.integers(1, 4), seeds)
def test_the_likelihood_never_falls_and_shares_sum_to_one(sizes, n, k, seed):
    rows, weights = people(sizes, n, seed)
    patterns = collapse(rows.T, tuple(sizes), weights)
    if not len(patterns):
        return
    likelihood = Likelihood(patterns)
    start = random_start(likelihood, k, np.random.default_rng(seed))
    found = climb(likelihood, start, within=1e-8, most=400)
    assert np.diff(found.trace).min(initial=0) >= -1e-9 * abs(found.log_likelihood) - 1e-10
    assert found.at.shares.sum() == pytest.approx(1)
    filled = likelihood.item_sums(found.at.theta)
    assert filled == pytest.approx(np.ones_like(filled), abs=1e-9)
    for _, posterior in likelihood.posteriors(found.at):
        assert posterior.sum(axis=1) == pytest.approx(np.ones(len(posterior)))


@settings(max_examples=EXAMPLES, deadline=None, derandomize=True)
@given(st.lists(st.integers(1, 100), min_size=1, max_size=40), st.integers(1, 200), seeds)
def test_collapsing_loses_nobody(sizes, n, seed):
    """Patterns are distinct, sorted, and hold every row's weight, however many the items."""
    rows, weights = people(sizes, n, seed)
    patterns = collapse(rows.T, tuple(sizes), weights)
    assert patterns.n + patterns.n_blank == pytest.approx(weights.sum())
    counted: dict[tuple, float] = {}
    for row, weight in zip(rows, weights, strict=True):
        counted[tuple(row)] = counted.get(tuple(row), 0.0) + weight
    counted.pop(tuple(sizes), None)
    found = dict(zip(map(tuple, patterns.codes), patterns.weights, strict=True))
    assert found == pytest.approx(counted)


@settings(max_examples=EXAMPLES, deadline=None, derandomize=True)
@given(st.integers(1, 300), st.integers(1, 500), seeds)
def test_samples_hold_as_many_people_as_asked(n, size, seed):
    rows, weights = people([2, 3, 4], n, seed)
    patterns = collapse(rows.T, (2, 3, 4), weights)
    if not len(patterns):
        return
    assert thin(patterns, size).n == size
    assert draw(patterns, size, np.random.default_rng(seed)).n == size


@settings(max_examples=max(EXAMPLES // 5, 5), deadline=None, derandomize=True)
@given(few_sizes, st.integers(5, 120), seeds)
def test_the_order_of_rows_and_a_trip_through_text_change_nothing(sizes, n, seed):
    rows, weights = people(sizes, n, seed)
    names = [f"i{place}" for place in range(len(sizes))]
    columns = {
        name: pa.array(column, mask=column == size)
        for name, column, size in zip(names, rows.T, sizes, strict=True)
    }
    table = pa.table({**columns, "w": weights})
    if all(column.null_count == n for column in columns.values()):
        return
    shuffled = table.take(pa.array(np.random.default_rng(seed).permutation(n)))
    one, two = (
        discover(each, names, classes=[1, 2], weight="w", seed=seed, **quickly())
        if len(set(map(tuple, rows))) > 3
        else discover(each, names, classes=1, weight="w", seed=seed, **quickly())
        for each in (table, shuffled)
    )
    assert one.to_json() == two.to_json()
    assert type(one).from_json(one.to_json()).assign(table).equals(one.assign(table))
