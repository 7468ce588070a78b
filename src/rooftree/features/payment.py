"""How a tenancy pays: one row per tenancy from the readings of the ledger.

Book arrears. A payer on benefit looks behind because rent is charged by the week and the benefit comes
afterwards. What the next benefit payment will cover is taken off before anybody is chased:

    expected = the last managed Universal Credit payment, plus the last Housing Benefit payment, where
               each came in the last `benefit_recent_days`; for a tenant with a Universal Credit claim
               who is paid directly, one month's charge
    accrued  = weekly charge x (days since the last such payment + the lag of that benefit) / 7
    book arrears = the lesser of the two, and of the balance; collectable = balance - book arrears

The four patterns around a Universal Credit claim compare the balance at the claim with 26 weeks after
(P2) and 52 weeks after (P3); P1, the change of the 26 weeks before, is given beside them. A change is a
rise or a fall when it is more than `uc_move_weeks` of the weekly charge:

    P2 rise, P3 rise: rocketer        P2 fall, P3 rise: dipper
    P2 rise, P3 otherwise: climber    P2 fall, P3 otherwise: slider
    P2 steady, P3 rise: climber; P3 fall: slider; otherwise steady
"""

from __future__ import annotations

from rooftree.features import ledger
from rooftree.features.arrears_priority import priority_sql
from rooftree.features.references import scratch
from rooftree.features.schema import TENANCY_PAYMENT
from rooftree.storage.engine import Model

CHARGE = scratch(
    "charge",
    ("tenancy_id", "VARCHAR"),
    ("weekly", "DOUBLE"),
    ("basis", "VARCHAR"),
    key=("tenancy_id",),
)

#: Periods charged in a year. `charge_weeks` (46 to 53) counts weeks; a fortnight is two, a month is a month.
PERIODS = """CASE charge_frequency
        WHEN 'weekly' THEN coalesce(charge_weeks, 52)
        WHEN 'fortnightly' THEN safe_div(coalesce(charge_weeks, 52), 2)
        WHEN 'four_weekly' THEN safe_div(coalesce(charge_weeks, 52), 4)
        WHEN 'monthly' THEN 12 END"""

# A ledger that begins within the year is spread over the weeks it covers.
_CHARGE_SQL = f"""
    SELECT tenancy_id, coalesce(agreed, posted) AS weekly,
      CASE WHEN agreed IS NOT NULL THEN 'agreement' WHEN posted IS NOT NULL THEN 'ledger' ELSE 'none' END AS basis
    FROM (
      SELECT t.tenancy_id,
        CASE WHEN t.period_pence > 0 THEN safe_div(t.period_pence * t.periods, 52) END AS agreed,
        CASE WHEN a.charged_52 > 0 THEN safe_div(a.charged_52, least(52, greatest(1,
          int_div(days_between(a.first_entry_on, :as_of), 7) + 1))) END AS posted
      FROM (
        SELECT tenancy_id, coalesce(rent_pence, 0) + coalesce(service_charge_pence, 0) AS period_pence,
          {PERIODS} AS periods
        FROM identity.tenancy) t
      LEFT JOIN features._tmp_account a ON a.tenancy_id = t.tenancy_id) c"""

ARREARS = scratch(
    "arrears", ("tenancy_id", "VARCHAR"), ("balance", "BIGINT"), ("basis", "VARCHAR"), ("weekly", "DOUBLE"),
    ("charge_basis", "VARCHAR"), ("on_hb", "BOOLEAN"), ("on_uc", "BOOLEAN"), ("expected", "BIGINT"),
    ("book", "BIGINT"), ("days_in_arrears", "INTEGER"), ("days_since_payment", "INTEGER"), key=("tenancy_id",),
)  # fmt: skip


def _days_in_arrears() -> str:
    """28 days for each four-weekly point in arrears without a break; a balance only shown counts as today."""
    whens = " ".join(
        f"WHEN coalesce(balance_{week}, 0) <= 0 THEN {week - 4}" for week in ledger.POINTS if week
    )
    return f"CASE WHEN balance IS NULL THEN NULL WHEN balance <= 0 THEN 0 ELSE 7 * (CASE {whens} ELSE 48 END) END"


_ARREARS_SQL = f"""
    WITH joined AS (
      SELECT t.tenancy_id, coalesce(a.balance_0, t.balance_pence) AS balance,
        CASE WHEN a.balance_0 IS NOT NULL THEN 'ledger'
             WHEN t.balance_pence IS NOT NULL THEN 'shown' ELSE 'none' END AS basis,
        c.weekly, c.basis AS charge_basis, {", ".join(f"a.balance_{week}" for week in ledger.POINTS)},
        a.last_payment_on, a.last_uc_on, a.last_hb_on, r.last_uc, r.last_hb, u.claim_on,
        a.n_entries,
        coalesce(days_between(a.last_hb_on, :as_of) <= :benefit_recent_days, false) AS on_hb,
        coalesce(days_between(a.last_uc_on, :as_of) <= :benefit_recent_days, false) AS on_uc
      FROM identity.tenancy t
      LEFT JOIN features._tmp_account a ON a.tenancy_id = t.tenancy_id
      LEFT JOIN features._tmp_charge c ON c.tenancy_id = t.tenancy_id
      LEFT JOIN features._tmp_rhythm r ON r.tenancy_id = t.tenancy_id
      LEFT JOIN features._tmp_uc_claim u ON u.tenancy_id = t.tenancy_id
    ),
    benefit AS (
      SELECT *,
        CASE WHEN on_hb OR on_uc THEN CASE WHEN on_uc THEN last_uc ELSE 0 END + CASE WHEN on_hb THEN last_hb ELSE 0 END
             WHEN claim_on IS NOT NULL THEN round(safe_div(weekly * 52, 12)) ELSE 0 END AS expected,
        CASE WHEN on_uc THEN days_between(last_uc_on, :as_of) + :uc_lag_days
             WHEN on_hb THEN days_between(last_hb_on, :as_of) + :hb_lag_days
             WHEN claim_on IS NOT NULL
               THEN days_between(greatest(last_payment_on, claim_on), :as_of) + :uc_lag_days
             ELSE 0 END AS days_accrued
      FROM joined
    )
    SELECT tenancy_id, balance, basis, weekly, charge_basis, on_hb, on_uc, expected,
      greatest(0, least(coalesce(expected, 0), coalesce(round(safe_div(weekly * days_accrued, 7)), 0),
        coalesce(balance, 0))) AS book,
      {_days_in_arrears()} AS days_in_arrears,
      CASE WHEN n_entries IS NOT NULL THEN days_between(last_payment_on, :as_of) END AS days_since_payment
    FROM benefit"""

PRIORITY = scratch(
    "priority", ("tenancy_id", "VARCHAR"), ("arrears_priority_score", "INTEGER"),
    ("arrears_priority_band", "VARCHAR"), key=("tenancy_id",),
)  # fmt: skip

_PRIORITY_SOURCE = """
    SELECT a.tenancy_id, a.balance AS balance_pence, a.days_in_arrears, a.days_since_payment,
      r.amount_delta AS amount_delta_pence, r.date_delta AS date_delta_days, k.broken_arrangements AS broken,
      k.arrangement_active, k.broken_court_order AS court_broken, k.notice_served, k.notice_active
    FROM features._tmp_arrears a LEFT JOIN features._tmp_rhythm r ON r.tenancy_id = a.tenancy_id
    LEFT JOIN features.tenancy_case k ON k.tenancy_id = a.tenancy_id
    WHERE a.balance > 0"""

_MOVE = "CASE WHEN {0} > weekly * :uc_move_weeks THEN 1 WHEN {0} < 0 - weekly * :uc_move_weeks THEN -1 ELSE 0 END"

_PATTERN = f"""CASE WHEN claim_on IS NULL THEN NULL
        WHEN date_plus_days(claim_on, 364) > :as_of THEN 'too_early'
        WHEN weekly IS NULL OR change_after IS NULL OR change_later IS NULL THEN NULL
        WHEN {_MOVE.format("change_after")} = 1 AND {_MOVE.format("change_later")} = 1 THEN 'rocketer'
        WHEN {_MOVE.format("change_after")} = 1 THEN 'climber'
        WHEN {_MOVE.format("change_after")} = -1 AND {_MOVE.format("change_later")} = 1 THEN 'dipper'
        WHEN {_MOVE.format("change_after")} = -1 THEN 'slider'
        WHEN {_MOVE.format("change_later")} = 1 THEN 'climber'
        WHEN {_MOVE.format("change_later")} = -1 THEN 'slider' ELSE 'steady' END"""

_LAST_FOUR = ", ".join(f"balance_{week}" for week in ledger.POINTS[:4])
_ALL_POINTS = ", ".join(f"balance_{week}" for week in ledger.POINTS)

#: Bits of the weeks of each window, newest first.
_MISSED = ",\n".join(
    f"{n} - bits_set(bits_both(weeks_paid, {2**n - 1})) AS missed_weeks_{n}w"
    for n in ledger.WINDOWS
)

# The slope of y over the n weeks to now is sum((x - mean) * y) / sum((x - mean)^2); an entry posted w
# weeks ago is in the balances of w + 1 of those weeks, which gives it the weight (w + 1)(n - 1 - w) / 2.
_SLOPES = ",\n".join(
    f"safe_div(slope_{n}, {n * (n * n - 1) // 6}) AS balance_slope_{n}w_pence" for n in (13, 52)
)

_PAYMENT_SQL = f"""
    WITH together AS (
      SELECT w.tenancy_id, w.balance, w.basis, w.weekly, w.charge_basis, w.on_hb, w.on_uc, w.expected, w.book,
        w.days_in_arrears, w.days_since_payment, a.n_entries, a.balance_13, a.balance_26, a.balance_52,
        {", ".join(f"a.balance_{week}" for week in ledger.POINTS)}, a.slope_13, a.slope_52, a.last_payment_on,
        a.payments_13, a.payments_26, a.payments_52, a.charged_52, a.paid_52, a.this_week,
        CASE WHEN a.n_entries IS NOT NULL THEN coalesce(a.weeks_paid, 0) END AS weeks_paid,
        r.n_days, r.gap_mean, r.gap_sd, r.gap_median, r.steady_share, r.method, r.amount_delta, r.date_delta,
        u.claim_on, u.basis AS claim_basis, u.at_claim - u.before AS change_before,
        u.after_26 - u.at_claim AS change_after, u.after_52 - u.after_26 AS change_later,
        p.arrears_priority_score, p.arrears_priority_band
      FROM features._tmp_arrears w
      LEFT JOIN features._tmp_account a ON a.tenancy_id = w.tenancy_id
      LEFT JOIN features._tmp_rhythm r ON r.tenancy_id = w.tenancy_id
      LEFT JOIN features._tmp_uc_claim u ON u.tenancy_id = w.tenancy_id
      LEFT JOIN features._tmp_priority p ON p.tenancy_id = w.tenancy_id
    )
    SELECT tenancy_id, basis AS balance_basis, balance AS rent_balance_pence,
      round(weekly) AS weekly_charge_pence, charge_basis, safe_div(balance, weekly) AS weeks_behind,
      balance > 0 AS in_arrears, balance_4 AS rent_balance_4w_ago_pence,
      balance_13 AS rent_balance_13w_ago_pence, balance_26 AS rent_balance_26w_ago_pence,
      balance_52 AS rent_balance_52w_ago_pence, greatest({_ALL_POINTS}) AS peak_balance_52w_pence,
      least({_ALL_POINTS}) AS lowest_balance_52w_pence, days_in_arrears, {_SLOPES},
      last_payment_on, days_since_payment, payments_13 AS payments_13w, payments_26 AS payments_26w,
      payments_52 AS payments_52w, {_MISSED}, charged_52 AS charged_52w_pence, paid_52 AS paid_52w_pence,
      gap_mean AS payment_gap_mean_days, gap_sd AS payment_gap_sd_days, gap_median AS payment_gap_median_days,
      steady_share AS steady_gap_share,
      CASE WHEN n_entries IS NULL THEN NULL WHEN payments_26 = 0 THEN 'none' WHEN n_days < 4 THEN 'too_few'
           WHEN steady_share < :regular_share THEN 'erratic'
           WHEN least({_LAST_FOUR}) >= weekly * :late_weeks THEN 'late_regular'
           ELSE 'regular' END AS payment_regularity,
      method AS main_payment_method,
      CASE WHEN n_entries IS NOT NULL THEN on_hb END AS on_housing_benefit,
      CASE WHEN n_entries IS NOT NULL THEN on_uc END AS on_uc_managed,
      expected AS expected_benefit_pence, book AS book_arrears_pence,
      greatest(0, balance - book) AS collectable_arrears_pence,
      balance > 0 AND balance - book <= 0 AS technical_arrears_only,
      balance - abs(this_week) AS collectable_arrears_week_pence,
      claim_on AS uc_claim_on, claim_basis AS uc_claim_basis, change_before AS uc_change_before_pence,
      change_after AS uc_change_after_pence, change_later AS uc_change_later_pence,
      {_PATTERN} AS uc_pattern, amount_delta AS payment_amount_delta_pence,
      date_delta AS payment_date_delta_days, arrears_priority_score, arrears_priority_band
    FROM together"""

MODELS = (
    *ledger.MODELS,
    Model(CHARGE, _CHARGE_SQL),
    Model(ARREARS, _ARREARS_SQL),
    Model(PRIORITY, priority_sql(_PRIORITY_SOURCE, keep="tenancy_id")),
    Model(TENANCY_PAYMENT, _PAYMENT_SQL),
)
