"""Counted tables for the tests of disclosure, written as numbers and read as rows."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from rooftree.disclosure import Protected

#: A table of 6 areas by 5 groups whose best suppression is known, and one of 10 by 8.
SIX_BY_FIVE = (
    """111 1 13 8 6 / 8 2 10 2 517 / 8 7 9 4 3 / 6 18 12 33 5 / 10 68 16 5 9 / 20 82 9 7 30"""
)
TEN_BY_EIGHT = """24 5 18 10 80 6 38 2 / 4 3 1 11 37 8 23 80 / 11 14 8 0 21 1 20 8 / 37 10 3 19 4 9 13 8 /
    9 5 3 0 6 2 42 46 / 1 19 6 4 9 4 1 1 / 8 11 6 21 17 0 6 6 / 7 70 8 3 3 4 168 7 /
    5 24 16 136 8 28 12 17 / 0 77 3 13 1 8 14 19"""


def cells(text: str) -> np.ndarray:
    """Rows apart by strokes, numbers by blanks."""
    return np.array([[int(word) for word in row.split()] for row in text.split("/")])


def table(leaves: np.ndarray, *names: str) -> pa.Table:
    """One row per leaf: its place in each dimension, counted from 1, and its count `n`."""
    names = names or tuple("abcdef"[: leaves.ndim])
    places = np.unravel_index(np.arange(leaves.size), leaves.shape)
    columns = {
        name: [f"{int(at) + 1:02d}" for at in place]
        for name, place in zip(names, places, strict=True)
    }
    return pa.table({**columns, "n": leaves.ravel()})


def texts(result: Protected) -> dict[tuple[str, ...], str]:
    """What is published of each cell."""
    names = result.table.column_names[: _n_dimensions(result)]
    return {tuple(row[name] for name in names): row["text"] for row in result.table.to_pylist()}


def _n_dimensions(result: Protected) -> int:
    return result.table.column_names.index("value")


def hidden(result: Protected, status: str) -> list[tuple[str, ...]]:
    """The cells of one status of the table that stays inside."""
    names = result.table.column_names[: _n_dimensions(result)]
    return [
        tuple(row[name] for name in names)
        for row in result.cells.to_pylist()
        if row["status"] == status
    ]
