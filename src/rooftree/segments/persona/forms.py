"""A persona as JSON for machines and as Markdown for a page: the same words and numbers."""

from __future__ import annotations

import json
from typing import Any

from rooftree.segments.persona.model import About, Line, Persona
from rooftree.segments.persona.numbers import Interval
from rooftree.segments.persona.words import percent

#: Decimals of shares and differences, and of an index.
_FINE, _COARSE = 4, 1


def to_json(persona: Persona) -> str:
    """The persona as JSON text; keys in a fixed order, hidden lines by label only."""
    return json.dumps(as_data(persona), indent=2, ensure_ascii=False) + "\n"


def as_data(persona: Persona) -> dict[str, Any]:
    """The persona as plain values."""
    description = persona.description
    return {
        "name": persona.name,
        "group": {
            "key": persona.group.key,
            "label": persona.group.label,
            "rule": persona.group.rule,
            "version": persona.group.version,
        },
        "landlord": persona.landlord.name,
        "as_of": persona.as_of.isoformat(),
        "unit": description.unit.value,
        "base": description.base,
        "purpose": description.terms.purpose,
        "disclosure": description.terms.disclosure,
        "n_in": description.n_in,
        "n_all": description.n_all,
        "summary": persona.summary,
        "traits": [
            {
                "attribute": trait.key,
                "category": trait.category,
                "words": trait.words,
                "share_in": round(trait.share_in, _FINE),
                "share_all": round(trait.share_all, _FINE),
                "index": _interval(trait.index, _COARSE),
                "more": trait.more,
            }
            for trait in persona.traits
        ],
        "portrait": [
            {"title": p.title, "sentences": [str(one) for one in p.sentences]}
            for p in persona.portrait
        ],
        "equality_monitoring": [
            {"title": p.title, "sentences": [str(one) for one in p.sentences]}
            for p in persona.beside
        ],
        "limits": list(persona.limits),
        "n_tests": description.n_tests,
        "attributes": [_about(about) for about in description.about],
        "left_out": dict(description.left_out),
    }


def _about(about: About) -> dict[str, Any]:
    return {
        "attribute": about.key,
        "label": about.label,
        "shares_of": about.of,
        "n_known_in": about.n_known_in,
        "n_known_all": about.n_known_all,
        "not_known_in": _rounded(about.not_known_in),
        "not_known_all": _rounded(about.not_known_all),
        "not_applicable_in": _rounded(about.not_applicable_in),
        "not_applicable_all": _rounded(about.not_applicable_all),
        "equality_monitoring": about.equality,
        "by_definition": about.by_definition,
        "categories": [_line(line) for line in about.lines],
    }


def _line(line: Line) -> dict[str, Any]:
    if line.hidden:
        return {"category": line.key, "label": line.label, "hidden": True}
    return {
        "category": line.key,
        "label": line.label,
        "n_in": line.n_in,
        "n_all": line.n_all,
        "share_in": _rounded(line.share_in),
        "share_all": _rounded(line.share_all),
        "index": _interval(line.index, _COARSE),
        "difference": _interval(line.difference, _FINE),
        "adjusted_p": None if line.probability is None else float(f"{line.probability:.3g}"),
        "finding": line.finding,
    }


def _interval(interval: Interval | None, decimals: int) -> list[float] | None:
    if interval is None:
        return None
    return [round(value, decimals) for value in (interval.value, interval.low, interval.high)]


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, _FINE)


def to_markdown(persona: Persona) -> str:
    """The persona as a page of Markdown."""
    parts = [f"# {_plain(persona.name)}", ""]
    if persona.group.label != persona.name:
        parts += [f"**{_plain(persona.group.label)}**", ""]
    parts += [f"{_plain(persona.summary)}.", ""]
    if persona.group.rule:
        parts += [f"Who is in it: {_plain(persona.group.rule)}.", ""]
    if persona.traits:
        parts += [
            "## What sets this group apart",
            "",
            "| | this group | everyone | index (100 = everyone) |",
            "|---|---|---|---|",
        ]
        parts += [
            f"| {_plain(trait.words)} | {percent(trait.share_in)} | {percent(trait.share_all)} "
            f"| {index_words(trait.index)} |"
            for trait in persona.traits
        ]
        parts.append("")
    for paragraph in persona.portrait:
        parts += [
            f"## {_plain(paragraph.title)}",
            "",
            *(_plain(str(one)) for one in paragraph.sentences),
            "",
        ]
    if persona.beside:
        parts += ["## Equality monitoring, for checking fairness only", ""]
        parts += [
            f"- {_plain(p.title)}: {_plain(' '.join(map(str, p.sentences)))}"
            for p in persona.beside
        ] + [""]
    parts += ["## What this page cannot say", "", *(f"- {_plain(text)}" for text in persona.limits)]
    return "\n".join(parts) + "\n"


def index_words(index: Interval) -> str:
    """An index with its interval: "335 (321 to 351)"."""
    return f"{index.value:,.0f} ({index.low:,.0f} to {index.high:,.0f})"


def _plain(text: str) -> str:
    """A text that Markdown takes as it is: names and labels are data."""
    for mark in ("\\", "|", "*", "_", "`", "<", "[", "#"):
        text = text.replace(mark, f"\\{mark}")
    return " ".join(text.split())
