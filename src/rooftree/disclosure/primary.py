"""Which cells may not be shown for their own sake, and how far from found out they must be."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from rooftree.catalogue.model import DisclosurePolicy
from rooftree.disclosure.cube import Cube, Dimension

#: Where a policy hides money for few contributors and gives no ratio, a reader must not come within
#: this share of it.
_MONEY_SHARE = 0.1


class Reason(IntEnum):
    """Why a cell is hidden."""

    NONE = 0
    SMALL = 1
    WHOLE_CLASS = 2  # all people of a row, or the empty rest that would give them away
    DOMINATED = 3
    DIFFERENCE = 4  # it would give away a few people together with what was published before


@dataclass(frozen=True, slots=True)
class Primary:
    """Per cell: the reason to hide it (a `Reason`), and the protection it needs on each side."""

    reason: np.ndarray
    protection: np.ndarray
    may_be_hidden: np.ndarray  # true zeros normally may not; some must, to hide a whole class

    @property
    def cells(self) -> np.ndarray:
        """Which cells are hidden for their own sake."""
        return self.reason > 0


def counts(policy: DisclosurePolicy, cube: Cube, n: np.ndarray) -> Primary:
    """The rules for counts: the threshold, zeros, and rows whose people are all of one category."""
    reason = np.zeros(len(n), dtype=np.int8)
    reason[is_small(policy, n)] = Reason.SMALL
    may = (n > 0) | (reason > 0)
    if policy.class_disclosure and policy.threshold:
        for axis in range(len(cube.dimensions)):
            _whole_classes(policy, cube, n, axis, reason, may)
    return Primary(reason, np.full(len(n), float(policy.protection)), may)


def is_small(policy: DisclosurePolicy, n: np.ndarray) -> np.ndarray:
    """Whether each count may not be shown because it is small."""
    low = 0 if policy.zeros == "small" else 1
    return (n >= low) & (n < policy.threshold)


def _whole_classes(
    policy: DisclosurePolicy,
    cube: Cube,
    n: np.ndarray,
    axis: int,
    reason: np.ndarray,
    may: np.ndarray,
) -> None:
    """Mark rows of one dimension where one child holds everybody of its parent.

    Such a cell tells something of each of its people, though there are many: who is in the row is in the
    category. It takes two cells to hide that: the full one, and one of the empty ones beside it, so that
    a reader cannot rule out that somebody is there. The empty cell chosen is the one whose category has
    most people elsewhere. Rows below the threshold hide their total already.
    """
    dimension = cube.dimensions[axis]
    cells = np.moveaxis(np.arange(cube.n_cells).reshape(cube.shape), axis, 0)
    for parent in range(dimension.n_leaves, len(dimension.nodes)):
        children = dimension.children(parent)
        if len(children) < 2:
            continue
        line = cells[children].reshape(len(children), -1)
        total = n[cells[parent].ravel()]
        parts = n[line]
        full = (total >= max(policy.threshold, 1)) & ((parts > 0).sum(axis=0) == 1)
        everybody = parts.argmax(axis=0)
        popular = parts.sum(axis=1)
        for at in np.flatnonzero(full):
            cell = line[everybody[at], at]
            rest = [place for place in range(len(children)) if place != everybody[at]]
            empty = line[max(rest, key=lambda place: popular[place]), at]
            reason[cell] = reason[cell] or Reason.WHOLE_CLASS
            reason[empty] = reason[empty] or Reason.WHOLE_CLASS
            may[_margins_of(cube, int(empty))] = True


def _margins_of(cube: Cube, cell: int) -> np.ndarray:
    """The cell and every margin it is summed into."""
    places = np.unravel_index(cell, cube.shape)
    above = [each.above(int(place)) for each, place in zip(cube.dimensions, places, strict=True)]
    return np.ravel_multi_index(np.ix_(*above), cube.shape).ravel()


def amounts(
    policy: DisclosurePolicy,
    n: np.ndarray,
    amount: np.ndarray,
    largest: np.ndarray,
) -> Primary:
    """The rules for money and other sums: few contributors, dominance (n, k) and the p-ratio.

    `largest` has the largest contributions of each cell, largest first. Dominance: the largest n make
    up more than the share k. The p-ratio: what is neither the largest nor the second largest is less
    than the share p of the largest, so that the second could work out the first. The protection is what
    either rule lacks of being kept (Eurostat, Handbook on Statistical Confidentiality, section 4.2).
    """
    small = (n >= 1) & (n < max(policy.threshold, 1))
    reason = np.where(small, Reason.SMALL, Reason.NONE).astype(np.int8)
    needed = np.where(small, np.maximum(policy.p_ratio, _MONEY_SHARE) * amount, 0.0)
    if policy.dominance_n:
        top = largest[: policy.dominance_n].sum(axis=0)
        lacking = top / policy.dominance_share - amount
        dominated = (amount > 0) & (lacking > 0)
        reason[dominated & (reason == 0)] = Reason.DOMINATED
        needed = np.maximum(needed, np.where(dominated, lacking, 0.0))
    if policy.p_ratio:
        first = largest[0]
        second = largest[1] if len(largest) > 1 else np.zeros_like(first)
        lacking = policy.p_ratio * first - (amount - first - second)
        dominated = (amount > 0) & (lacking > 0)
        reason[dominated & (reason == 0)] = Reason.DOMINATED
        needed = np.maximum(needed, np.where(dominated, lacking, 0.0))
    return Primary(reason, np.maximum(needed, 1e-3 * amount), (amount > 0) | (reason > 0))


def largest_in_margins(dimensions: tuple[Dimension, ...], largest: np.ndarray) -> np.ndarray:
    """The largest contributions of all cells, margins included, from those of the leaves."""
    kept = largest.shape[0]
    for axis, each in enumerate(dimensions, 1):
        leaves = np.moveaxis(largest, axis, 1)
        nodes = []
        for node in range(len(each.nodes)):
            inside = [leaf for leaf in range(each.n_leaves) if node in each.above(leaf)]
            flat = leaves[:, inside].reshape(-1, *leaves.shape[2:])
            nodes.append(-np.sort(-flat, axis=0)[:kept])
        largest = np.moveaxis(np.stack(nodes, axis=1), 1, axis)
    return largest.reshape(kept, -1)
