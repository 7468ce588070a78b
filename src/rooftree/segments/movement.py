"""Reads who was in a segment on any day, who came and went and why, and how people flow between segments.

The numbers are exact: what leaves the landlord goes through the door of disclosure first.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from rooftree.storage.engine import Engine, quote
from rooftree.vocabulary.errors import UserError

#: In on a day: since that day or before, and not yet left.
_ON = "entered_on <= {day} AND (left_on IS NULL OR left_on > {day})"


@dataclass(frozen=True, slots=True)
class Why:
    """Why a subject came or went. `cause`: first, base, definition, withdrawn or data; `parts` from 1."""

    cause: str
    parts: tuple[int, ...] = ()

    @classmethod
    def read(cls, text: str) -> Why:
        """From what a spell holds, such as `data: 1,3`."""
        cause, _, numbers = text.partition(": ")
        return cls(cause, tuple(int(number) for number in numbers.split(",") if number))


@dataclass(frozen=True, slots=True)
class Stay:
    """One stay of one subject in one segment."""

    segment: str
    subject_id: str
    entered_on: dt.date
    entered: Why
    left_on: dt.date | None
    left: Why | None


@dataclass(frozen=True, slots=True)
class Turn:
    """How many came and went on one day for one cause, and how many were in after all of that day."""

    day: dt.date
    came: bool
    cause: str
    n: int
    n_in: int


@dataclass(frozen=True, slots=True)
class Flow:
    """How many were in one segment on the first day and in the other on the last; None: in none of them."""

    start: str | None
    end: str | None
    n: int


def members(engine: Engine, segment: str, *, on: dt.date | None = None) -> list[str]:
    """The ids of those who were in a segment at the end of a day (None: who are in now), in order."""
    where = "left_on IS NULL" if on is None else _ON.format(day=_day(on))
    rows = engine.rows(
        f"SELECT DISTINCT subject_id FROM segments.spell WHERE segment = ? AND {where} ORDER BY 1",
        [segment],
    )
    return [row[0] for row in rows]


def stays(
    engine: Engine, *, segment: str | None = None, subject_id: str | None = None
) -> tuple[Stay, ...]:
    """Every stay in a segment, of a subject, or of one in the other: the latest first."""
    if segment is None and subject_id is None:
        raise UserError("Name a segment or a subject: all stays of everybody are too many to show.")
    named = {"segment": segment, "subject_id": subject_id}
    given = {column: value for column, value in named.items() if value is not None}
    where = " AND ".join(f"{column} = ?" for column in given)
    rows = engine.rows(
        f"""SELECT segment, subject_id, entered_on, entered_why, left_on, left_why FROM segments.spell
            WHERE {where} ORDER BY entered_on DESC, segment, subject_id, left_on DESC NULLS FIRST""",
        list(given.values()),
    )
    return tuple(
        Stay(key, who, since, Why.read(entered), until, Why.read(left) if left else None)
        for key, who, since, entered, until, left in rows
    )


def history(engine: Engine, segment: str) -> tuple[Turn, ...]:
    """Who came and went on each day of a run, by cause, the oldest day first."""
    rows = engine.rows(
        """
        WITH moved AS (
            SELECT entered_on AS day, TRUE AS came, entered_why AS why FROM segments.spell WHERE segment = ?
            UNION ALL
            SELECT left_on, FALSE, left_why FROM segments.spell WHERE segment = ? AND left_on IS NOT NULL
        ), counted AS (
            SELECT day, came, split_part(why, ':', 1) AS cause, count(*) AS n FROM moved GROUP BY ALL
        )
        SELECT day, came, cause, n, CAST(sum(CASE WHEN came THEN n ELSE 0 - n END) OVER (
            ORDER BY day RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS BIGINT)
        FROM counted ORDER BY day, came DESC, cause""",
        [segment, segment],
    )
    return tuple(Turn(*row) for row in rows)


def flows(
    engine: Engine, segments: Sequence[str], *, start: dt.date, end: dt.date
) -> tuple[Flow, ...]:
    """From which of these segments on one day to which on another, for all who were in any on either.

    Who was in several on a day is counted once for each pair. Segments of one unit are meant: a
    person does not become a household. Raises UserError where they are of several, or the days are
    not in order.
    """
    if start > end:
        raise UserError(f"{start} is after {end}. Name the earlier day first.")
    keys = ", ".join(quote(key) for key in segments) or "NULL"
    units = engine.rows(f"SELECT DISTINCT unit FROM segments.spell WHERE segment IN ({keys})")
    if len(units) > 1:
        told = " and ".join(sorted(row[0] for row in units))
        raise UserError(f"Flows are between segments of one unit, and these are of {told}.")
    rows = engine.rows(
        f"""
        WITH first AS (
            SELECT DISTINCT segment, subject_id FROM segments.spell
            WHERE segment IN ({keys}) AND {_ON.format(day=_day(start))}
        ), last AS (
            SELECT DISTINCT segment, subject_id FROM segments.spell
            WHERE segment IN ({keys}) AND {_ON.format(day=_day(end))}
        )
        SELECT f.segment, l.segment, count(*) FROM first f FULL JOIN last l USING (subject_id)
        GROUP BY ALL ORDER BY f.segment NULLS LAST, l.segment NULLS LAST"""
    )
    return tuple(Flow(*row) for row in rows)


def _day(day: dt.date) -> str:
    return f"DATE '{day.isoformat()}'"
