"""Builds one table per kind of event: linked to person, tenancy and home, dated, none after as_of.

An event of a person that names no tenancy counts for the one current tenancy of that person, if there
is exactly one; one of a home, for the tenancy that ran there on the day. What can be linked to nobody
is left out: `features.unmatched` has the account of it.
"""

from __future__ import annotations

import datetime as dt

from rooftree.catalogue.fields import did_you_mean
from rooftree.catalogue.model import Catalogue, Event, EventField
from rooftree.features.references import (
    HOME,
    TENANCY_OR_ACCOUNT,
    home_joins,
    person_join,
    tenancy_joins,
)
from rooftree.segments.schema import event_column, event_table, is_stored
from rooftree.staging.schema import CANONICAL
from rooftree.storage.engine import Engine, quote
from rooftree.storage.portable import compile_sql
from rooftree.storage.tables import Table
from rooftree.vocabulary.errors import DefinitionError, Problem

_TABLES = {f"{table.stage}.{table.name}": table for table in CANONICAL}

_ONLY_ONE = """
    SELECT person_id, max(tenancy_id) AS tenancy_id FROM identity.member
    WHERE is_current AND lives_there GROUP BY person_id HAVING count(*) = 1"""

_AT_HOME = """, at_home AS (
      SELECT n.source_file, n.source_row, max(t.tenancy_id) AS tenancy_id, count(*) AS n
      FROM named n JOIN identity.tenancy t ON t.home_id = n.home_id AND t.started_on <= n.on_date
        AND (t.ended_on IS NULL OR t.ended_on >= n.on_date)
      WHERE n.tenancy_id IS NULL GROUP BY n.source_file, n.source_row)"""


def check_events(catalogue: Catalogue) -> None:
    """Every event is read from a canonical table with a day and the columns that it names.

    Raises DefinitionError with every problem of every event.
    """
    problems = [problem for event in catalogue.events.values() for problem in _problems(event)]
    if problems:
        raise DefinitionError(problems)


def _problems(event: Event) -> list[Problem]:
    where = f"events/{event.key}.toml"
    table = _TABLES.get(event.table)
    if table is None:
        return [
            Problem(
                f"{where}: table",
                f"{event.table!r} does not exist.",
                did_you_mean(event.table, _TABLES),
            )
        ]
    named = [("date", event.date), *(("only", column) for column in event.only)]
    for one in event.fields:
        named.append((f"fields.{one.key}", one.column))
        named += [(f"fields.{one.key}.known_from", one.known_from)] if one.known_from else []
    problems = [
        Problem(
            f"{where}: {place}",
            f"{event.table} has no column {column!r}.",
            did_you_mean(column, table.names),
        )
        for place, column in named
        if column not in table
    ]
    if not problems and table[event.date].type != "DATE":
        problems.append(
            Problem(f"{where}: date", f"{event.date!r} is not a column of days.", "Name another.")
        )
    return problems


def build(engine: Engine, *, as_of: dt.date, catalogue: Catalogue) -> None:
    """Leave segments.event_<key> of every kind, as views that are evaluated when they are written.

    Raises DefinitionError where an event is not as the canonical tables are.
    """
    check_events(catalogue)
    for event in catalogue.events.values():
        _make_view(engine, event, as_of=as_of)


def make_views(engine: Engine, *, as_of: dt.date, catalogue: Catalogue) -> None:
    """Leave the events that are read in place, in an engine in which a snapshot is open.

    A kind that the snapshot does not hold, since it was declared later, is there without rows.
    """
    for event in catalogue.events.values():
        if not is_stored(event):
            _make_view(engine, event, as_of=as_of)
        elif not engine.has(event_table(event).full_name):
            engine.create(event_table(event))


def _make_view(engine: Engine, event: Event, *, as_of: dt.date) -> None:
    table = event_table(event)
    if not engine.has(event.table):
        engine.create(table)
        return
    sql = compile_sql(event_sql(event), where=table.full_name, parameters={"as_of": as_of})
    columns = ", ".join(f'CAST("{c.name}" AS {c.type}) AS "{c.name}"' for c in table)
    engine.schema(table.stage)
    engine.execute(f"CREATE OR REPLACE VIEW {table.full_name} AS SELECT {columns} FROM ({sql})")


def event_sql(event: Event) -> str:
    """Portable SQL of the events of one kind up to `:as_of`."""
    source = _TABLES[event.table]
    tenancy, home, joins = _linked(source)
    person = "who.person_id" if "person_ref" in source else "CAST(NULL AS VARCHAR)"
    named = f"""
      SELECT {person} AS person_id, {tenancy} AS tenancy_id, {home} AS home_id, e.{event.date} AS on_date,
        {"".join(f'{_value(one)} AS "{one.key}", ' for one in event.fields)}e.source_file, e.source_row
      FROM {source.full_name} e {joins}
      WHERE {" AND ".join(_conditions(event))}"""
    own = "".join(f'n."{one.key}", ' for one in event.fields)
    fallbacks, found = [], ["n.tenancy_id"]
    if "person_ref" in source:
        fallbacks.append(f"LEFT JOIN ({_ONLY_ONE}) alone ON alone.person_id = n.person_id")
        found.append("alone.tenancy_id")
    if "property_ref" in source:
        fallbacks.append(
            "LEFT JOIN at_home ON at_home.source_file = n.source_file AND at_home.source_row = n.source_row "
            "AND at_home.n = 1"
        )
        found.insert(1, "at_home.tenancy_id")
    at_home = _AT_HOME if "property_ref" in source else ""
    return f"""
    WITH named AS ({named}){at_home}, linked AS (
      SELECT n.person_id, coalesce({", ".join(found)}) AS tenancy_id, n.home_id, n.on_date,
        {own}n.source_file, n.source_row
      FROM named n {" ".join(fallbacks)}
    )
    SELECT n.person_id, n.tenancy_id, coalesce(n.home_id, t.home_id) AS home_id, n.on_date,
      {own}n.source_file, n.source_row
    FROM linked n LEFT JOIN identity.tenancy t ON t.tenancy_id = n.tenancy_id
    WHERE n.person_id IS NOT NULL OR n.tenancy_id IS NOT NULL OR n.home_id IS NOT NULL"""


def _linked(source: Table) -> tuple[str, str, str]:
    """Expressions of the tenancy and home that a row names, and the joins they need."""
    joins = [person_join("e")] if "person_ref" in source else []
    tenancy = home = "CAST(NULL AS VARCHAR)"
    if "tenancy_ref" in source:
        payment = "payment_ref" in source
        joins.append(tenancy_joins("e", payment=payment))
        tenancy = (
            TENANCY_OR_ACCOUNT
            if payment
            else "coalesce(own_private.tenancy_id, own_shared.tenancy_id)"
        )
    if "property_ref" in source:
        joins.append(home_joins("e"))
        home = HOME
    return tenancy, home, " ".join(joins)


def _value(one: EventField) -> str:
    value = f'e."{one.column}"'
    if one.negated:
        value = f"(0 - {value})"
    if one.known_from:
        later = f'e."{one.known_from}" > :as_of'
        value = f"CASE WHEN {later} THEN NULL ELSE {value} END"
    return f"CAST({value} AS {event_column(one).type})"


def _conditions(event: Event) -> list[str]:
    conditions = [f"e.{event.date} <= :as_of"]
    for column, words in event.only.items():
        conditions.append(f'e."{column}" IN ({", ".join(quote(word) for word in words)})')
    above = event.field(event.above_zero) if event.above_zero else None
    if above is not None:
        conditions.append(f'e."{above.column}" {"<" if above.negated else ">"} 0')
    return conditions
