"""Linear and whole-number programmes, as the rest of this package asks for them (HiGHS, by way of scipy)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import optimize, sparse


@dataclass(frozen=True, slots=True)
class Solution:
    """The least value, where it is reached, and what one more on each equation's right side would cost."""

    value: float
    x: np.ndarray
    prices: np.ndarray


def minimise(
    objective: np.ndarray,
    *,
    low: np.ndarray,
    high: np.ndarray,
    equal: sparse.csr_array | None = None,
    at_most: tuple[sparse.csr_array, np.ndarray] | None = None,
) -> Solution | None:
    """The least of `objective @ x` where `equal @ x` is 0 and `at_most[0] @ x <= at_most[1]`; None: no x does."""
    found: Any = optimize.linprog(
        objective,
        A_eq=equal,
        b_eq=None if equal is None else np.zeros(rows_of(equal)),
        A_ub=None if at_most is None else at_most[0],
        b_ub=None if at_most is None else at_most[1],
        bounds=np.column_stack([low, high]),
        method="highs",
    )
    if found.status != 0:
        return None
    prices = np.zeros(0) if equal is None else found.eqlin.marginals
    return Solution(float(found.fun), found.x, prices)


def cover(
    cost: np.ndarray,
    rows: sparse.csr_array,
    *,
    low: np.ndarray,
    high: np.ndarray,
    seconds: float,
) -> np.ndarray | None:
    """The cheapest x of whole numbers with `rows @ x >= 1`; None when time runs out or there is none."""
    bounds: Any = optimize.Bounds
    constraint: Any = optimize.LinearConstraint
    found: Any = optimize.milp(
        cost,
        constraints=constraint(rows, 1.0, np.inf),
        bounds=bounds(low, high),
        integrality=np.ones(len(cost)),
        options={"time_limit": max(seconds, 0.1), "mip_rel_gap": 0.0},
    )
    return np.round(found.x) if found.status == 0 else None


def rows_of(matrix: Any) -> int:
    """How many rows a matrix has; the types of scipy do not know."""
    return int(matrix.shape[0])


def csr(matrix: Any) -> sparse.csr_array:
    """Any sparse or dense matrix, row by row."""
    return sparse.csr_array(matrix)


def beside(*matrices: Any) -> sparse.csr_array:
    """Matrices side by side."""
    stack: Any = sparse.hstack
    return csr(stack(matrices, format="csr"))


def above(*matrices: Any) -> sparse.csr_array:
    """Matrices one above the other."""
    stack: Any = sparse.vstack
    return csr(stack(matrices, format="csr"))


def kron(one: Any, other: Any) -> sparse.csr_array:
    """The Kronecker product."""
    product: Any = sparse.kron
    return csr(product(one, other, format="csr"))
