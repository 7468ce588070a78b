"""Conditions on values as SQL: of a row of a wide table, or of an event."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlglot import exp

from rooftree.catalogue.model import Attribute, Catalogue
from rooftree.segments.definition import Segment
from rooftree.segments.fields import Known, all_fields
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
    Includes,
    IsTrue,
    Kind,
    Knowing,
    Literal,
    Matches,
    Node,
    Not,
    OneOf,
    Operand,
    Or,
    StateIs,
    Window,
)  # fmt: skip
from rooftree.segments.schema import IN_CONFLICT, KNOWN, STALE, STATE_BITS, STATE_NUMBER, is_hidden
from rooftree.segments.trees import bits, case, number, paren
from rooftree.storage.portable import house, literal
from rooftree.vocabulary.states import Grain, State

_COMPARE: Mapping[Comparison, type[exp.Binary]] = {
    Comparison.EQUAL: exp.EQ, Comparison.NOT_EQUAL: exp.NEQ, Comparison.LESS: exp.LT,
    Comparison.AT_MOST: exp.LTE, Comparison.MORE: exp.GT, Comparison.AT_LEAST: exp.GTE,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Context:
    """What a rule is compiled for: the catalogue, the day, the other segments, and the engine."""

    catalogue: Catalogue
    as_of: dt.date
    segments: Mapping[str, Segment] = field(default_factory=dict)
    engine: str = "duckdb"
    known: Mapping[str, Known] = field(default_factory=dict)

    def fields(self) -> Mapping[str, Known]:
        """Every field by key."""
        return self.known or all_fields(self.catalogue)


def _holds(text: exp.Expr, piece: exp.Expr) -> exp.Expr:
    return exp.GT(this=exp.StrPosition(this=text, substr=piece), expression=number(0))


class ValueWriter:
    """Compiles conditions on the columns of one row, which stands under an alias."""

    def __init__(self, unit: Grain, context: Context, *, alias: str = "s") -> None:
        self.unit = unit  # whose rule it is
        self.context = context
        self.alias = alias

    def own(self, column: str) -> exp.Column:
        return exp.column(column, table=self.alias, quoted=True)

    def node(self, node: Node) -> exp.Expr:
        match node:
            case And() | Or():
                parts = [paren(self.node(part)) for part in node.parts]
                whole = parts[0]
                for part in parts[1:]:
                    whole = (exp.And if isinstance(node, And) else exp.Or)(
                        this=whole, expression=part
                    )
                return whole
            case Not():
                return exp.Not(this=paren(self.node(node.part)))
            case StateIs():
                return self.state_is(node)
            case _:
                return self.condition(node)

    def condition(self, node: Node) -> exp.Expr:
        """A condition on values."""
        match node:
            case Compare():
                return _COMPARE[node.op](
                    this=self.operand(node.left), expression=self.operand(node.right)
                )
            case Between():
                return exp.Between(
                    this=self.operand(node.of),
                    low=self.operand(node.low),
                    high=self.operand(node.high),
                )
            case OneOf():
                return exp.In(
                    this=self.operand(node.of),
                    expressions=[self.operand(value) for value in node.values],
                )
            case Includes():
                return self._includes(node)
            case Matches():
                return self._matches(node)
            case IsTrue():
                return self.operand(node.of)
            case _:
                raise AssertionError(node)

    def _includes(self, node: Includes) -> exp.Expr:
        """Codes stand sorted in one text, joined by ';', so a code with a ';' on each side is one of them."""
        text = exp.DPipe(
            this=exp.DPipe(this=exp.Literal.string(";"), expression=self.operand(node.of)),
            expression=exp.Literal.string(";"),
        )
        wanted = [f";{value.value};" for value in node.values if isinstance(value, Literal)]
        tests = [_holds(exp.Paren(this=text.copy()), exp.Literal.string(code)) for code in wanted]
        whole: exp.Expr = tests[0]
        for test in tests[1:]:
            whole = (exp.Or if node.how == "any" else exp.And)(this=whole, expression=test)
        return whole

    def _matches(self, node: Matches) -> exp.Expr:
        small = exp.Lower(this=self.operand(node.of))
        text = exp.Lower(this=exp.Literal.string(node.text))
        match node.how:
            case "starts_with":
                return exp.StartsWith(this=small, expression=text)
            case "ends_with":
                return exp.EndsWith(this=small, expression=text)
            case _:
                return exp.GT(this=exp.StrPosition(this=small, substr=text), expression=number(0))

    def state_is(self, node: StateIs) -> exp.Expr:
        assert isinstance(node.of, Field)
        known = self.context.fields()[node.of.key]
        if not known.stateful:
            missing = exp.Is(this=self.own(known.key), expression=exp.Null())
            return (
                missing if node.state == Knowing.UNKNOWN else exp.Not(this=exp.Paren(this=missing))
            )
        packed = self.own(f"{known.key}{KNOWN}")
        if node.state in (Knowing.STALE, Knowing.IN_CONFLICT):
            bit = STALE if node.state == Knowing.STALE else IN_CONFLICT
            return exp.NEQ(this=bits(packed, bit), expression=number(0))
        state = State.ANSWERED if node.state == Knowing.UNKNOWN else State(node.state.value)
        compare = exp.NEQ if node.state == Knowing.UNKNOWN else exp.EQ
        return compare(this=bits(packed, STATE_BITS), expression=number(STATE_NUMBER[state]))

    # --- operands ------------------------------------------------------------------------------

    def value(self, key: str) -> exp.Expr:
        """The column of a field."""
        thing = self.context.fields()[key].thing
        assert not (isinstance(thing, Attribute) and is_hidden(thing)), key
        return self.own(key)

    def operand(self, node: Operand) -> exp.Expr:
        match node:
            case Field():
                return self.value(node.key)
            case Literal():
                return self._literal(node)
            case AsOf():
                return literal(self.context.as_of)
            case Elapsed():
                return self._elapsed(node)
            case Arithmetic():
                return self._arithmetic(node)
            case _:
                raise AssertionError(node)

    def _literal(self, node: Literal) -> exp.Expr:
        if node.kind in (Kind.NUMBER, Kind.MONEY):
            assert isinstance(node.value, int | float)
            return number(node.value)
        assert isinstance(node.value, bool | str | dt.date)
        return literal(node.value)

    def _elapsed(self, node: Elapsed) -> exp.Expr:
        day, as_of = self.operand(node.of), literal(self.context.as_of)
        first, last = (day, as_of) if node.direction == "since" else (as_of, day)
        engine = self.context.engine
        if node.unit == "days":
            return exp.Paren(this=house("days_between", first, last, engine=engine))
        name = "months_full" if node.unit == "months" else "years_full"
        forward, back = (
            house(name, first, last, engine=engine),
            house(name, last, first, engine=engine),
        )
        return case(
            (exp.LTE(this=first.copy(), expression=last.copy()), forward),
            otherwise=exp.Neg(this=exp.Paren(this=back)),
        )

    def _arithmetic(self, node: Arithmetic) -> exp.Expr:
        # in doubles: whole numbers multiplied could leave the engine's range, and stop the query
        left, right = (exp.cast(self.operand(one), "double") for one in (node.left, node.right))
        kind = {"+": exp.Add, "-": exp.Sub, "*": exp.Mul}[node.op]
        return exp.Paren(this=kind(this=left, expression=right))


class EventWriter(ValueWriter):
    """Conditions on the fields of one kind of event."""

    def __init__(self, outer: ValueWriter, event: str, *, alias: str = "e") -> None:
        super().__init__(outer.unit, outer.context, alias=alias)
        self.event = outer.context.catalogue.events[event]

    def value(self, key: str) -> exp.Expr:
        return self.own(key)

    def state_is(self, node: StateIs) -> exp.Expr:
        assert isinstance(node.of, Field)
        missing = exp.Is(this=self.own(node.of.key), expression=exp.Null())
        return missing if node.state == Knowing.UNKNOWN else exp.Not(this=exp.Paren(this=missing))

    def where(self, events: Events) -> exp.Expr | None:
        """The condition on an event; None where every one counts."""
        return paren(self.node(events.where)) if events.where is not None else None

    def window(self, window: Window | None) -> exp.Expr | None:
        """Whether the day is in the window. No event lies after as_of: the tables hold none."""
        if window is None:
            return None
        day, as_of, engine = self.own("on_date"), literal(self.context.as_of), self.context.engine
        if window.unit in ("days", "weeks"):
            days = window.n * (7 if window.unit == "weeks" else 1)
            return exp.GT(this=day, expression=literal(self.context.as_of - dt.timedelta(days)))
        months = window.n * (12 if window.unit == "years" else 1)
        return exp.LT(
            this=house("months_full", day, as_of, engine=engine), expression=number(months)
        )
