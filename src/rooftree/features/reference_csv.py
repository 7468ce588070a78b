"""Reads the wanted columns of a published CSV file as text, as carefully as an extract is read.

Nobody writes a definition for these files, so the encoding is told from the bytes: a byte order mark,
else UTF-8 where every byte fits it, else Windows-1252. Only the wanted columns are converted, in a
stream, so that a postcode directory of the whole country takes seconds and little memory.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as arrow_csv

from rooftree.sources.reading import Limits
from rooftree.sources.text_stream import TextStream
from rooftree.storage.engine import Engine
from rooftree.vocabulary.errors import DataError, Problem

_CHUNK = 4 << 20
_LIMITS = Limits()
_AGAIN = "Download the file again; put it into reference/ as it was published."


def detect_encoding(path: Path) -> str:
    """utf-8, utf-16 or cp1252, from the bytes. UTF-8 that is cut off in the middle of a letter is no UTF-8."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        start = file.read(4)
        if start[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) or b"\0" in start:
            return "utf-16"
        file.seek(0)
        try:
            while chunk := file.read(_CHUNK):
                if not chunk.isascii() or decoder.getstate()[0]:
                    decoder.decode(chunk)
            decoder.decode(b"", True)
        except UnicodeDecodeError:
            return "cp1252"
    return "utf-8"


def header_of(path: Path) -> list[str]:
    """The names in the first line. Raises DataError where there is none or it cannot be read."""
    try:
        with _stream(path) as stream:
            return _header(stream)[0]
    except DataError as error:
        raise DataError(in_their_own_words(error)) from None


def load_columns(engine: Engine, path: Path, *, wanted: list[str], table: str) -> None:
    """Leave these columns of the file in the engine under the name `table`, as text.

    Raises DataError naming the file and the row where a row has another number of fields than the
    header, or the text is in no encoding that can be told.
    """
    with _stream(path) as stream:
        names, lines = _header(stream)
        stream.take_lines(lines)
        physical = _columns(names, stream)
        chosen = {name: physical[names.index(name)] for name in wanted}
        failed: list[DataError] = []  # the engine would hide what is raised while it reads
        reader = pa.RecordBatchReader.from_batches(
            pa.schema([(name, pa.string()) for name in chosen]),
            _kept(_batches(stream, physical, chosen), failed),
        )
        engine.con.register("_reference_rows", reader)
        try:
            engine.execute(f"CREATE OR REPLACE TEMP TABLE {table} AS SELECT * FROM _reference_rows")
        finally:
            engine.con.unregister("_reference_rows")
        if failed:
            raise DataError(in_their_own_words(failed[0]))


def _kept(batches: Iterator[pa.RecordBatch], failed: list[DataError]) -> Iterator[pa.RecordBatch]:
    try:
        yield from batches
    except DataError as error:
        failed.append(error)


def _stream(path: Path) -> TextStream:
    return TextStream(path, encoding=detect_encoding(path), limits=_LIMITS)


def _header(stream: TextStream) -> tuple[list[str], int]:
    """The cells of the first line without blank ones at its end, and how many physical lines it takes."""
    start = stream.peek(_LIMITS.block_bytes).decode("utf-8", "ignore")
    reader = csv.reader(io.StringIO(start, newline=""))
    try:
        cells = next(reader, [])
    except csv.Error as error:
        raise _problem(stream, f"the header cannot be read: {error}.") from None
    while cells and not cells[-1].strip():
        cells.pop()
    if not cells:
        raise _problem(stream, "the file is empty.")
    return cells, reader.line_num


def _columns(names: list[str], stream: TextStream) -> list[str]:
    """A plain name for each field of a row. Some published files end every row with a comma, and no header."""
    start = stream.peek(_LIMITS.line_bytes).decode("utf-8", "ignore")
    first = next(csv.reader(io.StringIO(start, newline="")), [])
    more = max(len(first) - len(names), 0)
    if any(cell.strip() for cell in first[len(names) :]):
        more = 0  # fields without a name: the parser will say so, with the row
    return [f"c{n}" for n in range(len(names) + more)]


def _batches(
    stream: TextStream, names: list[str], chosen: dict[str, str]
) -> Iterator[pa.RecordBatch]:
    failed: list[str] = []
    schema = pa.schema([(name, pa.string()) for name in chosen])
    columns = list(chosen.values())

    def bad(row: arrow_csv.InvalidRow) -> str:
        failed.append(
            f"in row {row.number} a quotation mark has no partner."
            if row.text.count('"') % 2
            else f"row {row.number} has {row.actual_columns} fields, and the header has {row.expected_columns}."
        )
        return "error"

    if not stream.peek(1):
        return
    try:
        with arrow_csv.open_csv(
            stream,
            read_options=arrow_csv.ReadOptions(
                use_threads=False, block_size=_LIMITS.block_bytes, column_names=names
            ),
            parse_options=arrow_csv.ParseOptions(newlines_in_values=True, invalid_row_handler=bad),
            convert_options=arrow_csv.ConvertOptions(
                include_columns=columns,
                column_types=dict.fromkeys(columns, pa.string()),
                strings_can_be_null=False,
            ),
        ) as reader:
            for batch in reader:
                yield pa.record_batch(batch.columns, schema=schema)
    except pa.ArrowInvalid:
        what = (
            failed[0] if failed else "a quotation mark has no partner, so that a row does not end."
        )
        raise _problem(stream, what) from None
    if stream.has_nul:
        raise _problem(stream, "the file has NUL bytes.")


def _problem(stream: TextStream, what: str) -> DataError:
    return DataError([Problem(stream.name, what, _AGAIN)])


def in_their_own_words(error: DataError) -> list[Problem]:
    """Problems of the text stream without advice on a source definition, which these files have not."""
    return [
        Problem(problem.where, "it is in no encoding that can be told.", "Save it as UTF-8.")
        if "encoding" in problem.remedy
        else problem
        for problem in error.problems
    ]
