"""The names under which the next stages find staged rows: views over the live Parquet files."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from rooftree.staging.schema import CANONICAL, FILE, ISSUE, REJECT
from rooftree.storage.engine import Engine
from rooftree.storage.tables import Table


def attach_views(
    engine: Engine,
    live: Sequence[tuple[Path, Mapping[str, Any]]],
    *,
    twins: Sequence[tuple[str, str, str, str]] = (),
) -> None:
    """Leave `staging.<table>` for every canonical table, and the tables file, reject and issue.

    `twins` are (system, extract, name, name of the same bytes): counted once, and told.
    """
    engine.schema("staging")
    parts: dict[str, list[Path]] = defaultdict(list)
    for folder, account in live:
        for part in account["tables"]:
            if part["accepted"]:
                parts[part["table"]].append(folder / part["parquet"])
    for table in CANONICAL:
        if parts[table.name]:
            engine.attach(table.full_name, parts[table.name])
        else:
            engine.execute(f"CREATE OR REPLACE VIEW {table.full_name} AS {empty_sql(table)}")
    rejects = [folder / "reject.parquet" for folder, _ in live]
    if rejects:
        engine.attach(REJECT.full_name, rejects)
    else:
        engine.execute(f"CREATE OR REPLACE VIEW {REJECT.full_name} AS {empty_sql(REJECT)}")
    load(engine, FILE, [_file_row(account) for _, account in live])
    load(engine, ISSUE, _issues(live, twins))


def empty_sql(table: Table) -> str:
    """A query with the table's columns and no rows."""
    columns = ", ".join(f'CAST(NULL AS {c.type}) AS "{c.name}"' for c in table)
    return f"SELECT {columns} WHERE false"


def load(engine: Engine, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Make a small declared table from rows, in its order."""
    engine.execute(f"DROP TABLE IF EXISTS {table.full_name}")
    engine.create(table)
    if not rows:
        return
    schema = pa.schema([(c.name, _ARROW[c.type]) for c in table])
    data = pa.Table.from_pylist(
        [{n: row.get(n) for n in table.names} for row in rows], schema=schema
    )
    engine.con.register("_tmp_staging_rows", data)
    order = ", ".join(f'"{name}" NULLS FIRST' for name in table.sort)
    engine.execute(
        f"INSERT INTO {table.full_name} SELECT * FROM _tmp_staging_rows ORDER BY {order}"
    )
    engine.con.unregister("_tmp_staging_rows")


_ARROW = {
    "VARCHAR": pa.string(), "BIGINT": pa.int64(), "INTEGER": pa.int32(), "DOUBLE": pa.float64(),
    "BOOLEAN": pa.bool_(), "DATE": pa.date32(), "TIMESTAMP": pa.timestamp("us"),
    "VARCHAR[]": pa.list_(pa.string()),
}  # fmt: skip


def _file_row(account: Mapping[str, Any]) -> dict[str, Any]:
    file = dict(account["file"])
    file["rows_accepted"] = file["rows_read"] - file["rows_rejected"]
    return file


def _issues(
    live: Sequence[tuple[Path, Mapping[str, Any]]], twins: Sequence[tuple[str, str, str, str]]
) -> list[dict[str, Any]]:
    """What was noted of files and rows, one row per rule, system, table and field."""
    found: dict[tuple[str, str, str, str | None], dict[str, Any]] = {}

    def add(
        key: tuple[str, str, str, str | None],
        rows: int,
        of_rows: int,
        examples: Sequence[str] = (),
        **said: Any,
    ) -> None:
        names = dict(zip(("rule", "system", "table_name", "field"), key, strict=True))
        blank = {**names, "rows": 0, "of_rows": 0, "example_rows": [], **said}
        row = found.setdefault(key, blank)
        row["rows"] += rows
        row["of_rows"] += of_rows
        row["example_rows"] = (row["example_rows"] + list(examples))[:5]

    for _, account in live:
        file = account["file"]
        for note in account["notes"]:
            add((note["rule"], file["system"], file["extract"], note["field"]), note["rows"],
                dimension=note["dimension"], severity=note["severity"], message=note["message"],
                remedy=note["remedy"], of_rows=file["rows_read"])  # fmt: skip
        read = {part["table"]: part["read"] for part in account["tables"]}
        for item in account["found"]:
            add(
                (item["rule"], file["system"], item["table"], item["field"]),
                item["rows"],
                of_rows=read[item["table"]],
                examples=[f"{file['name']}:{row}" for row in item["examples"]],
                dimension="validity",
                severity="warning",
                message=item["message"],
                remedy=item["remedy"],
            )
    for system, extract, name, other in twins:
        add(("same_file_twice", system, extract, name), 1, dimension="uniqueness", severity="warning",
            message=f"{name} has the same bytes as {other} and was counted once.",
            remedy="Remove one of the two files.", of_rows=1)  # fmt: skip
    return list(found.values())
