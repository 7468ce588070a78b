"""Places and types the values of a rule, and says which two can be compared."""

from __future__ import annotations

from dataclasses import dataclass, replace

from rooftree.catalogue.fields import did_you_mean
from rooftree.catalogue.model import Event, EventField
from rooftree.segments.errors import Fault
from rooftree.segments.fields import Known, Scope, event_named
from rooftree.segments.nodes import (
    Arithmetic,
    AsOf,
    Comparison,
    Elapsed,
    Field,
    Kind,
    Literal,
    Name,
    Operand,
    Span,
)
from rooftree.vocabulary.states import Grain, Sensitivity

ORDERED = (Kind.NUMBER, Kind.MONEY, Kind.DATE)
EQUALITY = (Comparison.EQUAL, Comparison.NOT_EQUAL)
#: Texts that say who somebody is or reach them: a rule may ask whether they are held, never which.
CLOSED = (Sensitivity.IDENTIFYING, Sensitivity.CONTACT)
WHOSE = {
    Grain.PERSON: "a person",
    Grain.HOUSEHOLD: "a household",
    Grain.TENANCY: "a tenancy",
    Grain.HOME: "a home",
}


@dataclass(frozen=True, slots=True)
class Typed:
    """An operand that has been placed: its kind, what it counts, and its codes where it has them."""

    node: Operand
    kind: Kind
    unit: str = ""
    codes: tuple[str, ...] | None = None
    label: str = ""
    closed: bool = False


class Operands:
    """Reads operands. `event` is set while the fields of an event are meant; `uses` gathers what is read."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.event: Event | None = None
        self.faults: list[Fault] = []
        self.uses: list[tuple[str, Span]] = []

    def fault(self, at: Span, what: str, remedy: str = "") -> None:
        """Note one problem."""
        self.faults.append(Fault(at, what, remedy))

    def pair(self, left: Operand, right: Operand) -> tuple[Typed | None, Typed | None]:
        """Two operands that stand beside each other: the one that is a field says what the other's words mean."""
        if isinstance(left, Name) and self._field(left.word) is None and self._says(right):
            second = self.operand(right)
            return self.operand(left, beside=second), second
        first = self.operand(left)
        second = (
            self.operand(right, beside=first)
            if first is not None or not isinstance(right, Name)
            else None
        )
        if first is not None and second is not None:
            first, second = _as_code(first, second), _as_code(second, first)
        return first, second

    def _says(self, node: Operand) -> bool:
        """Whether an operand has a type of its own, that can tell what a bare word beside it means."""
        return not isinstance(node, Literal) and (
            not isinstance(node, Name) or self._field(node.word) is not None
        )

    def _field(self, word: str) -> Known | EventField | None:
        if self.event is not None:
            return next((one for one in self.event.fields if one.key == word), None)
        return self.scope.fields.get(word)

    def operand(self, node: Operand, *, beside: Typed | None = None) -> Typed | None:
        match node:
            case Name():
                return self._name(node, beside)
            case Field():
                return self._name(Name(node.key, at=node.at), beside)
            case Literal():
                return self._literal(node, beside)
            case AsOf():
                return Typed(node, Kind.DATE)
            case Elapsed():
                return self._elapsed(node)
            case Arithmetic():
                return self._arithmetic(node)

    def _name(self, node: Name, beside: Typed | None) -> Typed | None:
        if beside is not None and beside.codes is not None and node.word in beside.codes:
            return Typed(Literal(node.word, Kind.CODE, at=node.at), Kind.CODE, codes=beside.codes)
        found = self._field(node.word)
        if isinstance(found, Known):
            return self._placed(node, found)
        if isinstance(found, EventField):
            codes = self._event_codes(found)
            return Typed(
                Field(found.key, at=node.at),
                Kind(found.type),
                "pounds" if found.type == "money" else "",
                codes,
                found.label,
            )
        self._unknown(node, beside)
        return None

    def _placed(self, node: Name, found: Known) -> Typed | None:
        if not self.scope.sees(found.grain):
            what = (
                f"{found.key} belongs to a person, and this rule is about {WHOSE[self.scope.unit]}."
            )
            self.fault(
                node.at,
                what,
                f"Ask of its members: any member ({found.key} ...), or: lead tenant ({found.key} ...)",
            )
            return None
        self.uses.append((found.key, node.at))
        closed = found.kind == Kind.TEXT and found.thing.sensitivity in CLOSED
        codes = found.codes.keys if found.codes is not None else None
        return Typed(
            Field(found.key, at=node.at), found.kind, found.unit, codes, found.label, closed
        )

    def _event_codes(self, found: EventField) -> tuple[str, ...] | None:
        if found.codes is not None:
            return self.scope.catalogue.code_lists[found.codes].keys
        return tuple(code.key for code in found.values) or None

    def _unknown(self, node: Name, beside: Typed | None) -> None:
        if beside is not None and beside.codes is not None:
            self._no_code(node.word, node.at, beside)
            return
        if self.event is not None:
            names = [one.key for one in self.event.fields]
            what = f"a {self.event.singular} has no field {node.word!r}."
            self.fault(
                node.at,
                what,
                did_you_mean(node.word, names, otherwise=f"It has: {', '.join(names)}."),
            )
            return
        remedy = did_you_mean(
            node.word, self.scope.fields, otherwise="See: rooftree segment fields"
        )
        if event_named(self.scope.events, node.word) is not None:
            remedy = f"It is an event: write any {node.word}, or no {node.word}."
        elif node.word in self.scope.segments:
            remedy = f"It is a segment: write in segment {node.word}."
        self.fault(node.at, f"there is no field {node.word!r}.", remedy)

    def _no_code(self, word: str, at: Span, beside: Typed) -> None:
        codes = beside.codes or ()
        shown = ", ".join(codes[:12]) + (", ..." if len(codes) > 12 else "")
        self.fault(
            at,
            f"{word!r} is no code of {beside.label or 'it'}.",
            did_you_mean(word, codes, otherwise=f"Codes: {shown}."),
        )

    def _literal(self, node: Literal, beside: Typed | None) -> Typed | None:
        if beside is not None and beside.codes is not None and node.kind in (Kind.TEXT, Kind.CODE):
            if node.value in beside.codes:
                return Typed(replace(node, kind=Kind.CODE), Kind.CODE, codes=beside.codes)
            self._no_code(str(node.value), node.at, beside)
            return None
        return Typed(node, node.kind, "pounds" if node.kind == Kind.MONEY else "")

    def _elapsed(self, node: Elapsed) -> Typed | None:
        of = self.operand(node.of)
        if of is None:
            return None
        if of.kind != Kind.DATE:
            self.fault(node.at, f"{of.label} is no date.", "Time is counted from a date.")
            return None
        assert isinstance(of.node, Field)
        return Typed(
            replace(node, of=of.node),
            Kind.NUMBER,
            node.unit,
            label=f"{node.unit} {node.direction} {of.label}",
        )

    def _arithmetic(self, node: Arithmetic) -> Typed | None:
        left, right = self.operand(node.left), self.operand(node.right)
        if left is None or right is None:
            return None
        kinds = (left.kind, right.kind)
        if any(kind not in (Kind.NUMBER, Kind.MONEY) for kind in kinds):
            self.fault(
                node.at,
                "only numbers and sums of money can be added or multiplied.",
                "For time since a date write: days since ... > 90",
            )
            return None
        if node.op == "*":
            if kinds == (Kind.MONEY, Kind.MONEY):
                self.fault(
                    node.at,
                    "money cannot be multiplied by money.",
                    "Multiply it by a plain number.",
                )
                return None
            money = Kind.MONEY in kinds
            unit = "pounds" if money else (left.unit or right.unit)
            return Typed(
                replace(node, left=left.node, right=right.node),
                Kind.MONEY if money else Kind.NUMBER,
                unit,
            )
        if left.kind != right.kind or not _same_unit(left, right):
            self.fault(
                node.at,
                f"{_counted(left)} and {_counted(right)} cannot be added.",
                "Both must count the same thing.",
            )
            return None
        return Typed(
            replace(node, left=left.node, right=right.node), left.kind, left.unit or right.unit
        )

    # --- comparing -----------------------------------------------------------------------------

    def comparable(self, left: Typed, right: Typed, equality: bool, at: Span) -> bool:
        problem = misfit(left, right, equality)
        if problem is not None:
            self.fault(at, *problem)
        return problem is None

    def instead(self, of: Typed, node: Operand) -> str:
        name = word_of(node)
        if of.closed:
            return f"Ask whether it is held: {name} is answered"
        example = {
            Kind.CODES: f"{name} includes ...", Kind.CODE: f"{name} = ...", Kind.DATE: f"{name} < 2026-01-01",
            Kind.NUMBER: f"{name} > 0", Kind.MONEY: f"{name} > £0", Kind.BOOLEAN: name,
            Kind.TEXT: f"{name} starts with '...'",
        }  # fmt: skip
        return f"Write: {example[of.kind]}"


def misfit(left: Typed, right: Typed, equality: bool) -> tuple[str, str] | None:
    """Why two values cannot be compared, and what to write; None where they can."""
    for one in (left, right):
        if one.closed:
            return (
                f"{one.label} says who somebody is or reaches them; a rule may not ask which.",
                "Ask whether it is held: ... is answered",
            )
        if one.kind == Kind.CODES:
            return f"{one.label} holds several values.", "Write: ... includes any of (...)"
    kinds = {left.kind, right.kind}
    if kinds == {Kind.NUMBER, Kind.MONEY}:
        return (
            f"cannot compare {_counted(left)} with {_counted(right)}.",
            "Write money with £: £250",
        )
    if left.kind != right.kind:
        return (
            f"cannot compare {_counted(left)} with {_counted(right)}.",
            "Both sides must be of one type.",
        )
    if left.kind not in ORDERED and not equality:
        return f"{_counted(left)} has no order.", "Use = or !=, or in (...)."
    if left.kind == Kind.CODE and left.codes != right.codes and left.codes and right.codes:
        return (
            f"{left.label or 'one'} and {right.label or 'the other'} have different codes.",
            "Compare each with its own codes.",
        )
    if not _same_unit(left, right):
        return (
            f"cannot compare {_counted(left)} with {_counted(right)}.",
            "Both must count the same thing.",
        )
    return None


def _same_unit(left: Typed, right: Typed) -> bool:
    return not (left.unit and right.unit) or left.unit == right.unit


def _counted(of: Typed) -> str:
    what = {
        Kind.NUMBER: "a number", Kind.MONEY: "pounds", Kind.DATE: "a date", Kind.CODE: "a code", Kind.TEXT: "a text",
        Kind.BOOLEAN: "yes or no", Kind.CODES: "several codes",
    }[of.kind]  # fmt: skip
    return of.unit if of.unit and of.kind == Kind.NUMBER else what


def _as_code(one: Typed, other: Typed) -> Typed:
    """A text beside a code is that code, where its place came first."""
    if (
        one.kind == Kind.TEXT
        and isinstance(one.node, Literal)
        and other.codes is not None
        and one.node.value in other.codes
    ):
        return replace(
            one, node=replace(one.node, kind=Kind.CODE), kind=Kind.CODE, codes=other.codes
        )
    return one


def word_of(node: Operand) -> str:
    return node.word if isinstance(node, Name) else node.key if isinstance(node, Field) else "..."
