"""How far a group is from everyone: the index, the standardised difference, the evidence, many at once."""

from __future__ import annotations

import math

import pytest

from rooftree.segments.persona.numbers import (
    Interval,
    adjusted,
    difference,
    evidence,
    index,
    standardised,
    wilson,
)


def test_the_index_of_a_group_that_is_part_of_the_base():
    # 120 of 800 inside, 380 of 7,200 outside: 15% against 6.25% of all 8,000.
    found = index(120, 800, 380, 7200)
    assert round(found.value, 1) == 240.0
    assert (round(found.low, 1), round(found.high, 1)) == (207.4, 277.7)


def test_the_interval_is_narrower_than_if_group_and_base_were_strangers():
    # A group that is most of its base cannot be far from it: half the base inside.
    found = index(2000, 4000, 1000, 4000)
    apart = math.sqrt(0.5 / 2000 + 0.625 / 3000)  # the delta method for two independent shares
    strangers = 2 * 1.96 * apart
    assert math.log(found.high / found.low) < 0.55 * strangers


def test_a_group_that_is_everybody_is_as_everyone_for_sure():
    assert index(30, 100, 0, 0) == Interval(100.0, 100.0, 100.0)


def test_nobody_inside_has_it():
    found = index(0, 200, 500, 800)
    assert (found.value, found.low) == (0.0, 0.0)
    assert found.high == pytest.approx(100 * wilson(0, 200).high / 0.5)


def test_nobody_outside_has_it():
    # Five times as usual is then the most there can be, and less is possible.
    found = index(50, 200, 0, 800)
    assert found.value == found.high == 500.0
    assert found.low == pytest.approx(100 * 0.25 / (0.2 * 0.25 + 0.8 * wilson(0, 800).high))


@pytest.mark.parametrize("counts", [(0, 100, 0, 900), (0, 0, 10, 900)])
def test_no_index_where_nobody_has_it_or_nobody_is_inside(counts):
    assert index(*counts) is None


def test_the_standardised_difference_does_not_grow_with_the_number_of_people():
    few, many = difference(60, 100, 200, 900), difference(6000, 10_000, 20_000, 90_000)
    assert few.value == pytest.approx(many.value)
    assert few.high - few.low > 5 * (many.high - many.low)


def test_the_bound_nearest_to_nought_ranks():
    assert Interval(0.5, 0.3, 0.7).clear == 0.3
    assert Interval(-0.5, -0.7, -0.3).clear == -0.3
    assert Interval(0.1, -0.1, 0.3).clear == 0.0


def test_two_shares_that_are_both_nought_or_all_do_not_differ():
    assert standardised(1.0, 1.0, variances=(0.0, 0.0)) == Interval(0.0, 0.0, 0.0)


def test_evidence_is_the_score_test_of_inside_against_outside():
    # 15% against 5.28%: z is 10.80 with the pooled share 6.25%.
    z = (0.15 - 380 / 7200) / math.sqrt(0.0625 * 0.9375 * (1 / 800 + 1 / 7200))
    assert evidence(120, 800, 380, 7200) == pytest.approx(math.erfc(z / math.sqrt(2)))
    assert evidence(10, 100, 90, 900) == 1.0
    assert evidence(0, 0, 90, 900) == 1.0


def test_benjamini_and_hochberg_s_own_example():
    given = [.0001, .0004, .0019, .0095, .0201, .0278, .0298, .0344, .0459, .3240, .4262, .5719,
             .6528, .7590, 1.0]  # fmt: skip
    found = adjusted(given)
    assert sum(one <= 0.05 for one in found) == 4
    assert found[3] == pytest.approx(0.035625)
    assert found == sorted(found)


def test_the_order_in_which_they_are_given_does_not_matter():
    given = [0.04, 0.001, 0.03, 0.9]
    assert adjusted(given[::-1])[::-1] == adjusted(given)
    assert adjusted([]) == []


@pytest.mark.parametrize(
    ("k", "n", "low", "high"),
    [(15, 120, 0.077234973, 0.196029402), (0, 50, 0.0, 0.0713), (1, 50, 0.0035, 0.1050)],
)
def test_wilson_s_interval(k, n, low, high):
    found = wilson(k, n)
    assert found.low == pytest.approx(low, abs=5e-5)
    assert found.high == pytest.approx(high, abs=5e-5)
