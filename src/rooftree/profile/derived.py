"""Attributes that Rooftree works out from the values that stand, each by a published rule.

They are worked out after the answers have been resolved, so what was withdrawn takes with it whatever
was derived from it, and a value that an answer lost against plays no part. The result is one more
statement of the origin `derived`, with the place of the answer that decided: what a person said
themselves always comes before it. Where the inputs do not tell, nothing is said; where the person
preferred not to tell an input, that is what is known of the result too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rooftree.catalogue.model import Catalogue
from rooftree.profile.household_type import AGE_SQL, IS_CHILD, TYPE_SQL, counts_sql
from rooftree.vocabulary.states import Grain

#: Who says what is worked out here: the statement's system.
ROOFTREE = "rooftree"


@dataclass(frozen=True, slots=True, kw_only=True)
class Derivation:
    """How one attribute is worked out.

    `sql` is portable, expects :as_of, and names the resolved values `{values}`. Its columns:
    subject_id, state, value, recorded_on (of the oldest answer that it rests on), source_kind,
    source_file, source_row (of the answer that decided). A null state says nothing.
    """

    attribute: str
    inputs: tuple[str, ...]
    sql: str
    grain: Grain = Grain.PERSON

    def statements(self, values: str) -> str:
        """Portable SQL with the columns of a placed answer."""
        return f"""
            SELECT '{self.attribute}' AS attribute, '{self.grain}' AS grain, subject_id,
                state, CASE WHEN state = 'answered' THEN value END AS value,
                CASE WHEN state = 'answered' THEN value END AS raw_value,
                CAST(NULL AS VARCHAR) AS frame, 'derived' AS origin, 'system' AS method,
                '{ROOFTREE}' AS system, source_kind, CAST(NULL AS VARCHAR) AS recorded_by, recorded_on,
                CAST(NULL AS DOUBLE) AS confidence, source_file, source_row
            FROM ({self.sql.replace("{values}", values)}) AS worked_out
            WHERE state IS NOT NULL AND (state <> 'answered' OR value IS NOT NULL)"""


_BORN = "CAST(value AS DATE)"
_AGE = f"years_full({_BORN}, :as_of)"


def _from_birth(attribute: str, value: str) -> Derivation:
    # Worked out anew for the day of the picture, so it is never stale; a date ahead of it gives no age.
    return Derivation(
        attribute=attribute,
        inputs=("date_of_birth",),
        sql=f"""SELECT subject_id, state, CAST({value} AS VARCHAR) AS value,
                CAST(:as_of AS DATE) AS recorded_on, source_kind, source_file, source_row
            FROM {{values}} WHERE attribute = 'date_of_birth' AND state = 'answered' AND {_BORN} <= :as_of""",
    )


def _of_person(attribute: str, alias: str) -> str:
    return f"""LEFT JOIN (SELECT * FROM {{values}} WHERE attribute = '{attribute}') AS {alias}
            ON {alias}.subject_id = p.subject_id"""


# Disabled under the Equality Act: a condition of twelve months or more, and day-to-day activities
# limited a little or a lot (GSS harmonised standard; Equality Act 2010, section 6). The areas
# affected are asked of those with such a condition only, so naming one says that there is one where
# nobody kept the first answer. "No condition" beside something that contradicts it and was not said
# earlier tells nothing: neither answer is guessed to be the mistake.
_AREA = "coalesce(i.state = 'answered' AND i.value <> 'none', FALSE)"
_LIMITED = "coalesce(e.state = 'answered' AND e.value IN ('a_lot', 'a_little'), FALSE)"
_DISABILITY = f"""
    SELECT subject_id, value, CASE WHEN value IS NOT NULL THEN 'answered' ELSE unknown END AS state,
        CASE WHEN condition <> 'yes' THEN said_on
            WHEN said_on IS NOT NULL AND effect_on IS NOT NULL THEN least(said_on, effect_on) END AS recorded_on,
        CASE WHEN condition = 'yes' THEN effect_kind ELSE said_kind END AS source_kind,
        CASE WHEN condition = 'yes' THEN effect_file ELSE said_file END AS source_file,
        CASE WHEN condition = 'yes' THEN effect_row ELSE said_row END AS source_row
    FROM (
        SELECT answer.*,
            CASE WHEN condition = 'no' AND NOT contradicted THEN 'no_condition'
                WHEN condition = 'yes' AND effect = 'a_lot' THEN 'limited_a_lot'
                WHEN condition = 'yes' AND effect = 'a_little' THEN 'limited_a_little'
                WHEN condition = 'yes' AND effect = 'not_at_all' THEN 'condition_not_limiting' END AS value,
            CASE WHEN condition IN ('refused', 'dont_know', 'not_applicable') THEN condition
                WHEN condition = 'yes' AND effect IN ('refused', 'dont_know') THEN effect END AS unknown
        FROM (
            SELECT p.subject_id,
                CASE WHEN c.state = 'answered' THEN c.value WHEN c.state IS NOT NULL THEN c.state
                    WHEN {_AREA} THEN 'yes' END AS condition,
                CASE WHEN e.state = 'answered' THEN e.value ELSE e.state END AS effect,
                ({_LIMITED} AND NOT coalesce(e.recorded_on < c.recorded_on, FALSE))
                    OR ({_AREA} AND NOT coalesce(i.recorded_on < c.recorded_on, FALSE)) AS contradicted,
                CASE WHEN c.state IS NOT NULL THEN c.recorded_on ELSE i.recorded_on END AS said_on,
                coalesce(c.source_kind, i.source_kind) AS said_kind,
                coalesce(c.source_file, i.source_file) AS said_file,
                coalesce(c.source_row, i.source_row) AS said_row,
                e.recorded_on AS effect_on, e.source_kind AS effect_kind, e.source_file AS effect_file,
                e.source_row AS effect_row
            FROM (SELECT DISTINCT subject_id FROM {{values}}
                WHERE attribute IN ('long_term_condition', 'impairment')) AS p
            {_of_person("long_term_condition", "c")}
            {_of_person("impairment", "i")}
            {_of_person("day_to_day_effect", "e")}
        ) AS answer
    ) AS judged
"""

# Everybody who lives in a current household counts, once. The place is that of the lead tenant's date
# of birth: a type needs the age of everyone, so there is one.
_HOUSEHOLD_TYPE = f"""
    SELECT h.household_id AS subject_id, 'answered' AS state, {TYPE_SQL} AS value,
        CAST(:as_of AS DATE) AS recorded_on, l.source_kind, l.source_file, l.source_row
    FROM identity.household AS h
    JOIN (
        SELECT household_id, {counts_sql()}
        FROM (SELECT *, {IS_CHILD} AS is_child FROM (
            SELECT m.household_id, m.person_id, max(m.relationship) AS relationship, max({AGE_SQL}) AS age
            FROM (
                SELECT m.household_id, m.person_id, CASE WHEN h.lead_person_id = m.person_id THEN 'lead'
                    ELSE m.relationship END AS relationship
                FROM identity.member AS m JOIN identity.household AS h ON h.household_id = m.household_id
                WHERE m.is_current AND m.lives_there AND h.is_current
            ) AS m
            JOIN identity.person AS p ON p.person_id = m.person_id
            LEFT JOIN (SELECT subject_id, state FROM {{values}} WHERE attribute = 'date_of_birth') AS b
                ON b.subject_id = m.person_id
            GROUP BY m.household_id, m.person_id
        ) AS resident) AS counted
        GROUP BY household_id
    ) AS c ON c.household_id = h.household_id
    JOIN (SELECT * FROM {{values}} WHERE attribute = 'date_of_birth') AS l ON l.subject_id = h.lead_person_id
    WHERE h.is_current
"""

DERIVATIONS: tuple[Derivation, ...] = (
    _from_birth("age", _AGE),
    _from_birth(
        "age_band",
        f"CASE WHEN {_AGE} < 25 THEN 'under_25' WHEN {_AGE} < 35 THEN '25_to_34' "
        f"WHEN {_AGE} < 50 THEN '35_to_49' WHEN {_AGE} < 65 THEN '50_to_64' ELSE '65_and_over' END",
    ),
    Derivation(
        attribute="disability",
        inputs=("long_term_condition", "day_to_day_effect", "impairment"),
        sql=_DISABILITY,
    ),
    Derivation(
        attribute="household_type",
        inputs=("date_of_birth",),
        sql=_HOUSEHOLD_TYPE,
        grain=Grain.HOUSEHOLD,
    ),
)


def derivations(catalogue: Catalogue) -> Sequence[Derivation]:
    """Those whose attribute the catalogue has, as belonging to what the rule gives, and whose inputs too."""
    known = catalogue.attributes
    return [
        one
        for one in DERIVATIONS
        if one.attribute in known
        and known[one.attribute].grain == one.grain
        and all(key in known for key in one.inputs)
    ]
