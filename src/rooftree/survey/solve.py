"""The arithmetic of calibration, on arrays: raking in sweeps, and Newton steps for two distances.

Raking multiplies the weights to fit one margin after the other until all fit (Deming and Stephan 1940).
Calibration finds the weights nearest to the design weights that meet the totals (Deville and Särndal
1992): with the raking distance it is the same as raking, reached by another road, which the tests use.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

DISTANCES = ("linear", "raking")


@dataclass(frozen=True, slots=True)
class Solution:
    """Weights, how many rounds they took, and the largest share by which a total is missed."""

    weights: np.ndarray
    iterations: int
    error: float


@dataclass(frozen=True, slots=True)
class Cells:
    """Rows of one category in every margin, taken together: their weights move by the same factor."""

    of_row: np.ndarray
    count: int
    margins: tuple[np.ndarray, ...]  # for each margin, the category of each cell

    def add_up(self, values: np.ndarray) -> np.ndarray:
        """The sum of a value of the rows in each cell."""
        return np.bincount(self.of_row, values, minlength=self.count)


def collapse(codes: Sequence[np.ndarray], sizes: Sequence[int]) -> Cells:
    """The cells of the margins that occur. A million rows are often a few thousand cells."""
    key = np.zeros(len(codes[0]), np.int64)
    for code, size in zip(codes, sizes, strict=True):
        key = key * size + code
    span = int(np.prod([float(size) for size in sizes]))
    if span <= max(4 * len(key), 1 << 22):  # counting beats sorting while the numbers are few
        present = np.flatnonzero(np.bincount(key, minlength=1))
        place = np.zeros(int(present[-1]) + 1 if len(present) else 1, np.int64)
        place[present] = np.arange(len(present))
        of_row = place[key]
    else:
        present, of_row = np.unique(key, return_inverse=True)
    parts: list[np.ndarray] = []
    left = present
    for size in reversed(sizes):
        parts.append(left % size)
        left = left // size
    return Cells(of_row, len(present), tuple(reversed(parts)))


def rake_cells(
    base: np.ndarray,
    margins: Sequence[np.ndarray],
    targets: Sequence[np.ndarray],
    *,
    tolerance: float,
    most: int,
) -> Solution:
    """Sweep over the margins until each is met to `tolerance` of its target, or `most` sweeps are done."""
    weights = base.astype(float).copy()
    error = np.inf
    for sweep in range(1, most + 1):
        error = 0.0
        for codes, target in zip(margins, targets, strict=True):
            held = np.bincount(codes, weights, minlength=len(target))
            wanted = target > 0
            error = max(error, float(np.max(np.abs(held - target)[wanted] / target[wanted])))
            factor = np.divide(target, held, out=np.ones_like(held), where=held > 0)
            weights *= factor[codes]
        if not np.isfinite(weights).all():
            return Solution(weights, sweep, np.inf)
        if error <= tolerance:
            return Solution(weights, sweep, error)
    return Solution(weights, most, error)


def calibrate_rows(
    base: np.ndarray,
    matrix: sparse.csr_matrix,
    totals: np.ndarray,
    *,
    distance: str,
    tolerance: float,
    most: int,
) -> Solution:
    """The weights nearest to `base` by the distance whose totals of `matrix`'s columns are `totals`.

    The columns may depend on one another (every margin adds up to everybody): a least-squares solution
    of the step is as good as any, since weights do not depend on which one is taken.
    """
    scale = np.maximum(np.abs(totals), base.sum() * 1e-9)
    unknowns = np.zeros(len(totals))
    weights = base.astype(float).copy()
    miss = totals - matrix.T @ weights
    error = float(np.max(np.abs(miss) / scale))
    for step in range(1, most + 1):
        if error <= tolerance:
            return Solution(weights, step - 1, error)
        curvature = base if distance == "linear" else weights
        gram = (matrix.T @ sparse.diags_array(curvature) @ matrix).toarray()
        move = _solved(gram, miss)
        unknowns, weights, miss, better = _stepped(
            base, matrix, totals, unknowns, move, scale, error, distance
        )
        if not better < error:
            return Solution(weights, step, error)
        error = better
    return Solution(weights, most, error)


def _solved(gram: np.ndarray, right: np.ndarray) -> np.ndarray:
    """The least-squares solution, with rows and columns first brought to one size."""
    size = np.sqrt(np.maximum(np.diag(gram), 1e-300))
    answer = np.linalg.lstsq(gram / size[:, None] / size[None, :], right / size, rcond=1e-11)[0]
    return answer / size


def _stepped(
    base: np.ndarray,
    matrix: sparse.csr_matrix,
    totals: np.ndarray,
    unknowns: np.ndarray,
    move: np.ndarray,
    scale: np.ndarray,
    error: float,
    distance: str,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, float]:
    """The step, halved until it brings the totals nearer (a full Newton step can leap too far)."""
    share = 1.0
    while True:
        trial = unknowns + share * move
        line = matrix @ trial
        grown = 1 + line if distance == "linear" else np.exp(np.minimum(line, 300.0))
        weights = base * grown
        miss = totals - matrix.T @ weights
        better = float(np.max(np.abs(miss) / scale))
        if better < error or share < 1e-4:
            return trial, weights, miss, better
        share /= 2


def indicator(codes: Sequence[np.ndarray], sizes: Sequence[int]) -> sparse.csr_matrix:
    """The matrix with one column for each category of each margin, 1 where a row is in it."""
    rows = len(codes[0]) if codes else 0
    blocks = [
        sparse.csr_matrix((np.ones(rows), code, np.arange(rows + 1)), shape=(rows, size))
        for code, size in zip(codes, sizes, strict=True)
    ]
    return sparse.csr_matrix(sparse.hstack(blocks, format="csr"))


def columns(
    codes: Sequence[np.ndarray], sizes: Sequence[int], auxiliary: Sequence[np.ndarray]
) -> sparse.csr_matrix:
    """The matrix of categories with columns of numbers beside it."""
    blocks = [indicator(codes, sizes)] if codes else []
    blocks += [sparse.csr_matrix(values[:, None]) for values in auxiliary]
    return sparse.csr_matrix(sparse.hstack(blocks, format="csr"))
