"""Small SQLite databases that only grow: opened safely, brought up to date, written one transaction at a time."""

from __future__ import annotations

import datetime as dt
import shutil
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rooftree.storage.files import disk_trouble
from rooftree.vocabulary.errors import MachineError

_WAIT_SECONDS = 30.0
_LEAST_FREE = 1 << 16  # bytes: twice what the write-ahead log needs to be opened


def connect(path: Path, migrations: Sequence[str], *, what: str) -> sqlite3.Connection:
    """Open a database, making it or bringing it to the last migration. MachineError when it is from a newer Rooftree.

    Each migration brings it from the version before; migrations are only ever added. `what` is its name
    in messages.
    """
    with disk_trouble(f"the {what} was being opened"):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        con = sqlite3.connect(path, timeout=_WAIT_SECONDS, isolation_level=None)
        try:
            _write_ahead(con)
            con.execute("PRAGMA synchronous = FULL")
            _migrate(con, path, migrations, what)
        except sqlite3.DatabaseError as error:
            con.close()
            if isinstance(error, sqlite3.OperationalError):
                # On a full disk the database's own memory file cannot grow: an "I/O error".
                if "full" in str(error) or shutil.disk_usage(path.parent).free < _LEAST_FREE:
                    raise MachineError(
                        f"The disk is full: {path} cannot be opened. Free some space and run again: "
                        "nothing was published."
                    ) from error
                raise MachineError(
                    f"{path} cannot be opened ({error}). See that your user may write there, and "
                    "that no other program holds it."
                ) from error
            raise MachineError(
                f"{path} is not a {what} that can be read. Restore it from a backup; "
                "do not delete it, unless nothing is recorded in it yet."
            ) from error
        except MachineError:
            con.close()
            raise
    return con


def only_grow(*tables: str, what: str) -> str:
    """SQL after which no row of these tables is ever changed or removed."""
    return "".join(
        f"CREATE TRIGGER {table}_is_never_{act}d BEFORE {act.upper()} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, 'the {what} only grows'); END;\n"
        for table in tables
        for act in ("update", "delete")
    )


@contextmanager
def transaction(con: sqlite3.Connection, *, what: str) -> Iterator[None]:
    """All that is written within, or nothing. MachineError where another process holds the database too long."""
    try:
        con.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            raise MachineError(
                f"Another process has been writing to the {what} for half a minute. "
                "Wait for it to end, or stop it, and try again."
            ) from error
        raise
    try:
        yield
    except BaseException:
        con.execute("ROLLBACK")
        raise
    con.execute("COMMIT")


def moment(at: dt.datetime) -> str:
    """A moment as UTC text that sorts in time; one without a time zone is refused."""
    if at.tzinfo is None:
        raise ValueError("a recorded moment needs its time zone")
    return at.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _write_ahead(con: sqlite3.Connection) -> None:
    """Turn the write-ahead log on. SQLite does not wait for this as it does for a write, so it is tried again."""
    until = time.monotonic() + _WAIT_SECONDS
    while True:
        try:
            con.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > until:
                raise
            time.sleep(0.01)
        else:
            return


def _migrate(con: sqlite3.Connection, path: Path, migrations: Sequence[str], what: str) -> None:
    # The version is read again inside the transaction: another process may have been quicker.
    newest = len(migrations)
    if _version(con) == newest:
        return
    with transaction(con, what=what):
        version = _version(con)
        if version > newest:
            raise MachineError(
                f"{path} was written by a newer Rooftree ({what} version {version}, this one knows "
                f"{newest}). Use that version, or a newer one."
            )
        for number, script in enumerate(migrations[version:], start=version + 1):
            for statement in _statements(script):
                con.execute(statement)
            con.execute(f"PRAGMA user_version = {number}")


def _version(con: sqlite3.Connection) -> int:
    return con.execute("PRAGMA user_version").fetchone()[0]


def _statements(script: str) -> Iterator[str]:
    # executescript would commit the transaction that keeps a migration whole.
    statement = ""
    for part in script.split(";"):
        statement += part + ";"
        if sqlite3.complete_statement(statement):
            if statement.strip(" \n;"):
                yield statement
            statement = ""
