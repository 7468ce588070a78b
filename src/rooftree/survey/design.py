"""How a sample was drawn, and what that does to a variance.

Linearised variance of one stage: rows are added up in primary sampling units, units vary about the mean
of their stratum, and a stratum drawn whole adds nothing (finite population correction). Sampling within
the units needs no further account unless most units were drawn. Source: Särndal, Swensson and Wretman
1992; the same as R's survey package without later stages.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from rooftree.survey.tables import Coded, coded, numbers, rows_in_words
from rooftree.vocabulary.errors import DataError, Problem, UserError

LONELY = ("refuse", "certainty", "adjust")


@dataclass(frozen=True, slots=True)
class Design:
    """Units and strata of a sample, row by row.

    `unit` is the primary sampling unit of each row, `stratum` the stratum of each unit, `n_units` how
    many a stratum has in the sample and `sampled` the share of its units that this is (0 where the
    population of units is not known, which is the careful side).
    """

    unit: np.ndarray
    stratum: np.ndarray
    n_units: np.ndarray
    sampled: np.ndarray
    lonely: str

    @property
    def degrees_of_freedom(self) -> int:
        """Units less strata."""
        return int(len(self.stratum) - len(self.n_units))

    def covariance(self, values: np.ndarray) -> np.ndarray:
        """The covariance of the weighted totals of `values`, one column to a total (already weighted)."""
        totals = self.unit_totals(values)
        means = self._by_stratum(totals) / self.n_units[:, None]
        if self.lonely == "adjust":  # about 0, which is the mean of all units for a mean or a ratio
            means[self.n_units == 1] = 0.0
        gaps = totals - means[self.stratum]
        n = np.maximum(self.n_units, 1)
        factor = np.where(n > 1, n / np.maximum(n - 1, 1), 1.0 if self.lonely == "adjust" else 0.0)
        gaps *= np.sqrt(factor * (1 - self.sampled))[self.stratum][:, None]
        return gaps.T @ gaps

    def unit_totals(self, values: np.ndarray) -> np.ndarray:
        """Each column added up in each unit."""
        size = len(self.stratum)
        if size == len(values) and np.array_equal(self.unit, np.arange(size)):
            return values.astype(float)
        columns = [np.bincount(self.unit, column, minlength=size) for column in values.T]
        return np.column_stack(columns)

    def _by_stratum(self, totals: np.ndarray) -> np.ndarray:
        size = len(self.n_units)
        return np.column_stack(
            [np.bincount(self.stratum, column, minlength=size) for column in totals.T]
        )


def read_design(
    table: pa.Table,
    *,
    strata: str | None = None,
    cluster: str | None = None,
    fpc: str | None = None,
    lonely: str = "refuse",
) -> Design:
    """The design of a sample, from its columns.

    strata: the stratum that each row was drawn in. Left out, one.
    cluster: the unit that was drawn (a building, a household of several answers). Left out, each row.
        A unit is one within its stratum: unit 1 of two strata is two units.
    fpc: how many units the row's stratum has in the population, for the finite population correction.
    lonely: what to do with a stratum of one unit, whose variance nobody can know: `refuse`;
        `certainty` (it was drawn for certain, adds nothing); `adjust` (what it adds to the estimate
        counts as variation, as in R: careful, and for totals very much so).
    Raises DataError for unknown values, a population smaller than its sample, and lonely units.
    """
    if lonely not in LONELY:
        raise UserError(f"There is no way {lonely!r} with lonely units. Use {', '.join(LONELY)}.")
    rows = table.num_rows
    of_row = np.zeros(rows, int)
    names: tuple[tuple[str, ...], ...] = (("all",),)
    problems: list[Problem] = []
    if strata is not None:
        found = coded(table, strata, where="sample")
        problems += _unknown(found)
        # Only strata that occur: a list of words may know more than the rows use.
        present, of_row = np.unique(found.codes, return_inverse=True)
        names = tuple(found.levels[code] if code >= 0 else ("",) for code in present)
    unit, stratum = _units(table, cluster, of_row, problems)
    if problems:
        raise DataError(problems)
    n_units = np.bincount(stratum, minlength=len(names))
    population = _population(table, fpc, of_row, len(names), n_units, problems)
    if lonely == "refuse":
        # Where a whole stratum was taken, one unit is all there is and nothing varies.
        for place in np.flatnonzero((n_units == 1) & (population > 1)):
            what = f"stratum {'/'.join(names[place])!r} has one unit in the sample, so nobody knows how it varies."
            remedy = (
                "Join it with a stratum like it, or say lonely='adjust' (careful) or 'certainty'."
            )
            problems.append(Problem(f"sample: {strata or cluster or 'rows'}", what, remedy))
    if problems:
        raise DataError(problems)
    sampled = np.where(np.isfinite(population), n_units / np.maximum(population, 1), 0.0)
    return Design(unit, stratum, n_units, sampled, lonely)


def _units(
    table: pa.Table, cluster: str | None, of_row: np.ndarray, problems: list[Problem]
) -> tuple[np.ndarray, np.ndarray]:
    if cluster is None:
        return np.arange(table.num_rows), of_row
    found = coded(table, cluster, where="sample")
    problems += _unknown(found)
    pairs = of_row.astype(np.int64) * (len(found.levels) + 1) + found.codes
    _, first, unit = np.unique(pairs, return_index=True, return_inverse=True)
    return unit, of_row[first]


def _unknown(column: Coded) -> list[Problem]:
    missing = column.codes < 0
    if not missing.any():
        return []
    what = f"{rows_in_words(missing)} no value."
    remedy = "Each row was drawn in some stratum and unit: fill it in from the sampling frame."
    return [Problem(f"sample: {column.name}", what, remedy)]


def _population(
    table: pa.Table,
    fpc: str | None,
    of_row: np.ndarray,
    n_strata: int,
    n_units: np.ndarray,
    problems: list[Problem],
) -> np.ndarray:
    """Units of each stratum in the population; infinite where it is not said."""
    if fpc is None:
        return np.full(n_strata, np.inf)
    values = numbers(table, fpc, where="sample")
    where = f"sample: {fpc}"
    if not np.isfinite(values).all():
        what = f"{rows_in_words(~np.isfinite(values))} no number."
        problems.append(Problem(where, what, "Give the number of units in the stratum."))
        return np.full(n_strata, np.inf)
    least = np.full(n_strata, np.inf)
    most = np.full(n_strata, -np.inf)
    np.minimum.at(least, of_row, values)
    np.maximum.at(most, of_row, values)
    held = n_units > 0
    if (least[held] != most[held]).any():
        what = "has more than one number within a stratum."
        problems.append(Problem(where, what, "It is one number for each stratum."))
    elif (most[held] < n_units[held]).any():
        what = "is smaller than the number of units in the sample."
        remedy = "It is the number of units in the population, not a share and not a weight."
        problems.append(Problem(where, what, remedy))
    return np.where(held, most, np.inf)
