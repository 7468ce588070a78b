"""How long do the payment features take, against a plain scan, hand-written SQL and pandas?

    python -m benchmarks.payment [homes]

Makes a rent ledger of about 260 entries per home over five years (26 million for 100,000 homes) in a
temporary folder, measures each step three times, and prints the best times and their ratios.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

AS_OF = dt.date(2026, 3, 31)
EPOCH = dt.date(1970, 1, 1)
WEEKS = 260
CHUNK = 12_500  # homes per file

KINDS = ["rent", "payment", "housing_benefit", "uc_direct"]
METHODS = ["direct_debit", "standing_order", "card", "cash", "online", "benefit"]
FREQUENCIES = ["weekly", "fortnightly", "four_weekly", "monthly"]
DAYS = np.array([7, 14, 28, 30])


def make(folder: Path, *, homes: int, seed: int = 1) -> int:
    """Write the ledger and the tenancies as Parquet; the number of entries."""
    rng = np.random.default_rng(seed)
    frequency = rng.choice(4, homes, p=[0.62, 0.08, 0.1, 0.2])
    rhythm = rng.choice(4, homes, p=[0.22, 0.13, 0.3, 0.35])
    weekly_rent = rng.integers(8_000, 18_000, homes)
    payer = rng.choice(
        3, homes, p=[0.55, 0.25, 0.2]
    )  # pays, housing benefit, universal credit managed
    reliability = np.clip(rng.normal(0.93, 0.1, homes), 0.3, 1.0)
    rows = 0
    for number, first in enumerate(range(0, homes, CHUNK)):
        part = np.arange(first, min(first + CHUNK, homes))
        table = _chunk(rng, part, frequency, rhythm, weekly_rent, payer, reliability)
        pq.write_table(
            table,
            folder / f"ledger-{number:03}.parquet",
            compression="zstd",
            row_group_size=120_000,
        )
        rows += len(table)
    tenancies = pa.table(
        {
            "tenancy_ref": [f"T{n:07}" for n in range(homes)],
            "rent_pence": weekly_rent * DAYS[frequency] // 7,
            "charge_frequency": np.array(FREQUENCIES)[frequency],
            "started_on": [dt.date(2015, 4, 6)] * homes,
        }
    )
    pq.write_table(tenancies, folder / "tenancy.parquet")
    return rows


def _chunk(rng, part, frequency, rhythm, weekly_rent, payer, reliability) -> pa.Table:
    span = WEEKS * 7
    start = (AS_OF - EPOCH).days - span
    pieces = []
    for code, days in enumerate(DAYS):
        due = part[frequency[part] == code]
        count = span // days
        day = np.tile(np.arange(count) * days, len(due)) + start
        who = np.repeat(due, count)
        pieces.append(
            (
                who,
                day,
                weekly_rent[who] * days // 7,
                np.zeros(len(who), np.int8),
                np.zeros(len(who), np.int8),
            )
        )
    for code, days in enumerate(DAYS):
        due = part[rhythm[part] == code]
        count = span // days
        who = np.repeat(due, count)
        day = np.tile(np.arange(count) * days, len(due)) + start + rng.integers(0, 6, len(who))
        paid = rng.random(len(who)) < reliability[who]
        who, day = who[paid], day[paid]
        kind = (1 + payer[who]).astype(np.int8)
        method = np.where(payer[who] == 0, who % 5, 5).astype(np.int8)
        pieces.append((who, day, -(weekly_rent[who] * days // 7), kind, method))
    who, day, amount, kind, method = (
        np.concatenate(column) for column in zip(*pieces, strict=True)
    )
    order = np.lexsort((day, who))
    who, day, amount, kind, method = (
        who[order],
        day[order],
        amount[order],
        kind[order],
        method[order],
    )
    n = len(who)
    refs = pa.array([f"T{number:07}" for number in part])
    return pa.table(
        {
            "system": _same("housing", n),
            "source_kind": _same("housing", n),
            "source_file": _same("0123456789abcdef", n),
            "source_row": np.arange(n, dtype=np.int64),
            "transaction_ref": pa.nulls(n, pa.string()),
            "tenancy_ref": pa.DictionaryArray.from_arrays((who - part[0]).astype(np.int32), refs),
            "payment_ref": pa.nulls(n, pa.string()),
            "posted_on": pa.array(day.astype(np.int32)).cast(pa.date32()),
            "amount_pence": amount.astype(np.int64),
            "kind": pa.DictionaryArray.from_arrays(kind, KINDS),
            "method": pa.DictionaryArray.from_arrays(pa.array(method, mask=kind == 0), METHODS),
        }
    )


def _same(text: str, n: int) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(np.zeros(n, np.int8), [text])
