"""From a table to codes: reading what Arrow can read, learning scales, coding one column.

A code is one byte. Missing values keep their place and get the code after the last.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from rooftree.segments.discovery.items import (
    DEFAULT_BANDS,
    EPOCH,
    MOST_CATEGORIES,
    MOST_DISCRETE,
    Item,
    Scale,
    plain,
)
from rooftree.vocabulary.errors import UserError

#: What to do with a code that no customer had when the model was fitted.
UNSEEN = ("error", "missing")


def as_arrow(table: Any, columns: Sequence[str]) -> pa.Table:
    """The named columns of a pandas or Polars frame, a DuckDB relation or an Arrow table.

    Raises UserError where it is no table or lacks a column.
    """
    if isinstance(table, pa.RecordBatch):
        table = pa.Table.from_batches([table])
    if not isinstance(table, pa.Table) and not hasattr(table, "__arrow_c_stream__"):
        raise UserError(
            "This is not a table that Arrow can read. Give a pandas or Polars frame, a DuckDB "
            "relation or a PyArrow table."
        )
    names = list(table.column_names if isinstance(table, pa.Table) else table.columns)
    lacking = [name for name in columns if name not in names]
    if lacking:
        raise UserError(
            f"The table has no column {', '.join(map(repr, lacking))}. It has: {', '.join(map(str, names))}."
        )
    if isinstance(table, pa.Table):
        return table.select(list(columns))
    # Only what is asked for: another column may be of a type that Arrow does not know.
    chosen = table[list(columns)] if hasattr(table, "iloc") else table
    return pa.table(chosen).select(list(columns))


def weights_of(table: pa.Table, weight: str) -> np.ndarray:
    """The column of weights, as 64-bit numbers. Raises UserError for empty, infinite, negative."""
    column = table[weight]
    if not _is_number(column.type):
        raise UserError(f"The weight {weight!r} is not a number. Give a column of numbers.")
    values = pc.fill_null(column.cast(pa.float64()), float("nan")).to_numpy()
    bad = np.flatnonzero(~np.isfinite(values) | (values < 0))
    if bad.size:
        raise UserError(
            f"The weight {weight!r} is empty, negative or infinite in {bad.size} rows, "
            f"the first at row {bad[0]}. Give each row a weight of 0 or more."
        )
    if not values.sum() > 0:
        raise UserError(f"The weights {weight!r} sum to 0, so nobody is left to group.")
    return values


def learn(column: pa.ChunkedArray, item: Item, weights: np.ndarray | None) -> Scale:
    """The scale of an item on this column. Raises UserError where it cannot be a scale."""
    common = {"ordered": item.ordered, "unknown": tuple(plain(v) for v in item.unknown)}
    blank = Scale(item.name, "category", label=item.label or item.name, **common)
    numeric, dated = _is_number(column.type), _is_date(column.type)
    if item.bands is not None and not (numeric or dated):
        raise UserError(
            f"Item {item.name!r} is {column.type}, so it has no bands. Leave them out, or turn the "
            "column into numbers or dates first."
        )
    if item.bands is None and not dated:
        scale = _categories(column, item, blank, numeric=numeric)
        if scale is not None:
            return scale
    kind = "date" if dated else "number"
    bands = DEFAULT_BANDS if item.bands is None else item.bands
    banded = replace(blank, kind=kind)
    if isinstance(bands, int):
        return replace(banded, edges=_quantiles(column, banded, bands, weights))
    edges = tuple(float(_days(edge) if isinstance(edge, dt.date) else edge) for edge in bands)
    if not edges or list(edges) != sorted(set(edges)) or len(edges) >= MOST_CATEGORIES:
        raise UserError(
            f"The bands of item {item.name!r} are not cut points that rise. Write, for example, "
            "[25, 65] for under 25, 25 to under 65, 65 and over."
        )
    return replace(banded, edges=edges)


def _categories(
    column: pa.ChunkedArray, item: Item, blank: Scale, *, numeric: bool
) -> Scale | None:
    """The codes that occur, in order; None for a number with too many to be categories."""
    if pa.types.is_nested(column.type) or pa.types.is_binary(column.type):
        raise UserError(f"Item {item.name!r} is {column.type}, which has no categories.")
    found = {plain(value) for value in _decoded(column).unique().to_pylist()}
    found -= {None, *blank.unknown}
    if item.categories is not None:
        declared = tuple(plain(value) for value in item.categories)
        strangers = sorted(str(value) for value in found - set(declared))
        if strangers:
            raise UserError(
                f"Item {item.name!r} has codes that are not among its categories: "
                f"{', '.join(strangers[:5])}. Add them, or name them as unknown."
            )
        return replace(blank, categories=declared)
    if numeric and len(found) > MOST_DISCRETE:
        return None
    if len(found) > MOST_CATEGORIES:
        raise UserError(
            f"Item {item.name!r} has {len(found)} different codes, and at most {MOST_CATEGORIES} "
            "can be told apart. Group them first; leave out references and free text."
        )
    return replace(blank, categories=tuple(sorted(found)))


def _quantiles(
    column: pa.ChunkedArray, scale: Scale, bands: int, weights: np.ndarray | None
) -> tuple[float, ...]:
    if not 2 <= bands <= MOST_CATEGORIES:
        raise UserError(f"Item {scale.name!r}: ask for 2 to {MOST_CATEGORIES} bands, not {bands}.")
    values = _numbers(column, scale)
    known = ~np.isnan(values)
    if not known.any():
        return ()
    return quantile_bands(values[known], bands, None if weights is None else weights[known])


def quantile_bands(
    values: np.ndarray, bands: int, weights: np.ndarray | None = None
) -> tuple[float, ...]:
    """Cut points that make at most so many bands of about equal weight.

    A value that many share is never cut in two, so there may be fewer bands. Each cut point is a
    value that occurs, and the first of its band.
    """
    at = np.arange(1, bands) / bands
    cuts = np.quantile(values, at, weights=weights, method="inverted_cdf")
    low = values.min()
    return tuple(float(cut) for cut in np.unique(cuts) if cut > low)


def encode(column: pa.ChunkedArray, scale: Scale, *, unseen: str = "error") -> np.ndarray:
    """The codes of a column, one byte each; `scale.size` where the value is not known.

    unseen: `error` names a code that the scale lacks, or that nobody had when the model was
    fitted; `missing` takes it for not known.
    """
    if unseen not in UNSEEN:
        raise UserError(f"unseen is one of {', '.join(UNSEEN)}; not {unseen!r}.")
    if scale.kind == "category":
        codes = _encode_categories(column, scale, unseen)
    else:
        values = _numbers(column, scale)
        codes = np.searchsorted(np.array(scale.edges), values, side="right").astype(np.uint8)
        codes[np.isnan(values)] = scale.size
    for code in scale.absent:
        there = codes == code
        if there.any():
            _refuse_or_not(scale, scale.name_of(code), unseen)
            codes[there] = scale.size
    return codes


def _encode_categories(column: pa.ChunkedArray, scale: Scale, unseen: str) -> np.ndarray:
    code_of = {value: code for code, value in enumerate(scale.categories)}
    code_of |= dict.fromkeys(scale.unknown, scale.size)
    out = np.empty(len(column), np.uint8)
    at = 0
    for chunk in column.chunks:
        if not pa.types.is_dictionary(chunk.type):
            chunk = chunk.dictionary_encode()
        values = [plain(value) for value in chunk.dictionary.to_pylist()]
        look = np.full(len(values) + 1, scale.size, np.uint8)  # the last: empty
        lost = [
            place for place, value in enumerate(values) if value is not None and value not in code_of
        ]  # fmt: skip
        for place, value in enumerate(values):
            if value is not None:
                look[place] = code_of.get(value, scale.size)
        indices = pc.fill_null(chunk.indices.cast(pa.int32()), len(values)).to_numpy()
        # A dictionary may list codes that no row uses; they are no reason to stop.
        used = np.bincount(indices, minlength=len(values) + 1) if lost else ()
        for place in lost:
            if used[place]:
                _refuse_or_not(scale, str(values[place]), unseen)
        np.take(look, indices, out=out[at : at + len(chunk)], mode="clip")
        at += len(chunk)
    return out


def _refuse_or_not(scale: Scale, code: str, unseen: str) -> None:
    if unseen == "error":
        raise UserError(
            f"Item {scale.name!r} has the code {code!r}, which nobody had when the model was "
            "fitted. Map it to a known code, or pass unseen='missing' to take it for not known."
        )


def _numbers(column: pa.ChunkedArray, scale: Scale) -> np.ndarray:
    """Numbers as they are and dates as days since 1970; NaN where not known."""
    if (scale.kind == "date") != _is_date(column.type) or not (
        _is_date(column.type) or _is_number(column.type)
    ):
        raise UserError(
            f"Item {scale.name!r} is {column.type}, and the model takes it for a {scale.kind}. "
            "Turn the column into that first."
        )
    if scale.kind == "date":
        column = column.cast(pa.date32(), safe=False).cast(pa.int32())
    values = pc.fill_null(column.cast(pa.float64(), safe=False), float("nan")).to_numpy()
    unknown = [_days(value) if scale.kind == "date" else value for value in scale.unknown]
    if unknown:
        values = np.where(np.isin(values, unknown), np.nan, values)
    return values


def _days(value: Any) -> int:
    if isinstance(value, str):
        value = dt.date.fromisoformat(value[:10])
    return value.toordinal() - EPOCH.toordinal()


def _decoded(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column


def _is_number(kind: pa.DataType) -> bool:
    return pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)


def _is_date(kind: pa.DataType) -> bool:
    return pa.types.is_date(kind) or pa.types.is_timestamp(kind)
