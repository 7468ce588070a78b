"""Puts each answer on the person, household, tenancy or home it is about; none is dropped silently."""

from __future__ import annotations

from collections.abc import Sequence

SUBJECT_REF = "_tmp_profile_subject_ref"
LEFT = "_tmp_profile_left"
PLACED = "_tmp_profile_placed"

#: The columns that an answer brings and a statement keeps.
CARRIED = (
    "state", "value", "raw_value", "frame", "origin", "method", "system", "source_kind",
    "recorded_by", "recorded_on", "confidence", "source_file", "source_row",
)  # fmt: skip

#: Every reference that may stand for a subject. '*' is a reference that all systems share. A
#: household has no reference of its own: it is found by its tenancy. The register speaks of persistent
#: ids, or of a record as 'system:reference', which a merge of two people does not make unknown.
SUBJECT_REF_SQL = """
    SELECT 'person' AS grain, system, person_ref AS ref, person_id AS subject_id FROM identity.record
    UNION ALL
    SELECT 'tenancy', system, ref, tenancy_id FROM identity.tenancy_ref WHERE ref_kind = 'tenancy_ref'
    UNION ALL
    SELECT 'household', r.system, r.ref, t.household_id
    FROM identity.tenancy_ref AS r JOIN identity.tenancy AS t ON t.tenancy_id = r.tenancy_id
    WHERE r.ref_kind = 'tenancy_ref'
    UNION ALL
    SELECT 'home', system, ref, home_id FROM identity.home_ref WHERE ref_kind = 'property_ref'
    UNION ALL
    SELECT 'person', 'register', concat(system, ':', person_ref), person_id FROM identity.record
    UNION ALL SELECT 'person', 'register', person_id, person_id FROM identity.person
    UNION ALL SELECT 'tenancy', 'register', tenancy_id, tenancy_id FROM identity.tenancy
    UNION ALL SELECT 'household', 'register', household_id, household_id FROM identity.household
    UNION ALL SELECT 'home', 'register', home_id, home_id FROM identity.home
"""

#: The end of the last tenancy of those who have none left at as_of; retention counts from it. A home
#: outlives its tenancies, so what is said of it is not here.
LEFT_SQL = """
    WITH part AS (
        SELECT 'person' AS grain, m.person_id AS subject_id,
            least(coalesce(m.to_on, t.ended_on), coalesce(t.ended_on, m.to_on)) AS ended_on
        FROM identity.member AS m JOIN identity.tenancy AS t ON t.tenancy_id = m.tenancy_id
        UNION ALL SELECT 'tenancy', tenancy_id, ended_on FROM identity.tenancy
        UNION ALL SELECT 'household', household_id, ended_on FROM identity.tenancy
        WHERE household_id IS NOT NULL
    )
    SELECT grain, subject_id, max(ended_on) AS left_on
    FROM part
    GROUP BY grain, subject_id
    HAVING count(CASE WHEN ended_on IS NULL OR ended_on >= :as_of THEN 1 END) = 0
"""

_ANSWER = "attribute, grain, subject_ref, " + ", ".join(CARRIED)


def placed_sql(facts: Sequence[str]) -> str:
    """Portable SQL of all answers, with those facts that sources hold as columns, each on its subject.

    `problem` is null for an answer that was placed, else the reason why it could not be.
    """
    answers = " UNION ALL ".join(
        f"SELECT {_ANSWER} FROM ({source}) AS fact" for source in ("SELECT * FROM staging.answer", *facts)
    )  # fmt: skip
    return f"""
    SELECT s.attribute, s.grain, s.subject_ref, coalesce(own.subject_id, shared.subject_id) AS subject_id,
        {", ".join(f"s.{column}" for column in CARRIED)},
        CASE WHEN a.attribute IS NULL THEN 'attribute_unknown'
            WHEN a.grain <> s.grain THEN 'grain_differs'
            WHEN own.ref IS NULL AND shared.ref IS NULL THEN 'subject_unknown'
            WHEN coalesce(own.subject_id, shared.subject_id) IS NULL THEN 'household_unknown'
            END AS problem
    FROM ({answers}) AS s
    LEFT JOIN _tmp_profile_attribute AS a ON a.attribute = s.attribute
    LEFT JOIN {SUBJECT_REF} AS own
        ON own.grain = s.grain AND own.system = s.system AND own.ref = s.subject_ref
    LEFT JOIN {SUBJECT_REF} AS shared
        ON shared.grain = s.grain AND shared.system = '*' AND shared.ref = s.subject_ref
    """
