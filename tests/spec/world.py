"""A tiny landlord for a spec test: every table there, empty but for the rows the test gives.

A row names only the columns that matter; the rest are null, or a stand-in where a value is required.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from rooftree.identity.schema import ALL as IDENTITY
from rooftree.profile.schema import ALL as PROFILE
from rooftree.staging.schema import CANONICAL
from rooftree.storage.engine import Engine
from rooftree.storage.tables import Table

AS_OF = dt.date(2026, 3, 31)

_STAND_IN: dict[str, Any] = {
    "VARCHAR": "x", "BIGINT": 1, "INTEGER": 1, "DOUBLE": 1.0, "BOOLEAN": False, "DATE": dt.date(2020, 1, 1),
}  # fmt: skip

Rows = Iterable[Mapping[str, Any]]


def ago(days: int = 0, *, weeks: int = 0) -> dt.date:
    """The day so many days, or weeks, before the as_of of the spec tests."""
    return AS_OF - dt.timedelta(days=days, weeks=weeks)


def world(**rows: Rows) -> Engine:
    """An engine with all canonical tables; `staging_contact=[...]` gives rows to staging.contact."""
    engine = Engine(memory_limit="1GB", threads=1)
    tables = {f"{t.stage}_{t.name}": t for t in (*CANONICAL, *IDENTITY, *PROFILE)}
    for name, table in tables.items():
        engine.create(table)
        put(engine, table, rows.pop(name, ()))
    assert not rows, f"no such table: {', '.join(rows)}"
    return engine


def put(engine: Engine, table: Table, rows: Rows) -> None:
    """Add rows to a table, with stand-ins for what is required and not given."""
    for row in rows:
        unknown = set(row) - set(table.names)
        assert not unknown, f"{table.full_name} has no {', '.join(sorted(unknown))}"
        values = [row.get(c.name, _STAND_IN[c.type] if c.required else None) for c in table]
        marks = ", ".join("?" for _ in values)
        engine.execute(f"INSERT INTO {table.full_name} VALUES ({marks})", values)


def one(engine: Engine, table: Table, *columns: str) -> Any:
    """The only row of a table: the value of one column, or a tuple of several."""
    listed = ", ".join(columns)
    (row,) = engine.rows(f"SELECT {listed} FROM {table.full_name}")
    return row[0] if len(columns) == 1 else row
