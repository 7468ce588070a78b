"""Random draws that repeat: one seed, a named stream for each topic, whole columns at a time.

A stream depends on the seed and its name only, so that a change in one topic leaves the others as
they were.
"""

from __future__ import annotations

import datetime as dt
import zlib
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array: TypeAlias = NDArray[Any]
#: Columns of one length, by name.
Frame: TypeAlias = dict[str, Array]

#: "No date" in columns of days since 1970-01-01.
NO_DAY = -1_000_000
YEAR = 365.25


def stream(seed: int, *names: str | int) -> np.random.Generator:
    """The random numbers of one topic."""
    words = [zlib.crc32(str(name).encode()) for name in names]
    return np.random.Generator(np.random.PCG64([seed, *words]))


def day(date: dt.date) -> int:
    """Days since 1970-01-01."""
    return date.toordinal() - 719_163


def date(day_number: int | np.integer[Any]) -> dt.date:
    """The date of a day number."""
    return dt.date.fromordinal(int(day_number) + 719_163)


def pick(rng: np.random.Generator, weights: ArrayLike, size: int) -> Array:
    """Positions in `weights`, drawn in proportion to them."""
    edges = np.cumsum(np.asarray(weights, dtype=float))
    return np.searchsorted(edges, rng.random(size) * edges[-1], side="right").astype(np.int32)


def pick_by_row(rng: np.random.Generator, weights: Array) -> Array:
    """One position per row of a matrix of weights."""
    edges = np.cumsum(weights, axis=1)
    aim = rng.random(len(weights)) * edges[:, -1]
    return np.minimum((edges <= aim[:, None]).sum(axis=1), weights.shape[1] - 1).astype(np.int32)


def chance(rng: np.random.Generator, probability: ArrayLike, size: int) -> Array:
    """True with the given probability, one or one per row."""
    return rng.random(size) < np.asarray(probability)


def between(rng: np.random.Generator, low: ArrayLike, high: ArrayLike, size: int) -> Array:
    """Whole numbers from low to high, both included; `high` below `low` counts as `low`."""
    low_a, high_a = np.asarray(low), np.asarray(high)
    span = np.maximum(high_a - low_a, 0) + 1
    return (low_a + np.floor(rng.random(size) * span)).astype(np.int64)


def words(values: list[str]) -> Array:
    """Texts as an array of objects, to be taken from by position."""
    out = np.empty(len(values), dtype=object)
    out[:] = values
    return out


def empty_text(size: int) -> Array:
    """A column of empty texts."""
    out = np.empty(size, dtype=object)
    out[:] = ""
    return out


def take(frame: Frame, rows: Array) -> Frame:
    """The given rows of every column."""
    return {name: column[rows] for name, column in frame.items()}


def stack(frames: list[Frame]) -> Frame:
    """One frame below the other; all have the same columns."""
    return {name: np.concatenate([f[name] for f in frames]) for name in frames[0]}


def rows_of(frame: Frame) -> int:
    """How many rows."""
    return len(next(iter(frame.values()))) if frame else 0
