"""Repairs of each home and under each tenancy. Cancelled requests are left out.

A repair that names no tenancy belongs to the tenancy that ran at its home on the day it was reported.
It is open at as_of when it was not completed by then.
"""

from __future__ import annotations

from rooftree.features.references import HOME, TENANCY, home_joins, scratch, tenancy_joins
from rooftree.features.schema import HOME_REPAIR, TENANCY_REPAIR
from rooftree.storage.engine import Model

REPAIR = scratch(
    "repair", ("home_id", "VARCHAR"), ("tenancy_id", "VARCHAR"), ("reported_on", "DATE"), ("age_months", "BIGINT"),
    ("trade", "VARCHAR"), ("is_damp", "BOOLEAN"), ("no_access", "INTEGER"), ("priority", "VARCHAR"),
    ("is_open", "BOOLEAN"), ("is_overdue", "BOOLEAN"),
)  # fmt: skip

_DUE = """CASE priority WHEN 'emergency' THEN :target_emergency_days WHEN 'urgent' THEN :target_urgent_days
        WHEN 'planned' THEN :target_planned_days ELSE :target_routine_days END"""

_REPAIR_SQL = f"""
    WITH placed AS (
      SELECT {TENANCY} AS named_tenancy_id, {HOME} AS named_home_id, r.source_file, r.source_row, r.reported_on,
        months_full(r.reported_on, :as_of) AS age_months, r.trade,
        coalesce(r.is_damp_mould, false) OR coalesce(r.trade = 'damp_mould', false) AS is_damp,
        coalesce(r.no_access_visits, 0) AS no_access, r.priority,
        r.status <> 'completed' AND (r.completed_on IS NULL OR r.completed_on > :as_of)
          OR r.completed_on > :as_of AS is_open
      FROM staging.repair r
      {tenancy_joins("r")}
      {home_joins("r")}
      WHERE r.reported_on <= :as_of AND r.status <> 'cancelled'
    ),
    at_home AS (
      SELECT p.source_file, p.source_row, max(t.tenancy_id) AS tenancy_id, count(*) AS n
      FROM placed p JOIN identity.tenancy t ON t.home_id = p.named_home_id AND t.started_on <= p.reported_on
        AND (t.ended_on IS NULL OR t.ended_on >= p.reported_on)
      WHERE p.named_tenancy_id IS NULL GROUP BY p.source_file, p.source_row
    )
    SELECT coalesce(p.named_home_id, t.home_id) AS home_id, coalesce(p.named_tenancy_id, a.tenancy_id) AS tenancy_id,
      p.reported_on, p.age_months, p.trade, p.is_damp, p.no_access, p.priority, p.is_open,
      p.is_open AND days_between(p.reported_on, :as_of) > {_DUE} AS is_overdue
    FROM placed p
    LEFT JOIN at_home a ON a.source_file = p.source_file AND a.source_row = p.source_row AND a.n = 1
    LEFT JOIN identity.tenancy t ON t.tenancy_id = p.named_tenancy_id"""


def _n(condition: str, name: str) -> str:
    return f"count(CASE WHEN {condition} THEN 1 END) AS {name}"


def _visits(months: int, name: str) -> str:
    return f"coalesce(sum(CASE WHEN r.age_months < {months} THEN r.no_access END), 0) AS {name}"


def _recurring(subject: str) -> str:
    """Trades with several repairs in 12 months, per tenancy or home."""
    return f"""LEFT JOIN (
      SELECT {subject}, count(*) AS n FROM (
        SELECT {subject}, trade FROM features._tmp_repair WHERE age_months < 12 AND trade IS NOT NULL
        GROUP BY {subject}, trade HAVING count(*) >= :recurring_repairs) often
      GROUP BY {subject}) often ON often.{subject} = s.{subject}"""


_TENANCY_SQL = f"""
    SELECT s.tenancy_id, {_n("r.age_months < 12", "repairs_12m")}, {_n("r.age_months < 24", "repairs_24m")},
      {_visits(12, "no_access_12m")}, {_visits(24, "no_access_24m")},
      {_n("r.is_damp AND r.age_months < 12", "damp_mould_12m")},
      {_n("r.is_damp AND r.age_months < 36", "damp_mould_36m")},
      coalesce(max(often.n), 0) AS recurring_trades_12m, {_n("r.is_open", "repairs_open")},
      {_n("r.is_overdue AND r.priority = 'emergency'", "repairs_overdue_emergency")},
      {_n("r.is_overdue AND r.priority = 'urgent'", "repairs_overdue_urgent")},
      {_n("r.is_overdue AND coalesce(r.priority, '') NOT IN ('emergency', 'urgent')", "repairs_overdue_routine")},
      days_between(max(r.reported_on), :as_of) AS days_since_repair
    FROM identity.tenancy s LEFT JOIN features._tmp_repair r ON r.tenancy_id = s.tenancy_id
    {_recurring("tenancy_id")}
    GROUP BY s.tenancy_id"""

_HOME_SQL = f"""
    SELECT s.home_id, {_n("r.age_months < 12", "home_repairs_12m")}, {_n("r.age_months < 24", "home_repairs_24m")},
      {_visits(24, "home_no_access_24m")}, {_n("r.is_damp AND r.age_months < 12", "home_damp_mould_12m")},
      {_n("r.is_damp AND r.age_months < 36", "home_damp_mould_36m")},
      coalesce(max(often.n), 0) AS home_recurring_trades_12m, {_n("r.is_overdue", "home_repairs_overdue")}
    FROM identity.home s LEFT JOIN features._tmp_repair r ON r.home_id = s.home_id
    {_recurring("home_id")}
    GROUP BY s.home_id"""

MODELS = (
    Model(REPAIR, _REPAIR_SQL),
    Model(TENANCY_REPAIR, _TENANCY_SQL),
    Model(HOME_REPAIR, _HOME_SQL),
)
