"""One subject as the reference sees it, read from the tables: for why one is in and another is out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rooftree.segments.definition import Segment, referred
from rooftree.segments.fields import Known
from rooftree.segments.lint import walk
from rooftree.segments.nodes import Followed, Happened, Kind, Knowing, Node
from rooftree.segments.reference import Case, Datum, Truth, evaluate
from rooftree.segments.schema import (
    IN_CONFLICT,
    KNOWN,
    STALE,
    STATE_BITS,
    STATE_NUMBER,
    base_column,
    id_of,
)
from rooftree.segments.values_sql import Context
from rooftree.storage.engine import Engine
from rooftree.vocabulary.errors import NotFound
from rooftree.vocabulary.states import Grain

_STATES = {number: Knowing(state.value) for state, number in STATE_NUMBER.items()}


@dataclass(frozen=True, slots=True)
class Subject:
    """One subject: its case for a rule, whether it is in the base, and the ids of what it belongs to."""

    id: str
    unit: Grain
    case: Case
    in_base: bool
    row: Mapping[str, Any]


def subject(
    engine: Engine, node: Node, subject_id: str, *, unit: Grain, base: str, context: Context
) -> Subject:
    """The subject of that id, with all that the rule may ask of it. NotFound where there is none."""
    reader = _Reader(engine, context, node)
    row = reader.row(unit, subject_id)
    if row is None:
        raise NotFound(f"There is no {unit.value} {subject_id} in this snapshot.")
    return Subject(subject_id, unit, reader.case(unit, row), in_base(unit, row, base), row)


def in_base(unit: Grain, row: Mapping[str, Any], base: str) -> bool:
    """Whether a row of a unit's table is of a population."""
    column = base_column(unit, base)
    return column is None or row[column]


def events_of(node: Node, segments: Mapping[str, Segment]) -> frozenset[str]:
    """Kinds of events that a rule counts, through other segments too."""
    found: set[str] = set()
    for part in walk(node):
        if isinstance(part, Happened):
            found.add(part.events.event)
        elif isinstance(part, Followed):
            found |= {part.first.event, part.then.event}
    for key in referred(node):
        found |= events_of(segments[key].node, segments)
    return frozenset(found)


class _Reader:
    """Reads rows once and turns them into cases. The events are those that the rule counts."""

    def __init__(self, engine: Engine, context: Context, node: Node) -> None:
        self.engine = engine
        self.context = context
        self.events = sorted(events_of(node, context.segments))
        self.named = {key: context.segments[key] for key in sorted(referred(node))}
        self.known = context.fields()

    def row(self, unit: Grain, key: str | None) -> dict[str, Any] | None:
        rows = (
            self._rows(f"SELECT * FROM segments.{unit.value} WHERE {id_of(unit)} = ?", key)
            if key
            else []
        )
        return rows[0] if rows else None

    def _rows(self, sql: str, key: str) -> list[dict[str, Any]]:
        found = self.engine.execute(sql, [key])
        names = [column[0] for column in found.description or []]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    def case(self, unit: Grain, row: Mapping[str, Any], *, alone: bool = False) -> Case:
        """The case of a row; `alone`: as seen inside `member (...)`, where members are not asked for again."""
        members, lead = ((), None) if alone else self._household(row["household_id"])
        return Case(
            self.context.as_of,
            self._values(row),
            {event: self._events(event, unit, row) for event in self.events},
            members,
            lead,
            {key: self._truth(segment, unit, row) for key, segment in self.named.items()},
        )

    def _values(self, row: Mapping[str, Any]) -> dict[str, Datum]:
        return {
            key: _datum(known, row)
            for key, known in self.known.items()
            if key in row or f"{key}{KNOWN}" in row
        }

    def _events(self, event: str, unit: Grain, row: Mapping[str, Any]) -> list[dict[str, Any]]:
        grain = self.context.catalogue.events[event].grain
        if unit != Grain.PERSON:
            grain = Grain.HOME if unit == Grain.HOME else Grain.TENANCY
        key = row[id_of(grain)]
        order = "ORDER BY on_date, source_file, source_row"
        return (
            self._rows(
                f"SELECT * FROM segments.event_{event} WHERE {id_of(grain)} = ? {order}", key
            )
            if key
            else []
        )

    def _household(self, household: str | None) -> tuple[tuple[Case, ...], Case | None]:
        if household is None:
            return (), None
        people = self._rows(
            "SELECT * FROM segments.person WHERE household_id = ? ORDER BY person_id", household
        )
        of = self.row(Grain.HOUSEHOLD, household)
        lead = self.row(Grain.PERSON, of["lead_person_id"]) if of else None
        members = tuple(self.case(Grain.PERSON, person, alone=True) for person in people)
        return members, self.case(Grain.PERSON, lead, alone=True) if lead else None

    def _truth(self, segment: Segment, unit: Grain, row: Mapping[str, Any]) -> Truth:
        """As `sql` has it: of the subject itself, or of the household, tenancy or home that it belongs to."""
        of = segment.definition.unit
        if of == Grain.PERSON and unit != Grain.PERSON:
            return None
        key = row[id_of(of)]
        other = row if of == unit else self.row(of, key)
        if key is None or other is None:
            return None
        if not in_base(of, other, segment.definition.base):
            return False
        reader = _Reader(self.engine, self.context, segment.node)
        return evaluate(segment.node, reader.case(of, other))


def _datum(known: Known, row: Mapping[str, Any]) -> Datum:
    value = row.get(known.key)
    if known.kind == Kind.CODES and value is not None:
        value = frozenset(value.split(";"))
    if not known.stateful:
        return Datum(value, Knowing.ANSWERED if value is not None else Knowing.NOT_ASKED)
    packed = row[f"{known.key}{KNOWN}"]
    state = _STATES[packed & STATE_BITS]
    if known.key not in row and state == Knowing.ANSWERED:
        value = True  # held, and hidden: a rule may ask whether, never which
    return Datum(value, state, bool(packed & STALE), bool(packed & IN_CONFLICT))
