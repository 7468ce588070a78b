"""Services that each person uses, and does not; and how far they deal with the landlord online."""

from __future__ import annotations

from rooftree.features.contact import DIGITAL
from rooftree.features.references import person_join, scratch
from rooftree.features.schema import PERSON_DIGITAL, PERSON_SERVICE
from rooftree.storage.engine import Model

ONLINE = "('portal', 'app')"

USE = scratch(
    "service_use", ("person_id", "VARCHAR"), ("service", "VARCHAR"), ("used_on", "DATE"), ("online", "BOOLEAN"),
    ("in_year", "BOOLEAN"),
)  # fmt: skip

_USE_SQL = f"""
    SELECT who.person_id, s.service, s.used_on, s.service IN {ONLINE} AS online,
      months_full(s.used_on, :as_of) < 12 AS in_year
    FROM staging.service_use s {person_join("s")}
    WHERE s.used_on <= :as_of AND who.person_id IS NOT NULL"""

_SERVICE_SQL = """
    SELECT p.person_id, coalesce(sum(u.n), 0) AS service_uses_12m, joined(u.service) AS services_12m,
      count(u.service) AS n_services_12m, max(e.last_on) AS last_service_on, count(u.service) = 0 AS uses_no_service
    FROM identity.person p
    LEFT JOIN (
      SELECT person_id, service, count(*) AS n FROM features._tmp_service_use
      WHERE in_year AND NOT online GROUP BY person_id, service) u ON u.person_id = p.person_id
    LEFT JOIN (
      SELECT person_id, max(used_on) AS last_on FROM features._tmp_service_use
      WHERE NOT online GROUP BY person_id) e ON e.person_id = p.person_id
    GROUP BY p.person_id"""

_DIGITAL_SQL = f"""
    WITH portal AS (
      SELECT person_id, count(CASE WHEN days_between(used_on, :as_of) < 90 THEN 1 END) AS n_90d,
        count(CASE WHEN in_year THEN 1 END) AS n_12m, max(used_on) AS last_on
      FROM features._tmp_service_use WHERE online GROUP BY person_id
    ),
    written AS (
      SELECT person_id, count(CASE WHEN in_year THEN 1 END) AS n_12m,
        count(CASE WHEN in_year AND channel IN {DIGITAL} THEN 1 END) AS digital_12m,
        max(CASE WHEN channel IN {DIGITAL} THEN occurred_on END) AS last_on
      FROM features._tmp_contact WHERE inbound AND person_id IS NOT NULL GROUP BY person_id
    ),
    together AS (
      SELECT p.person_id, coalesce(o.n_90d, 0) AS n_90d, coalesce(o.n_12m, 0) AS n_12m,
        CASE WHEN o.last_on IS NULL THEN w.last_on WHEN w.last_on IS NULL THEN o.last_on
             ELSE greatest(o.last_on, w.last_on) END AS last_on,
        safe_div(w.digital_12m, w.n_12m) AS share
      FROM identity.person p LEFT JOIN portal o ON o.person_id = p.person_id
      LEFT JOIN written w ON w.person_id = p.person_id
    )
    SELECT person_id, n_90d AS portal_uses_90d, n_12m AS portal_uses_12m, last_on AS last_digital_on,
      share AS digital_share_12m,
      CASE WHEN last_on IS NULL THEN 'none' WHEN days_between(last_on, :as_of) < 90 THEN 'active'
           WHEN months_full(last_on, :as_of) < 12 THEN 'occasional' ELSE 'lapsed' END AS digital_use
    FROM together"""

MODELS = (
    Model(USE, _USE_SQL),
    Model(PERSON_SERVICE, _SERVICE_SQL),
    Model(PERSON_DIGITAL, _DIGITAL_SQL),
)
