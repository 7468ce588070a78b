"""Is what we hold right? A random sample of records is verified, and the share that is right is told.

Intervals are Wilson's: 0 wrong of 50 checked means that up to 7 in a hundred may be.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import pyarrow as pa
from scipy import stats

from rooftree.catalogue.fields import did_you_mean
from rooftree.statistics.multiplicity import benjamini_hochberg
from rooftree.statistics.power import size_of_margin
from rooftree.statistics.proportions import wilson
from rooftree.survey.estimate import estimate
from rooftree.survey.sampling import Drawn, draw
from rooftree.survey.tables import as_table, check_columns
from rooftree.vocabulary.errors import DataError, Problem

#: What verifying a value may find. `cannot_tell` is counted and is neither right nor wrong.
RESULTS = ("right", "wrong", "cannot_tell")

#: Fewer checks than this say too little about a source or a method to rank it.
FEWEST = 20

#: Ages of a value, in months: up to the first, up to the second, and so on.
AGES = (6, 12, 24, 36)

#: A month on average, in days.
_MONTH = 30.4375


@dataclass(frozen=True, slots=True)
class Accuracy:
    """What verification found.

    `attributes`: attribute, `share_right`, `low`, `high`, n (right or wrong), n_right, n_wrong,
    n_cannot_tell. `worst`: kind (source, method, age), value, `share_wrong`, `low`, `high`, n, n_wrong,
    `p_adjusted` (against all others, over the whole list) and `stands_out`; those wrong most often
    first. `too_few` lists what had fewer than `fewest` checks and is not ranked.
    """

    attributes: pa.Table
    worst: pa.Table
    too_few: pa.Table
    fewest: int
    level: float


def plan(
    records: Any,
    *,
    key: str,
    margin: float,
    seed: str | int,
    strata: str | None = None,
    expected: float = 0.5,
    level: float = 0.95,
    excluded: str | None = None,
    minimum: int = 1,
) -> Drawn:
    """Draw the records to verify, so many that accuracy comes out to plus or minus `margin`.

    `expected` is the share thought to be right; 0.5 asks for most and is safe. Strata (source, age of
    the value) get their share, and at least `minimum` each.
    """
    table = as_table(records)
    check_columns(table, [key], where="records")
    reasons = table[excluded].to_pylist() if excluded else [None] * table.num_rows
    eligible = sum(not reason for reason in reasons)
    if not eligible:
        raise DataError([Problem("records", "there is none to verify.", "Look at the exclusions.")])
    n = math.ceil(
        size_of_margin(margin, population=eligible, expected=expected, level=level) - 1e-9
    )
    return draw(
        table, key=key, n=min(n, eligible), seed=seed, strata=strata, excluded=excluded,
        minimum=minimum,
    )  # fmt: skip


def accuracy(
    checks: Any,
    *,
    attribute: str = "attribute",
    result: str = "result",
    source: str | None = "source",
    method: str | None = "method",
    recorded_on: str | None = "recorded_on",
    checked_on: str | None = "checked_on",
    weight: str | None = None,
    strata: str | None = None,
    fewest: int = FEWEST,
    level: float = 0.95,
) -> Accuracy:
    """Accuracy by attribute, and the sources, methods and ages of value that are wrong most often.

    checks: a row for each value that was verified, with `result` in the words of RESULTS. Columns
        named for source, method and dates are used where the table has them.
    weight, strata: of a stratified draw, so that the share speaks of all records. Without them each
        check counts alike. The ranking counts checks as they are.
    """
    table = as_table(checks)
    check_columns(table, [attribute, result], where="checks")
    found = table[result].to_pylist()
    strange = sorted({str(word) for word in found} - set(RESULTS))
    if strange:
        raise DataError(
            [
                Problem(
                    f"checks: {result}", f"{word!r} is not a result.", did_you_mean(word, RESULTS)
                )
                for word in strange
            ]
        )
    by_attribute = [
        _attribute(table, attribute, name, found, result, weight=weight, strata=strata, level=level)
        for name in sorted({str(value) for value in table[attribute].to_pylist()})
    ]
    groups = _groups(table, source=source, method=method, dates=(recorded_on, checked_on))
    ranked, few = _ranked(groups, found, fewest=fewest, level=level)
    return Accuracy(
        pa.Table.from_pylist(by_attribute, schema=_ATTRIBUTES),
        pa.Table.from_pylist(ranked, schema=_WORST),
        pa.Table.from_pylist(few, schema=_FEW),
        fewest, level,
    )  # fmt: skip


_ATTRIBUTES = pa.schema(
    [("attribute", pa.string()), ("share_right", pa.float64()), ("low", pa.float64()), ("high", pa.float64()),
     ("n", pa.int64()), ("n_right", pa.int64()), ("n_wrong", pa.int64()), ("n_cannot_tell", pa.int64())]
)  # fmt: skip
_WORST = pa.schema(
    [("kind", pa.string()), ("value", pa.string()), ("share_wrong", pa.float64()), ("low", pa.float64()),
     ("high", pa.float64()), ("n", pa.int64()), ("n_wrong", pa.int64()), ("p_adjusted", pa.float64()),
     ("stands_out", pa.bool_())]
)  # fmt: skip
_FEW = pa.schema(
    [("kind", pa.string()), ("value", pa.string()), ("n", pa.int64()), ("n_wrong", pa.int64())]
)


def _attribute(
    table: pa.Table,
    attribute: str,
    name: str,
    found: Sequence[str],
    result: str,
    *,
    weight: str | None,
    strata: str | None,
    level: float,
) -> dict[str, Any]:
    of = [str(value) == name for value in table[attribute].to_pylist()]
    counts = {
        word: sum(a and r == word for a, r in zip(of, found, strict=True)) for word in RESULTS
    }
    n = counts["right"] + counts["wrong"]
    row: dict[str, Any] = {
        "attribute": name, "share_right": None, "low": None, "high": None, "n": n,
        "n_right": counts["right"], "n_wrong": counts["wrong"], "n_cannot_tell": counts["cannot_tell"],
    }  # fmt: skip
    if n and weight is None and strata is None:
        interval = wilson(counts["right"], n, level=level)
        row |= {"share_right": interval.estimate, "low": interval.low, "high": interval.high}
    elif n:
        # A domain of the whole draw: strata in which nothing of this attribute was checked still count.
        marked = table.append_column(
            "_of", pa.array([r if a else None for a, r in zip(of, found, strict=True)], pa.string())
        )
        (made,) = estimate(
            marked, "_of", statistic="proportion", counts={"right"}, not_counted={"cannot_tell"},
            weight=weight, strata=strata, lonely="adjust", level=level,
        ).rows()  # fmt: skip
        row |= {"share_right": made["estimate"], "low": made["low"], "high": made["high"]}
    return row


def _groups(
    table: pa.Table,
    *,
    source: str | None,
    method: str | None,
    dates: tuple[str | None, str | None],
) -> dict[str, list[str | None]]:
    found: dict[str, list[str | None]] = {}
    for kind, name in (("source", source), ("method", method)):
        if name is not None and name in table.column_names:
            found[kind] = [None if v is None else str(v) for v in table[name].to_pylist()]
    recorded, checked = dates
    if recorded in table.column_names and checked in table.column_names:
        pairs = zip(table[recorded].to_pylist(), table[checked].to_pylist(), strict=True)
        found["age"] = [age_band(first, then) for first, then in pairs]
    return found


def age_band(recorded_on: Any, checked_on: Any) -> str | None:
    """How old a value was when it was checked, in the bands of AGES; None where a date is missing."""
    if recorded_on is None or checked_on is None:
        return None
    first, then = (
        day if isinstance(day, dt.date) else dt.date.fromisoformat(str(day)[:10])
        for day in (recorded_on, checked_on)
    )
    months = (then - first).days / _MONTH
    start = 0
    for end in AGES:
        if months <= end:
            return f"{start} to {end} months"
        start = end
    return f"over {start} months"


def _ranked(
    groups: dict[str, list[str | None]], found: Sequence[str], *, fewest: int, level: float
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    wrong = np.array([word == "wrong" for word in found])
    counted = np.array([word != "cannot_tell" for word in found])
    rows: list[dict[str, Any]] = []
    few: list[dict[str, Any]] = []
    for kind, values in groups.items():
        for value in sorted({v for v in values if v is not None}):
            inside = np.array([v == value for v in values]) & counted
            n, n_wrong = int(inside.sum()), int((inside & wrong).sum())
            if n < fewest:
                few.append({"kind": kind, "value": value, "n": n, "n_wrong": n_wrong})
                continue
            interval = wilson(n_wrong, n, level=level)
            others = counted & ~inside
            rest, rest_wrong = int(others.sum()), int((others & wrong).sum())
            table = [[n_wrong, n - n_wrong], [rest_wrong, rest - rest_wrong]]
            p_value = float(cast(Any, stats.fisher_exact(table)).pvalue) if rest else 1.0
            rows.append(
                {
                    "kind": kind, "value": value, "share_wrong": interval.estimate,
                    "low": interval.low, "high": interval.high, "n": n, "n_wrong": n_wrong,
                    "p_value": p_value, "more": rest > 0 and interval.estimate > rest_wrong / rest,
                }
            )  # fmt: skip
    adjusted = benjamini_hochberg([row.pop("p_value") for row in rows]) if rows else []
    for row, p_value in zip(rows, adjusted, strict=True):
        row["p_adjusted"] = float(p_value)
        row["stands_out"] = bool(row.pop("more")) and row["p_adjusted"] <= 1 - level
    return sorted(rows, key=lambda r: (-r["share_wrong"], -r["n"], r["kind"], r["value"])), few
