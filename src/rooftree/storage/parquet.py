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
MOST_WORDS = 1_000  # of a coded column; more of them are written as the text they are
LINEAGE = ("source_file", "source_row")


def total_order(table: Table) -> str:
    """The ORDER BY of a stored table: its own order, then what it takes to leave no tie.

    A text that many rows share is compared by its number (`_numbered`), which has the same order.
    """
    names = list(table.sort)
    unique = table.order_is_total or (bool(table.key) and set(table.key) <= set(names))
    if not unique:
        names += [name for name in LINEAGE if name in table and name not in names]
    terms = [
        f"{_numbers(table, name)}.number NULLS LAST" if name in table.buckets_by
        else f'"{name}" ASC NULLS LAST'
        for name in names
    ]  # fmt: skip
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
    numbered = [name for name in table.buckets_by if name in table.sort]
    with engine.scratch(*(_numbers(table, name) for name in numbered)):
        joins = "".join(_numbered(engine, table, name, source=source) for name in numbered)
        columns = ", ".join(_written(engine, table, name, source=source) for name in table.names)
        row = engine.execute(
            f"COPY (SELECT {columns} FROM {source} AS given{joins} ORDER BY {total_order(table)}) "
            f"TO {quote(str(path))} ({LAYOUT}, COMPRESSION zstd, ROW_GROUP_SIZE {ROW_GROUP})"
        ).fetchone()
    assert row is not None
    return int(row[0])


def _numbered(engine: Engine, table: Table, column: str, *, source: str) -> str:
    """A join that brings the number of a text among all texts of the column, in their order.

    To sort tens of millions of rows by a number takes about half of the work of sorting them by text.
    """
    numbers = _numbers(table, column)
    engine.execute(
        f"CREATE OR REPLACE TEMP TABLE {numbers} AS SELECT word, CAST(row_number() OVER (ORDER BY word) AS UINTEGER) "
        f'AS number FROM (SELECT DISTINCT "{column}" AS word FROM {source} WHERE "{column}" IS NOT NULL)'
    )
    return f' LEFT JOIN {numbers} ON {numbers}.word = given."{column}"'


def _numbers(table: Table, column: str) -> str:
    return f"_tmp_storage_{table.name}_{column}"


def _written(engine: Engine, table: Table, column: str, *, source: str) -> str:
    """The column as it is sorted and written: few words as an enumeration, in their order as text.

    Parquet keeps text in either case. The words are asked of the rows, so the same rows give the same.
    """
    words: list[str] = []
    if column in table.coded:
        found = engine.rows(
            f'SELECT DISTINCT "{column}" AS word FROM {source} WHERE "{column}" IS NOT NULL '
            f"ORDER BY word LIMIT {MOST_WORDS + 1}"
        )
        words = [word for (word,) in found]
    if not 0 < len(words) <= MOST_WORDS:
        return f'given."{column}"'
    listed = ", ".join(quote(word) for word in words)
    return f'CAST(given."{column}" AS ENUM({listed})) AS "{column}"'


def _quoted(table: Table) -> list[str]:
    return [f'"{name}"' for name in table.names]
