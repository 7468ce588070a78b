"""How many are needed, and what can be seen with those there are.

Two proportions use the variance under "no difference" for the test and the real one for the power, as
R's power.prop.test does (Fleiss, Levin and Paik 2003). Sizes are not rounded: round up at the end.
"""

from __future__ import annotations

import math
from typing import cast

from scipy import optimize, stats

from rooftree.statistics.proportions import z_value
from rooftree.vocabulary.errors import UserError


def power_of_difference(
    p1: float, p2: float, n: float, *, ratio: float = 1.0, level: float = 0.95
) -> float:
    """The chance that a two-sided test sees p1 against p2 with `n` in the first group.

    `ratio` is the size of the second group over that of the first.
    """
    _check_shares(p1, p2)
    if not (n > 0 and ratio > 0):
        raise UserError("The size of a group and the ratio of sizes must be more than 0.")
    pooled = (p1 + ratio * p2) / (1 + ratio)
    sd_none = math.sqrt(pooled * (1 - pooled) * (1 + 1 / ratio))
    sd_real = math.sqrt(p1 * (1 - p1) + p2 * (1 - p2) / ratio)
    gap = math.sqrt(n) * abs(p1 - p2) - z_value(level) * sd_none
    return float(stats.norm.cdf(gap / sd_real)) if sd_real > 0 else float(gap > 0)


def size_of_difference(
    p1: float, p2: float, *, power: float = 0.8, ratio: float = 1.0, level: float = 0.95
) -> float:
    """How many in the first group to see p1 against p2 with this power."""
    _check_shares(p1, p2)
    if p1 == p2 or not 0 < power < 1:
        raise UserError("Give two different shares, and a power between 0 and 1 such as 0.8.")
    pooled = (p1 + ratio * p2) / (1 + ratio)
    sd_none = math.sqrt(pooled * (1 - pooled) * (1 + 1 / ratio))
    sd_real = math.sqrt(p1 * (1 - p1) + p2 * (1 - p2) / ratio)
    wanted = z_value(level) * sd_none + float(stats.norm.ppf(power)) * sd_real
    return (wanted / (p1 - p2)) ** 2


def detectable_difference(
    p1: float, n: float, *, power: float = 0.8, ratio: float = 1.0, level: float = 0.95
) -> float | None:
    """The smallest rise above p1 that is seen with this power; None where no rise would be."""
    _check_shares(p1, p1)

    def short(p2: float) -> float:
        return power_of_difference(p1, p2, n, ratio=ratio, level=level) - power

    top = 1 - 1e-9
    if p1 >= top or short(top) < 0:
        return None
    return cast(float, optimize.brentq(short, p1, top)) - p1


def power_of_effect(h: float, n: float, *, two_sided: bool = True, level: float = 0.95) -> float:
    """The power for Cohen's effect size h (difference of arcsines) with `n` in each group."""
    shift = abs(h) * math.sqrt(n / 2)
    if not two_sided:
        return float(stats.norm.cdf(shift - stats.norm.ppf(level)))
    z = z_value(level)
    return float(stats.norm.cdf(shift - z) + stats.norm.cdf(-shift - z))


def effect_size(p1: float, p2: float) -> float:
    """Cohen's h of two shares."""
    _check_shares(p1, p2)
    return 2 * math.asin(math.sqrt(p1)) - 2 * math.asin(math.sqrt(p2))


def size_of_margin(
    margin: float,
    *,
    population: float | None = None,
    expected: float = 0.5,
    z: float | None = None,
    level: float = 0.95,
    design_effect: float = 1.0,
) -> float:
    """How many answers give a share to within plus or minus `margin`.

    `expected` is the share thought likely; 0.5 asks for most and is safe. `population` takes off what a
    small one allows: n0 / (1 + n0 / N). `z` overrides the quantile of `level`, for rules that write 1.96.
    """
    if not (0 < margin < 1 and 0 < expected < 1 and design_effect > 0):
        raise UserError("Margin and expected share lie between 0 and 1, such as 0.04 and 0.5.")
    quantile = z_value(level) if z is None else z
    endless = quantile**2 * expected * (1 - expected) / margin**2 * design_effect
    return endless if population is None else endless / (1 + endless / population)


def margin_of_size(
    n: float, *, population: float | None = None, expected: float = 0.5, level: float = 0.95
) -> float:
    """Plus or minus how much a share is known from `n` answers of `population`; 0 for a full census."""
    if n <= 0 or (population is not None and n > population):
        raise UserError("The number of answers must be more than 0 and at most the population.")
    left = 1.0
    if population is not None:
        left = (population - n) / (population - 1) if population > 1 else 0.0
    return z_value(level) * math.sqrt(expected * (1 - expected) / n * left)


def _check_shares(*shares: float) -> None:
    if not all(0 <= share <= 1 for share in shares):
        raise UserError("A share lies between 0 and 1: write 0.12 for 12%.")
