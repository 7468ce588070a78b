"""What weighting gives: the table with its weights, how it went, and warnings that go wherever it goes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from scipy import sparse

from rooftree.survey.margins import Margin
from rooftree.survey.solve import Cells, columns
from rooftree.vocabulary.errors import Problem

#: Above this design effect less than two thirds of the sample is left to speak.
HIGH_DESIGN_EFFECT = 1.5

#: A weight of so many times the mean lets one household speak for a crowd.
LARGE_WEIGHT = 5.0

#: A category with fewer answers than this is weighted on little evidence.
FEW_ANSWERS = 20

#: How many of the largest weights the diagnostics list.
LARGEST = 10


@dataclass(frozen=True, slots=True)
class Diagnostics:
    """How the weighting went.

    `design_effect` is Kish's: what unequal weights alone do to a variance, one plus the squared
    coefficient of variation. `effective_n` is n divided by it. The design effect of one question
    comes from `estimate` and is another number; say which one is published.
    `error` is the largest share by which a total was missed. `margins` has a row for each category:
    target, weighted count before and after, rows, and the factor between. `largest` lists rows,
    counted from 1, with the largest weights.
    """

    n: int
    sum_before: float
    sum_after: float
    smallest: float
    median: float
    largest_over_mean: float
    design_effect: float
    effective_n: float
    iterations: int
    error: float
    n_trimmed: int
    margins: pa.Table
    largest: pa.Table


@dataclass(frozen=True, slots=True)
class Weighting:
    """A weighted sample.

    `table` is the given table with the weights in the column `name`. `base` are the design weights
    that they started from, which the variance of an estimate needs (`estimate` takes a Weighting as
    it is). `warnings` say what a reader of any number made with these weights has to know.
    """

    table: pa.Table
    name: str
    method: str
    base: np.ndarray
    weights: np.ndarray
    margins: tuple[Margin, ...]
    cells: Cells
    auxiliary: tuple[np.ndarray, ...]  # numbers whose totals were met too, row by row
    totals: tuple[float, ...]
    diagnostics: Diagnostics
    warnings: tuple[Problem, ...]

    @property
    def weight(self) -> pa.Array:
        """The weights, row by row."""
        return pa.array(self.weights, pa.float64())

    def matrix(self) -> sparse.csr_matrix:
        """What the weights were fitted to: a column for each category, and the auxiliary numbers."""
        codes = [margin[self.cells.of_row] for margin in self.cells.margins]
        return columns(codes, [len(m.levels) for m in self.margins], self.auxiliary)


def kish(weights: np.ndarray) -> float:
    """Kish's design effect: n times the sum of squares over the square of the sum. At least 1."""
    total = weights.sum()
    return float(len(weights) * np.square(weights).sum() / total**2) if total else float("nan")


def diagnose(
    base: np.ndarray,
    weights: np.ndarray,
    *,
    margins: tuple[Margin, ...],
    cells: Cells,
    iterations: int,
    error: float,
    n_trimmed: int,
) -> Diagnostics:
    """The figures about a set of weights."""
    effect = kish(weights)
    mean = float(weights.mean())
    order = _largest(weights)
    largest = {"row": order + 1, "weight": weights[order], "over_mean": weights[order] / mean}
    return Diagnostics(
        n=len(weights),
        sum_before=float(base.sum()),
        sum_after=float(weights.sum()),
        smallest=float(weights.min()),
        median=float(np.median(weights)),
        largest_over_mean=float(weights.max()) / mean,
        design_effect=effect,
        effective_n=len(weights) / effect,
        iterations=iterations,
        error=error,
        n_trimmed=n_trimmed,
        margins=_margins_table(base, weights, margins, cells),
        largest=pa.table(largest),
    )


def _largest(weights: np.ndarray) -> np.ndarray:
    """The places of the largest weights, earlier rows first among equals; without sorting them all."""
    if len(weights) > LARGEST:
        bound = np.partition(weights, -LARGEST)[-LARGEST]
        places = np.flatnonzero(weights >= bound)
    else:
        places = np.arange(len(weights))
    return places[np.argsort(-weights[places], kind="stable")][:LARGEST]


def _margins_table(
    base: np.ndarray, weights: np.ndarray, margins: tuple[Margin, ...], cells: Cells
) -> pa.Table:
    by_cell = [cells.add_up(values) for values in (np.ones(len(base)), base, weights)]
    columns: dict[str, list[object]] = {
        name: [] for name in ("margin", "category", "n", "before", "target", "after", "factor")
    }
    for margin, codes in zip(margins, cells.margins, strict=True):
        size = len(margin.levels)
        n, before, after = (np.bincount(codes, values, minlength=size) for values in by_cell)
        columns["margin"] += [margin.name] * size
        columns["category"] += [margin.label(place) for place in range(size)]
        columns["n"] += [int(count) for count in n]
        columns["before"] += before.tolist()
        columns["target"] += margin.targets.tolist()
        columns["after"] += after.tolist()
        columns["factor"] += [
            a / b if b > 0 else None for a, b in zip(after.tolist(), before.tolist(), strict=True)
        ]
    types = [pa.string(), pa.string(), pa.int64(), *[pa.float64()] * 4]
    return pa.table(
        {name: pa.array(columns[name], kind) for name, kind in zip(columns, types, strict=True)}
    )


def warnings_of(diagnostics: Diagnostics) -> Iterator[Problem]:
    """What has to be known before a number made with these weights is believed."""
    d = diagnostics
    if d.smallest < 0:
        what = f"the smallest weight is {d.smallest:.3g}: somebody counts for less than nothing."
        yield Problem(
            "weights",
            what,
            "Use the raking distance, which keeps weights above 0, or fewer margins.",
        )
    if d.design_effect > HIGH_DESIGN_EFFECT:
        what = (
            f"the design effect is {d.design_effect:.2f}: {d.n:,} answers say as much as "
            f"{d.effective_n:,.0f} would unweighted."
        )
        yield Problem(
            "weights", what, "Weight on fewer or coarser categories, or trim, and publish both."
        )
    if d.largest_over_mean > LARGE_WEIGHT:
        what = f"the largest weight is {d.largest_over_mean:.1f} times the mean (rows in diagnostics.largest)."
        yield Problem("weights", what, "Join small categories, or trim the weights.")
    for row in d.margins.to_pylist():
        if 0 < row["n"] < FEW_ANSWERS:
            what = f"{row['category']!r} stands on {row['n']} answers, each counting for {row['factor']:.3g}."
            remedy = "Join it with the category nearest to it."
            yield Problem(f"margin {row['margin']}", what, remedy)
