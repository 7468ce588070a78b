"""What a run found, in the few numbers that a person (or a script) asks for first."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from rooftree.pipeline import unmatched
from rooftree.storage.engine import Engine

_SEVERITIES = ("error", "warning", "note")


@dataclass(frozen=True, slots=True)
class Rows:
    """The account of one canonical table: read = accepted + rejected, always."""

    read: int
    accepted: int
    rejected: int


@dataclass(frozen=True, slots=True)
class IdentitySummary:
    """How far the systems' records came together.

    A *member* is a person whom a system that keeps tenancies names on one of them; it is *linked*
    when another system knows the same person.
    """

    records: int
    persons: int
    persons_in_several_systems: int
    members_total: int
    members_linked: int
    tenancies_total: int
    tenancies_with_home: int
    households: int
    homes: int
    pairs_to_review: int


@dataclass(frozen=True, slots=True)
class Issue:
    """One kind of oddity and how many rows have it."""

    rule: str
    dimension: str
    system: str
    table: str
    field: str | None
    rows: int
    of_rows: int
    severity: str
    message: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Quality:
    """Everything odd that was found."""

    issues: tuple[Issue, ...]


@dataclass(frozen=True, slots=True)
class Completeness:
    """How complete one attribute is in its population."""

    attribute: str
    population: str
    n: int
    answered: int
    refused: int
    dont_know: int
    not_applicable: int
    not_asked: int
    withdrawn: int
    stale: int
    in_conflict: int
    recorded_outcome: int


_IDENTITY = """
    WITH known AS (SELECT person_id, count(DISTINCT system) AS n_systems FROM identity.record GROUP BY 1),
    keepers AS (SELECT DISTINCT system FROM staging.tenancy),
    members AS (
        SELECT DISTINCT m.system, m.person_ref FROM staging.household_member m JOIN keepers USING (system)
    )
    SELECT
        (SELECT count(*) FROM identity.record),
        (SELECT count(*) FROM identity.person),
        (SELECT count(*) FROM known WHERE n_systems > 1),
        (SELECT count(*) FROM members),
        (SELECT count(*) FROM members JOIN identity.record USING (system, person_ref)
                JOIN known USING (person_id) WHERE n_systems > 1),
        (SELECT count(*) FROM identity.tenancy),
        (SELECT count(*) FROM identity.tenancy WHERE home_id IS NOT NULL),
        (SELECT count(*) FROM identity.household WHERE is_current),
        (SELECT count(*) FROM identity.home),
        (SELECT count(*) FROM identity.link WHERE outcome = 'review')
"""


def identity(engine: Engine) -> IdentitySummary:
    """The identity stage in numbers."""
    return IdentitySummary(*engine.rows(_IDENTITY)[0])


def issues(engine: Engine) -> tuple[Issue, ...]:
    """Every oddity found, in the extracts or when joining them, worst and most frequent first."""
    rows = engine.rows(
        """SELECT rule, dimension, system, table_name, field, rows, of_rows, severity, message, remedy
        FROM staging.issue"""
    )
    found = [Issue(*row) for row in (*rows, *unmatched.rows(engine))]
    return tuple(
        sorted(
            found,
            key=lambda i: (_SEVERITIES.index(i.severity), -i.rows, i.rule, i.system, i.table, i.field or ""),
        )
    )  # fmt: skip


def completeness(engine: Engine) -> tuple[Completeness, ...]:
    """Every attribute with its population, in order of the attribute's key."""
    rows = engine.rows(
        """SELECT attribute, population, n, answered, refused, dont_know, not_applicable, not_asked,
                  withdrawn, stale, in_conflict, recorded_outcome
        FROM profile.completeness ORDER BY attribute, population"""
    )
    return tuple(Completeness(*row) for row in rows)


#: What the manifest and the run's answer total.
_COUNTED = (
    "staging.account_transaction", "staging.reject", "staging.issue", "identity.person", "identity.household",
    "identity.tenancy", "identity.home", "profile.statement", "profile.value", "profile.conflict",
    "profile.unplaced",
)  # fmt: skip


def totals(engine: Engine) -> dict[str, int]:
    """Rows of the tables that people ask for first."""
    return {name: int(engine.value(f"SELECT count(*) FROM {name}")) for name in _COUNTED}


@dataclass(frozen=True, slots=True)
class FailedSegment:
    """A segment that could not be evaluated: its members are those of the last good day (None: never)."""

    segment: str
    problem: str
    good_on: dt.date | None


def failed_segments(engine: Engine) -> tuple[FailedSegment, ...]:
    """The segments whose members are old, or missing; none in a snapshot made before there were segments."""
    if not engine.has("segments.evaluated"):
        return ()
    rows = engine.rows(
        "SELECT segment, problem, good_on FROM segments.evaluated WHERE status = 'failed' ORDER BY segment"
    )
    return tuple(FailedSegment(*row) for row in rows)
