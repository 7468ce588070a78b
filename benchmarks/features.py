"""The features of events, people and places against SQL written by hand for DuckDB, topic by topic.

    python -m benchmarks.features [workspace]

The peer is what an engineer who knows DuckDB would write for one landlord and one day: its own
functions, the day as a literal, no declared types, no checks of the result. Both read the same Parquet
files of a published snapshot and leave the same rows: EXCEPT is asked both ways. Payment has a
benchmark of its own. The bedroom rules have no peer: nobody would write them twice.
"""

from __future__ import annotations

import datetime as dt
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks import features_by_hand as by_hand
from benchmarks.report import Goal, machine, print_table, write
from rooftree.demo.generate import generate
from rooftree.features import cases, contact, household, place, repairs, service, tenancy
from rooftree.features.parameters import filled
from rooftree.features.place import read_places
from rooftree.pipeline.inputs import files_in
from rooftree.pipeline.run import run as run_all
from rooftree.storage.engine import Engine, Model
from rooftree.storage.snapshot import Snapshot
from rooftree.storage.workspace import Workspace

HOMES = {"small": 1_000, "full": 30_000}
AS_OF = dt.date(2026, 3, 31)
TIMES = 3


@dataclass(frozen=True, slots=True)
class Topic:
    """Models of one topic, and the statements of its peer, which leave `hand_<table>` for each result."""

    models: tuple[Model, ...]
    statements: tuple[str, ...]

    @property
    def results(self) -> tuple[str, ...]:
        """The names of the tables that both leave."""
        names = (model.table.name for model in self.models)
        return tuple(name for name in names if not name.startswith("_tmp_"))


TOPICS: Mapping[str, Topic] = {
    "tenancies": Topic(tenancy.MODELS, by_hand.TENANCY),
    "cases": Topic(cases.MODELS, by_hand.CASES),
    "contact": Topic(contact.MODELS, by_hand.CONTACT),
    "repairs": Topic(repairs.MODELS, by_hand.REPAIRS),
    "services and digital use": Topic(service.MODELS, by_hand.SERVICE),
    "household composition": Topic(household.MODELS[:2], by_hand.HOUSEHOLD),
    "place": Topic(place.MODELS, by_hand.PLACE),
}


def run(scale: str = "full", *, workspace: Path | None = None) -> list[Goal]:
    """Measure every topic; `results/features.md` is written at the full scale."""
    with tempfile.TemporaryDirectory(prefix="rooftree-features-") as temporary:
        if workspace is None:
            workspace = Path(temporary) / "homes"
            generate(workspace, as_of=AS_OF, homes=HOMES[scale], years=2)
            run_all(Workspace.open(workspace), as_of=AS_OF)
        goals, people = _measure(Workspace.open(workspace), Path(temporary))
    print_table(goals)
    if scale == "full":
        write("features", _page(goals, people))
    return goals


def _measure(workspace: Workspace, spill: Path) -> tuple[list[Goal], int]:
    values = filled(AS_OF)
    goals: list[Goal] = []
    with Engine(temp_directory=spill / "spill", memory_limit="4GB", threads=2) as engine:
        snapshot = Snapshot.open(workspace.snapshots)
        made_before = [n for n in snapshot.manifest.tables if not n.startswith("features.")]
        snapshot.attach(engine, tables=made_before)
        read_places(engine, files_in(workspace.reference))
        total_ours = total_hand = 0.0
        for name, topic in TOPICS.items():
            ours = _best(lambda t=topic: [engine.build(m, parameters=values) for m in t.models])
            hand = _best(lambda t=topic: [engine.execute(sql) for sql in t.statements])
            for table in topic.results:
                _check_same(engine, f"features.{table}", f"hand_{table}")
            goals.append(
                Goal(f"{name} / hand-written SQL ({hand:.2f} s)", ours / hand, at_most=1.1)
            )
            total_ours, total_hand = total_ours + ours, total_hand + hand
        goals.append(Goal("all of these / hand-written SQL", total_ours / total_hand, at_most=1.1))
        people = int(engine.value("SELECT count(*) FROM identity.person"))
    return goals, people


def _best(work: Callable[[], object]) -> float:
    """Seconds of processor time of the quickest of several runs."""
    found = []
    for _ in range(TIMES):
        started = time.process_time()
        work()
        found.append(time.process_time() - started)
    return min(found)


def _check_same(engine: Engine, ours: str, hand: str) -> None:
    names = ", ".join(f'"{name}"' for name, _ in engine.columns(ours))
    for one, other in ((ours, hand), (hand, ours)):
        differ = f"SELECT {names} FROM {one} EXCEPT SELECT {names} FROM {other}"
        rows = engine.value(f"SELECT count(*) FROM ({differ})")
        assert not rows, f"{rows} rows of {one} are not in {other}: {engine.rows(differ)[:2]}"


def _page(goals: list[Goal], people: int) -> str:
    lines = [
        "# Features against hand-written SQL", "",
        f"`python -m benchmarks.features` · {machine()}.",
        f"A made-up landlord with {people:,} people; processor time, the best of {TIMES} in one run.",
        "The seconds are those of the peer. Both leave the same rows.", "",
        *Goal.table(goals),
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    run(workspace=Path(sys.argv[1]) if len(sys.argv) > 1 else None)
