"""Weights for a survey: raking, cell weighting and calibration, on a plain table.

    weighted = rooftree.survey.rake(answers, {"sex": {"f": 5200, "m": 4800}, "age": {...}})
    weighted.table            the answers, with the column calibrated_weight
    weighted.diagnostics      design effect, effective sample, largest weights, each margin before and after
    weighted.warnings         what a reader of the numbers has to know

The weights agree with R's survey package (`calibrate`, `postStratify`, and `rake` run to the end).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from rooftree.survey import solve
from rooftree.survey.margins import Given, Margin, coded_margins, read_margins
from rooftree.survey.solve import Cells, Solution
from rooftree.survey.tables import as_table, base_weights, numbers, with_column
from rooftree.survey.weighting import Weighting, diagnose, warnings_of
from rooftree.vocabulary.errors import DataError, Problem, UserError

#: Each total is met to this share of itself.
TOLERANCE = 1e-10

#: Rounds before it is said that the margins cannot be met.
ROUNDS = 2000

#: Rounds of trimming and fitting again.
TRIM_ROUNDS = 200

#: A trimmed weight may exceed its bound by this share after the last fit.
TRIM_SLACK = 1e-3

OUTPUT = "calibrated_weight"


def rake(
    table: Any,
    margins: Given,
    *,
    weight: str | None = None,
    targets: str = "counts",
    trim: tuple[float, float] | None = None,
    tolerance: float = TOLERANCE,
    rounds: int = ROUNDS,
    name: str = OUTPUT,
) -> Weighting:
    """Weights that meet several margins at once, each row's design weight changed as little as can be.

    table: anything Arrow can read, a row for each answer.
    margins: for each field the target of each category, {"sex": {"f": 5200, "m": 4800}}; a tuple of
        fields is a joint margin, {("sex", "age"): {("f", "16-34"): 900, ...}}.
    weight: the column of design weights. Left out, all are 1.
    targets: `counts`, or `shares` (each margin adds up to 1), brought to the sum of the design weights.
    trim: lowest and highest weight, as multiples of the mean, such as (0.3, 3): weights beyond are
        brought to the bound and the margins fitted again, until both hold.

    Raises DataError, naming row, field and category, where the result would be wrong: an unknown
    category or value, a category of the margin that nobody is in, margins that do not add up to one
    number, a negative target, margins that cannot all be met, or cannot within the trimming.
    """
    read = as_table(table)
    base = base_weights(read, weight, where="sample")
    chosen = read_margins(margins, targets=targets, total=float(base.sum()))
    cells = _cells(read, chosen, base)

    def fit(start: np.ndarray) -> Solution:
        return _raked(start, cells, chosen, tolerance=tolerance, rounds=rounds)

    return _finished(read, "raking", base, chosen, cells, fit, trim=trim, name=name)


def poststratify(
    table: Any,
    by: str | Sequence[str],
    population: Mapping[Any, float],
    *,
    weight: str | None = None,
    targets: str = "counts",
    trim: tuple[float, float] | None = None,
    name: str = OUTPUT,
) -> Weighting:
    """Cell weights: each cell of `by` is brought to its count in the population.

    `population` gives the target of each category, or of each tuple of categories where `by` names
    several fields. Other arguments and errors are those of `rake`.
    """
    read = as_table(table)
    base = base_weights(read, weight, where="sample")
    fields = (by,) if isinstance(by, str) else tuple(by)
    chosen = read_margins({fields: population}, targets=targets, total=float(base.sum()))
    cells = _cells(read, chosen, base)

    def fit(start: np.ndarray) -> Solution:
        return _raked(start, cells, chosen, tolerance=TOLERANCE, rounds=ROUNDS)

    return _finished(read, "poststratification", base, chosen, cells, fit, trim=trim, name=name)


def calibrate(
    table: Any,
    margins: Given | None = None,
    *,
    totals: Mapping[str, float] | None = None,
    distance: str = "linear",
    weight: str | None = None,
    targets: str = "counts",
    trim: tuple[float, float] | None = None,
    tolerance: float = TOLERANCE,
    name: str = OUTPUT,
) -> Weighting:
    """Weights nearest to the design weights that meet margins and the totals of numbers.

    totals: for a column of numbers its total in the population, such as {"rooms": 41_200}.
    distance: `linear` (the generalised regression estimator; weights may fall below 0, with a
        warning) or `raking` (weights stay above 0; the same weights as `rake` where there are only
        margins). Other arguments and errors are those of `rake`.
    """
    if distance not in solve.DISTANCES:
        raise UserError(f"There is no distance {distance!r}. Use {' or '.join(solve.DISTANCES)}.")
    if not margins and not totals:
        raise UserError("There is nothing to calibrate to. Give margins, totals or both.")
    read = as_table(table)
    base = base_weights(read, weight, where="sample")
    chosen = read_margins(margins, targets=targets, total=float(base.sum())) if margins else []
    cells = _cells(read, chosen, base)
    auxiliary, wanted = _auxiliary(read, totals or {})
    goal = np.concatenate([*(m.targets for m in chosen), wanted])

    def fit(start: np.ndarray) -> Solution:
        return _calibrated(start, cells, chosen, auxiliary, goal, distance, tolerance)

    return _finished(
        read, f"calibration ({distance})", base, chosen, cells, fit,
        trim=trim, name=name, auxiliary=auxiliary, totals=tuple(wanted),
    )  # fmt: skip


def refit(weighting: Weighting, base: np.ndarray) -> np.ndarray:
    """The weights that other base weights would have led to: what a replicate of the sample needs.

    Trimming is not done again. A category that a replicate leaves without anybody is an error of
    that replicate, told as such.
    """
    if weighting.method in ("raking", "poststratification"):
        found = _raked(base, weighting.cells, weighting.margins, tolerance=TOLERANCE, rounds=ROUNDS)
        return found.weights
    distance = weighting.method.partition("(")[2].rstrip(")")
    goal = np.concatenate([*(m.targets for m in weighting.margins), np.array(weighting.totals)])
    found = _calibrated(
        base, weighting.cells, weighting.margins, weighting.auxiliary, goal, distance, TOLERANCE
    )
    return found.weights


def _cells(table: pa.Table, margins: Sequence[Margin], base: np.ndarray) -> Cells:
    if not margins:
        return Cells(np.zeros(len(base), int), 1, ())
    codes = coded_margins(table, margins, base=base)
    return solve.collapse(codes, [len(margin.levels) for margin in margins])


def _raked(
    base: np.ndarray, cells: Cells, margins: Sequence[Margin], *, tolerance: float, rounds: int
) -> Solution:
    """Raking on cells: every row of a cell moves by one factor."""
    held = cells.add_up(base)
    found = solve.rake_cells(
        held, cells.margins, [m.targets for m in margins], tolerance=tolerance, most=rounds
    )
    _check_met(found, tolerance=tolerance, what="margins")
    factor = np.divide(found.weights, held, out=np.zeros_like(held), where=held > 0)
    return Solution(base * factor[cells.of_row], found.iterations, found.error)


def _check_met(found: Solution, *, tolerance: float, what: str) -> None:
    # A linear solve leaves rounding of its own; a millionth of a total is met by any reading.
    if found.error <= max(tolerance, 1e-8):
        return
    missed = (
        "cannot be met" if not math.isfinite(found.error) else f"are missed by {found.error:.2g}"
    )
    remedy = (
        "They ask for a combination that the sample has nobody in, or contradict each other: "
        "join small categories, leave out a margin, or take all of them from one table."
    )
    told = f"after {found.iterations} rounds the {what} {missed} of a target."
    raise DataError([Problem("margins", told, remedy)], "The weights were not found")


def _auxiliary(
    table: pa.Table, totals: Mapping[str, float]
) -> tuple[tuple[np.ndarray, ...], np.ndarray]:
    columns = []
    for field in totals:
        values = numbers(table, field, where="sample")
        if not np.isfinite(values).all():
            count = int((~np.isfinite(values)).sum())
            what = f"{count:,} rows have no number."
            remedy = "Nothing is guessed: take those rows out and say so, or leave out the total."
            raise DataError([Problem(f"sample: {field}", what, remedy)])
        columns.append(values)
    return tuple(columns), np.array([float(total) for total in totals.values()])


def _calibrated(
    base: np.ndarray,
    cells: Cells,
    margins: Sequence[Margin],
    auxiliary: Sequence[np.ndarray],
    goal: np.ndarray,
    distance: str,
    tolerance: float,
) -> Solution:
    """Calibration, on cells where there are only margins: every row of a cell moves by one factor."""
    sizes = [len(margin.levels) for margin in margins]
    if auxiliary:
        start = base
        shape = solve.columns([m[cells.of_row] for m in cells.margins], sizes, auxiliary)
    else:
        start, shape = cells.add_up(base), solve.indicator(cells.margins, sizes)
    found = solve.calibrate_rows(
        start, shape, goal, distance=distance, tolerance=tolerance, most=100
    )
    _check_met(found, tolerance=tolerance, what="margins and totals")
    if auxiliary:
        return found
    factor = np.divide(found.weights, start, out=np.zeros_like(start), where=start > 0)
    return Solution(base * factor[cells.of_row], found.iterations, found.error)


def _finished(
    table: pa.Table,
    method: str,
    base: np.ndarray,
    margins: Sequence[Margin],
    cells: Cells,
    fit: Callable[[np.ndarray], Solution],
    *,
    trim: tuple[float, float] | None,
    name: str,
    auxiliary: tuple[np.ndarray, ...] = (),
    totals: tuple[float, ...] = (),
) -> Weighting:
    found = fit(base)
    trimmed = np.zeros(len(base), bool)
    if trim is not None:
        found, trimmed = _trimmed(found, fit, trim)
    diagnostics = diagnose(
        base, found.weights, margins=tuple(margins), cells=cells,
        iterations=found.iterations, error=found.error, n_trimmed=int(trimmed.sum()),
    )  # fmt: skip
    return Weighting(
        table=with_column(table, name, found.weights),
        name=name,
        method=method,
        base=base,
        weights=found.weights,
        margins=tuple(margins),
        cells=cells,
        auxiliary=auxiliary,
        totals=totals,
        diagnostics=diagnostics,
        warnings=tuple(warnings_of(diagnostics)),
    )


def _trimmed(
    found: Solution, fit: Callable[[np.ndarray], Solution], trim: tuple[float, float]
) -> tuple[Solution, np.ndarray]:
    """Bring weights to the bounds and fit again until both hold; which rows were ever brought."""
    low, high = trim
    if not 0 <= low < 1 < high:
        raise UserError(
            "trim is the lowest and the highest weight as multiples of the mean: the first below 1, "
            "the second above, such as (0.3, 3)."
        )
    touched = np.zeros(len(found.weights), bool)
    iterations = found.iterations
    for _ in range(TRIM_ROUNDS):
        mean = found.weights.mean()
        beyond = (found.weights > high * mean * (1 + TRIM_SLACK)) | (
            found.weights < low * mean * (1 - TRIM_SLACK)
        )
        if not beyond.any():
            return Solution(found.weights, iterations, found.error), touched
        touched |= beyond
        found = fit(np.clip(found.weights, low * mean, high * mean))
        iterations += found.iterations
    what = f"the margins cannot be met with weights between {low:g} and {high:g} times the mean."
    remedy = "Raise the upper bound, lower the lower one, or join small categories."
    raise DataError([Problem("trim", what, remedy)], "The weights were not found")
