"""The door for a single number or a short list: what a page or a command may show of it.

Nothing else formats a count. A number that is shown alone has no margins to be worked out from, so
only the threshold, rounding and the rules for percentages and averages are applied here; numbers that
add up to one another belong into `protect`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from rooftree.catalogue.model import DisclosurePolicy
from rooftree.disclosure.primary import is_small
from rooftree.disclosure.protect import find_policy, protect
from rooftree.disclosure.result import ROUNDED, SHOWN, SUPPRESSED, ZERO
from rooftree.disclosure.rounding import rounded
from rooftree.vocabulary.errors import DataError, Problem

#: The text of a percentage, mean or index that may not be shown, and of one that has no base.
_NO_BASE = "–"


@dataclass(frozen=True, slots=True)
class Figure:
    """A number as it may be shown. `value` is None where it is suppressed or has no base.

    `status` is shown, rounded, zero or suppressed. A page writes `text`; str() gives it too.
    """

    value: float | None
    text: str
    status: str

    def __str__(self) -> str:
        return self.text


def count(n: int, policy: str | DisclosurePolicy) -> Figure:
    """A count of people, tenancies or homes."""
    policy = find_policy(policy)
    _check(n)
    if is_small(policy, _one(n))[0] and not policy.exact:
        return Figure(None, policy.small_text, SUPPRESSED)
    if policy.rounding == "none" or policy.exact:
        return Figure(n, f"{n:,}", ZERO if n == 0 else SHOWN)
    # A single number cannot say who is counted, so it is rounded to the nearest in every policy.
    value = int(rounded(_one(n), _nearest(policy))[0])
    true_zero = n == 0 and policy.threshold > 0
    return Figure(value, f"{value:,}", ZERO if true_zero else ROUNDED)


def share(part: int, whole: int, policy: str | DisclosurePolicy) -> Figure:
    """A percentage. Suppressed where the part, the rest or the whole is small, for either tells the other."""
    policy = find_policy(policy)
    _check(part)
    _check(whole)
    if part > whole:
        raise DataError([_problem("a part is larger than its whole.")])
    if whole == 0:
        return Figure(None, _NO_BASE, SHOWN)
    figures = [count(number, policy) for number in (part, whole - part, whole)]
    few = whole < policy.percentage_least and not policy.exact
    if few or any(each.status == SUPPRESSED for each in figures):
        return Figure(None, policy.hidden_text, SUPPRESSED)
    top, base = float(part), float(whole)
    if policy.percentages == "rounded" and figures[0].value is not None:
        top, base = float(figures[0].value), float(figures[2].value or 0)
        if base == 0:
            return Figure(None, _NO_BASE, ROUNDED)
        top = min(top, base)
    value = round(100 * top / base, policy.percentage_decimals)
    status = ROUNDED if policy.rounding != "none" and not policy.exact else SHOWN
    return Figure(value, f"{value:.{policy.percentage_decimals}f}%", status)


def average(mean: float, n: int, policy: str | DisclosurePolicy, *, decimals: int = 1) -> Figure:
    """A mean or median of so many people."""
    policy = find_policy(policy)
    _check(n)
    if n == 0:
        return Figure(None, _NO_BASE, SHOWN)
    if not policy.exact and (n < policy.average_least or is_small(policy, _one(n))[0]):
        return Figure(None, policy.hidden_text, SUPPRESSED)
    value = round(float(mean), decimals)
    return Figure(value, f"{value:,.{decimals}f}", SHOWN)


def index(
    part: int, whole: int, base_part: int, base_whole: int, policy: str | DisclosurePolicy
) -> Figure:
    """How over-represented a group is among `whole`, the base being 100: the ratio of two shares."""
    policy = find_policy(policy)
    mine, base = share(part, whole, policy), share(base_part, base_whole, policy)
    if SUPPRESSED in (mine.status, base.status):
        return Figure(None, policy.hidden_text, SUPPRESSED)
    if mine.value is None or not base.value:
        return Figure(None, _NO_BASE, SHOWN)
    ratio = (
        mine.value / base.value
        if policy.percentages == "rounded"
        else part / whole / (base_part / base_whole)
    )
    value = round(100 * ratio)
    return Figure(value, f"{value:,}", mine.status)


def counts(
    numbers: Mapping[str, int], policy: str | DisclosurePolicy, *, total: bool = True
) -> dict[str, Figure]:
    """A short list of counts that add up, by label; with its total, under "Total", where that is shown too.

    Where the total is shown, or can be seen elsewhere, a single small count would be the total less the
    rest: so another is hidden with it. `total` False says that nobody can know the total.
    """
    policy = find_policy(policy)
    if not total or policy.rounding == "by_people":
        return {label: count(n, policy) for label, n in numbers.items()}
    rows = [{"label": label, "n": n} for label, n in numbers.items()]
    found = protect(rows, by="label", count="n", policy=policy, order={"label": list(numbers)})
    return {
        row["label"]: Figure(row["value"], row["text"], row["status"])
        for row in found.table.to_pylist()
    }


def _one(n: int) -> np.ndarray:
    return np.array([float(n)])


def _nearest(policy: DisclosurePolicy) -> DisclosurePolicy:
    return replace(policy, rounding="nearest")


def _check(n: int) -> None:
    if n < 0 or n != int(n):
        raise DataError([_problem("a count is negative or no whole number.")])


def _problem(what: str) -> Problem:
    return Problem("disclosure.door", what, "Count people, unweighted.")
