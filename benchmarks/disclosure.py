"""What it costs to make a table safe: how much is hidden, how long it takes, whether the audit passes.

`python -m benchmarks.disclosure` prints the tables and writes `results/disclosure.md`. The first two
tables are known from the literature of the trade, with what other programmes reach (statistics of
sdcTable 0.32.6 and GaussSuppression 1.0.0, same rules); the others are made up, with a fixed seed.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from benchmarks.report import RESULTS, machine
from rooftree.disclosure import Ledger, Note, audit, find_policy, protect
from rooftree.vocabulary.errors import PolicyDenied
from tests.lib.tables import SIX_BY_FIVE, TEN_BY_EIGHT, cells, table

#: What others need for the two known tables: cells and cost.
OTHERS = {
    "6 x 5, known": "1 / 7 (sdcTable HITAS, OPT; GaussSuppression), 4 / 29 (sdcTable heuristic)",
    "10 x 8, known": "4 / 29 (all of them)",
}


def timed(work: Callable[[], Any]) -> tuple[Any, float, float]:
    """What the work gives, and its seconds by the clock and of the processor."""
    clock, cpu = time.perf_counter(), time.process_time()
    found = work()
    return found, time.perf_counter() - clock, time.process_time() - cpu


def counts(*shape: int, people: int = 0, seed: int = 1) -> np.ndarray:
    """Made-up counts: skewed, some of them small; or so many people shared out among the cells."""
    rng = np.random.default_rng(seed)
    if not people:
        return rng.lognormal(2.0, 1.2, size=shape).astype(int)
    chance = np.ones(())
    for size in shape:
        chance = np.multiply.outer(chance, np.sort(rng.dirichlet(np.full(size, 1.5)))[::-1])
    chance = chance * rng.lognormal(0, 0.8, size=chance.shape)
    return rng.multinomial(people, (chance / chance.sum()).ravel()).reshape(shape)


def known_and_made_up() -> list[tuple[str, np.ndarray]]:
    """The tables that are protected as counted tables."""
    return [
        ("6 x 5, known", cells(SIX_BY_FIVE)),
        ("10 x 8, known", cells(TEN_BY_EIGHT)),
        ("20 x 10", counts(20, 10)),
        ("30 x 12", counts(30, 12)),
        ("60 x 12", counts(60, 12)),
        ("8 x 6 x 4", counts(8, 6, 4)),
        ("12 x 8 x 5", counts(12, 8, 5)),
    ]


def protect_row(name: str, leaves: np.ndarray) -> str:
    """One line of the first table."""
    given = table(leaves)
    by = given.column_names[:-1]
    policy = find_policy("rooftree")
    plain = replace(policy, class_disclosure=False)
    result, clock, cpu = timed(lambda: protect(given, by=by, count="n", policy=plain, seconds=60))
    extra = [
        row["n"] + 1 for row in result.cells.to_pylist() if row["status"] == "suppressed_secondary"
    ]
    report = result.report
    return (
        f"| {name} | {report.n_suppressed_primary} | {len(extra)} / {sum(extra)} | {report.method} "
        f"| {clock:.1f} | {cpu:.1f} | {'yes' if report.audited else 'no'} | {OTHERS.get(name, '')} |"
    )


def microdata(shape: tuple[int, ...], people: int) -> pa.Table:
    """One row per person with one column per characteristic."""
    leaves = counts(*shape, people=people)
    places = np.repeat(np.arange(leaves.size), leaves.ravel())
    columns = np.unravel_index(places, shape)
    return pa.table({f"c{at}": pa.array(column) for at, column in enumerate(columns)})


def large_row(shape: tuple[int, ...], policy: str, people: int = 1_000_000) -> str:
    """One line of the second table."""
    given = microdata(shape, people)
    result, clock, cpu = timed(lambda: protect(given, by=given.column_names, policy=policy))
    report = result.report
    hidden = report.n_suppressed_primary + report.n_suppressed_secondary
    return (
        f"| {' x '.join(map(str, shape))} | {policy} | {report.n_cells:,} "
        f"| {report.n_suppressed_primary:,} | {hidden:,} | {report.share_of_count_hidden:.1%} "
        f"| {report.method} | {clock:.1f} | {cpu:.1f} |"
    )


def audit_line() -> str:
    """How long it takes to attack a table of 50 by 20."""
    given = table(counts(50, 20))
    result = protect(given, by=("a", "b"), count="n")
    found, clock, cpu = timed(lambda: audit(result.table, by=("a", "b"), policy=result.policy))
    return f"50 x 20 with margins, {found.num_rows} hidden cells: {clock:.1f} s, {cpu:.1f} s of processor."


def guard_line() -> str:
    """How long the ledger takes to see that patches without one ward tell of that ward."""
    numbers = np.random.default_rng(18).poisson(5, size=(60, 8))
    rows = [
        {"ward": w, "patch": w // 10, "group": g, "n": int(numbers[w, g])}
        for w in range(60)
        for g in range(8)
    ]
    options: dict[str, Any] = {"by": ("patch", "group"), "count": "n", "unit": ("ward", "group")}
    with tempfile.TemporaryDirectory() as folder, Ledger.open(Path(folder) / "ledger.db") as ledger:
        protect(rows, released=ledger, note=Note("Patches"), **options)

        def second() -> str:
            try:
                protect([r for r in rows if r["ward"] != 6], released=ledger, **options)
            except PolicyDenied:
                return "refused"
            return "let through"

        verdict, clock, cpu = timed(second)
    return f"60 wards x 8 groups, patches without ward 7: {verdict} in {clock:.2f} s, {cpu:.2f} s of processor."


def main() -> None:
    """Print the tables and write them."""
    lines = ["# Safe tables", "", f"`python -m benchmarks.disclosure`, {machine()}."]
    lines += [
        f"Load when it began: {os.getloadavg()[0]:.0f}. Seconds of the processor do not depend on it.",
        "",
    ]
    lines += [
        "Cost is the sum of count + 1 over secondary cells; zeros are kept; margins included.",
        "",
    ]
    lines += [
        "| table | primary | secondary: cells / cost | method | s | processor s | audited | others |",
        "|---|---|---|---|---|---|---|---|",
    ]
    lines += [protect_row(name, leaves) for name, leaves in known_and_made_up()]
    lines += [
        "",
        "A million people, one row each, counted by four characteristics and protected:",
        "",
    ]
    lines += [
        "| categories | policy | cells | primary | hidden | of the count | method | s | processor s |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    lines += [
        large_row(shape, policy)
        for shape in ((5, 5, 4, 2), (20, 5, 5, 2), (60, 19, 5, 3))
        for policy in ("rooftree", "ofqual")
    ]
    lines += ["", audit_line(), "", guard_line()]
    text = "\n".join(lines) + "\n"
    print(text)
    (RESULTS / "disclosure.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
