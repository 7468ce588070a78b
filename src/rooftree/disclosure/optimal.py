"""The cheapest set of cells to hide besides the small ones, proven cheapest, by cutting planes.

The method is that of Fischetti and Salazar-González (Journal of the American Statistical Association
95, 2000, 916-928). A master programme picks cells; for each cell that is not protected by the pick, the
prices of the attacker's linear programme give an inequality that every protecting pick fulfils and
this one does not; it is added, and the master picks again. First on the relaxed master, where a pick
may be a fraction and many inequalities are cheap; then on whole picks.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import numpy as np
from scipy import sparse

from rooftree.disclosure.attack import (
    TOLERANCE,
    Pending,
    bounds_of,
    largest_move,
    strike_widely,
)
from rooftree.disclosure.linear import cover, csr, minimise
from rooftree.disclosure.task import Task

#: A cell that is not picked moves by this share of a level while a cut is looked for: the prices then
#: prefer equations with few dear cells, and the cuts are stronger.
_NUDGE = 1e-3
_RELAXED_ROUNDS = 30


@dataclass(slots=True)
class _Cuts:
    rows: list[np.ndarray] = field(default_factory=list)
    seen: set[bytes] = field(default_factory=set)

    def add(self, row: np.ndarray) -> bool:
        key = np.round(row, 6).tobytes()
        if key in self.seen:
            return False
        self.seen.add(key)
        self.rows.append(row)
        return True

    def matrix(self) -> sparse.csr_array:
        return csr(np.vstack(self.rows))


def solve(task: Task, *, seconds: float) -> np.ndarray | None:
    """Which cells to hide, primary ones included, at the least total cost; None when time runs out.

    A task that cannot be fulfilled, whatever is hidden, gives None too.
    """
    until = time.monotonic() + seconds
    cells = task.movable
    small = task.only(cells)
    cuts = _Cuts()
    picked = small.primary.astype(float)
    for _ in range(_RELAXED_ROUNDS):
        if time.monotonic() > until:
            return None
        if not _separate(small, picked, cuts, until, relaxed=True):
            break
        picked = _relaxed(small, cuts)
    picked = _whole(small, cuts, until) if cuts.rows else small.primary.astype(float)
    while picked is not None:
        added = _separate(small, picked, cuts, until, relaxed=False)
        if time.monotonic() > until:
            return None
        if added is None:
            return None
        if not added:
            hidden = np.zeros(len(task.value), dtype=bool)
            hidden[cells] = picked > 0.5
            return hidden
        picked = _whole(small, cuts, until)
    return None


def _master(task: Task) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What each cell costs, and the least and most it may be picked."""
    may = np.isfinite(task.cost) & ~task.primary
    cost = np.where(may, task.cost, 0.0)
    return cost, task.primary.astype(float), (may | task.primary).astype(float)


def _relaxed(task: Task, cuts: _Cuts) -> np.ndarray:
    cost, low, high = _master(task)
    rows = cuts.matrix()
    found = minimise(cost, low=low, high=high, at_most=(-rows, -np.ones(len(cuts.rows))))
    return high if found is None else found.x


def _whole(task: Task, cuts: _Cuts, until: float) -> np.ndarray | None:
    cost, low, high = _master(task)
    return cover(cost, cuts.matrix(), low=low, high=high, seconds=until - time.monotonic())


def _separate(
    task: Task, picked: np.ndarray, cuts: _Cuts, until: float, *, relaxed: bool
) -> int | None:
    """Add the inequalities that this pick breaks; answers how many, None where a cell cannot be protected."""
    below, above = _reach(task, picked) if relaxed else bounds_of(task, picked)
    pending = Pending.all(task)
    strike_widely(task, pending, below, above)
    nudged = task.shown_below + _NUDGE, task.shown_above + _NUDGE
    low = np.maximum(below, np.minimum(nudged[0], task.hidden_below))
    high = np.maximum(above, np.minimum(nudged[1], task.hidden_above))
    may = np.isfinite(task.cost) | task.primary
    low, high = np.where(may, low, below), np.where(may, high, above)
    added = 0
    for sign in (1, -1):
        left, level = (pending.up, task.up) if sign == 1 else (pending.down, task.down)
        while left.any() and time.monotonic() < until:
            cell = int(np.argmax(left))
            left[cell] = False
            furthest, move, prices = largest_move(task, cell, sign, low, high)
            if furthest >= level[cell] - TOLERANCE:
                furthest, move, prices = largest_move(task, cell, sign, below, above)
                pending.strike(task, move)
                if furthest >= level[cell] - TOLERANCE:
                    continue
            row = _cut(task, cell, sign, float(level[cell]), prices)
            if row is None:
                if not relaxed:
                    return None
                continue
            if row @ picked < 1 - TOLERANCE:
                added += cuts.add(row)
    return added


def _reach(task: Task, picked: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Bounds for a pick of fractions: a cell picked by half moves by half the level that is asked for.

    With its whole reach, a hair of a large cell would protect everything and no inequality would be found.
    """
    level = max(float(task.up.max(initial=0)), float(task.down.max(initial=0)))
    below = np.maximum(task.shown_below, np.minimum(task.hidden_below, level) * picked)
    above = np.maximum(task.shown_above, np.minimum(task.hidden_above, level) * picked)
    return below, above


def _cut(task: Task, cell: int, sign: int, level: float, prices: np.ndarray) -> np.ndarray | None:
    """The inequality `row @ pick >= 1` that these prices prove for every pick that protects the cell.

    For any prices, the furthest move is at most the sum over cells of their reduced gain times how far
    they can move. Since a pick is 0 or 1, no cell need count for more than what is missing. None where
    what is shown already protects, or no pick can.
    """
    gain = task.equations.T @ prices
    gain[cell] += sign
    gain[np.abs(gain) < 1e-9] = 0.0
    rise, fall = np.maximum(gain, 0), np.maximum(-gain, 0)
    missing = level - float(rise @ task.shown_above + fall @ task.shown_below)
    if missing <= TOLERANCE:
        return None
    more = rise * (task.hidden_above - task.shown_above)
    more += fall * (task.hidden_below - task.shown_below)
    more[~(np.isfinite(task.cost) | task.primary)] = 0.0
    row = np.minimum(np.maximum(more, 0), missing) / missing
    return row if row.sum() >= 1 - TOLERANCE else None
