"""Readers of the profile: one value, and how complete the picture is, with both denominators named."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from rooftree.profile.models import completeness_sql
from rooftree.storage.engine import Engine
from rooftree.storage.portable import compile_sql
from rooftree.vocabulary.states import State

_COUNTS = (
    "n", "answered", "refused", "dont_know", "not_applicable", "withdrawn", "not_asked", "asked",
    "stale", "in_conflict", "recorded_outcome",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """What is held on one attribute of one subject; `state` not_asked where nothing is."""

    state: State
    value: str | None = None
    origin: str | None = None
    system: str | None = None
    recorded_on: dt.date | None = None
    stale_on: dt.date | None = None
    is_stale: bool = False
    in_conflict: bool = False
    why: str = "nothing_held"
    source_file: str | None = None
    source_row: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Completeness:
    """How complete one attribute is in one population (and group).

    The six states add up to `n`. `stale`, `in_conflict` and `recorded_outcome` (answered, refused,
    dont_know or not_applicable, and not stale) cut across them. The shares are fractions and name
    their denominator; None where that is nobody.
    """

    attribute: str
    grain: str
    population: str
    group: str | None
    n: int
    answered: int
    refused: int
    dont_know: int
    not_applicable: int
    withdrawn: int
    not_asked: int
    asked: int
    stale: int
    in_conflict: int
    recorded_outcome: int

    @property
    def answered_of_all(self) -> float | None:
        """The share of the whole population that has a value."""
        return _share(self.answered, self.n)

    @property
    def answered_of_asked(self) -> float | None:
        """The share with a value among those to whom the question was put."""
        return _share(self.answered, self.asked)

    @property
    def refused_of_asked(self) -> float | None:
        """The share that preferred not to say among those to whom the question was put."""
        return _share(self.refused, self.asked)

    @property
    def outcome_of_all(self) -> float | None:
        """The share with a recorded outcome that is not stale: this is what can reach 100%."""
        return _share(self.recorded_outcome, self.n)

    @property
    def in_conflict_of_answered(self) -> float | None:
        """The share of the values on which sources disagree."""
        return _share(self.in_conflict, self.answered)


def value_of(engine: Engine, subject_id: str, attribute: str) -> Value:
    """The current value of one attribute of one person, household, tenancy or home.

    A subject without a row was not asked: no row is kept for what nobody has said.
    """
    rows = engine.rows(
        """SELECT state, value, origin, system, recorded_on, stale_on, is_stale, in_conflict, why,
            source_file, source_row
        FROM profile.value WHERE subject_id = ? AND attribute = ?""",
        [subject_id, attribute],
    )
    if not rows:
        return Value(state=State.NOT_ASKED)
    names = (
        "value", "origin", "system", "recorded_on", "stale_on", "is_stale", "in_conflict", "why",
        "source_file", "source_row",
    )  # fmt: skip
    return Value(state=State(rows[0][0]), **dict(zip(names, rows[0][1:], strict=True)))


def completeness(
    engine: Engine, *, by: str | None = None, stage: str = "profile"
) -> tuple[Completeness, ...]:
    """How complete each attribute is in its population, in all states, ordered by attribute and group.

    `by` names a table of (grain, subject_id, group_value), one row per subject: patch, tenure, age
    band. Subjects who are not in it are the group `unknown`, so the groups of an attribute add up to
    its total. Needs the tables of `profile.build.prepare`, which a build leaves.
    """
    sql = compile_sql(completeness_sql(stage=stage, by=by), where="profile.completeness")
    group = "group_value" if by else "NULL"
    rows = engine.rows(
        f"SELECT attribute, grain, population, {group}, {', '.join(_COUNTS)} FROM ({sql}) ORDER BY ALL"
    )
    names = ("attribute", "grain", "population", "group", *_COUNTS)
    return tuple(Completeness(**dict(zip(names, row, strict=True))) for row in rows)


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
