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
class StagedRow:
    """What one staged Parquet file holds of the row: the file's name without ending, and the values."""

    part: str
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Trace:
    """Where a value came from: a row of a file, counted from 1 at the first data row.

    `origins` has one entry unless the same file serves several extracts. `staged` holds what the row
    became, where the staged files were given: personal data, to be shown only to those who may see
    the record. A row that feeds several tables, or holds several objects, has several entries.
    """

    source_file: str
    source_row: int
    origins: tuple[Origin, ...]
    staged: tuple[StagedRow, ...] = ()


def trace(
    snapshot: Snapshot,
    source_file: str,
    source_row: int,
    *,
    staged: Path | None = None,
    row_column: str = "source_row",
) -> Trace:
    """Find the file and the row behind a value, from its lineage columns.

    `staged` is a staged Parquet file, or a folder of them (a file's own, or all), with the row's
    number in `row_column`; where they have a column `source_file`, it must be this one. NotFound when
    the snapshot has read no such file, or the staged files hold no such row.
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
        rows = _staged(engine, staged, source_file, source_row, row_column) if staged else ()
        if staged is not None and not rows:
            raise NotFound(
                f"The file {source_file} has no row {source_row} ({most} rows were read)."
            )
    return Trace(source_file, source_row, tuple(Origin(*row) for row in found), rows)


def _staged(
    engine: Engine, staged: Path, source_file: str, source_row: int, row_column: str
) -> tuple[StagedRow, ...]:
    files = sorted(staged.rglob("*.parquet")) if staged.is_dir() else [staged]
    if not files or not all(path.is_file() for path in files):
        raise NotFound(f"{staged}: the staged files are not there. Run again to make them anew.")
    found: list[StagedRow] = []
    for path in files:
        source = f"read_parquet({quote(str(path))}, hive_partitioning = false)"
        names = [row[0] for row in engine.rows(f"DESCRIBE SELECT * FROM {source}")]
        if row_column not in names:
            continue
        this: str = ""
        parameters: list[object] = [source_row]
        if "source_file" in names:
            this, parameters = " AND source_file = ?", [source_row, source_file]
        sql = f'SELECT * FROM {source} WHERE "{row_column}" = ?{this} ORDER BY ALL'
        for row in engine.rows(sql, parameters):
            found.append(StagedRow(path.stem, dict(zip(names, row, strict=True))))
    return tuple(found)
