"""What was published: every table that left, with who was counted in which of its cells. Rows are only added.

A SQLite database beside the register. It holds no value of a person: who was counted is a keyed hash,
and the key is in the same file, so the file is kept like the register and never given away.
"""

from __future__ import annotations

import secrets
import sqlite3
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rooftree.storage.files import disk_trouble
from rooftree.storage.growing import connect, only_grow, transaction

_WHAT = "ledger of released tables"
_MIGRATIONS = (
    """
    CREATE TABLE secret (key BLOB NOT NULL);
    CREATE TABLE released (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        name TEXT NOT NULL,
        population TEXT NOT NULL,
        snapshot TEXT NOT NULL,
        policy TEXT NOT NULL,
        released_by TEXT NOT NULL,
        released_at TEXT NOT NULL,
        grain TEXT NOT NULL,
        dimensions TEXT NOT NULL,
        least INTEGER NOT NULL,
        protection REAL NOT NULL,
        digest TEXT NOT NULL
    );
    CREATE INDEX released_grain ON released (grain);
    CREATE TABLE released_array (
        released INTEGER NOT NULL REFERENCES released (id),
        name TEXT NOT NULL,
        type TEXT NOT NULL,
        data BLOB NOT NULL,
        PRIMARY KEY (released, name)
    );
    """
    + only_grow("secret", "released", "released_array", what=_WHAT),
)
COLUMNS = (
    "name", "population", "snapshot", "policy", "released_by", "released_at", "grain", "dimensions",
    "least", "protection", "digest",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stored:
    """One released table: its columns, as in COLUMNS, and its arrays by name."""

    number: int
    columns: Mapping[str, str | int | float]
    arrays: Mapping[str, np.ndarray]


class ReleasedStore:
    """The open database. Several processes may have it open; each write is one transaction."""

    def __init__(self, con: sqlite3.Connection) -> None:
        self._con = con

    @classmethod
    def open(cls, path: Path) -> ReleasedStore:
        """Open it, making it with a new key where there is none."""
        con = connect(path, _MIGRATIONS, what=_WHAT)
        with disk_trouble(f"the {_WHAT} was being opened"), transaction(con, what=_WHAT):
            if con.execute("SELECT count(*) FROM secret").fetchone()[0] == 0:
                con.execute("INSERT INTO secret VALUES (?)", [secrets.token_bytes(32)])
        return cls(con)

    def close(self) -> None:
        """Let go of the file."""
        self._con.close()

    @property
    def key(self) -> bytes:
        """The key of the hashes, made with the file and never changed."""
        return self._con.execute("SELECT key FROM secret").fetchone()[0]

    def add(
        self, columns: Mapping[str, str | int | float], arrays: Mapping[str, np.ndarray]
    ) -> int:
        """Record one released table; answers its number."""
        marks = ", ".join(f":{name}" for name in COLUMNS)
        with (
            disk_trouble("a released table was being recorded"),
            transaction(self._con, what=_WHAT),
        ):
            cursor = self._con.execute(
                f"INSERT INTO released ({', '.join(COLUMNS)}) VALUES ({marks})", columns
            )
            number = cursor.lastrowid
            assert number is not None
            self._con.executemany(
                "INSERT INTO released_array VALUES (?, ?, ?, ?)",
                [
                    (number, name, array.dtype.str, zlib.compress(array.tobytes(), 6))
                    for name, array in arrays.items()
                ],
            )
        return number

    def all(self, *, grain: str | None = None, arrays: bool = True) -> list[Stored]:
        """Every released table in the order recorded, or those that count the same kind of thing."""
        where, values = ("WHERE grain = ?", [grain]) if grain is not None else ("", [])
        rows = self._con.execute(
            f"SELECT id, {', '.join(COLUMNS)} FROM released {where} ORDER BY id", values
        ).fetchall()
        return [
            Stored(
                row[0],
                dict(zip(COLUMNS, row[1:], strict=True)),
                self._arrays(row[0]) if arrays else {},
            )
            for row in rows
        ]

    def _arrays(self, number: int) -> dict[str, np.ndarray]:
        rows = self._con.execute(
            "SELECT name, type, data FROM released_array WHERE released = ?", [number]
        )
        return {
            name: np.frombuffer(zlib.decompress(data), dtype=np.dtype(kind))
            for name, kind, data in rows
        }
