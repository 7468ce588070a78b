"""The likelihood of a latent class model and one EM step, fast.

The items are cut into two blocks. A pattern is then a cell of a table, block one by block two, and
the probability of a cell is the product of two looked-up rows, summed over the classes:

    D = T1 · diag(shares) · T2'     T: block pattern × class, products of class-conditional
                                    probabilities, where an unknown answer multiplies by 1

With N the counts and R = N / D (only where N is not zero), the expected counts that the M step
needs are `T1 ∘ (R·T2)` and `T2 ∘ (R'·T1)`, so no posterior probability is ever written down for
each pattern. Within a block the same is done again, halves of halves, down to leaves of so few
joint categories that their size does not matter. `reference.py` says the same slowly.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from scipy import sparse

from rooftree.segments.discovery.collapse import Patterns

#: A leaf of a block has at most so many joint categories (or one item).
LEAF = 256
#: A matrix of at most so many cells is multiplied whole, which takes fewer calls.
SMALL = 4_000
#: Patterns in one go of the look-up, so that what is looked up stays in the processor's cache.
CHUNK = 4096
#: Patterns in one go where something is written down for each, to spare memory.
PART = 100_000
#: Where nothing can be said: keeps a logarithm or quotient finite.
TINY = 1e-300
#: No probability goes below this, so a rare code in a new customer rules nothing out by itself.
FLOOR = 1e-15


@dataclass(frozen=True, slots=True, eq=False)
class Parameters:
    """shares: class. theta: (item, category) × class; the categories of one item sum to 1."""

    shares: np.ndarray
    theta: np.ndarray

    @property
    def k(self) -> int:
        """The number of classes."""
        return len(self.shares)


class _Node(Protocol):
    """A block or part of one: some items and the joint categories of them that occur."""

    n: int

    def table(self, theta: np.ndarray) -> np.ndarray:
        """Joint category × class: products of probabilities."""
        ...

    def collect(self, counts: np.ndarray, out: np.ndarray) -> None:
        """Add expected counts of joint categories to those of the single items."""
        ...


class _Leaf:
    """Few enough joint categories to multiply item by item. The last row of theta is all ones."""

    def __init__(self, rows: np.ndarray, n_theta: int) -> None:
        self.rows = rows  # joint category × item: row of theta
        self.n = len(rows)
        every = np.tile(np.arange(self.n), rows.shape[1])
        spread = sparse.csr_array(
            (np.ones(rows.size), (rows.T.ravel(), every)), shape=(n_theta, self.n)
        )
        self.spread = spread.toarray() if n_theta * self.n <= SMALL else spread

    def table(self, theta: np.ndarray) -> np.ndarray:
        return theta[self.rows].prod(axis=1)

    def collect(self, counts: np.ndarray, out: np.ndarray) -> None:
        out += self.spread @ counts


class _Pair:
    """Two parts; only the joint categories that occur together."""

    def __init__(self, parts: tuple[_Node, _Node], at: tuple[np.ndarray, np.ndarray]) -> None:
        self.parts, self.at = parts, at
        self.n = len(at[0])
        ones, every = np.ones(self.n), np.arange(self.n)
        self.spread = tuple(
            sparse.csr_array((ones, (where, every)), shape=(part.n, self.n))
            for part, where in zip(parts, at, strict=True)
        )

    def table(self, theta: np.ndarray) -> np.ndarray:
        left, right = (
            np.take(part.table(theta), where, axis=0, mode="clip")
            for part, where in zip(self.parts, self.at, strict=True)
        )
        left *= right
        return left

    def collect(self, counts: np.ndarray, out: np.ndarray) -> None:
        for part, spread in zip(self.parts, self.spread, strict=True):
            part.collect(spread @ counts, out)


def _dense_ids(key: np.ndarray, radix: int) -> tuple[np.ndarray, np.ndarray]:
    """The keys that occur, sorted, and for each entry the place of its key among them."""
    if radix > max(4 * len(key), 1_000_000):
        found, ids = np.unique(key, return_inverse=True)
        return found, ids.astype(np.int32)
    there = np.zeros(radix, bool)
    there[key] = True
    place = np.cumsum(there, dtype=np.int32)
    place -= 1
    return np.flatnonzero(there), place[key]


def _halves(items: Sequence[int], sizes: Sequence[int]) -> tuple[list[int], list[int]]:
    """Two sets of items with about the same number of joint categories."""
    logs = {item: float(np.log(sizes[item] + 1)) for item in items}
    sides: tuple[list[int], list[int]] = ([], [])
    weight = [0.0, 0.0]
    for item in sorted(items, key=lambda i: (-logs[i], i)):
        lighter = int(weight[1] < weight[0])
        sides[lighter].append(item)
        weight[lighter] += logs[item]
    return sides


class Likelihood:
    """Patterns made ready, so that a step costs little: log-likelihood and the next parameters."""

    def __init__(self, patterns: Patterns) -> None:
        self.patterns = patterns
        self.starts = np.concatenate(([0], np.cumsum(patterns.sizes)))
        self.n_theta = int(self.starts[-1])
        self.weights, self.n = patterns.weights, patterns.n
        one, two = _halves(range(len(patterns.sizes)), patterns.sizes)
        self.one, id_one = self._node(one)
        self.two, id_two = self._node(two)
        self.ids = (id_one, id_two)
        self.is_dense = self.one.n * self.two.n <= SMALL
        if self.is_dense:
            self.cells = id_one.astype(np.int64) * self.two.n + id_two
            self.ratio = np.zeros((self.one.n, self.two.n))
        else:
            self._prepare_sparse()
        # An item to which nobody has an answer has no category and no sum.
        sizes = np.array([size for size in patterns.sizes if size], int)
        self._first = np.concatenate(([0], np.cumsum(sizes)[:-1]))
        self._item_of = np.repeat(np.arange(len(sizes)), sizes)

    def _prepare_sparse(self) -> None:
        order = np.arange(len(self.patterns), dtype=np.int32)
        made: Any = sparse.coo_array((order, self.ids), shape=(self.one.n, self.two.n)).tocsr()
        order = made.data  # counted into order by rows and columns
        self.weights = self.weights[order]
        self.columns = made.indices
        self.rows = self.ids[0][order]
        self.probability = np.empty(len(order))
        self.counts = sparse.csr_array(
            (np.empty(len(order)), made.indices, made.indptr), shape=made.shape
        )

    def _node(self, items: list[int]) -> tuple[_Node, np.ndarray]:
        """The block of these items, and the joint category of each pattern."""
        codes, sizes = self.patterns.codes, self.patterns.sizes
        radix = 1
        for item in items:
            radix *= sizes[item] + 1
        if radix > LEAF and len(items) > 1:
            first, second = _halves(items, sizes)
            left, left_ids = self._node(first)
            right, right_ids = self._node(second)
            key = left_ids.astype(np.int64) * right.n
            key += right_ids
            found, at = _dense_ids(key, left.n * right.n)
            return _Pair((left, right), (found // right.n, found % right.n)), at
        key = np.zeros(len(codes), np.int32)
        for item in items:
            key *= sizes[item] + 1
            key += codes[:, item]
        found, at = _dense_ids(key, radix)
        rows = np.empty((len(found), len(items)), np.int64)
        for place in range(len(items) - 1, -1, -1):
            item = items[place]
            found, code = np.divmod(found, sizes[item] + 1)
            rows[:, place] = np.where(code < sizes[item], self.starts[item] + code, self.n_theta)
        return _Leaf(rows, self.n_theta + 1), at

    def tables(self, at: Parameters) -> tuple[np.ndarray, np.ndarray]:
        """The rows to look up for the two blocks; those of the first are times the shares."""
        theta = np.vstack([at.theta, np.ones(at.k)])
        return self.one.table(theta) * at.shares, self.two.table(theta)

    def step(self, at: Parameters) -> tuple[float, Parameters]:
        """The log-likelihood at these parameters, and the parameters one EM step on."""
        one, two = self.tables(at)
        divide = self._divide_dense if self.is_dense else self._divide_sparse
        log_likelihood, ratio = divide(one, two)
        from_two, from_one = ratio @ two, ratio.T @ one
        one *= from_two
        two *= from_one
        counts = np.zeros((self.n_theta + 1, at.k))
        self.one.collect(one, counts)
        self.two.collect(two, counts)
        counts = counts[:-1]
        totals = self.item_sums(counts)
        # A class of which nobody answers an item keeps what was thought of it.
        with np.errstate(invalid="ignore", divide="ignore"):
            theta = np.where(totals > 0, counts / totals, at.theta)
        shares = one.sum(axis=0)
        shares /= shares.sum()
        return log_likelihood, Parameters(shares, np.maximum(theta, FLOOR))

    def item_sums(self, values: np.ndarray) -> np.ndarray:
        """(Item, category) × class: the sum over the categories of the same item."""
        return np.add.reduceat(values, self._first, axis=0)[self._item_of]

    def _divide_dense(self, one: np.ndarray, two: np.ndarray) -> tuple[float, np.ndarray]:
        probability = np.maximum((one @ two.T).ravel()[self.cells], TINY)
        self.ratio.ravel()[self.cells] = self.weights / probability
        return float(self.weights @ np.log(probability)), self.ratio

    def _divide_sparse(self, one: np.ndarray, two: np.ndarray) -> tuple[float, Any]:
        probability, data = self.probability, self.counts.data
        left = np.empty((CHUNK, one.shape[1]))
        right = np.empty_like(left)
        total = 0.0
        for start in range(0, len(probability), CHUNK):
            part = slice(start, min(start + CHUNK, len(probability)))
            n = part.stop - start
            np.take(one, self.rows[part], axis=0, out=left[:n], mode="clip")
            np.take(two, self.columns[part], axis=0, out=right[:n], mode="clip")
            found = probability[part]
            np.einsum("ij,ij->i", left[:n], right[:n], out=found)
            np.maximum(found, TINY, out=found)
            np.divide(self.weights[part], found, out=data[part])
            total += float(self.weights[part] @ np.log(found))
        return total, self.counts

    def posteriors(self, at: Parameters) -> Iterator[tuple[slice, np.ndarray]]:
        """Parts of the patterns, and for each pattern × class how probable the class is."""
        for part, joint in self._joint(at):
            joint /= np.maximum(joint.sum(axis=1, keepdims=True), TINY)
            yield part, joint

    def modal(self, at: Parameters) -> np.ndarray:
        """The most probable class of each pattern, from 0."""
        return np.concatenate([one.argmax(axis=1) for _, one in self.posteriors(at)])

    def probabilities(self, at: Parameters) -> np.ndarray:
        """How probable each pattern is."""
        return np.concatenate([np.maximum(one.sum(axis=1), TINY) for _, one in self._joint(at)])

    def _joint(self, at: Parameters) -> Iterator[tuple[slice, np.ndarray]]:
        one, two = self.tables(at)
        for start in range(0, len(self.patterns), PART):
            part = slice(start, start + PART)
            joint = np.take(one, self.ids[0][part], axis=0, mode="clip")
            joint *= np.take(two, self.ids[1][part], axis=0, mode="clip")
            yield part, joint
