"""DuckDB, opened the same way everywhere: bounded memory, a place to spill, nothing from outside.

Builds name tables, never files; the engine knows where each table is.
DuckDB and the SQL parser are imported when they are first used: a command that only lists snapshots
needs neither, and would wait half a second for them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rooftree.storage.tables import Table, difference
from rooftree.vocabulary.errors import MachineError, RooftreeError

if TYPE_CHECKING:
    import duckdb

    from rooftree.storage.portable import Parameter

_NAME = re.compile(r'^[a-z_]+\.("?)[a-z_0-9]+\1$')

# What the operating system says, as the engine passes it on.
_DISK_FULL = ("No space left on device", "Disk quota exceeded", "File too large")


@dataclass(frozen=True, slots=True)
class Model:
    """One table and the portable SQL that makes it from other tables."""

    table: Table
    sql: str


class Engine:
    """One DuckDB connection with the schemas of the stages."""

    def __init__(
        self, *, temp_directory: Path | None = None, memory_limit: str = "4GB", threads: int = 2
    ) -> None:
        import duckdb

        config: dict[str, Any] = {
            "memory_limit": memory_limit,
            "threads": threads,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
        if temp_directory is not None:
            temp_directory.mkdir(parents=True, exist_ok=True)
            config["temp_directory"] = str(temp_directory)
        self.con = duckdb.connect(":memory:", config=config)
        self.con.execute("SET TimeZone = 'UTC'; SET preserve_insertion_order = false")
        self.con.execute("SET enable_progress_bar = false")

    def beside(self) -> Engine:
        """Another connection to the same tables, for another thread: what is temporary is its own."""
        other = Engine.__new__(Engine)
        other.con = self.con.cursor()
        return other

    def __enter__(self) -> Engine:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of memory and spill files."""
        self.con.close()

    def execute(
        self, sql: str, parameters: Sequence[object] | Mapping[str, object] | None = None
    ) -> duckdb.DuckDBPyConnection:
        """Run engine SQL. A full disk or too little memory becomes a message about the machine."""
        import duckdb

        try:
            return self.con.execute(sql, parameters)
        except duckdb.OutOfMemoryException as error:
            if "max_temp_directory_size" in str(error):
                raise MachineError(
                    "The disk is full: there was no space left to spill to. "
                    "Free some space and run again: nothing was published."
                ) from error
            raise MachineError(
                f"There was not enough memory: {_first_line(error)} "
                "Give the run more with --memory, or free some."
            ) from error
        except duckdb.IOException as error:
            if any(words in str(error) for words in _DISK_FULL):
                raise MachineError(
                    f"The disk is full: {_first_line(error)} Free some space and run again: nothing was published."
                ) from error
            raise

    def rows(self, sql: str, parameters: Sequence[object] | None = None) -> list[tuple[Any, ...]]:
        """All rows of a small result."""
        return self.execute(sql, parameters).fetchall()

    def value(self, sql: str, parameters: Sequence[object] | None = None) -> Any:
        """The one value of a one-row result."""
        row = self.execute(sql, parameters).fetchone()
        return row[0] if row else None

    def has(self, name: str) -> bool:
        """Is there a table or view of this name (`staging.person`)?"""
        schema, _, table = name.replace('"', "").partition(".")
        return bool(
            self.value(
                "SELECT count(*) FROM information_schema.tables WHERE table_schema = ? AND table_name = ?",
                [schema, table],
            )
        )

    def _is_table(self, name: str) -> bool:
        schema, _, table = name.replace('"', "").partition(".")
        kind = self.value(
            "SELECT table_type FROM information_schema.tables WHERE table_schema = ? AND table_name = ?",
            [schema, table],
        )
        return kind == "BASE TABLE"

    def columns(self, name: str) -> list[tuple[str, str]]:
        """The (name, type) pairs of a table or view."""
        return [(row[0], row[1]) for row in self.rows(f"DESCRIBE {name}")]

    def schema(self, name: str) -> None:
        """Make sure the schema of a stage exists."""
        self.execute(f'CREATE SCHEMA IF NOT EXISTS "{name}"')

    def create(self, table: Table) -> None:
        """Make the declared table, empty."""
        self.schema(table.stage)
        self.execute(table.create_sql())

    def attach(self, table_name: str, files: Path | Sequence[Path]) -> None:
        """Read Parquet files under the name of a table, without copying them.

        A table or view that has the name already gives way.
        """
        if not _NAME.match(table_name):
            raise ValueError(f"not a table name: {table_name}")
        paths = [files] if isinstance(files, Path) else list(files)
        listed = ", ".join("'" + str(path).replace("'", "''") + "'" for path in paths)
        self.schema(table_name.partition(".")[0])
        if self._is_table(table_name):  # a view replaces views only
            self.execute(f"DROP TABLE {table_name}")
        self.execute(
            f"CREATE OR REPLACE VIEW {table_name} AS SELECT * FROM read_parquet([{listed}], hive_partitioning = false)"
        )

    def build(self, model: Model, *, parameters: Mapping[str, Parameter] | None = None) -> None:
        """Make a model's table and see that it is what was declared.

        Columns are cast to the declared types by name, so a model lists them in any order but
        leaves none out.
        """
        from rooftree.storage.portable import compile_sql

        table = model.table
        sql = compile_sql(model.sql, where=table.full_name, parameters=parameters)
        self.schema(table.stage)
        columns = ", ".join(f'CAST("{c.name}" AS {c.type}) AS "{c.name}"' for c in table)
        self.execute(f"CREATE OR REPLACE TABLE {table.full_name} AS SELECT {columns} FROM ({sql})")
        self.check(table)

    def check(self, table: Table) -> None:
        """The table is as declared: columns, types, required values, unique key.

        A failure is a defect of the stage, not of the data: staging has already rejected bad rows.
        """
        wrong = difference(table, self.columns(table.full_name))
        required = [c.name for c in table if c.required]
        if required and not wrong:
            tests = ", ".join(f'count(*) FILTER ("{name}" IS NULL)' for name in required)
            counts = self.rows(f"SELECT {tests} FROM {table.full_name}")[0]
            wrong += [
                f"column {n} is null in {k} rows"
                for n, k in zip(required, counts, strict=True)
                if k
            ]
        if table.key and not wrong:
            twice = self._keys_twice(table)
            if twice:
                wrong.append(f"{twice} keys ({', '.join(table.key)}) occur more than once")
        if wrong:
            raise RooftreeError(f"{table.full_name} is not as declared: " + "; ".join(wrong))

    def _keys_twice(self, table: Table) -> int:
        """How many keys occur more than once: by a hash of 8 bytes first, exactly where that says so.

        Sorting the hashes takes a quarter of the time of grouping them, and 8 bytes a row.
        """
        import numpy as np

        key = ", ".join(f'"{name}"' for name in table.key)
        found = self.execute(f"SELECT hash({key}) AS h FROM {table.full_name}").fetchnumpy()["h"]
        hashes = np.sort(np.asarray(found))
        if not (hashes[1:] == hashes[:-1]).any():
            return 0
        exactly = f"SELECT {key} FROM {table.full_name} GROUP BY ALL HAVING count(*) > 1"
        return int(self.value(f"SELECT count(*) FROM ({exactly})"))

    @contextmanager
    def scratch(self, *names: str) -> Iterator[None]:
        """Drop these temporary tables when done."""
        try:
            yield
        finally:
            for name in names:
                self.execute(f"DROP TABLE IF EXISTS {name}")


def quote(text: str) -> str:
    """A text as an SQL literal, for the few places where a parameter cannot stand."""
    return "'" + text.replace("'", "''") + "'"


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0].rstrip(".") + "."
