"""How a table is declared: once, column by column, in the `schema.py` of the stage that writes it.

The declaration builds the empty table, checks what a build produced, writes the reference page and
tells the snapshot how to lay the table out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rooftree.vocabulary.states import Sensitivity

TYPES = (
    "VARCHAR", "BIGINT", "INTEGER", "UTINYINT", "DOUBLE", "BOOLEAN", "DATE", "TIMESTAMP", "VARCHAR[]",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its DuckDB type, what it means (with unit), and whether it may be null."""

    name: str
    type: str
    meaning: str
    required: bool = False
    sensitivity: Sensitivity = Sensitivity.ORDINARY

    def __post_init__(self) -> None:
        if self.type not in TYPES:
            raise ValueError(
                f"column {self.name}: type {self.type} is not one of {', '.join(TYPES)}"
            )


@dataclass(frozen=True, slots=True)
class Table:
    """One table of one stage. `key` columns identify a row; `order` is how the rows are stored.

    `buckets_by` names the columns of which the first with a value says, by its hash, into which file
    a row of a very large table goes; without it the table is always one file. Many rows share each
    of their values. `coded` names columns of few different words. Both say how to sort and write
    quickly, and nothing of the rows. `order_is_total`: no two rows are alike in the columns of `order`.
    """

    stage: str
    name: str
    meaning: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    order: tuple[str, ...] = ()
    buckets_by: tuple[str, ...] = ()
    coded: tuple[str, ...] = ()
    order_is_total: bool = False

    def __post_init__(self) -> None:
        named = {*self.key, *self.order, *self.buckets_by, *self.coded}
        if unknown := named - set(self.names):
            raise ValueError(f"table {self.name}: no column {', '.join(sorted(unknown))}")

    @property
    def full_name(self) -> str:
        """The name in SQL: `staging.person`."""
        return f'{self.stage}."{self.name}"' if self.name == "case" else f"{self.stage}.{self.name}"

    def __iter__(self) -> Iterator[Column]:
        return iter(self.columns)

    def __getitem__(self, name: str) -> Column:
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.full_name} has no column {name}")

    def __contains__(self, name: object) -> bool:
        return any(column.name == name for column in self.columns)

    @property
    def names(self) -> tuple[str, ...]:
        """The column names, in order."""
        return tuple(column.name for column in self.columns)

    @property
    def sort(self) -> tuple[str, ...]:
        """The columns that give a stored table one order, so that the same rows give the same bytes."""
        return self.order or self.key or self.names

    def create_sql(self) -> str:
        """The statement that makes the table, empty."""
        columns = ", ".join(f'"{c.name}" {c.type}' for c in self.columns)
        return f"CREATE TABLE {self.full_name} ({columns})"


def difference(table: Table, found: Sequence[tuple[str, str]]) -> list[str]:
    """What differs between the declaration and the (name, type) pairs found; empty when nothing does."""
    declared = [(c.name, c.type) for c in table.columns]
    if declared == list(found):
        return []
    have, want = dict(found), dict(declared)
    lines = [f"column {name} is missing" for name in want if name not in have]
    lines += [f"column {name} is not declared" for name in have if name not in want]
    lines += [
        f"column {name} is {have[name]}, declared {want[name]}"
        for name in want
        if name in have and have[name] != want[name]
    ]
    return lines or ["the columns are in another order"]
