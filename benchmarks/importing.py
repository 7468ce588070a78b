"""Importing a ledger with validation and rejects, against a plain copy of the same file to Parquet.

`python -m benchmarks.importing [rows]`. One row in 2,000 is bad. The import knows its types and its
rules, keeps every refused row with its reasons, and notes where each row comes from; the plain copies
do none of that. Text is the hard case, Parquet the like-for-like one.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.report import Goal, machine, print_table, write
from benchmarks.whole_run import forget_peak, peak
from rooftree.sources.definition import parse_definition
from rooftree.staging.store import stage_all
from rooftree.storage.engine import Engine, quote

ROWS = {"small": 1_000_000, "full": 26_000_000}
BAD = 2_000

_LEDGER = """
    SELECT 10000000 + i AS "Entry", 1900000000 + i // 80 AS "Rent account",
        CASE WHEN i % {bad} = 7 THEN '31/02/2024'
            ELSE strftime(DATE '2021-04-05' + CAST(i % 1800 AS INTEGER), '%d/%m/%Y') END AS "Date",
        CASE WHEN i % {bad} = 9 THEN 'XX' WHEN i % 2 = 0 THEN 'RENT' ELSE 'PAY' END AS "Type",
        CASE WHEN i % {bad} = 11 THEN 'n/k'
            ELSE printf('%.2f', CASE WHEN i % 2 = 0 THEN 101.17 ELSE -99.5 END + (i % 977) / 100.0) END AS "Amount"
    FROM range({rows}) AS t(i)
"""

_DEFINITION = """
    system = "ledger"
    kind = "housing"
    title = "Ledger"
    owner = "Income"
    [[extract]]
    key = "entries"
    files = "entries.{format}"
    format = "{format}"
    dates = ["dd/mm/yyyy"]
    [[extract.table]]
    table = "account_transaction"
    [extract.table.columns]
    transaction_ref = "Entry"
    payment_ref = "Rent account"
    posted_on = "Date"
    amount_pence = {{ from = "Amount", unit = "pounds" }}
    kind = {{ from = "Type", map = {{ RENT = "rent", PAY = "payment" }}, otherwise = "reject" }}
"""


def run(scale: str = "full", *, rows: int | None = None) -> list[Goal]:
    """Measure both formats; `results/importing.md` is written at the full scale."""
    keep = rows is None and scale == "full"
    rows = rows or ROWS[scale]
    goals: list[Goal] = []
    for form in ("csv", "parquet"):
        ratio, seconds, most = _measure(form, rows)
        bound = 2.5 if form == "parquet" else None
        what = f"import of {rows:,} rows of {form} / plain copy"
        goals.append(Goal(what, ratio, at_most=bound))
        goals.append(Goal("  the same: processor time", seconds, unit="s"))
        goals.append(Goal("  the same: peak memory", most / 2**30, at_most=2.0, unit="GiB"))
    print_table(goals)
    if keep:
        lines = ["# Importing a ledger", "", f"{machine()}.", "", _ABOUT, "", *Goal.table(goals)]
        write("importing", "\n".join(lines) + "\n")
    return goals


_ABOUT = (
    "Ratios of processor time in one run on the same data; the machine was busy with other work."
)


def _measure(form: str, rows: int) -> tuple[float, float, int]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = folder / f"entries.{form}"
        with Engine(threads=2) as engine:
            engine.execute(
                f"COPY ({_LEDGER.format(rows=rows, bad=BAD)}) TO {quote(str(source))} (FORMAT {form})"
            )
        with Engine(threads=2, memory_limit="1500MB", temp_directory=folder / "spill") as engine:
            read = f"read_{form}({quote(str(source))}{', all_varchar = true' if form == 'csv' else ''})"
            copied = quote(str(folder / "copied.parquet"))
            plain = _cpu(
                lambda: engine.execute(
                    f"COPY (SELECT * FROM {read}) TO {copied} (FORMAT parquet, COMPRESSION zstd)"
                )
            )
        forget_peak()
        with Engine(threads=2, memory_limit="1500MB", temp_directory=folder / "spill") as engine:
            ours = _cpu(lambda: _import(engine, folder, form, rows))
        return ours / plain, ours, peak()


def _import(engine: Engine, folder: Path, form: str, rows: int) -> None:
    definition, problems = parse_definition(_DEFINITION.format(format=form))
    assert not problems, problems
    staged = stage_all(
        [definition], extracts_dir=folder, staged_dir=folder / "staged",
        corrections_dir=folder / "corrections", engine=engine,
    )  # fmt: skip
    counts = staged.counts["account_transaction"]
    bad = sum(len(range(at, rows, BAD)) for at in (7, 9, 11))
    assert counts["rejected"] == bad, (counts, bad)
    assert counts["accepted"] == rows - bad


def _cpu(work: Callable[[], object]) -> float:
    """Seconds of processor time, all threads together: what others do on the machine is not in it."""
    started = time.process_time()
    work()
    return time.process_time() - started


if __name__ == "__main__":
    run(rows=int(sys.argv[1]) if len(sys.argv) > 1 else None)
