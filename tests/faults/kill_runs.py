"""Kill a run at random points; the next run must succeed with nothing lost and nothing doubled.

    python -m tests.faults.kill_runs --runs 100 --homes 60

A reference run says, for each of three beginnings, what the right snapshot is. In each trial a fresh
copy of a workspace is run and killed with SIGKILL: in even trials after a random time, in odd ones
before a random one of its file operations (so that the short moments of publication are met as
often as the long ones of reading). One trial in four is killed a second time. After each kill the
current snapshot, if there is one, must verify. Then the next run must end well, its snapshot must be
the right one byte for byte, and nothing half-made may be left.

Runs are forked from this process, which imports everything and runs nothing: a run then starts at
once, and most of the time goes into what is tested.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from rooftree.cli import commands  # noqa: F401 - imported once, for all the runs that are forked
from rooftree.cli.main import main as command_line
from rooftree.pipeline import run as pipeline  # noqa: F401 - the same
from rooftree.storage.snapshot import current_id
from rooftree.storage.verify import verify

DAY, DAY_BEFORE = "2026-03-31", "2025-06-30"
STAGES = ("features", "profile", "identity", "staging")


@dataclass(frozen=True)
class Beginning:
    """A workspace before the run that is killed, and what the run should make of it."""

    name: str
    workspace: Path
    right: dict[str, str]
    seconds: float
    operations: int


def forked(work: Callable[[], None], *, said: Path | None = None) -> int:
    """Do some work in a process of its own, and give its id at once."""
    process = os.fork()
    if process:
        return process
    os.setsid()
    sink = os.open(said or os.devnull, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(sink, 1)
    os.dup2(sink, 2)
    code = 99
    try:
        work()
        code = 0
    except SystemExit as stop:
        code = stop.code if isinstance(stop.code, int) else 99
    finally:
        sys.stdout.flush()
        os._exit(code)


def run_it(
    workspace: Path, day: str, *, stop_before: int = 0, count_to: Path | None = None
) -> None:
    """`rooftree run`, which kills itself before its file operation of that number."""
    inside, done = str(workspace), 0

    def watch(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal done
        if event.startswith(("os.", "shutil.", "sqlite3.")) or event == "open":
            first = arguments[0] if arguments else None
            if isinstance(first, str | Path) and str(first).startswith(inside):
                done += 1
                if done == stop_before:
                    os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(watch)
    sys.argv = ["rooftree", "run", str(workspace), "--as-of", day, "--json"]
    try:
        command_line()
    finally:
        if count_to is not None:
            count_to.write_text(str(done))


def finished(process: int) -> int:
    """Wait for a process; its exit code, or minus the signal that ended it."""
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


def ran(workspace: Path, day: str = DAY) -> tuple[float, int]:
    """Run to the end; seconds and file operations. Raises with what the run said where it failed."""
    said, counted = workspace.parent / "said", workspace.parent / "counted"
    begun = time.monotonic()
    code = finished(forked(lambda: run_it(workspace, day, count_to=counted), said=said))
    if code != 0:
        raise AssertionError(f"the run ended with {code}:\n{said.read_text()[-4000:]}")
    return time.monotonic() - begun, int(counted.read_text())


def killed(workspace: Path, at: Beginning, *, by_time: bool, chance: random.Random) -> bool:
    """Start a run and kill it; False where it was over before."""
    if not by_time:
        number = chance.randint(1, at.operations)
        return finished(forked(lambda: run_it(workspace, DAY, stop_before=number))) < 0
    process = forked(lambda: run_it(workspace, DAY))
    until = time.monotonic() + chance.uniform(0.01, at.seconds * 1.02)
    while time.monotonic() < until:
        if os.waitpid(process, os.WNOHANG)[0]:
            return False
        time.sleep(0.002)
    os.killpg(process, signal.SIGKILL)
    return finished(process) < 0


def files(workspace: Path) -> dict[str, str]:
    """What a run leaves: the bytes of every snapshot, and the names of what is staged."""
    left = {"CURRENT": (workspace / "snapshots" / "CURRENT").read_text()}
    for path in sorted((workspace / "snapshots").rglob("*")):
        if path.is_file():
            name = path.relative_to(workspace).as_posix()
            left[name] = hashlib.sha256(path.read_bytes()).hexdigest()
    for path in (workspace / ".rooftree").rglob("*"):
        name = path.relative_to(workspace).as_posix()
        if "/runs/" not in name and not name.endswith(("-wal", "-shm")):
            left[name] = "there"
    return left


def place(workspace: Path, before: str | None) -> str:
    """How far the killed run had come, by what it left."""
    root = workspace / "snapshots"
    making = next(root.glob(".making-*"), None) if root.exists() else None
    if root.exists() and current_id(root) != before:
        return "after publication"
    if making is None:
        if root.exists() and any(p.name.startswith(DAY) for p in root.iterdir()):
            return "between the snapshot's rename and CURRENT"
        staged = any((workspace / ".rooftree" / "staged").glob("*/*/*/account.json"))
        return "reading the extracts" if staged else "before the first file was staged"
    if (making / "manifest.json").exists():
        return "publishing"
    if (making / "lookup.sqlite").exists():
        return "writing the look-up"
    stage = next((s for s in STAGES if (making / s).exists()), None)
    return f"after the first table of {stage}" if stage else "before the first table"


def trial(at: Beginning, number: int, chance: random.Random, seen: Counter[str]) -> None:
    """One workspace, one or two kills, one run that must succeed."""
    with tempfile.TemporaryDirectory(prefix="rooftree-faults-") as folder:
        workspace = Path(folder) / "workspace"
        shutil.copytree(at.workspace, workspace, symlinks=True)
        root = workspace / "snapshots"
        before = current_id(root)
        for _ in range(2 if chance.random() < 0.25 else 1):
            if not killed(workspace, at, by_time=number % 2 == 0, chance=chance):
                seen["over before the kill"] += 1
                continue
            seen[place(workspace, before)] += 1
            current = current_id(root)
            problems = verify(root / current) if current else []
            assert not problems, f"a damaged snapshot was current: {problems}"
            assert before is None or current, "the snapshot from before was lost"
        ran(workspace)
        found = files(workspace)
        names = at.right.keys() | found.keys()
        wrong = sorted(n for n in names if at.right.get(n) != found.get(n))
        assert not wrong, f"other than after a run that was not killed: {wrong[:8]}"


def prepare(folder: Path, name: str, pristine: Path) -> Beginning:
    """One of the three beginnings, and its reference run."""
    workspace = folder / name / "workspace"
    shutil.copytree(pristine, workspace)
    if name != "first run":
        ran(workspace, DAY_BEFORE)
        # the file of the last year has come again, corrected: its rows are to be replaced
        latest = sorted((workspace / "extracts").glob("transactions_*.csv"))[-1]
        latest.write_bytes(b"".join(latest.read_bytes().splitlines(keepends=True)[:-7]))
    if name == "an old one to prune":
        settings = workspace / "rooftree.toml"
        settings.write_text(settings.read_text() + "\n[snapshots]\nnewest = 1\nmonths = 0\n")
    reference = folder / name / "reference"
    shutil.copytree(workspace, reference)
    seconds, operations = ran(reference)
    right = files(reference)
    print(f"  {name}: {seconds:.1f} s, {operations} file operations", flush=True)
    return Beginning(name, workspace, right, seconds, operations)


def main() -> None:
    """Make the workspaces, run the trials, print what was killed where."""
    os.environ["ROOFTREE_DEBUG"] = "1"  # the landlord is made up: a failure may tell everything
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    options.add_argument("--runs", type=int, default=100)
    options.add_argument("--homes", type=int, default=60)
    options.add_argument("--seed", type=int, default=1)
    chosen = options.parse_args()
    chance = random.Random(chosen.seed)
    print(f"{os.cpu_count()} cores, {platform.platform()}, Python {platform.python_version()}")
    seen: Counter[str] = Counter()
    failed = 0
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="rooftree-faults-") as name:
        folder = Path(name)
        pristine = folder / "pristine"
        made = forked(lambda: _demo(pristine, chosen.homes), said=folder / "said")
        assert finished(made) == 0, (folder / "said").read_text()
        names = ("first run", "an older one stands", "an old one to prune")
        first, older, pruning = (prepare(folder, each, pristine) for each in names)
        for number in range(chosen.runs):
            # one in eight begins with nothing staged, which takes longest
            at = first if number % 8 == 0 else (older, pruning)[number // 2 % 2]
            try:
                trial(at, number, chance, seen)
            except AssertionError as error:
                failed += 1
                print(f"trial {number} ({at.name}): {error}", flush=True)
            if (number + 1) % 10 == 0:
                print(f"{number + 1} of {chosen.runs} trials", flush=True)
    summary = {
        "trials": chosen.runs,
        "failed": failed,
        "minutes": round((time.monotonic() - begun) / 60, 1),
        "killed": sum(count for place, count in seen.items() if place != "over before the kill"),
        "places": dict(seen.most_common()),
    }
    print(json.dumps(summary, indent=2))
    sys.exit(failed > 0)


def _demo(directory: Path, homes: int) -> None:
    sys.argv = ["rooftree", "demo", str(directory), "--homes", str(homes), "--no-run", "--json"]
    command_line()


if __name__ == "__main__":
    main()
