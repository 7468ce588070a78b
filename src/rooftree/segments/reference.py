"""What a rule means, one subject at a time: slow, obvious, and the judge of every engine."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

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
    Value,
    Window,
)

Truth = bool | None


@dataclass(frozen=True, slots=True)
class Datum:
    """One value of one subject. Several codes are a frozenset. `value` None: not known."""

    value: Value | frozenset[str] | None = None
    state: Knowing = Knowing.ANSWERED
    is_stale: bool = False
    in_conflict: bool = False


NOT_ASKED = Datum(None, Knowing.NOT_ASKED)


@dataclass(frozen=True, slots=True)
class Case:
    """One subject at one day: values by field, dated events by kind, who lives there, and other segments.

    An event is its fields and `on_date`. `members` are the people who live in the household now, the
    person asked about among them; `lead` the lead tenant, None where there is none.
    """

    as_of: dt.date
    values: Mapping[str, Datum] = field(default_factory=dict)
    events: Mapping[str, Sequence[Mapping[str, Value | None]]] = field(default_factory=dict)
    members: tuple[Case, ...] = ()
    lead: Case | None = None
    segments: Mapping[str, Truth] = field(default_factory=dict)


def evaluate(node: Node, case: Case) -> Truth:
    """True, False, or None for unknown. The rule must have passed the check."""
    match node:
        case And():
            return both(evaluate(part, case) for part in node.parts)
        case Or():
            return opposite(both(opposite(evaluate(part, case)) for part in node.parts))
        case Not():
            return opposite(evaluate(node.part, case))
        case Happened():
            truths = [
                _event_truth(e, node.events, case) for e in _events(node.events, node.window, case)
            ]
            return counted(truths, node.op, node.n)
        case Followed():
            return _followed(node, case)
        case Members():
            return _members(node, case)
        case InSegment():
            return case.segments.get(node.key)
        case StateIs():
            return _state_is(node, case)
        case _:
            return _of_value(node, lambda key: case.values.get(key, NOT_ASKED).value, case.as_of)


def both(truths: Iterable[Truth]) -> Truth:
    """Kleene's `and`: false where any is false, else unknown where any is unknown."""
    found = list(truths)
    return False if False in found else None if None in found else True


def opposite(truth: Truth) -> Truth:
    """Kleene's `not`."""
    return None if truth is None else not truth


def counted(truths: Sequence[Truth], op: Comparison, n: int) -> Truth:
    """Whether the number of those for which it is true compares so with n, for every way the unknown ones may be."""
    certain = truths.count(True)
    answers = {compare(op, k, n) for k in range(certain, certain + truths.count(None) + 1)}
    return answers.pop() if len(answers) == 1 else None


def compare(op: Comparison, left: object, right: object) -> bool:
    """Two known values compared."""
    answers: dict[Comparison, Callable[[], bool]] = {
        Comparison.EQUAL: lambda: left == right,
        Comparison.NOT_EQUAL: lambda: left != right,
        Comparison.LESS: lambda: left < right,  # type: ignore[operator]
        Comparison.AT_MOST: lambda: left <= right,  # type: ignore[operator]
        Comparison.MORE: lambda: left > right,  # type: ignore[operator]
        Comparison.AT_LEAST: lambda: left >= right,  # type: ignore[operator]
    }
    return answers[op]()


Lookup = Callable[[str], Value | frozenset[str] | None]


def _of_value(node: Node, value: Lookup, as_of: dt.date) -> Truth:
    """A condition on values, of a subject or of an event."""

    def known(operand: Operand) -> Value | frozenset[str] | None:
        return operand_value(operand, value, as_of)

    match node:
        case Compare():
            return _compared(node.op, known(node.left), known(node.right))
        case Between():
            of = known(node.of)
            above = _compared(Comparison.AT_LEAST, of, known(node.low))
            return both([above, _compared(Comparison.AT_MOST, of, known(node.high))])
        case OneOf():
            of = known(node.of)
            return None if of is None else any(of == known(one) for one in node.values)
        case Includes():
            return _includes(known(node.of), {known(one) for one in node.values}, node.how)
        case Matches():
            of = known(node.of)
            return None if of is None else _matches(str(of).lower(), node.how, node.text.lower())
        case IsTrue():
            of = known(node.of)
            return None if of is None else bool(of)
        case _:
            raise AssertionError(node)


def _compared(op: Comparison, left: object, right: object) -> Truth:
    return None if left is None or right is None else compare(op, left, right)


def _includes(of: object, wanted: set[object], how: str) -> Truth:
    if of is None:
        return None
    assert isinstance(of, frozenset)
    return bool(of & wanted) if how == "any" else wanted <= of


def _matches(of: str, how: str, text: str) -> bool:
    return {"starts_with": of.startswith, "ends_with": of.endswith, "contains": of.__contains__}[
        how
    ](text)


def operand_value(node: Operand, value: Lookup, as_of: dt.date) -> Value | frozenset[str] | None:
    """What an operand comes to; None where it is not known."""
    match node:
        case Field():
            return value(node.key)
        case Literal():
            return node.value
        case AsOf():
            return as_of
        case Elapsed():
            day = operand_value(node.of, value, as_of)
            return None if day is None else elapsed(day, as_of, node.unit, node.direction)  # type: ignore[arg-type]
        case Arithmetic():
            left = operand_value(node.left, value, as_of)
            right = operand_value(node.right, value, as_of)
            return None if left is None or right is None else _sum(node.op, left, right)
        case _:
            raise AssertionError(node)


def _sum(op: str, left: object, right: object) -> int | float:
    assert isinstance(left, int | float)
    assert isinstance(right, int | float)
    return left + right if op == "+" else left - right if op == "-" else left * right


def elapsed(day: dt.date, as_of: dt.date, unit: str, direction: str) -> int:
    """Full days, months or years from a day to as_of, negative where it lies after; `until` the other way round."""
    first, last = (day, as_of) if direction == "since" else (as_of, day)
    if unit == "days":
        return (last - first).days
    count = months_full if unit == "months" else years_full
    return count(first, last) if first <= last else -count(last, first)


def months_full(first: dt.date, last: dt.date) -> int:
    """The most months that can be added to the first day without passing the last."""
    months = (last.year - first.year) * 12 + last.month - first.month
    month_end = calendar.monthrange(last.year, last.month)[1]
    return months - 1 if min(first.day, month_end) > last.day else months


def years_full(first: dt.date, last: dt.date) -> int:
    """Birthdays passed: from 29 February to 28 February is one day short of a year."""
    return last.year - first.year - ((last.month, last.day) < (first.month, first.day))


def in_window(day: dt.date, window: Window | None, as_of: dt.date) -> bool:
    """Whether a day lies in a window that ends with as_of."""
    if day > as_of:
        return False
    if window is None:
        return True
    if window.unit in ("days", "weeks"):
        return (as_of - day).days < window.n * (7 if window.unit == "weeks" else 1)
    return months_full(day, as_of) < window.n * (12 if window.unit == "years" else 1)


def _events(events: Events, window: Window | None, case: Case) -> list[Mapping[str, Value | None]]:
    return [
        event
        for event in case.events.get(events.event, ())
        if in_window(_day(event), window, case.as_of)
    ]


def _day(event: Mapping[str, Value | None]) -> dt.date:
    day = event["on_date"]
    assert isinstance(day, dt.date)
    return day


def _event_truth(event: Mapping[str, Value | None], events: Events, case: Case) -> Truth:
    if events.where is None:
        return True
    return _event_rule(events.where, event, case.as_of)


def _event_rule(node: Node, event: Mapping[str, Value | None], as_of: dt.date) -> Truth:
    match node:
        case And():
            return both(_event_rule(part, event, as_of) for part in node.parts)
        case Or():
            return opposite(both(opposite(_event_rule(part, event, as_of)) for part in node.parts))
        case Not():
            return opposite(_event_rule(node.part, event, as_of))
        case StateIs():
            assert isinstance(node.of, Field)
            return (event.get(node.of.key) is None) == (node.state == Knowing.UNKNOWN)
        case _:
            return _of_value(node, event.get, as_of)


def _followed(node: Followed, case: Case) -> Truth:
    pairs = [
        both([_event_truth(first, node.first, case), _event_truth(then, node.then, case)])
        for first in _events(node.first, node.window, case)
        for then in _events(node.then, None, case)
        if 0 <= (_day(then) - _day(first)).days <= node.days and first is not then
    ]
    return counted(pairs, Comparison.AT_LEAST, 1)


def _members(node: Members, case: Case) -> Truth:
    if node.how == "lead":
        return evaluate(node.where, case.lead) if case.lead is not None else None
    truths = [evaluate(node.where, member) for member in case.members]
    if node.how == "every":
        return both(truths)
    if node.how == "count":
        assert node.op is not None
        assert node.n is not None
        return counted(truths, node.op, node.n)
    return counted(
        truths, *((Comparison.AT_LEAST, 1) if node.how == "any" else (Comparison.EQUAL, 0))
    )


def _state_is(node: StateIs, case: Case) -> bool:
    assert isinstance(node.of, Field)
    datum = case.values.get(node.of.key, NOT_ASKED)
    match node.state:
        case Knowing.UNKNOWN:
            return datum.value is None
        case Knowing.ANSWERED:
            return datum.value is not None
        case Knowing.STALE:
            return datum.is_stale
        case Knowing.IN_CONFLICT:
            return datum.in_conflict
        case _:
            return datum.state == node.state
