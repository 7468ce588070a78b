"""The names under which the next stages find staged rows: views over the live Parquet files."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from rooftree.staging.long_files import keep_doubled
from rooftree.staging.schema import CANONICAL, FILE, ISSUE, REJECT
from rooftree.staging.values import KEYS
from rooftree.storage.engine import Engine, quote
from rooftree.storage.tables import Table

_DOUBLED = "_tmp_staging_doubled"

Live = Sequence[tuple[Path, Mapping[str, Any]]]

_ARROW = {
    "VARCHAR": pa.string(), "BIGINT": pa.int64(), "INTEGER": pa.int32(), "DOUBLE": pa.float64(),
    "BOOLEAN": pa.bool_(), "DATE": pa.date32(), "TIMESTAMP": pa.timestamp("us"),
    "VARCHAR[]": pa.list_(pa.string()),
}  # fmt: skip


def attach_views(
    engine: Engine, live: Live, *, twins: Sequence[tuple[str, str, str, str]] = ()
) -> None:
    """Leave `staging.<table>` for every canonical table, and the tables file, reject and issue.

    `live` holds folder and account of each file, and of each replay of corrections. `twins` are
    (system, extract, name, name of the same bytes): counted once, and told.
    """
    engine.schema("staging")
    parts: dict[str, list[tuple[str, str, str, Path]]] = defaultdict(list)
    for folder, account in live:
        file = account["file"]
        for part in account["tables"]:
            if part["accepted"]:
                key = (
                    file["system"],
                    file["extract"],
                    file["source_file"],
                    folder / part["parquet"],
                )
                parts[part["table"]].append(key)
    superseded: list[dict[str, Any]] = []
    for table in CANONICAL:
        if parts[table.name]:
            engine.attach(table.full_name, [part[3] for part in parts[table.name]])
            superseded += _supersede(engine, table, parts[table.name])
        else:
            engine.execute(f"CREATE OR REPLACE VIEW {table.full_name} AS {empty_sql(table)}")
    _attach_rejects(engine, live)
    load(engine, FILE, _files(engine, live))
    load(engine, ISSUE, [*_issues(live, twins), *superseded])


def empty_sql(table: Table) -> str:
    """A query with the table's columns and no rows."""
    columns = ", ".join(f'CAST(NULL AS {c.type}) AS "{c.name}"' for c in table)
    return f"SELECT {columns} WHERE false"


def load(engine: Engine, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Make a small declared table from rows, in its order."""
    engine.execute(f"DROP TABLE IF EXISTS {table.full_name}")
    engine.create(table)
    append(engine, table, rows)


def append(engine: Engine, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Add rows to a small declared table, in its order."""
    if not rows:
        return
    schema = pa.schema([(c.name, _ARROW[c.type]) for c in table])
    data = pa.Table.from_pylist(
        [{name: row.get(name) for name in table.names} for row in rows], schema=schema
    )
    engine.con.register("_tmp_staging_rows", data)
    order = ", ".join(f'"{name}" NULLS FIRST' for name in table.sort)
    engine.execute(
        f"INSERT INTO {table.full_name} SELECT * FROM _tmp_staging_rows ORDER BY {order}"
    )
    engine.con.unregister("_tmp_staging_rows")


def _supersede(
    engine: Engine, table: Table, parts: Sequence[tuple[str, str, str, Path]]
) -> list[dict[str, Any]]:
    """Where several files of one extract hold the same key, let the newest row stand.

    Newest is by `updated_on` where the table has it, then by the order of the files' names. Files
    of different extracts do not supersede each other: they say different things of one person. Keys
    are told apart by their hash first: millions of references that all differ are never grouped.
    """
    key = KEYS.get(table.name, (None,))[0]
    by_extract: dict[tuple[str, str], list[tuple[str, Path]]] = defaultdict(list)
    for system, extract, source_file, path in parts:
        by_extract[system, extract].append((source_file, path))
    several = {k: v for k, v in by_extract.items() if len({f for f, _ in v}) > 1}
    if key is None or not several:
        return []
    gone = f"staging._superseded_{table.name}"
    engine.execute(f"CREATE OR REPLACE TABLE {gone} (k VARCHAR, source_file VARCHAR)")
    notes: list[dict[str, Any]] = []
    newest = "max(updated_on) DESC NULLS LAST, " if "updated_on" in table else ""
    for (system, extract), files in several.items():
        listed = ", ".join(quote(str(path)) for _, path in files)
        source = f"read_parquet([{listed}])"
        hashes = f"SELECT hash({key}) AS h FROM {source} WHERE {key} IS NOT NULL"
        rows = int(engine.value(f"SELECT count(*) FROM {source}"))
        if not keep_doubled(engine, hashes, into=_DOUBLED, rows=rows):
            continue
        order = {name: n for n, (name, _) in enumerate(files)}
        ages = ", ".join(f"({quote(name)}, {n})" for name, n in order.items())
        engine.execute(
            f"INSERT INTO {gone} SELECT k, source_file FROM (SELECT {key} AS k, t.source_file, "
            f"row_number() OVER (PARTITION BY {key} ORDER BY {newest}max(a.age) DESC) AS n "
            f"FROM {source} t JOIN (VALUES {ages}) a(name, age) ON a.name = t.source_file "
            f"WHERE {key} IS NOT NULL AND hash({key}) IN (SELECT h FROM {_DOUBLED}) "
            f"GROUP BY {key}, t.source_file) WHERE n > 1"
        )
        engine.execute(f"DROP TABLE {_DOUBLED}")
        names = ", ".join(quote(name) for name in order)
        count = engine.value(f"SELECT count(*) FROM {gone} WHERE source_file IN ({names})")
        if count:
            notes.append(_superseded_note(table, system, extract, count, key))
    if notes:
        listed = ", ".join(quote(str(path)) for *_, path in parts)
        engine.execute(
            f"CREATE OR REPLACE VIEW {table.full_name} AS SELECT t.* FROM read_parquet([{listed}]) t "
            f"ANTI JOIN {gone} s ON t.{key} = s.k AND t.source_file = s.source_file"
        )
    return notes


def _superseded_note(
    table: Table, system: str, extract: str, count: int, key: str
) -> dict[str, Any]:
    return {
        "rule": f"superseded_in_{extract}",
        "dimension": "uniqueness",
        "system": system,
        "table_name": table.name,
        "field": key,
        "rows": count,
        "of_rows": count,
        "severity": "note",
        "message": f"{count} rows are superseded by a newer file of {extract} with the same {key}.",
        "remedy": "Nothing to do: the newest stands.",
        "example_rows": [],
    }


def _attach_rejects(engine: Engine, live: Live) -> None:
    """`staging.reject`: what is refused now, without rows that a correction has judged again."""
    first = [folder / "reject.parquet" for folder, account in live if not account.get("corrected")]
    again = [folder / "reject.parquet" for folder, account in live if account.get("corrected")]
    if not first:
        engine.execute(f"CREATE OR REPLACE VIEW {REJECT.full_name} AS {empty_sql(REJECT)}")
        return
    names = ", ".join(REJECT.names)
    base, replayed = (", ".join(quote(str(path)) for path in paths) for paths in (first, again))
    view = (
        f"CREATE OR REPLACE VIEW {REJECT.full_name} AS SELECT {names} FROM read_parquet([{base}])"
    )
    if not again:
        engine.execute(view)
        return
    engine.execute(
        "CREATE OR REPLACE TABLE staging._corrected "
        "(system VARCHAR, extract VARCHAR, source_file VARCHAR, source_row BIGINT)"
    )
    for _, account in live:
        file = account["file"]
        for row in account.get("corrected", ()):
            engine.execute(
                "INSERT INTO staging._corrected VALUES (?, ?, ?, ?)",
                [file["system"], file["extract"], file["source_file"], row],
            )
    engine.execute(
        f"{view} ANTI JOIN staging._corrected USING (system, extract, source_file, source_row) "
        f"UNION ALL SELECT {names} FROM read_parquet([{replayed}])"
    )


def _files(engine: Engine, live: Live) -> list[dict[str, Any]]:
    """The account of each file, with the rows that are refused now."""
    refused = {
        key: count
        for *key_, count in engine.rows(
            "SELECT system, extract, source_file, "
            "count(*) FILTER (WHERE table_name = '*') + count(DISTINCT source_row) FILTER (WHERE table_name <> '*') "
            "FROM staging.reject GROUP BY ALL"
        )
        for key in [tuple(key_)]
    }
    files = []
    for _, account in live:
        if account.get("corrected"):
            continue
        file = dict(account["file"])
        file["rows_rejected"] = refused.get(
            (file["system"], file["extract"], file["source_file"]), 0
        )
        file["rows_accepted"] = file["rows_read"] - file["rows_rejected"]
        files.append(file)
    return files


def _issues(live: Live, twins: Sequence[tuple[str, str, str, str]]) -> list[dict[str, Any]]:
    """What was noted of files and rows, one row per rule, system, table and field."""
    found: dict[tuple[str, str, str, str | None], dict[str, Any]] = {}

    def add(
        key: tuple[str, str, str, str | None],
        rows: int,
        *,
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
            add(
                (note["rule"], file["system"], file["extract"], note["field"]),
                note["rows"],
                of_rows=file["rows_read"],
                dimension=note["dimension"],
                severity=note["severity"],
                message=note["message"],
                remedy=note["remedy"],
            )
        read: dict[str, int] = defaultdict(int)
        for part in account["tables"]:
            read[part["table"]] += part["read"]
        for item in account["found"]:
            add(
                (item["rule"], file["system"], item["table"], item["field"] or None),
                item["rows"],
                of_rows=read[item["table"]],
                examples=[f"{file['name']}:{row}" for row in item["examples"]],
                dimension="validity",
                severity="warning",
                message=item["message"],
                remedy=item["remedy"],
            )
    for system, extract, name, other in twins:
        add(
            ("same_file_twice", system, extract, name),
            1,
            of_rows=1,
            dimension="uniqueness",
            severity="warning",
            message=f"{name} has the same bytes as {other} and was counted once.",
            remedy="Remove one of the two files.",
        )
    return list(found.values())
