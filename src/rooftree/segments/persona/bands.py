"""Numbers, money and dates in a few bands, so that they can be counted like codes.

The bands come from the values: tenths at both ends and fifths between, as everyone in the base has
them. Edges are rounded to two figures. That reads better, and an edge that is nobody's value gives
nobody away.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

#: Cut points, as shares of everyone.
CUTS = (0.1, 0.2, 0.4, 0.6, 0.8, 0.9)
#: A number with no more different values than this has a band for each.
FEW = 8
AGES = (16.0, 25.0, 35.0, 45.0, 55.0, 65.0, 75.0, 85.0)
#: Years before as_of.
YEARS = (0.0, 1.0, 2.0, 5.0, 10.0, 20.0)


@dataclass(frozen=True, slots=True)
class Bands:
    """Neighbouring bands, from the lowest: each begins at an edge, the first has no lower end."""

    edges: tuple[float, ...]
    labels: tuple[str, ...]

    def sql(self, value: str) -> str:
        """SQL: the number of the band that holds a value, from 0; null where the value is."""
        cases = " ".join(
            f"WHEN {value} < {edge!r} THEN {place}" for place, edge in enumerate(self.edges)
        )
        return f"CAST(CASE WHEN {value} IS NULL THEN NULL {cases} ELSE {len(self.edges)} END AS TINYINT)"


def age_bands() -> Bands:
    """Ages in completed years."""
    lows = (0.0, *AGES)
    labels = [f"{int(a)} to {int(b) - 1}" for a, b in zip(lows, AGES, strict=False)]
    return Bands(AGES, ("Under 16", *labels[1:], f"{int(AGES[-1])} or over"))


def year_bands() -> Bands:
    """How long before as_of a date lies, in years; a negative number of years lies ahead."""
    words = ("Still to come", "In the last year", "1 to 2 years ago", "2 to 5 years ago", "5 to 10 years ago",
             "10 to 20 years ago", "20 years ago or more")  # fmt: skip
    return Bands(YEARS, words)


def bands_of(values: Sequence[float], *, unit: str = "", money: bool = False) -> Bands | None:
    """Bands for a number of which these are the values, or a fair sample of them. None: all are alike.

    Money is in pence. A value that one in ten or more have, such as nought, is a band of its own.
    """
    values = sorted(value for value in values if math.isfinite(value))
    if not values or values[0] == values[-1]:
        return None
    different = sorted(set(values))
    whole = all(value == int(value) for value in different)
    if whole and not money and len(different) <= FEW:
        return _each(different, unit)
    edges = {_round(values[int(cut * (len(values) - 1))]) for cut in CUTS}
    for value in _common(values):
        edges |= {value, _next(value, whole=whole)}
    found = tuple(sorted(edge for edge in edges if different[0] < edge <= different[-1]))
    if not found:
        return None
    return Bands(found, _labels(found, different[0], unit=unit, money=money, whole=whole))


def _each(values: Sequence[float], unit: str) -> Bands:
    edges = tuple(values[1:])
    words = [_say(value, unit) for value in values]
    # Numbers that are not neighbours leave no gap: a value between would fall into the band below.
    return Bands(edges, tuple(words))


def _common(values: Sequence[float]) -> list[float]:
    if not any(value == 0 for value in values):
        return []
    share = sum(value == 0 for value in values) / len(values)
    return [0.0] if share >= 0.1 else []


def _next(value: float, *, whole: bool) -> float:
    return value + 1 if whole else value + 1e-9


def _round(value: float) -> float:
    if value == 0:
        return 0.0
    figures = 1 - math.floor(math.log10(abs(value)))
    return float(round(value, max(figures, 0)) if figures >= 0 else round(value, figures))


def _labels(
    edges: Sequence[float], lowest: float, *, unit: str, money: bool, whole: bool
) -> tuple[str, ...]:
    def say(value: float) -> str:
        return _pounds(value) if money else _say(value, unit)

    labels = [f"Under {say(edges[0])}"]
    if lowest == 0 and edges[0] <= 1:
        labels = ["Nothing" if money else "None"]
    for low, high in pairwise(edges):
        alone = high - low < 1e-6 or (whole and high == low + 1)
        if alone:
            labels.append(say(low))
        elif whole and not money:
            labels.append(f"{_plain(low)} to {say(high - 1)}")
        else:
            labels.append(f"{_pounds(low) if money else _plain(low)} to under {say(high)}")
    return (*labels, f"{say(edges[-1])} or more")


def _say(value: float, unit: str) -> str:
    text = _plain(value)
    if not unit or unit in ("share", "decile", "rank", "year", "points"):
        return text
    return f"{text} {_one(unit) if value == 1 else unit}"


def _one(unit: str) -> str:
    words = {"people": "person", "children": "child", "storeys": "storey", "uses": "use"}
    return words.get(unit, unit[:-1] if unit.endswith("s") else unit)


def _plain(value: float) -> str:
    value = 0.0 if abs(value) < 1e-6 else value
    return f"{value:,.0f}" if abs(value - round(value)) < 1e-6 else f"{value:,.3g}"


def _pounds(pence: float) -> str:
    sign = "−" if pence < 0 else ""
    pounds = abs(pence) / 100
    # A penny over nought is where owing begins; nobody says so.
    return f"{sign}£{pounds:,.0f}" if pounds >= 1 or pounds == 0 else f"{sign}{abs(pence):.0f}p"
