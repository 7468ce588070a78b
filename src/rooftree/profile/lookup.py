"""The catalogue as small tables, with the dates before which a statement is stale or out of retention."""

from __future__ import annotations

import datetime as dt
from calendar import monthrange
from collections.abc import Iterable

from rooftree.catalogue.model import Attribute, Catalogue
from rooftree.profile.populations import population_of
from rooftree.storage.engine import Engine
from rooftree.vocabulary.states import SourceKind

ATTRIBUTES = "_tmp_profile_attribute"
PRECEDENCE = "_tmp_profile_precedence"


def plus_months(day: dt.date, months: int) -> dt.date:
    """The same day so many months later, or the month's last day where there is no such day."""
    index = day.year * 12 + day.month - 1 + months
    year, month = index // 12, index % 12 + 1
    if not 1 <= year <= 9999:
        return dt.date.max if year > 9999 else dt.date.min
    return dt.date(year, month, min(day.day, monthrange(year, month)[1]))


def first_within(as_of: dt.date, months: int) -> dt.date:
    """The earliest day from which, at `as_of`, the months have not yet run out.

    One comparison with this day replaces adding months to every statement. It is found by trying,
    because taking months away does not undo adding them at the end of a month.
    """
    day = plus_months(as_of, -months)
    if day == dt.date.min:
        return day
    while plus_months(day, months) > as_of:
        day -= dt.timedelta(days=1)
    while plus_months(day, months) <= as_of:
        day += dt.timedelta(days=1)
    return day


def ranks(attribute: Attribute) -> dict[str, int]:
    """Source kind to rank, the strongest 15; kinds that are not listed have none (0)."""
    return {str(kind): 15 - place for place, kind in enumerate(attribute.precedence)}


def register_catalogue(engine: Engine, catalogue: Catalogue, *, as_of: dt.date) -> None:
    """Leave the attributes and their precedence in the engine, as seen at `as_of`."""
    attributes = sorted(catalogue.attributes.values(), key=lambda attribute: attribute.key)
    engine.execute(
        f"CREATE OR REPLACE TABLE {ATTRIBUTES} (attribute VARCHAR, grain VARCHAR, population VARCHAR, "
        "fresh_months INTEGER)"
    )
    _insert(engine, ATTRIBUTES, (_row(attribute) for attribute in attributes))
    # With the dates again, so that a statement finds all it needs in one join. Every kind is here.
    engine.execute(
        f"CREATE OR REPLACE TABLE {PRECEDENCE} (attribute VARCHAR, source_kind VARCHAR, "
        "source_rank INTEGER, fresh_from DATE, keep_from DATE)"
    )
    listed = (
        (a.key, str(kind), ranks(a).get(str(kind), 0), fresh_from, keep_from)
        for a in attributes
        for fresh_from, keep_from in [_cut_offs(a, as_of)]
        for kind in SourceKind
    )
    _insert(engine, PRECEDENCE, listed)


def _cut_offs(attribute: Attribute, as_of: dt.date) -> tuple[dt.date | None, dt.date]:
    fresh = attribute.fresh_months
    fresh_from = None if fresh is None else first_within(as_of, fresh)
    return fresh_from, first_within(as_of, attribute.keep_months)


def _row(attribute: Attribute) -> tuple[object, ...]:
    return (
        attribute.key,
        str(attribute.grain),
        population_of(attribute).key,
        attribute.fresh_months,
    )


def _insert(engine: Engine, table: str, rows: Iterable[tuple[object, ...]]) -> None:
    listed = list(rows)
    if listed:
        marks = ", ".join("?" for _ in listed[0])
        engine.con.executemany(f"INSERT INTO {table} VALUES ({marks})", listed)
