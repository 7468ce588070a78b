"""Intervals for proportions and for differences of two proportions.

Wald intervals are not here on purpose: for 0 of 50 they say "exactly none".
Sources: Wilson 1927; Clopper and Pearson 1934; Miettinen and Nurminen 1985; Newcombe 1998; Agresti and
Caffo 2000; Korn and Graubard 1998 for samples with a design.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import numpy as np
from scipy import optimize, stats

from rooftree.vocabulary.errors import UserError


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with the bounds that go with it. Shares, between 0 and 1; differences, between -1 and 1."""

    estimate: float
    low: float
    high: float
    level: float
    method: str


def z_value(level: float) -> float:
    """The two-sided standard normal quantile of a confidence level: 1.96 for 0.95."""
    if not 0 < level < 1:
        raise UserError(f"A level of {level:g} is no confidence level. Use a share such as 0.95.")
    return float(stats.norm.ppf(0.5 + level / 2))


def wilson(successes: float, n: float, *, level: float = 0.95) -> Interval:
    """The score interval of a proportion. `n` may be an effective sample size, so need not be whole."""
    _check_counts(successes, n)
    low, high = wilson_bounds(successes / n, n, z=z_value(level))
    return Interval(successes / n, float(low), float(high), level, "wilson")


def wilson_bounds(
    share: float | np.ndarray, n: float | np.ndarray, *, z: float | np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Wilson's bounds for many shares at once; `z` is the quantile, of t where that is wanted."""
    share, n = np.asarray(share, float), np.asarray(n, float)
    shrunk = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * np.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    # At 0 and 1 the formula is exact on paper and off by a rounding error in floating point.
    low = np.where(share <= 0, 0.0, np.clip(shrunk - half, 0, 1))
    return low, np.where(share >= 1, 1.0, np.clip(shrunk + half, 0, 1))


def clopper_pearson(successes: float, n: float, *, level: float = 0.95) -> Interval:
    """The exact interval of a proportion: never covers too little, often too much.

    With an effective sample size and effective successes this is the interval of Korn and Graubard.
    """
    _check_counts(successes, n)
    tail = (1 - level) / 2
    failures = n - successes
    low = 0.0 if successes <= 0 else float(stats.beta.ppf(tail, successes, failures + 1))
    high = 1.0 if failures <= 0 else float(stats.beta.ppf(1 - tail, successes + 1, failures))
    return Interval(successes / n, low, high, level, "clopper_pearson")


def agresti_caffo(x1: float, n1: float, x2: float, n2: float, *, level: float = 0.95) -> Interval:
    """First share minus second, with one success and one failure added to each group."""
    difference = _difference(x1, n1, x2, n2)
    p1, p2 = (x1 + 1) / (n1 + 2), (x2 + 1) / (n2 + 2)
    half = z_value(level) * math.sqrt(p1 * (1 - p1) / (n1 + 2) + p2 * (1 - p2) / (n2 + 2))
    low, high = max(p1 - p2 - half, -1.0), min(p1 - p2 + half, 1.0)
    return Interval(difference, low, high, level, "agresti_caffo")


def newcombe(x1: float, n1: float, x2: float, n2: float, *, level: float = 0.95) -> Interval:
    """First share minus second, from the two Wilson intervals (Newcombe's method 10)."""
    _difference(x1, n1, x2, n2)
    return combined(wilson(x1, n1, level=level), wilson(x2, n2, level=level))


def combined(first: Interval, second: Interval) -> Interval:
    """The difference of two independent estimates from their own intervals (MOVER; Newcombe 1998).

    Serves estimates of a survey too, whose intervals know of weights and design.
    """
    difference = first.estimate - second.estimate
    down = math.hypot(first.estimate - first.low, second.high - second.estimate)
    up = math.hypot(first.high - first.estimate, second.estimate - second.low)
    low, high = max(difference - down, -1.0), min(difference + up, 1.0)
    return Interval(difference, low, high, first.level, "newcombe")


def miettinen_nurminen(
    x1: float, n1: float, x2: float, n2: float, *, level: float = 0.95
) -> Interval:
    """First share minus second, by the score test turned round.

    At each difference the shares are the most likely ones that differ by it (a root of a cubic, in
    closed form), and the variance carries N / (N - 1). The bounds are where the score reaches the
    quantile.
    """
    difference = _difference(x1, n1, x2, n2)
    z = z_value(level)

    def score(delta: float) -> float:
        return _score(x1, n1, x2, n2, delta)

    edge = 1 - 1e-12
    low = -1.0 if score(-edge) <= z else _root(lambda d: score(d) - z, -edge, difference)
    high = 1.0 if score(edge) >= -z else _root(lambda d: score(d) + z, difference, edge)
    return Interval(difference, low, high, level, "miettinen_nurminen")


def _root(function: Callable[[float], float], low: float, high: float) -> float:
    return cast(float, optimize.brentq(function, low, high, xtol=1e-13))


def _score(x1: float, n1: float, x2: float, n2: float, delta: float) -> float:
    gap = x1 / n1 - x2 / n2 - delta
    p2 = _restricted(x1, n1, x2, n2, delta)
    p1 = min(max(p2 + delta, 0.0), 1.0)
    total = n1 + n2
    variance = (p1 * (1 - p1) / n1 + p2 * (1 - p2) / n2) * total / (total - 1)
    if variance <= 0:
        return 0.0 if gap == 0 else math.copysign(math.inf, gap)
    # An infinite score has no place in a search for a root: a very large one says the same.
    return max(min(gap / math.sqrt(variance), 1e9), -1e9)


def _restricted(x1: float, n1: float, x2: float, n2: float, delta: float) -> float:
    """The most likely second share, given that the first is `delta` more: the middle root of a cubic."""
    a = x1 - n1 * delta
    l3 = n1 + n2
    l2 = -n1 - a - x2 - n2 * (1 - 2 * delta)
    l1 = a + x2 * (1 - 2 * delta) - n2 * delta * (1 - delta)
    l0 = x2 * delta * (1 - delta)
    q = l2**3 / (27 * l3**3) - l1 * l2 / (6 * l3**2) + l0 / (2 * l3)
    u = math.copysign(math.sqrt(max(l2**2 / (9 * l3**2) - l1 / (3 * l3), 0.0)), q)
    angle = math.acos(min(max(q / u**3, -1.0), 1.0)) if u**3 != 0 else math.pi / 2
    p2 = 2 * u * math.cos((math.pi + angle) / 3) - l2 / (3 * l3)
    return min(max(p2, 0.0, -delta), 1.0, 1.0 - delta)


def _difference(x1: float, n1: float, x2: float, n2: float) -> float:
    _check_counts(x1, n1)
    _check_counts(x2, n2)
    return x1 / n1 - x2 / n2


def _check_counts(successes: float, n: float) -> None:
    if not (n > 0 and 0 <= successes <= n):
        raise UserError(
            f"{successes:g} of {n:g} is no proportion: the first number must lie between 0 and the "
            "second, and the second must be more than 0. Leave out groups that nobody is in."
        )
