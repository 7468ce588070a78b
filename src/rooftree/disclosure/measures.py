"""Percentages, means and medians of cells that are shown, and of no others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from rooftree.catalogue.model import DisclosurePolicy
from rooftree.disclosure import counting
from rooftree.disclosure.counting import Counted
from rooftree.disclosure.result import Decided


def shares(decided: Decided, policy: DisclosurePolicy, axis: int) -> np.ndarray:
    """Each cell as a percentage of the cell in which this dimension is the total; nan where not shown.

    From rounded or unrounded counts, as the policy says. Not shown where either cell is hidden, where
    the base is smaller than the policy allows, and where the base is 0.
    """
    cube = decided.cube
    counts = decided.published if policy.percentages == "rounded" else decided.true
    cells = np.moveaxis(counts.reshape(cube.shape), axis, 0)
    hidden = np.moveaxis(decided.hidden.reshape(cube.shape), axis, 0)
    true = np.moveaxis(decided.true.reshape(cube.shape), axis, 0)
    base = cells[-1:]
    may = ~hidden & ~hidden[-1:] & (base > 0) & (true[-1:] >= policy.percentage_least)
    with np.errstate(divide="ignore", invalid="ignore"):
        found = np.round(100 * cells / base, policy.percentage_decimals)
    return np.moveaxis(np.where(may, found, np.nan), 0, axis).ravel()


def means(decided: Decided, policy: DisclosurePolicy, sums: np.ndarray) -> np.ndarray:
    """The mean of each cell, from unrounded figures; nan where not shown.

    Not shown for a hidden cell and for fewer people than the policy allows. A margin's mean is not
    shown either where the hidden cells in it together hold fewer: times the count, less the cells that
    are shown, it would be the sum of those few.
    """
    may = _may_average(decided, policy)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(may & (decided.n > 0), decided.cube.summed(sums) / decided.n, np.nan)


def _may_average(decided: Decided, policy: DisclosurePolicy) -> np.ndarray:
    least = max(policy.average_least, policy.threshold)
    may = ~decided.hidden & (decided.n >= least)
    equations = decided.cube.equations
    children = equations.maximum(0)
    few = children @ (decided.n * decided.hidden)
    betrays = (few > 0) & (few < least)
    parents = (-equations).maximum(0)
    may[(parents.T @ betrays.astype(float)) > 0] = False
    return may


def medians(
    decided: Decided,
    policy: DisclosurePolicy,
    table: Any,
    *,
    by: Sequence[str],
    of: str,
    before: Counted,
    into: Mapping[str, Mapping[str, str]],
) -> np.ndarray:
    """The median of each cell; nan for a hidden cell and for fewer people than the policy allows."""
    cube = decided.cube
    nodes = []
    for each, name, labels in zip(cube.dimensions, by, before.labels, strict=True):
        place = {node: at for at, node in enumerate(each.nodes[: each.n_leaves])}
        merged = into.get(name, {})
        nodes.append(
            {
                label: [each.nodes[at] for at in each.above(place[merged.get(label, label)])]
                for label in labels
            }
        )
    found = counting.medians(table, by=by, of=of, nodes=nodes)
    result = np.full(cube.n_cells, np.nan)
    for cell in np.flatnonzero(~decided.hidden & (decided.n >= policy.average_least)):
        labels = tuple(cube.labels(int(cell)).values())
        result[cell] = found.get(labels, np.nan)
    return result
