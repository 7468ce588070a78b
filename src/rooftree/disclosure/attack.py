"""What a reader could work out of a table in which some cells are hidden, as linear programmes.

A move is a change of cells that keeps every sum and every shown cell within what is known of it. A
hidden cell is protected upwards when some move raises it by its level, downwards when some move lowers
it. One move proves many cells at once, so `unproven` looks for moves that prove as many as it can.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from rooftree.disclosure.linear import beside, minimise, rows_of
from rooftree.disclosure.task import Task

TOLERANCE = 1e-6


@dataclass(slots=True)
class Pending:
    """The directions still to be proven: cells to be raised and cells to be lowered."""

    up: np.ndarray
    down: np.ndarray

    @classmethod
    def all(cls, task: Task) -> Pending:
        """Every direction that the task asks for."""
        return cls(task.up > 0, task.down > 0)

    def strike(self, task: Task, move: np.ndarray) -> int:
        """Take out what a move proves; answers how many directions that were."""
        before = int(self.up.sum() + self.down.sum())
        self.up &= ~(move >= task.up - TOLERANCE)
        self.down &= ~(move <= -task.down + TOLERANCE)
        return before - int(self.up.sum() + self.down.sum())


def bounds_of(task: Task, hidden: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How far each cell can move down and up when these are hidden (a share of 1, or of less)."""
    below = task.shown_below + (task.hidden_below - task.shown_below) * hidden
    above = task.shown_above + (task.hidden_above - task.shown_above) * hidden
    return np.maximum(below, task.shown_below), np.maximum(above, task.shown_above)


def largest_move(
    task: Task, cell: int, sign: int, below: np.ndarray, above: np.ndarray
) -> tuple[float, np.ndarray, np.ndarray]:
    """The furthest that a cell can move in one direction; the move; and the price of each equation.

    The prices (dual values) say which equations hold the cell back; a cut is made of them.
    """
    objective = np.zeros(len(task.value))
    objective[cell] = -sign
    found = minimise(objective, low=-below, high=above, equal=task.equations)
    if found is None:  # never seen: standing still is always a move
        raise RuntimeError("the linear programme of a cell did not solve")
    return -found.value, found.x, found.prices


def _widest_move(
    task: Task, pending: Pending, below: np.ndarray, above: np.ndarray, *, up: bool
) -> np.ndarray:
    """A move that proves as many pending directions of one sign as it can, levels reached counted fully."""
    cells = np.flatnonzero(pending.up if up else pending.down)
    n, extra = len(task.value), len(cells)
    level = (task.up if up else task.down)[cells]
    # For each such cell a helper t <= level and t <= move: the sum of helpers rewards reaching the
    # level and nothing beyond it.
    tie = sparse.csr_array(
        (np.full(extra, -1.0 if up else 1.0), (np.arange(extra), cells)), shape=(extra, n)
    )
    found = minimise(
        np.concatenate([np.zeros(n), -1.0 / level]),
        low=np.concatenate([-below, np.full(extra, -np.inf)]),
        high=np.concatenate([above, level]),
        equal=beside(task.equations, sparse.csr_array((rows_of(task.equations), extra))),
        at_most=(beside(tie, sparse.eye_array(extra)), np.zeros(extra)),
    )
    return np.zeros(n) if found is None else found.x[:n]


def strike_widely(
    task: Task, pending: Pending, below: np.ndarray, above: np.ndarray, *, rounds: int = 6
) -> None:
    """Strike out what a few wide moves prove, so that few directions are left to look at one by one."""
    for _ in range(rounds):
        struck = 0
        for up in (True, False):
            if (pending.up if up else pending.down).any():
                struck += pending.strike(task, _widest_move(task, pending, below, above, up=up))
        if not struck:
            return


def unproven(task: Task, hidden: np.ndarray) -> list[tuple[int, int]]:
    """The directions, each a cell and +1 or -1, in which the hidden cells do not protect; empty when all do."""
    cells = np.flatnonzero(hidden | (task.shown_below > 0) | (task.shown_above > 0))
    if not (task.up > 0).any() and not (task.down > 0).any():
        return []
    small = task.only(cells)
    below, above = bounds_of(small, hidden[cells].astype(float))
    pending = Pending.all(small)
    strike_widely(small, pending, below, above)
    failed: list[tuple[int, int]] = []
    for sign in (1, -1):
        left, level = (pending.up, small.up) if sign == 1 else (pending.down, small.down)
        while left.any():
            cell = int(np.argmax(left))
            furthest, move, _ = largest_move(small, cell, sign, below, above)
            pending.strike(small, move)
            left[cell] = False
            if furthest < level[cell] - TOLERANCE:
                failed.append((int(cells[cell]), sign))
    return failed
