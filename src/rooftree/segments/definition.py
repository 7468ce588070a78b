"""Segments ready to run: each definition with its rule read, checked and placed in an order.

A segment that does not load is set apart with its problems and does not stop the others: a nightly
run keeps its last good members and says so. One that refers to it does not load either.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter

from rooftree.catalogue.model import Catalogue
from rooftree.catalogue.segment import SegmentDefinition
from rooftree.segments.check import check, reads
from rooftree.segments.errors import Fault, RuleError
from rooftree.segments.fields import Other, Scope, scope
from rooftree.segments.lint import walk
from rooftree.segments.nodes import InSegment, Node, Span
from rooftree.segments.parse import parse
from rooftree.segments.text import to_text
from rooftree.vocabulary.errors import NotFound, Problem
from rooftree.vocabulary.ids import digest


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment that can be run. `reads`: every field and event, through other segments too."""

    definition: SegmentDefinition
    node: Node
    reads: frozenset[str]
    version: str  # digest of what it means: canonical rule, unit, base, purpose, use

    @property
    def key(self) -> str:
        """Its key."""
        return self.definition.key


@dataclass(frozen=True, slots=True)
class Segments:
    """All segments of a catalogue, in an order in which each comes after those it refers to."""

    catalogue: Catalogue
    ready: Mapping[str, Segment]
    broken: Mapping[str, RuleError] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Segment]:
        return iter(self.ready.values())

    def __getitem__(self, key: str) -> Segment:
        """The segment; raises NotFound, or the RuleError that keeps it from running."""
        if key in self.broken:
            raise self.broken[key]
        if key not in self.ready:
            raise NotFound(f"There is no segment {key}. See: rooftree segment list")
        return self.ready[key]

    def scope(self, segment: Segment) -> Scope:
        """What the segment's rule may name."""
        others = {s.key: Other(s.definition.unit, s.reads) for s in self if s.key != segment.key}
        return scope(self.catalogue, segment.definition.unit, segments=others)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What is wrong with those that do not load."""
        return tuple(problem for error in self.broken.values() for problem in error.problems)


def load_segments(catalogue: Catalogue, *, may: Collection[str] | None = None) -> Segments:
    """Every segment of the catalogue. `may`: the purposes of the role that asks (None: any)."""
    parsed: dict[str, Node] = {}
    broken: dict[str, RuleError] = {}
    for key, definition in catalogue.segments.items():
        try:
            parsed[key] = parse(definition.rule, where=_where(definition))
        except RuleError as error:
            broken[key] = error
    ready: dict[str, Segment] = {}
    for key in _order(parsed, catalogue, broken):
        try:
            ready[key] = _checked(catalogue.segments[key], parsed[key], ready, catalogue, may)
        except RuleError as error:
            broken[key] = error
    return Segments(catalogue, ready, dict(sorted(broken.items())))


def compile_rule(
    definition: SegmentDefinition,
    catalogue: Catalogue,
    others: Mapping[str, Segment],
    *,
    may: Collection[str] | None = None,
) -> Segment:
    """One definition on its own, such as one that is being written. Raises RuleError."""
    return _checked(
        definition, parse(definition.rule, where=_where(definition)), others, catalogue, may
    )


def _checked(
    definition: SegmentDefinition,
    node: Node,
    others: Mapping[str, Segment],
    catalogue: Catalogue,
    may: Collection[str] | None,
) -> Segment:
    known = {
        key: Other(one.definition.unit, one.reads)
        for key, one in others.items()
        if key != definition.key
    }
    where = scope(catalogue, definition.unit, segments=known)
    placed = check(
        node,
        where,
        purpose=definition.purpose,
        use=definition.use,
        text=definition.rule,
        where=_where(definition),
        may=may,
    )
    text = to_text(placed, events=dict(catalogue.events))
    version = digest(text, definition.unit, definition.base, definition.purpose, definition.use)[
        :12
    ]
    return Segment(definition, placed, reads(placed, where), version)


def _where(definition: SegmentDefinition) -> str:
    return f"{definition.where}: rule"


def _order(
    parsed: Mapping[str, Node], catalogue: Catalogue, broken: dict[str, RuleError]
) -> list[str]:
    """Keys so that each comes after those it refers to; a circle is broken by setting its members apart."""
    waiting = {key: referred(node) & set(parsed) for key, node in parsed.items()}
    while True:
        try:
            return [key for key in TopologicalSorter(waiting).static_order() if key in waiting]
        except CycleError as error:
            circle = list(dict.fromkeys(error.args[1]))
            told = " → ".join([*circle, circle[0]])
            for key in circle:
                definition = catalogue.segments[key]
                fault = Fault(
                    Span(),
                    f"segments refer to one another in a circle: {told}.",
                    "Take one reference out.",
                )
                broken[key] = RuleError([fault], definition.rule, where=_where(definition))
                waiting.pop(key, None)
            waiting = {key: needs - set(circle) for key, needs in waiting.items()}


def referred(node: Node) -> set[str]:
    """Segments that a rule names."""
    return {part.key for part in walk(node) if isinstance(part, InSegment)}
