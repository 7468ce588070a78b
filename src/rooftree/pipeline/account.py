"""The rent account of one tenancy, week by week."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from rooftree.features.ledger import CHARGES, RECEIPTS
from rooftree.storage.engine import Engine


@dataclass(frozen=True, slots=True)
class Week:
    """One week that ends on a day: charged and received in it, and the balance at its end. Pence; owed is positive."""

    ends_on: dt.date
    charged: int
    received: int
    balance: int


def weeks(engine: Engine, tenancy_id: str, *, as_of: dt.date, count: int = 52) -> list[Week]:
    """The last weeks up to `as_of`, oldest first; empty when no entry of the ledger names the tenancy."""
    rows = engine.rows(
        f"""
        WITH ref AS (SELECT ref_kind, system, ref FROM identity.tenancy_ref WHERE tenancy_id = ?),
        entry AS (
            SELECT CAST(date_diff('day', posted_on, CAST(? AS DATE)) // 7 AS INTEGER) AS week, amount_pence, kind
            FROM staging.account_transaction a
            WHERE posted_on <= ? AND (
                a.tenancy_ref IN (SELECT ref FROM ref WHERE ref_kind = 'tenancy_ref' AND system IN ('*', a.system))
                OR a.tenancy_ref IS NULL AND a.payment_ref IN (
                    SELECT ref FROM ref WHERE ref_kind = 'payment_ref' AND system IN ('*', a.system)))
        ),
        one AS (
            SELECT least(week, ?) AS week, sum(amount_pence) AS moved,
              coalesce(sum(amount_pence) FILTER (WHERE kind IN {CHARGES}), 0) AS charged,
              coalesce(-sum(amount_pence) FILTER (WHERE kind IN {RECEIPTS} AND amount_pence < 0), 0) AS received
            FROM entry GROUP BY 1
        )
        SELECT w.week, coalesce(one.charged, 0), coalesce(one.received, 0),
          sum(coalesce(one.moved, 0)) OVER (ORDER BY w.week DESC), (SELECT count(*) FROM one)
        FROM (SELECT unnest(range(0, ? + 1)) AS week) w LEFT JOIN one USING (week) ORDER BY w.week DESC
        """,
        [tenancy_id, as_of, as_of, count, count],
    )
    # The first row holds everything before the window: it gives the balance the window begins with.
    return [
        Week(as_of - dt.timedelta(days=7 * week), int(charged), int(received), int(balance))
        for week, charged, received, balance, entries in rows[1:]
        if entries
    ]
