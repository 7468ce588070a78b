"""Parquet: read where it lies, with the types it has."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from rooftree.sources.model import Extract
from rooftree.sources.reading import Limits, Reading, SourceColumn
from rooftree.vocabulary.errors import DataError, Problem
from rooftree.vocabulary.progress import Step

_TAKEN = ("_row", "_part", "file_row_number")


def read_parquet(
    path: Path, out: Path, *, extract: Extract, limits: Limits, step: Step | None = None
) -> Reading:
    """Look at a Parquet file; its rows are numbered from 1 in file order and are not copied.

    Raises DataError where the file is cut short or is no Parquet.
    """
    try:
        file = pq.ParquetFile(path)
    except (pa.ArrowInvalid, pa.ArrowIOError) as error:
        empty = not path.stat().st_size
        what = "the file is empty." if empty else "the file is cut short or is no Parquet."
        raise DataError([Problem(path.name, what, "Ask for the extract again.")]) from error
    with file:
        schema = file.schema_arrow
        records = file.metadata.num_rows
    _check_names(schema.names, path.name)
    if step is not None:
        step.advance(path.stat().st_size)
    columns = tuple(
        SourceColumn(extract.renamed.get(f.name, f.name), f.name, _type(f.type), f.name)
        for f in schema
    )
    return Reading(
        path=path,
        shape="columns",
        columns=columns,
        records=records,
        row_sql="(file_row_number + 1)",
    )


def _check_names(names: list[str], where: str) -> None:
    """Refuse names that could be taken for one another, or for what the engine adds to a row."""
    if len({name.casefold() for name in names}) < len(names):
        what = "two columns have one name, but for small and capital letters."
        raise DataError([Problem(where, what, "Give each column its own name.")])
    odd = [
        name
        for name in names
        if name.casefold() in _TAKEN or not name or '"' in name or "\0" in name
    ]
    if odd:
        what = f"{len(odd)} columns cannot be read by their names: {', '.join(map(repr, odd[:5]))}."
        raise DataError([Problem(where, what, "Give them other names in the export.")])


def _type(found: pa.DataType) -> str:
    """The engine's name of a type, as far as typing a column needs to know it."""
    if pa.types.is_dictionary(found):
        found = found.value_type
    tests = (
        (pa.types.is_string, "VARCHAR"), (pa.types.is_large_string, "VARCHAR"), (pa.types.is_boolean, "BOOLEAN"),
        (pa.types.is_date, "DATE"), (pa.types.is_timestamp, "TIMESTAMP"), (pa.types.is_floating, "DOUBLE"),
        (pa.types.is_integer, "BIGINT"),
    )  # fmt: skip
    for test, name in tests:
        if test(found):
            return name
    if pa.types.is_decimal(found):
        return f"DECIMAL({found.precision},{found.scale})"
    return "OTHER"
