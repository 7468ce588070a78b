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
from rooftree.storage.engine import Engine


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

    def sql(self) -> str:
        """Portable SQL with the columns of an answer."""
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
                'told' AS origin, 'system' AS method, system, source_kind,
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


FACTS: tuple[Fact, ...] = (
    _of_record("date_of_birth", "date_of_birth"),
    _of_record("preferred_name", "preferred_name"),
    _of_record("phone", "phone"),
    _of_record("phone_2", "phone_2"),
    _of_record("email", "email"),
    _of_alerts("person_alerts", "alert"),
    _of_alerts("vulnerabilities", "vulnerability"),
    _of_alerts("adjustments", "adjustment"),
    _of_alerts("evacuation_need", "evacuation"),
    Fact(
        attribute="preferred_channel",
        table="preference",
        value="channel",
        recorded_on="from_on",
        where="choice = 'prefer' AND topic = 'all' "
        "AND (from_on IS NULL OR from_on <= :as_of) AND (to_on IS NULL OR to_on > :as_of)",
        many=True,
    ),
    Fact(
        attribute="relationship_to_lead",
        table="household_member",
        value="nullif(relationship, 'unknown')",
        recorded_on="from_on",
        where="(from_on IS NULL OR from_on <= :as_of) AND (to_on IS NULL OR to_on > :as_of)",
        many=True,
    ),
)


def facts_for(engine: Engine, catalogue: Catalogue) -> Sequence[Fact]:
    """The entries whose attribute the catalogue has and whose table the extracts brought."""
    return [
        fact
        for fact in FACTS
        if fact.attribute in catalogue.attributes and engine.has(f"staging.{fact.table}")
    ]
