"""The worked examples of a segment: made-up subjects, and whether the rule turns out as they say."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rooftree.catalogue.segment import Example
from rooftree.segments.definition import Segment
from rooftree.segments.fields import Scope
from rooftree.segments.nodes import Kind, Knowing, Value
from rooftree.segments.reference import Case, Datum, evaluate
from rooftree.vocabulary.errors import Problem

_RESULT = {True: "in", False: "out", None: "unknown"}
AS_OF = dt.date(2026, 3, 31)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an example said and what came out."""

    says: str
    expected: str
    found: str

    @property
    def holds(self) -> bool:
        """Whether the two agree."""
        return self.expected == self.found


def run_examples(segment: Segment, scope: Scope) -> tuple[tuple[Outcome, ...], tuple[Problem, ...]]:
    """Each example with what came out, and what is wrong with the way an example is written."""
    outcomes, problems = [], []
    for n, example in enumerate(segment.definition.examples, 1):
        where = f"{segment.definition.where}: example {n}"
        try:
            truth = evaluate(segment.node, to_case(example, scope))
        except _Wrong as wrong:
            problems.append(Problem(where, str(wrong)))
            continue
        outcomes.append(Outcome(example.says, example.result, _RESULT[truth]))
    return tuple(outcomes), tuple(problems)


class _Wrong(Exception):
    pass


def to_case(example: Example, scope: Scope) -> Case:
    """The subject that an example describes."""
    facts = example.facts
    as_of = facts.get("as_of", AS_OF)
    if not isinstance(as_of, dt.date):
        raise _Wrong("as_of is no date. Write it without quotation marks.")
    members = tuple(
        Case(as_of, _values(one, scope)) for one in _rows(facts.get("members", []), "members")
    )
    lead = facts.get("lead")
    return Case(
        as_of,
        _values(facts.get("given", {}), scope),
        _events(_rows(facts.get("events", []), "events"), scope),
        members,
        Case(as_of, _values(lead, scope)) if lead is not None else None,
        _segments(facts.get("segments", {}), scope),
    )


def _rows(rows: object, name: str) -> Sequence[Mapping[str, Any]]:
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise _Wrong(f"{name} is not a list of tables.")
    return rows


def _segments(given: object, scope: Scope) -> dict[str, bool | None]:
    if not isinstance(given, dict) or not all(isinstance(truth, bool) for truth in given.values()):
        raise _Wrong("segments says of each segment true or false.")
    unknown = set(given) - set(scope.segments)
    if unknown:
        raise _Wrong(f"there is no segment {sorted(unknown)[0]}.")
    return dict(given)


def _values(given: object, scope: Scope) -> dict[str, Datum]:
    if not isinstance(given, dict):
        raise _Wrong("given is not a table of fields.")
    return {key: _datum(key, value, scope) for key, value in given.items()}


def _datum(key: str, value: Any, scope: Scope) -> Datum:
    """A value as it is, or `{ state = "refused" }`, `{ value = ..., stale = true, conflict = true }`."""
    known = scope.fields.get(key)
    if known is None:
        raise _Wrong(f"there is no field {key}.")
    stale = conflict = False
    if isinstance(value, dict):
        stale, conflict = bool(value.get("stale", False)), bool(value.get("conflict", False))
        if "state" in value:
            try:
                return Datum(None, Knowing(value["state"]), stale, conflict)
            except ValueError:
                raise _Wrong(f"{key}: {value['state']!r} is no state of knowledge.") from None
        value = value.get("value")
    codes = known.codes.keys if known.codes is not None else None
    return Datum(_typed(key, value, known.kind, codes), Knowing.ANSWERED, stale, conflict)


def _typed(
    key: str, value: Any, kind: Kind, codes: tuple[str, ...] | None
) -> Value | frozenset[str]:
    wanted = {
        Kind.NUMBER: (int, float), Kind.MONEY: (int,), Kind.BOOLEAN: (bool,), Kind.DATE: (dt.date,),
        Kind.CODES: (list,), Kind.CODE: (str,), Kind.TEXT: (str,),
    }  # fmt: skip
    if not isinstance(value, wanted[kind]) or isinstance(value, bool) != (kind == Kind.BOOLEAN):
        raise _Wrong(
            f"{key}: {value!r} is no {kind.value}"
            + (" in whole pence." if kind == Kind.MONEY else ".")
        )
    for code in value if kind == Kind.CODES else [value] if kind == Kind.CODE else []:
        if codes is not None and code not in codes:
            raise _Wrong(f"{key}: {code!r} is no code of it.")
    return frozenset(value) if kind == Kind.CODES else value


def _events(
    rows: Sequence[Mapping[str, Any]], scope: Scope
) -> dict[str, list[dict[str, Value | None]]]:
    found: dict[str, list[dict[str, Value | None]]] = {}
    for row in rows:
        event = scope.events.get(row.get("event", ""))
        if event is None or not isinstance(row.get("on"), dt.date):
            raise _Wrong(
                "an event says event (one of " + ", ".join(scope.events) + ") and on, a date."
            )
        fields: dict[str, Value | None] = {one.key: None for one in event.fields}
        for key in set(row) - {"event", "on"}:
            if key not in fields:
                raise _Wrong(f"a {event.singular} has no field {key}.")
            fields[key] = row[key]
        found.setdefault(event.key, []).append({**fields, "on_date": row["on"]})
    return found
