"""The arrears priority score: transparent points for balance, time, rhythm, agreements and notices.

The published rule of the London Borough of Hackney (income collection, until January 2020). It reads
nothing about who the person is. The weights are parameters; the lines between the bands are below.
"""

from __future__ import annotations

#: Lines between the bands, in pounds, days, weeks and points.
RED_BALANCE, RED_WEEKS, RED_SILENT_DAYS, RED_BROKEN, RED_DATE_DELTA = 1049, 30, 27, 2, 3
AMBER_BALANCE, AMBER_WEEKS = 350, 15
AMBER_SCORE, RED_SCORE = 150, 500

INPUTS = (
    "balance_pence", "days_in_arrears", "days_since_payment", "amount_delta_pence", "date_delta_days",
    "broken", "arrangement_active", "court_broken", "notice_served", "notice_active",
)  # fmt: skip


def priority_sql(source: str, *, keep: str) -> str:
    """A portable SELECT of `keep`, arrears_priority_score and arrears_priority_band from `source`.

    `source` has the columns INPUTS. The score is (points - pounds owed) / 10, rounded. The band is the
    first that applies of green (an arrangement in force), red, amber, green; then more than 150 points
    lift green to amber, and more than 500 lift amber to red.
    """
    return f"""
    SELECT {keep}, score AS arrears_priority_score,
      CASE WHEN (band = 'red') OR (band = 'amber' AND score > {RED_SCORE}) THEN 'red'
           WHEN band = 'amber' OR score > {AMBER_SCORE} THEN 'amber' ELSE 'green' END AS arrears_priority_band
    FROM (
      SELECT {keep}, CAST(round(safe_div(
          balance * CAST(:priority_balance AS DOUBLE) + days * CAST(:priority_day AS DOUBLE)
          + silent * int_div(silent, 7) + amount_delta * CAST(:priority_amount_delta AS DOUBLE)
          + abs(date_delta) * CAST(:priority_date_delta AS DOUBLE)
          + (broken + CASE WHEN broken > 3 THEN 1 ELSE 0 END) * CAST(:priority_broken AS DOUBLE)
          + CASE WHEN active THEN CAST(:priority_active AS DOUBLE) ELSE 0 END
          + CASE WHEN court THEN CAST(:priority_court AS DOUBLE) ELSE 0 END
          + CASE WHEN noticed THEN CAST(:priority_notice_active AS DOUBLE)
                 WHEN served THEN CAST(:priority_notice_served AS DOUBLE) ELSE 0 END
          - balance, 10)) AS INTEGER) AS score,
        CASE WHEN active THEN 'green'
             WHEN days > {RED_WEEKS * 7} OR ((served OR noticed) AND silent > {RED_SILENT_DAYS})
               OR balance > {RED_BALANCE} OR court OR broken > {RED_BROKEN} OR amount_delta > 0
               OR abs(date_delta) > {RED_DATE_DELTA} THEN 'red'
             WHEN balance > {AMBER_BALANCE} OR days > {AMBER_WEEKS * 7} OR served OR noticed OR broken > 0
               THEN 'amber' ELSE 'green' END AS band
      FROM (
        SELECT {keep}, safe_div(balance_pence, 100) AS balance, days_in_arrears AS days,
          coalesce(days_since_payment, 0) AS silent, safe_div(coalesce(amount_delta_pence, 0), 100) AS amount_delta,
          coalesce(date_delta_days, 0) AS date_delta, coalesce(broken, 0) AS broken,
          coalesce(arrangement_active, false) AS active, coalesce(court_broken, false) AS court,
          coalesce(notice_served, false) AS served, coalesce(notice_active, false) AS noticed
        FROM ({source}) given) named) scored"""
