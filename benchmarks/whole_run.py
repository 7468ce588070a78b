"""A whole run, extracts in and snapshot out: time and peak memory of every stage, at growing sizes.

`python -m benchmarks.whole_run [--years N] [folder] [homes ...]`. A landlord of each size is invented
(not timed), and run in a process of its own, so that one run's memory is not in another's. The peak is
the largest resident size of that process, which Linux lets us set back at the beginning of each stage.

With fewer years of rent accounts than five, larger landlords fit the disk: that is how growth is
measured, and written to `results/growth.md`.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.report import Goal, machine, print_table, write
from rooftree.demo.generate import generate

HOMES = {"small": (2_000, 6_000), "full": (100_000,)}
GROWTH = {"small": (1_000, 3_000), "full": (10_000, 30_000, 100_000)}
SEED = 1
YEARS = 5
AS_OF = dt.date(2026, 3, 31)
_HIGH = re.compile(r"^VmHWM:\s+(\d+) kB", re.MULTILINE)
_STAGES = (
    ("Importing and validating", re.compile(r"^(Reading|Staging|Querying|Assessing)")),
    ("Writing the snapshot", re.compile(r"^Writing")),
    ("Building the look-up", re.compile(r"^Building the look-up")),
    ("Placing homes", re.compile(r"^(Place|Placing|Reference|Naming)")),
    ("Resolving answers", re.compile(r"^Resolving answers")),
    ("Features", re.compile(r"[Ff]eatures")),
)


@dataclass(slots=True)
class Recorder:
    """Progress that keeps what each outermost step took."""

    steps: list[dict[str, Any]] = field(default_factory=list)
    depth: int = 0

    @contextmanager
    def step(
        self, what: str, *, total: int | None = None, unit: str = "rows"
    ) -> Iterator[Recorder]:
        if self.depth == 0:
            forget_peak()
        self.depth += 1
        started, cpu = time.perf_counter(), time.process_time()
        try:
            yield self
        finally:
            self.depth -= 1
            self.steps.append(
                {"what": what, "depth": self.depth, "seconds": time.perf_counter() - started,
                 "cpu": time.process_time() - cpu, "peak": peak()}
            )  # fmt: skip

    def advance(self, done: int = 1) -> None:
        """Only the whole step counts."""

    def note(self, message: str) -> None:
        """Not timed."""


def forget_peak() -> None:
    """Set the high-water mark of this process back to what it holds now, where Linux allows it."""
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        return


def peak() -> int:
    """The most memory this process has held since the last `forget_peak`, in bytes."""
    try:
        found = _HIGH.search(Path("/proc/self/status").read_text())
    except OSError:
        found = None
    return (
        int(found[1]) * 1024 if found else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    )


def run(scale: str = "full") -> list[Goal]:
    """Measure every size of the scale and write `results/whole-run.md`."""
    return measure(HOMES[scale], keep=scale == "full")


def run_growth(scale: str = "full") -> list[Goal]:
    """The same with one year of accounts, and `results/growth.md`."""
    return measure(GROWTH[scale], keep=scale == "full", years=1)


def measure(
    sizes: tuple[int, ...], *, keep: bool = True, folder: Path | None = None, years: int = YEARS
) -> list[Goal]:
    """Invent and run a landlord of each size; a folder that has one already is run as it is."""
    with tempfile.TemporaryDirectory() as temporary:
        runs: dict[int, dict[str, Any]] = {}
        for homes in sizes:
            runs[homes] = _one((folder or Path(temporary)) / f"homes-{homes}", homes, years)
            print(f"{homes:,} homes: {runs[homes]['cpu'] / homes * 1000:.2f} ms a home", flush=True)
    goals = _goals(runs, years)
    print_table(goals)
    if keep:
        write("whole-run" if years == YEARS else "growth", _page(runs, goals, years))
    return goals


def _one(directory: Path, homes: int, years: int) -> dict[str, Any]:
    if not (directory / "rooftree.toml").exists():
        # a process of its own: what inventing held would stay with us
        subprocess.run(
            [sys.executable, "-m", "benchmarks.whole_run", "--make", str(directory), str(homes), str(years)],
            check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.whole_run", "--child", str(directory)],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    return json.loads(done.stdout.splitlines()[-1])


def _child(directory: Path) -> None:
    """Run the workspace in this process and print what it took, as JSON."""
    from rooftree.pipeline.run import run as run_all
    from rooftree.storage.workspace import Workspace

    workspace = Workspace.open(directory)
    recorder = Recorder()
    started, cpu = time.perf_counter(), time.process_time()
    as_of = workspace.settings.as_of
    assert as_of is not None, "the demonstration landlord's settings name a day"
    result = run_all(workspace, as_of=as_of, again=True, progress=recorder)
    print(
        json.dumps(
            {
                "seconds": time.perf_counter() - started,
                "cpu": time.process_time() - cpu,
                "peak": max((s["peak"] for s in recorder.steps), default=peak()),
                "transactions": result.staging["account_transaction"].accepted,
                "files_read": result.files_read,
                "people": result.identity.persons,
                "steps": recorder.steps,
            }
        )
    )


def _stages(run: dict[str, Any]) -> dict[str, tuple[float, int]]:
    """Seconds of processor time and peak per stage, in the order in which they began."""
    stages: dict[str, tuple[float, int]] = {}
    outermost = [step for step in run["steps"] if step["depth"] == 0]
    for step in outermost:
        name = next(
            (name for name, words in _STAGES if words.search(step["what"])), "Linking people"
        )
        seconds, high = stages.get(name, (0.0, 0))
        stages[name] = (seconds + step["cpu"], max(high, step["peak"]))
    named = sum(seconds for seconds, _ in stages.values())
    stages["Everything else"] = (run["cpu"] - named, 0)
    return stages


def _goals(runs: dict[int, dict[str, Any]], years: int) -> list[Goal]:
    largest, smallest = max(runs), min(runs)
    run = runs[largest]
    bound = 180.0 if largest >= 100_000 and years == YEARS else None
    goals = [
        Goal(f"whole run, {largest:,} homes, {run['transactions']:,} transactions: seconds", run["seconds"],
             at_most=bound, unit="s"),
        Goal("the same: peak memory", run["peak"] / 2**30, at_most=6.0, unit="GiB"),
    ]  # fmt: skip
    if len(runs) > 1:
        grown = (run["cpu"] / largest) / (runs[smallest]["cpu"] / smallest)
        goals.append(
            Goal(
                f"processor time per home, {largest:,} homes / {smallest:,} homes",
                grown,
                at_most=1.2,
            )
        )
    return goals


def _page(runs: dict[int, dict[str, Any]], goals: list[Goal], years: int) -> str:
    asked = " ".join([*(["--years", str(years)] if years != YEARS else []), *map(str, runs)])
    lines = [
        "# A whole run" if years == YEARS else "# How a run grows", "",
        f"`python -m benchmarks.whole_run {asked}` · {machine()}.",
        "CSV extracts of the demonstration landlord in, published snapshot out, nothing cached.",
        f"Years of rent accounts, contacts and repairs: {years}.",
        "The settings are the defaults (2 threads, 4 GB).",
        "Times are by the clock, on a machine that others use too; processor time beside them.", "",
        "| homes | transactions | people | seconds | processor s | ms a home | peak GiB |",
        "|---|---|---|---|---|---|---|",
    ]  # fmt: skip
    lines += [
        f"| {homes:,} | {r['transactions']:,} | {r['people']:,} | {r['seconds']:.0f} | {r['cpu']:.0f} "
        f"| {r['cpu'] / homes * 1000:.2f} | {r['peak'] / 2**30:.1f} |"
        for homes, r in runs.items()
    ]
    lines += ["", "Seconds of processor time and peak GiB of each stage:", ""]
    stages = {homes: _stages(r) for homes, r in runs.items()}
    names = list(dict.fromkeys(name for found in stages.values() for name in found))
    lines += ["| stage | " + " | ".join(f"{homes:,} homes" for homes in runs) + " |"]
    lines += ["|---" * (len(runs) + 1) + "|"]
    for name in names:
        cells = []
        for found in stages.values():
            seconds, high = found.get(name, (0.0, 0))
            cells.append(f"{seconds:.1f} s" + (f", {high / 2**30:.1f}" if high else ""))
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    lines += ["", *Goal.table(goals)]
    return "\n".join(lines) + "\n"


def main(arguments: list[str]) -> None:
    """Measure the sizes named, or the full scale."""
    if arguments[:1] == ["--child"]:
        _child(Path(arguments[1]))
        return
    if arguments[:1] == ["--make"]:
        where, homes, years = arguments[1:]
        generate(Path(where), as_of=AS_OF, homes=int(homes), seed=SEED, years=int(years))
        return
    years = YEARS
    if arguments[:1] == ["--years"]:
        years = int(arguments[1])
        del arguments[:2]
    folder = Path(arguments.pop(0)) if arguments and not arguments[0].isdigit() else None
    measure(tuple(map(int, arguments)) or HOMES["full"], folder=folder, years=years)


if __name__ == "__main__":
    main(sys.argv[1:])
