"""The tables of the profile as portable SQL, over statements wherever they come from.

A run resolves placed answers into the stage `profile`; a look back resolves the statements of a
snapshot into another stage, at an earlier date. The order itself is in `profile.ordering`.
"""

from __future__ import annotations

from dataclasses import replace

from rooftree.profile import schema
from rooftree.profile.lookup import ATTRIBUTES, PRECEDENCE
from rooftree.profile.ordering import (
    EXPIRED,
    NOT_YET_KNOWN,
    WITHDRAWN,
    number_sql,
    strength_sql,
    tie_break_sql,
    why_sql,
)
from rooftree.profile.placing import CARRIED, LEFT
from rooftree.profile.populations import POPULATION
from rooftree.storage.engine import Model
from rooftree.storage.tables import Table

# An attribute has one grain, so attribute and subject_id tell subjects apart: no need to compare it.
_KEY = "attribute, subject_id"
_STATES = ("answered", "refused", "dont_know", "not_applicable", "withdrawn")


def _same(left: str, right: str) -> str:
    return " AND ".join(f"{left}.{c} = {right}.{c}" for c in ("attribute", "subject_id"))


def _listed(alias: str, *leave_out: str) -> str:
    return ", ".join(f"{alias}.{column}" for column in CARRIED if column not in leave_out)


def statement_model(said: str, *, stage: str = "profile") -> Model:
    """Every statement of the relation `said`, ranked, with its standing at :as_of.

    What was withdrawn or is past its retention keeps its row, so that one can see that something was
    removed and when, but its value goes: a snapshot must not carry what may no longer be used.
    """
    standing = number_sql("standing", "n.strength")
    removed = f"{standing} IN ({EXPIRED}, {WITHDRAWN})"
    sql = f"""
    WITH withdrawal AS (
        SELECT {_KEY}, max(coalesce(recorded_on, :as_of)) AS withdrawn_on
        FROM {said}
        WHERE state = 'withdrawn' AND (recorded_on IS NULL OR recorded_on <= :as_of)
        GROUP BY {_KEY}
    )
    SELECT n.attribute, n.grain, n.subject_id, {_listed("n", "value", "raw_value")},
        CASE WHEN NOT {removed} THEN n.value END AS value,
        CASE WHEN NOT {removed} THEN n.raw_value END AS raw_value,
        n.statement_no, n.strength,
        CASE {standing} WHEN {NOT_YET_KNOWN} THEN 'not_yet_known' WHEN {EXPIRED} THEN 'expired'
            WHEN {WITHDRAWN} THEN 'withdrawn'
            ELSE CASE WHEN n.statement_no = 1 THEN 'current' ELSE 'superseded' END END AS standing
    FROM (
        SELECT k.*, row_number() OVER (
            PARTITION BY k.attribute, k.subject_id
            ORDER BY k.strength DESC, {tie_break_sql("k")}) AS statement_no
        FROM (
            SELECT s.attribute, s.grain, s.subject_id, {_listed("s")}, {strength_sql()} AS strength
            FROM {said} AS s
            JOIN {PRECEDENCE} AS a
                ON a.attribute = s.attribute AND a.source_kind = s.source_kind
            LEFT JOIN {LEFT} AS l ON l.grain = s.grain AND l.subject_id = s.subject_id
            LEFT JOIN withdrawal AS w ON {_same("w", "s")}
        ) AS k
    ) AS n
    """
    return Model(_in(schema.STATEMENT, stage), sql)


def conflict_model(*, stage: str = "profile") -> Model:
    """Of each other system its best statement, where it is as fresh and of the same origin, and different.

    An older answer of the same system is its history, and a stale one is out of date: neither is a
    conflict.
    """
    fresh = number_sql("fresh", "{}.strength")
    sql = f"""
    WITH best AS (
        SELECT {_KEY}, system, min(statement_no) AS statement_no
        FROM {stage}.statement WHERE standing = 'superseded'
        GROUP BY {_KEY}, system
    )
    SELECT w.attribute, w.grain, w.subject_id, w.system, o.system AS other_system,
        w.recorded_on, o.recorded_on AS other_recorded_on, w.source_file, w.source_row,
        o.source_file AS other_source_file, o.source_row AS other_source_row
    FROM {stage}.statement AS w
    JOIN {stage}.statement AS o ON {_same("o", "w")} AND o.origin = w.origin
    JOIN best AS b ON {_same("b", "o")} AND b.statement_no = o.statement_no
    WHERE w.standing = 'current' AND w.state = 'answered' AND {fresh.format("w", "w")} = 1
        AND o.standing = 'superseded' AND o.state = 'answered' AND {fresh.format("o", "o")} = 1
        AND o.system <> w.system AND coalesce(o.value, '') <> coalesce(w.value, '')
    """
    return Model(_in(schema.CONFLICT, stage), sql)


def value_model(*, stage: str = "profile") -> Model:
    """The current statement of each attribute and subject, with why it is the current one.

    Blanks are not stored: a subject without a row was not asked (`profile.read.value_of`).
    """
    ages = "a.fresh_months IS NOT NULL AND w.state <> 'withdrawn'"
    sql = f"""
    WITH others AS (
        SELECT {_KEY}, max(statement_no) AS n_statements,
            max(CASE WHEN statement_no = 2 THEN strength END) AS runner_up
        FROM {stage}.statement WHERE standing = 'superseded'
        GROUP BY {_KEY}
    ), disputed AS (
        SELECT DISTINCT {_KEY} FROM {stage}.conflict
    )
    SELECT w.attribute, w.grain, w.subject_id, w.state,
        CASE WHEN w.state = 'answered' THEN w.value END AS value,
        w.origin, w.method, w.system, w.source_kind, w.recorded_on,
        CASE WHEN {ages} THEN date_plus_months(w.recorded_on, a.fresh_months) END AS stale_on,
        {ages} AND {number_sql("fresh", "w.strength")} = 0 AS is_stale,
        w.confidence, coalesce(o.n_statements, 1) AS n_statements,
        d.attribute IS NOT NULL AS in_conflict,
        {why_sql("w.strength", "o.runner_up")} AS why,
        w.source_file, w.source_row
    FROM {stage}.statement AS w
    JOIN {ATTRIBUTES} AS a ON a.attribute = w.attribute
    LEFT JOIN others AS o ON {_same("o", "w")}
    LEFT JOIN disputed AS d ON {_same("d", "w")}
    WHERE w.standing = 'current' AND w.state <> 'not_asked'
    """
    return Model(_in(schema.VALUE, stage), sql)


def completeness_sql(*, stage: str = "profile", by: str | None = None) -> str:
    """One row per attribute (and group, where `by` names a table of grain, subject_id and group_value)."""
    group = "coalesce(g.group_value, 'unknown')" if by else "''"
    groups = (
        f"LEFT JOIN {by} AS g ON g.grain = p.grain AND g.subject_id = p.subject_id" if by else ""
    )
    outcome = "state IN ('answered', 'refused', 'dont_know', 'not_applicable')"
    counted = ", ".join(
        f"count(CASE WHEN v.state = '{state}' THEN 1 END) AS {state}" for state in _STATES
    )
    states = ", ".join(f"coalesce(c.{state}, 0) AS {state}" for state in _STATES)
    return f"""
    WITH member AS (
        SELECT p.population, p.subject_id, {group} AS group_value FROM {POPULATION} AS p {groups}
    ), size AS (
        SELECT population, group_value, count(*) AS n FROM member GROUP BY population, group_value
    ), counted AS (
        SELECT a.attribute, m.group_value, {counted},
            count(CASE WHEN v.is_stale AND v.{outcome} THEN 1 END) AS stale,
            count(CASE WHEN NOT v.is_stale AND v.{outcome} THEN 1 END) AS recorded_outcome,
            count(CASE WHEN v.in_conflict THEN 1 END) AS in_conflict,
            count(*) AS known
        FROM {stage}.value AS v
        JOIN {ATTRIBUTES} AS a ON a.attribute = v.attribute
        JOIN member AS m ON m.population = a.population AND m.subject_id = v.subject_id
        GROUP BY a.attribute, m.group_value
    )
    SELECT a.attribute, a.grain, a.population, {"coalesce(z.group_value, 'unknown') AS group_value," if by else ""}
        coalesce(z.n, 0) AS n, {states},
        coalesce(z.n, 0) - coalesce(c.known, 0) AS not_asked,
        coalesce(c.answered + c.refused + c.dont_know, 0) AS asked,
        coalesce(c.stale, 0) AS stale, coalesce(c.in_conflict, 0) AS in_conflict,
        coalesce(c.recorded_outcome, 0) AS recorded_outcome
    FROM {ATTRIBUTES} AS a
    LEFT JOIN size AS z ON z.population = a.population
    LEFT JOIN counted AS c ON c.attribute = a.attribute AND c.group_value = z.group_value
    """


def _in(table: Table, stage: str) -> Table:
    return replace(table, stage=stage)
