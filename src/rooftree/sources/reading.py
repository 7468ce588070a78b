"""What reading a file gives: text in Parquet, the rows that could not be read, and an account of every line."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a hostile or broken file may ask of the machine."""

    line_bytes: int = 1 << 20  # the longest line; real extracts stay under 100 kB
    block_bytes: int = 8 << 20  # read at a time; also the longest record with quoted line breaks
    bad_share: float = 0.2  # of rows with the wrong number of columns, before reading stops
    bad_rows: int = 1000  # ... and at least so many of them
    unpacked_bytes: int = 4 << 30  # of a workbook
    unpacked_ratio: int = 200  # unpacked size to packed size of a workbook


@dataclass(frozen=True, slots=True)
class SourceColumn:
    """One column as found: its name in the header and where it is in the Parquet file."""

    name: str
    physical: str
    type: str = "VARCHAR"
    header: str = ""  # as it stood in the file, before it was renamed


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that is no record: its place, the rule it broke and its text."""

    row: int
    rule: str
    text: str


@dataclass(frozen=True, slots=True)
class LineAccount:
    """Every physical line of a text file, by what it was. `lines` is counted apart from the others."""

    lines: int
    header: int
    records: int
    bad: int
    continuation: int

    @property
    def holds(self) -> bool:
        """No line was lost and none was counted twice."""
        return self.lines == self.header + self.records + self.bad + self.continuation


@dataclass(frozen=True, slots=True)
class Note:
    """Something about the file that somebody should know: becomes a row of staging.issue."""

    rule: str
    message: str
    remedy: str
    field: str | None = None
    rows: int = 0
    severity: str = "warning"
    dimension: str = "drift"


@dataclass(frozen=True, slots=True)
class Reading:
    """One file, read: `path` is Parquet with the records, numbered by `row_sql`.

    `shape` is "columns" (each column of the extract is one of the Parquet file) or "json" (each
    record is one JSON text in the column `record`).
    """

    path: Path
    shape: str
    columns: tuple[SourceColumn, ...]
    records: int
    row_sql: str = "_row"
    bad: tuple[BadRow, ...] = ()
    skipped: int = 0  # lines passed over while reading (bulk index lines)
    encoding: str | None = None
    account: LineAccount | None = None
    notes: tuple[Note, ...] = field(default=())
    multiline: bool = False  # some field has a line break in it

    def column(self, name: str) -> SourceColumn | None:
        """The column of this name: exactly, or else without regard to case and outer blanks."""
        for column in self.columns:
            if column.name == name:
                return column
        plain = name.strip().casefold()
        return next((c for c in self.columns if c.name.casefold() == plain), None)
