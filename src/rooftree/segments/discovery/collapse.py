"""Many people, few patterns: rows that answer alike become one pattern with a count.

The likelihood of a latent class model depends on the counts of patterns only, so nothing is lost
and nobody is looked at twice. Patterns are sorted, so the order of the rows cannot matter.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

LARGEST_KEY = 2**62


@dataclass(frozen=True, slots=True, eq=False)
class Patterns:
    """Distinct patterns of answers and their weights.

    codes: pattern × item, one byte each; `sizes[item]` stands for not known.
    weights: people (or the sum of their weights) who have the pattern.
    n_blank: the weight of rows on which nothing at all is known. They say nothing of groups, are
        in no pattern, and do not count as observations.
    """

    codes: np.ndarray
    weights: np.ndarray
    sizes: tuple[int, ...]
    n_blank: float = 0.0

    @property
    def n(self) -> float:
        """The number of observations: the sum of the weights."""
        return float(self.weights.sum())

    def __len__(self) -> int:
        return len(self.weights)

    def has_missing(self) -> bool:
        """Whether any pattern lacks an answer."""
        return bool((self.codes == np.array(self.sizes, np.uint8)).any())

    def take(self, chosen: np.ndarray, weights: np.ndarray) -> Patterns:
        """Some of the patterns, with other weights."""
        return Patterns(np.asfortranarray(self.codes[chosen]), weights, self.sizes)


def collapse(
    columns: Iterable[np.ndarray], sizes: tuple[int, ...], weights: np.ndarray | None = None
) -> Patterns:
    """Count the patterns of columns of codes. Codes run to `size`, which means not known.

    The codes of a row are the digits of one 64-bit number in a mixed radix. Where the items are too
    many for 64 bits, the numbers so far are renumbered 0, 1, 2 … and the digits go on from there.
    """
    key, stages, digits = _keys(columns, sizes)
    if weights is None:
        key.sort()
        sorted_weights = None
    else:
        # By weight too: adding in one order whatever the order of the rows gives the same last digit.
        order = np.lexsort((weights, key))
        key, sorted_weights = key[order], weights[order]
    first = np.flatnonzero(np.concatenate(([True], key[1:] != key[:-1]))) if key.size else key
    if sorted_weights is None:
        counts = np.diff(np.append(first, key.size)).astype(float)
    else:
        counts = np.add.reduceat(sorted_weights, first) if key.size else sorted_weights
    codes = _decode(key[first], stages, digits)
    kept = counts > 0
    blank = (codes == np.array(sizes, np.uint8)).all(axis=1)
    n_blank = float(counts[blank].sum())
    kept &= ~blank
    return Patterns(np.asfortranarray(codes[kept]), counts[kept], sizes, n_blank)


def _keys(
    columns: Iterable[np.ndarray], sizes: tuple[int, ...]
) -> tuple[np.ndarray, list[tuple[np.ndarray, list[int]]], list[int]]:
    key = np.empty(0, np.int64)
    stages: list[tuple[np.ndarray, list[int]]] = []
    digits: list[int] = []
    radix = 1
    for place, (column, size) in enumerate(zip(columns, sizes, strict=True)):
        if place == 0:
            key = np.zeros(len(column), np.int64)
        if radix * (size + 1) > LARGEST_KEY:
            seen, key = np.unique(key, return_inverse=True)
            stages.append((seen, digits))
            radix, digits = max(len(seen), 1), []
        key *= size + 1
        key += column
        radix *= size + 1
        digits.append(size + 1)
    return key, stages, digits


def _decode(
    key: np.ndarray, stages: list[tuple[np.ndarray, list[int]]], digits: list[int]
) -> np.ndarray:
    columns: list[np.ndarray] = []
    for seen, earlier in [*reversed(stages), (None, [])]:
        for radix in reversed(digits):
            key, digit = np.divmod(key, radix)
            columns.append(digit.astype(np.uint8))
        if seen is not None:
            key, digits = seen[key], earlier
    return np.stack(columns[::-1], axis=1)


def thin(patterns: Patterns, size: int) -> Patterns:
    """About `size` people at equal steps through the sorted patterns, as counts of patterns.

    Neighbours in the order are alike, so the sample has nearly the shares of the whole. The same
    patterns give the same sample: no chance is in it.
    """
    ends = np.cumsum(patterns.weights)
    steps = (np.arange(size) + 0.5) * (ends[-1] / size)
    chosen, counts = np.unique(np.searchsorted(ends, steps), return_counts=True)
    return patterns.take(chosen, counts.astype(float))


def draw(patterns: Patterns, size: int, rng: np.random.Generator) -> Patterns:
    """A bootstrap sample: so many people, each drawn anew from all by weight."""
    ends = np.cumsum(patterns.weights)
    at = np.sort(rng.random(size)) * ends[-1]
    found = np.minimum(np.searchsorted(ends, at, side="right"), len(ends) - 1)
    chosen, counts = np.unique(found, return_counts=True)
    return patterns.take(chosen, counts.astype(float))
