"""How long the made-up landlord takes to make, by size; figures are of one machine and one run."""

from __future__ import annotations

import datetime as dt
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rooftree.demo.generate import generate

_RESULTS = Path(__file__).parent / "results" / "generate.md"
_SIZES = (1_000, 5_000, 20_000, 100_000)


def run(*, sizes: tuple[int, ...] = _SIZES, results: Path | None = _RESULTS) -> list[dict]:
    """Generate landlords of each size, each in a process of its own, and write the table down."""
    rows = [_measure(size) for size in sizes]
    if results:
        results.parent.mkdir(parents=True, exist_ok=True)
        results.write_text(_page(rows), encoding="utf-8")
    return rows


def _measure(size: int) -> dict:
    command = [sys.executable, "-m", "benchmarks.generate", str(size)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    homes, records, entries, seconds, gib = done.stdout.split()
    return {
        "homes": int(homes),
        "records": int(records),
        "entries": int(entries),
        "seconds": float(seconds),
        "gib": float(gib),
    }


def _one(size: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        made = generate(Path(folder), as_of=dt.date(2026, 3, 31), homes=size)
        seconds = time.perf_counter() - started
    gib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(made.homes, made.records, made.transactions, round(seconds, 1), round(gib, 2))


def _page(rows: list[dict]) -> str:
    lines = [
        "# Making the demonstration landlord",
        "",
        f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}.",
        "Council, rural, five years, account entries as CSV, everything written to disk.",
        "",
        "| homes | records of people | account entries | seconds | entries a second | peak memory, GiB |",
        "|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {r['homes']:,} | {r['records']:,} | {r['entries']:,} | {r['seconds']} "
        f"| {r['entries'] / r['seconds']:,.0f} | {r['gib']} |"
        for r in rows
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    if len(sys.argv) > 1:
        _one(int(sys.argv[1]))
    else:
        run()
