"""This year against last: whether a difference is one.

A difference is told with its interval. Whether it is more than chance is judged over all comparisons
made together, so that twelve measures in ten areas do not bring six findings by accident.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from scipy import stats

from rooftree.statistics.multiplicity import benjamini_hochberg
from rooftree.statistics.proportions import Interval, combined, z_value
from rooftree.survey.tables import as_table, check_columns
from rooftree.vocabulary.errors import DataError, Problem

#: A difference of so many standard errors is seen four times in five: 1.96 + 0.84.
SEEN = 2.8

HIGHER, LOWER, NONE = "higher", "lower", "no difference shown"


@dataclass(frozen=True, slots=True)
class Comparison:
    """What changed.

    `table`: the columns compared on, `this`, `last`, `difference` (this less last), `low`, `high`,
    `p_value`, `p_adjusted` (over the whole family, Benjamini-Hochberg), `verdict` (higher, lower, no
    difference shown), `would_be_seen` (the smallest difference seen four times in five) and
    `sentence`. `unmatched` names what stands in one year only.
    """

    table: pa.Table
    unmatched: tuple[str, ...]
    level: float


def compare_years(
    this: Any,
    last: Any,
    *,
    on: Sequence[str] = ("variable",),
    than: str = "last year",
    level: float = 0.95,
) -> Comparison:
    """Compare shares of two independent surveys, line by line.

    this, last: tables with the columns of `on`, `estimate`, `low`, `high` and, where there is one,
        `standard_error` (as `estimate` and `perception.measures` give them, so that weights and
        design count). Where the same people were asked twice the surveys are not independent, and
        the intervals are too wide.
    on: what makes a line: ("variable",), ("area", "variable").
    than: what the sentences call the second survey.
    The family of comparisons is all lines together: decide on them before looking.
    """
    mine, theirs = _lines(this, on, "this"), _lines(last, on, "last")
    both = [key for key in mine if key in theirs]
    apart = sorted(" / ".join(key) for key in mine.keys() ^ theirs.keys())
    if not both:
        what = f"no line is in both years by {', '.join(on)}."
        raise DataError([Problem("comparison", what, "Compare tables made in the same way.")])
    z = z_value(level)
    pairs = [(_interval(mine[key], level), _interval(theirs[key], level)) for key in both]
    gaps = [combined(first, second) for first, second in pairs]
    errors = np.array([np.hypot(_error(mine[k], z), _error(theirs[k], z)) for k in both])
    differences = np.array([gap.estimate for gap in gaps])
    with np.errstate(divide="ignore", invalid="ignore"):
        scores = np.where(
            errors > 0, np.abs(differences) / errors, np.where(differences != 0, np.inf, 0)
        )
    p_values = 2 * stats.norm.sf(scores)
    adjusted = benjamini_hochberg(p_values)
    rows = []
    for place, key in enumerate(both):
        first, second = pairs[place]
        verdict = _verdict(differences[place], adjusted[place], level)
        seen = SEEN * float(errors[place])
        row: dict[str, Any] = dict(zip(on, key, strict=True))
        row |= {
            "this": first.estimate, "last": second.estimate, "difference": gaps[place].estimate,
            "low": gaps[place].low, "high": gaps[place].high, "p_value": float(p_values[place]),
            "p_adjusted": float(adjusted[place]), "verdict": verdict, "would_be_seen": seen,
            "sentence": _sentence(key, gaps[place], verdict, seen, than),
        }  # fmt: skip
        rows.append(row)
    return Comparison(pa.Table.from_pylist(rows), tuple(apart), level)


def _lines(data: Any, on: Sequence[str], where: str) -> dict[tuple[str, ...], dict[str, Any]]:
    table = as_table(data)
    check_columns(table, [*on, "estimate", "low", "high"], where=where)
    found: dict[tuple[str, ...], dict[str, Any]] = {}
    for row in table.to_pylist():
        key = tuple(str(row[name]) for name in on)
        if key in found:
            what = f"{' / '.join(key)} stands twice."
            raise DataError([Problem(where, what, "Add the column that tells them apart to `on`.")])
        if row["low"] is None or row["high"] is None or row["estimate"] is None:
            what = f"{' / '.join(key)} has no interval."
            raise DataError([Problem(where, what, "It stands on too few units: join groups.")])
        found[key] = row
    return found


def _interval(row: dict[str, Any], level: float) -> Interval:
    return Interval(row["estimate"], row["low"], row["high"], level, "given")


def _error(row: dict[str, Any], z: float) -> float:
    """The standard error; where it is nothing, because all agree, half of the interval tells more."""
    given = row.get("standard_error")
    return given if given else (row["high"] - row["low"]) / (2 * z)


def _verdict(difference: float, adjusted: float, level: float) -> str:
    if adjusted > 1 - level or difference == 0:
        return NONE
    return HIGHER if difference > 0 else LOWER


def _sentence(key: tuple[str, ...], gap: Interval, verdict: str, seen: float, than: str) -> str:
    points = (
        f"{100 * gap.estimate:+.1f} points, between {100 * gap.low:+.1f} and {100 * gap.high:+.1f}"
    )
    name = " / ".join(key)
    if verdict == NONE:
        return (
            f"{name}: no difference can be shown ({points}). A difference under "
            f"{100 * seen:.1f} points would mostly go unseen."
        )
    return f"{name}: {verdict} than {than} ({points})."
