"""Protects tables of middling size by the cheapest move of each small cell, then gives back what it can.

For one cell, the cheapest set of other cells that can take up a change of it is nearly a linear
programme: the least sum of cost times change over all moves that raise the cell by its level. What
that move touches is hidden, costs nothing from then on, and the next cell is looked at. It is greedy,
so at the end each hidden cell, the dearest first, is shown again if all remains protected without it.
"""

from __future__ import annotations

import time

import numpy as np

from rooftree.disclosure.attack import (
    TOLERANCE,
    Pending,
    bounds_of,
    strike_widely,
    unproven,
)
from rooftree.disclosure.linear import beside, csr, minimise
from rooftree.disclosure.task import Task


def protect_by_moves(task: Task, *, seconds: float) -> np.ndarray | None:
    """Which cells to hide, primary ones included; None when time runs out or a cell cannot be protected."""
    until = time.monotonic() + seconds
    cells = task.movable
    small = task.only(cells)
    hidden = small.primary.copy()
    below, above = bounds_of(small, hidden.astype(float))
    pending = Pending.all(small)
    strike_widely(small, pending, below, above)
    for cell in np.argsort(-small.value, kind="stable"):
        for sign in (1, -1):
            waiting = pending.up if sign == 1 else pending.down
            if not waiting[cell]:
                continue
            if time.monotonic() > until:
                return None
            move = _cheapest_move(small, hidden, int(cell), sign)
            if move is None:
                return None
            hidden |= (move > small.shown_above + TOLERANCE) | (
                move < -small.shown_below - TOLERANCE
            )
            pending.strike(small, move)
            below, above = bounds_of(small, hidden.astype(float))
            if (-move >= -below - TOLERANCE).all() and (-move <= above + TOLERANCE).all():
                pending.strike(small, -move)
    hidden = show_again(small, hidden, until=until)
    result = np.zeros(len(task.value), dtype=bool)
    result[cells] = hidden
    return result


def show_again(task: Task, hidden: np.ndarray, *, until: float) -> np.ndarray:
    """The hidden cells less those, the dearest first, that nothing needs; stops when time runs out."""
    hidden = hidden.copy()
    extra = np.flatnonzero(hidden & ~task.primary)
    for cell in extra[np.argsort(-task.cost[extra], kind="stable")]:
        if time.monotonic() > until:
            break
        hidden[cell] = False
        if unproven(task, hidden):
            hidden[cell] = True
    return hidden


def _cheapest_move(task: Task, hidden: np.ndarray, cell: int, sign: int) -> np.ndarray | None:
    """The move that brings the cell to its level at the least cost; one that works both ways if there is one."""
    price = np.where(hidden | ~np.isfinite(task.cost), 0.0, task.cost)
    may = hidden | np.isfinite(task.cost)
    above = np.where(may, task.hidden_above, task.shown_above)
    below = np.where(may, task.hidden_below, task.shown_below)
    level = float((task.up if sign == 1 else task.down)[cell])
    both = np.minimum(above, below)
    for up, down in ((both, both), (above, below)):
        if (up if sign == 1 else down)[cell] < level - TOLERANCE:
            continue
        move = _least(task, price, up, down, cell, sign * level)
        if move is not None:
            return move
    return None


def _least(
    task: Task, price: np.ndarray, up: np.ndarray, down: np.ndarray, cell: int, change: float
) -> np.ndarray | None:
    n = len(price)
    # A move is a rise less a fall, each from 0. What stays within the slack of a shown cell is free.
    slack_up, slack_down = np.minimum(task.shown_above, up), np.minimum(task.shown_below, down)
    parts = [(np.zeros(n), slack_up), (np.zeros(n), slack_down), (price, up), (price, down)]
    low = np.zeros(4 * n)
    high = np.concatenate([limit for _, limit in parts])
    for part in range(4):  # the cell itself makes exactly the change asked for
        high[part * n + cell] = 0.0
    place = (2 * n if change > 0 else 3 * n) + cell
    low[place] = high[place] = abs(change)
    signed = beside(task.equations, -task.equations, task.equations, -task.equations)
    used = np.flatnonzero(high > 0)
    found = minimise(
        np.concatenate([cost for cost, _ in parts])[used],
        low=low[used],
        high=high[used],
        equal=csr(signed[:, used]),
    )
    if found is None:
        return None
    full = np.zeros(4 * n)
    full[used] = found.x
    return full[:n] - full[n : 2 * n] + full[2 * n : 3 * n] - full[3 * n :]
