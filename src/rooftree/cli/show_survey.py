"""Surveys at the terminal: shares as percentages with their intervals, and every warning."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rooftree.cli.console import err, out, print_table
from rooftree.vocabulary.errors import Problem

if TYPE_CHECKING:
    import pyarrow as pa

    from rooftree.survey import Estimates, Weighting
    from rooftree.survey.comparison import Comparison
    from rooftree.survey.sample_size import Required


def _say(text: str) -> None:
    out.print(text, markup=False)


def _warn(warnings: Sequence[Problem]) -> None:
    for warning in warnings:
        err.print(f"Warning: {warning}", style="yellow", markup=False)


def size(found: Required, answers: int | None, margin: float | None) -> None:
    """The required number, and what the answers give."""
    _say(
        f"{found.n:,} answers are required of {found.population:,} tenants "
        f"(plus or minus {100 * found.margin:g} points; {found.rule})."
    )
    if found.census_will_do:
        _say("Where so many cannot be reached, asking every household is enough.")
    if answers is not None and margin is not None:
        reached = "That is enough." if answers >= found.n else f"{found.n - answers:,} are wanting."
        _say(f"{answers:,} answers give plus or minus {100 * margin:.1f} points. {reached}")


def weighting(found: Weighting) -> dict[str, Any]:
    """A weighting for machines: figures and margins; the weights themselves go to a file."""
    d = found.diagnostics
    names = ("n", "sum_before", "sum_after", "smallest", "median", "largest_over_mean", "design_effect",
             "effective_n", "iterations", "error", "n_trimmed")  # fmt: skip
    return {
        "method": found.method,
        "diagnostics": {name: getattr(d, name) for name in names},
        "margins": d.margins.to_pylist(),
        "largest": d.largest.to_pylist(),
        "warnings": [_problem(warning) for warning in found.warnings],
    }


def weighed(found: Weighting, written: Path | None) -> None:
    """The margins before and after, and what the weights cost."""
    d = found.diagnostics
    rows = [
        (r["margin"], r["category"], r["n"], round(r["before"], 1), round(r["target"], 1),
         round(r["after"], 1), _factor(r["factor"]))
        for r in d.margins.to_pylist()
    ]  # fmt: skip
    heads = ("margin", "category", "answers", "before", "target", "after", "factor")
    print_table(f"Weighted by {found.method}", heads, rows)
    _say(
        f"\nDesign effect of the weights (Kish) {d.design_effect:.2f}: {d.n:,} answers say as much as "
        f"{d.effective_n:,.0f}. Largest weight {d.largest_over_mean:.1f} times the mean. "
        f"{d.iterations} rounds; trimmed {d.n_trimmed:,}."
    )
    _warn(found.warnings)
    if written is not None:
        err.print(f"Wrote {d.n:,} rows with {found.name} to {written}.", markup=False)


def _factor(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def estimates(found: Estimates) -> dict[str, Any]:
    """Estimates for machines."""
    return {
        "statistic": found.statistic,
        "interval": found.interval,
        "level": found.level,
        "degrees_of_freedom": found.degrees_of_freedom,
        "estimates": found.rows(),
        "warnings": [_problem(warning) for warning in found.warnings],
    }


def estimated(found: Estimates) -> None:
    """Estimates as a table: shares in per cent."""
    share = found.statistic == "proportion"
    heads = [
        name for name in found.table.column_names
        if name not in ("estimate", "standard_error", "low", "high", "design_effect", "effective_n", "n", "n_missing")
    ]  # fmt: skip
    rows = [
        (
            *(row[name] for name in heads), _number(row["estimate"], share),
            f"{_number(row['low'], share)} to {_number(row['high'], share)}",
            _number(row["standard_error"], share), _factor(row["design_effect"]), row["n"], row["n_missing"],
        )
        for row in found.rows()
    ]  # fmt: skip
    title = f"{found.statistic.capitalize()}, {100 * found.level:g}% interval ({found.interval})"
    print_table(
        title, (*heads, "estimate", "may be", "error", "design effect", "answers", "unknown"), rows
    )
    _warn(found.warnings)


def _number(value: float | None, share: bool) -> str:
    if value is None:
        return "–"
    return f"{100 * value:.1f}%" if share else f"{value:,.2f}"


def comparison(found: Comparison) -> dict[str, Any]:
    """A comparison for machines."""
    return {
        "level": found.level,
        "lines": found.table.to_pylist(),
        "in_one_year_only": list(found.unmatched),
    }


def compared(found: Comparison) -> None:
    """A sentence for each line, and what stands in one of the two only."""
    for sentence in found.table["sentence"].to_pylist():
        _say(sentence)
    if found.unmatched:
        _say(f"In one of the two only: {', '.join(found.unmatched)}.")


def regulator(about: Mapping[str, Any], measured: pa.Table, both: Comparison | None) -> None:
    """A landlord's figures in the Regulator's file."""
    _say(
        f"{about['landlord']} ({about['landlord_code']}): {about['population']:,.0f} tenants, "
        f"{about['required']:,.0f} answers required, {about['achieved']:,.0f} achieved, "
        f"plus or minus {about['margin_percent']:g} points."
    )
    rows = [
        (r["variable"].upper(), f"{100 * r['estimate']:.2f}%",
         f"{100 * r['low']:.1f} to {100 * r['high']:.1f}", round(r["n"]), round(r["n_missing"]))
        for r in measured.to_pylist()
    ]  # fmt: skip
    print_table("", ("measure", "satisfied", "may be", "answers", "not applicable"), rows)
    if both is not None:
        _say("\nBeside the other landlord:")
        compared(both)


def _problem(problem: Problem) -> dict[str, str]:
    return {"where": problem.where, "what": problem.what, "remedy": problem.remedy}
