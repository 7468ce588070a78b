"""Kill a run at random points; the next run must succeed with nothing lost and nothing doubled.

    python -m tests.faults.kill_runs --runs 100 --homes 300

A reference run says what the right snapshot is. Then, each time on a fresh copy of the workspace
(every third time on one that already holds an older snapshot), a run is killed with SIGKILL after
a random delay, up to three times; the next run must end well, and its snapshot must be the same
files, byte for byte. While runs are being killed, CURRENT must always name a snapshot that verifies.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COMMAND = [sys.executable, "-m", "rooftree"]


def rooftree(*words: str) -> dict[str, object]:
    """Run a command to its end and give its JSON answer; raise with its message if it failed."""
    done = subprocess.run(
        [*COMMAND, *words, "--json"], capture_output=True, text=True, env=_environment()
    )
    if done.returncode != 0:
        raise AssertionError(
            f"rooftree {words[0]} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}"
        )
    return json.loads(done.stdout)


def _environment() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(ROOT / "src")}


def hashes(workspace: Path) -> dict[str, str]:
    """The hashes of the current snapshot's files, from its manifest."""
    current = (workspace / "snapshots" / "CURRENT").read_text().strip()
    manifest = json.loads((workspace / "snapshots" / current / "manifest.json").read_text())
    return {
        file["path"]: file["sha256"]
        for table in manifest["tables"].values()
        for file in table["files"]
    }


def kill_after(workspace: Path, seconds: float) -> bool:
    """Start a run and kill it after so many seconds; False if it was over before."""
    process = subprocess.Popen(
        [*COMMAND, "run", str(workspace), "--json"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=_environment(), start_new_session=True,
    )  # fmt: skip
    try:
        process.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return True
    return False


def one_trial(
    pristine: Path, older: Path, right: dict[str, str], longest: float, number: int
) -> str:
    """One workspace, up to three kills, one run that must succeed."""
    with tempfile.TemporaryDirectory(prefix="rooftree-faults-") as folder:
        workspace = Path(folder) / "workspace"
        shutil.copytree(older if number % 3 == 2 else pristine, workspace)
        killed = 0
        for _ in range(random.randint(1, 3)):
            killed += kill_after(workspace, random.uniform(0.05, longest))
            if (workspace / "snapshots" / "CURRENT").exists():
                verified = rooftree("snapshot", "verify", str(workspace))
                assert verified["ok"], f"trial {number}: a damaged snapshot was current"
        rooftree("run", str(workspace))
        found = hashes(workspace)
        different = [
            name for name in right.keys() | found.keys() if right.get(name) != found.get(name)
        ]
        assert not different, f"trial {number}: other bytes in {sorted(different)[:5]}"
        leftovers = [p.name for p in (workspace / "snapshots").iterdir() if p.name.startswith(".")]
        assert not leftovers, f"trial {number}: left behind {leftovers}"
        return f"killed {killed} times"


def main() -> None:
    """Make the workspaces, run the trials, print the count."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--runs", type=int, default=100)
    options.add_argument("--homes", type=int, default=300)
    options.add_argument("--seed", type=int, default=1)
    chosen = options.parse_args()
    random.seed(chosen.seed)
    with tempfile.TemporaryDirectory(prefix="rooftree-faults-") as folder:
        pristine, older, reference = (
            Path(folder) / name for name in ("pristine", "older", "reference")
        )
        rooftree("demo", str(pristine), "--homes", str(chosen.homes), "--no-run")
        shutil.copytree(pristine, reference)
        started = time.monotonic()
        rooftree("run", str(reference))
        longest = (time.monotonic() - started) * 1.05
        right = hashes(reference)
        # An earlier day's snapshot stands in every third workspace: it must survive, and its ids with it.
        shutil.copytree(pristine, older)
        rooftree("run", str(older), "--as-of", "2025-06-30")
        shutil.copytree(older, Path(folder) / "older-reference")
        rooftree("run", str(Path(folder) / "older-reference"))
        right_after_older = hashes(Path(folder) / "older-reference")
        outcomes: Counter[str] = Counter()
        for number in range(chosen.runs):
            expected = right_after_older if number % 3 == 2 else right
            outcomes[one_trial(pristine, older, expected, longest, number)] += 1
            print(f"\r{number + 1} of {chosen.runs} trials", end="", flush=True)
    print(f"\n{chosen.runs} trials, 0 lost, 0 doubled: {dict(outcomes)}")


if __name__ == "__main__":
    main()
