"""The canonical text of a rule. Parsing and checking it gives the same rule."""

from __future__ import annotations

import datetime as dt
import re

from rooftree.catalogue.model import Event
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
from rooftree.segments.words import KEYWORDS

_BARE = re.compile(r"[a-z_][a-z0-9_]*")
_HOW_MANY = {
    Comparison.AT_LEAST: "at least",
    Comparison.AT_MOST: "at most",
    Comparison.MORE: "more than",
    Comparison.LESS: "fewer than",
    Comparison.EQUAL: "exactly",
}


def to_text(node: Node, *, events: dict[str, Event] | None = None) -> str:
    """The rule as an analyst would write it. `events` give their singular and plural names."""
    return _Writer(events or {}).node(node)


class _Writer:
    def __init__(self, events: dict[str, Event]) -> None:
        self.events = events

    def node(self, node: Node) -> str:
        match node:
            case And():
                return " and ".join(self._part(part, (And, Or)) for part in node.parts)
            case Or():
                return " or ".join(self._part(part, (Or,)) for part in node.parts)
            case Not():
                return self._not(node.part)
            case Compare():
                return f"{self.operand(node.left)} {node.op.value} {self.operand(node.right)}"
            case Between():
                return f"{self.operand(node.of)} between {self.operand(node.low)} and {self.operand(node.high)}"
            case OneOf():
                return f"{self.operand(node.of)} in ({self._list(node.values)})"
            case Includes():
                return f"{self.operand(node.of)} includes {node.how} of ({self._list(node.values)})"
            case Matches():
                return f"{self.operand(node.of)} {node.how.replace('_', ' ')} {quoted(node.text)}"
            case IsTrue():
                return self.operand(node.of)
            case StateIs():
                return f"{self.operand(node.of)} is {node.state.value}"
            case InSegment():
                return f"in segment {_bare(node.key)}"
            case Happened() | Followed() | Members():
                return self._counted(node)

    def _part(self, part: Node, bracketed: tuple[type, ...]) -> str:
        text = self.node(part)
        return f"({text})" if isinstance(part, bracketed) else text

    def _not(self, part: Node) -> str:
        match part:
            case And() | Or():
                return f"not ({self.node(part)})"
            case StateIs():
                return f"{self.operand(part.of)} is not {part.state.value}"
            case OneOf():
                return f"{self.operand(part.of)} not in ({self._list(part.values)})"
            case _:
                return f"not {self.node(part)}"

    def _counted(self, node: Happened | Followed | Members) -> str:
        match node:
            case Happened():
                return self._how_many(node) + self._window(node.window)
            case Followed():
                first, then = (
                    self._events(node.first, plural=False),
                    self._events(node.then, plural=False),
                )
                return f"{first} then {then} within {node.days} days{self._window(node.window)}"
            case Members():
                return self._members(node)

    def _how_many(self, node: Happened) -> str:
        if (node.op, node.n) in ((Comparison.AT_LEAST, 1), (Comparison.EQUAL, 0)):
            return f"{'any' if node.n else 'no'} {self._events(node.events, plural=False)}"
        if node.op == Comparison.NOT_EQUAL:
            return f"not exactly {node.n} {self._events(node.events, plural=node.n != 1)}"
        return f"{_HOW_MANY[node.op]} {node.n} {self._events(node.events, plural=node.n != 1)}"

    def _members(self, node: Members) -> str:
        where = f"({self.node(node.where)})"
        if node.how == "count":
            assert node.op is not None
            return f"{_HOW_MANY[node.op]} {node.n} {'member' if node.n == 1 else 'members'} {where}"
        return f"lead tenant {where}" if node.how == "lead" else f"{node.how} member {where}"

    def _events(self, events: Events, *, plural: bool) -> str:
        event = self.events.get(events.event)
        name = events.event if event is None else event.plural if plural else event.singular
        return name if events.where is None else f"{name} where ({self.node(events.where)})"

    def _window(self, window: Window | None) -> str:
        if window is None:
            return ""
        unit = window.unit.removesuffix("s") if window.n == 1 else window.unit
        return f" in the last {window.n} {unit}"

    def _list(self, values: tuple[Name | Literal, ...]) -> str:
        return ", ".join(self.operand(value) for value in values)

    def operand(self, node: Operand) -> str:
        match node:
            case Name():
                return node.word
            case Field():
                return node.key
            case Literal():
                return literal(node)
            case AsOf():
                return "as_of"
            case Elapsed():
                return f"{node.unit} {node.direction} {self.operand(node.of)}"
            case Arithmetic():
                left = self._term(node.left, node.op, left=True)
                return f"{left} {node.op} {self._term(node.right, node.op, left=False)}"

    def _term(self, node: Operand, op: str, *, left: bool) -> str:
        text = self.operand(node)
        if not isinstance(node, Arithmetic):
            return text
        # what is read from left to right needs no bracket on its left
        plain = left and (op == node.op or op in "+-") and not (op == "*" and node.op in "+-")
        return text if plain or (not left and op in "+-" and node.op == "*") else f"({text})"


def literal(node: Literal) -> str:
    """A value as it is written in a rule."""
    value = node.value
    if node.kind == Kind.BOOLEAN:
        return "true" if value else "false"
    if node.kind == Kind.MONEY:
        return money(int(value))  # type: ignore[arg-type]
    if isinstance(value, dt.date):
        return value.isoformat()
    if node.kind == Kind.CODE:
        return _bare(str(value))
    return quoted(str(value)) if node.kind == Kind.TEXT else number(value)  # type: ignore[arg-type]


def number(value: float) -> str:
    """A number without an exponent, with as few digits as tell it apart."""
    if isinstance(value, int):
        return str(value)
    text = repr(value)
    if "e" in text:
        text = f"{value:.20f}".rstrip("0")
    return text + "0" if text.endswith(".") else text


def money(pence: int) -> str:
    """Pounds, with pence where there are any."""
    sign, pence = ("-", -pence) if pence < 0 else ("", pence)
    pounds, rest = divmod(pence, 100)
    return f"{sign}£{pounds:,}" + (f".{rest:02}" if rest else "")


def quoted(text: str) -> str:
    """A text between quotes, quotes inside doubled."""
    return "'" + text.replace("'", "''") + "'"


def _bare(word: str) -> str:
    return word if _BARE.fullmatch(word) and word not in KEYWORDS else quoted(word)
