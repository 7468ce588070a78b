"""Says in plain English why a value stands, what else was said, and where each word comes from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from rooftree.catalogue.model import Attribute, CodeList
from rooftree.profile.ordering import CRITERIA, OTHER_REASONS, Statement
from rooftree.profile.resolve import Ranked, Resolved, resolve
from rooftree.vocabulary.states import State

_BECAUSE = {criterion.key: criterion.because for criterion in CRITERIA} | OTHER_REASONS

_OTHERWISE = {
    State.REFUSED: "prefers not to say",
    State.DONT_KNOW: "does not know",
    State.NOT_APPLICABLE: "the question does not apply",
    State.NOT_ASKED: "nothing (a blank)",
    State.WITHDRAWN: "withdrawn",
}

_SET_ASIDE = {
    "superseded": "comes after it",
    "withdrawn": "was withdrawn, and its value is removed",
    "expired": "is past the time for which it may be kept, and its value is removed",
    "not_yet_known": "was recorded after the date of this picture",
}

_VERB = {"told": "says", "observed": "observed", "derived": "worked out", "bought": "was sold"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Why this value: `answer` in one sentence, `notes`, the `alternatives`, best first, and lineage."""

    answer: str
    notes: tuple[str, ...]
    alternatives: tuple[str, ...]
    lineage: str | None
    resolved: Resolved

    @property
    def sentences(self) -> tuple[str, ...]:
        """All of it, in reading order."""
        return (
            self.answer,
            *self.notes,
            *self.alternatives,
            *([self.lineage] if self.lineage else []),
        )


def explain(
    statements: Iterable[Statement],
    attribute: Attribute,
    as_of: dt.date,
    *,
    left_on: dt.date | None = None,
    codes: CodeList | None = None,
) -> Explanation:
    """Why the value of this attribute is what it is at `as_of`.

    Give the attribute's code list to read labels instead of codes. The sentences hold personal
    values: show them only to somebody who may see the attribute, and never log them.
    """
    resolved = resolve(statements, attribute, as_of=as_of, left_on=left_on)
    ranked = resolved.statements
    if resolved.current is None:
        return Explanation(
            answer=f"Nothing is held on {_name(attribute)}: not asked.",
            notes=(),
            alternatives=tuple(_alternative(other, codes) for other in ranked),
            lineage=None,
            resolved=resolved,
        )
    current = resolved.current
    return Explanation(
        answer=f"{_said(current, codes)}; it stands because {_BECAUSE[resolved.why]}.",
        notes=tuple(_notes(resolved, attribute, codes)),
        alternatives=tuple(_alternative(other, codes) for other in ranked[1:]),
        lineage=f"Source: file {current.source_file}, row {current.source_row}.",
        resolved=resolved,
    )


def _notes(resolved: Resolved, attribute: Attribute, codes: CodeList | None) -> Iterable[str]:
    current = resolved.current
    assert current is not None
    if resolved.is_stale and resolved.stale_on is None:
        yield f"It needs asking again: nobody knows when it was said, and {_name(attribute)} goes stale."
    elif resolved.is_stale and resolved.stale_on is not None:
        yield f"It needs asking again since {_day(resolved.stale_on)}."
    if resolved.state == State.WITHDRAWN and current.recorded_on is None:
        yield (
            "The withdrawal has no date, so it removes everything that is held. "
            "Give it a date in its system."
        )
    for other in resolved.conflicts:
        yield f"In conflict: {_said(other, codes)}."


def _alternative(other: Ranked, codes: CodeList | None) -> str:
    aside = _SET_ASIDE.get(other.standing, "says nothing")
    if other.standing in ("withdrawn", "expired"):
        return f"Something from {other.statement.system}{_when(other.statement)} {aside}."
    return f"{_said(other.statement, codes)}; this {aside}."


def _said(statement: Statement, codes: CodeList | None) -> str:
    system = statement.system[:1].upper() + statement.system[1:]
    verb = _VERB.get(statement.origin, "says")
    state = State(statement.state)
    what = f"'{_label(statement.value, codes)}'" if state == State.ANSWERED else _OTHERWISE[state]
    if state != State.ANSWERED:
        verb = "says:"
    return f"{system} {verb} {what}{_when(statement)}"


def _when(statement: Statement) -> str:
    return f" on {_day(statement.recorded_on)}" if statement.recorded_on else ", on an unknown date"


def _label(value: str | None, codes: CodeList | None) -> str:
    if value is None:
        return ""
    labels = {code.key: code.label for code in codes.codes} if codes else {}
    return ", ".join(labels.get(part, part) for part in value.split(";")) if codes else value


def _name(attribute: Attribute) -> str:
    return attribute.label[:1].lower() + attribute.label[1:]


def _day(day: dt.date) -> str:
    return f"{day.day} {day:%B} {day.year}"
