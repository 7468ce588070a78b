"""Extracts by SQL: a query on a SQLite file or a PostgreSQL server, its rows as text."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from rooftree.sources.header import named_columns
from rooftree.sources.model import Extract
from rooftree.sources.reading import Reading
from rooftree.vocabulary.errors import DataError, MachineError, Problem
from rooftree.vocabulary.progress import Progress

_AT_ONCE = 50_000


def read_query(
    extract: Extract, out: Path, *, database: str, folder: Path, progress: Progress
) -> Reading:
    """Run the extract's query and keep its rows as Parquet of text, numbered in the order they came.

    `database` is a PostgreSQL address or a SQLite file (beside the extracts, unless its path is
    whole). The address is never told in a message: it may hold a password.
    """
    assert extract.query is not None
    postgres = database.startswith(("postgresql://", "postgres://"))
    batches = _postgres(extract, database) if postgres else _sqlite(extract, folder / database)
    names = next(batches)
    columns, notes = named_columns(names, renamed=extract.renamed, where=extract.place)
    schema = pa.schema([("_row", pa.int64()), *((c.physical, pa.string()) for c in columns)])
    records = 0
    with (
        progress.step(f"Querying {extract.system}.{extract.key}") as step,
        pq.ParquetWriter(out, schema, compression="lz4") as writer,
    ):
        for arrays in batches:
            count = len(arrays[0]) if arrays else 0
            numbers = pa.array(range(records + 1, records + count + 1), pa.int64())
            writer.write_batch(pa.record_batch([numbers, *arrays], schema=schema))
            records += count
            step.advance(count)
    return Reading(path=out, shape="columns", columns=columns, records=records, notes=notes)


def _sqlite(extract: Extract, path: Path) -> Iterator[Any]:
    """First the column names, then lists of arrays."""
    if not path.is_file():
        raise DataError(
            [Problem(extract.place, f"there is no SQLite file {path.name}.", "Correct database.")]
        )
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            cursor = connection.execute(extract.query or "")
            yield [column[0] for column in cursor.description]
            while rows := cursor.fetchmany(_AT_ONCE):
                yield [
                    pa.array([_text(v) for v in c], pa.string()) for c in zip(*rows, strict=True)
                ]
    except sqlite3.Error as error:
        raise _refused(extract, error) from error


def _text(value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return str(value)


def _postgres(extract: Extract, address: str) -> Iterator[Any]:
    try:
        from adbc_driver_postgresql import dbapi
    except ImportError as error:
        raise MachineError(
            f"{extract.place}: PostgreSQL needs a driver that is not installed. "
            "Install it with: pip install 'rooftree[postgres]'"
        ) from error
    try:
        with dbapi.connect(address) as connection, connection.cursor() as cursor:
            cursor.execute(extract.query or "")
            reader = cursor.fetch_record_batch()
            yield list(reader.schema.names)
            for batch in reader:
                yield [_as_text(column) for column in batch.columns]
    except dbapi.Error as error:
        raise _refused(extract, error) from error


def _as_text(column: pa.Array) -> pa.Array:
    if pa.types.is_boolean(column.type) or not pa.types.is_nested(column.type):
        return column.cast(pa.string())
    return pa.array([None if v is None else str(v) for v in column.to_pylist()], pa.string())


def _refused(extract: Extract, error: Exception) -> DataError:
    # PostgreSQL's messages may quote the address or a value, so only the kind of error is told
    plain = isinstance(error, sqlite3.Error)
    reason = str(error).splitlines()[0] if plain else type(error).__name__
    return DataError(
        [
            Problem(
                extract.place,
                f"the query failed: {reason}.",
                "Try it in the database's own tool, with the same account.",
            )
        ]
    )
