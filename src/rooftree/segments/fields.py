"""What a rule may name: the fields, events and other segments that a unit can see.

A person sees what is known of them, of their household, its tenancy and its home. A household, a
tenancy and a home see one another, and people only through `member` and `lead tenant`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from rooftree.catalogue.model import Attribute, Catalogue, CodeList, Event, Feature
from rooftree.segments.nodes import Kind
from rooftree.vocabulary.states import Grain


@dataclass(frozen=True, slots=True)
class Known:
    """One thing that a rule can name, with its type.

    `stateful` is true for attributes, whose values have a state of knowledge; a feature is known or
    cannot be told. `unit` is what its number counts: pounds for money, else the catalogue's words.
    """

    key: str
    label: str
    kind: Kind
    grain: Grain
    unit: str
    codes: CodeList | None
    thing: Attribute | Feature

    @property
    def stateful(self) -> bool:
        """Whether it has the six states, and can be stale or in conflict."""
        return isinstance(self.thing, Attribute)


@dataclass(frozen=True, slots=True)
class Other:
    """Another segment that a rule may refer to: its unit, and all that it reads, through others too."""

    unit: Grain
    reads: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Scope:
    """Everything that a rule about one unit may name."""

    unit: Grain
    catalogue: Catalogue
    fields: Mapping[str, Known]
    events: Mapping[str, Event]
    segments: Mapping[str, Other] = field(default_factory=dict)

    def sees(self, grain: Grain) -> bool:
        """Whether a field of this grain can be named without going through the household's members."""
        return grain != Grain.PERSON or self.unit == Grain.PERSON

    def of_person(self) -> Scope:
        """The scope inside `member (...)`: the same names, about one person."""
        return Scope(Grain.PERSON, self.catalogue, self.fields, self.events, self.segments)


def scope(
    catalogue: Catalogue, unit: Grain, *, segments: Mapping[str, Other] | None = None
) -> Scope:
    """What a rule about `unit` may name. `segments` are the others, by key."""
    return Scope(unit, catalogue, all_fields(catalogue), catalogue.events, dict(segments or {}))


def event_named(events: Mapping[str, Event], word: str) -> Event | None:
    """The event of that key, singular or plural."""
    for event in events.values():
        if word in event.words:
            return event
    return None


def all_fields(catalogue: Catalogue) -> dict[str, Known]:
    """Every attribute and feature by key. An attribute stands before a feature of the same key."""
    things: list[Attribute | Feature] = [
        *catalogue.features.values(),
        *catalogue.attributes.values(),
    ]
    return {thing.key: _known(thing, catalogue) for thing in things}


def _known(thing: Attribute | Feature, catalogue: Catalogue) -> Known:
    kind = Kind(thing.type)
    return Known(
        key=thing.key,
        label=thing.label,
        kind=kind,
        grain=thing.grain,
        unit="pounds" if kind == Kind.MONEY else thing.unit,
        codes=catalogue.code_lists.get(thing.codes) if thing.codes else None,
        thing=thing,
    )
