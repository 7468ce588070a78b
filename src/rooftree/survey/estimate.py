"""Estimates from a survey, with what they may be wrong by.

    estimate(answers, "satisfied", weight="w", strata="area")         a mean, or the share that is 1
    estimate(weighted, "tp01", statistic="proportion", counts={"very_satisfied", "fairly_satisfied"})
    estimate(weighted, "tp01", statistic="proportion", by="area")     each category in each area

Standard errors come from linearisation: an estimate is written as a weighted total of one number for
each answer, and the design says how such a total varies. For weights that were fitted to margins the
numbers are first freed of what the margins explain, in a regression with the *design* weights; with the
fitted weights the result would be wrong (Deville and Särndal 1992). Agrees with R's survey package.

Counts and shares come out as they are. What leaves the building goes through disclosure control first:
`Estimates.table` has `n`, on which its rules work.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from scipy import sparse

from rooftree.catalogue.fields import did_you_mean
from rooftree.survey.design import Design, read_design
from rooftree.survey.intervals import INTERVALS, bounds
from rooftree.survey.replicates import Replicates
from rooftree.survey.solve import indicator
from rooftree.survey.tables import SHOWN, as_table, base_weights, coded, numbers
from rooftree.survey.weighting import Weighting, kish
from rooftree.vocabulary.errors import DataError, Problem, UserError

STATISTICS = ("mean", "total", "ratio", "proportion")

#: With fewer answers than this an estimate is told with a warning.
FEW_ANSWERS = 30

#: More numbers at once than this would fill the memory of a small machine.
MOST_NUMBERS = 200_000_000


@dataclass(frozen=True, slots=True)
class Estimates:
    """What was estimated.

    `table` has a row for each group and variable: the fields of `by`, `variable`, `category` (for
    proportions), `estimate`, `standard_error`, `low`, `high`, `design_effect` (against a simple random
    sample of the same size without replacement), `effective_n`, `n` (answers counted) and `n_missing`
    (answers left out because the value is unknown). Shares are between 0 and 1. `covariance` is that
    of the estimates, in the order of the table, for differences between them.
    """

    table: pa.Table
    covariance: np.ndarray
    statistic: str
    interval: str
    level: float
    degrees_of_freedom: int
    warnings: tuple[Problem, ...]

    def rows(self) -> list[dict[str, Any]]:
        """The rows of the table as dictionaries."""
        return self.table.to_pylist()


@dataclass(frozen=True, slots=True)
class _Line:
    """One estimate being made: who is in its domain, what is added up, over what, and its labels."""

    group: tuple[str, ...]
    variable: str
    category: str | None
    domain: np.ndarray  # rows counted
    value: np.ndarray  # numerator, 0 outside the domain
    size: np.ndarray | None  # denominator, 0 outside the domain; None for totals
    n_missing: int


def estimate(
    data: Any,
    target: str | Sequence[str],
    *,
    statistic: str = "mean",
    over: str | None = None,
    counts: Collection[str] | None = None,
    not_counted: Collection[str] = (),
    by: str | Sequence[str] = (),
    weight: str | None = None,
    strata: str | None = None,
    cluster: str | None = None,
    fpc: str | None = None,
    lonely: str = "refuse",
    replicates: Replicates | None = None,
    missing: str = "leave_out",
    interval: str | None = None,
    level: float = 0.95,
) -> Estimates:
    """Means, totals, ratios or proportions, overall or by group, with intervals.

    data: a table that Arrow can read, or a Weighting, whose weights and design weights are used.
    target: the columns asked about. Numbers for mean, total and ratio; categories for proportion.
    over: for a ratio, the column below the line.
    counts: for a proportion, the categories counted together as one share; left out, each by itself.
    not_counted: categories that are no answer ("not_applicable"), treated as unknown.
    by: columns that make groups. A group is a domain of the whole design, not a sample of its own.
    weight: the column of weights of a plain table. strata, cluster, fpc, lonely: see `read_design`.
    replicates: from `jackknife` or `bootstrap`: the variance comes from them instead.
    missing: `leave_out` answers whose value is unknown (they are counted in `n_missing`; the estimate
        then speaks of those who answered), or `refuse`. Nothing is imputed.
    interval: `t`; or for proportions `wilson` (the default), `logit`, `korn_graubard`.

    Raises DataError for columns that cannot be read so, and groups in which nobody answered.
    """
    interval = interval or ("wilson" if statistic == "proportion" else "t")
    _check_words(statistic, interval, missing, over)
    table, weights = _read(data, weight)
    design = read_design(table, strata=strata, cluster=cluster, fpc=fpc, lonely=lonely)
    fields = (by,) if isinstance(by, str) else tuple(by)
    groups = _groups(table, fields)
    lines = [
        line
        for name in ((target,) if isinstance(target, str) else target)
        for line in _lines(table, name, groups, statistic, over, counts, not_counted)
    ]
    _check_lines(lines, weights, missing)
    made = _values(lines, weights)
    covariance, scores = _covariance(lines, made, weights, data, design, replicates)
    errors = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    degrees = replicates.degrees_of_freedom if replicates else design.degrees_of_freedom
    kish_n = np.array([line.domain.sum() / kish(weights[line.domain]) for line in lines])
    low, high = bounds(
        made, errors, kind=interval, degrees=degrees, level=level,
        kish_n=kish_n, rows=table.num_rows,
    )  # fmt: skip
    effects = _design_effects(lines, scores, weights, errors)
    result = _table(fields, lines, made, errors, low, high, effects)
    warnings = tuple(_few(lines)) + (data.warnings if isinstance(data, Weighting) else ())
    return Estimates(result, covariance, statistic, interval, level, degrees, warnings)


def _read(data: Any, weight: str | None) -> tuple[pa.Table, np.ndarray]:
    if not isinstance(data, Weighting):
        table = as_table(data)
        return table, base_weights(table, weight, where="sample")
    if weight not in (None, data.name):
        raise UserError("A Weighting brings its own weights: leave `weight` out.")
    return data.table, data.weights


def _check_words(statistic: str, interval: str, missing: str, over: str | None) -> None:
    for what, word, known in (
        ("statistic", statistic, STATISTICS),
        ("interval", interval, INTERVALS),
        ("missing", missing, ("leave_out", "refuse")),
    ):
        if word not in known:
            raise UserError(f"There is no {what} {word!r}. Use one of: {', '.join(known)}.")
    if interval != "t" and statistic != "proportion":
        raise UserError(f"The interval {interval!r} is for proportions. Use t for a {statistic}.")
    if (over is None) == (statistic == "ratio"):
        raise UserError("A ratio, and nothing else, needs `over`: the column below the line.")


def _groups(table: pa.Table, fields: Sequence[str]) -> list[tuple[tuple[str, ...], np.ndarray]]:
    """Each group that occurs and its rows, in the order of its words. Unknown is no group."""
    if not fields:
        return [((), np.ones(table.num_rows, bool))]
    found = coded(table, fields, where="sample")
    present = sorted(
        (found.levels[code], int(code)) for code in np.unique(found.codes) if code >= 0
    )
    return [(level, found.codes == code) for level, code in present]


def _lines(
    table: pa.Table,
    name: str,
    groups: list[tuple[tuple[str, ...], np.ndarray]],
    statistic: str,
    over: str | None,
    counts: Collection[str] | None,
    not_counted: Collection[str],
) -> list[_Line]:
    if statistic == "proportion":
        return _shares(table, name, groups, counts, not_counted)
    values = numbers(table, name, where="sample")
    below = numbers(table, over, where="sample") if over else np.ones(table.num_rows)
    known = np.isfinite(values) & np.isfinite(below)
    lines = []
    for label, rows in groups:
        domain = rows & known
        value = np.where(domain, values, 0.0)
        size = None if statistic == "total" else np.where(domain, below, 0.0)
        lines.append(_Line(label, name, None, domain, value, size, int((rows & ~known).sum())))
    return lines


def _shares(
    table: pa.Table,
    name: str,
    groups: list[tuple[tuple[str, ...], np.ndarray]],
    counts: Collection[str] | None,
    not_counted: Collection[str],
) -> list[_Line]:
    found = coded(table, name, where="sample")
    words = [level[0] for level in found.levels]
    _check_counts(name, words, counts)
    answers = np.array([word not in not_counted for word in words] + [False], bool)
    known = answers[found.codes]
    if counts is None:
        wanted = [(word, {word}) for word in sorted(words) if word not in not_counted]
    else:
        wanted = [(" + ".join(sorted(counts)), set(counts))]
    lines = []
    for label, rows in groups:
        domain = rows & known
        for title, chosen in wanted:
            yes = np.array([word in chosen for word in words] + [False], bool)[found.codes] & domain
            missing = int((rows & ~known).sum())
            lines.append(
                _Line(label, name, title, domain, yes.astype(float), domain.astype(float), missing)
            )
    return lines


def _check_counts(name: str, words: Sequence[str], counts: Collection[str] | None) -> None:
    """Refuse categories that look like slips: a share of 0 that nobody gave is no finding."""
    if counts is None or set(counts) & set(words):
        return
    for word in sorted(counts):
        near = did_you_mean(word, words, otherwise="-")
        if near != "-":
            what = f"has no category {word!r}, which is to be counted."
            raise DataError([Problem(f"sample: {name}", what, near)])


def _check_lines(lines: Sequence[_Line], weights: np.ndarray, missing: str) -> None:
    problems: list[Problem] = []
    if len(weights) * len(lines) > MOST_NUMBERS:
        what = f"{len(lines):,} estimates of {len(weights):,} rows are too many at once."
        raise DataError([Problem("estimate", what, "Ask for fewer groups at a time.")])
    for line in lines:
        where = " / ".join(filter(None, (*line.group, line.variable)))
        if missing == "refuse" and line.n_missing:
            what = f"{line.n_missing:,} rows have no answer."
            problems.append(Problem(where, what, "Leave them out, and say so, or ask again."))
        if not (weights[line.domain] > 0).any():
            problems.append(Problem(where, "nobody answered.", "Join the group with another."))
        elif line.size is not None and float(weights @ line.size) == 0:
            problems.append(Problem(where, "what stands below the line adds up to 0.", ""))
    if not lines:
        problems.append(Problem("estimate", "there is nothing to estimate.", "Name a column."))
    if problems:
        raise DataError(sorted(set(problems))[:SHOWN])


def _values(lines: Sequence[_Line], weights: np.ndarray) -> np.ndarray:
    """The estimates; for a matrix of weights, one row of estimates for each of its columns."""
    columns = []
    for line in lines:
        above = line.value @ weights
        columns.append(above if line.size is None else above / (line.size @ weights))
    return np.array(columns).T


def _covariance(
    lines: Sequence[_Line],
    made: np.ndarray,
    weights: np.ndarray,
    data: Any,
    design: Design,
    replicates: Replicates | None,
) -> tuple[np.ndarray, np.ndarray]:
    """The covariance of the estimates, and the linearised numbers, row by row."""
    scores = np.column_stack(
        [
            line.value
            if line.size is None
            else (line.value - value * line.size) / float(weights @ line.size)
            for line, value in zip(lines, made, strict=True)
        ]
    )
    if replicates is not None:
        if len(replicates.weights) != len(weights):
            raise DataError(
                [
                    Problem(
                        "replicates",
                        f"have {len(replicates.weights):,} rows, the table {len(weights):,}.",
                        "Make them from the same table.",
                    )
                ]
            )
        return replicates.covariance(_values(lines, replicates.weights)), scores
    unexplained = scores
    if isinstance(data, Weighting) and len(data.margins) + len(data.auxiliary):
        unexplained = _residuals(scores, data)
    return design.covariance(unexplained * weights[:, None]), scores


def _residuals(scores: np.ndarray, data: Weighting) -> np.ndarray:
    """What the margins do not explain of each column, by least squares with the design weights.

    With margins alone the rows of a cell are alike, so the regression is made on the cells.
    """
    if data.auxiliary:
        matrix, base = data.matrix(), data.base
        right = matrix.T @ (scores * base[:, None])
    else:
        cells = data.cells
        matrix = indicator(cells.margins, [len(margin.levels) for margin in data.margins])
        base = cells.add_up(data.base)
        sums = [cells.add_up(column * data.base) for column in scores.T]
        right = matrix.T @ np.column_stack(sums)
    gram = (matrix.T @ sparse.diags_array(base) @ matrix).toarray()
    size = np.sqrt(np.maximum(np.diag(gram), 1e-300))
    scaled = gram / size[:, None] / size[None, :]
    slopes = np.linalg.lstsq(scaled, right / size[:, None], rcond=1e-11)[0]
    fitted = matrix @ (slopes / size[:, None])
    return scores - (fitted if data.auxiliary else fitted[data.cells.of_row])


def _design_effects(
    lines: Sequence[_Line], scores: np.ndarray, weights: np.ndarray, errors: np.ndarray
) -> np.ndarray:
    """The variance over that of a simple random sample of as many answers.

    Without replacement where the weights count the population; with replacement where they do not
    add up to more than the answers.
    """
    effects = np.full(len(lines), np.nan)
    for place, line in enumerate(lines):
        rows = line.domain & (weights != 0)
        n, score, w = int(rows.sum()), scores[rows, place], weights[rows]
        total = float(w.sum())
        if n < 2 or total <= 0:
            continue
        spread = float(w @ np.square(score - w @ score / total)) / total * n / (n - 1)
        left = 1 - n / total if total > n * (1 + 1e-9) else 1.0
        simple = spread / n * total**2 * left
        if simple > 1e-300:
            effects[place] = errors[place] ** 2 / simple
    return effects


def _few(lines: Sequence[_Line]) -> list[Problem]:
    found = []
    for group in sorted({(line.group, line.variable, int(line.domain.sum())) for line in lines}):
        if group[2] < FEW_ANSWERS:
            where = " / ".join((*group[0], group[1]))
            what = f"stands on {group[2]} answers; its standard error is itself uncertain."
            found.append(
                Problem(where, what, "Join groups, and protect it before it is published.")
            )
    return found


def _table(
    fields: Sequence[str],
    lines: Sequence[_Line],
    made: np.ndarray,
    errors: np.ndarray,
    low: np.ndarray,
    high: np.ndarray,
    effects: np.ndarray,
) -> pa.Table:
    n = [int(line.domain.sum()) for line in lines]
    with np.errstate(divide="ignore", invalid="ignore"):
        effective = np.where(effects > 0, np.array(n) / effects, np.nan)
    columns: dict[str, pa.Array] = {
        name: pa.array([line.group[place] for line in lines], pa.string())
        for place, name in enumerate(fields)
    }
    columns["variable"] = pa.array([line.variable for line in lines], pa.string())
    if any(line.category is not None for line in lines):
        columns["category"] = pa.array([line.category for line in lines], pa.string())
    for name, values in (
        ("estimate", made), ("standard_error", errors), ("low", low), ("high", high),
        ("design_effect", effects), ("effective_n", effective),
    ):  # fmt: skip
        columns[name] = pa.array(values, pa.float64(), from_pandas=True)
    columns["n"] = pa.array(n, pa.int64())
    columns["n_missing"] = pa.array([line.n_missing for line in lines], pa.int64())
    return pa.table(columns)
