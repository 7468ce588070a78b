"""Protects large tables by boxes: for each small cell, the corners of a box that are hidden with it.

Take two nodes of every dimension. Raise and lower the corners of that box in turn, by the same number,
and every sum stays as it was. So a cell whose box is hidden, with enough in each corner, can be taken
for more and for less. The idea is Repsilber's hypercube method (Eurostat, Handbook on Statistical
Confidentiality, 2nd edition, section 4.4); here a box may also run through margins and groups, and
one box protects all of its corners. Each box is itself the proof that the cell is protected: no linear
programme is needed, which is why this is fast. It hides more than the optimum.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np

from rooftree.disclosure.cube import Cube, Dimension
from rooftree.disclosure.task import Task

#: How many partners of a node are looked at in each dimension: those cheapest to hide along its line.
PARTNERS = 8
_SLACK = 1e-9


@dataclass(frozen=True, slots=True)
class _Steps:
    """The ways to change one dimension by one person, for one node that must gain.

    Row by row: places in the dimension and +1 or -1 for each. Rows are filled up with the place one
    past the last, which stands for a cell that costs nothing and moves freely.
    """

    place: np.ndarray
    sign: np.ndarray


def _steps(dimension: Dimension, node: int) -> _Steps:
    """Someone in the node is added, and somebody outside taken away, or the total grows by one."""
    inside = [leaf for leaf in range(dimension.n_leaves) if node in dimension.above(leaf)]
    outside = [leaf for leaf in range(dimension.n_leaves) if leaf not in inside]
    rows: list[dict[int, int]] = []
    for leaf in inside:
        for other in [*outside, None]:
            row = dict.fromkeys(dimension.above(leaf), 1)
            for above in dimension.above(other) if other is not None else []:
                row[above] = row.get(above, 0) - 1
            rows.append({place: sign for place, sign in row.items() if sign})
    width = max(len(row) for row in rows)
    free = len(dimension.nodes)
    place = np.full((len(rows), width), free)
    sign = np.ones((len(rows), width), dtype=np.int8)
    for number, row in enumerate(rows):
        # The node itself comes first, so that the first corner of a box is the cell to be protected.
        order = sorted(row, key=lambda at: (at != node, row[at] < 0, at))
        place[number, : len(order)] = order
        sign[number, : len(order)] = [row[at] for at in order]
    return _Steps(place, sign)


class _Board:
    """The price of moving each cell up and down, which falls to nothing as cells are hidden."""

    def __init__(self, cube: Cube, task: Task, level: float) -> None:
        self.cube, self.level = cube, level
        may = np.isfinite(task.cost) | task.primary
        cost = np.where(task.primary, 0.0, task.cost)
        self.hidden = task.primary.copy()
        up = self._price(may & (task.hidden_above >= level - _SLACK), cost)
        down = self._price(may & (task.hidden_below >= level - _SLACK), cost)
        both = np.stack([up, down])
        # The two boards are also one flat array, in which a corner is found by arithmetic.
        self.cost = {+1: both[0], -1: both[1]}
        self.flat, self.size = both.reshape(-1), up.size
        self.stride = [step // up.itemsize for step in up.strides]
        for sign, slack in ((+1, task.shown_above), (-1, task.shown_below)):
            self.cost[sign][self._inner()][slack.reshape(cube.shape) >= level - _SLACK] = 0.0
        # Without rounding a cell moves up as freely as down, and half of the work is saved.
        self.same = bool((self.cost[1] == self.cost[-1]).all())

    def _inner(self) -> tuple[slice, ...]:
        return tuple(slice(size) for size in self.cube.shape)

    def _price(self, may: np.ndarray, cost: np.ndarray) -> np.ndarray:
        # One more place in each dimension holds the free cell.
        board = np.zeros([size + 1 for size in self.cube.shape])
        board[self._inner()] = np.where(may, cost, np.inf).reshape(self.cube.shape)
        return board

    def hide(self, cells: np.ndarray) -> None:
        """Cells that are hidden cost nothing more, where they can move at all."""
        new = cells[~self.hidden[cells]]
        self.hidden[new] = True
        places = np.unravel_index(new, self.cube.shape)
        for board in self.cost.values():
            board[places] = np.where(np.isfinite(board[places]), 0.0, np.inf)


def protect_by_boxes(
    cube: Cube, task: Task, *, hidden: np.ndarray | None = None
) -> tuple[np.ndarray, list[tuple[int, int]]]:
    """Which cells to hide so that each primary cell is a corner of a box, and what no box protects.

    `hidden` are cells that are hidden already. The second value lists directions, a cell and +1 or -1.
    All cells move by one level, the largest that any cell asks for.
    """
    level = max(float(task.up.max(initial=0)), float(task.down.max(initial=0)))
    board = _Board(cube, task, level)
    if hidden is not None:
        board.hide(np.flatnonzero(hidden))
    steps = [[_steps(each, node) for node in range(len(each.nodes))] for each in cube.dimensions]
    open_up, open_down = task.up > 0, task.down > 0
    failed: list[tuple[int, int]] = []
    # Margins and large cells first: they have the fewest boxes, and others can share theirs.
    order = np.argsort(-task.value, kind="stable")
    for cell in order[(open_up | open_down)[order]]:
        for sign, waiting in ((+1, open_up), (-1, open_down)):
            if not waiting[cell]:
                continue
            box = _cheapest_box(board, steps, int(cell), sign)
            if box is None:
                failed.append((int(cell), sign))
                waiting[cell] = False
                continue
            cells, signs = box
            board.hide(_to_hide(board, task, cells, signs))
            open_up[cells[signs > 0]] = False
            open_down[cells[signs < 0]] = False
            _strike_reversed(board, task, cells, signs, open_up, open_down)
    return board.hidden, failed


def _to_hide(board: _Board, task: Task, cells: np.ndarray, signs: np.ndarray) -> np.ndarray:
    slack = np.where(signs > 0, task.shown_above[cells], task.shown_below[cells])
    return cells[slack < board.level - _SLACK]


def _strike_reversed(
    board: _Board,
    task: Task,
    cells: np.ndarray,
    signs: np.ndarray,
    open_up: np.ndarray,
    open_down: np.ndarray,
) -> None:
    """The box the other way round proves the other direction of its corners, where all can move so."""
    reach = np.where(
        signs > 0,
        np.where(board.hidden[cells], task.hidden_below[cells], task.shown_below[cells]),
        np.where(board.hidden[cells], task.hidden_above[cells], task.shown_above[cells]),
    )
    if (reach >= board.level - _SLACK).all():
        open_up[cells[signs < 0]] = False
        open_down[cells[signs > 0]] = False


def _cheapest_box(
    board: _Board, steps: list[list[_Steps]], cell: int, sign: int
) -> tuple[np.ndarray, np.ndarray] | None:
    """The corners and signs of the cheapest box that moves the cell in this direction; None: there is none.

    Few partners are looked at first, and all of them only where those have no box.
    """
    cube = board.cube
    node = [int(place) for place in np.unravel_index(cell, cube.shape)]
    every = [steps[axis][place] for axis, place in enumerate(node)]
    few = [_nearest(board, each, node, axis, sign) for axis, each in enumerate(every)]
    found = _cheapest_of(board, few, sign)
    if found is None and any(len(a.place) < len(b.place) for a, b in zip(few, every, strict=True)):
        found = _cheapest_of(board, every, sign)
    return found


def _cheapest_of(
    board: _Board, chosen: list[_Steps], sign: int
) -> tuple[np.ndarray, np.ndarray] | None:
    total = np.zeros([len(each.place) for each in chosen])
    for slots in product(*(range(each.place.shape[1]) for each in chosen)):
        total += _priced(board, chosen, slots, sign)
    best = int(np.argmin(total))
    if not np.isfinite(total.flat[best]):
        return None
    return _corners(
        board.cube, chosen, [int(at) for at in np.unravel_index(best, total.shape)], sign
    )


def _priced(board: _Board, chosen: list[_Steps], slots: tuple[int, ...], sign: int) -> np.ndarray:
    """The price of one corner of every box looked at, one axis for each dimension's steps."""
    place: np.ndarray = np.zeros((1,) * len(chosen), dtype=np.int64)
    odd: np.ndarray = np.full_like(place, sign < 0)
    for axis, (each, slot) in enumerate(zip(chosen, slots, strict=True)):
        shape = [-1 if at == axis else 1 for at in range(len(chosen))]
        place = place + (each.place[:, slot] * board.stride[axis]).reshape(shape)
        if not board.same:
            odd = odd ^ (each.sign[:, slot] < 0).reshape(shape)
    return board.flat[place if board.same else place + odd * board.size]


def _nearest(board: _Board, steps: _Steps, node: list[int], axis: int, sign: int) -> _Steps:
    """The steps of one dimension whose cells on the line through the cell are cheapest to hide."""
    if len(steps.place) <= PARTNERS:
        return steps
    line = tuple(slice(None) if at == axis else place for at, place in enumerate(node))
    price = np.zeros(len(steps.place))
    for slot in range(steps.place.shape[1]):
        up = board.cost[sign][line][steps.place[:, slot]]
        down = board.cost[-sign][line][steps.place[:, slot]]
        price += np.where(steps.sign[:, slot] > 0, up, down)
    first = np.argsort(price, kind="stable")[:PARTNERS]
    return _Steps(steps.place[first], steps.sign[first])


def _corners(
    cube: Cube, chosen: list[_Steps], best: list[int], sign: int
) -> tuple[np.ndarray, np.ndarray]:
    cells: list[int] = []
    signs: list[int] = []
    rows = [
        [
            (int(place), int(direction))
            for place, direction in zip(each.place[at], each.sign[at], strict=True)
            if place < size
        ]
        for each, at, size in zip(chosen, best, cube.shape, strict=True)
    ]
    for corner in product(*rows):
        cells.append(int(np.ravel_multi_index([place for place, _ in corner], cube.shape)))
        signs.append(sign * int(np.prod([direction for _, direction in corner])))
    return np.array(cells), np.array(signs)
