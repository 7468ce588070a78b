"""Delimited text: every field as text, every line accounted for, nothing guessed."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute
import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq

from rooftree.sources.header import named_columns
from rooftree.sources.model import Extract
from rooftree.sources.reading import BadRow, Limits, LineAccount, Note, Reading, SourceColumn
from rooftree.sources.text_stream import TextStream
from rooftree.vocabulary.errors import DataError, Problem
from rooftree.vocabulary.progress import Step

pc: Any = pyarrow.compute  # its functions are made when it is imported: no type checker sees them


def read_csv(
    path: Path, out: Path, *, extract: Extract, limits: Limits, step: Step | None = None
) -> Reading:
    """Read a delimited file into Parquet of text.

    Rows are numbered as records after the header, blank ones included, the first being 1. A row
    with another number of fields than the header becomes a BadRow; so does every line that a
    quotation mark without a partner has swallowed.
    """
    with TextStream(path, encoding=extract.encoding, limits=limits, step=step) as stream:
        header, header_lines = _header(stream, extract, limits)
        columns, notes = named_columns(header, renamed=extract.renamed, where=path.name)
        stream.take_lines(header_lines)
        bad = _BadRows(path.name, limits)
        records, breaks = _copy(stream, out, columns, extract, limits, bad)
        swallowed = 0
        multiline = stream.lines != header_lines + records + len(bad.rows)
        account = LineAccount(
            lines=stream.lines,
            header=header_lines,
            records=records,
            bad=len(bad.rows),
            continuation=breaks + bad.line_breaks + swallowed,
        )
        if stream.has_nul:
            notes = (*notes, _NUL)
        return Reading(
            path=out,
            shape="columns",
            columns=columns,
            records=records,
            bad=tuple(bad.rows),
            encoding=stream.encoding,
            account=account,
            notes=notes,
            multiline=multiline,
        )


_NUL = Note(
    "nul_bytes",
    "The file has NUL bytes: rows with one are rejected.",
    "Export the file again; a NUL is a sign of a broken transfer.",
    severity="error",
    dimension="validity",
)


class _BadRows:
    """Collects what the parser cannot take, and stops where it is the file that is wrong, not rows."""

    def __init__(self, name: str, limits: Limits) -> None:
        self.rows: list[BadRow] = []
        self.numbers: list[int] = []
        self.line_breaks = 0
        self.failure: Problem | None = None
        self._name = name
        self._limits = limits

    def __call__(self, row: arrow_csv.InvalidRow) -> str:
        self.numbers.append(row.number)
        text = row.text
        breaks = text.count("\n") + text.count("\r") - text.count("\r\n")
        self.line_breaks += breaks
        rule = "unbalanced_quote" if breaks else "wrong_number_of_fields"
        self.rows.append(BadRow(row.number, rule, text))
        many = len(self.rows)
        if many >= self._limits.bad_rows and many > self._limits.bad_share * row.number:
            # an exception would be swallowed by the parser, so it is kept and raised when the parser stops
            self.failure = Problem(
                self._name,
                f"{many:,} of the first {row.number:,} rows have not {row.expected_columns} fields.",
                "Check delimiter and header_row in the source definition.",
            )
            return "error"
        return "skip"


def _header(stream: TextStream, extract: Extract, limits: Limits) -> tuple[list[str], int]:
    """The header's cells, and how many physical lines end with it."""
    start = stream.peek(limits.block_bytes).decode("utf-8", "ignore")
    where = stream.name
    if not start.strip("\r\n \t,;|\0"):
        raise DataError(
            [Problem(where, "the file is empty.", "Ask for the extract again, or remove the file.")]
        )
    reader = csv.reader(io.StringIO(start, newline=""), delimiter=extract.delimiter)
    cells: list[str] = []
    try:
        for _ in range(extract.header_row):
            cells = next(reader)
    except StopIteration:
        raise DataError(
            [
                Problem(
                    where,
                    f"the header is said to be in row {extract.header_row}, and the file has fewer rows.",
                    "Correct header_row, or ask for the extract again.",
                )
            ]
        ) from None
    except csv.Error as error:
        raise DataError(
            [
                Problem(
                    where, f"the header cannot be read: {error}.", "Check delimiter and encoding."
                )
            ]
        ) from None
    if any("\0" in cell for cell in cells):
        what = "the header holds NUL bytes."
        raise DataError([Problem(where, what, "Check the encoding, or export the file again.")])
    if len(cells) == 1:
        other = next((d for d in ";\t|," if d != extract.delimiter and d in cells[0]), None)
        if other is not None:
            raise DataError(
                [
                    Problem(
                        where,
                        f"the header has one column only, with {other!r} in it.",
                        f"Set delimiter = {'tab' if other == chr(9) else other!r} in the source definition.",
                    )
                ]
            )
    return cells, reader.line_num


def _copy(
    stream: TextStream,
    out: Path,
    columns: tuple[SourceColumn, ...],
    extract: Extract,
    limits: Limits,
    bad: _BadRows,
) -> tuple[int, int]:
    """Parse the rest of the stream into Parquet; returns records and line breaks within fields."""
    schema = pa.schema([("_row", pa.int64()), *((c.physical, pa.string()) for c in columns)])
    records = breaks = 0
    number = _Numbers(bad.numbers)
    with pq.ParquetWriter(out, schema, compression="lz4") as writer:
        for batch in _batches(stream, columns, extract, limits, bad):
            rows = number.next(batch.num_rows)
            # only where the stream has more lines than records can a field hold a line break
            if stream.lines > records + batch.num_rows:
                breaks += sum(_line_breaks(column) for column in batch.columns)
            records += batch.num_rows
            writer.write_batch(pa.record_batch([_int64(rows), *batch.columns], schema=schema))
    return records, breaks


def _batches(
    stream: TextStream,
    columns: tuple[SourceColumn, ...],
    extract: Extract,
    limits: Limits,
    bad: _BadRows,
) -> Iterator[pa.RecordBatch]:
    if not stream.peek(1):
        return
    names = [column.physical for column in columns]
    try:
        with arrow_csv.open_csv(
            stream,
            read_options=arrow_csv.ReadOptions(
                use_threads=False, block_size=limits.block_bytes, column_names=names
            ),
            parse_options=arrow_csv.ParseOptions(
                delimiter=extract.delimiter,
                newlines_in_values=True,
                ignore_empty_lines=False,
                invalid_row_handler=bad,
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
            ),
        ) as reader:
            yield from reader
    except pa.ArrowInvalid as error:
        raise DataError([bad.failure or _parser_problem(stream.name, str(error))]) from None


def _parser_problem(name: str, message: str) -> Problem:
    """What the parser's message means; the message itself may quote a row, so it is never shown."""
    if "straddling" in message or "out of sync" in message:
        return Problem(
            name,
            "a quotation mark has no partner, so that a record does not end.",
            "Find the row with an odd number of quotation marks and mend it.",
        )
    return Problem(name, "the file cannot be parsed as delimited text.", "Export it again.")


class _Numbers:
    """Numbers of the good rows: all numbers in turn, but those of bad rows."""

    def __init__(self, bad: list[int]) -> None:
        self._bad = bad
        self._last = 0
        self._passed = 0  # bad rows already behind

    def next(self, count: int) -> np.ndarray:
        """The numbers of the next so many good rows."""
        found: list[np.ndarray] = []
        while count:
            stop = self._bad[self._passed] if self._passed < len(self._bad) else None
            room = count if stop is None else min(count, stop - self._last - 1)
            found.append(np.arange(self._last + 1, self._last + 1 + room, dtype=np.int64))
            self._last += room
            count -= room
            if count and stop is not None:
                self._last = stop
                self._passed += 1
        return np.concatenate(found) if found else np.empty(0, dtype=np.int64)


def _int64(numbers: np.ndarray) -> pa.Array:
    """The numbers as they lie in memory: handed over as an array, they would make Arrow load pandas."""
    return pa.Array.from_buffers(pa.int64(), len(numbers), [None, pa.py_buffer(numbers)])


def _line_breaks(column: pa.Array) -> int:
    """Line breaks within the fields of one column, `\\r\\n` counting once."""
    one = pc.sum(pc.count_substring(column, "\n")).as_py() or 0
    returns = pc.sum(pc.count_substring(column, "\r")).as_py() or 0
    return (
        one + returns - (pc.sum(pc.count_substring(column, "\r\n")).as_py() or 0 if returns else 0)
    )
