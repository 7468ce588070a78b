"""Tables as Parquet: the same rows give the same bytes, whatever order they came in and however many threads.

DuckDB keeps the order of an ORDER BY when it writes in parallel, so one total order of the rows
gives one order of row groups. Where a table's own order leaves ties, lineage and then a hash of the
whole row break them: rows that still tie are equal.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from rooftree.storage.engine import Engine, quote
from rooftree.storage.tables import Table

#: Delta encodings of numbers and texts; a dictionary of more distinct values than these is given up early.
LAYOUT = "FORMAT parquet, PARQUET_VERSION V2, DICTIONARY_SIZE_LIMIT 2000"
ROW_GROUP = 61_440  # thirty vectors: small enough to find one subject quickly, large enough to scan
BUCKETS = 16
# One sort takes 0.8 of the time of cutting and sorting the pieces (31 million rows, 2 GB), and rows
# that stay together compress better. From here on the spilling of one sort would cost more than it saves.
BUCKET_FROM_ROWS = 50_000_000
LINEAGE = ("source_file", "source_row")


def total_order(table: Table) -> str:
    """The ORDER BY of a stored table: its own order, then what it takes to leave no tie."""
    names = list(table.sort)
    unique = bool(table.key) and set(table.key) <= set(names)
    if not unique:
        names += [name for name in LINEAGE if name in table and name not in names]
    terms = [f'"{name}" ASC NULLS LAST' for name in names]
    if not unique and len(names) < len(table.names):
        terms.append(f"hash({', '.join(_quoted(table))})")
    return ", ".join(terms)


def write_table(
    engine: Engine, table: Table, *, into: Path, bucket_from_rows: int = BUCKET_FROM_ROWS
) -> list[tuple[Path, int]]:
    """Write a table of the engine as Parquet under `into`; answers each file with its rows.

    One file, `<stage>/<name>.parquet`; a very large table with `buckets_by` is cut by the hash of the
    first of those columns that has a value into `<stage>/<name>/<number>.parquet`, each sorted
    inside. A bucket without rows has no file.
    """
    folder = into / table.stage
    folder.mkdir(parents=True, exist_ok=True)
    # A table may be a view that is evaluated as it is written: it is counted only where that decides.
    if not table.buckets_by or _rows(engine, table) < bucket_from_rows:
        path = folder / f"{table.name}.parquet"
        return [(path, _copy(engine, table, source=table.full_name, path=path))]
    return _write_buckets(engine, table, folder=folder / table.name)


def _rows(engine: Engine, table: Table) -> int:
    return int(engine.value(f"SELECT count(*) FROM {table.full_name}"))


def _write_buckets(engine: Engine, table: Table, *, folder: Path) -> list[tuple[Path, int]]:
    # Two passes: cut unsorted, then sort each piece. A sort of the whole table would need the whole
    # table in memory or on the spill disk; a piece fits.
    pieces = folder / ".pieces"
    pieces.mkdir(parents=True)
    first_given = ", ".join(f'"{name}"' for name in table.buckets_by)
    engine.execute(
        f"COPY (SELECT *, hash(coalesce({first_given})) % {BUCKETS} AS _bucket FROM {table.full_name}) "
        f"TO {quote(str(pieces))} ({LAYOUT}, COMPRESSION lz4, PARTITION_BY (_bucket))"
    )
    written: list[tuple[Path, int]] = []
    for bucket in range(BUCKETS):
        piece = sorted((pieces / f"_bucket={bucket}").glob("*.parquet"))
        if not piece:
            continue
        path = folder / f"{bucket:02d}.parquet"
        listed = ", ".join(quote(str(file)) for file in piece)
        source = f"read_parquet([{listed}], hive_partitioning = false)"
        written.append((path, _copy(engine, table, source=source, path=path)))
    shutil.rmtree(pieces)
    return written


def _copy(engine: Engine, table: Table, *, source: str, path: Path) -> int:
    row = engine.execute(
        f"COPY (SELECT {', '.join(_quoted(table))} FROM {source} ORDER BY {total_order(table)}) "
        f"TO {quote(str(path))} ({LAYOUT}, COMPRESSION zstd, ROW_GROUP_SIZE {ROW_GROUP})"
    ).fetchone()
    assert row is not None
    return int(row[0])


def _quoted(table: Table) -> list[str]:
    return [f'"{name}"' for name in table.names]
