"""Numbers, money and dates in a few bands, so that they can be counted like codes.

The bands come from the values: tenths at both ends and fifths between, as everyone in the base has
them. Edges are rounded to two figures. That reads better, and an edge that is nobody's value gives
nobody away.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
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
class Ends:
    """The words of a band as part of a run: `low` to `high`; `head` if the run has no lower end, `tail` if no upper."""

    low: str
    high: str
    head: str
    tail: str


@dataclass(frozen=True, slots=True)
class Bands:
    """Neighbouring bands, from the lowest: each begins at an edge, the first has no lower end."""

    edges: tuple[float, ...]
    labels: tuple[str, ...]
    ends: tuple[Ends, ...] = ()  # none where bands have names of their own

    def sql(self, value: str) -> str:
        """SQL: the number of the band that holds a value, from 0; null where the value is."""
        cases = " ".join(
            f"WHEN {value} < {edge!r} THEN {place}" for place, edge in enumerate(self.edges)
        )
        return f"CAST(CASE WHEN {value} IS NULL THEN NULL {cases} ELSE {len(self.edges)} END AS TINYINT)"

    def label(self, key: str) -> str:
        """The label of a band or of a run of bands, by number: "2", "2-4"."""
        first, _, last = key.partition("-")
        low, high = int(first), int(last or first)
        if low == high:
            return self.labels[low]
        if not self.ends:
            run = self.labels[low : high + 1]
            return " or ".join([run[0], *(label[:1].lower() + label[1:] for label in run[1:])])
        if low == 0:
            return self.ends[high].head
        if high == len(self.labels) - 1:
            return self.ends[low].tail
        return f"{self.ends[low].low} to {self.ends[high].high}"


def age_bands() -> Bands:
    """Ages in completed years."""
    lows, highs = (0.0, *AGES), (*AGES, math.inf)
    ends = [
        Ends(f"{low:.0f}", f"{high - 1:.0f}", f"Under {high:.0f}", f"{low:.0f} or over")
        for low, high in zip(lows, highs, strict=True)
    ]
    middle = [f"{one.low} to {one.high}" for one in ends[1:-1]]
    return Bands(AGES, (ends[0].head, *middle, ends[-1].tail), tuple(ends))


def year_bands() -> Bands:
    """How long before as_of a date lies, in years; a negative number of years lies ahead."""
    words = ("Still to come", "In the last year", "1 to 2 years ago", "2 to 5 years ago", "5 to 10 years ago",
             "10 to 20 years ago", "20 years ago or more")  # fmt: skip
    return Bands(YEARS, words)


def bands_of(values: Sequence[float], *, unit: str = "", money: bool = False) -> Bands | None:
    """Bands for a number of which these are the values, or a fair sample of them. None: all are alike.

    Money is in pence. Nought is a band of its own where one in ten or more have it.
    """
    values = sorted(value for value in values if math.isfinite(value))
    if not values or values[0] == values[-1]:
        return None
    different = sorted(set(values))
    whole = all(value == int(value) for value in different)
    say: Callable[[float], str] = _pounds if money else lambda value: _say(value, unit)
    if whole and not money and len(different) <= FEW:
        return _each(different, say)
    edges = {_round(values[int(cut * (len(values) - 1))]) for cut in CUTS}
    if sum(value == 0 for value in values) >= 0.1 * len(values):
        edges |= {0.0, 1.0 if whole else 1e-9}
    found = tuple(sorted(edge for edge in edges if different[0] < edge <= different[-1]))
    return _between(found, different[0], say, money=money, whole=whole) if found else None


def _each(values: Sequence[float], say: Callable[[float], str]) -> Bands:
    """A band for each value. A value between two, should one come, falls into the band below."""
    afters = (*values[1:], math.inf)
    ends = tuple(
        Ends(_plain(value), say(value), f"Under {say(after)}", f"{say(value)} or more")
        for value, after in zip(values, afters, strict=True)
    )
    return Bands(tuple(values[1:]), tuple(say(value) for value in values), ends)


def _between(
    edges: Sequence[float],
    lowest: float,
    say: Callable[[float], str],
    *,
    money: bool,
    whole: bool,
) -> Bands:
    closed = whole and not money  # the upper end belongs to the band, as in "3 to 5 visits"
    ends, labels = [], []
    for low, high in pairwise((lowest, *edges, math.inf)):
        upper = say(high - 1) if closed else f"under {say(high)}"
        ends.append(
            Ends(
                say(low) if money else _plain(low),
                upper,
                f"Under {say(high)}",
                f"{say(low)} or more",
            )
        )
        alone = high - low < 1e-6 or (whole and high == low + 1)
        labels.append(say(low) if alone else f"{ends[-1].low} to {upper}")
    labels[0], labels[-1] = ends[0].head, ends[-1].tail
    if lowest == 0 and edges[0] <= 1:
        labels[0] = "Nothing" if money else "None"
    return Bands(tuple(edges), tuple(labels), tuple(ends))


def _round(value: float) -> float:
    """To two figures."""
    if value == 0:
        return 0.0
    return float(round(value, 1 - math.floor(math.log10(abs(value)))))


def _say(value: float, unit: str) -> str:
    text = _plain(value)
    if not unit or unit in ("share", "decile", "rank", "year", "points"):
        return text
    return f"{text} {_one(unit) if value == 1 else unit}"


def _one(unit: str) -> str:
    words = {"people": "person", "children": "child"}
    return words.get(unit, unit[:-1] if unit.endswith("s") else unit)


def _plain(value: float) -> str:
    if not math.isfinite(value):
        return "any"
    value = 0.0 if abs(value) < 1e-6 else value
    return f"{value:,.0f}" if abs(value - round(value)) < 1e-6 else f"{value:,.3g}"


def _pounds(pence: float) -> str:
    if not math.isfinite(pence):
        return "any"
    sign, pounds = "−" if pence < 0 else "", abs(pence) / 100
    return f"{sign}£{pounds:,.0f}" if pounds >= 1 or pounds == 0 else f"{sign}{abs(pence):.0f}p"
