"""A rule in plain English, from the labels of the catalogue."""

from __future__ import annotations

import datetime as dt

from rooftree.catalogue.model import CodeList, EventField
from rooftree.segments.fields import Known, Scope
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
    Name,
    Node,
    Not,
    OneOf,
    Operand,
    Or,
    StateIs,
    Window,
)
from rooftree.segments.text import money, number

_COMPARED = {
    Comparison.EQUAL: "is", Comparison.NOT_EQUAL: "is not", Comparison.LESS: "is less than",
    Comparison.AT_MOST: "is at most", Comparison.MORE: "is more than", Comparison.AT_LEAST: "is at least",
}  # fmt: skip
_OF_DATES = {
    Comparison.LESS: "is before", Comparison.AT_MOST: "is on or before", Comparison.MORE: "is after",
    Comparison.AT_LEAST: "is on or after",
}  # fmt: skip
_HOW_MANY = {
    Comparison.EQUAL: "exactly", Comparison.LESS: "fewer than", Comparison.AT_MOST: "at most",
    Comparison.MORE: "more than", Comparison.AT_LEAST: "at least",
}  # fmt: skip
_KNOWING = {
    Knowing.ANSWERED: "is known", Knowing.REFUSED: "was refused (prefer not to say)",
    Knowing.DONT_KNOW: "was answered with don't know", Knowing.NOT_ASKED: "has not been asked",
    Knowing.NOT_APPLICABLE: "does not apply", Knowing.WITHDRAWN: "was withdrawn",
    Knowing.UNKNOWN: "is not known", Knowing.STALE: "needs asking again",
    Knowing.IN_CONFLICT: "is told differently by two systems",
}  # fmt: skip
_NOT_KNOWING = {
    Knowing.ANSWERED: "is not known", Knowing.REFUSED: "was not refused",
    Knowing.DONT_KNOW: "was not answered with don't know",
    Knowing.NOT_ASKED: "has been asked", Knowing.NOT_APPLICABLE: "applies", Knowing.WITHDRAWN: "was not withdrawn",
    Knowing.UNKNOWN: "is known", Knowing.STALE: "does not need asking again",
    Knowing.IN_CONFLICT: "is not told differently by two systems",
}  # fmt: skip
_OPPOSITE = {
    Comparison.EQUAL: Comparison.NOT_EQUAL, Comparison.NOT_EQUAL: Comparison.EQUAL,
    Comparison.LESS: Comparison.AT_LEAST, Comparison.AT_LEAST: Comparison.LESS,
    Comparison.MORE: Comparison.AT_MOST, Comparison.AT_MOST: Comparison.MORE,
}  # fmt: skip


def to_english(node: Node, scope: Scope) -> str:
    """One sentence without its first capital and full stop: it goes on after 'People for whom'."""
    return _Teller(scope).node(node)


def parts_in_english(node: Node, scope: Scope) -> tuple[str, ...]:
    """The parts that must all hold, each told by itself."""
    parts = node.parts if isinstance(node, And) else (node,)
    return tuple(to_english(part, scope) for part in parts)


class _Teller:
    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.event: str | None = None

    def node(self, node: Node) -> str:
        match node:
            case And():
                return self._joined(node.parts, "and")
            case Or():
                return self._joined(node.parts, "or")
            case Not():
                return self._not(node.part)
            case Compare():
                return self._compare(node, node.op)
            case Between():
                low, high = self._value(node.low, node.of), self._value(node.high, node.of)
                return f"{self._name(node.of)} is from {low} to {high}"
            case OneOf():
                return self._one_of(node, "is")
            case Includes():
                return self._includes(node)
            case _:
                return self._other(node)

    def _other(self, node: Node) -> str:
        match node:
            case Matches():
                how = {
                    "starts_with": "begins with",
                    "ends_with": "ends with",
                    "contains": "contains",
                }[node.how]
                return f"{self._name(node.of)} {how} ‘{node.text}’"
            case IsTrue():
                return f"{self._name(node.of)}: yes"
            case StateIs():
                return f"{self._name(node.of)} {_KNOWING[node.state]}"
            case Happened():
                return self._happened(node)
            case Followed():
                return self._followed(node)
            case Members():
                return self._members(node)
            case InSegment():
                return f"the segment ‘{node.key.replace('_', ' ')}’ applies"
            case _:
                raise AssertionError(node)

    def _joined(self, parts: tuple[Node, ...], joint: str) -> str:
        told = [
            f"({self.node(part)})" if isinstance(part, And | Or) else self.node(part)
            for part in parts
        ]
        if joint == "or" and len(told) == 2:
            return f"either {told[0]} or {told[1]}"
        return f", {joint} ".join(told)

    def _not(self, part: Node) -> str:
        match part:
            case Compare():
                return self._compare(part, _OPPOSITE[part.op])
            case OneOf():
                return self._one_of(part, "is not")
            case Includes() if part.how == "any" or len(part.values) == 1:
                return self._includes(part, negated=True)
            case StateIs():
                return f"{self._name(part.of)} {_NOT_KNOWING[part.state]}"
            case IsTrue():
                return f"{self._name(part.of)}: no"
            case InSegment():
                return f"the segment ‘{part.key.replace('_', ' ')}’ does not apply"
            case Happened(op=Comparison.AT_LEAST, n=1):
                return self._happened(Happened(part.events, Comparison.EQUAL, 0, part.window))
            case _:
                return f"it is not so that {self.node(part)}"

    # --- values --------------------------------------------------------------------------------

    def _compare(self, node: Compare, op: Comparison) -> str:
        if isinstance(node.left, Elapsed):
            return self._time(node.left, op, node.right)
        dated = isinstance(node.right, AsOf) or (
            isinstance(node.right, Literal) and node.right.kind == Kind.DATE
        )
        words = _OF_DATES.get(op, _COMPARED[op]) if dated else _COMPARED[op]
        if (
            isinstance(node.right, Literal)
            and node.right.kind == Kind.BOOLEAN
            and op in (Comparison.EQUAL, Comparison.NOT_EQUAL)
        ):
            yes = node.right.value is (op == Comparison.EQUAL)
            return f"{self._name(node.left)}: {'yes' if yes else 'no'}"
        return f"{self._name(node.left)} {words} {self._value(node.right, node.left)}"

    def _time(self, node: Elapsed, op: Comparison, right: Operand) -> str:
        words = {
            **_COMPARED,
            Comparison.EQUAL: "is exactly",
            Comparison.NOT_EQUAL: "is not exactly",
        }[op]
        ago = "ago" if node.direction == "since" else "ahead"
        return f"{self._name(node.of)} {words} {self._value(right, node)} {node.unit} {ago}"

    def _one_of(self, node: OneOf, verb: str) -> str:
        told = [self._value(value, node.of) for value in node.values]
        return f"{self._name(node.of)} {verb} {told[0] if len(told) == 1 else 'one of ' + self._list(told, 'and')}"

    def _includes(self, node: Includes, *, negated: bool = False) -> str:
        told = [self._value(value, node.of) for value in node.values]
        joint = "or" if node.how == "any" else "and"
        how = "none of " if negated else "" if len(told) == 1 else f"{node.how} of "
        how = "not " if negated and len(told) == 1 else how
        return f"{self._name(node.of)}: {how}{self._list(told, joint)}"

    def _list(self, told: list[str], joint: str) -> str:
        return told[0] if len(told) == 1 else f"{', '.join(told[:-1])} {joint} {told[-1]}"

    def _name(self, node: Operand) -> str:
        match node:
            case Field():
                label = self._known(node.key).label
                return label[:1].lower() + label[1:] if not label[:2].isupper() else label
            case Elapsed():
                return f"{node.unit} {node.direction} {self._name(node.of)}"
            case Arithmetic():
                words = {"+": "plus", "-": "less", "*": "times"}[node.op]
                return f"{self._term(node.left)} {words} {self._term(node.right)}"
            case _:
                return self._value(node, node)

    def _term(self, node: Operand) -> str:
        return f"({self._name(node)})" if isinstance(node, Arithmetic) else self._name(node)

    def _known(self, key: str) -> Known | EventField:
        if self.event is not None:
            return next(one for one in self.scope.events[self.event].fields if one.key == key)
        return self.scope.fields[key]

    def _value(self, node: Operand, beside: Operand) -> str:
        match node:
            case Literal():
                return self._literal(node, beside)
            case AsOf():
                return "the day asked about"
            case Name():
                return node.word
            case _:
                return self._name(node)

    def _literal(self, node: Literal, beside: Operand) -> str:
        match node.kind:
            case Kind.MONEY:
                return money(int(node.value))  # type: ignore[arg-type]
            case Kind.DATE:
                assert isinstance(node.value, dt.date)
                return f"{node.value.day} {node.value:%B %Y}"
            case Kind.BOOLEAN:
                return "yes" if node.value else "no"
            case Kind.CODE:
                return f"‘{self._code(str(node.value), beside)}’"
            case Kind.NUMBER:
                return number(node.value) + self._unit(beside, node.value)  # type: ignore[arg-type]
            case _:
                return f"‘{node.value}’"

    def _code(self, code: str, beside: Operand) -> str:
        if isinstance(beside, Field):
            known = self._known(beside.key)
            codes = known.codes if isinstance(known, Known) else self._event_codes(known)
            label = (
                next((one.label for one in codes.codes if one.key == code), None) if codes else None
            )
            if label is not None:
                return label
        return code.replace("_", " ")

    def _event_codes(self, known: EventField) -> CodeList | None:
        if known.codes is not None:
            return self.scope.catalogue.code_lists.get(known.codes)
        return CodeList(known.key, known.label, "", known.values)

    def _unit(self, beside: Operand, n: float) -> str:
        """What a number counts; people are not named again where the label says so."""
        if self.event is not None or not isinstance(beside, Field):
            return ""
        unit = self.scope.fields[beside.key].unit
        if not unit or unit in ("pounds", "people"):
            return ""
        return f" {unit.removesuffix('s') if n == 1 else unit}"

    # --- events and members --------------------------------------------------------------------

    def _happened(self, node: Happened) -> str:
        window = self._window(node.window)
        if (node.op, node.n) == (Comparison.EQUAL, 0):
            return f"there was no {self._events(node.events, plural=False)}{window}"
        if (node.op, node.n) == (Comparison.AT_LEAST, 1):
            return f"there was {self._events(node.events, plural=False, article=True)}{window}"
        events = self._events(node.events, plural=node.n != 1)
        return f"there {'was' if node.n == 1 else 'were'} {_HOW_MANY[node.op]} {node.n} {events}{window}"

    def _followed(self, node: Followed) -> str:
        first, then = (self._events(e, plural=False, article=True) for e in (node.first, node.then))
        days = (
            "on the same day"
            if node.days == 0
            else f"within {node.days} day{'s' if node.days != 1 else ''}"
        )
        return f"{first}{self._window(node.window)} was followed {days} by {then}"

    def _events(self, events: Events, *, plural: bool, article: bool = False) -> str:
        event = self.scope.events[events.event]
        name = (event.plural if plural else event.singular).replace("_", " ")
        name = f"{'an' if name[0] in 'aeiou' else 'a'} {name}" if article else name
        if events.where is None:
            return name
        self.event = event.key
        where = self.node(events.where)
        self.event = None
        return f"{name} (where {where})"

    def _window(self, window: Window | None) -> str:
        if window is None:
            return ""
        return f" in the last {window.unit.removesuffix('s') if window.n == 1 else f'{window.n} {window.unit}'}"

    def _members(self, node: Members) -> str:
        where = self.node(node.where)
        match node.how:
            case "lead":
                return f"for the lead tenant, {where}"
            case "any":
                return f"for at least one member of the household, {where}"
            case "every":
                return f"for every member of the household, {where}"
            case "no":
                return f"for no member of the household, {where}"
            case _:
                assert node.op is not None
                return f"for {_HOW_MANY[node.op]} {node.n} member{'s' if node.n != 1 else ''} of the household, {where}"
