"""Attacks a published table as a reader would, knowing nothing of how it was made safe.

This module is apart from the others on purpose: it builds its own equations from the labels of the
table, and reads the values and texts that were published, the policy (which is published too) and
nothing else. So a slip in the making is not repeated in the checking.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse.csgraph import connected_components

from rooftree.catalogue.model import DisclosurePolicy

_TOTAL = "Total"
_NEAR = 1e-6
_CONTRADICTS = "the published table contradicts itself: its cells do not add up to its margins"


@dataclass(frozen=True, slots=True)
class _Attack:
    """What the reader has: the cells that are not known exactly, their bounds, and sums of them."""

    cells: np.ndarray  # row numbers of the published table
    equations: sparse.csr_array
    target: np.ndarray  # what each equation must come to
    low: np.ndarray
    high: np.ndarray


def audit(
    table: pa.Table,
    *,
    by: Sequence[str],
    value: str = "value",
    policy: DisclosurePolicy | None = None,
    groups: Mapping[str, Mapping[str, str]] | None = None,
    whole: bool = True,
    exact: bool = False,
) -> pa.Table:
    """What a reader can work out of each suppressed cell: the least and the most it can be.

    `table` is a published table with its margins, one row per cell, "Total" for a margin; a null value
    is suppressed. `policy` says how shown values were rounded and what the texts tell; without it, shown
    values are exact and a suppressed one is any number from 0. `groups` maps the leaves of a dimension to
    the subtotals that the table shows too. `whole`: the numbers are known to be whole. The bounds are
    those of linear programmes, rounded to whole numbers inwards; in two dimensions they are exact, in
    more a reader who tries whole numbers only may come closer, and `exact=True` does so, slowly.

    Returns the suppressed rows: the columns of `by`, `low` and `high` (null: no bound).
    """
    attack = _reader(table, by, value, policy, groups or {}, whole)
    suppressed = np.array(table.column(value).is_null().to_numpy(zero_copy_only=False))
    low, high = attack.low.copy(), attack.high.copy()
    hidden = suppressed[attack.cells]
    for part in _parts(attack):
        if hidden[part].any():
            low[part], high[part] = _bounds(attack, part, hidden[part], exact=exact and whole)
    if whole:
        low, high = np.ceil(low - _NEAR), np.floor(high + _NEAR)
    asked = np.flatnonzero(hidden)
    rows = table.select(list(by)).take(pa.array(attack.cells[asked]))
    return rows.append_column("low", pa.array(low[asked])).append_column(
        "high",
        pa.array(
            [float(each) if np.isfinite(each) else None for each in high[asked]], pa.float64()
        ),
    )


def _reader(
    table: pa.Table,
    by: Sequence[str],
    value: str,
    policy: DisclosurePolicy | None,
    groups: Mapping[str, Mapping[str, str]],
    whole: bool,
) -> _Attack:
    low, high = _known(table, value, policy, whole)
    loose = np.flatnonzero(high > low)
    place = {int(cell): at for at, cell in enumerate(loose)}
    rows: list[int] = []
    columns: list[int] = []
    signs: list[float] = []
    target: list[float] = []
    for parent, children in _sums(table, by, groups):
        members = [(parent, -1.0), *((child, 1.0) for child in children)]
        unknown = [(place[cell], sign) for cell, sign in members if cell in place]
        known = sum(sign * low[cell] for cell, sign in members if cell not in place)
        if not unknown:
            if abs(known) > _NEAR * max(1.0, low[parent]):
                raise ValueError(_CONTRADICTS)
            continue
        rows += [len(target)] * len(unknown)
        columns += [at for at, _ in unknown]
        signs += [sign for _, sign in unknown]
        target.append(-known)
    shape = (len(target), len(loose))
    equations = sparse.csr_array((signs, (rows, columns)), shape=shape)
    return _Attack(loose, equations, np.array(target), low[loose], high[loose])


def _known(
    table: pa.Table, value: str, policy: DisclosurePolicy | None, whole: bool
) -> tuple[np.ndarray, np.ndarray]:
    """What each published cell says by itself."""
    shown = np.array(table.column(value).cast(pa.float64()).to_numpy(zero_copy_only=False))
    hidden = np.isnan(shown)
    low, high = shown.copy(), shown.copy()
    if policy is not None and policy.rounding != "none" and not policy.exact and whole:
        half = policy.base / 2
        if policy.rounding == "nearest":
            low, high = np.ceil(shown - half), np.ceil(shown + half) - 1
        else:
            low, high = shown - policy.base + 1, shown + policy.base - 1
        low = np.maximum(low, policy.threshold)
        if policy.threshold and policy.zeros == "shown":
            low[shown == 0] = high[shown == 0] = 0.0
    low[hidden], high[hidden] = 0.0, np.inf
    tells = policy is not None and policy.small_text_tells
    if policy is not None and tells and policy.small_text != policy.hidden_text:
        texts = np.array(table.column("text").to_pylist())
        small = hidden & (texts == policy.small_text)
        low[small] = 0 if policy.zeros == "small" else 1
        high[small] = policy.threshold - 1
    return low, high


def _sums(
    table: pa.Table, by: Sequence[str], groups: Mapping[str, Mapping[str, str]]
) -> list[tuple[int, list[int]]]:
    """Every row that is the sum of others, and which: all labels but one alike."""
    columns = [table.column(name).to_pylist() for name in by]
    lines: dict[tuple[int, tuple[str, ...]], dict[str, int]] = defaultdict(dict)
    for row, labels in enumerate(zip(*columns, strict=True)):
        for axis, label in enumerate(labels):
            rest = (*labels[:axis], *labels[axis + 1 :])
            lines[axis, rest][label] = row
    found: list[tuple[int, list[int]]] = []
    for (axis, _), line in lines.items():
        group_of = groups.get(by[axis], {})
        subtotals = set(group_of.values()) & line.keys() - group_of.keys()
        for parent in [*subtotals, _TOTAL]:
            children = [
                row
                for label, row in line.items()
                if label not in (parent, _TOTAL) and _parent(label, group_of, subtotals) == parent
            ]
            if parent in line and children:
                found.append((line[parent], children))
    return found


def _parent(label: str, group_of: Mapping[str, str], subtotals: set[str]) -> str:
    group = group_of.get(label)
    return group if group in subtotals and group != label else _TOTAL


def _parts(attack: _Attack) -> list[np.ndarray]:
    """The unknown cells in groups that have no equation in common: each can be attacked by itself."""
    if not len(attack.cells):
        return []
    links = (abs(attack.equations).T @ abs(attack.equations)).tocsr()
    count, of = connected_components(links, directed=False)
    order = np.argsort(of, kind="stable")
    return np.split(order, np.cumsum(np.bincount(of, minlength=count))[:-1])


def _bounds(
    attack: _Attack, part: np.ndarray, asked: np.ndarray, *, exact: bool
) -> tuple[np.ndarray, np.ndarray]:
    """The least and most of each cell asked for of one part, by two linear programmes for each at the most.

    Every solution is a table that agrees with what was published, so it widens the bounds found so far
    of all cells; a cell whose bounds are as wide as they can be needs no programme of its own.
    """
    columns: Any = attack.equations[:, part]
    used = np.flatnonzero(np.diff(sparse.csr_array(columns).indptr))
    matrix, target = sparse.csr_array(columns[used]), attack.target[used]
    floor, ceiling = _reachable(matrix, target, attack.low[part], attack.high[part])
    low, high = np.full(len(part), np.inf), np.full(len(part), -np.inf)
    for at in map(int, np.flatnonzero(asked)):
        for sign in (1, -1):
            if (high[at] >= ceiling[at] - _NEAR) if sign == 1 else (low[at] <= floor[at] + _NEAR):
                continue
            found = _extreme(matrix, target, attack.low[part], attack.high[part], at, sign, exact)
            if found is None:
                high[at] = np.inf
                continue
            low, high = np.minimum(low, found), np.maximum(high, found)
    return low, high


def _reachable(
    matrix: sparse.csr_array, target: np.ndarray, low: np.ndarray, high: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Bounds that follow from one equation at a time; never narrower than the true ones."""
    low, high = low.copy(), high.copy()
    for _ in range(3):
        for row in range(len(target)):
            span = slice(matrix.indptr[row], matrix.indptr[row + 1])
            cells, signs = matrix.indices[span], matrix.data[span]
            least = np.where(signs > 0, low[cells], -high[cells])
            most = np.where(signs > 0, high[cells], -low[cells])
            one = signs * (target[row] - _of_the_others(most))
            two = signs * (target[row] - _of_the_others(least))
            low[cells] = np.maximum(low[cells], np.minimum(one, two))
            high[cells] = np.minimum(high[cells], np.maximum(one, two))
    return low, high


def _of_the_others(numbers: np.ndarray) -> np.ndarray:
    """For each number the sum of the others; infinite where one of those is."""
    endless = np.isinf(numbers)
    finite = np.where(endless, 0.0, numbers)
    sums = finite.sum() - finite
    sign = np.sign(numbers[endless])[0] if endless.any() else 1.0  # all have one sign
    return np.where(endless.sum() - endless > 0, sign * np.inf, sums)


def _extreme(
    matrix: sparse.csr_array,
    target: np.ndarray,
    low: np.ndarray,
    high: np.ndarray,
    cell: int,
    sign: int,
    exact: bool,
) -> np.ndarray | None:
    """A table that agrees with what was published and has the least or most in one cell; None: no bound."""
    objective = np.zeros(len(low))
    objective[cell] = -sign
    found: Any
    bounds: Any = Bounds
    constraint: Any = LinearConstraint
    if exact:
        found = milp(
            objective,
            constraints=constraint(matrix, target, target),
            bounds=bounds(low, high),
            integrality=np.ones(len(low)),
        )
    else:
        found = linprog(
            objective,
            A_eq=matrix,
            b_eq=target,
            bounds=np.column_stack([low, high]),
            method="highs",
        )
    if found.status == 3:
        return None
    if found.status != 0:
        raise ValueError(_CONTRADICTS)
    return found.x
