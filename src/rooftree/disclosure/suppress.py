"""Chooses the method that hides least within the work that a table of this size allows.

The choice depends on the size of the table alone, so the same table is hidden in the same way each
time, unless the optimum runs out of time and a quicker method takes its place.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from rooftree.disclosure.attack import unproven
from rooftree.disclosure.boxes import protect_by_boxes
from rooftree.disclosure.cube import Cube
from rooftree.disclosure.moves import protect_by_moves
from rooftree.disclosure.optimal import solve
from rooftree.disclosure.task import Task

#: The largest table, by number of dimensions, whose optimum is looked for.
OPTIMAL_CELLS = {1: 2_000, 2: 6_000, 3: 1_000}
OPTIMAL_CELLS_ABOVE = 300
#: Cells times small cells, up to which each small cell's cheapest move is worth its time.
MOVES_WORK = 12_000


@dataclass(frozen=True, slots=True)
class Suppression:
    """Which cells are hidden, primary ones included, and how they were chosen.

    `failed` are cells that nothing protects: what is told of them or of others leaves no other table.
    """

    hidden: np.ndarray
    method: str  # nothing, optimal, moves, boxes, everything
    failed: frozenset[int] = frozenset()


def suppress(
    cube: Cube,
    task: Task,
    *,
    seconds: float,
    before: Suppression | None = None,
    again: np.ndarray | None = None,
) -> Suppression:
    """Hide cells until every primary one is protected, at little cost.

    `seconds` bounds the search for the optimum; every method's answer protects, whichever it is.
    `before` is the answer to the same task when more was told of the cells `again`: boxes found then
    hold now too, and only those cells are looked at.
    """
    if before is not None and before.method == "boxes" and again is not None:
        task = replace(task, up=np.where(again, task.up, 0.0), down=np.where(again, task.down, 0.0))
        return _boxed(cube, task, before.hidden, seconds)
    if not task.primary.any():
        return Suppression(task.primary.copy(), "nothing")
    limit = OPTIMAL_CELLS.get(len(cube.dimensions), OPTIMAL_CELLS_ABOVE)
    if cube.n_cells <= limit and told_more(task):
        # With everything hidden that may be: what is not protected then never will be.
        hopeless = unproven(task, task.primary | np.isfinite(task.cost))
        if hopeless:
            failed = frozenset(cell for cell, _ in hopeless)
            return Suppression(task.primary.copy(), "nothing", failed)
    if cube.n_cells <= limit:
        hidden = solve(task, seconds=seconds)
        if hidden is not None:
            return Suppression(hidden, "optimal")
    if len(task.movable) * int(task.primary.sum()) <= MOVES_WORK:
        hidden = protect_by_moves(task, seconds=seconds)
        if hidden is not None:
            return Suppression(hidden, "moves")
    return _boxed(cube, task, None, seconds)


def _boxed(cube: Cube, task: Task, hidden: np.ndarray | None, seconds: float) -> Suppression:
    hidden, failed = protect_by_boxes(cube, task, hidden=hidden)
    if not failed:
        return Suppression(hidden, "boxes")
    if told_more(task):
        return Suppression(hidden, "boxes", frozenset(cell for cell, _ in failed))
    return _everything(task, hidden, failed, seconds)


def told_more(task: Task) -> bool:
    """Whether some hidden cell is known to be more than 0 or less than the largest number there is."""
    hidden = task.primary
    return bool(
        (task.hidden_below[hidden] < task.value[hidden]).any()
        or (task.hidden_above[hidden] < task.hidden_above.max(initial=0)).any()
    )


def _only_these(task: Task, left: list[tuple[int, int]]) -> Task:
    up, down = np.zeros_like(task.up), np.zeros_like(task.down)
    for cell, sign in left:
        (up if sign == 1 else down)[cell] = (task.up if sign == 1 else task.down)[cell]
    return replace(task, up=up, down=down)


def _everything(
    task: Task, hidden: np.ndarray, failed: list[tuple[int, int]], seconds: float
) -> Suppression:
    """Where a box protects not all, the cheapest moves may; else all that can be hidden is."""
    found = protect_by_moves(_only_these(task, failed), seconds=seconds)
    if found is not None:
        return Suppression(hidden | found, "boxes")
    return Suppression(task.primary | np.isfinite(task.cost), "everything")
