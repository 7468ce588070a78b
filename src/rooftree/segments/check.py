"""Places and types every name of a rule, and asks whether its purpose may use each.

All problems are found in one pass, each with its place and a suggestion. What comes back holds no
`Name` any more, so an engine never meets a word that it does not know: a rule that passes runs.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from rooftree.catalogue.fields import did_you_mean
from rooftree.catalogue.model import Purpose
from rooftree.governance import check_may_count, check_may_select
from rooftree.segments.errors import Fault, RuleError
from rooftree.segments.fields import Scope, event_named
from rooftree.segments.nodes import (
    And,
    Between,
    Compare,
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
    Name,
    Node,
    Not,
    OneOf,
    Or,
    Span,
    StateIs,
)  # fmt: skip
from rooftree.segments.operands import EQUALITY, WHOSE, Operands, Typed, word_of
from rooftree.vocabulary.errors import PolicyDenied
from rooftree.vocabulary.states import Grain


def check(
    node: Node,
    scope: Scope,
    *,
    purpose: str | None = None,
    use: str = "select",
    text: str | None = None,
    where: str = "rule",
    may: Collection[str] | None = None,
) -> Node:
    """The rule with every name placed and typed.

    With `purpose`, everything it reads must allow that `use` (select or count) for it; `may` are the
    purposes of the role that asks (None: any). `text` is what the rule was read from, for the places
    in messages. Raises RuleError with every problem.
    """
    checker = _Checker(scope)
    placed = checker.node(node)
    faults = checker.faults
    if purpose is not None:
        faults = faults + _denials(checker.uses, scope, purpose, use, may)
    if faults or placed is None:
        raise RuleError(faults, text, where=where)
    return placed


def reads(node: Node, scope: Scope) -> frozenset[str]:
    """Keys of every field and event that a checked rule reads, through other segments too; events as `event:key`."""
    checker = _Checker(scope)
    checker.node(node)
    return frozenset(key for key, _ in checker.uses)


def _denials(
    uses: Iterable[tuple[str, Span]],
    scope: Scope,
    purpose: str,
    use: str,
    may: Collection[str] | None,
) -> list[Fault]:
    stated = scope.catalogue.purposes.get(purpose)
    if stated is None:
        known = scope.catalogue.purposes
        return [
            Fault(
                Span(),
                f"the purpose {purpose!r} does not exist.",
                did_you_mean(purpose, known, otherwise=f"Use one of {', '.join(known)}."),
            )
        ]
    if may is not None and purpose not in may:
        return [
            Fault(
                Span(),
                f"your role does not use data for {purpose}.",
                f"It may for: {', '.join(sorted(may)) or 'nothing'}.",
                denied=True,
            )
        ]
    said: set[str] = set()
    faults = []
    for key, at in uses:
        if key not in said:
            said.add(key)
            faults += _denial(key, at, scope, stated, use)
    return faults


def _denial(key: str, at: Span, scope: Scope, purpose: Purpose, use: str) -> list[Fault]:
    thing = (
        scope.catalogue.events[key.removeprefix("event:")]
        if key.startswith("event:")
        else scope.fields[key].thing
    )
    try:
        (check_may_select if use == "select" else check_may_count)(thing, purpose)
    except PolicyDenied as denied:
        what, _, allowed = str(denied).partition(". ")
        return [Fault(at, f"{what}.", allowed, denied=True)]
    return []


class _Checker(Operands):
    """One pass over the predicates of a rule."""

    # --- predicates ----------------------------------------------------------------------------

    def node(self, node: Node) -> Node | None:
        match node:
            case And() | Or():
                parts = [self.node(part) for part in node.parts]
                known = tuple(part for part in parts if part is not None)
                return replace(node, parts=known) if len(known) == len(parts) else None
            case Not():
                part = self.node(node.part)
                return replace(node, part=part) if part is not None else None
            case Compare():
                return self._compare(node)
            case Between():
                return self._between(node)
            case OneOf():
                return self._one_of(node)
            case Includes():
                return self._includes(node)
            case _:
                return self._other(node)

    def _other(self, node: Node) -> Node | None:
        match node:
            case Matches():
                return self._matches(node)
            case IsTrue():
                return self._is_true(node)
            case StateIs():
                return self._state_is(node)
            case Happened():
                events = self._events(node.events, node.at)
                return replace(node, events=events) if events is not None else None
            case Followed():
                first, then = self._events(node.first, node.at), self._events(node.then, node.at)
                return (
                    replace(node, first=first, then=then)
                    if first is not None and then is not None
                    else None
                )
            case Members():
                return self._members(node)
            case InSegment():
                return self._in_segment(node)
            case _:
                raise AssertionError(node)

    def _compare(self, node: Compare) -> Node | None:
        left, right = self.pair(node.left, node.right)
        if left is None or right is None:
            return None
        if not self.comparable(left, right, node.op in EQUALITY, node.at):
            return None
        return replace(node, left=left.node, right=right.node)

    def _between(self, node: Between) -> Node | None:
        of = self.operand(node.of)
        low, high = self.operand(node.low, beside=of), self.operand(node.high, beside=of)
        if of is None or low is None or high is None:
            return None
        if not (
            self.comparable(of, low, False, node.at) and self.comparable(of, high, False, node.at)
        ):
            return None
        return replace(node, of=of.node, low=low.node, high=high.node)

    def _one_of(self, node: OneOf) -> Node | None:
        of = self.operand(node.of)
        if of is None:
            return None
        if of.kind == Kind.CODES:
            self.fault(
                node.at,
                f"{of.label} holds several values.",
                f"Write: {word_of(node.of)} includes any of (...)",
            )
            return None
        values = self._values(of, node.values)
        if values is None:
            return None
        if not all(self.comparable(of, value, True, value.node.at) for value in values):
            return None
        return replace(node, of=of.node, values=tuple(value.node for value in values))

    def _includes(self, node: Includes) -> Node | None:
        of = self.operand(node.of)
        if of is None:
            return None
        if of.kind != Kind.CODES:
            self.fault(
                node.at,
                f"{of.label} holds one value, not several.",
                f"Write: {word_of(node.of)} in (...)",
            )
            return None
        values = self._values(replace(of, kind=Kind.CODE), node.values)
        return (
            replace(node, of=of.node, values=tuple(value.node for value in values))
            if values is not None
            else None
        )

    def _values(self, of: Typed, values: Sequence[Name | Literal]) -> list[Typed] | None:
        placed = [self.operand(value, beside=of) for value in values]
        known = [value for value in placed if value is not None]
        for value in known:
            if not isinstance(value.node, Literal):
                self.fault(
                    value.node.at, "a list holds values, not fields.", "Compare with = instead."
                )
                return None
        seen: set[object] = set()
        for value in known:
            assert isinstance(value.node, Literal)
            if (value.kind, value.node.value) in seen:
                self.fault(value.node.at, "this value is listed twice.", "Take one out.")
                return None
            seen.add((value.kind, value.node.value))
        return known if len(known) == len(placed) else None

    def _matches(self, node: Matches) -> Node | None:
        of = self.operand(node.of)
        if of is None:
            return None
        if of.kind != Kind.TEXT or of.closed:
            what = "holds no free text" if of.kind != Kind.TEXT else "says who somebody is"
            self.fault(
                node.at,
                f"{of.label} {what}; its letters cannot be searched.",
                self.instead(of, node.of),
            )
            return None
        if not node.text:
            self.fault(
                node.at, "the text is empty, so it is in every text.", "Write what to look for."
            )
            return None
        return replace(node, of=of.node)

    def _is_true(self, node: IsTrue) -> Node | None:
        of = self.operand(node.of)
        if of is None:
            return None
        if of.kind != Kind.BOOLEAN:
            self.fault(node.at, f"{of.label} is no yes/no field.", self.instead(of, node.of))
            return None
        return replace(node, of=of.node)

    def _state_is(self, node: StateIs) -> Node | None:
        of = self.operand(node.of)
        if of is None:
            return None
        stateful = (
            self.event is None
            and isinstance(of.node, Field)
            and self.scope.fields[of.node.key].stateful
        )
        if not stateful and node.state not in (Knowing.UNKNOWN, Knowing.ANSWERED):
            self.fault(
                node.at,
                f"{of.label} is recorded or computed; nobody was asked.",
                "Ask whether it 'is unknown' or 'is answered'.",
            )
            return None
        return replace(node, of=of.node)

    def _events(self, events: Events, at: Span) -> Events | None:
        if self.event is not None:
            self.fault(
                at,
                "events cannot be counted inside an event.",
                "Count them beside it, joined by 'and'.",
            )
            return None
        event = event_named(self.scope.events, events.event)
        if event is None:
            names = [
                name for one in self.scope.events.values() for name in (one.singular, one.plural)
            ]
            self.fault(
                events.at,
                f"there is no event {events.event!r}.",
                did_you_mean(
                    events.event,
                    names,
                    otherwise=f"Events: {', '.join(sorted(self.scope.events))}.",
                ),
            )
            return None
        self.uses.append((f"event:{event.key}", events.at))
        where = events.where
        if where is not None:
            self.event = event
            where = self.node(where)
            self.event = None
            if where is None:
                return None
        return replace(events, event=event.key, where=where)

    def _members(self, node: Members) -> Node | None:
        if self.event is not None:
            self.fault(
                node.at,
                "an event has no members of a household.",
                "Ask beside it, joined by 'and'.",
            )
            return None
        inner = _Checker(replace(self.scope, unit=Grain.PERSON))
        inner.inside_members = True
        where = inner.node(node.where)
        self.faults += inner.faults
        self.uses += inner.uses
        return replace(node, where=where) if where is not None and not self._nested(node) else None

    inside_members = False

    def _nested(self, node: Members) -> bool:
        if self.inside_members:
            self.fault(
                node.at,
                "members cannot be asked for inside the condition on a member.",
                "Ask beside it, joined by 'and'.",
            )
        return self.inside_members

    def _in_segment(self, node: InSegment) -> Node | None:
        other = self.scope.segments.get(node.key)
        if self.event is not None:
            self.fault(node.at, "an event is in no segment.", "Ask beside it, joined by 'and'.")
            return None
        if other is None:
            known = self.scope.segments
            self.fault(
                node.at,
                f"there is no segment {node.key!r}.",
                did_you_mean(node.key, known, otherwise="See: rooftree segment list"),
            )
            return None
        if not self.scope.sees(other.unit):
            self.fault(
                node.at,
                f"{node.key} is a segment of people, and this rule is about {WHOSE[self.scope.unit]}.",
                f"Write: any member (in segment {node.key})",
            )
            return None
        self.uses += [(key, node.at) for key in sorted(other.reads)]
        return node
