"""From a value back to the row it came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rooftree.storage.engine import Engine, quote
from rooftree.storage.snapshot import Snapshot
from rooftree.vocabulary.errors import NotFound

FILES = "staging.file"


@dataclass(frozen=True, slots=True)
class Origin:
    """One extract that a file was read as: its name, the system, and the bytes' hash."""

    system: str
    extract: str
    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Trace:
    """Where a value came from: a row of a file, counted from 1 at the first data row.

    `origins` has one entry unless the same file serves several extracts. `raw` holds the row as it
    was read, header to text, where the staged text was given: it is personal data and is shown to
    those only who may see the record. Several objects unnested from one row are several `raw`s.
    """

    source_file: str
    source_row: int
    origins: tuple[Origin, ...]
    raw: tuple[Mapping[str, Any], ...] = ()


def trace(
    snapshot: Snapshot,
    source_file: str,
    source_row: int,
    *,
    staged: Path | None = None,
    row_column: str = "source_row",
) -> Trace:
    """Find the file and the row behind a value, from its lineage columns.

    `staged` is the Parquet that the file's text became (a file, or a folder of them), with the row's
    number in `row_column`. NotFound when the snapshot has read no such file, or the file no such row.
    """
    with Engine(memory_limit="512MB", threads=1) as engine:
        snapshot.attach(engine, tables=[FILES])
        found = engine.rows(
            f"SELECT system, extract, name, sha256 FROM {FILES} WHERE source_file = ? ORDER BY ALL",
            [source_file],
        )
        if not found:
            raise NotFound(f"The snapshot {snapshot.id} has read no file {source_file}.")
        most = engine.value(
            f"SELECT max(rows_read) FROM {FILES} WHERE source_file = ?", [source_file]
        )
        if staged is None and not source_row >= 1:
            raise NotFound(f"The rows of a file are counted from 1; {source_row} is none.")
        raw = _raw(engine, staged, source_row, row_column) if staged is not None else ()
        if staged is not None and not raw:
            raise NotFound(
                f"The file {source_file} has no row {source_row} ({most} rows were read)."
            )
    return Trace(source_file, source_row, tuple(Origin(*row) for row in found), raw)


def _raw(
    engine: Engine, staged: Path, source_row: int, row_column: str
) -> tuple[Mapping[str, Any], ...]:
    files = sorted(staged.rglob("*.parquet")) if staged.is_dir() else [staged]
    if not all(path.is_file() for path in files) or not files:
        raise NotFound(f"{staged}: the staged text is not there. Run again to make it anew.")
    listed = ", ".join(quote(str(path)) for path in files)
    result = engine.execute(
        f"SELECT * FROM read_parquet([{listed}], hive_partitioning = false) "
        f'WHERE "{row_column}" = ?',
        [source_row],
    )
    names = [column[0] for column in result.description or []]
    return tuple(
        {n: v for n, v in zip(names, row, strict=True) if n != row_column}
        for row in result.fetchall()
    )
