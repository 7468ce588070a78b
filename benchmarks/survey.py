"""How long does weighting take, and an estimate with its standard error?

    python -m benchmarks.survey [rows]

Makes a sample (a million rows, five margins of 2 to 20 categories), weights it three ways, estimates a
share by group, and where R is installed lets its survey package rake the same rows. Best of three.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from shutil import which

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv

from benchmarks.report import Goal, machine, print_table, write
from rooftree import survey

SIZES = (2, 9, 16, 8, 20)

#: R rakes so many rows at most: with more it takes minutes.
R_ROWS = 200_000

_R = """
suppressMessages(library(survey))
d <- read.csv(file.path("{folder}", "sample.csv"), stringsAsFactors = TRUE)
m <- read.csv(file.path("{folder}", "margins.csv"))
fields <- paste0("v", 0:4)
pop <- lapply(fields, function(f) setNames(m[m$field == f, c("category", "target")], c(f, "Freq")))
design <- svydesign(ids = ~1, weights = ~w, data = d)
t <- system.time(r <- rake(design, lapply(fields, function(f) as.formula(paste0("~", f))), pop,
                           control = list(maxit = 100, epsilon = 1e-6)))
cat(t[["elapsed"]], sum(weights(r)^2), "\\n")
"""


def make(rows: int, *, seed: int = 1) -> tuple[pa.Table, dict[str, dict[str, float]]]:
    """A sample with five fields, design weights and an answer; margins of a population four times its weight."""
    rng = np.random.default_rng(seed)
    columns: dict[str, object] = {}
    margins = {}
    for place, size in enumerate(SIZES):
        codes = rng.choice(size, rows, p=rng.dirichlet(np.full(size, 8)))
        words = pa.array([f"c{n}" for n in range(size)])
        columns[f"v{place}"] = words.take(pa.array(codes))
        wanted = rng.dirichlet(np.full(size, 8)) * rows * 4
        margins[f"v{place}"] = {f"c{n}": float(wanted[n]) for n in range(size)}
    columns["w"] = rng.uniform(1, 5, rows)
    columns["satisfied"] = (rng.random(rows) < 0.7).astype(float)
    return pa.table(columns), margins


def best(work: Callable[[], object], times: int = 3) -> tuple[float, float]:
    """The shortest of several runs in seconds: by processor, which other work disturbs less, and by clock."""
    taken = []
    for _ in range(times):
        clock, processor = time.perf_counter(), time.process_time()
        work()
        taken.append((time.process_time() - processor, time.perf_counter() - clock))
    return min(cpu for cpu, _ in taken), min(clock for _, clock in taken)


def by_rows(table: pa.Table, margins: dict[str, dict[str, float]], rounds: int) -> np.ndarray:
    """Raking as one writes it by hand with numpy, row by row instead of cell by cell."""
    weights = table["w"].to_numpy().copy()
    coded = []
    for name, targets in margins.items():
        encoded = table[name].combine_chunks().dictionary_encode()
        wanted = np.array([targets[word] for word in encoded.dictionary.to_pylist()])
        coded.append((encoded.indices.to_numpy(), wanted))
    for _ in range(rounds):
        for codes, wanted in coded:
            held = np.bincount(codes, weights, minlength=len(wanted))
            weights *= (wanted / held)[codes]
    return weights


def in_r(rows: int) -> tuple[float, float] | None:
    """Seconds in which R rakes so many rows, and the largest relative difference of the sum of squares."""
    if which("Rscript") is None:
        return None
    table, margins = make(rows)
    ours = survey.rake(table, margins, weight="w").weights
    with tempfile.TemporaryDirectory() as folder:
        pa_csv.write_csv(table, Path(folder) / "sample.csv")
        lines = [f"{f},{c},{n!r}" for f, of in margins.items() for c, n in of.items()]
        Path(folder, "margins.csv").write_text("field,category,target\n" + "\n".join(lines) + "\n")
        done = subprocess.run(
            ["Rscript", "--vanilla", "-e", _R.format(folder=folder)],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
    if done.returncode:
        return None
    seconds, squares = (float(word) for word in done.stdout.split())
    return seconds, abs(squares / float(np.square(ours).sum()) - 1)


def run(rows: int = 1_000_000) -> list[Goal]:
    """Measure, and hand back the goals."""
    table, margins = make(rows)
    raked = survey.rake(table, margins, weight="w")
    rounds = raked.diagnostics.iterations
    rake_cpu, rake_clock = best(lambda: survey.rake(table, margins, weight="w"))
    rows_cpu, _ = best(lambda: by_rows(table, margins, rounds))
    newton_cpu, _ = best(lambda: survey.calibrate(table, margins, weight="w", distance="raking"))
    share_cpu, _ = best(lambda: survey.estimate(raked, "satisfied", by="v1"))
    apart = float(np.abs(by_rows(table, margins, rounds) / raked.weights - 1).max())
    most = 0.5 if rows >= 1_000_000 else None
    what = f"raking {rows:,} rows, 5 margins, {raked.cells.count:,} cells"
    goals = [
        Goal(f"{what}, by processor", rake_cpu, at_most=most, unit="s"),
        Goal(f"{what}, by clock", rake_clock, at_most=most, unit="s"),
        Goal("raking by hand with numpy, row by row / ours, by processor", rows_cpu / rake_cpu),
        Goal("largest relative difference of a weight from by hand", apart, at_most=1e-8),
        Goal("calibration by Newton steps, raking distance, by processor", newton_cpu, unit="s"),
        Goal(
            "a share in 9 groups with its error, raked weights, by processor", share_cpu, unit="s"
        ),
    ]
    found = in_r(min(rows, R_ROWS))
    if found is not None:
        small, targets = make(min(rows, R_ROWS))
        _, ours = best(lambda: survey.rake(small, targets, weight="w"))
        goals += [
            Goal(f"R's rake / ours, {len(small):,} rows, by clock", found[0] / ours),
            Goal(
                "relative difference of the sum of squared weights from R's", found[1], at_most=1e-6
            ),
        ]
    return goals


def main() -> None:
    """Run at the size given, and keep the page of results."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    goals = run(rows)
    print_table(goals)
    page = [
        "# Weighting and estimating",
        "",
        f"{machine()}. Best of three.",
        "",
        *Goal.table(goals),
    ]
    write("survey", "\n".join(page) + "\n")


if __name__ == "__main__":
    main()
