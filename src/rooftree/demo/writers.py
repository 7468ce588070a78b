"""Files as systems hand them over: CSV in old encodings, workbooks with titles above the header.

The same rows give the same bytes: no clock and no user name goes into a file.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import xlsxwriter

from rooftree.demo.draws import NO_DAY, Array

_MADE = dt.datetime(2020, 1, 1)  # noqa: DTZ001 (a workbook's property has no zone)


def day_texts(days: Array, form: str, *, none: str = "") -> Array:
    """Day numbers as texts; each different day is written once. `form` is a strftime pattern."""
    unique, inverse = np.unique(days, return_inverse=True)
    texts = np.empty(len(unique), dtype=object)
    epoch = dt.date(1970, 1, 1)
    texts[:] = [
        none if d == NO_DAY else (epoch + dt.timedelta(days=int(d))).strftime(form) for d in unique
    ]
    return texts[inverse]


def pounds(pence: Array, *, sign: str = "", thousands: bool = False) -> Array:
    """Pence as pounds with two decimals: 1234.50, or £1,234.50."""
    unique, inverse = np.unique(pence, return_inverse=True)
    form = "{:,.2f}" if thousands else "{:.2f}"
    texts = np.empty(len(unique), dtype=object)
    texts[:] = [("-" if p < 0 else "") + sign + form.format(abs(int(p)) / 100) for p in unique]
    return texts[inverse]


def write_csv(
    path: Path,
    columns: Mapping[str, Array],
    *,
    encoding: str = "utf-8",
    above: Sequence[str] = (),
    below: Sequence[str] = (),
    repeat_header_after: int | None = None,
) -> None:
    """Write text columns as CSV. `above` and `below` are whole lines around the table."""
    table = pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()})
    header = ",".join(columns) + "\n"
    parts = ["".join(line + "\n" for line in above), header]
    cut = table.num_rows if repeat_header_after is None else repeat_header_after
    parts.append(_csv_text(table.slice(0, cut)))
    if cut < table.num_rows:
        parts += [header, _csv_text(table.slice(cut))]
    parts.append("".join(line + "\n" for line in below))
    with path.open("wb") as file:
        for part in parts:
            if part:
                file.write(part.encode(encoding))
                encoding = "utf-8" if encoding == "utf-8-sig" else encoding


def _csv_text(table: pa.Table) -> str:
    sink = pa.BufferOutputStream()
    options = pa_csv.WriteOptions(include_header=False, quoting_style="needed")
    pa_csv.write_csv(table, sink, options)
    return sink.getvalue().to_pybytes().decode("utf-8")


def write_workbook(
    path: Path,
    sheets: Mapping[str, Mapping[str, Array]],
    *,
    titles: Sequence[str] = (),
    blank_rows: int = 0,
    total: Mapping[str, str] | None = None,
) -> None:
    """Write sheets of text and number columns; `titles` stand above the header, one per row."""
    book = xlsxwriter.Workbook(str(path), {"constant_memory": True})
    book.set_properties({"created": _MADE})
    for name, columns in sheets.items():
        sheet = book.add_worksheet(name)
        row = 0
        for title in titles:
            sheet.write_string(row, 0, title)
            row += 1
        for at, header in enumerate(columns):
            sheet.write_string(row, at, header)
        values = [column.tolist() for column in columns.values()]
        for record in zip(*values, strict=True):
            row += 1
            _write_row(sheet, row, record)
        if total:
            _write_row(sheet, row + 1 + blank_rows, tuple(total.get(h, "") for h in columns))
    book.close()


def _write_row(sheet: Any, row: int, record: tuple[Any, ...]) -> None:
    for at, value in enumerate(record):
        if isinstance(value, str):
            if value:
                sheet.write_string(row, at, value)
        elif value is not None:
            sheet.write_number(row, at, value)


def write_parquet(path: Path, columns: Mapping[str, Any]) -> None:
    """Write a table of the truth folder."""
    arrays = {name: pa.array(values) for name, values in columns.items()}
    pq.write_table(pa.table(arrays), path, compression="zstd")
