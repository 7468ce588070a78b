"""The register's answers as a page writes and reads them: at once, about a few subjects, with no lost update.

The functions work within the transaction of `rooftree.storage.register`, whose methods call them.
"""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rooftree.storage.growing import moment
from rooftree.vocabulary.errors import Overtaken, UserError
from rooftree.vocabulary.states import Grain, Method, Origin, State

#: By what a subject is known: (system, its reference), or (None, a persistent id of Rooftree).
Ref = tuple[str | None, str]

#: Of the answer `d`: was it corrected by a later one of the same day? A withdrawal is never overtaken
#: so, and a correction that was taken back corrects nothing.
CORRECTED = """d.state <> 'withdrawn' AND EXISTS (
    SELECT 1 FROM answer l WHERE l.subject_ref = d.subject_ref AND l.attribute = d.attribute
        AND l.subject_system IS d.subject_system AND l.recorded_on = d.recorded_on
        AND l.id > d.id AND l.recorded_at <= :until
        AND NOT EXISTS (SELECT 1 FROM undo v
            WHERE v.of_table = 'answer' AND v.of_id = l.id AND v.recorded_at <= :until))"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One answer to be recorded. `recorded_on` is the day it was said; `review_on`: to be reviewed by."""

    attribute: str
    grain: Grain
    subject: Ref
    known_as: tuple[Ref, ...]  # every reference under which answers about the subject may stand
    state: State
    value: str | None
    method: Method
    recorded_on: dt.date
    origin: Origin = Origin.TOLD
    review_on: dt.date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """One answer that was recorded and not taken back. Fields as in `Entry`; `number` names it."""

    number: int
    attribute: str
    grain: str
    subject: Ref
    state: str
    value: str | None
    origin: str
    method: str
    recorded_by: str
    recorded_on: dt.date
    recorded_at: dt.datetime
    review_on: dt.date | None
    is_corrected: bool  # by a later one of the same day


def insert(
    con: sqlite3.Connection, entries: Sequence[Entry], *, entry: str, by: str, at: dt.datetime
) -> tuple[int, ...]:
    """Write the answers; gives their numbers."""
    numbers: list[int] = []
    for each in entries:
        if (each.state == State.ANSWERED) != (each.value is not None):
            raise UserError(
                f"An answer about {each.attribute} has a value when it is answered, and only then."
            )
        system, ref = each.subject
        values = {
            "attribute": each.attribute, "grain": each.grain.value, "subject_system": system, "subject_ref": ref,
            "state": each.state.value, "value": each.value, "origin": each.origin.value,
            "method": each.method.value, "recorded_by": by, "recorded_on": each.recorded_on.isoformat(),
            "recorded_at": moment(at), "review_on": each.review_on and each.review_on.isoformat(), "entry": entry,
        }  # fmt: skip
        marks = ", ".join(f":{name}" for name in values)
        cursor = con.execute(f"INSERT INTO answer ({', '.join(values)}) VALUES ({marks})", values)
        assert cursor.lastrowid is not None
        numbers.append(cursor.lastrowid)
    return tuple(numbers)


def of_entry(con: sqlite3.Connection, entry: str) -> tuple[int, ...]:
    """The numbers of the answers that came from this form; none where it was not sent yet."""
    rows = con.execute("SELECT id FROM answer WHERE entry = ? ORDER BY id", [entry])
    return tuple(number for (number,) in rows)


def check_unchanged(
    con: sqlite3.Connection, entries: Sequence[Entry], expected: int | None
) -> None:
    """Overtaken where more was written about these things than the version that was seen."""
    if expected is None:
        return
    subjects = {ref for each in entries for ref in each.known_as}
    if version_of(con, subjects, {each.attribute for each in entries}) != expected:
        raise Overtaken("Somebody else has recorded an answer to this since you opened it.")


def about(con: sqlite3.Connection, subjects: Iterable[Ref]) -> list[Kept]:
    """Every answer about these subjects that was not taken back, in the order made."""
    rows = con.execute(
        f"""SELECT id, attribute, grain, subject_system, subject_ref, state, value, origin, method, recorded_by,
            recorded_on, recorded_at, review_on, {CORRECTED} AS is_corrected
        FROM answer d WHERE {_WANTED} AND NOT EXISTS (
            SELECT 1 FROM undo u WHERE u.of_table = 'answer' AND u.of_id = d.id)
        ORDER BY id""",
        {"wanted": _listed(subjects), "until": "9999"},
    ).fetchall()
    return [_kept(row) for row in rows]


def version_of(con: sqlite3.Connection, subjects: Iterable[Ref], attributes: Iterable[str]) -> int:
    """How many answers and takings-back there ever were about these attributes of these subjects."""
    return con.execute(
        f"""SELECT count(*) + count(u.of_id) FROM answer d
        LEFT JOIN undo u ON u.of_table = 'answer' AND u.of_id = d.id
        WHERE {_WANTED} AND d.attribute IN (SELECT value FROM json_each(:attributes))""",
        {"wanted": _listed(subjects), "attributes": json.dumps(sorted(attributes))},
    ).fetchone()[0]


# One text for system and reference, as SQLite has no list of pairs. The reference alone finds the
# rows in the index; the pair then decides.
_WANTED = """d.subject_ref IN (SELECT json_extract(value, '$[1]') FROM json_each(:wanted))
    AND json_array(d.subject_system, d.subject_ref) IN (SELECT value FROM json_each(:wanted))"""


def _listed(subjects: Iterable[Ref]) -> str:
    ordered = sorted(set(subjects), key=lambda ref: (ref[0] or "", ref[1]))
    return json.dumps([list(ref) for ref in ordered], separators=(",", ":"), ensure_ascii=False)


def _kept(row: tuple[object, ...]) -> Kept:
    (number, attribute, grain, system, ref, state, value, origin, method, by, on, at, review_on,
     is_corrected) = row  # fmt: skip
    return Kept(
        number=int(str(number)), attribute=str(attribute), grain=str(grain),
        subject=(None if system is None else str(system), str(ref)),
        state=str(state), value=None if value is None else str(value), origin=str(origin),
        method=str(method), recorded_by=str(by), recorded_on=dt.date.fromisoformat(str(on)),
        recorded_at=dt.datetime.fromisoformat(str(at)),
        review_on=None if review_on is None else dt.date.fromisoformat(str(review_on)),
        is_corrected=bool(is_corrected),
    )  # fmt: skip
