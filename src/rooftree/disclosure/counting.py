"""From any table to counted cells: how many people, how much money, whose are the largest parts.

Microdata (one row per person) are counted here; a table that is counted already is read as it is.
Cells are leaves only; margins are summed later, so they can never disagree with their cells.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from rooftree.disclosure.cube import TOTAL
from rooftree.vocabulary.errors import DataError, Problem

#: The label of a null in a dimension. A null is counted, never dropped.
NOT_KNOWN = "Not known"
_WHERE = "disclosure.protect"


@dataclass(frozen=True, slots=True)
class Counted:
    """Leaf cells: one array axis per dimension, in the order of `labels`.

    `n` people or records; `amount` money or another sum, where asked for; `largest` the largest
    contributions to it, largest first along the first axis; `people` a keyed number that depends only
    on who is counted (0 where nobody is, or ids were not given); `sums` the sums of other columns.
    """

    names: tuple[str, ...]
    labels: tuple[tuple[str, ...], ...]
    n: np.ndarray
    amount: np.ndarray | None = None
    largest: np.ndarray | None = None
    people: np.ndarray | None = None
    sums: Mapping[str, np.ndarray] | None = None

    def merged(self, axis: int, into: Mapping[str, str]) -> Counted:
        """The same cells with the labels of one dimension replaced, and those of one new label added up."""
        old = self.labels[axis]
        new = tuple(dict.fromkeys(into.get(label, label) for label in old))
        if new == old:
            return self
        groups = [
            [place for place, label in enumerate(old) if into.get(label, label) == name]
            for name in new
        ]

        def add(cells: np.ndarray) -> np.ndarray:
            return np.stack([cells.take(g, axis=axis).sum(axis=axis) for g in groups], axis=axis)

        def top(cells: np.ndarray) -> np.ndarray:
            return np.stack(
                [_largest(cells.take(g, axis=axis + 1), axis + 1) for g in groups], axis=axis + 1
            )

        def cross(cells: np.ndarray) -> np.ndarray:
            found = [np.bitwise_xor.reduce(cells.take(g, axis=axis), axis=axis) for g in groups]
            return np.stack(found, axis=axis)

        return replace(
            self,
            labels=(*self.labels[:axis], new, *self.labels[axis + 1 :]),
            n=add(self.n),
            amount=None if self.amount is None else add(self.amount),
            largest=None if self.largest is None else top(self.largest),
            people=None if self.people is None else cross(self.people),
            sums=None if self.sums is None else {k: add(v) for k, v in self.sums.items()},
        )


def _largest(cells: np.ndarray, axis: int) -> np.ndarray:
    """The largest contributions of several cells put together, from those of each."""
    kept = cells.shape[0]
    moved = np.moveaxis(cells, axis, 1)
    flat = moved.reshape(-1, *moved.shape[2:])
    return -np.sort(-flat, axis=0)[:kept]


def as_arrow(table: Any) -> pa.Table:
    """Any table Arrow can read: pyarrow, pandas, Polars, a DuckDB relation, a list of mappings."""
    if isinstance(table, pa.Table):
        return table
    if isinstance(table, list):  # of mappings, which need not all have the same keys
        names = list(dict.fromkeys(name for row in table for name in row))
        return pa.table({name: [row.get(name) for row in table] for name in names})
    if hasattr(table, "to_arrow_table"):
        return table.to_arrow_table()
    return pa.table(table)


def count(
    table: Any,
    *,
    by: Sequence[str],
    n: str | None = None,
    amount: str | None = None,
    largest: Sequence[str] = (),
    n_largest: int = 2,
    unit: Sequence[str] = (),
    key: bytes = b"",
    sums: Sequence[str] = (),
    order: Mapping[str, Sequence[str]] | None = None,
) -> Counted:
    """Count a table by its dimensions.

    `n` names the column of counts of a counted table; without it each row is one person. `amount` names
    money to be summed; the largest contributions come from the rows, or from the columns `largest` of a
    counted table. `unit` names the columns that say who, or what, a row is. `order` gives the labels of a dimension in
    their order, with labels nobody has; other dimensions are sorted.

    Raises DataError for missing columns, negative or fractional counts, negative money and a label that
    reads "Total".
    """
    given = as_arrow(table)
    _check_columns(given, by, [n, amount, *unit, *largest, *sums])
    wanted = _wanted(n, amount, largest, n_largest, unit, key, sums)
    found = _grouped(given, by, wanted)
    return _arranged(found, tuple(by), wanted, order or {})


def _grouped(given: pa.Table, by: Sequence[str], wanted: Mapping[str, str]) -> pa.Table:
    """The wanted expressions for each combination of labels, which come as d0, d1, ..."""
    dims = [
        f"coalesce(CAST({_quoted(name)} AS VARCHAR), '{NOT_KNOWN}') AS d{place}"
        for place, name in enumerate(by)
    ]
    places = ", ".join(f"d{place}" for place in range(len(by)))
    asked = ", ".join(f"{sql} AS {name}" for name, sql in wanted.items())
    con = duckdb.connect(":memory:", config={"threads": 2})
    try:
        con.register("given", given)
        return con.sql(
            f"SELECT {places}, {asked} FROM (SELECT *, {', '.join(dims)} FROM given) GROUP BY ALL"
        ).to_arrow_table()
    finally:
        con.close()


@dataclass(frozen=True, slots=True)
class Units:
    """Who or what was counted, row by row: a keyed number, how many it stands for, and its labels."""

    key: np.ndarray
    n: np.ndarray
    labels: tuple[list[str], ...]


def units(
    table: Any, *, by: Sequence[str], unit: Sequence[str], n: str | None = None, key: bytes = b""
) -> Units:
    """The units of a table, in the order of their keys, so that they say nothing of the order of rows."""
    given = as_arrow(table)
    _check_columns(given, by, [n, *unit])
    weight = f"CAST({_quoted(n)} AS DOUBLE)" if n else "CAST(1 AS DOUBLE)"
    # Rows of one unit and one combination of labels are one: GROUP BY ALL takes the key as a group.
    found = _grouped(given, by, {"unit": _keyed(unit, key), "n": f"sum({weight})"})
    order = np.argsort(found.column("unit").to_numpy(), kind="stable")
    found = found.take(pa.array(order))
    labels = tuple(found.column(f"d{axis}").to_pylist() for axis in range(len(by)))
    keys = found.column("unit").to_numpy()
    twice = len(np.unique(keys)) < len(keys)
    if twice:
        raise DataError(
            [
                Problem(
                    _WHERE,
                    "one unit is counted in two cells.",
                    f"Name all columns that make a row unique with unit=; {', '.join(unit)} do not.",
                )
            ]
        )
    return Units(keys, found.column("n").to_numpy(), labels)


def medians(
    table: Any, *, by: Sequence[str], of: str, nodes: Sequence[Mapping[str, Sequence[str]]]
) -> dict[tuple[str, ...], float]:
    """The median of a column in every cell, margins included; cells without a value are left out.

    `nodes` gives, for each dimension, the nodes that each label is counted in. A median is not a sum,
    so each row is looked at once for each cell that it is part of.
    """
    given = as_arrow(table)
    _check_columns(given, by, [of])
    con = duckdb.connect(":memory:", config={"threads": 2})
    try:
        con.register("given", given)
        joins = []
        for place, (name, into) in enumerate(zip(by, nodes, strict=True)):
            pairs = [(label, node) for label, listed in into.items() for node in listed]
            con.register(
                f"node{place}",
                pa.table({"label": [p[0] for p in pairs], "node": [p[1] for p in pairs]}),
            )
            column = f"coalesce(CAST({_quoted(name)} AS VARCHAR), '{NOT_KNOWN}')"
            joins.append(f"JOIN node{place} ON node{place}.label = {column}")
        places = ", ".join(f"node{place}.node" for place in range(len(by)))
        rows = con.sql(
            f"SELECT {places}, median(CAST({_quoted(of)} AS DOUBLE)) FROM given {' '.join(joins)} "
            "GROUP BY ALL"
        ).fetchall()
    finally:
        con.close()
    return {tuple(row[:-1]): row[-1] for row in rows if row[-1] is not None}


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _keyed(unit: Sequence[str], key: bytes) -> str:
    """64 bits of a keyed hash of what a row is about; without the key nobody gets from ids to it."""
    parts = ", '|', ".join(f"coalesce(CAST({_quoted(name)} AS VARCHAR), '')" for name in unit)
    hashed = f"sha256(concat('{key.hex()}', ':', {parts}))"
    return f"CAST(concat('0x', substr({hashed}, 1, 16)) AS UBIGINT)"


def _wanted(
    n: str | None,
    amount: str | None,
    largest: Sequence[str],
    n_largest: int,
    unit: Sequence[str],
    key: bytes,
    sums: Sequence[str],
) -> dict[str, str]:
    wanted = {"n": f"CAST(sum({_quoted(n)}) AS DOUBLE)" if n else "CAST(count(*) AS DOUBLE)"}
    if amount:
        column = f"CAST({_quoted(amount)} AS DOUBLE)"
        wanted["amount"] = f"sum({column})"
        wanted["least"] = f"min({column})"
        if largest:
            listed = ", ".join(f"max(CAST({_quoted(name)} AS DOUBLE))" for name in largest)
            wanted["largest"] = f"[{listed}]"
        else:
            wanted["largest"] = f"max({column}, {n_largest})"
    if unit:
        # Joined by exclusive or: the same people give the same number in every table.
        wanted["people"] = f"bit_xor({_keyed(unit, key)})"
    for place, name in enumerate(sums):
        wanted[f"sum{place}_of_{name}"] = f"sum(CAST({_quoted(name)} AS DOUBLE))"
    return {_quoted(name): sql for name, sql in wanted.items()}


def _arranged(
    found: pa.Table,
    names: tuple[str, ...],
    wanted: Mapping[str, str],
    order: Mapping[str, Sequence[str]],
) -> Counted:
    labels: list[tuple[str, ...]] = []
    places: list[np.ndarray] = []
    for axis, name in enumerate(names):
        column = found.column(f"d{axis}").to_pylist()
        first = [str(label) for label in order.get(name, ())]
        listed = dict.fromkeys([*first, *sorted(set(column) - set(first), key=_sortable)])
        _check_labels(name, listed)
        labels.append(tuple(listed))
        place = {label: at for at, label in enumerate(listed)}
        places.append(np.array([place[label] for label in column], dtype=int))
    shape = tuple(len(each) for each in labels)
    at = tuple(places)

    def spread(name: str, kind: Any = float) -> np.ndarray:
        cells = np.zeros(shape, dtype=kind)
        cells[at] = np.array(found.column(name).fill_null(0).to_numpy(), dtype=kind)
        return cells

    have = {name.strip('"') for name in wanted}
    counted = Counted(
        names,
        tuple(labels),
        spread("n"),
        amount=spread("amount") if "amount" in have else None,
        largest=_spread_lists(found, shape, at) if "largest" in have else None,
        people=spread("people", np.uint64) if "people" in have else None,
        sums={name.split("_of_", 1)[1]: spread(name) for name in sorted(have) if "_of_" in name},
    )
    _check_numbers(counted, spread("least") if "least" in have else np.zeros(0))
    return counted


def _sortable(label: str) -> tuple[int, float, str]:
    """Numbers in their order, then words in theirs, what is not known last."""
    if label == NOT_KNOWN:
        return 2, 0.0, ""
    try:
        return 0, float(label), label
    except ValueError:
        return 1, 0.0, label


def _spread_lists(
    found: pa.Table, shape: tuple[int, ...], at: tuple[np.ndarray, ...]
) -> np.ndarray:
    lists = found.column("largest").to_pylist()
    depth = max([len(each or ()) for each in lists], default=0)
    cells = np.zeros((max(depth, 1), *shape))
    for row, values in enumerate(lists):
        ranked = sorted((value for value in values or () if value is not None), reverse=True)
        for rank, value in enumerate(ranked):
            cells[(rank, *(place[row] for place in at))] = value
    return cells


def _check_columns(given: pa.Table, by: Sequence[str], others: Sequence[str | None]) -> None:
    problems = []
    if not by:
        problems.append(Problem(_WHERE, "no dimension is named.", "Name columns with by=."))
    for name in dict.fromkeys([*by, *(other for other in others if other)]):
        if name not in given.column_names:
            problems.append(
                Problem(
                    _WHERE,
                    f"the table has no column {name}.",
                    f"It has: {', '.join(given.column_names)}.",
                )
            )
    if len(set(by)) < len(by):
        problems.append(Problem(_WHERE, "a dimension is named twice.", "Name each once."))
    if problems:
        raise DataError(problems)


def _check_labels(name: str, labels: Mapping[str, None]) -> None:
    if TOTAL in labels:
        raise DataError(
            [
                Problem(
                    f"{_WHERE}: {name}",
                    f"has a category {TOTAL!r}.",
                    "Leave totals out of the table: they are added here, so that they are protected too.",
                )
            ]
        )


def _check_numbers(counted: Counted, least: np.ndarray) -> None:
    problems = []
    if (counted.n < 0).any() or (counted.n != np.round(counted.n)).any():
        problems.append(
            Problem(_WHERE, "a count is negative or no whole number.", "Count people, unweighted.")
        )
    if (least < 0).any():
        problems.append(
            Problem(
                _WHERE,
                "an amount is negative.",
                "Publish amounts owed and amounts in credit as two tables.",
            )
        )
    if problems:
        raise DataError(problems)
