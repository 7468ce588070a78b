"""Does the survey's picture of who our customers are agree with the profile we hold?

Attribute by attribute, the shares of an anonymous survey stand beside the counts of the register. What
the register does not know stays unknown: nothing is imputed. It is shown as the range that the register's
share could have if the unknown were known, and a difference that the unknown could explain is none.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from scipy import stats

from rooftree.statistics.multiplicity import benjamini_hochberg
from rooftree.statistics.proportions import wilson_bounds, z_value
from rooftree.survey.estimate import estimate
from rooftree.survey.tables import as_table, check_columns
from rooftree.survey.weighting import Weighting
from rooftree.vocabulary.errors import DataError, Problem, UserError

AGREES, DIFFERS, CANNOT_TELL = "agrees", "differs", "cannot tell"

#: Shares nearer to each other than this are one picture for any use that a landlord makes of them.
TOLERANCE = 0.05


@dataclass(frozen=True, slots=True)
class Agreement:
    """What the comparison found.

    `table`: attribute, category, `survey_share` with `survey_low` and `survey_high`, `register_share`
    (of those known), `register_low` and `register_high` (over everything the unknown could be),
    `difference` (survey less register, of those known) with `low` and `high`, `p_adjusted` (over all
    categories of all attributes), `n_survey`, and `verdict`. `attributes`: attribute, verdict,
    `register_known`, `register_unknown`, `survey_answered`, `survey_unknown`, `largest_gap`, and the
    `sentence`. Counts are not protected: disclosure control comes before anything is published.
    """

    table: pa.Table
    attributes: pa.Table
    tolerance: float
    level: float

    @property
    def sentences(self) -> list[str]:
        """One sentence for each attribute."""
        return self.attributes["sentence"].to_pylist()


def compare_profile(
    survey: Any,
    register: Mapping[str, Mapping[str, float]],
    *,
    unknown: Mapping[str, float] | None = None,
    not_counted: Collection[str] = (),
    tolerance: float = TOLERANCE,
    level: float = 0.95,
    weight: str | None = None,
    strata: str | None = None,
    cluster: str | None = None,
    fpc: str | None = None,
) -> Agreement:
    """Compare a survey with the counts of the register, attribute by attribute.

    survey: a table of answers, or a Weighting. It must not be weighted to an attribute that is
        compared: that would compare the register with itself, and is refused.
    register: for each attribute the count of each category, over the people whom the survey is of.
    unknown: for each attribute how many of them have no value (refused, never asked).
    not_counted: answers of the survey that are no category ("prefer_not_to_say").
    tolerance: two shares agree when the whole interval of their difference lies within it.

    A category differs when its share does (over all categories together, at most 1 - level of such
    findings are false) and what the register does not know could not explain it. It agrees when the
    difference is small for certain. Otherwise nobody can tell, for want of answers or of records.
    """
    _check(survey, register)
    rows: list[dict[str, Any]] = []
    heads: list[dict[str, Any]] = []
    for attribute, counts in register.items():
        made = estimate(
            survey, attribute, statistic="proportion", not_counted=not_counted, level=level,
            weight=weight, strata=strata, cluster=cluster, fpc=fpc,
        )  # fmt: skip
        open_count = float((unknown or {}).get(attribute, 0.0))
        rows += _rows(attribute, made.rows(), counts, open_count, level)
        first = made.rows()[0]
        heads.append(
            {
                "attribute": attribute, "register_known": float(sum(counts.values())),
                "register_unknown": open_count, "survey_answered": first["n"],
                "survey_unknown": first["n_missing"],
            }
        )  # fmt: skip
    adjusted = benjamini_hochberg([row.pop("p_value") for row in rows])
    for row, p_value in zip(rows, adjusted, strict=True):
        row["p_adjusted"] = float(p_value)
        row["verdict"] = _verdict(row, tolerance=tolerance, alpha=1 - level)
    for head in heads:
        mine = [row for row in rows if row["attribute"] == head["attribute"]]
        head |= _summed(head, mine, tolerance)
    return Agreement(pa.Table.from_pylist(rows), pa.Table.from_pylist(heads), tolerance, level)


def _check(survey: Any, register: Mapping[str, Mapping[str, float]]) -> None:
    if not register:
        raise UserError("There is no attribute to compare. Give the register's counts of one.")
    problems = []
    if isinstance(survey, Weighting):
        fitted = {field for margin in survey.margins for field in margin.fields}
        for attribute in sorted(fitted & set(register)):
            what = "the survey was weighted to it, so it agrees by construction."
            remedy = "Compare the answers before weighting, or leave the attribute out."
            problems.append(Problem(attribute, what, remedy))
    for attribute, counts in register.items():
        bad = [name for name, n in counts.items() if not (np.isfinite(n) and n >= 0)]
        if bad or not sum(counts.values()) > 0:
            what = "the register's counts are negative, missing or all 0."
            problems.append(Problem(attribute, what, "Give the count of each category."))
    if problems:
        raise DataError(problems)
    table = survey.table if isinstance(survey, Weighting) else as_table(survey)
    check_columns(table, list(register), where="survey")


def _rows(
    attribute: str,
    made: Sequence[Mapping[str, Any]],
    counts: Mapping[str, float],
    unknown: float,
    level: float,
) -> list[dict[str, Any]]:
    by_category = {row["category"]: row for row in made}
    known = float(sum(counts.values()))
    n = made[0]["n"]
    effects = [row["design_effect"] for row in made if row["design_effect"]]
    effect = max(float(np.median(effects)), 1.0) if effects else 1.0
    z = z_value(level)
    rows = []
    for category in [*counts, *sorted(set(by_category) - set(counts))]:
        found = by_category.get(category)
        share = found["estimate"] if found else 0.0
        low, high = (
            (found["low"], found["high"])
            if found
            else map(float, wilson_bounds(0.0, n / effect, z=z))
        )
        register = counts.get(category, 0.0) / known
        # The error if the register were right: with it a share of 1% is judged as a share of 1%.
        own = (found["design_effect"] if found else None) or effect
        error = float(np.sqrt(register * (1 - register) * own / n)) or (high - low) / (2 * z)
        rows.append(
            {
                "attribute": attribute, "category": category,
                "survey_share": share, "survey_low": low, "survey_high": high,
                "register_share": register,
                "register_low": counts.get(category, 0.0) / (known + unknown),
                "register_high": (counts.get(category, 0.0) + unknown) / (known + unknown),
                "difference": share - register, "low": low - register, "high": high - register,
                "p_value": float(2 * stats.norm.sf(abs(share - register) / error)), "n_survey": n,
            }
        )  # fmt: skip
    return rows


def _verdict(row: Mapping[str, Any], *, tolerance: float, alpha: float) -> str:
    explained = (
        row["survey_low"] <= row["register_high"] and row["survey_high"] >= row["register_low"]
    )
    if row["p_adjusted"] <= alpha and not explained:
        return DIFFERS
    if row["low"] >= -tolerance and row["high"] <= tolerance:
        return AGREES
    return CANNOT_TELL


def _summed(
    head: Mapping[str, Any], rows: Sequence[Mapping[str, Any]], tolerance: float
) -> dict[str, Any]:
    verdicts = {row["verdict"] for row in rows}
    verdict = DIFFERS if DIFFERS in verdicts else CANNOT_TELL if CANNOT_TELL in verdicts else AGREES
    widest = max(rows, key=lambda row: abs(row["difference"]))
    unknown = head["register_unknown"] / (head["register_known"] + head["register_unknown"])
    held = f" The register does not know it of {100 * unknown:.0f}%." if unknown > 0 else ""
    gap = f"{widest['category']}: {_points(widest)}"
    if verdict == DIFFERS:
        which = [row for row in rows if row["verdict"] == DIFFERS]
        listed = "; ".join(f"{row['category']}: {_points(row)}" for row in which)
        text = f"the survey differs from the profile ({listed})."
    elif verdict == AGREES:
        text = f"the survey agrees with the profile to within {100 * tolerance:g} points (widest gap {gap})."
    else:
        text = f"it cannot be told whether the survey agrees with the profile (widest gap {gap})."
    return {
        "verdict": verdict, "largest_gap": widest["difference"],
        "sentence": f"{head['attribute']}: {text}{held}",
    }  # fmt: skip


def _points(row: Mapping[str, Any]) -> str:
    return (
        f"survey {100 * row['survey_share']:.1f}% ({100 * row['survey_low']:.1f} to "
        f"{100 * row['survey_high']:.1f}), profile {100 * row['register_share']:.1f}%"
    )
