"""One small made-up landlord for all tests that only read it, made once for all workers of a test run."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

import pytest

from rooftree.pipeline.demonstrate import make
from rooftree.pipeline.run import run
from rooftree.vocabulary.progress import NoProgress

HOMES = 60


def shared_demo(factory: pytest.TempPathFactory) -> Path:
    """The folder of the landlord, with one published snapshot. Nobody may change it."""
    base = factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "shared-demo"
    folder.mkdir(exist_ok=True)
    landlord, done = folder / "landlord", folder / "done"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            made = make(
                landlord,
                homes=HOMES,
                kind="council",
                setting="rural",
                seed=1,
                progress=NoProgress(),
            )
            run(made.workspace(), as_of=made.as_of, progress=NoProgress())
            done.touch()
    return landlord
