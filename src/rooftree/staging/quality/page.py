"""The data-quality report as one page: no script, no picture, nothing from outside."""

from __future__ import annotations

from collections import Counter
from typing import Any

import jinja2

from rooftree.staging.quality.assess import DIMENSIONS, QualityReport

_WHAT = {
    "completeness": "values that are missing",
    "validity": "values that cannot be right",
    "uniqueness": "things that are there twice",
    "timeliness": "information that is old",
    "consistency": "sources that do not agree",
    "reconciliation": "sums that do not add up",
    "drift": "extracts that have changed",
}


def render_page(report: QualityReport, *, landlord: str = "") -> str:
    """The report as self-contained HTML. Every chart stands beside the table that it shows."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("rooftree.staging.quality"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["count"] = lambda n: f"{n:,}"
    environment.filters["share"] = _share
    environment.filters["places"] = _places
    return environment.get_template("page.html").render(
        report=report,
        landlord=landlord,
        dimensions=_dimensions(report),
        levels=_levels(report),
        severities=Counter(issue["severity"] for issue in report.issues),
        rows={word: sum(f[f"rows_{word}"] for f in report.files) for word in ("read", "accepted", "rejected", "blank")},
    )  # fmt: skip


_LEVELS = (
    ("error", "Cannot be right", "Put these right first: what is built on them is wrong."),
    ("warning", "Likely wrong", "Look at these next, the largest first."),
    ("note", "Worth knowing", "Nothing is broken; these say what the data cannot tell."),
)


def _levels(report: QualityReport) -> list[dict[str, Any]]:
    """The issues by how bad they are, each level in the order of the report: most rows first."""
    return [
        {"name": name, "title": title, "what": what,
         "issues": [issue for issue in report.issues if issue["severity"] == name]}
        for name, title, what in _LEVELS
    ]  # fmt: skip


def _dimensions(report: QualityReport) -> list[dict[str, Any]]:
    found = []
    for name in DIMENSIONS:
        issues = [issue for issue in report.issues if issue["dimension"] == name]
        severe = [issue for issue in issues if issue["severity"] != "note"]
        found.append(
            {"name": name, "what": _WHAT[name], "issues": issues, "count": len(issues), "severe": len(severe)}
        )  # fmt: skip
    return found


def _places(places: list[str]) -> str:
    """`people.csv:7`, `people.csv:9` → "people.csv, rows 7, 9"."""
    rows: dict[str, list[str]] = {}
    for place in places:
        file, _, row = place.rpartition(":")
        rows.setdefault(file, []).append(row)
    return "; ".join(
        f"{file}, {'rows' if len(found) > 1 else 'row'} {', '.join(found)}"
        for file, found in rows.items()
    )


def _share(part: int, of: int) -> str:
    """A share in per cent; "under 0.1%" and "over 99.9%" where rounding would say none or all."""
    if not of:
        return "–"
    share = 100 * part / of
    if 0 < share < 0.1:
        return "under 0.1%"
    if 99.9 < share < 100:
        return "over 99.9%"
    return f"{share:.1f}%"
