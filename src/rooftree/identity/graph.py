"""People, households, tenancies and homes as one graph over time: the tables that others read.

Each text is portable SQL over scratch tables that references.py, people.py and persistent.py made.
`standing` orders the systems: the lowest number knows best.
"""

from __future__ import annotations

from collections.abc import Sequence

from rooftree.identity import schema
from rooftree.storage.engine import Model

#: Roles, the strongest first.
ROLES = (
    "tenant", "joint_tenant", "leaseholder", "shared_owner", "freeholder", "licensee",
    "household_member", "occupant", "applicant", "next_of_kin", "advocate", "other",
)  # fmt: skip
_APART = "'next_of_kin', 'advocate', 'applicant'"
_EVER = "CAST('9000-01-01' AS DATE)"  # a part without an end


def _best(columns: Sequence[str], by: str) -> str:
    """Each column's value in the best-standing row that has one."""
    return ", ".join(
        f"value_at_min({c}, CASE WHEN {c} IS NOT NULL THEN {by} END) AS {c}" for c in columns
    )


_TENANCY_FACTS = (
    "tenancy_ref", "payment_ref", "tenure", "started_on", "ended_on", "end_reason", "rent_pence",
    "service_charge_pence", "charge_frequency", "charge_weeks",
)  # fmt: skip

#: One row for each tenancy, before its home and household are known. A tenancy that only members
#: name is running while one of its members is.
TENANCY_BEST = f"""
WITH facts AS (
    SELECT tenancy_id, {_best(_TENANCY_FACTS, "standing")},
        value_at_max(balance_pence, CASE WHEN balance_pence IS NOT NULL
            THEN concat(coalesce(cast(balance_on AS varchar), '0'), system) END) AS balance_pence,
        max(CASE WHEN balance_pence IS NOT NULL THEN balance_on END) AS balance_on,
        max(CASE WHEN is_stated THEN 1 ELSE 0 END) AS stated,
        max(CASE WHEN is_stated OR open_member THEN 1 ELSE 0 END) AS open
    FROM _tmp_identity_tenancy_row GROUP BY tenancy_id
)
SELECT tenancy_id, {", ".join(_TENANCY_FACTS)}, balance_pence, balance_on,
    open = 1 AND coalesce(tenure, '') <> 'application' AND (started_on IS NULL OR started_on <= :as_of)
        AND (ended_on IS NULL OR ended_on >= :as_of) AS is_current,
    stated = 1 AND coalesce(tenure, '') <> 'application' AS is_let
FROM facts
"""

TENANCY = Model(schema.TENANCY, f"""
SELECT t.tenancy_id, {", ".join("t." + c for c in _TENANCY_FACTS)}, t.balance_pence, t.balance_on, t.is_current,
    h.home_id, k.household_id
FROM _tmp_identity_tenancy_best AS t
LEFT JOIN _tmp_identity_tenancy_home AS h ON h.tenancy_id = t.tenancy_id
LEFT JOIN (SELECT tenancy_id, max(household_id) AS household_id FROM _tmp_identity_member GROUP BY tenancy_id) AS k
    ON k.tenancy_id = t.tenancy_id
ORDER BY t.tenancy_id
""")  # fmt: skip

TENANCY_REF = Model(schema.TENANCY_REF, """
SELECT ref_kind, system, ref, tenancy_id FROM _tmp_identity_tenancy_ref ORDER BY ref_kind, system, ref
""")  # fmt: skip

HOME_REF = Model(schema.HOME_REF, """
SELECT ref_kind, system, ref, home_id FROM _tmp_identity_home_ref ORDER BY ref_kind, system, ref
""")  # fmt: skip

_HOME_FACTS = tuple(c.name for c in schema.HOME if c.name not in ("home_id", "parent_home_id"))

HOME = Model(schema.HOME, f"""
SELECT home_id, {_best(_HOME_FACTS, "standing")},
    value_at_min(parent_home_id, CASE WHEN parent_home_id IS NOT NULL THEN standing END) AS parent_home_id
FROM _tmp_identity_home_row GROUP BY home_id ORDER BY home_id
""")  # fmt: skip

#: One row for each person in each tenancy. A former member's last day is the tenancy's where no
#: system says another. Who is only mentioned with a tenancy (`said` = 0) does not count as living there,
#: unless nobody else does: where the records of all its members are missing, the people whom other systems
#: know by the tenancy are its household. What part they have in it stays open.
#:
#: A person may be in a tenancy more than once: somebody who left and came back, a tenant who stays on as a
#: member of the household. The part is that of the rows which run at :as_of (else of those that ended last),
#: and it counts from the beginning of the spell without a gap that these belong to. A row that begins later
#: than :as_of counts only where there is no other.
MEMBER_BEST = f"""
WITH ranked AS (
    SELECT m.*, CASE m.role {" ".join(f"WHEN '{role}' THEN {i}" for i, role in enumerate(ROLES))}
        ELSE {len(ROLES)} END AS strength,
        CASE m.relationship WHEN 'lead' THEN 0 WHEN 'unknown' THEN 99 ELSE m.standing END AS telling,
        coalesce(m.from_on, CAST('0001-01-01' AS DATE)) AS since, coalesce(m.to_on, {_EVER}) AS until,
        CASE WHEN m.from_on > :as_of THEN 0 ELSE 1 END AS begun
    FROM _tmp_identity_member_row AS m
), begun AS (
    SELECT * FROM (SELECT r.*, max(begun) OVER (PARTITION BY tenancy_id, person_id) AS any_begun FROM ranked AS r) AS r
    WHERE begun = any_begun
), gap AS (
    SELECT b.*, CASE WHEN begun = 1 AND until >= :as_of THEN {_EVER} ELSE until END AS lasts,
        CASE WHEN since > date_plus_days(max(until) OVER (PARTITION BY tenancy_id, person_id ORDER BY since, until
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 1) THEN 1 ELSE 0 END AS after_gap
    FROM begun AS b
), spell AS (
    SELECT g.*, max(lasts) OVER (PARTITION BY tenancy_id, person_id) AS last,
        sum(after_gap) OVER (PARTITION BY tenancy_id, person_id ORDER BY since, until
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS spell_no
    FROM gap AS g
), speaking AS (
    SELECT s.*, CASE WHEN lasts = last THEN 1 ELSE 0 END AS speaks,
        max(CASE WHEN lasts = last THEN spell_no END) OVER (PARTITION BY tenancy_id, person_id) AS last_spell
    FROM spell AS s
), best AS (
    SELECT tenancy_id, person_id, value_at_min(role, CASE WHEN speaks = 1 THEN strength END) AS role,
        min(CASE WHEN speaks = 1 THEN strength END) AS strength,
        value_at_min(relationship, CASE
            WHEN relationship IS NOT NULL THEN concat(cast(1 - speaks AS varchar), cast(100 + telling AS varchar),
            relationship) END) AS relationship,
        max(CASE WHEN speaks = 1 AND is_responsible THEN 1 ELSE 0 END) AS responsible,
        max(CASE WHEN speaks = 1 AND is_responsible IS NOT NULL THEN 1 ELSE 0 END) AS responsible_known,
        max(said) AS said, min(CASE WHEN spell_no = last_spell THEN from_on END) AS from_on,
        CASE WHEN max(CASE WHEN spell_no = last_spell AND to_on IS NULL THEN 1 ELSE 0 END) = 1 THEN NULL
            ELSE max(CASE WHEN spell_no = last_spell THEN to_on END) END AS to_on
    FROM speaking GROUP BY tenancy_id, person_id
), lived_in AS (
    SELECT DISTINCT tenancy_id FROM best WHERE said = 1 AND role NOT IN ({_APART})
), dated AS (
    SELECT b.tenancy_id, b.person_id, b.role, b.strength, coalesce(b.relationship, 'unknown') AS relationship,
        CASE WHEN b.responsible_known = 1 THEN b.responsible = 1 ELSE b.strength <= 5 END AS is_responsible,
        b.role NOT IN ({_APART}) AND (b.said = 1 OR (t.is_let AND l.tenancy_id IS NULL)) AS lives_there,
        coalesce(b.from_on, t.started_on) AS from_on, coalesce(b.to_on, t.ended_on) AS to_on,
        t.is_current AS running, t.ended_on
    FROM best AS b JOIN _tmp_identity_tenancy_best AS t ON t.tenancy_id = b.tenancy_id
    LEFT JOIN lived_in AS l ON l.tenancy_id = b.tenancy_id
)
SELECT tenancy_id, person_id, role, strength, relationship, is_responsible, lives_there, from_on, to_on,
    running, ended_on,
    running AND (from_on IS NULL OR from_on <= :as_of) AND (to_on IS NULL OR to_on >= :as_of) AS is_current,
    CASE WHEN lives_there THEN concat('H', substring(tenancy_id, 2)) END AS household_id
FROM dated
"""

MEMBER = Model(schema.MEMBER, """
SELECT tenancy_id, household_id, person_id, role, relationship, is_responsible, lives_there, from_on, to_on,
    is_current
FROM _tmp_identity_member ORDER BY tenancy_id, person_id
""")  # fmt: skip

HOUSEHOLD = Model(schema.HOUSEHOLD, """
WITH member AS (
    SELECT m.*, row_number() OVER (PARTITION BY m.household_id ORDER BY
        CASE WHEN m.is_current OR NOT m.running THEN 0 ELSE 1 END,
        CASE WHEN m.relationship = 'lead' THEN 0 ELSE 1 END, CASE WHEN m.is_responsible THEN 0 ELSE 1 END,
        m.strength, CASE WHEN p.date_of_birth IS NULL THEN 1 ELSE 0 END, p.date_of_birth, m.person_id) AS place
    FROM _tmp_identity_member AS m JOIN identity.person AS p ON p.person_id = m.person_id
    WHERE m.household_id IS NOT NULL
)
SELECT m.household_id, m.tenancy_id, max(h.home_id) AS home_id,
    max(CASE WHEN m.place = 1 THEN m.person_id END) AS lead_person_id,
    sum(CASE WHEN m.running AND m.is_current THEN 1
        WHEN NOT m.running AND (m.to_on IS NULL OR m.ended_on IS NULL OR m.to_on >= m.ended_on) THEN 1
            ELSE 0 END) AS n_members,
    max(CASE WHEN m.running THEN 1 ELSE 0 END) = 1 AS is_current
FROM member AS m LEFT JOIN _tmp_identity_tenancy_home AS h ON h.tenancy_id = m.tenancy_id
GROUP BY m.household_id, m.tenancy_id ORDER BY m.household_id
""")  # fmt: skip

#: The name is that of one record, so that its parts belong together: the one whose forename most
#: records of the person carry, in the best-standing system, most lately changed.
PERSON = Model(schema.PERSON, """
WITH votes AS (
    SELECT n.*, count(*) OVER (PARTITION BY n.person_id, n.name_key) AS same_name,
        count(*) OVER (PARTITION BY n.person_id, n.date_of_birth) AS same_birth
    FROM _tmp_identity_name AS n
), placed AS (
    SELECT v.*,
        row_number() OVER (PARTITION BY person_id ORDER BY CASE WHEN name_key IS NULL OR is_initial THEN 1
            ELSE 0 END,
            same_name DESC, standing, updated_text DESC, unique_id) AS name_place,
        row_number() OVER (PARTITION BY person_id ORDER BY CASE WHEN date_of_birth IS NULL THEN 1 ELSE 0 END,
            same_birth DESC, standing, updated_text DESC, unique_id) AS birth_place
    FROM votes AS v
)
SELECT person_id, value_at_min(title, CASE WHEN title IS NOT NULL THEN name_place END) AS title,
    max(CASE WHEN name_place = 1 THEN given_name END) AS given_name,
    value_at_min(middle_name, CASE WHEN middle_name IS NOT NULL THEN name_place END) AS middle_name,
    max(CASE WHEN name_place = 1 THEN family_name END) AS family_name,
    value_at_min(preferred_name, CASE WHEN preferred_name IS NOT NULL THEN name_place END) AS preferred_name,
    max(CASE WHEN birth_place = 1 THEN date_of_birth END) AS date_of_birth,
    value_at_min(date_of_death, CASE WHEN date_of_death IS NOT NULL THEN name_place END) AS date_of_death,
    max(CASE WHEN is_organisation THEN 1 ELSE 0 END) = 1 AS is_organisation,
    count(*) AS n_records, count(DISTINCT system) AS n_systems
FROM placed GROUP BY person_id ORDER BY person_id
""")  # fmt: skip

RECORD = Model(schema.RECORD, """
SELECT a.system, a.person_ref, a.person_id,
    CASE WHEN a.is_organisation THEN 'organisation' WHEN a.n = 1 THEN 'alone'
        WHEN b.strength = 3 THEN 'decision' WHEN b.strength = 2 THEN 'exact' ELSE 'probabilistic' END AS reason,
    CASE WHEN a.n > 1 THEN b.probability END AS probability
FROM _tmp_identity_all_named AS a LEFT JOIN _tmp_identity_held AS b ON b.unique_id = a.unique_id
ORDER BY a.system, a.person_ref
""")  # fmt: skip

LINK = Model(schema.LINK, """
SELECT l.system AS system_l, l.person_ref AS person_ref_l, r.system AS system_r, r.person_ref AS person_ref_r,
    j.probability, j.weight, j.outcome, j.reason, j.evidence
FROM _tmp_identity_judged AS j JOIN _tmp_identity_all_named AS l ON l.unique_id = j.unique_id_l
JOIN _tmp_identity_all_named AS r ON r.unique_id = j.unique_id_r
ORDER BY system_l, person_ref_l, system_r, person_ref_r
""")  # fmt: skip

EVENT = Model(schema.EVENT, """
SELECT event, person_id, other_person_id, reason, n_records FROM _tmp_identity_event
ORDER BY event, person_id, other_person_id
""")  # fmt: skip
