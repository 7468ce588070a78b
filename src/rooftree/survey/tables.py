"""Plain tables in: anything Arrow can read, its columns as categories or as numbers, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from rooftree.catalogue.fields import did_you_mean
from rooftree.vocabulary.errors import DataError, Problem

#: How many rows or categories a message names before it says how many more there are.
SHOWN = 5

#: A column with more strange values than this is no coded field but text: none of it is quoted.
CODES_AT_MOST = 20


@dataclass(frozen=True, slots=True)
class Coded:
    """A column, or several together, as categories: `codes` is a place in `levels`, -1 where a value is unknown."""

    fields: tuple[str, ...]
    codes: np.ndarray
    levels: tuple[tuple[str, ...], ...]

    @property
    def name(self) -> str:
        """The fields as a message says them: `sex`, or `sex × age`."""
        return " × ".join(self.fields)


def as_table(data: Any) -> pa.Table:
    """An Arrow table from whatever can give one: PyArrow, pandas, Polars, DuckDB, lists of rows, columns by name."""
    if isinstance(data, pa.Table):
        return data
    if isinstance(data, list):  # of mappings, which need not all have the same keys
        names = list(dict.fromkeys(name for row in data for name in row))
        return pa.table({name: [row.get(name) for row in data] for name in names})
    if hasattr(data, "to_arrow_table"):
        return data.to_arrow_table()
    return pa.table(data)


def check_columns(table: pa.Table, names: Sequence[str], *, where: str) -> None:
    """Refuse columns that the table does not have, all at once."""
    missing = [name for name in dict.fromkeys(names) if name not in table.column_names]
    if missing:
        raise DataError(
            [
                Problem(
                    f"{where}: {name}",
                    "is no column of the table.",
                    did_you_mean(name, table.column_names),
                )
                for name in missing
            ]
        )


def coded(table: pa.Table, fields: str | Sequence[str], *, where: str) -> Coded:
    """The categories of one column, or of every combination of several. Values are compared as text."""
    names = (fields,) if isinstance(fields, str) else tuple(fields)
    check_columns(table, names, where=where)
    codes, levels = _one(table, names[0])
    combined = tuple((level,) for level in levels)
    for name in names[1:]:
        more, levels = _one(table, name)
        unknown = (codes < 0) | (more < 0)
        codes = np.where(unknown, -1, codes * len(levels) + more)
        combined = tuple((*left, right) for left in combined for right in levels)
    return Coded(names, codes, combined)


def _one(table: pa.Table, name: str) -> tuple[np.ndarray, tuple[str, ...]]:
    chunks = table.column(name)
    if pa.types.is_dictionary(chunks.type):  # each piece may number its words in its own way
        chunks = chunks.unify_dictionaries()
    elif pa.types.is_string_view(chunks.type):
        chunks = chunks.cast(pa.large_string())
    column = chunks.combine_chunks()
    if pa.types.is_floating(column.type):  # 1.0 as 1, so that codes that came as numbers are found
        values = column.drop_null().to_numpy()
        column = column.cast(pa.int64()) if (values == np.floor(values)).all() else column
    encoded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
    places = encoded.indices.fill_null(-1) if encoded.null_count else encoded.indices
    codes = places.to_numpy(zero_copy_only=False).astype(np.int64)
    return codes, tuple(str(value) for value in encoded.dictionary.to_pylist())


def numbers(table: pa.Table, name: str, *, where: str) -> np.ndarray:
    """A column as numbers; not a number where it is null. Raises DataError for text and dates."""
    check_columns(table, [name], where=where)
    column = table.column(name)
    numeric = (pa.types.is_integer, pa.types.is_floating, pa.types.is_boolean, pa.types.is_decimal)
    if not any(is_type(column.type) for is_type in (*numeric, pa.types.is_null)):
        raise DataError(
            [
                Problem(
                    f"{where}: {name}",
                    f"holds {column.type}, not numbers.",
                    "Turn it into numbers, or ask for the share of each of its categories.",
                )
            ]
        )
    if pa.types.is_boolean(column.type):
        column = column.cast(pa.int8())
    return column.cast(pa.float64()).to_numpy()


def base_weights(table: pa.Table, weight: str | None, *, where: str) -> np.ndarray:
    """The design weights, or ones. Raises DataError for a row whose weight is unknown, negative or endless."""
    if weight is None:
        return np.ones(table.num_rows)
    values = numbers(table, weight, where=where)
    wrong = ~np.isfinite(values) | (values < 0)
    if wrong.any():
        what = f"{rows_in_words(wrong)} no weight, a negative or an endless one."
        remedy = "Give each row its design weight, the number of households it was drawn for."
        raise DataError([Problem(f"{where}: {weight}", what, remedy)])
    if not values.sum() > 0:
        what = "no row has a weight above 0."
        raise DataError([Problem(f"{where}: {weight}", what, "Check that it is the right column.")])
    return values


def rows_in_words(chosen: np.ndarray) -> str:
    """Which rows, counted from 1: `rows 3, 7 and 12 more have`."""
    places = np.flatnonzero(chosen) + 1
    shown = ", ".join(f"{place:,}" for place in places[:SHOWN])
    if len(places) == 1:
        return f"row {shown} has"
    more = f" and {len(places) - SHOWN:,} more" if len(places) > SHOWN else ""
    return f"rows {shown}{more} have"


def with_column(table: pa.Table, name: str, values: np.ndarray) -> pa.Table:
    """The table with a column of numbers added, or replaced where it has one of this name."""
    array = pa.array(values, pa.float64())
    if name in table.column_names:
        return table.set_column(table.column_names.index(name), name, array)
    return table.append_column(name, array)


def long_targets(data: Any, *, where: str = "margins") -> dict[str, dict[str, float]]:
    """Margins from a table of `field`, `category` and `target`, as a file holds them.

    A field such as `sex × age` or `sex*age` is a joint margin: its categories are written with the
    same sign between them.
    """
    table = as_table(data)
    check_columns(table, ["field", "category", "target"], where=where)
    targets = numbers(table, "target", where=where)
    found: dict[str, dict[str, float]] = {}
    problems: list[Problem] = []
    words = coded(table, "category", where=where)  # numbers that are codes as text, 1 and not 1.0
    categories = [words.levels[code][0] if code >= 0 else None for code in words.codes]
    rows = zip(table["field"].to_pylist(), categories, targets, strict=True)
    for row, (field, category, target) in enumerate(rows, 1):
        of_field = found.setdefault(str(field), {})
        if field is None or category is None or not np.isfinite(target):
            what = "a field, a category or a target is missing."
            problems.append(Problem(f"{where}: row {row}", what, "Fill in all three."))
        elif category in of_field:
            what = f"category {category!r} of {field} stands twice."
            problems.append(Problem(f"{where}: row {row}", what, "Keep one of the two rows."))
        else:
            of_field[category] = float(target)
    if problems:
        raise DataError(problems)
    return found


def mapping_rows(mapping: Mapping[str, Sequence[Any]]) -> pa.Table:
    """A small result as an Arrow table, its types as its values are."""
    return pa.table({name: list(values) for name, values in mapping.items()})
