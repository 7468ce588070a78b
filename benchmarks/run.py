"""All benchmarks, one after the other, each in a process of its own, and one table of goals.

`python -m benchmarks.run [--scale small|full] [name ...]` prints the table and writes
`results/latest.md`. The small scale takes some minutes and shows that the benchmarks work; the goals
are about the full one, which takes an hour.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from benchmarks.report import Goal, machine, print_table, write

Figures = Mapping[str, Any]


def _profile(scale: str) -> list[Goal]:
    from benchmarks.profile import run

    found = run(1_000_000 if scale == "full" else 30_000)
    return [
        Goal("resolving answers / hand-written SQL", found["stage_to_by_hand"], at_most=1.1),
        Goal("one whole record in memory", found["one_record_ms"], unit="ms"),
    ]


def _payment(scale: str) -> list[Goal]:
    from benchmarks.payment import run

    found = run(homes=100_000 if scale == "full" else 3_000)
    return [
        Goal("one-pass payment features / plain scan", found["one_pass_over_scan_cpu"], at_most=5),
        Goal("whole payment family / plain scan", found["family_over_scan_cpu"], at_most=10),
        Goal("one pass / hand-written SQL", found["one_pass_over_hand_written_cpu"], at_most=1.1),
        Goal("pandas / one pass", found["pandas_over_one_pass_clock"], at_least=6),
    ]


def _linkage(scale: str) -> list[Goal]:
    from benchmarks.linkage import run

    found = run(1_000_000 if scale == "full" else 20_000)
    share = found["new_records_share_of_full_run"]
    full = scale == "full"
    return [
        Goal(f"linkage of {found['records']:,.0f} records", found["link_s"], at_most=30 if full else None, unit="s"),
        Goal("linkage / plain Splink", found["ratio_to_plain_splink"], at_most=1.3 if full else None),
        Goal("5,000 new records / full run", share, at_most=0.1 if full else None),
    ]  # fmt: skip


def _linkage_households(scale: str) -> list[Goal]:
    from benchmarks.linkage_households import run

    found = run(100_000 if scale == "full" else 10_000)
    return [
        Goal(
            "cluster precision on the landlord's own records",
            found["cluster precision"],
            at_least=0.985,
        ),
        Goal("cluster F1 on the landlord's own records", found["cluster F1"], at_least=0.965),
    ]


def _lookup(scale: str) -> list[Goal]:
    from benchmarks.lookup import run

    found: Figures = dict[str, Any](run(1_000_000 if scale == "full" else 30_000))
    slow = {name: figure["p95"] for name, figure in found.items() if isinstance(figure, dict)}
    record = slow.pop("record by id, ms")
    return [
        Goal("one record by id, 95th of a hundred", record, at_most=20, unit="ms"),
        Goal("slowest sort of search, 95th", max(slow.values()), at_most=100, unit="ms"),
        Goal("building the look-up", float(found["build_seconds"]), unit="s"),
    ]


def _segments(scale: str) -> list[Goal]:
    from benchmarks.segments import goals, run

    full = scale == "full"
    return goals(run(1_000_000 if full else 20_000, large=10_000_000 if full else None))


def _generate(scale: str) -> list[Goal]:
    from benchmarks.generate import run

    if scale == "small":
        run(sizes=(1_000,), results=None)
    else:
        run()
    return []


def _discovery(scale: str) -> list[Goal]:
    from benchmarks.discovery import run

    # The peer needs an environment of its own: python -m benchmarks.discovery --peer PYTHON.
    found = run(people=1_000_000 if scale == "full" else 100_000)
    most = 5 if scale == "full" else None
    return [
        Goal("finding groups, 20 starts (processor)", found["whole_cpu_s"], at_most=most, unit="s"),
        Goal("log-likelihood above that of the truth", found["above_truth"], at_least=0),
    ]


def _importing(scale: str) -> list[Goal]:
    from benchmarks.importing import run

    return run(scale)


def _survey(scale: str) -> list[Goal]:
    from benchmarks.survey import run

    return run(1_000_000 if scale == "full" else 100_000)


def _features(scale: str) -> list[Goal]:
    from benchmarks.features import run

    return run(scale)


def _growth(scale: str) -> list[Goal]:
    from benchmarks.whole_run import run_growth

    return run_growth(scale)


def _whole_run(scale: str) -> list[Goal]:
    from benchmarks.whole_run import run

    return run(scale)


BENCHMARKS: Mapping[str, Callable[[str], list[Goal]]] = {
    "importing": _importing,
    "linkage": _linkage,
    "linkage_households": _linkage_households,
    "profile": _profile,
    "payment": _payment,
    "features": _features,
    "lookup": _lookup,
    "segments": _segments,
    "survey": _survey,
    "generate": _generate,
    "discovery": _discovery,
    "whole_run": _whole_run,
    "growth": _growth,
}


def main(arguments: list[str] | None = None) -> None:
    """Run the benchmarks named (all, when none is) at one scale."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", choices=("small", "full"), default="small")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("names", nargs="*", help=", ".join(BENCHMARKS))
    asked = parser.parse_args(arguments)
    unknown = sorted(set(asked.names) - set(BENCHMARKS))
    if unknown:
        parser.error(f"no benchmark {', '.join(unknown)}. They are: {', '.join(BENCHMARKS)}")
    if asked.child:
        print(json.dumps([asdict(goal) for goal in BENCHMARKS[asked.names[0]](asked.scale)]))
        return
    goals: list[Goal] = []
    failed: list[str] = []
    for name in asked.names or BENCHMARKS:
        print(f"-- {name}", flush=True)
        found = _in_a_process(name, asked.scale)
        if found is None:
            failed.append(name)
        else:
            print_table(found)
            goals += found
    write("latest", _page(goals, failed, scale=asked.scale))
    sys.exit(1 if failed else 0)


def _in_a_process(name: str, scale: str) -> list[Goal] | None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.run", "--child", "--scale", scale, name],
        check=False, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    if done.returncode:
        print(f"{name} failed", flush=True)
        return None
    return [Goal(**goal) for goal in json.loads(done.stdout.splitlines()[-1])]


def _page(goals: list[Goal], failed: list[str], *, scale: str) -> str:
    lines = ["# The last run of the benchmarks", "", f"Scale: {scale}. {machine()}.", ""]
    if scale == "small":
        lines += [
            "At the small scale fixed costs weigh more: the goals are about the full one.",
            "",
        ]
    lines += [*Goal.table(goals)]
    lines += ["", f"Failed: {', '.join(failed)}."] if failed else []
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
