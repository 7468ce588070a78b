"""Intervals, many comparisons, power: the published cases."""

from __future__ import annotations

import pytest

from rooftree.statistics import multiplicity, power, proportions
from rooftree.vocabulary.errors import UserError

# successes, answers, Wilson, Clopper-Pearson (R's prop.test without correction, binom.test)
ONE_PROPORTION = [
    (15, 120, (0.077234973, 0.196029402), (0.071679677, 0.197776410)),
    (0, 50, (0.0, 0.0713), (0.0, 0.0711)),
    (1, 50, (0.0035, 0.1050), (0.0005, 0.1065)),
    (3, 100, (0.0103, 0.0845), (0.0062, 0.0852)),
    (12, 400, (0.0172, 0.0517), (0.0156, 0.0518)),
    (50, 50, (0.9287, 1.0), (0.9289, 1.0)),
]


@pytest.mark.parametrize(("x", "n", "score", "exact"), ONE_PROPORTION)
def test_a_proportion_is_told_with_what_it_may_be(x, n, score, exact):
    places = 1e-9 if n == 120 else 6e-5
    wilson, clopper = proportions.wilson(x, n), proportions.clopper_pearson(x, n)
    assert (wilson.low, wilson.high) == pytest.approx(score, abs=places)
    assert (clopper.low, clopper.high) == pytest.approx(exact, abs=places)
    assert wilson.low <= wilson.estimate <= wilson.high


# The six tables of Newcombe 1998: successes and answers of two groups, Newcombe, Miettinen-Nurminen.
TWO_PROPORTIONS = [
    ((56, 70, 48, 80), (0.0524, 0.3339), (0.0528, 0.3382)),
    ((9, 10, 3, 10), (0.1705, 0.8090), (0.1700, 0.8406)),
    ((6, 7, 2, 7), (0.0582, 0.8062), (0.0342, 0.8534)),
    ((5, 56, 0, 29), (-0.0381, 0.1926), (-0.0326, 0.1933)),
    ((0, 10, 0, 20), (-0.1611, 0.2775), (-0.1658, 0.2844)),
    ((10, 10, 0, 20), (0.6791, 1.0), (0.7156, 1.0)),
]


@pytest.mark.parametrize(("table", "newcombe", "score"), TWO_PROPORTIONS)
def test_a_difference_of_proportions(table, newcombe, score):
    first = proportions.newcombe(*table)
    second = proportions.miettinen_nurminen(*table)
    assert (first.low, first.high) == pytest.approx(newcombe, abs=5.1e-5)
    assert (second.low, second.high) == pytest.approx(score, abs=5.1e-5)


@pytest.mark.parametrize("table", [case[0] for case in TWO_PROPORTIONS])
@pytest.mark.parametrize(
    "method",
    [proportions.newcombe, proportions.miettinen_nurminen, proportions.agresti_caffo],
    ids=lambda method: method.__name__,
)
def test_a_difference_turned_round_has_its_bounds_turned_round(table, method):
    there, back = method(*table), method(*table[2:], *table[:2])
    assert (back.low, back.high) == pytest.approx((-there.high, -there.low), abs=1e-9)


def test_a_campaign_of_a_thousand_in_each_arm():
    newcombe = proportions.newcombe(150, 1000, 120, 1000)
    caffo = proportions.agresti_caffo(150, 1000, 120, 1000)
    assert (newcombe.low, newcombe.high) == pytest.approx((0.0000138, 0.0600083), abs=1e-7)
    assert (caffo.low, caffo.high) == pytest.approx((-0.0000221, 0.0599024), abs=1e-7)


@pytest.mark.parametrize(("x", "n"), [(3, 0), (5, 4), (-1, 10), (1, -3)])
def test_what_is_no_proportion_is_refused(x, n):
    for method in (proportions.wilson, proportions.clopper_pearson):
        with pytest.raises(UserError, match="no proportion"):
            method(x, n)


#: Benjamini and Hochberg 1995, their example.
P_VALUES = (
    0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344,
    0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0,
)  # fmt: skip


def test_of_fifteen_comparisons_four_stand():
    adjusted = multiplicity.benjamini_hochberg(P_VALUES)
    assert (adjusted <= 0.05).sum() == 4
    assert adjusted[3] == pytest.approx(0.035625)
    assert (multiplicity.holm(P_VALUES) <= 0.05).sum() == 3
    assert (multiplicity.bonferroni(P_VALUES) <= 0.05).sum() == 3


def test_adjusted_values_stay_with_their_comparison_whatever_the_order():
    turned = multiplicity.benjamini_hochberg(P_VALUES[::-1])
    assert list(turned[::-1]) == list(multiplicity.benjamini_hochberg(P_VALUES))
    assert list(multiplicity.holm(P_VALUES[::-1])[::-1]) == list(multiplicity.holm(P_VALUES))


def test_a_comparison_that_could_not_be_made_is_no_p_value():
    with pytest.raises(UserError, match="Leave out the comparisons"):
        multiplicity.holm([0.01, float("nan")])


# R: power.prop.test and pwr.2p.test
def test_how_many_are_needed_to_see_a_difference():
    assert power.size_of_difference(0.5, 0.75, power=0.9) == pytest.approx(76.70693, abs=1e-5)
    assert power.size_of_difference(0.10, 0.12) == pytest.approx(3840.8475, abs=1e-4)


def test_what_can_be_seen_with_those_there_are():
    assert power.power_of_difference(0.5, 0.75, 50) == pytest.approx(0.7401659, abs=1e-7)
    assert power.power_of_effect(0.3, 80, two_sided=False) == pytest.approx(0.5996777, abs=1e-7)
    gap = power.detectable_difference(0.5, 50, power=0.7401659)
    assert gap == pytest.approx(0.25, abs=1e-6)
    assert power.detectable_difference(0.95, 20) is None


@pytest.mark.parametrize("ratio", [0.5, 1.0, 3.0])
def test_size_and_power_are_two_sides_of_one_thing(ratio):
    n = power.size_of_difference(0.62, 0.7, power=0.8, ratio=ratio)
    assert power.power_of_difference(0.62, 0.7, n, ratio=ratio) == pytest.approx(0.8)


def test_a_margin_and_the_answers_it_needs():
    assert power.size_of_margin(0.04, z=1.96) == pytest.approx(600.25)
    assert power.margin_of_size(600.25) == pytest.approx(0.04, abs=1e-6)
    assert power.margin_of_size(1000, population=1000) == 0
