"""The household types of the lettings returns, as portable SQL that this stage and features share.

The rule is that of CORE: an elder is 60 or over and a child under 16; before April 2025 a lead
tenant's child of 16 or 17 was a child too. A missing age leaves the type open: nobody of unknown age
is taken for an adult. Both functions expect the parameter :as_of.
"""

from __future__ import annotations

ELDER_FROM = 60
CHILD_BELOW = 16
OLD_CHILD_BELOW = 18  # until 31 March 2025, for a child of the lead tenant

#: Is this resident (columns `age`, `relationship`) a child? Null where the age is missing.
IS_CHILD = f"""age < {CHILD_BELOW} OR (:as_of < CAST('2025-04-01' AS DATE) AND relationship = 'child'
        AND age < {OLD_CHILD_BELOW})"""


def counts_sql() -> str:
    """Aggregates over residents with `age` and `is_child`: size, n_known, children, elders, adults."""
    return f"""count(*) AS size, count(age) AS n_known,
      count(CASE WHEN is_child THEN 1 END) AS children,
      count(CASE WHEN NOT is_child AND age >= {ELDER_FROM} THEN 1 END) AS elders,
      count(CASE WHEN NOT is_child AND age < {ELDER_FROM} THEN 1 END) AS adults"""


#: The type from those counts (code of the list household_type); null where an age is missing.
TYPE_SQL = """CASE WHEN size IS NULL OR n_known < size THEN NULL
           WHEN elders = 1 AND adults = 0 AND children = 0 THEN 'one_elder'
           WHEN elders > 0 AND elders + adults = 2 AND children = 0 THEN 'two_adults_elder'
           WHEN elders = 0 AND adults = 1 AND children = 0 THEN 'one_adult'
           WHEN elders = 0 AND adults = 2 AND children = 0 THEN 'two_adults'
           WHEN elders = 0 AND adults = 1 THEN 'one_adult_children'
           WHEN elders = 0 AND adults >= 2 AND children > 0 THEN 'adults_children'
           ELSE 'other' END"""

#: The age of a person `p` at :as_of, in full years; null without a birth date, or for one ahead of us.
#: `b`: the person's value of date_of_birth. What was withdrawn is not used, here as anywhere else.
AGE_SQL = """CASE WHEN p.date_of_birth <= :as_of AND coalesce(b.state, '') <> 'withdrawn'
        THEN years_full(p.date_of_birth, :as_of) END"""
