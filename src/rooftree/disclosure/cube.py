"""A table with all its margins, as one array of cells and the sums that tie them together.

Each dimension has leaves, where wanted groups of leaves, and one total; a cell is one node of each
dimension. A margin is a cell like any other: it can be small, suppressed and attacked. The equations
"parent = sum of its children" are all that holds between cells, in any number of dimensions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce

import numpy as np
from scipy import sparse

from rooftree.disclosure.linear import above, csr, kron

#: The node that sums a whole dimension, as it is written in tables.
TOTAL = "Total"


@dataclass(frozen=True, slots=True)
class Dimension:
    """One characteristic: its leaves first, then groups of them, and the total last.

    `parent` gives the node that each node is summed into; the total has none (-1).
    """

    name: str
    nodes: tuple[str, ...]
    parent: tuple[int, ...]
    n_leaves: int

    @property
    def root(self) -> int:
        """The place of the total."""
        return len(self.nodes) - 1

    def children(self, node: int) -> list[int]:
        """The nodes summed into this one."""
        return [child for child, parent in enumerate(self.parent) if parent == node]

    def above(self, node: int) -> list[int]:
        """The node itself and every node it is part of, up to the total."""
        found = [node]
        while self.parent[found[-1]] >= 0:
            found.append(self.parent[found[-1]])
        return found

    def membership(self) -> sparse.csr_array:
        """Nodes by leaves: 1 where the leaf is part of the node."""
        pairs = [(node, leaf) for leaf in range(self.n_leaves) for node in self.above(leaf)]
        rows, columns = zip(*pairs, strict=True)
        shape = (len(self.nodes), self.n_leaves)
        return sparse.csr_array((np.ones(len(pairs)), (rows, columns)), shape=shape)


def dimension(
    name: str, leaves: Sequence[str], *, groups: Mapping[str, str] | None = None
) -> Dimension:
    """A dimension of these leaves, with a subtotal for each group where `groups` maps leaf to group.

    A group of one leaf, or of all of them, would be the same cell twice and is left out.
    """
    leaves = tuple(leaves)
    of = [groups.get(leaf) if groups else None for leaf in leaves]
    kept = [g for g in dict.fromkeys(of) if g is not None and 1 < of.count(g) < len(leaves)]
    nodes = (*leaves, *kept, TOTAL)
    root = len(nodes) - 1
    place = {group: len(leaves) + number for number, group in enumerate(kept)}
    parent = [place.get(group, root) if group else root for group in of]
    return Dimension(name, nodes, (*parent, *[root] * len(kept), -1), len(leaves))


@dataclass(frozen=True)
class Cube:
    """The cells of a table: every combination of one node of each dimension, in row-major order."""

    dimensions: tuple[Dimension, ...]

    @cached_property
    def shape(self) -> tuple[int, ...]:
        """How many nodes each dimension has."""
        return tuple(len(each.nodes) for each in self.dimensions)

    @cached_property
    def leaf_shape(self) -> tuple[int, ...]:
        """How many leaves each dimension has."""
        return tuple(each.n_leaves for each in self.dimensions)

    @property
    def n_cells(self) -> int:
        """How many cells there are, margins included."""
        return int(np.prod(self.shape))

    @cached_property
    def is_leaf(self) -> np.ndarray:
        """Which cells are no margin of any kind."""
        found = np.zeros(self.shape, dtype=bool)
        found[tuple(slice(n) for n in self.leaf_shape)] = True
        return found.ravel()

    def summed(self, leaves: np.ndarray) -> np.ndarray:
        """All cells, margins included, of an array of leaf cells."""
        cells = leaves
        for axis, each in enumerate(self.dimensions):
            moved = np.moveaxis(cells, axis, 0)
            flat = each.membership() @ moved.reshape(moved.shape[0], -1)
            cells = np.moveaxis(flat.reshape(-1, *moved.shape[1:]), 0, axis)
        return np.ascontiguousarray(cells).ravel()

    @cached_property
    def equations(self) -> sparse.csr_array:
        """One row for each "children minus parent = 0", over all cells."""
        blocks = [self._lines(axis) for axis in range(len(self.dimensions))]
        return above(*blocks)

    def _lines(self, axis: int) -> sparse.csr_array:
        each = self.dimensions[axis]
        parents = range(each.n_leaves, len(each.nodes))
        line = np.zeros((len(parents), len(each.nodes)))
        for row, parent in enumerate(parents):
            line[row, parent] = -1
            line[row, each.children(parent)] = 1
        factors = [
            csr(line) if place == axis else sparse.eye_array(size, format="csr")
            for place, size in enumerate(self.shape)
        ]
        return csr(reduce(kron, factors))

    def labels(self, cell: int) -> dict[str, str]:
        """The node of each dimension that a cell stands for."""
        places = np.unravel_index(cell, self.shape)
        return {
            each.name: each.nodes[int(place)]
            for each, place in zip(self.dimensions, places, strict=True)
        }
