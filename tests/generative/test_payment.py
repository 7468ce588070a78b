"""Any rent account: the readings of the ledger and the same numbers counted entry by entry agree."""

from __future__ import annotations

import datetime as dt
import os
import random
import statistics
from itertools import pairwise

import pyarrow as pa
import pytest

from rooftree.features.build import build
from rooftree.staging.schema import ACCOUNT_TRANSACTION
from tests.spec.world import AS_OF, world

ACCOUNTS = 5_000 if os.environ.get("ROOFTREE_FUZZ") == "1" else 150
RECEIPTS = ("payment", "housing_benefit", "uc_direct")
KINDS = ("rent", "service_charge", "other_charge", "adjustment", "refund", *RECEIPTS)


def made_up(draw: random.Random) -> list[tuple[dt.date, int, str]]:
    """Entries that need not make sense, some of them after as_of and some payments taken back."""
    found = []
    for _ in range(draw.choice((0, 1, 2, 5, 20, 60))):
        kind = draw.choice(KINDS)
        amount = draw.randrange(1, 50_000) * (
            -1 if kind in RECEIPTS and draw.random() < 0.95 else 1
        )
        found.append((AS_OF - dt.timedelta(days=draw.randrange(-10, 500)), amount, kind))
    return found


def by_hand(entries: list[tuple[dt.date, int, str]]) -> tuple:
    known = [(on, amount, kind) for on, amount, kind in entries if on <= AS_OF]
    if not known:
        return (None,) * 12

    def balance(weeks: int) -> int:
        return sum(amount for on, amount, _ in known if on <= AS_OF - dt.timedelta(weeks=weeks))

    received = [(on, amount) for on, amount, kind in known if kind in RECEIPTS and amount < 0]
    year = [(on, amount) for on, amount in received if (AS_OF - on).days < 364]
    days = sorted({on for on, _ in year})
    gaps = [(later - sooner).days for sooner, later in pairwise(days)]
    points = [balance(week) for week in range(0, 52, 4)]
    weekly = [balance(week) for week in range(52)]
    mean = sum(weekly) / 52
    slope = sum((25.5 - k) * (b - mean) for k, b in enumerate(weekly)) / sum(
        (25.5 - k) ** 2 for k in range(52)
    )
    return (
        balance(0), balance(4), balance(13), balance(52), max(points), min(points),
        len(year), 52 - len({(AS_OF - on).days // 7 for on, _ in year}), -sum(amount for _, amount in year),
        statistics.median(gaps) if gaps else None, statistics.stdev(gaps) if len(gaps) > 1 else None, slope,
    )  # fmt: skip


COLUMNS = (
    "rent_balance_pence", "rent_balance_4w_ago_pence", "rent_balance_13w_ago_pence", "rent_balance_52w_ago_pence",
    "peak_balance_52w_pence", "lowest_balance_52w_pence", "payments_52w", "missed_weeks_52w", "paid_52w_pence",
    "payment_gap_median_days", "payment_gap_sd_days", "balance_slope_52w_pence",
)  # fmt: skip


def test_every_account_agrees_with_its_entries():
    draw = random.Random(20260331)
    accounts = [made_up(draw) for _ in range(ACCOUNTS)]
    engine = world(
        identity_tenancy=[{"tenancy_id": f"T{n}"} for n in range(ACCOUNTS)],
        identity_tenancy_ref=[
            {"ref_kind": "tenancy_ref", "system": "*", "ref": str(n), "tenancy_id": f"T{n}"}
            for n in range(ACCOUNTS)
        ],
    )
    rows = [(str(n), *entry) for n, entries in enumerate(accounts) for entry in entries]
    draw.shuffle(rows)  # the order of the rows says nothing
    ref, on, amount, kind = (list(column) for column in zip(*rows, strict=True))
    given = pa.table({"tenancy_ref": ref, "posted_on": on, "amount_pence": amount, "kind": kind})
    engine.con.register("given", given)
    engine.execute(
        f"INSERT INTO {ACCOUNT_TRANSACTION.full_name} BY NAME SELECT 'housing' AS system, 'housing' AS source_kind, "
        "'f' AS source_file, row_number() OVER () AS source_row, * FROM given"
    )
    build(engine, as_of=AS_OF)
    built = {
        row[0]: row[1:]
        for row in engine.rows(
            f"SELECT tenancy_id, {', '.join(COLUMNS)} FROM features.tenancy_payment"
        )
    }
    for number, entries in enumerate(accounts):
        expected = by_hand(entries)
        assert built[f"T{number}"] == pytest.approx(expected), f"account {number}"
