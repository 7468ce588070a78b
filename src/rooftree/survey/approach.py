"""The summary of approach that a landlord publishes with its measures, filled in from the facts of the survey.

A fact that was not recorded is named as missing and never made up. The list of fields is the Regulator's
(tenant survey requirements), as landlords publish it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rooftree.survey.assumptions import Agreement
from rooftree.survey.weighting import Weighting

_MISSING = "**Not recorded.** Add it before this page is published."


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known about one survey. Leave out what is not known; give "" or an empty list for "none".

    `methods`: answers by method of collection. `representative`: from `compare_profile`, or text.
    `weighting`: the Weighting, or "none". `left_out`: households left out, by reason. `tenants` is the
    relevant tenant population.
    """

    landlord: str
    population: str = "low cost rental accommodation"
    tenants: int | None = None
    achieved: int | None = None
    required: int | None = None
    from_on: dt.date | None = None
    to_on: dt.date | None = None
    methods: Mapping[str, int] | None = None
    sample_method: str | None = None
    representative: Agreement | str | None = None
    weighting: Weighting | str | None = None
    contractors: Sequence[str] | None = None
    left_out: Mapping[str, int] | None = None
    why_short: str | None = None
    incentives: str | None = None
    other_issues: str | None = None
    questionnaire: str | None = None


@dataclass(frozen=True, slots=True)
class Summary:
    """The page as Markdown, and the headings that lack a fact."""

    markdown: str
    missing: tuple[str, ...]


def summary_of_approach(facts: Facts) -> Summary:
    """The eleven fields, the questionnaire, and what is missing, in the Regulator's order."""
    sections = [
        ("Achieved sample size", _size(facts)),
        ("Timing of the survey", _timing(facts)),
        ("Collection methods", _methods(facts)),
        ("Sample method", facts.sample_method or None),
        ("Representativeness of the sample", _representative(facts.representative)),
        ("Weighting", _weighting(facts.weighting)),
        ("External contractors", _contractors(facts.contractors)),
        ("Households left out of the sample frame", _left_out(facts.left_out)),
        ("Reasons for not reaching the required sample size", _short(facts)),
        ("Incentives", _said(facts.incentives, "No incentive was offered.")),
        (
            "Other methodological issues",
            _said(facts.other_issues, "None that is likely to have a material effect."),
        ),
        ("Questionnaire", facts.questionnaire or None),
    ]
    missing = tuple(heading for heading, text in sections if text is None)
    lines = [
        f"# Tenant perception survey: summary of approach, {facts.landlord}",
        "",
        f"Population: {facts.population}.",
    ]
    if missing:
        lines += ["", f"**Not ready to publish.** Missing: {'; '.join(missing)}."]
    for number, (heading, text) in enumerate(sections, 1):
        lines += ["", f"## {number}. {heading}", "", text if text is not None else _MISSING]
    return Summary("\n".join(lines) + "\n", missing)


def _said(text: str | None, none: str) -> str | None:
    return None if text is None else text or none


def _size(facts: Facts) -> str | None:
    if facts.achieved is None or facts.tenants is None:
        return None
    text = f"{facts.achieved:,} responses from a relevant tenant population of {facts.tenants:,}."
    if facts.required is not None:
        reached = "reached" if facts.achieved >= facts.required else "not reached"
        text += f"\nThe required sample size of {facts.required:,} was {reached}."
    return text


def _timing(facts: Facts) -> str | None:
    if facts.from_on is None or facts.to_on is None:
        return None
    return f"From {_day(facts.from_on)} to {_day(facts.to_on)}."


def _day(day: dt.date) -> str:
    return f"{day.day} {day:%B} {day.year}"


def _methods(facts: Facts) -> str | None:
    if not facts.methods:
        return None
    total = sum(facts.methods.values())
    if not total:
        return None
    order = sorted(facts.methods.items(), key=lambda item: (-item[1], item[0]))
    return "\n".join(f"- {name}: {n:,} ({100 * n / total:.1f}%)" for name, n in order)


def _representative(found: Agreement | str | None) -> str | None:
    if isinstance(found, Agreement):
        return "\n".join(f"- {sentence}" for sentence in found.sentences)
    return found or None


def _weighting(found: Weighting | str | None) -> str | None:
    if isinstance(found, Weighting):
        d = found.diagnostics
        fields = ", ".join(margin.name for margin in found.margins)
        return (
            f"Responses were weighted ({found.method}) by: {fields}.\n"
            f"Design effect of the weights (Kish): {d.design_effect:.2f}; effective sample size "
            f"{d.effective_n:,.0f} of {d.n:,}; largest weight {d.largest_over_mean:.1f} times the mean."
        )
    return None if not found else "No weighting was applied." if found == "none" else found


def _contractors(names: Sequence[str] | None) -> str | None:
    if names is None:
        return None
    return (
        "\n".join(f"- {name}" for name in names) if names else "No external contractor took part."
    )


def _left_out(reasons: Mapping[str, int] | None) -> str | None:
    if reasons is None:
        return None
    counted = {reason: n for reason, n in sorted(reasons.items()) if n}
    if not counted:
        return "None."
    lines = [f"{sum(counted.values()):,} households, for exceptional circumstances:", ""]
    return "\n".join([*lines, *(f"- {reason}: {n:,}" for reason, n in counted.items())])


def _short(facts: Facts) -> str | None:
    if facts.achieved is None or facts.required is None:
        return None
    if facts.achieved >= facts.required:
        return "Not applicable: the required sample size was reached."
    return facts.why_short or None
