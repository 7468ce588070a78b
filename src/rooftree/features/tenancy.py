"""How old each tenancy is at as_of, and how it ended."""

from __future__ import annotations

from rooftree.features.schema import TENANCY
from rooftree.storage.engine import Model

#: Codes of tenancy_end_reason that are a failure: CORE vacancy reasons 6, 10, 11 and 21.
FAILURES = "('abandoned', 'evicted_arrears', 'evicted_asb', 'evicted_arrears_and_asb')"

_TENANCY_SQL = f"""
    WITH known AS (
      SELECT tenancy_id, is_current, end_reason, started_on,
        CASE WHEN ended_on <= :as_of THEN ended_on END AS ended_on
      FROM identity.tenancy
    ),
    timed AS (
      SELECT *, ended_on IS NULL AND started_on <= :as_of AS is_running,
        ended_on IS NOT NULL AND end_reason IN {FAILURES} AS failed
      FROM known
    )
    SELECT tenancy_id,
      CASE WHEN is_running THEN days_between(started_on, :as_of) END AS tenancy_age_days,
      CASE WHEN started_on <= ended_on THEN days_between(started_on, ended_on) END AS tenancy_length_days,
      CASE WHEN is_running THEN years_full(started_on, :as_of) END AS tenancy_age_years,
      CASE WHEN started_on IS NULL THEN NULL ELSE is_running AND years_full(started_on, :as_of) < 1
        END AS tenancy_is_new,
      CASE WHEN ended_on IS NOT NULL AND end_reason IS NOT NULL THEN failed END AS tenancy_failed,
      CASE WHEN ended_on IS NOT NULL AND end_reason IS NOT NULL AND started_on <= ended_on
        THEN failed AND years_full(started_on, ended_on) < 1 END AS tenancy_failed_in_year_one
    FROM timed"""

MODELS = (Model(TENANCY, _TENANCY_SQL),)
