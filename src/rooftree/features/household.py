"""Who makes up each household at as_of, and how it fits its home.

Household type follows CORE (`profile.household_type`, where the attribute of the same name is worked out
too). A missing date of birth leaves the type open: it is never taken for an adult.
"""

from __future__ import annotations

from rooftree.features.bedrooms import PARTNER_FROM, rooms_ctes
from rooftree.features.references import scratch
from rooftree.features.schema import HOUSEHOLD, HOUSEHOLD_OCCUPANCY
from rooftree.profile.household_type import AGE_SQL, CHILD_BELOW, IS_CHILD, TYPE_SQL, counts_sql
from rooftree.storage.engine import Model

REGISTER_EXEMPT_OVER = 55

RESIDENT = scratch(
    "resident", ("household_id", "VARCHAR"), ("person_id", "VARCHAR"), ("role", "VARCHAR"),
    ("relationship", "VARCHAR"), ("age", "INTEGER"), ("sex", "VARCHAR"), ("on_uc", "BOOLEAN"),
    ("foster_carer", "BOOLEAN"), ("overnight_carer", "BOOLEAN"), ("cannot_share", "BOOLEAN"),
    key=("household_id", "person_id"),
)  # fmt: skip


def _answer(attribute: str, alias: str, *, grain: str = "person") -> str:
    """One answer of the person or household; where the attribute or the answer is missing, nothing is known."""
    return f"""LEFT JOIN profile.value {alias} ON {alias}.attribute = '{attribute}' AND {alias}.grain = '{grain}'
        AND {alias}.subject_id = m.{grain}_id AND {alias}.state = 'answered'"""


# Sex as registered at birth comes before the one question that stood for both until 2026.
# A person of several tenancies of one household is one resident, in the part nearest the agreement.
_RESIDENT_SQL = f"""
    WITH part AS (
      SELECT m.household_id, m.person_id, m.role,
        CASE WHEN h.lead_person_id = m.person_id THEN 'lead'
             WHEN m.relationship = 'lead' THEN 'unknown' ELSE coalesce(m.relationship, 'unknown') END AS relationship,
        row_number() OVER (PARTITION BY m.household_id, m.person_id
          ORDER BY m.is_responsible DESC, m.tenancy_id) AS place
      FROM identity.member m JOIN identity.household h ON h.household_id = m.household_id
      WHERE m.is_current AND m.lives_there AND h.is_current
    )
    SELECT m.household_id, m.person_id, m.role, m.relationship,
      {AGE_SQL} AS age,
      CASE WHEN coalesce(s.value, g.value) IN ('male', 'female') THEN coalesce(s.value, g.value) END AS sex,
      coalesce(u.value = 'uc_housing', false) AS on_uc, coalesce(f.value = 'true', false) AS foster_carer,
      coalesce(o.value = 'true', false) AS overnight_carer, coalesce(c.value = 'true', false) AS cannot_share
    FROM part m LEFT JOIN identity.person p ON p.person_id = m.person_id
    LEFT JOIN (SELECT subject_id, state FROM profile.value WHERE attribute = 'date_of_birth') b
      ON b.subject_id = m.person_id
    {_answer("sex_at_birth", "s")}
    {_answer("gender", "g")}
    {_answer("foster_carer", "f")}
    {_answer("cannot_share_bedroom", "c")}
    {_answer("housing_benefit", "u", grain="household")}
    {_answer("overnight_carer", "o", grain="household")}
    WHERE m.place = 1"""


def _n(condition: str) -> str:
    return f"count(CASE WHEN {condition} THEN 1 END)"


#: Relationships to the lead tenant, one generation each.
_GENERATIONS = (
    "('parent', 'grandparent')",
    "('lead', 'partner', 'sibling')",
    "('child')",
    "('grandchild')",
)

_COUNTED = f"""
    SELECT r.household_id, {counts_sql()}, {_n("age < 5")} AS under_5,
      max(age) AS oldest, min(age) AS youngest, {_n(f"age >= {CHILD_BELOW}")} AS grown,
      {_n("relationship IN ('unknown', 'other', 'other_relative')")} AS unplaced,
      {" + ".join(f"max(CASE WHEN relationship IN {words} THEN 1 ELSE 0 END)" for words in _GENERATIONS)} AS generations
    FROM (
      SELECT *, {IS_CHILD} AS is_child
      FROM features._tmp_resident) r
    GROUP BY r.household_id"""

_HOUSEHOLD_SQL = f"""
    SELECT h.household_id, coalesce(c.size, 0) AS n_residents,
      {TYPE_SQL} AS core_household_type,
      c.elders AS n_elders, c.adults AS n_adults, c.children AS n_children, c.under_5 AS n_under_5,
      c.size - c.n_known AS n_age_unknown, c.oldest AS oldest_age, c.youngest AS youngest_age,
      CASE WHEN c.n_known = c.size THEN c.grown = 1 AND c.size > 1 END AS is_lone_parent,
      CASE WHEN c.generations >= 3 THEN true WHEN c.unplaced = 0 THEN false END AS is_multi_generational,
      CASE WHEN c.size > 1 THEN false WHEN c.n_known = 1 THEN c.elders = 1 END AS is_lone_elder
    FROM identity.household h LEFT JOIN ({_COUNTED}) c ON c.household_id = h.household_id
    WHERE h.is_current"""

# --- how it fits the home ------------------------------------------------------------------------

#: A tenant without a date of birth is at least old enough to be one.
_MEMBER = f"""(
      SELECT household_id, on_uc AS is_uc, age, CAST(NULL AS INTEGER) AS age_max,
        CASE WHEN role IN ('tenant', 'joint_tenant', 'leaseholder', 'shared_owner', 'licensee')
          THEN {PARTNER_FROM} END AS age_min,
        sex, relationship, CAST(NULL AS VARCHAR) AS couple, cannot_share, overnight_carer, foster_carer,
        relationship = 'lodger' AS lodger, relationship NOT IN ('lead', 'partner') AS non_dependant
      FROM features._tmp_resident) resident"""

_ROOMS_COLUMNS = (("household_id", "VARCHAR"), ("rooms_min", "INTEGER"), ("rooms_max", "INTEGER"))
STANDARD = scratch("standard_rooms", *_ROOMS_COLUMNS, key=("household_id",))
SIZE = scratch("size_rooms", *_ROOMS_COLUMNS, key=("household_id",))


def _rooms_sql(rule: str) -> str:
    return f"WITH {rooms_ctes(rule=rule, member=_MEMBER)} SELECT household_id, rooms_min, rooms_max FROM rooms"


def _occupancy(under_from: int) -> str:
    """One word where the whole interval of the rating says the same."""
    return f"""CASE WHEN rating_max <= -1 THEN 'overcrowded' WHEN rating_min >= {under_from} THEN 'under_occupied'
           WHEN rating_min >= 0 AND rating_max < {under_from} THEN 'at_standard' ELSE 'unknown' END"""


_PERCENT = "CASE WHEN {0} <= 0 THEN 0 WHEN {0} = 1 THEN 14 ELSE 25 END"

_OCCUPANCY_SQL = f"""
    WITH claimant AS (
      SELECT household_id, max(CASE WHEN age >= :pension_age THEN 1 ELSE 0 END) AS over_age,
        max(CASE WHEN age IS NULL THEN 1 ELSE 0 END) AS age_missing,
        min(age) AS youngest, count(*) AS n
      FROM features._tmp_resident WHERE relationship IN ('lead', 'partner') GROUP BY household_id
    ),
    head AS (SELECT household_id, count(*) AS size FROM features._tmp_resident GROUP BY household_id),
    fitted AS (
      SELECT h.household_id, CASE WHEN m.bedrooms IS NOT NULL THEN greatest(m.bedrooms, 1) END AS beds,
        n.size, c.n AS n_claimants, c.youngest, c.age_missing,
        s.rooms_min, s.rooms_max, b.rooms_min AS size_min, b.rooms_max AS size_max, t.tenure,
        CASE WHEN m.bedrooms IS NOT NULL THEN greatest(m.bedrooms, 1) - s.rooms_max END AS rating_min,
        CASE WHEN m.bedrooms IS NOT NULL THEN greatest(m.bedrooms, 1) - s.rooms_min END AS rating_max,
        CASE WHEN m.bedrooms IS NOT NULL THEN greatest(greatest(m.bedrooms, 1) - b.rooms_max, 0) END AS spare_min,
        CASE WHEN m.bedrooms IS NOT NULL THEN greatest(greatest(m.bedrooms, 1) - b.rooms_min, 0) END AS spare_max,
        CASE WHEN t.tenure = 'temporary' THEN 'temporary' WHEN t.tenure = 'shared_ownership' THEN 'shared_ownership'
             WHEN m.is_supported THEN 'supported' WHEN c.over_age = 1 THEN 'pension_age'
             WHEN coalesce(c.age_missing, 1) = 1 THEN 'unknown' ELSE 'none' END AS exemption
      FROM identity.household h
      LEFT JOIN identity.home m ON m.home_id = h.home_id
      LEFT JOIN identity.tenancy t ON t.tenancy_id = h.tenancy_id
      LEFT JOIN head n ON n.household_id = h.household_id
      LEFT JOIN claimant c ON c.household_id = h.household_id
      LEFT JOIN features._tmp_standard_rooms s ON s.household_id = h.household_id
      LEFT JOIN features._tmp_size_rooms b ON b.household_id = h.household_id
      WHERE h.is_current
    )
    SELECT household_id, beds AS available_bedrooms,
      rooms_min AS standard_rooms_min, rooms_max AS standard_rooms_max, rating_min AS standard_rating_min,
      rating_max AS standard_rating_max, {_occupancy(1)} AS occupancy_ons, {_occupancy(2)} AS occupancy_ehs,
      size_min AS size_rooms_min, size_max AS size_rooms_max, spare_min AS spare_bedrooms_min,
      spare_max AS spare_bedrooms_max, exemption AS size_exemption,
      CASE WHEN tenure IN ('leasehold', 'freehold', 'commercial', 'garage') THEN NULL
           WHEN exemption NOT IN ('none', 'unknown') OR spare_max = 0 THEN 0
           WHEN beds IS NOT NULL AND exemption = 'none'
             AND {_PERCENT.format("spare_min")} = {_PERCENT.format("spare_max")}
             THEN {_PERCENT.format("spare_min")} END AS size_reduction_percent,
      CASE WHEN size > n_claimants THEN false WHEN youngest <= {REGISTER_EXEMPT_OVER} THEN false
           WHEN age_missing = 0 THEN true END AS register_exempt
    FROM fitted"""

MODELS = (
    Model(RESIDENT, _RESIDENT_SQL),
    Model(HOUSEHOLD, _HOUSEHOLD_SQL),
    Model(STANDARD, _rooms_sql("bedroom_standard")),
    Model(SIZE, _rooms_sql("size_criteria")),
    Model(HOUSEHOLD_OCCUPANCY, _OCCUPANCY_SQL),
)
