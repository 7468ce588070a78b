"""One file as a plain table, through the same reading as every extract: for commands that need no workspace."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute
import pyarrow.parquet as pq

from rooftree.sources.model import Extract
from rooftree.sources.read import read_file
from rooftree.survey import definitions as survey
from rooftree.survey.regulator import RegulatorFile, read_regulator
from rooftree.vocabulary.errors import DataError, NotFound, Problem, UserError
from rooftree.vocabulary.progress import NoProgress

pc: Any = pyarrow.compute  # its functions are made when it is imported: no type checker sees them

#: The ending of a file, and the format that it means.
FORMATS: Mapping[str, str] = {
    ".csv": "csv", ".txt": "csv", ".tsv": "csv", ".xlsx": "excel", ".xls": "excel", ".xlsm": "excel",
    ".parquet": "parquet",
}  # fmt: skip


def read_plain(
    path: Path,
    *,
    sheet: str | None = None,
    header_row: int = 1,
    encoding: str = "utf-8",
    numbers: bool = True,
) -> pa.Table:
    """The rows of a CSV, Excel or Parquet file under the names of their header.

    Blank cells are null. With `numbers`, a column of which every value is a number without leading
    zeros becomes one; everything else stays text. Raises NotFound for a file that is not there, and
    DataError for one that cannot be read or has rows that are none.
    """
    if not path.is_file():
        raise NotFound(f"There is no file {path}.")
    kind = FORMATS.get(path.suffix.lower())
    if kind is None:
        raise UserError(
            f"{path.name} is no file that this command reads. Use csv, xlsx or parquet."
        )
    extract = Extract(
        system="", kind="", key=path.stem, format=kind, sheet=sheet, header_row=header_row,
        encoding=encoding, delimiter="\t" if path.suffix.lower() == ".tsv" else ",",
    )  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        read = read_file(
            path, Path(folder) / "rows.parquet", extract=extract, progress=NoProgress()
        )
        if read.bad:
            rows = ", ".join(str(bad.row) for bad in read.bad[:5])
            what = f"{len(read.bad):,} rows cannot be read (rows {rows})."
            raise DataError([Problem(path.name, what, "Correct them in the file.")])
        table = pq.read_table(read.path, columns=[c.physical for c in read.columns])
    table = table.rename_columns([column.name for column in read.columns])
    return _typed(table, numbers=numbers)


def _typed(table: pa.Table, *, numbers: bool) -> pa.Table:
    columns = []
    for column in table.columns:
        if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
            trimmed = pc.utf8_trim_whitespace(column)
            column = pc.if_else(pc.equal(trimmed, ""), None, trimmed)
            column = _number(column) if numbers else column
        columns.append(column)
    return pa.table(columns, names=table.column_names)


def _number(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """The column as numbers where all its values are; codes such as 007 are not."""
    known = column.drop_null()
    if len(known) and pc.all(pc.match_substring_regex(known, r"^-?(0|[1-9]\d*)(\.\d+)?$")).as_py():
        return column.cast(pa.float64())
    return column


def read_tsm(
    path: Path, *, own: Path | None = None, layout: str = "tsm_2024"
) -> dict[str, RegulatorFile]:
    """The Regulator's workbook of Tenant Satisfaction Measures, by population (lcra, lcho, combined)."""
    layouts = survey.load(own).layouts
    if layout not in layouts:
        raise UserError(f"There is no layout {layout!r}. Use one of: {', '.join(layouts)}.")
    found = layouts[layout]
    return {
        population: read_regulator(
            read_plain(path, sheet=sheet, header_row=found.header_row, numbers=False),
            population=population,
            layout=found,
        )
        for population, sheet in found.sheets.items()
    }
