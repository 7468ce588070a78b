"""Staging tables from a few plain rows, as tests write them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow as pa

from rooftree.staging import schema
from rooftree.storage.engine import Engine
from rooftree.storage.tables import Table


def fill(engine: Engine, table: Table, rows: Iterable[Mapping[str, Any]]) -> None:
    """Make a staging table of these rows; what a row leaves out is null (lineage is filled in)."""
    if not engine.has(table.full_name):
        engine.create(table)
    listed = [
        {"source_kind": "housing", "source_file": "f", "source_row": i, **row}
        for i, row in enumerate(rows, start=1)
    ]
    columns = {
        c.name: pa.array(
            [None if row.get(c.name) is None else str(row[c.name]) for row in listed], pa.string()
        )
        for c in table
    }
    engine.con.register("_staged", pa.table(columns))
    casts = ", ".join(f'CAST("{c.name}" AS {c.type})' for c in table)
    engine.execute(f"INSERT INTO {table.full_name} SELECT {casts} FROM _staged")
    engine.con.unregister("_staged")


def person(
    ref: str, given: str | None, family: str | None, born: str | None = None, **more: Any
) -> dict[str, Any]:
    """A row of staging.person of the housing system, at 1 Ash Road unless said otherwise."""
    return {
        "system": "housing", "person_ref": ref, "given_name": given, "family_name": family,
        "date_of_birth": born, "address_line_1": "1 Ash Road", "postcode": "ZX1 1AA", **more,
    }  # fmt: skip


def crm(
    ref: str, given: str | None, family: str | None, born: str | None = None, **more: Any
) -> dict[str, Any]:
    """The same of the contact centre's system."""
    return person(ref, given, family, born, **{"system": "crm", "source_kind": "contact", **more})


def people(engine: Engine, *rows: Mapping[str, Any]) -> None:
    """Fill staging.person."""
    fill(engine, schema.PERSON, rows)
