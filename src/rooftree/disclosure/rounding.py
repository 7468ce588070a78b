"""Rounds counts, and says what a reader who knows the rule can tell of the true number."""

from __future__ import annotations

import numpy as np

from rooftree.catalogue.model import DisclosurePolicy


def rounded(
    value: np.ndarray, policy: DisclosurePolicy, *, people: np.ndarray | None = None
) -> np.ndarray:
    """The counts as the policy rounds them.

    `nearest` goes to the nearest multiple, halves up. `by_people` goes up with a chance of what is over
    the lower multiple, so that the mean is right; the chance is decided by `people`, a number that
    depends only on who is counted, so the same people are given the same count wherever they appear.
    """
    value = np.asarray(value, dtype=float)
    if policy.rounding == "none" or policy.exact:
        return value
    base = policy.base
    if policy.rounding == "nearest":
        return np.floor(value / base + 0.5) * base
    if people is None:
        raise ValueError("rounding by people needs to know who is counted")
    lower = np.floor(value / base) * base
    chance = people.astype(np.uint64).astype(float) / 2.0**64
    return lower + np.where(chance < (value - lower) / base, base, 0.0)


def reader_knows(
    shown: np.ndarray, policy: DisclosurePolicy, *, counts: bool = True
) -> tuple[np.ndarray, np.ndarray]:
    """The least and the most that a number can truly be which is shown as this under the policy.

    `counts`: the numbers are whole; sums of money are not rounded. A number that is shown is 0 or not
    small, and the reader knows that too.
    """
    shown = np.asarray(shown, dtype=float)
    if policy.rounding == "none" or policy.exact or not counts:
        return shown.copy(), shown.copy()
    base = policy.base
    if policy.rounding == "nearest":
        low, high = np.ceil(shown - base / 2), np.ceil(shown + base / 2) - 1
    else:
        low, high = shown - base + 1, shown + base - 1
    floor = float(policy.threshold)
    low = np.maximum(low, floor)
    if policy.threshold:
        # With a threshold a 0 is only ever a true zero: anything else below it is hidden.
        zero = shown == 0
        if policy.zeros == "shown":
            low, high = np.where(zero, 0.0, low), np.where(zero, 0.0, high)
    return low, high
