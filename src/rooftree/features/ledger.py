"""The rent ledger in three readings: every entry once, the payments of a year, and the time of a claim.

The first reading takes each entry once and keeps one row per account reference; everything that can
be a sum is one. The balance k weeks ago is the sum of the entries at least k weeks old; the weeks with
a payment are the set bits of one mask; the slope of the weekly balance is linear in the entries, so it
is a weighted sum. References become tenancies afterwards, on that small table: joining them to every
entry would cost more than all the sums. Only the gaps between payments need an order, and they are
taken from the payments of the last 52 weeks.
"""

from __future__ import annotations

from rooftree.features.references import TENANCY_OR_ACCOUNT, scratch, tenancy_joins
from rooftree.storage.engine import Model

POINTS = tuple(range(0, 52, 4))  # weeks ago: 13 four-weekly balances
BALANCES = (*POINTS, 13, 26, 52)
WINDOWS = (13, 26, 52)
RECEIPTS = "('payment', 'housing_benefit', 'uc_direct')"
CHARGES = "('rent', 'service_charge', 'other_charge')"

_SUMS = (
    *(f"balance_{week}" for week in BALANCES),
    *(f"payments_{weeks}" for weeks in WINDOWS),
    "n_entries", "slope_13", "slope_52", "charged_52", "paid_52", "this_week",
)  # fmt: skip
_FIRST = ("first_entry_on", "first_uc_on")
_LAST = ("last_payment_on", "last_uc_on", "last_hb_on")

_MEASURES = (
    *((name, "BIGINT") for name in (*_SUMS, "weeks_paid")),
    *((name, "DATE") for name in (*_FIRST, *_LAST)),
)
_REFS = (("system", "VARCHAR"), ("tenancy_ref", "VARCHAR"), ("payment_ref", "VARCHAR"))

ONE_PASS = scratch("ledger", *_REFS, *_MEASURES, key=("system", "tenancy_ref", "payment_ref"))
ACCOUNT_REF = scratch(
    "account_ref", *_REFS, ("tenancy_id", "VARCHAR"), ("account_no", "BIGINT"),
    key=("system", "tenancy_ref", "payment_ref"),
)  # fmt: skip
ACCOUNT = scratch("account", ("tenancy_id", "VARCHAR"), *_MEASURES, key=("tenancy_id",))


def _one_pass_sql() -> str:
    balances = ",\n".join(
        f"sum(CASE WHEN week >= {k} THEN amount ELSE 0 END) AS balance_{k}"
        if k
        else "sum(amount) AS balance_0"
        for k in BALANCES
    )
    payments = ",\n".join(
        f"count(CASE WHEN received AND week < {k} THEN 1 END) AS payments_{k}" for k in WINDOWS
    )
    slopes = ",\n".join(
        f"sum(CASE WHEN week < {n} THEN amount * (week + 1) * ({n - 1} - week) ELSE 0 END) AS slope_{n}"
        for n in (13, 52)
    )
    # Days over 7 by integer division: multiplying by a fraction is a decimal and several times slower.
    return f"""
    SELECT system, coalesce(tenancy_ref, '') AS tenancy_ref, coalesce(payment_ref, '') AS payment_ref,
      {", ".join((*_SUMS, *_FIRST, *_LAST))}, coalesce(weeks_paid, 0) AS weeks_paid
    FROM (
      SELECT system, tenancy_ref, payment_ref, count(*) AS n_entries,
        {balances},
        {payments},
        {slopes},
        sum(CASE WHEN week < 52 AND kind IN {CHARGES} THEN amount ELSE 0 END) AS charged_52,
        sum(CASE WHEN week < 52 AND received THEN 0 - amount ELSE 0 END) AS paid_52,
        sum(CASE WHEN week < 1 THEN amount ELSE 0 END) AS this_week,
        bits_any(CASE WHEN received AND week < 52 THEN bit_at(week) END) AS weeks_paid,
        min(posted_on) AS first_entry_on,
        max(CASE WHEN received THEN posted_on END) AS last_payment_on,
        min(CASE WHEN received AND kind = 'uc_direct' THEN posted_on END) AS first_uc_on,
        max(CASE WHEN received AND kind = 'uc_direct' THEN posted_on END) AS last_uc_on,
        max(CASE WHEN received AND kind = 'housing_benefit' THEN posted_on END) AS last_hb_on
      FROM (
        SELECT system, tenancy_ref, payment_ref, posted_on, kind, amount_pence AS amount,
          CAST(int_div(days_between(posted_on, :as_of), 7) AS INTEGER) AS week,
          amount_pence < 0 AND kind IN {RECEIPTS} AS received
        FROM staging.account_transaction WHERE posted_on <= :as_of) entry
      GROUP BY system, tenancy_ref, payment_ref) account"""


def _account_sql() -> str:
    """Several references of one tenancy are added up; sums, masks and dates all combine exactly."""
    measures = ", ".join(
        [f"sum(a.{name}) AS {name}" for name in _SUMS]
        + [f"min(a.{name}) AS {name}" for name in _FIRST]
        + [f"max(a.{name}) AS {name}" for name in _LAST]
    )
    return f"""
    SELECT r.tenancy_id, {measures}, bits_any(a.weeks_paid) AS weeks_paid
    FROM features._tmp_ledger a JOIN features._tmp_account_ref r
      ON r.system = a.system AND r.tenancy_ref = a.tenancy_ref AND r.payment_ref = a.payment_ref
    WHERE r.tenancy_id IS NOT NULL GROUP BY r.tenancy_id"""


_ACCOUNT_REF_SQL = f"""
    SELECT a.system, a.tenancy_ref, a.payment_ref, {TENANCY_OR_ACCOUNT} AS tenancy_id,
      dense_rank() OVER (ORDER BY {TENANCY_OR_ACCOUNT}) AS account_no
    FROM features._tmp_ledger a
    {tenancy_joins("a", payment=True)}"""

# --- the payments of 52 weeks --------------------------------------------------------------------

PAYMENT = scratch(
    "payment", ("account_no", "BIGINT"), ("posted_on", "DATE"), ("method", "VARCHAR"),
    ("paid", "BIGINT"), ("uc_paid", "BIGINT"), ("hb_paid", "BIGINT"),
)  # fmt: skip

# One row per payment: hardly any account has two on one day, so adding them up here would save no rows.
_PAYMENT_SQL = f"""
    SELECT r.account_no, t.posted_on,
      CASE WHEN t.kind <> 'payment' THEN 'benefit' ELSE coalesce(t.method, 'unknown') END AS method,
      0 - t.amount_pence AS paid,
      CASE WHEN t.kind = 'uc_direct' THEN 0 - t.amount_pence ELSE 0 END AS uc_paid,
      CASE WHEN t.kind = 'housing_benefit' THEN 0 - t.amount_pence ELSE 0 END AS hb_paid
    FROM staging.account_transaction t JOIN features._tmp_account_ref r
      ON r.system = t.system AND r.tenancy_ref = coalesce(t.tenancy_ref, '')
      AND r.payment_ref = coalesce(t.payment_ref, '')
    WHERE t.posted_on > date_plus_days(:as_of, -364) AND t.posted_on <= :as_of
      AND t.amount_pence < 0 AND t.kind IN {RECEIPTS} AND r.tenancy_id IS NOT NULL"""

RHYTHM = scratch(
    "rhythm", ("tenancy_id", "VARCHAR"), ("n_days", "BIGINT"), ("gap_mean", "DOUBLE"),
    ("gap_sd", "DOUBLE"), ("gap_median", "DOUBLE"), ("steady_share", "DOUBLE"), ("method", "VARCHAR"),
    ("amount_delta", "BIGINT"), ("date_delta", "INTEGER"), ("last_uc", "BIGINT"), ("last_hb", "BIGINT"),
    key=("tenancy_id",),
)  # fmt: skip

# The spread comes from whole-number sums, so that it does not depend on the order of addition.
_RHYTHM_SQL = """
    WITH day AS (
      SELECT account_no, posted_on, sum(paid) AS paid, sum(uc_paid) AS uc_paid, sum(hb_paid) AS hb_paid
      FROM features._tmp_payment GROUP BY account_no, posted_on
    ),
    gap AS (
      SELECT account_no, posted_on, paid, uc_paid, hb_paid,
        CAST(days_between(lag(posted_on) OVER (PARTITION BY account_no ORDER BY posted_on), posted_on) AS BIGINT)
          AS days,
        row_number() OVER (PARTITION BY account_no ORDER BY posted_on DESC) AS newest
      FROM day
    ),
    summed AS (
      SELECT account_no, count(*) AS n_days, count(days) AS n, sum(days) AS s, sum(days * days) AS ss,
        median_of(days) AS gap_median,
        max(CASE WHEN newest = 1 THEN paid END) - 2 * max(CASE WHEN newest = 2 THEN paid END)
          + max(CASE WHEN newest = 3 THEN paid END) AS amount_delta,
        max(CASE WHEN newest = 1 THEN days END) - max(CASE WHEN newest = 2 THEN days END) AS date_delta,
        value_at_max(uc_paid, CASE WHEN uc_paid > 0 THEN posted_on END) AS last_uc,
        value_at_max(hb_paid, CASE WHEN hb_paid > 0 THEN posted_on END) AS last_hb
      FROM gap GROUP BY account_no
    ),
    steady AS (
      SELECT g.account_no, count(*) AS n FROM gap g JOIN summed s ON s.account_no = g.account_no
      WHERE abs(g.days - s.gap_median) <= greatest(:regular_days, safe_div(s.gap_median, 4))
      GROUP BY g.account_no
    ),
    used AS (
      SELECT account_no, method, row_number() OVER (PARTITION BY account_no ORDER BY n DESC, method) AS place
      FROM (SELECT account_no, method, count(*) AS n FROM features._tmp_payment GROUP BY account_no, method) m
    )
    SELECT k.tenancy_id, s.n_days, safe_div(s.s, s.n) AS gap_mean,
      sqrt(safe_div(s.n * s.ss - s.s * s.s, s.n * (s.n - 1))) AS gap_sd, s.gap_median,
      safe_div(CASE WHEN s.n > 0 THEN coalesce(y.n, 0) END, s.n) AS steady_share, u.method,
      s.amount_delta, s.date_delta, s.last_uc, s.last_hb
    FROM summed s LEFT JOIN steady y ON y.account_no = s.account_no
    JOIN used u ON u.account_no = s.account_no AND u.place = 1
    JOIN (SELECT DISTINCT account_no, tenancy_id FROM features._tmp_account_ref) k ON k.account_no = s.account_no"""

# --- the time around a Universal Credit claim ----------------------------------------------------

CLAIM = scratch(
    "uc_claim", ("tenancy_id", "VARCHAR"), ("claim_on", "DATE"), ("basis", "VARCHAR"), ("at_claim", "BIGINT"),
    ("before", "BIGINT"), ("after_26", "BIGINT"), ("after_52", "BIGINT"), key=("tenancy_id",),
)  # fmt: skip

_CLAIM_SQL = """
    WITH opened AS (
      SELECT tenancy_id, min(opened_on) AS opened_on FROM features._tmp_case
      WHERE tenancy_id IS NOT NULL AND kind = 'benefit_claim' AND subtype = 'universal_credit'
      GROUP BY tenancy_id
    ),
    claim AS (
      SELECT i.tenancy_id, coalesce(o.opened_on, a.first_uc_on) AS claim_on, a.first_entry_on,
        CASE WHEN o.opened_on IS NOT NULL THEN 'case' ELSE 'first_managed_payment' END AS basis
      FROM identity.tenancy i LEFT JOIN features._tmp_account a ON a.tenancy_id = i.tenancy_id
      LEFT JOIN opened o ON o.tenancy_id = i.tenancy_id
      WHERE coalesce(o.opened_on, a.first_uc_on) IS NOT NULL
    ),
    entry AS (
      SELECT c.tenancy_id, t.amount_pence AS amount, days_between(c.claim_on, t.posted_on) AS day
      FROM staging.account_transaction t JOIN (
        SELECT r.system, r.tenancy_ref, r.payment_ref, r.tenancy_id, c.claim_on
        FROM features._tmp_account_ref r JOIN claim c ON c.tenancy_id = r.tenancy_id) c
        ON c.system = t.system AND c.tenancy_ref = coalesce(t.tenancy_ref, '')
        AND c.payment_ref = coalesce(t.payment_ref, '')
      WHERE t.posted_on <= :as_of
    ),
    balance AS (
      SELECT tenancy_id, sum(CASE WHEN day <= 0 THEN amount ELSE 0 END) AS at_claim,
        sum(CASE WHEN day <= -182 THEN amount ELSE 0 END) AS before,
        sum(CASE WHEN day <= 182 THEN amount ELSE 0 END) AS after_26,
        sum(CASE WHEN day <= 364 THEN amount ELSE 0 END) AS after_52
      FROM entry GROUP BY tenancy_id
    )
    SELECT c.tenancy_id, c.claim_on, c.basis, b.at_claim,
      CASE WHEN c.first_entry_on <= date_plus_days(c.claim_on, -182) THEN b.before END AS before,
      CASE WHEN date_plus_days(c.claim_on, 182) <= :as_of THEN b.after_26 END AS after_26,
      CASE WHEN date_plus_days(c.claim_on, 364) <= :as_of THEN b.after_52 END AS after_52
    FROM claim c LEFT JOIN balance b ON b.tenancy_id = c.tenancy_id"""


MODELS = (
    Model(ONE_PASS, _one_pass_sql()),
    Model(ACCOUNT_REF, _ACCOUNT_REF_SQL),
    Model(ACCOUNT, _account_sql()),
    Model(PAYMENT, _PAYMENT_SQL),
    Model(RHYTHM, _RHYTHM_SQL),
    Model(CLAIM, _CLAIM_SQL),
)
