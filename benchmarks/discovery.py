"""How fast are groups found, against StepMix on the same people?

    python -m benchmarks.discovery [people] [--peer PYTHON]

Makes people of six classes who answer 12 items of 2 to 9 categories, 15% of the answers missing.
PYTHON is the interpreter of an environment of its own in which StepMix is installed; without it, its
row is skipped. StepMix fits as its manual says, on rows, and is timed by the difference between
longer and shorter runs, so its set-up does not count. It cannot hold ten million people; above one
million it is asked for one million. Whether the likelihood is at or above its own is looked at on
100,000 people, where it can be run to the end.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from rooftree.segments.discovery import discover
from rooftree.segments.discovery.blocks import Likelihood, Parameters
from rooftree.segments.discovery.finding import read_patterns

SIZES = (2, 2, 2, 3, 3, 4, 4, 5, 5, 6, 7, 9)
CLASSES, MISSING, STARTS = 6, 0.15, 20
CHUNK = 1_000_000
PEER_MOST, PEER_WHOLE = 1_000_000, 100_000

PEER = """
import json, sys, time
import pyarrow.parquet as pq
from stepmix.stepmix import StepMix
path, classes, mode = sys.argv[1], int(sys.argv[2]), sys.argv[3]
frame = pq.read_table(path).to_pandas().astype(float)
def run(**more):
    model = StepMix(n_components=classes, measurement="categorical_nan", random_state=1,
                    progress_bar=0, verbose=0, **more)
    clock, cpu = time.perf_counter(), time.process_time()
    model.fit(frame)
    return model, time.perf_counter() - clock, time.process_time() - cpu
import warnings; warnings.simplefilter("ignore")
if mode == "steps":
    _, clock_1, cpu_1 = run(max_iter=1, abs_tol=0.0)
    _, clock_5, cpu_5 = run(max_iter=5, abs_tol=0.0)
    said = {"clock_s": (clock_5 - clock_1) / 4, "cpu_s": (cpu_5 - cpu_1) / 4}
else:
    model, clock, cpu = run(n_init=1, max_iter=400, abs_tol=1e-9)
    said = {"log_likelihood": float(model.score(frame)) * len(frame), "clock_s": clock, "cpu_s": cpu}
print(json.dumps(said))
"""


def make(n: int, *, seed: int = 0) -> tuple[pa.Table, Parameters]:
    """The table of answers (whole numbers, half of the items as text), and what made it."""
    rng = np.random.default_rng(seed)
    shares = rng.dirichlet(np.full(CLASSES, 5.0))
    classes = rng.choice(CLASSES, n, p=shares).astype(np.int8)
    columns, thetas = {}, []
    for item, size in enumerate(SIZES):
        theta = rng.dirichlet(np.full(size, 0.8), CLASSES)
        thetas.append(theta.T)
        parts = []
        for start in range(0, n, CHUNK):
            part = classes[start : start + CHUNK]
            over = rng.random(len(part))[:, None] > np.cumsum(theta, axis=1)[part][:, :-1]
            lost = rng.random(len(part)) < MISSING
            parts.append(pa.array(over.sum(axis=1).astype(np.int8), mask=lost))
        columns[f"item_{item + 1}"] = pa.chunked_array(parts)
    return pa.table(columns), Parameters(shares, np.concatenate(thetas))


class _Figures(dict[str, float]):
    """Says each figure when it comes, so a benchmark that is stopped has said something."""

    def __setitem__(self, name: str, value: float) -> None:
        super().__setitem__(name, value)
        print(f"{name:28} {value:16,.4f}", flush=True)


def run(*, people: int = 1_000_000, peer: str | None = None) -> dict[str, float]:
    """Measure on so many people; seconds by the clock and of processor time, and ratios."""
    table, truth = make(people)
    result = _Figures()
    result["people"] = people
    names = table.column_names
    height = _steps(table, truth, result)
    options = {"classes": CLASSES, "starts": STARTS, "resamples": 0, "replicates": 0}
    found = _timed(result, "whole", lambda: discover(table, names, **options))
    result["starts"] = found.model.evidence.starts
    result["reached"] = found.model.evidence.reached
    result["above_truth"] = found.log_likelihood - height
    _timed(result, "assign", lambda: found.assign(table))
    result["peak_gb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    if peer:
        _peer(peer, people, result)
        result["step_ratio"] = result["peer_steps_cpu_s"] / result["step_cpu_s"]
    else:
        print("SKIPPED: StepMix. Give --peer the python of an environment that has it.")
    return result


def _steps(table: pa.Table, truth: Parameters, result: dict[str, float]) -> float:
    """Measure single steps on everybody; the log-likelihood of the parameters that made them."""
    scales, patterns = _timed(result, "collapse", lambda: read_patterns(table, table.column_names))
    assert tuple(scale.size for scale in scales) == SIZES, "a category does not occur: more people"
    result["patterns"] = len(patterns)
    whole = _timed(result, "prepare", lambda: Likelihood(patterns))
    return _timed(result, "step", lambda: [whole.step(truth) for _ in range(5)], of=5)[0][0]


def _timed(result: dict[str, float], name: str, work, *, of: int = 1):
    clock, cpu = time.perf_counter(), time.process_time()
    made = work()
    result[f"{name}_clock_s"] = (time.perf_counter() - clock) / of
    result[f"{name}_cpu_s"] = (time.process_time() - cpu) / of
    return made


def _peer(python: str, people: int, result: dict[str, float]) -> None:
    with tempfile.TemporaryDirectory(prefix="rooftree-discovery-") as folder:
        for mode, n in (("steps", min(people, PEER_MOST)), ("whole", PEER_WHOLE)):
            path = Path(folder) / f"{mode}.parquet"
            table, _ = make(n)
            pq.write_table(table, path)
            ran = subprocess.run(
                [python, "-W", "ignore", "-c", PEER, path, str(CLASSES), mode],
                capture_output=True, text=True, check=True,
            )  # fmt: skip
            said = json.loads(ran.stdout.splitlines()[-1])
            for key, value in said.items():
                result[f"peer_{mode}_{key}"] = value
        found = discover(
            table, table.column_names, classes=CLASSES, starts=STARTS, resamples=0, replicates=0
        )
        result["log_likelihood"] = found.log_likelihood
        result["above_peer"] = found.log_likelihood - result["peer_whole_log_likelihood"]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("people", nargs="?", type=int, default=1_000_000)
    parser.add_argument("--peer", help="the python of an environment that has StepMix and PyArrow")
    given = parser.parse_args()
    run(people=given.people, peer=given.peer)
