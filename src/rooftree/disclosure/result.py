"""What comes out of the door: a table that is safe to publish, and for the landlord what it cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from rooftree.catalogue.model import DisclosurePolicy
from rooftree.disclosure.cube import Cube
from rooftree.disclosure.primary import Reason

SHOWN, ROUNDED, ZERO, SUPPRESSED = "shown", "rounded", "zero", "suppressed"

#: Why a cell is hidden, in the words of the table that stays inside.
REASONS = {
    Reason.SMALL: "small",
    Reason.WHOLE_CLASS: "whole row in one category",
    Reason.DOMINATED: "one or two make up nearly all of it",
    Reason.DIFFERENCE: "would tell, with what was published before",
}


@dataclass(frozen=True, slots=True)
class Report:
    """How much the table lost, for the person who decides whether to publish it.

    `share_of_count_hidden`: people in hidden cells, of all people counted (margins not counted twice).
    `rolled_up`: per dimension, how many categories became how many. `method`: how the secondary cells
    were chosen. `audited`: the independent audit looked at the result, and found every cell protected;
    false for tables so large that only the construction proves it.
    """

    n_cells: int
    n_suppressed_primary: int
    n_suppressed_secondary: int
    share_of_count_hidden: float
    reasons: Mapping[str, int]
    rolled_up: Mapping[str, str]
    method: str
    audited: bool

    def __str__(self) -> str:
        hidden = self.n_suppressed_primary + self.n_suppressed_secondary
        words = [
            (
                f"{hidden:,} of {self.n_cells:,} cells hidden: {self.n_suppressed_primary:,} for their own sake, "
                f"{self.n_suppressed_secondary:,} to protect those; "
                f"{self.share_of_count_hidden:.1%} of the count is in hidden cells."
            )
        ]
        words += [f"{name}: {what}." for name, what in self.rolled_up.items()]
        return "\n".join(words)


@dataclass(frozen=True, slots=True)
class Protected:
    """A table after disclosure control.

    `table` may be published: a row per cell, margins as "Total", with `value` (null where suppressed),
    `status` (shown, rounded, zero, suppressed) and `text`. It does not say which suppressed cells are
    small and which only protect others: that would narrow them down. `cells` says so, with the true
    values and reasons, and stays inside.
    """

    table: pa.Table
    cells: pa.Table
    policy: DisclosurePolicy
    report: Report
    groups: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Decided:
    """What was decided about each cell of a cube."""

    cube: Cube
    true: np.ndarray
    published: np.ndarray  # rounded as the policy says; meaningless where hidden
    hidden: np.ndarray
    reason: np.ndarray
    n: np.ndarray
    told: np.ndarray  # hidden cells whose text says that they are small
    protection: (
        np.ndarray
    )  # what a reader must not come nearer than, for cells hidden for their own sake


def published_table(
    decided: Decided, policy: DisclosurePolicy, *, extra: Mapping[str, np.ndarray], money: bool
) -> pa.Table:
    """The rows that may leave."""
    values = [
        None if hidden else float(value) if money else int(value)
        for hidden, value in zip(decided.hidden, decided.published, strict=True)
    ]
    texts = [
        _text(policy, value, small=bool(told))
        for value, told in zip(values, decided.told, strict=True)
    ]
    columns = _labels(decided.cube)
    columns["value"] = pa.array(values, pa.float64() if money else pa.int64())
    columns["status"] = pa.array(_statuses(decided, policy))
    columns["text"] = pa.array(texts)
    for name, cells in extra.items():
        columns[name] = pa.array([None if np.isnan(each) else float(each) for each in cells])
    return pa.table(columns)


def staff_table(decided: Decided, policy: DisclosurePolicy) -> pa.Table:
    """The rows that stay: true values, which cells are primary, and why."""
    statuses = [
        shown if not hidden else f"suppressed_{'primary' if reason else 'secondary'}"
        for shown, hidden, reason in zip(
            _statuses(decided, policy), decided.hidden, decided.reason, strict=True
        )
    ]
    columns = _labels(decided.cube)
    columns["true_value"] = pa.array(decided.true)
    columns["n"] = pa.array(decided.n.astype(np.int64))
    columns["status"] = pa.array(statuses)
    columns["reason"] = pa.array([REASONS.get(Reason(int(each)), "") for each in decided.reason])
    return pa.table(columns)


def build_report(
    decided: Decided, *, rolled_up: Mapping[str, str], method: str, audited: bool
) -> Report:
    """The account of what was lost."""
    leaf = decided.cube.is_leaf
    people = float(decided.n[leaf].sum())
    hidden = float(decided.n[leaf & decided.hidden].sum())
    reasons = {
        REASONS[each]: int((decided.reason == each).sum())
        for each in REASONS
        if (decided.reason == each).any()
    }
    primary = decided.reason > 0
    return Report(
        n_cells=decided.cube.n_cells,
        n_suppressed_primary=int(primary.sum()),
        n_suppressed_secondary=int((decided.hidden & ~primary).sum()),
        share_of_count_hidden=hidden / people if people else 0.0,
        reasons=reasons,
        rolled_up=dict(rolled_up),
        method=method,
        audited=audited,
    )


def _text(policy: DisclosurePolicy, value: float | None, *, small: bool) -> str:
    if value is None:
        return policy.small_text if small else policy.hidden_text
    return f"{value:,.2f}" if isinstance(value, float) else f"{value:,}"


def _statuses(decided: Decided, policy: DisclosurePolicy) -> list[str]:
    rounds = policy.rounding != "none" and not policy.exact
    zero_is_true = policy.threshold > 0 or not rounds
    found = np.full(decided.cube.n_cells, ROUNDED if rounds else SHOWN, dtype=object)
    found[(decided.published == 0) & zero_is_true] = ZERO
    found[decided.hidden] = SUPPRESSED
    return found.tolist()


def _labels(cube: Cube) -> dict[str, pa.Array]:
    places: Sequence[np.ndarray] = np.unravel_index(np.arange(cube.n_cells), cube.shape)
    return {
        each.name: pa.array(each.nodes).take(pa.array(place))
        for each, place in zip(cube.dimensions, places, strict=True)
    }
