"""Tables of the segments stage, built from the catalogue: one wide table per unit, one per kind of event.

A wide table begins with the columns of `FIRST`; then come the fields in alphabetical order. An
attribute has two columns: `<key>`, null unless answered, and `<key>__k`, what is known of it, packed
in a small number (`STATE_NUMBER`, `STALE`, `IN_CONFLICT`). A feature has one. Several codes at once
are sorted and joined by ';', as the profile keeps them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from rooftree.catalogue.model import Attribute, Catalogue, Event, EventField, Feature
from rooftree.features.schema import ALL as FEATURES
from rooftree.identity.schema import ALL as IDENTITY
from rooftree.storage.tables import Column, Table
from rooftree.vocabulary.states import Grain, Sensitivity, State

_S = Sensitivity

#: Bits 0 to 2 of `<key>__k`, and the two flags above them.
STATE_NUMBER: Mapping[State, int] = {
    State.ANSWERED: 0,
    State.REFUSED: 1,
    State.DONT_KNOW: 2,
    State.NOT_ASKED: 3,
    State.NOT_APPLICABLE: 4,
    State.WITHDRAWN: 5,
}
STATE_BITS, STALE, IN_CONFLICT = 7, 8, 16
KNOWN = "__k"

_TYPES = {
    "code": "VARCHAR", "codes": "VARCHAR", "text": "VARCHAR", "number": "DOUBLE", "money": "BIGINT",
    "date": "DATE", "boolean": "BOOLEAN",
}  # fmt: skip


def _id(name: str, meaning: str, *, required: bool = False) -> Column:
    return Column(name, "VARCHAR", meaning, required)


def _flag(name: str, meaning: str) -> Column:
    return Column(name, "BOOLEAN", meaning, True)


_PATCH = _id("patch", "the officers' patch of the home")
_LEAD = _id("lead_person_id", "the lead tenant of the household")

#: The first columns of each wide table; the first of them is the key.
FIRST: Mapping[Grain, tuple[Column, ...]] = {
    Grain.PERSON: (
        _id("person_id", "the person", required=True),
        _id("household_id", "the current household they live in: of several the one they are responsible for, "
            "then the one since the latest day, then the first by id"),
        _id("tenancy_id", "its agreement"),
        _id("home_id", "its home"),
        _flag("is_customer", "in the population customers"),
        _flag("is_adult", "in the population adults"),
        _flag("is_tenant", "in the population tenants"),
        _flag("is_lead_tenant", "in the population lead_tenants"),
        _flag("is_household_member", "in the population household_members"),
        _PATCH,
    ),
    Grain.HOUSEHOLD: (
        _id("household_id", "the household", required=True),
        _id("tenancy_id", "its agreement"),
        _id("home_id", "its home"),
        _LEAD,
        _flag("is_current", "at as_of"),
        _PATCH,
    ),
    Grain.TENANCY: (
        _id("tenancy_id", "the agreement; applications are left out", required=True),
        _id("household_id", "the household living under it"),
        _id("home_id", "its home"),
        _LEAD,
        _flag("is_current", "running at as_of"),
        _PATCH,
    ),
    Grain.HOME: (
        _id("home_id", "the home; blocks, garages and the like are left out", required=True),
        _id("tenancy_id", "its current agreement: of several the one that started last, then the first by id"),
        _id("household_id", "the household living under it"),
        _LEAD,
        _flag("is_let", "there is a current agreement"),
        _PATCH,
    ),
}  # fmt: skip

#: Whose fields each unit's table holds.
SEEN: Mapping[Grain, tuple[Grain, ...]] = {
    Grain.PERSON: (Grain.PERSON, Grain.HOUSEHOLD, Grain.TENANCY, Grain.HOME),
    Grain.HOUSEHOLD: (Grain.HOUSEHOLD, Grain.TENANCY, Grain.HOME),
    Grain.TENANCY: (Grain.HOUSEHOLD, Grain.TENANCY, Grain.HOME),
    Grain.HOME: (Grain.HOUSEHOLD, Grain.TENANCY, Grain.HOME),
}

#: The tables whose columns a feature may be.
SOURCES: Mapping[str, Table] = {f"{t.stage}.{t.name}": t for t in (*FEATURES, *IDENTITY)}

_MEANING = {
    Grain.PERSON: "Every living person known, with all that a rule may ask of them, their household and home.",
    Grain.HOUSEHOLD: "Every household, with all that a rule may ask of it, its agreement and its home.",
    Grain.TENANCY: "Every agreement, with all that a rule may ask of it, its household and its home.",
    Grain.HOME: "Every home, with all that a rule may ask of it and of its current agreement and household.",
}


def id_of(grain: Grain) -> str:
    """The column that names a subject of this grain."""
    return f"{grain.value}_id"


#: The columns that say who is of which population of people.
_OF_PEOPLE: Mapping[str, str] = {
    "customers": "is_customer",
    "adults": "is_adult",
    "tenants": "is_tenant",
    "lead_tenants": "is_lead_tenant",
    "household_members": "is_household_member",
}


def base_column(unit: Grain, base: str) -> str | None:
    """The column of a unit's table that says who is of a population; None where everybody is."""
    if base in ("everyone", "all"):
        return None
    if unit == Grain.PERSON:
        return _OF_PEOPLE[base]
    return "is_let" if unit == Grain.HOME else "is_current"


def is_hidden(attribute: Attribute) -> bool:
    """Whether only the state is kept: a rule may ask if a telephone number is held, never which."""
    return attribute.type == "text" and attribute.sensitivity in (_S.IDENTIFYING, _S.CONTACT)


def fields_of(unit: Grain, catalogue: Catalogue) -> dict[str, Attribute | Feature]:
    """The attributes and features that the wide table of a unit holds after its first columns, by key."""
    first = {column.name for column in FIRST[unit]}
    things = {**catalogue.features, **catalogue.attributes}
    return {
        key: thing
        for key, thing in sorted(things.items())
        if thing.grain in SEEN[unit] and key not in first
    }


def columns_of(thing: Attribute | Feature) -> tuple[Column, ...]:
    """The columns of one attribute or feature."""
    if isinstance(thing, Feature):
        name, column = thing.place
        source = SOURCES.get(name)
        kind = source[column].type if source and column in source else _TYPES[thing.type]
        return (Column(thing.key, kind, thing.label, sensitivity=thing.sensitivity),)
    known = Column(
        f"{thing.key}{KNOWN}", "UTINYINT", f"what is known of {thing.label.lower()}", True, thing.sensitivity
    )  # fmt: skip
    if is_hidden(thing):
        return (known,)
    value = Column(thing.key, _TYPES[thing.type], thing.label, sensitivity=thing.sensitivity)
    return (value, known)


def unit_table(unit: Grain, catalogue: Catalogue) -> Table:
    """The wide table of a unit, `segments.<unit>`."""
    fields = fields_of(unit, catalogue).values()
    columns = (*FIRST[unit], *(column for thing in fields for column in columns_of(thing)))
    return replace(first_table(unit), columns=columns)


def first_table(unit: Grain) -> Table:
    """The wide table of a unit with its first columns only, which no catalogue changes."""
    return Table("segments", unit.value, _MEANING[unit], FIRST[unit], key=(id_of(unit),))


def event_column(one: EventField) -> Column:
    """The column of one field of an event."""
    return Column(one.key, _TYPES[one.type], one.label)


def event_table(event: Event) -> Table:
    """The table of one kind of event, `segments.event_<key>`, in the order in which a subject's are found."""
    columns = (
        _id("person_id", "the person"),
        _id("tenancy_id", "the tenancy"),
        _id("home_id", "the home"),
        Column("on_date", "DATE", "the day", True),
        *(event_column(one) for one in event.fields),
        Column("source_file", "VARCHAR", "lineage: file", True),
        Column("source_row", "BIGINT", "lineage: row", True),
    )
    order = (
        ("person_id", "tenancy_id") if event.grain == Grain.PERSON else ("tenancy_id", "home_id")
    )
    return Table(
        "segments",
        f"event_{event.key}",
        event.label,
        tuple(_with(column, event.sensitivity) for column in columns),
        order=(*order, "on_date"),
    )


def is_stored(event: Event) -> bool:
    """Whether the events are written to the snapshot; the ledger is large, and is read in place."""
    return event.table != "staging.account_transaction"


def tables(catalogue: Catalogue) -> tuple[Table, ...]:
    """Every table that the stage writes from the catalogue."""
    return (
        *(unit_table(unit, catalogue) for unit in Grain),
        *(event_table(event) for event in catalogue.events.values() if is_stored(event)),
    )


def _with(column: Column, sensitivity: Sensitivity) -> Column:
    ids = column.name.endswith("_id") or column.name in ("source_file", "source_row")
    return (
        column
        if ids
        else Column(column.name, column.type, column.meaning, column.required, sensitivity)
    )


SPELL = Table(
    "segments",
    "spell",
    "Each stay of a subject in a segment, carried from snapshot to snapshot.",
    (
        Column("segment", "VARCHAR", "key of the segment", True),
        Column("unit", "VARCHAR", "person, household, tenancy or home", True),
        Column("subject_id", "VARCHAR", "who, or which", True),
        Column("entered_on", "DATE", "the first as_of at which it was in", True),
        Column(
            "entered_why",
            "VARCHAR",
            "first (the first evaluation of the segment), base (came into the base), definition (the rule "
            "changed), withdrawn (a value was withdrawn) or data, with the numbers of the top-level parts "
            "that had not held before: data: 1,3",
            True,
        ),
        Column("left_on", "DATE", "the first as_of at which it was in no longer; null: still in"),
        Column(
            "left_why", "VARCHAR", "base, definition or data, with the parts that hold no longer"
        ),
        Column("version", "VARCHAR", "of the segment's definition when it entered", True),
    ),
    order=("segment", "subject_id", "entered_on", "left_on"),
)

EVALUATED = Table(
    "segments",
    "evaluated",
    "How each segment was evaluated by this run.",
    (
        Column("segment", "VARCHAR", "key of the segment", True),
        Column("version", "VARCHAR", "of its definition", True),
        Column("label", "VARCHAR", "its name", True),
        Column("unit", "VARCHAR", "person, household, tenancy or home", True),
        Column("purpose", "VARCHAR", "key of the purpose", True),
        Column("use", "VARCHAR", "select or count; members are kept of the first only", True),
        Column("base", "VARCHAR", "the population it is taken from", True),
        Column("n_base", "BIGINT", "how many are in the base"),
        Column("n_in", "BIGINT", "how many are in the segment"),
        Column("n_unknown", "BIGINT", "of how many of the base it cannot be told"),
        Column("status", "VARCHAR", "ok or failed", True),
        Column("problem", "VARCHAR", "of a failed one: why"),
        Column(
            "good_on",
            "DATE",
            "the as_of of the counts and members: of a failed one the last good day",
        ),
        Column(
            "n_removed",
            "BIGINT",
            "subjects of whom stays were removed, since a value was withdrawn",
            True,
        ),
        Column(
            "reads", "VARCHAR", "fields and events that it reads, through other segments too", True
        ),
    ),
    key=("segment",),
)
