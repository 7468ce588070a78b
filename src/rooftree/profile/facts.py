"""Facts that systems keep as columns or tables of their own, declared here as answers.

A date of birth stands in a column of the person's record, an alert in a table of alerts. Here each
becomes a statement like any other answer, with its lineage, so that it is resolved, counted and
explained in the same way. An entry is used where the catalogue has its attribute; an empty cell
makes no statement, since nobody knows whether it was asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rooftree.catalogue.model import Catalogue
from rooftree.storage.engine import Engine, quote


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One attribute read from a canonical table other than `answer`.

    `value` is portable SQL over the table; rows in which it is null say nothing. `recorded_on` is
    the day from which the source said it. With `many`, all rows of one person in one system are one
    statement: their values sorted and joined by ';'.
    """

    attribute: str
    table: str
    value: str
    recorded_on: str
    where: str = "TRUE"
    many: bool = False

    def sql(self, origin: str) -> str:
        """Portable SQL with the columns of an answer; `origin` as the catalogue has it."""
        rows = f"""
            SELECT system, source_kind, source_file, source_row, person_ref,
                CAST({self.value} AS VARCHAR) AS value, {self.recorded_on} AS recorded_on
            FROM staging.{self.table} WHERE {self.where}"""
        if self.many:
            rows = f"""
            SELECT system, source_kind, source_file, min(source_row) AS source_row, person_ref,
                joined(value) AS value, max(recorded_on) AS recorded_on
            FROM ({rows}) AS one WHERE value IS NOT NULL
            GROUP BY system, source_kind, source_file, person_ref"""
        return f"""
            SELECT '{self.attribute}' AS attribute, 'person' AS grain, person_ref AS subject_ref,
                'answered' AS state, value, value AS raw_value, CAST(NULL AS VARCHAR) AS frame,
                {quote(origin)} AS origin, 'system' AS method, system, source_kind,
                CAST(NULL AS VARCHAR) AS recorded_by, recorded_on,
                CAST(NULL AS DOUBLE) AS confidence, source_file, source_row
            FROM ({rows}) AS fact WHERE value IS NOT NULL"""


def _of_record(attribute: str, column: str) -> Fact:
    # The day a record was last changed is the latest on which the value can have been said.
    return Fact(attribute=attribute, table="person", value=column, recorded_on="updated_on")


_RUNNING = (
    "(started_on IS NULL OR started_on <= :as_of) AND (ended_on IS NULL OR ended_on > :as_of)"
)


def _of_alerts(attribute: str, kind: str) -> Fact:
    # An alert has a beginning and an end: one that has ended says nothing about today.
    return Fact(
        attribute=attribute,
        table="alert",
        value="code",
        recorded_on="started_on",
        where=f"kind = '{kind}' AND {_RUNNING}",
        many=True,
    )


def _is_mobile(column: str) -> str:
    digits = f"replace(replace({column}, ' ', ''), '-', '')"
    return " OR ".join(f"starts_with({digits}, '{start}')" for start in ("07", "+447", "00447"))


FACTS: tuple[Fact, ...] = (
    _of_record("date_of_birth", "date_of_birth"),
    _of_record("preferred_name", "preferred_name"),
    _of_record("national_insurance_number", "ni_number"),
    _of_record("email", "email"),
    # Systems keep two numbers in no particular order. The first mobile one is the mobile, and the
    # first of the others is "another number".
    _of_record(
        "mobile",
        f"CASE WHEN {_is_mobile('phone')} THEN phone WHEN {_is_mobile('phone_2')} THEN phone_2 END",
    ),
    _of_record(
        "phone",
        f"CASE WHEN {_is_mobile('phone')} THEN phone_2 WHEN phone IS NOT NULL THEN phone "
        f"WHEN NOT ({_is_mobile('phone_2')}) THEN phone_2 END",
    ),
    _of_alerts("person_alerts", "alert"),
    _of_alerts("vulnerability", "vulnerability"),
    _of_alerts("reasonable_adjustments", "adjustment"),
    _of_alerts("evacuation_need", "evacuation"),
    Fact(
        attribute="preferred_channel",
        table="preference",
        value="channel",
        recorded_on="from_on",
        where="choice = 'prefer' AND topic = 'all' AND (from_on IS NULL OR from_on <= :as_of) "
        "AND (to_on IS NULL OR to_on > :as_of)",
        many=True,
    ),
    # Somebody in two tenancies has two: the order decides, as between any two statements.
    Fact(
        attribute="relationship_to_lead",
        table="household_member",
        value="nullif(relationship, 'unknown')",
        recorded_on="from_on",
        where="role NOT IN ('next_of_kin', 'advocate', 'applicant') "
        "AND (from_on IS NULL OR from_on <= :as_of) AND (to_on IS NULL OR to_on > :as_of)",
    ),
)


def facts_sql(engine: Engine, catalogue: Catalogue) -> Sequence[str]:
    """The entries whose attribute the catalogue has and whose table the extracts brought."""
    return [
        fact.sql(str(catalogue.attributes[fact.attribute].origin))
        for fact in FACTS
        if fact.attribute in catalogue.attributes and engine.has(f"staging.{fact.table}")
    ]
