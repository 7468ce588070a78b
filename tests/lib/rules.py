"""Random rules: every kind of predicate and operand, over fields of every kind and grain."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable

from rooftree.segments.fields import Scope
from rooftree.segments.nodes import (
    And,
    Arithmetic,
    AsOf,
    Between,
    Compare,
    Comparison,
    Elapsed,
    Events,
    Field,
    Followed,
    Happened,
    Includes,
    InSegment,
    IsTrue,
    Kind,
    Knowing,
    Literal,
    Matches,
    Members,
    Node,
    Not,
    OneOf,
    Operand,
    Or,
    StateIs,
    Window,
)  # fmt: skip

AS_OF = dt.date(2026, 3, 31)
TEXTS = ["North", "north side", "South", "O'Brien", "a_b%c", ""]
COUNTS = (
    Comparison.EQUAL,
    Comparison.LESS,
    Comparison.AT_MOST,
    Comparison.MORE,
    Comparison.AT_LEAST,
)
EQUALITY = (Comparison.EQUAL, Comparison.NOT_EQUAL)


class RuleMaker:
    """Makes random rules that pass the check, about the fields named in `fields`."""

    def __init__(self, draw: random.Random, scope: Scope, fields: tuple[str, ...]) -> None:
        self.draw = draw
        self.scope = scope
        self.all = [scope.fields[key] for key in fields]
        self.inside_members = False
        self.event: str | None = None

    # --- structure -----------------------------------------------------------------------------

    def rule(self, depth: int = 3) -> Node:
        """A rule of at most this depth."""
        if depth > 0 and self.draw.random() < 0.65:
            kind = self.draw.choice([And, Or, Not])
            if kind is Not:
                return Not(self.rule(depth - 1))
            return kind(tuple(self.rule(depth - 1) for _ in range(self.draw.randint(2, 3))))
        return self.leaf(depth)

    def leaf(self, depth: int) -> Node:
        """One condition."""
        makers: list[Callable[[], Node | None]] = [
            self.compare, self.between, self.one_of, self.includes, self.matches, self.is_true, self.state_is,
        ]  # fmt: skip
        if self.event is None:
            makers += [lambda: self.happened(depth), lambda: self.followed(depth), self.in_segment]
            if not self.inside_members:
                makers.append(lambda: self.members(depth))
        while True:
            node = self.draw.choice(makers)()
            if node is not None:
                return node

    # --- conditions on values ------------------------------------------------------------------

    def field(self, *kinds: Kind):
        """A field of one of these kinds that the unit sees: (key, kind, codes, unit); None where there is none."""
        if self.event is not None:
            found = []
            for one in self.scope.events[self.event].fields:
                codes = (
                    self.scope.catalogue.code_lists[one.codes].keys
                    if one.codes
                    else tuple(c.key for c in one.values)
                )
                found.append((one.key, Kind(one.type), codes, ""))
        else:
            found = [
                (one.key, one.kind, one.codes.keys if one.codes else (), one.unit)
                for one in self.all
                if self.scope.sees(one.grain) or self.inside_members
            ]
        found = [one for one in found if one[1] in kinds]
        return self.draw.choice(found) if found else None

    def value(self, kind: Kind, codes: tuple[str, ...]) -> Literal:
        """A value near those that the customers have."""
        match kind:
            case Kind.NUMBER:
                return Literal(self.draw.choice([0, 1, 2, 5, 16, 65, 2.5, -1]), kind)
            case Kind.MONEY:
                return Literal(self.draw.choice([0, 1, 100, 25_050, -500]), kind)
            case Kind.DATE:
                return Literal(
                    AS_OF - dt.timedelta(self.draw.choice([0, 1, 30, 31, 365, 366, -1])), kind
                )
            case Kind.BOOLEAN:
                return Literal(self.draw.random() < 0.5, kind)
            case Kind.TEXT:
                return Literal(self.draw.choice(TEXTS), kind)
            case _:
                return Literal(self.draw.choice(codes), Kind.CODE)

    def ordered(self) -> tuple[Operand, Kind, tuple[str, ...]] | None:
        """An operand with an order."""
        chance = self.draw.random()
        if chance < 0.2 and (found := self.field(Kind.DATE)):
            elapsed = Elapsed(
                self.draw.choice(["days", "months", "years"]),
                self.draw.choice(["since", "until"]),
                Field(found[0]),
            )
            return elapsed, Kind.NUMBER, ()
        if chance < 0.35 and (found := self.field(Kind.MONEY)):
            left = Arithmetic(
                self.draw.choice(["+", "-"]), Field(found[0]), self.value(Kind.MONEY, ())
            )
            return (
                Arithmetic("*", left, Literal(self.draw.choice([2, 0, 0.5]), Kind.NUMBER)),
                Kind.MONEY,
                (),
            )
        found = self.field(Kind.NUMBER, Kind.MONEY, Kind.DATE)
        return (Field(found[0]), found[1], found[2]) if found else None

    def compare(self) -> Node | None:
        if self.draw.random() < 0.5:
            found = self.ordered()
            if found is None:
                return None
            of, kind, codes = found
            right = (
                AsOf()
                if kind == Kind.DATE and self.draw.random() < 0.3
                else self.value(kind, codes)
            )
            return Compare(of, self.draw.choice(list(Comparison)), right)
        field = self.field(Kind.CODE, Kind.TEXT, Kind.BOOLEAN)
        if field is None or (field[1] == Kind.CODE and not field[2]):
            return None
        return Compare(Field(field[0]), self.draw.choice(EQUALITY), self.value(field[1], field[2]))

    def between(self) -> Node | None:
        found = self.ordered()
        return Between(found[0], self.value(*found[1:]), self.value(*found[1:])) if found else None

    def one_of(self) -> Node | None:
        field = self.field(Kind.CODE, Kind.TEXT, Kind.NUMBER, Kind.DATE, Kind.MONEY)
        if field is None or (field[1] == Kind.CODE and not field[2]):
            return None
        values = dict.fromkeys(
            self.value(field[1], field[2]) for _ in range(self.draw.randint(1, 3))
        )
        return OneOf(Field(field[0]), tuple(values))

    def includes(self) -> Node | None:
        field = self.field(Kind.CODES)
        if field is None:
            return None
        values = dict.fromkeys(
            self.value(Kind.CODE, field[2]) for _ in range(self.draw.randint(1, 3))
        )
        return Includes(Field(field[0]), self.draw.choice(["any", "all"]), tuple(values))

    def matches(self) -> Node | None:
        field = self.field(Kind.TEXT)
        text = self.draw.choice([t for t in TEXTS if t] + ["O", "%", "_", "NORTH"])
        return (
            Matches(
                Field(field[0]), self.draw.choice(["starts_with", "ends_with", "contains"]), text
            )
            if field
            else None
        )

    def is_true(self) -> Node | None:
        field = self.field(Kind.BOOLEAN)
        return IsTrue(Field(field[0])) if field else None

    def state_is(self) -> Node | None:
        field = self.field(*Kind)
        if field is None:
            return None
        stateful = self.event is None and self.scope.fields[field[0]].stateful
        states = list(Knowing) if stateful else [Knowing.UNKNOWN, Knowing.ANSWERED]
        return StateIs(Field(field[0]), self.draw.choice(states))

    # --- events, members, segments -------------------------------------------------------------

    def window(self) -> Window | None:
        if self.draw.random() < 0.3:
            return None
        return Window(
            self.draw.choice([1, 2, 3, 12, 30, 90]),
            self.draw.choice(["days", "weeks", "months", "years"]),
        )

    def events(self, depth: int) -> Events:
        event = self.draw.choice(sorted(self.scope.events))
        if self.draw.random() < 0.3:
            return Events(event)
        self.event = event
        where = self.rule(min(depth, 1))
        self.event = None
        return Events(event, where)

    def happened(self, depth: int) -> Node:
        return Happened(
            self.events(depth), self.draw.choice(COUNTS), self.draw.randint(0, 3), self.window()
        )

    def followed(self, depth: int) -> Node:
        first = self.events(depth)
        then = Events(first.event) if self.draw.random() < 0.2 else self.events(depth)
        return Followed(first, then, self.draw.choice([0, 1, 10, 30]), self.window())

    def members(self, depth: int) -> Node:
        self.inside_members = True
        where = self.rule(min(depth, 2))
        self.inside_members = False
        how = self.draw.choice(["any", "every", "no", "count", "lead"])
        if how == "count":
            return Members(how, where, self.draw.choice(COUNTS), self.draw.randint(0, 3))
        return Members(how, where)

    def in_segment(self) -> Node | None:
        keys = [
            key for key, other in sorted(self.scope.segments.items())
            if self.scope.sees(other.unit) or self.inside_members
        ]  # fmt: skip
        return InSegment(self.draw.choice(keys)) if keys else None
