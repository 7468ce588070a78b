"""How far a share inside a group is from everyone's: index, standardised difference, evidence.

The group is part of the base, so the two shares are not independent. Treating them as if they were
gives intervals up to three times too wide. Everything here counts those inside and those outside
the group, who are different people, and says what follows for inside against everyone.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with the bounds of its confidence interval."""

    value: float
    low: float
    high: float

    @property
    def clear(self) -> float:
        """The bound that is nearest to nought; 0 where the interval holds nought."""
        if self.low > 0:
            return self.low
        return self.high if self.high < 0 else 0.0


def index(k_in: int, n_in: int, k_out: int, n_out: int, *, level: float = 0.95) -> Interval | None:
    """The share inside as a percentage of everyone's share: 100 is as usual, 200 twice as usual.

    `k_in` of the `n_in` inside have it, `k_out` of the `n_out` outside. The interval is the delta method
    on log(p1 / p0), p0 being the share of all, with the overlap taken into account. Where nobody inside
    has it the index is 0 and only its upper bound says something: it is that of the share inside
    (Wilson), over everyone's; where nobody outside has it, only the lower bound does, in the same way.
    None where nobody has it, or nobody is inside.
    """
    if n_in == 0 or k_in + k_out == 0:
        return None
    n = n_in + n_out
    p_all = (k_in + k_out) / n
    if k_in == 0:
        return Interval(0.0, 0.0, 100 * wilson(0, n_in, level=level).high / p_all)
    p_in, weight = k_in / n_in, n_in / n
    by_in = 1 / p_in - weight / p_all
    by_out = (1 - weight) / p_all
    squared = by_in**2 * variance(k_in, n_in) + by_out**2 * variance(k_out, n_out)
    value = 100 * p_in / p_all
    if k_out == 0 and n_out:
        most_out = wilson(0, n_out, level=level).high
        return Interval(value, 100 * p_in / (weight * p_in + (1 - weight) * most_out), value)
    factor = math.exp(_z(level) * math.sqrt(squared))
    return Interval(value, value / factor, value * factor)


def difference(k_in: int, n_in: int, k_out: int, n_out: int, *, level: float = 0.95) -> Interval:
    """The standardised difference between inside and everyone: the shares' difference over their spread.

    0.2 is small, 0.5 middling, 0.8 large. It does not grow with the number of people, nor because the
    thing is rare, so that it can rank attributes of any kind.
    """
    n = n_in + n_out
    if n == 0:
        return Interval(0.0, 0.0, 0.0)
    p_in = k_in / n_in if n_in else 0.0
    by_in, weight = variance(k_in, n_in), n_in / n
    by_all = weight**2 * by_in + (1 - weight) ** 2 * variance(k_out, n_out)
    return standardised(
        p_in, (k_in + k_out) / n, variances=(by_in, by_all), covariance=weight * by_in, level=level
    )


def standardised(
    one: float,
    other: float,
    *,
    variances: tuple[float, float],
    covariance: float = 0.0,
    level: float = 0.95,
) -> Interval:
    """The difference of two shares over their common spread, by the delta method.

    `variances` and `covariance` are those of the two shares as estimates. The spread moves with the
    shares, and the interval allows for it.
    """
    apart = one - other
    spread = math.sqrt((one * (1 - one) + other * (1 - other)) / 2)
    if spread == 0:
        # Both are nought or all: no difference, or one that no spread can measure.
        return Interval(apart, 0.0, 0.0)
    bend = apart / (4 * spread**3)
    first = 1 / spread - bend * (1 - 2 * one)
    second = -1 / spread - bend * (1 - 2 * other)
    squared = first**2 * variances[0] + second**2 * variances[1] + 2 * first * second * covariance
    reach = _z(level) * math.sqrt(max(squared, 0.0))
    return Interval(apart / spread, apart / spread - reach, apart / spread + reach)


def evidence(k_in: int, n_in: int, k_out: int, n_out: int) -> float:
    """The two-sided probability of so large a difference if inside were as outside (score test).

    Inside being as everyone and inside being as outside are one and the same claim.
    """
    n = n_in + n_out
    if n_in == 0 or n_out == 0:
        return 1.0
    pooled = (k_in + k_out) / n
    spread = pooled * (1 - pooled) * (1 / n_in + 1 / n_out)
    if spread == 0:
        return 1.0
    z = (k_in / n_in - k_out / n_out) / math.sqrt(spread)
    return math.erfc(abs(z) / math.sqrt(2))


def adjusted(probabilities: Sequence[float]) -> list[float]:
    """Benjamini and Hochberg's adjusted probabilities: at or under q, the expected share of false finds is q."""
    many = len(probabilities)
    order = sorted(range(many), key=lambda place: probabilities[place])
    found = [1.0] * many
    least = 1.0
    for rank in range(many, 0, -1):
        place = order[rank - 1]
        least = min(least, probabilities[place] * many / rank)
        found[place] = least
    return found


def wilson(k: int, n: int, *, level: float = 0.95) -> Interval:
    """A share with Wilson's interval, which is right near 0 and 1 too."""
    z = _z(level)
    share = k / n
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    reach = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return Interval(share, max(0.0, middle - reach), min(1.0, middle + reach))


def variance(k: int, n: int) -> float:
    """The variance of the share k of n, as an estimate."""
    return k * (n - k) / n**3 if n else 0.0


def _z(level: float) -> float:
    return NormalDist().inv_cdf(0.5 + level / 2)
