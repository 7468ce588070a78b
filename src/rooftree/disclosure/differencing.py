"""What a reader of several tables can tell of a few people, by the linear programmes of all of them.

People who fall into the same cells of all tables cannot be told apart by any of them: they form one
atom. A published cell is a sum of atoms. A few people show where one published cell less another
leaves few, or where a small cell that one table hides is squeezed by another; their number must stay
within bounds at least as wide as the policy asks for.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Protocol

import numpy as np
from scipy import sparse

from rooftree.disclosure.attack import unproven
from rooftree.disclosure.cube import Cube
from rooftree.disclosure.linear import above, beside, kron, rows_of
from rooftree.disclosure.task import Task, build_task

#: More atoms than this, and earlier releases are looked at one by one instead of all together.
MOST_ATOMS = 20_000


class Table(Protocol):
    """What is needed of a release (see `ledger.Release`)."""

    @property
    def cube(self) -> Cube: ...
    @property
    def key(self) -> np.ndarray: ...
    @property
    def n(self) -> np.ndarray: ...
    @property
    def leaf(self) -> np.ndarray: ...
    @property
    def low(self) -> np.ndarray: ...
    @property
    def high(self) -> np.ndarray: ...
    @property
    def least(self) -> int: ...
    @property
    def protection(self) -> float: ...


@dataclass(frozen=True, slots=True)
class _Few:
    """A few people: the atoms they are, the cells of the new table and the earlier table that show them."""

    atoms: sparse.csr_array
    cells: list[tuple[int, ...]]
    earlier: list[int | None]


def told(
    release: Table, earlier: Sequence[tuple[int, Table]]
) -> list[tuple[tuple[int, ...], int | None]]:
    """The few people that the release tells of with the earlier ones.

    For each: the cells of the release by which, and the number of the earlier release, or None where a
    small cell is given away by all together.
    """
    near = [(number, each) for number, each in earlier if np.isin(each.key, release.key).any()]
    if not near:
        return []
    together = _told_by(release, near)
    if together is not None:
        return together
    found = [_told_by(release, [each], whatever_size=True) or [] for each in near]
    return [each for part in found for each in part]


def _told_by(
    release: Table, near: Sequence[tuple[int, Table]], *, whatever_size: bool = False
) -> list[tuple[tuple[int, ...], int | None]] | None:
    """As `told`; None where there are too many atoms to look at all releases together."""
    tables = [release, *(each for _, each in near)]
    places, n = _atoms(tables)
    if len(n) > MOST_ATOMS and not whatever_size:
        return None
    members = [_members(each.cube, places[:, at]) for at, each in enumerate(tables)]
    few = _few(release, near, members, n)
    if not few.cells:
        return []
    failed = _unproven(tables, members, n, few, release.protection)
    if not failed:
        return []
    before = _unproven(tables[1:], members[1:], n, few, release.protection)
    # Direction by direction: of "fewer than 5" nobody believed 5 before, and may now not believe 3.
    return [(few.cells[at], few.earlier[at]) for at in sorted({at for at, _ in failed - before})]


def _atoms(tables: Sequence[Table]) -> tuple[np.ndarray, np.ndarray]:
    """The leaf cell of each atom in each table (-1: not counted there), and how many people it has.

    A unit that counts for more in one table than in another, as a small area does a day later, is split:
    the part that both count, and the part that only one does.
    """
    keys = reduce(np.union1d, (each.key for each in tables))
    leaf = np.full((len(keys), len(tables)), -1, dtype=np.int64)
    weight = np.zeros((len(keys), len(tables)))
    for at, each in enumerate(tables):
        place = np.searchsorted(keys, each.key)
        leaf[place, at], weight[place, at] = each.leaf, each.n
    levels = np.sort(weight, axis=1)
    parts, sizes = [], []
    for layer in range(len(tables)):
        size = levels[:, layer] - (levels[:, layer - 1] if layer else 0)
        some = size > 0
        parts.append(np.where(weight[some] >= levels[some, layer, None], leaf[some], -1))
        sizes.append(size[some])
    places, inverse = np.unique(np.concatenate(parts), axis=0, return_inverse=True)
    return places, np.bincount(inverse.ravel(), weights=np.concatenate(sizes))


def _members(cube: Cube, leaf: np.ndarray) -> sparse.csr_array:
    """Cells by atoms: 1 where the atom is counted in the cell, margins included."""
    whole = reduce(kron, [each.membership() for each in cube.dimensions])
    inside = np.flatnonzero(leaf >= 0)
    found = sparse.csc_array(whole)[:, leaf[inside]].tocoo()
    return sparse.csr_array(
        (found.data, (found.coords[0], inside[found.coords[1]])), shape=(cube.n_cells, len(leaf))
    )


def _few(
    release: Table,
    near: Sequence[tuple[int, Table]],
    members: Sequence[sparse.csr_array],
    n: np.ndarray,
) -> _Few:
    """The sets of few people worth attacking: small hidden cells, and what one cell less another leaves."""
    least = release.least
    rows: list[sparse.csr_array] = []
    cells: list[tuple[int, ...]] = []
    earlier: list[int | None] = []
    seen: set[bytes] = set()

    def add(atoms: np.ndarray, by: Iterable[int], number: int | None) -> None:
        if atoms.tobytes() not in seen:
            seen.add(atoms.tobytes())
            shape = (1, len(n))
            ones = np.ones(len(atoms))
            rows.append(sparse.csr_array((ones, (np.zeros(len(atoms), int), atoms)), shape=shape))
            cells.append(tuple(by))
            earlier.append(number)

    size = members[0] @ n
    for cell in np.flatnonzero((size > 0) & (size < least)):
        add(_of(members[0], cell), [int(cell)], None)
    shown = np.flatnonzero(np.isfinite(release.high) & (size >= least))
    for at, (number, other) in enumerate(near, 1):
        other_size = members[at] @ n
        other_shown = np.flatnonzero(np.isfinite(other.high) & (other_size >= least))
        mine = sparse.csr_array(members[0][shown])
        both = (mine.multiply(n[None, :]).tocsr() @ members[at][other_shown].T).tocoo()
        ones, twos = shown[both.coords[0]], other_shown[both.coords[1]]
        mine_only, theirs_only = size[ones] - both.data, other_size[twos] - both.data
        for pair in np.flatnonzero((mine_only > 0) & (mine_only < least)):
            one, two = ones[pair], twos[pair]
            add(np.setdiff1d(_of(members[0], one), _of(members[at], two)), [int(one)], number)
        for pair in np.flatnonzero((theirs_only > 0) & (theirs_only < least)):
            one, two = ones[pair], twos[pair]
            add(np.setdiff1d(_of(members[at], two), _of(members[0], one)), [int(one)], number)
        for cell in np.flatnonzero((other_size > 0) & (other_size < least)):
            add(
                _of(members[at], cell), _touching(members[0], shown, _of(members[at], cell)), number
            )
    return _Few(above(*rows) if rows else sparse.csr_array((0, len(n))),
                cells, earlier)  # fmt: skip


def _of(members: sparse.csr_array, cell: int | np.integer) -> np.ndarray:
    return np.sort(members.indices[members.indptr[cell] : members.indptr[cell + 1]])


def _touching(members: sparse.csr_array, shown: np.ndarray, atoms: np.ndarray) -> list[int]:
    """The smallest shown cells of the release in which any of these people are counted."""
    counted = np.diff(sparse.csr_array(members[shown][:, atoms]).indptr) > 0
    found = shown[counted]
    if not len(found):
        return []
    sizes = np.diff(members.indptr)[found]
    return [int(cell) for cell in found[sizes == sizes.min()]]


def _unproven(
    tables: Sequence[Table],
    members: Sequence[sparse.csr_array],
    n: np.ndarray,
    few: _Few,
    protection: float,
) -> set[tuple[int, int]]:
    """Which of the few, upwards (+1) or downwards (-1), are not protected when these tables are published."""
    task, hidden = _task(tables, members, n, few, protection)
    first = len(task.value) - len(few.cells)
    return {(cell - first, sign) for cell, sign in unproven(task, hidden)}


def _task(
    tables: Sequence[Table],
    members: Sequence[sparse.csr_array],
    n: np.ndarray,
    few: _Few,
    protection: float,
) -> tuple[Task, np.ndarray]:
    """The attack as a task: atoms and the few are hidden, published cells are shown as they were."""
    shown = [np.flatnonzero(np.isfinite(each.high)) for each in tables]
    published = [each[rows] for each, rows in zip(members, shown, strict=True)]
    sums = above(*published, few.atoms)
    m, k = len(n), rows_of(sums)
    equations = beside(sums, -sparse.eye_array(k))
    value = np.concatenate([n, sums @ n])
    low = np.concatenate([each.low[rows] for each, rows in zip(tables, shown, strict=True)])
    high = np.concatenate([each.high[rows] for each, rows in zip(tables, shown, strict=True)])
    loose = np.zeros(len(value)), np.zeros(len(value))
    true = value[m : m + len(low)]
    loose[0][m : m + len(low)] = np.maximum(true - low, 0)
    loose[1][m : m + len(low)] = np.maximum(high - true, 0)
    primary = np.arange(len(value)) >= m + len(low)
    hidden = primary | (np.arange(len(value)) < m)
    task = build_task(
        equations,
        value,
        primary=primary,
        cost=np.where(hidden, 1.0, np.inf),
        protection=protection,
        shown_below=loose[0],
        shown_above=loose[1],
    )
    return task, hidden
