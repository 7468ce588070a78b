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
    """One attribute read from a canonical table other than `answer`, or from several (`rows`, `reads`).

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
    rows: str = ""  # portable SQL read in place of the table
    reads: tuple[str, ...] = ()  # staging tables that `rows` needs beside it

    def sql(self, origin: str) -> str:
        """Portable SQL with the columns of an answer; `origin` as the catalogue has it."""
        rows = f"""
            SELECT system, source_kind, source_file, source_row, person_ref,
                CAST({self.value} AS VARCHAR) AS value, {self.recorded_on} AS recorded_on
            FROM {f"({self.rows})" if self.rows else f"staging.{self.table}"} AS source WHERE {self.where}"""
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


# Titles as systems write them, with a stop or without; what is no title of the list is another title.
_TITLES = {
    "mr": "mr", "mister": "mr", "mrs": "mrs", "miss": "miss", "ms": "ms", "mx": "mx", "master": "master",
    "mstr": "master", "dr": "dr", "doctor": "dr", "reverend": "reverend", "rev": "reverend", "revd": "reverend",
    "rabbi": "rabbi", "imam": "imam",
}  # fmt: skip
_NO_TITLE = "'', '-', 'n/a', 'na', 'none', 'unknown', 'not known', 'tbc', 'x'"
_TITLE_WORD = "lower(trim(replace(title, '.', '')))"
_TITLE = (
    f"CASE WHEN {_TITLE_WORD} IN ({_NO_TITLE}) THEN NULL "
    + " ".join(f"WHEN {_TITLE_WORD} = '{said}' THEN '{code}'" for said, code in _TITLES.items())
    + " WHEN title IS NOT NULL THEN 'other' END"
)


def _runs(alias: str) -> str:
    return (
        f"({alias}.from_on IS NULL OR {alias}.from_on <= :as_of) "
        f"AND ({alias}.to_on IS NULL OR {alias}.to_on > :as_of)"
    )


def _agreed(
    attribute: str, *, topic: str, yes: str, no: str, choices: str = "'consent'", channels: str = ""
) -> Fact:
    """What a person agreed to on a topic, channel by channel, less what they object to.

    An objection stops at once whatever was agreed to before it, in whichever system (UK GDPR Article
    21(3)); only a later consent by the same channel lifts it. One of unknown date, or of the same day,
    is the later one. `yes` is the value of a channel that remains, `no` that of a person who objected and
    has none left. Silence says nothing.
    """
    only = f"AND p.channel IN ({channels})" if channels else ""
    said = f"""
        SELECT p.*, r.person_id FROM staging.preference AS p
        JOIN identity.record AS r ON r.system = p.system AND r.person_ref = p.person_ref
        WHERE {_runs("p")} {only}"""
    objection = f"""
        SELECT person_id, channel, max(from_on) AS last_on,
            max(CASE WHEN from_on IS NULL THEN 1 ELSE 0 END) AS undated
        FROM ({said}) AS said WHERE choice = 'object' AND topic IN ('{topic}', 'all')
        GROUP BY person_id, channel"""
    left = f"""
        SELECT c.system, c.source_kind, c.source_file, c.source_row, c.person_ref, {yes} AS value, c.from_on
        FROM ({said}) AS c LEFT JOIN ({objection}) AS o ON o.person_id = c.person_id AND o.channel = c.channel
        WHERE c.topic = '{topic}' AND c.choice IN ({choices})
            AND (o.person_id IS NULL OR (o.undated = 0 AND o.last_on < c.from_on))"""
    none = f"""
        SELECT b.system, b.source_kind, b.source_file, b.source_row, b.person_ref, {no} AS value, b.from_on
        FROM ({said}) AS b
        LEFT JOIN (SELECT DISTINCT system, person_ref FROM ({left}) AS kept) AS k
            ON k.system = b.system AND k.person_ref = b.person_ref
        WHERE b.topic = '{topic}' AND b.choice = 'object' AND k.system IS NULL"""
    return Fact(
        attribute=attribute,
        table="preference",
        rows=f"{left} UNION ALL {none}",
        value="value",
        recorded_on="from_on",
        many=True,
    )


# Next of kin stand among the people of a tenancy: they are the lead tenant's, or the one tenant's. System and
# reference are joined as one text: of two equalities, a planner may take the system alone, and pair everybody
# with everybody.
_OF_TENANT = f"""
    SELECT concat(system, ':', tenancy_ref) AS tenancy, value_at_min(person_ref, place) AS person_ref,
        count(DISTINCT person_ref) AS n,
        min(place) AS first_place
    FROM (
        SELECT m.system, m.tenancy_ref, m.person_ref, CASE WHEN m.relationship = 'lead' THEN 0 ELSE 1 END AS place
        FROM staging.household_member AS m
        WHERE m.role IN ('tenant', 'joint_tenant', 'licensee', 'leaseholder', 'shared_owner', 'freeholder')
            AND {_runs("m")}
    ) AS named GROUP BY system, tenancy_ref"""
_KIN = f"""
    SELECT k.system, k.source_kind, k.source_file, k.source_row, t.person_ref,
        coalesce(k.from_on, p.updated_on) AS said_on,
        concat(trim(concat(coalesce(concat(p.given_name, ' '), ''), coalesce(p.family_name, p.full_name, ''))),
            CASE WHEN k.relationship IS NULL OR k.relationship = 'unknown' THEN ''
                ELSE concat(' (', replace(k.relationship, '_', ' '), ')') END,
            CASE WHEN coalesce(p.phone, p.phone_2) IS NULL THEN ''
                ELSE concat(', ', coalesce(p.phone, p.phone_2)) END) AS value
    FROM staging.household_member AS k
    JOIN ({_OF_TENANT}) AS t ON t.tenancy = concat(k.system, ':', k.tenancy_ref)
    JOIN staging.person AS p ON concat(p.system, ':', p.person_ref) = concat(k.system, ':', k.person_ref)
    WHERE k.role = 'next_of_kin' AND {_runs("k")} AND (t.n = 1 OR t.first_place = 0)
        AND coalesce(p.family_name, p.full_name, p.given_name) IS NOT NULL"""


def _is_mobile(column: str) -> str:
    digits = f"replace(replace({column}, ' ', ''), '-', '')"
    return " OR ".join(f"starts_with({digits}, '{start}')" for start in ("07", "+447", "00447"))


FACTS: tuple[Fact, ...] = (
    _of_record("date_of_birth", "date_of_birth"),
    _of_record("title", _TITLE),
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
    _agreed(
        "marketing_consent",
        topic="marketing",
        yes="c.channel",
        no="'none'",
        channels="'email', 'sms', 'phone', 'letter'",
    ),
    _agreed(
        "survey_consent", topic="surveys", yes="'true'", no="'false'", choices="'consent', 'allow'"
    ),
    _agreed("sharing_consent", topic="sharing", yes="'true'", no="'false'"),
    Fact(
        attribute="next_of_kin",
        table="household_member",
        rows=_KIN,
        reads=("person",),
        value="value",
        recorded_on="said_on",
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


def facts_of(engine: Engine, catalogue: Catalogue) -> Sequence[tuple[Fact, str]]:
    """With their SQL, the entries whose attribute the catalogue has and whose table the extracts brought."""
    return [
        (fact, fact.sql(str(catalogue.attributes[fact.attribute].origin)))
        for fact in FACTS
        if fact.attribute in catalogue.attributes
        and all(engine.has(f"staging.{name}") for name in (fact.table, *fact.reads))
    ]
