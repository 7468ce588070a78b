"""Rules as SQL over the wide tables, for every engine from one tree.

SQL's own logic is Kleene's: a comparison with null is null, and null is unknown here. So a rule becomes
one boolean expression over one row, with what must be counted (events, members) joined to it, each kind
of event read once however many conditions count it. Values become literals of the tree and are never
pasted into a text; names come from the catalogue. So no text that a person writes can reach an engine
as SQL.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlglot import exp

from rooftree.segments.definition import Segment
from rooftree.segments.nodes import (
    Comparison,
    Events,
    Followed,
    Happened,
    InSegment,
    Members,
    Node,
    Window,
)  # fmt: skip
from rooftree.segments.schema import base_column, id_of
from rooftree.segments.trees import (
    FALSE,
    TRUE,
    all_of,
    case,
    compared_count,
    count_of,
    number,
    paren,
)
from rooftree.segments.values_sql import Context, EventWriter, ValueWriter
from rooftree.storage.portable import house
from rooftree.vocabulary.states import Grain


def columns_sql(
    rules: Mapping[str, Node],
    unit: Grain,
    context: Context,
    *,
    bases: Mapping[str, str] | None = None,
    row: str | None = None,
) -> str:
    """`SELECT <unit>_id, <rule> AS <name>, ...` with one row per subject of the unit's table.

    A rule that has a base in `bases` is false for those outside it. `row` names another column of the
    table that tells its rows apart, in the place of the id.
    """
    writer = _Writer(unit, replace(context, known=context.fields()))
    chosen: list[exp.Expr] = [writer.own(row or id_of(unit))]
    for name, node in rules.items():
        truth = writer.node(node)
        base = (bases or {}).get(name)
        if base is not None:
            truth = exp.And(this=writer.base(base), expression=paren(truth))
        chosen.append(_named(paren(truth), name, quoted=True))
    return _text(writer.select(chosen), context)


def counted_sql(node: Node, unit: Grain, base: str, context: Context) -> str:
    """One row: how many are in the base, in the segment, and of how many that cannot be told."""
    writer = _Writer(unit, replace(context, known=context.fields()))
    truth = _named(paren(writer.node(node)), "truth")
    inner = writer.select([truth]).where(writer.base(base), copy=False)
    counted = exp.select(
        "count(*) AS n_base",
        "count(CASE WHEN truth THEN 1 END) AS n_in",
        "count(CASE WHEN truth IS NULL THEN 1 END) AS n_unknown",
    )
    return _text(counted.from_(inner.subquery("judged"), copy=False), context)


def members_sql(
    node: Node, unit: Grain, base: str, context: Context, *, truth: bool | None = True
) -> str:
    """The ids of those of the base for whom the rule is true (false; None: cannot be told), in order."""
    writer = _Writer(unit, replace(context, known=context.fields()))
    rule = paren(writer.node(node))
    condition = exp.Is(
        this=rule, expression=exp.Null() if truth is None else exp.Boolean(this=truth)
    )
    chosen = writer.select([_named(writer.own(id_of(unit)), "subject_id")])
    return _text(
        chosen.where(writer.base(base), copy=False)
        .where(condition, copy=False)
        .order_by("subject_id", copy=False),
        context,
    )


def parts_sql(parts: Sequence[Node], unit: Grain, base: str, context: Context) -> str:
    """One row per subject of the base: each part's truth as part_0, part_1 ..."""
    writer = _Writer(unit, replace(context, known=context.fields()))
    chosen: list[exp.Expr] = [
        _named(paren(writer.node(part)), f"part_{n}") for n, part in enumerate(parts)
    ]
    return _text(writer.select(chosen).where(writer.base(base), copy=False), context)


def _named(node: exp.Expr, name: str, *, quoted: bool = False, table: bool = False) -> exp.Expr:
    return exp.alias_(node, name, quoted=quoted, table=table, copy=False)


def _text(query: exp.Expr, context: Context) -> str:
    return query.sql(dialect=context.engine, copy=False)


@dataclass(slots=True)
class _Scan:
    """One reading of a kind of event (or of the members), grouped by the subject, with the counts taken of it."""

    alias: str
    source: exp.Select
    key: str
    columns: list[exp.Expr] = field(default_factory=list)
    made: dict[object, str] = field(default_factory=dict)

    def column(self, about: object, make: Callable[[], exp.Expr]) -> str:
        """The name of an aggregate, made once."""
        if about not in self.made:
            self.made[about] = f"c{len(self.made)}"
            self.columns.append(_named(make(), self.made[about]))
        return self.made[about]

    def subquery(self) -> exp.Subquery:
        chosen = (
            self.source.copy()
            .select(_named(exp.column(self.key), "subject"), *self.columns, copy=False)
            .group_by(exp.column(self.key), copy=False)
        )
        return chosen.subquery(self.alias, copy=False)


class _Writer(ValueWriter):
    """Compiles rules about one row of one table, and gathers the joins that they need."""

    def __init__(
        self,
        unit: Grain,
        context: Context,
        *,
        alias: str = "s",
    ) -> None:
        super().__init__(unit, context, alias=alias)
        self.joins = _Joins()

    def select(self, chosen: list[exp.Expr]) -> exp.Select:
        """The rows of the table with everything joined."""
        query = exp.select(*chosen).from_(
            _named(exp.table_(self.unit.value, db="segments"), self.alias, table=True),
            copy=False,
        )
        for subject, subquery in self.joins.all(self.alias):
            query = query.join(
                subquery,
                on=exp.EQ(this=exp.column("subject", table=subquery.alias), expression=subject),
                join_type="left",
                copy=False,
            )
        return query

    def base(self, base: str) -> exp.Expr:
        """Whether the row is of a population."""
        column = base_column(self.unit, base)
        return TRUE if column is None else self.own(column)

    def node(self, node: Node) -> exp.Expr:
        """A rule as one boolean expression over the row and what is joined to it."""
        match node:
            case Happened():
                return self._happened(node)
            case Followed():
                return self._followed(node)
            case Members():
                return self._members(node)
            case InSegment():
                return self._in_segment(node)
            case _:
                return super().node(node)

    def event_key(self, event: str) -> Grain:
        """Whose events a rule counts: those of the grain they belong to, or of the subject's tenancy or home."""
        if self.unit == Grain.PERSON:
            return self.context.catalogue.events[event].grain
        return Grain.HOME if self.unit == Grain.HOME else Grain.TENANCY

    def _happened(self, node: Happened) -> exp.Expr:
        scan = self.joins.events(self, node.events.event)
        rule = EventWriter(self, node.events.event)
        inside = rule.window(node.window)
        about = (node.events.where, node.window)
        where = rule.where(node.events)
        sure = scan.column((about, "t"), lambda: count_of(all_of([inside, where])))
        t = _zero(scan, sure)
        if where is None:
            return compared_count(t, None, node.op, node.n)
        missing = exp.Is(this=paren(where.copy()), expression=exp.Null())
        maybe = scan.column((about, "u"), lambda: count_of(all_of([inside, missing])))
        return compared_count(t, _zero(scan, maybe), node.op, node.n)

    def _followed(self, node: Followed) -> exp.Expr:
        alias = self.joins.sequence(self, node)
        best = exp.column("best", table=alias)
        # best: 2 where a pair is certain, 1 where one is possible; no row where there is no pair
        certain = (exp.EQ(this=best, expression=number(2)), TRUE)
        return case(
            certain, (exp.EQ(this=best.copy(), expression=number(1)), exp.Null()), otherwise=FALSE
        )

    def _members(self, node: Members) -> exp.Expr:
        if node.how == "lead":
            return exp.column("truth", table=self.joins.lead(self, node))
        t, u, n = self.joins.members(self, node)
        match node.how:
            case "every":
                false = exp.GT(
                    this=exp.Sub(this=exp.Sub(this=n, expression=t), expression=u),
                    expression=number(0),
                )
                return case(
                    (false, FALSE),
                    (exp.GT(this=u.copy(), expression=number(0)), exp.Null()),
                    otherwise=TRUE,
                )
            case "count":
                assert node.op is not None
                assert node.n is not None
                return compared_count(t, u, node.op, node.n)
            case "any":
                return compared_count(t, u, Comparison.AT_LEAST, 1)
            case _:
                return compared_count(t, u, Comparison.EQUAL, 0)

    def _in_segment(self, node: InSegment) -> exp.Expr:
        """The other rule: put in its place where it is about the same row, else looked up where it is true.

        Unknown where there is no household, tenancy or home to ask of.
        """
        segment = self.context.segments[node.key]
        if segment.definition.unit == self.unit:
            return exp.And(
                this=self.base(segment.definition.base), expression=paren(self.node(segment.node))
            )
        return exp.column("truth", table=self.joins.other(self, segment))


@dataclass(slots=True)
class _Joins:
    """What is joined to the rows of one table: each thing once."""

    scans: dict[object, tuple[str, _Scan]] = field(default_factory=dict)
    others: dict[object, tuple[str, exp.Subquery]] = field(default_factory=dict)

    def all(self, alias: str) -> list[tuple[exp.Expr, exp.Subquery]]:
        """Each subquery, with the column of the row that finds its line."""
        found = [(subject, scan.subquery()) for subject, scan in self.scans.values()] + list(
            self.others.values()
        )
        return [(exp.column(subject, table=alias, quoted=True), query) for subject, query in found]

    def _name(self, letter: str) -> str:
        return f"{letter}{len(self.scans) + len(self.others)}"

    def events(self, writer: _Writer, event: str) -> _Scan:
        """The one reading of a kind of event for this row's table."""
        key = id_of(writer.event_key(event))
        if ("event", event, key) not in self.scans:
            source = _event_rows(event, "e").where(
                exp.Not(this=exp.Is(this=exp.column(key, table="e"), expression=exp.Null())),
                copy=False,
            )
            self.scans["event", event, key] = (key, _Scan(self._name("e"), source, key))
        return self.scans["event", event, key][1]

    def sequence(self, writer: _Writer, node: Followed) -> str:
        """One event, then another: the best of all pairs."""
        keys = [id_of(writer.event_key(events.event)) for events in (node.first, node.then)]
        # a tenancy's event and a person's own meet in the person
        subject = keys[0] if keys[0] == keys[1] else "person_id"
        about = ("followed", node, subject)
        if about not in self.others:
            pairs = _pairs(writer, node, keys, subject)
            self.others[about] = (subject, pairs.subquery(self._name("f"), copy=False))
        return self.others[about][1].alias

    def members(self, writer: _Writer, node: Members) -> tuple[exp.Expr, exp.Expr, exp.Expr]:
        """How many members are so for certain, how many may be, and how many there are."""
        about = ("members", node.where)
        if about not in self.others:
            inner = _Writer(Grain.PERSON, writer.context, alias="m")
            truth = _named(paren(inner.node(node.where)), "truth")
            rows = inner.select([inner.own("household_id"), truth])
            rows = rows.where(
                exp.Not(this=exp.Is(this=inner.own("household_id"), expression=exp.Null())),
                copy=False,
            )
            counted = exp.select(
                _named(exp.column("household_id"), "subject"),
                _named(count_of(exp.column("truth")), "t"),
                _named(count_of(exp.Is(this=exp.column("truth"), expression=exp.Null())), "u"),
                _named(exp.Count(this=exp.Star()), "n"),
            )  # fmt: skip
            counted = counted.from_(rows.subquery("judged", copy=False), copy=False)
            counted = counted.group_by(exp.column("household_id"), copy=False)
            self.others[about] = ("household_id", counted.subquery(self._name("m"), copy=False))
        alias = self.others[about][1].alias
        t, u, n = (
            exp.Coalesce(this=exp.column(c, table=alias), expressions=[number(0)]) for c in "tun"
        )
        return t, u, n

    def other(self, writer: _Writer, segment: Segment) -> str:
        """The truth of a segment of what the row belongs to."""
        about = ("segment", segment.key)
        if about not in self.others:
            unit = segment.definition.unit
            inner = _Writer(unit, writer.context, alias="o")
            truth = exp.And(
                this=inner.base(segment.definition.base), expression=paren(inner.node(segment.node))
            )
            rows = inner.select(
                [_named(inner.own(id_of(unit)), "subject"), _named(paren(truth), "truth")]
            )
            self.others[about] = (id_of(unit), rows.subquery(self._name("o"), copy=False))
        return self.others[about][1].alias

    def lead(self, writer: _Writer, node: Members) -> str:
        """The truth for the lead tenant of the household."""
        about = ("lead", node.where)
        if about not in self.others:
            inner = _Writer(Grain.PERSON, writer.context, alias="m")
            truth = _named(paren(inner.node(node.where)), "truth")
            rows = inner.select([inner.own("person_id"), truth])
            led = exp.select(
                _named(exp.column("household_id", table="h"), "subject"),
                exp.column("truth", table="l"),
            )
            led = led.from_(
                _named(exp.table_("household", db="segments"), "h", table=True), copy=False
            ).join(
                rows.subquery("l", copy=False),
                on=exp.EQ(
                    this=exp.column("person_id", table="l"),
                    expression=exp.column("lead_person_id", table="h"),
                ),
                copy=False,
            )
            self.others[about] = ("household_id", led.subquery(self._name("l"), copy=False))
        return self.others[about][1].alias


def _event_rows(event: str, alias: str) -> exp.Select:
    return exp.Select().from_(
        _named(exp.table_(f"event_{event}", db="segments"), alias, table=True), copy=False
    )


def _pairs(writer: _Writer, node: Followed, keys: list[str], subject: str) -> exp.Select:
    """For each subject, 2 where a pair of events is certain and 1 where one is only possible."""
    same = node.first.event == node.then.event
    first = _side(writer, node.first, keys[0], subject, node.window, numbered=same)
    then = _side(writer, node.then, keys[1], subject, None, numbered=same)
    engine = writer.context.engine
    start, end = exp.column("on_date", table="a"), exp.column("on_date", table="b")
    later = house("date_plus_days", start, number(node.days), engine=engine)
    on: exp.Expr = exp.and_(
        exp.EQ(this=exp.column("subject", table="a"), expression=exp.column("subject", table="b")),
        exp.GTE(this=end, expression=start.copy()),
        exp.LTE(this=end.copy(), expression=later),
    )
    if same:
        on = exp.and_(
            on,
            exp.NEQ(
                this=exp.column("row_no", table="a"), expression=exp.column("row_no", table="b")
            ),
        )
    both = exp.And(this=exp.column("truth", table="a"), expression=exp.column("truth", table="b"))
    value = case((both, number(2)), otherwise=number(1))
    return (
        exp.select(
            _named(exp.column("subject", table="a"), "subject"),
            _named(exp.Max(this=value), "best"),
        )
        .from_(first.subquery("a", copy=False), copy=False)
        .join(then.subquery("b", copy=False), on=on, copy=False)
        .group_by(exp.column("subject", table="a"), copy=False)
    )


def _side(
    writer: _Writer,
    events: Events,
    key: str,
    subject: str,
    window: Window | None,
    *,
    numbered: bool,
) -> exp.Select:
    """The events of one side that count or may, with their truth; numbered where they meet their own kind."""
    rule = EventWriter(writer, events.event)
    rows = _numbered(events.event) if numbered else _event_rows(events.event, "e")
    of: exp.Expr = rule.own(key)
    if key != subject:
        person = _named(exp.table_("person", db="segments"), "p", table=True)
        rows = rows.join(
            person,
            on=exp.EQ(this=exp.column(key, table="p", quoted=True), expression=of),
            copy=False,
        )
        of = exp.column(subject, table="p", quoted=True)
    where = rule.where(events)
    truth = _named(where.copy() if where is not None else TRUE.copy(), "truth")
    number_of = [rule.own("row_no")] if numbered else []
    rows = rows.select(_named(of, "subject"), rule.own("on_date"), truth, *number_of, copy=False)
    rows = rows.where(exp.Not(this=exp.Is(this=of.copy(), expression=exp.Null())), copy=False)
    if where is not None:  # false ones are left out, unknown ones stay
        unknown = exp.Is(this=paren(where.copy()), expression=exp.Null())
        rows = rows.where(exp.Or(this=paren(where.copy()), expression=unknown), copy=False)
    inside = rule.window(window)
    return rows.where(inside, copy=False) if inside is not None else rows


def _numbered(event: str) -> exp.Select:
    """Events with a number each, the same on both sides: by everything that tells two rows apart."""
    order = [
        exp.column(c)
        for c in ("on_date", "person_id", "tenancy_id", "home_id", "source_file", "source_row")
    ]
    number = exp.Window(
        this=exp.RowNumber(), order=exp.Order(expressions=[exp.Ordered(this=one) for one in order])
    )
    inner = exp.select(exp.Star(), _named(number, "row_no")).from_(
        exp.table_(f"event_{event}", db="segments"), copy=False
    )
    return exp.Select().from_(inner.subquery("e"), copy=False)


def _zero(scan: _Scan, column: str) -> exp.Expr:
    return exp.Coalesce(this=exp.column(column, table=scan.alias), expressions=[number(0)])
