"""Cases of each tenancy: payment arrangements, notices, complaints, anti-social behaviour, referrals.

A case is open at as_of when it has been opened and not closed by then. What happens after as_of is
not known yet, so a later closing date, and its outcome, are left out.
"""

from __future__ import annotations

from rooftree.features.references import TENANCY, person_join, scratch, tenancy_joins
from rooftree.features.schema import TENANCY_CASE
from rooftree.storage.engine import Model

CASE = scratch(
    "case", ("tenancy_id", "VARCHAR"), ("person_id", "VARCHAR"), ("kind", "VARCHAR"), ("subtype", "VARCHAR"),
    ("opened_on", "DATE"), ("is_open", "BOOLEAN"), ("outcome", "VARCHAR"),
)  # fmt: skip

_CASE_SQL = f"""
    SELECT {TENANCY} AS tenancy_id, who.person_id, c.kind, c.subtype, c.opened_on,
      c.closed_on IS NULL OR c.closed_on > :as_of AS is_open,
      CASE WHEN c.closed_on <= :as_of OR c.closed_on IS NULL THEN c.outcome END AS outcome
    FROM staging."case" c
    {tenancy_joins("c")}
    {person_join("c")}
    WHERE c.opened_on <= :as_of"""

NOTICES = "('notice', 'nosp', 'notice_seeking_possession')"


def _count(condition: str, name: str) -> str:
    return f"count(CASE WHEN {condition} THEN 1 END) AS {name}"


def _any(condition: str, name: str) -> str:
    return f"count(CASE WHEN {condition} THEN 1 END) > 0 AS {name}"


_YEAR = "months_full(opened_on, :as_of) < 12"
_WEEKS = "days_between(opened_on, :as_of) < 364"
_BROKEN = "kind = 'payment_arrangement' AND outcome = 'broken'"
_NOTICE = f"kind = 'arrears_action' AND subtype IN {NOTICES} AND {_WEEKS}"
_COURT = "kind = 'arrears_action' AND subtype = 'court_order' AND outcome = 'broken'"

_MEASURES = (
    _count(_BROKEN, "broken_arrangements"),
    _count(f"{_BROKEN} AND {_WEEKS}", "broken_arrangements_52w"),
    _any(
        "kind = 'payment_arrangement' AND is_open AND coalesce(outcome, '') <> 'broken'",
        "arrangement_active",
    ),
    _any(_COURT, "broken_court_order"),
    _any(_NOTICE, "notice_served"),
    _any(f"{_NOTICE} AND is_open", "notice_active"),
    _count(f"kind = 'arrears_action' AND {_WEEKS}", "arrears_actions_52w"),
    _count(f"kind = 'complaint' AND {_YEAR}", "complaints_12m"),
    _count("kind = 'complaint' AND is_open", "complaints_open"),
    _count(f"kind = 'asb' AND {_YEAR}", "asb_cases_12m"),
    _count("kind = 'asb' AND is_open", "asb_open"),
    _any("kind = 'support_referral' AND is_open", "support_referral_open"),
    _any("kind = 'adaptation' AND is_open", "adaptation_open"),
    _any("kind = 'hazard' AND is_open", "hazard_open"),
    _count(f"kind IS NOT NULL AND {_YEAR}", "cases_12m"),
)

_TENANCY_CASE_SQL = f"""
    SELECT t.tenancy_id, {", ".join(_MEASURES)}, max(c.opened_on) AS last_case_opened_on
    FROM identity.tenancy t LEFT JOIN features._tmp_case c ON c.tenancy_id = t.tenancy_id
    GROUP BY t.tenancy_id"""

MODELS = (Model(CASE, _CASE_SQL), Model(TENANCY_CASE, _TENANCY_CASE_SQL))
