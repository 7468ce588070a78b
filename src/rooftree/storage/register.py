"""What people decide in Rooftree: links they judged, answers they recorded. Nothing is ever changed or removed.

A small SQLite database behind functions. A decision that is taken back stays, with a second row that
takes it back. Each run reads the register as one more dated source.
"""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa

from rooftree.storage import answers
from rooftree.storage.answers import Entry, Kept, Ref
from rooftree.storage.files import disk_trouble
from rooftree.storage.growing import connect, moment, only_grow, transaction
from rooftree.vocabulary.errors import NotFound, UserError
from rooftree.vocabulary.ids import digest
from rooftree.vocabulary.states import Grain, Method, Origin, SourceKind, State

DECISIONS = ("same", "different", "cannot_tell")

# Each entry brings a register from the version before it; entries are only ever added.
_MIGRATIONS = (
    """
    CREATE TABLE link_decision (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        system_l TEXT NOT NULL, person_ref_l TEXT NOT NULL,
        system_r TEXT NOT NULL, person_ref_r TEXT NOT NULL,
        decision TEXT NOT NULL CHECK (decision IN ('same', 'different', 'cannot_tell')),
        decided_by TEXT NOT NULL CHECK (decided_by <> ''),
        recorded_at TEXT NOT NULL,
        reason TEXT NOT NULL,
        model_weight REAL,
        CHECK ((system_l, person_ref_l) < (system_r, person_ref_r))
    );
    CREATE INDEX link_decision_pair ON link_decision (system_l, person_ref_l, system_r, person_ref_r);
    CREATE TABLE answer (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        attribute TEXT NOT NULL, grain TEXT NOT NULL,
        subject_system TEXT, subject_ref TEXT NOT NULL,
        state TEXT NOT NULL, value TEXT, frame TEXT,
        origin TEXT NOT NULL, method TEXT NOT NULL,
        recorded_by TEXT NOT NULL CHECK (recorded_by <> ''),
        recorded_on TEXT NOT NULL, recorded_at TEXT NOT NULL,
        confidence REAL,
        CHECK ((state = 'answered') = (value IS NOT NULL))
    );
    CREATE INDEX answer_subject ON answer (subject_ref, attribute);
    CREATE TABLE undo (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        of_table TEXT NOT NULL CHECK (of_table IN ('link_decision', 'answer')),
        of_id INTEGER NOT NULL,
        undone_by TEXT NOT NULL CHECK (undone_by <> ''),
        recorded_at TEXT NOT NULL,
        reason TEXT NOT NULL,
        UNIQUE (of_table, of_id)
    );
    """
    + only_grow("link_decision", "answer", "undo", what="register"),
    # What a page writes beside the answer: by when it is to be reviewed, and the one form it came from,
    # which is kept once however often it is sent.
    """
    ALTER TABLE answer ADD COLUMN review_on TEXT;
    ALTER TABLE answer ADD COLUMN entry TEXT;
    CREATE UNIQUE INDEX answer_entry ON answer (entry, attribute, subject_ref) WHERE entry IS NOT NULL;
    CREATE INDEX undo_answer ON undo (of_id) WHERE of_table = 'answer';
    """,
)
VERSION = len(_MIGRATIONS)

_DECISION_COLUMNS = (
    "id", "system_l", "person_ref_l", "system_r", "person_ref_r", "decision", "decided_by",
    "recorded_at", "reason", "model_weight",
)  # fmt: skip
_ANSWER_SCHEMA = pa.schema(
    [
        ("system", pa.string()),
        ("source_kind", pa.string()),
        ("source_file", pa.string()),
        ("source_row", pa.int64()),
        ("attribute", pa.string()),
        ("grain", pa.string()),
        ("subject_ref", pa.string()),
        ("state", pa.string()),
        ("value", pa.string()),
        ("raw_value", pa.string()),
        ("frame", pa.string()),
        ("origin", pa.string()),
        ("method", pa.string()),
        ("recorded_by", pa.string()),
        ("recorded_on", pa.date32()),
        ("confidence", pa.float64()),
        ("subject_system", pa.string()),
    ]
)
_DECISION_SCHEMA = pa.schema(
    [
        (name, {"id": pa.int64(), "model_weight": pa.float64()}.get(name, pa.string()))
        for name in _DECISION_COLUMNS
    ]
)


class Register:
    """An open register. Several processes may have it open; each write is one transaction."""

    def __init__(self, con: sqlite3.Connection) -> None:
        self._con = con

    @classmethod
    def open(cls, path: Path) -> Register:
        """Open a register, making it or bringing it to this version. MachineError when it is from a newer one."""
        return cls(connect(path, _MIGRATIONS, what="register"))

    def close(self) -> None:
        """Let go of the file."""
        self._con.close()

    def __enter__(self) -> Register:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def decide_link(
        self,
        one: tuple[str, str],
        other: tuple[str, str],
        *,
        decision: str,
        by: str,
        recorded_at: dt.datetime,
        reason: str,
        model_weight: float | None = None,
    ) -> int:
        """Record that two records, each (system, person_ref), are the same person or not; answers its number.

        `decision` is same, different or cannot_tell; a later decision about the pair, in either order,
        stands in place of an earlier one. `model_weight` is what the model said at the time.
        """
        if decision not in DECISIONS:
            raise UserError(f"A decision is one of {', '.join(DECISIONS)}; not {decision}.")
        if one == other:
            raise UserError("The two records of a link are one and the same record.")
        low, high = sorted((one, other))
        return self._insert(
            "link_decision",
            dict(
                zip(_DECISION_COLUMNS[1:5], (*low, *high), strict=True),
                decision=decision,
                decided_by=by,
                recorded_at=moment(recorded_at),
                reason=reason,
                model_weight=model_weight,
            ),
        )

    def record_answer(
        self,
        *,
        attribute: str,
        grain: Grain,
        subject_ref: str,
        subject_system: str | None,
        state: State,
        value: str | None,
        method: Method,
        by: str,
        recorded_on: dt.date,
        recorded_at: dt.datetime,
        origin: Origin = Origin.TOLD,
        frame: str | None = None,
        confidence: float | None = None,
    ) -> int:
        """Record one statement about one attribute, as in `staging.answer`; answers its number.

        The subject is a reference of `subject_system`, or, where that is None, a persistent id of
        Rooftree. `recorded_on` is the day it was said, `recorded_at` the moment it was entered.
        A value is given when, and only when, the state is `answered`.
        """
        if (state == State.ANSWERED) != (value is not None):
            raise UserError(
                f"An answer about {attribute} has a value when it is answered, and only then."
            )
        return self._insert(
            "answer",
            {
                "attribute": attribute,
                "grain": Grain(grain).value,
                "subject_system": subject_system,
                "subject_ref": subject_ref,
                "state": State(state).value,
                "value": value,
                "frame": frame,
                "origin": Origin(origin).value,
                "method": Method(method).value,
                "recorded_by": by,
                "recorded_on": recorded_on.isoformat(),
                "recorded_at": moment(recorded_at),
                "confidence": confidence,
            },
        )

    def undo_link(self, number: int, *, by: str, recorded_at: dt.datetime, reason: str) -> int:
        """Take a link decision back. What stood before it stands again; both rows stay."""
        return self._undo("link_decision", number, by, recorded_at, reason)

    def undo_answer(self, number: int, *, by: str, recorded_at: dt.datetime, reason: str) -> int:
        """Take an answer back, as one entered by mistake; both rows stay."""
        return self._undo("answer", number, by, recorded_at, reason)

    def write(
        self,
        entries: Sequence[Entry],
        *,
        entry: str,
        by: str,
        recorded_at: dt.datetime,
        expected: int | None = None,
    ) -> tuple[int, ...]:
        """Record the answers of one form, all or none; gives their numbers.

        `entry` is the form's own mark: sent again, it changes nothing and gives the same numbers.
        `expected` is the `version_of` what was seen. Raises Overtaken where somebody has written about
        one of them since, and NotFound and UserError as `record_answer`.
        """
        with self._writing():
            if before := answers.of_entry(self._con, entry):
                return before
            answers.check_unchanged(self._con, entries, expected)
            return answers.insert(self._con, entries, entry=entry, by=by, at=recorded_at)

    def about(self, subjects: Iterable[Ref]) -> list[Kept]:
        """Every answer about these subjects that was not taken back, in the order made."""
        return answers.about(self._con, subjects)

    def version_of(self, subjects: Iterable[Ref], attributes: Iterable[str]) -> int:
        """How often anything was written about these attributes of these subjects; it only grows."""
        return answers.version_of(self._con, subjects, attributes)

    @contextmanager
    def reading(self) -> Iterator[None]:
        """All that is read within is of one moment, however much others write meanwhile. Nobody waits for it."""
        self._con.execute("BEGIN")
        try:
            yield
        finally:
            self._con.execute("ROLLBACK")

    def link_decisions(self, *, until: dt.datetime | None = None) -> pa.Table:
        """The decision that stands on each pair: the last one not taken back, as known at `until`."""
        rows = self._con.execute(
            f"SELECT {', '.join(_DECISION_COLUMNS)} FROM link_decision WHERE id IN ("
            f"  SELECT max(id) FROM link_decision d WHERE {_STANDING}"
            "  GROUP BY system_l, person_ref_l, system_r, person_ref_r) "
            "ORDER BY system_l, person_ref_l, system_r, person_ref_r",
            {"until": _until(until), "table": "link_decision"},
        ).fetchall()
        return _table(rows, _DECISION_SCHEMA)

    def answers(self, *, until: dt.datetime | None = None) -> pa.Table:
        """Every answer not taken back, as rows of `staging.answer` from the system `register`.

        Of what was told about one thing on one day the last counts: it corrects what came before. A
        withdrawal counts in any case.
        One column more, `subject_system`, says whose reference `subject_ref` is; null: a persistent id.
        """
        rows = self._con.execute(
            "SELECT 'register', :kind, 'register', id, attribute, grain, subject_ref, state, value, value, frame, "
            "origin, method, recorded_by, recorded_on, confidence, subject_system "
            f"FROM answer d WHERE {_STANDING} AND NOT ({answers.CORRECTED}) ORDER BY attribute, subject_ref, id",
            {"until": _until(until), "table": "answer", "kind": SourceKind.REGISTER.value},
        ).fetchall()
        day = _ANSWER_SCHEMA.get_field_index("recorded_on")
        dated = [(*r[:day], dt.date.fromisoformat(r[day]), *r[day + 1 :]) for r in rows]
        return _table(dated, _ANSWER_SCHEMA)

    def history(self, *, until: dt.datetime | None = None) -> list[dict[str, Any]]:
        """Every link decision ever made, with who took it back, when and why, in the order made."""
        cursor = self._con.execute(
            f"SELECT {', '.join('d.' + c for c in _DECISION_COLUMNS)}, u.undone_by, "
            "u.recorded_at AS undone_at, u.reason AS undone_because FROM link_decision d "
            "LEFT JOIN undo u ON u.of_table = 'link_decision' AND u.of_id = d.id AND u.recorded_at <= :until "
            "WHERE d.recorded_at <= :until ORDER BY d.id",
            {"until": _until(until)},
        )
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor]

    def digest(self, *, until: dt.datetime | None = None) -> str:
        """A digest of everything recorded, for the manifest of a run that read it."""
        parts = ["register"]
        for table in ("link_decision", "answer", "undo"):
            rows = self._con.execute(
                f"SELECT * FROM {table} WHERE recorded_at <= ? ORDER BY id", [_until(until)]
            )
            parts += [table, *(repr(row) for row in rows)]
        return digest(*parts)

    def _insert(self, table: str, values: dict[str, object]) -> int:
        names = ", ".join(values)
        marks = ", ".join(f":{name}" for name in values)
        with self._writing():
            cursor = self._con.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", values)
        assert cursor.lastrowid is not None
        return cursor.lastrowid

    def _undo(self, table: str, number: int, by: str, at: dt.datetime, reason: str) -> int:
        values = [table, number, by, moment(at), reason]
        with self._writing():
            if not self._con.execute(f"SELECT 1 FROM {table} WHERE id = ?", [number]).fetchone():
                raise NotFound(f"The register has no {table.replace('_', ' ')} number {number}.")
            done = "SELECT recorded_at FROM undo WHERE of_table = ? AND of_id = ?"
            if before := self._con.execute(done, [table, number]).fetchone():
                raise UserError(f"Number {number} was taken back already, at {before[0]}.")
            cursor = self._con.execute(
                "INSERT INTO undo (of_table, of_id, undone_by, recorded_at, reason) VALUES (?, ?, ?, ?, ?)",
                values,
            )
        assert cursor.lastrowid is not None
        return cursor.lastrowid

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with disk_trouble("a decision was being recorded"), transaction(self._con, what="register"):
            yield


_STANDING = (
    "d.recorded_at <= :until AND NOT EXISTS (SELECT 1 FROM undo u "
    "WHERE u.of_table = :table AND u.of_id = d.id AND u.recorded_at <= :until)"
)


def _until(until: dt.datetime | None) -> str:
    return "9999" if until is None else moment(until)


def _table(rows: list[tuple[Any, ...]], schema: pa.Schema) -> pa.Table:
    columns = zip(*rows, strict=True) if rows else ([] for _ in schema)
    arrays = [pa.array(list(c), f.type) for c, f in zip(columns, schema, strict=True)]
    return pa.Table.from_arrays(arrays, schema=schema)
