"""What a benchmark hands back: goals with what was measured, and pages of results that name the machine."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import duckdb

RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True, slots=True)
class Goal:
    """One figure to reach. `at_most` or `at_least` None: the figure is told, not judged."""

    what: str
    measured: float
    at_most: float | None = None
    at_least: float | None = None
    unit: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the figure is within its bounds; None where it has none."""
        if self.at_most is None and self.at_least is None:
            return None
        return (self.at_most is None or self.measured <= self.at_most) and (
            self.at_least is None or self.measured >= self.at_least
        )

    @property
    def row(self) -> tuple[str, str, str, str]:
        """Goal, bound, measured, verdict: as they are shown."""
        bound = f"≤ {self.at_most:g}" if self.at_most is not None else ""
        bound = f"≥ {self.at_least:g}" if self.at_least is not None else bound
        verdict = {None: "", True: "yes", False: "**no**"}[self.met]
        return (
            self.what,
            f"{bound} {self.unit}".strip() if bound else "",
            f"{self.measured:,.3g} {self.unit}".strip()
            if self.measured < 100
            else f"{self.measured:,.0f} {self.unit}".strip(),
            verdict,
        )

    @staticmethod
    def table(goals: Iterable[Goal]) -> list[str]:
        """The goals as lines of Markdown."""
        rows = [" | ".join(goal.row) for goal in goals]
        return [
            "| what | goal | measured | met |",
            "|---|---|---|---|",
            *(f"| {row} |" for row in rows),
        ]


def print_table(goals: Iterable[Goal]) -> None:
    """Show the goals on standard output."""
    for what, bound, measured, verdict in (goal.row for goal in goals):
        print(f"{what:72} {bound:>10} {measured:>12} {verdict.strip('*'):>4}", flush=True)


def write(name: str, text: str) -> None:
    """Keep a page of results."""
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{name}.md").write_text(text, encoding="utf-8")


def machine() -> str:
    """The machine in one line: what a figure means depends on it."""
    model = "unknown processor"
    information = Path("/proc/cpuinfo")
    if information.exists():
        names = [line.partition(":")[2].strip() for line in information.read_text().splitlines()
                 if line.startswith("model name")]  # fmt: skip
        model = names[0] if names else platform.machine()
    gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{os.cpu_count()} cores of {model} (shared, noisy), {gib:.0f} GiB, "
        f"Python {platform.python_version()}, DuckDB {duckdb.__version__}"
    )
