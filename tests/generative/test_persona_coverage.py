"""Intervals hold the truth as often as they say, and chance is seldom taken for a finding."""

from __future__ import annotations

import os

import numpy as np
import pytest

from rooftree.segments.persona.numbers import adjusted, difference, evidence, index

DRAWS = 20_000 if os.environ.get("ROOFTREE_FUZZ") else 4_000
#: People inside and outside, and the true shares.
DESIGNS = [
    (800, 7200, 0.15, 0.05),
    (300, 700, 0.4, 0.3),
    (2000, 1000, 0.10, 0.12),
    (150, 9850, 0.5, 0.2),
]


@pytest.mark.slow
@pytest.mark.parametrize("design", DESIGNS, ids=str)
def test_nineteen_in_twenty_intervals_of_the_index_hold_the_truth(design):
    n_in, n_out, p_in, p_out = design
    random = np.random.default_rng(20261126)
    inside, outside = random.binomial(n_in, p_in, DRAWS), random.binomial(n_out, p_out, DRAWS)
    truth = 100 * p_in / ((n_in * p_in + n_out * p_out) / (n_in + n_out))
    found = [index(int(a), n_in, int(b), n_out) for a, b in zip(inside, outside, strict=True)]
    held = np.mean([one.low <= truth <= one.high for one in found])
    assert 0.94 <= held <= 0.97


@pytest.mark.slow
@pytest.mark.parametrize("design", DESIGNS, ids=str)
def test_nineteen_in_twenty_intervals_of_the_difference_hold_the_truth(design):
    n_in, n_out, p_in, p_out = design
    random = np.random.default_rng(7)
    inside, outside = random.binomial(n_in, p_in, DRAWS), random.binomial(n_out, p_out, DRAWS)
    p_all = (n_in * p_in + n_out * p_out) / (n_in + n_out)
    truth = (p_in - p_all) / np.sqrt((p_in * (1 - p_in) + p_all * (1 - p_all)) / 2)
    found = [difference(int(a), n_in, int(b), n_out) for a, b in zip(inside, outside, strict=True)]
    held = np.mean([one.low <= truth <= one.high for one in found])
    assert 0.94 <= held <= 0.97


def test_where_nothing_differs_hardly_anything_is_found():
    """Of 200 attributes alike in 100 worlds: a world with any find at all comes one time in twenty."""
    random = np.random.default_rng(3)
    worlds = 0
    for _ in range(100):
        inside, outside = random.binomial(500, 0.3, 200), random.binomial(4500, 0.3, 200)
        found = [evidence(int(a), 500, int(b), 4500) for a, b in zip(inside, outside, strict=True)]
        worlds += any(one <= 0.05 for one in adjusted(found))
    assert worlds <= 12
