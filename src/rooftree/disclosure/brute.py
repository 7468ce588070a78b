"""The slow reference of the audit: every table of whole numbers that agrees with what was published.

For tiny tables only. It writes down all ways to fill the leaves, adds each up, and keeps those that
would have been published as they were. Tests hold the audit to it.
"""

from __future__ import annotations

import numpy as np

MOST_TABLES = 500_000


def feasible(low: np.ndarray, high: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """The least and most of every cell over all tables that a reader cannot rule out; None: there is none.

    `low` and `high` are what is known of each cell of a table with its margins (the last place of each
    axis is the total); the grand total must be known. ValueError where there are more tables than can
    be written down.
    """
    leaves = tuple(slice(size - 1) for size in low.shape)
    shape = tuple(size - 1 for size in low.shape)
    most = high.copy()
    for axis in range(high.ndim):  # nothing is larger than a total that it is part of
        most = np.minimum(most, most.take([-1], axis=axis))
    ranges = [
        np.arange(least, largest + 1)
        for least, largest in zip(low[leaves].ravel(), most[leaves].ravel(), strict=True)
    ]
    count = int(np.prod([len(each) for each in ranges], dtype=float))
    if count > MOST_TABLES:
        raise ValueError(f"{count} tables are too many to write down")
    grids = np.meshgrid(*ranges, indexing="ij")
    tables = with_margins(np.stack([grid.ravel() for grid in grids], axis=1).reshape(-1, *shape))
    axes = tuple(range(1, tables.ndim))
    tables = tables[((tables >= low) & (tables <= high)).all(axis=axes)]
    return (tables.min(axis=0), tables.max(axis=0)) if len(tables) else None


def with_margins(tables: np.ndarray) -> np.ndarray:
    """Each table with a total added at the end of each axis; the first axis counts tables."""
    for axis in range(1, tables.ndim):
        tables = np.concatenate([tables, tables.sum(axis=axis, keepdims=True)], axis=axis)
    return tables
