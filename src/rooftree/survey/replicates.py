"""Replicate weights: the sample with parts left out or drawn again, as another road to a variance.

Worth their price where an estimate has no formula, or to check one that has.
Sources: jackknife, Wolter 2007; rescaled bootstrap, Rao and Wu 1988.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from rooftree.survey.design import Design, read_design
from rooftree.survey.tables import as_table, base_weights
from rooftree.survey.weigh import refit
from rooftree.survey.weighting import Weighting
from rooftree.vocabulary.errors import UserError

#: More replicates than this, and a million weights each, no longer fit in memory.
MOST_JACKKNIFE = 5_000


@dataclass(frozen=True, slots=True)
class Replicates:
    """Weights of each replicate (rows by replicates) and the factor of each in the variance."""

    weights: np.ndarray
    factors: np.ndarray
    kind: str
    degrees_of_freedom: int

    def covariance(self, estimates: np.ndarray) -> np.ndarray:
        """The covariance of estimates made with each replicate (replicates by estimates).

        About the mean of the replicates, as R does unless told otherwise.
        """
        counted = self.factors > 0
        gaps = estimates - estimates[counted].mean(axis=0)
        return (gaps * self.factors[:, None]).T @ gaps


def jackknife(
    data: Any,
    *,
    weight: str | None = None,
    strata: str | None = None,
    cluster: str | None = None,
    fpc: str | None = None,
) -> Replicates:
    """One replicate for each unit: it is left out, and the others of its stratum stand in for it.

    data: a table, or a Weighting: then each replicate is weighted to the margins again. Other
    arguments are those of `read_design`. A stratum of one unit is refused.
    """
    design, base, again = _start(data, weight, strata, cluster, fpc)
    units = len(design.stratum)
    if units > MOST_JACKKNIFE:
        raise UserError(
            f"A jackknife of {units:,} units needs as many replicates. Use bootstrap, or the "
            "linearised variance, which estimate gives by itself."
        )
    n = design.n_units[design.stratum]
    columns = []
    for left_out in range(units):
        same = design.stratum == design.stratum[left_out]
        factor = np.where(same, n[left_out] / max(n[left_out] - 1, 1), 1.0)
        factor[left_out] = 0.0
        columns.append(again(base * factor[design.unit]))
    factors = (n - 1) / n * (1 - design.sampled[design.stratum])
    return Replicates(np.column_stack(columns), factors, "jackknife", design.degrees_of_freedom)


def bootstrap(
    data: Any,
    *,
    n: int = 500,
    seed: int,
    weight: str | None = None,
    strata: str | None = None,
    cluster: str | None = None,
    fpc: str | None = None,
) -> Replicates:
    """`n` replicates: in each stratum one unit fewer than it has is drawn with replacement, and rescaled.

    The same seed gives the same replicates. Other arguments are those of `jackknife`.
    """
    if n < 2:
        raise UserError("A bootstrap needs at least 2 replicates; 500 are usual.")
    design, base, again = _start(data, weight, strata, cluster, fpc)
    rng = np.random.default_rng(seed)
    columns = []
    for _ in range(n):
        drawn = np.ones(len(design.stratum))
        for place, size in enumerate(design.n_units):
            if size < 2:
                continue
            units = np.flatnonzero(design.stratum == place)
            times = rng.multinomial(size - 1, np.full(size, 1 / size))
            shrink = np.sqrt(1 - design.sampled[place])
            drawn[units] = 1 - shrink + shrink * times * size / (size - 1)
        columns.append(again(base * drawn[design.unit]))
    factors = np.full(n, 1 / (n - 1))
    return Replicates(np.column_stack(columns), factors, "bootstrap", design.degrees_of_freedom)


def _start(
    data: Any, weight: str | None, strata: str | None, cluster: str | None, fpc: str | None
) -> tuple[Design, np.ndarray, Callable[[np.ndarray], np.ndarray]]:
    if isinstance(data, Weighting):
        design = read_design(data.table, strata=strata, cluster=cluster, fpc=fpc)
        return design, data.base, lambda base: refit(data, base)
    table = as_table(data)
    design = read_design(table, strata=strata, cluster=cluster, fpc=fpc)
    return design, base_weights(table, weight, where="sample"), lambda base: base
