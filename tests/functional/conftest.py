"""A small demonstration landlord, made and run once, and the command as a person would call it."""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from rooftree.cli.main import main

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Answer:
    """What a command gave back."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def rooftree(*words: str | Path, cwd: Path | None = None) -> Answer:
    """Run the command as its entry point does, in this process: a process each would take seconds."""
    out, err = io.StringIO(), io.StringIO()
    with (
        contextlib.chdir(cwd or Path.cwd()),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        pytest.MonkeyPatch.context() as patched,
    ):
        patched.setattr(sys, "argv", ["rooftree", *map(str, words)])
        patched.delenv("ROOFTREE_DEBUG", raising=False)
        with pytest.raises(SystemExit) as ended:
            main()
    return Answer(int(ended.value.code or 0), out.getvalue(), err.getvalue())


def in_a_process(*words: str | Path, cwd: Path | None = None) -> Answer:
    """Run the command in a process of its own, as the shell does."""
    environment = {k: v for k, v in os.environ.items() if k != "ROOFTREE_DEBUG"}
    done = subprocess.run(
        [sys.executable, "-m", "rooftree", *map(str, words)],
        capture_output=True,
        text=True,
        cwd=cwd,
        env=environment | {"PYTHONPATH": str(ROOT / "src")},
    )
    return Answer(done.returncode, done.stdout, done.stderr)


@pytest.fixture(scope="session")
def landlord(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demonstration landlord of 120 homes with one published snapshot; not to be changed."""
    directory = tmp_path_factory.mktemp("demo") / "landlord"
    made = rooftree("demo", directory, "--homes", "120", "--json")
    assert made.code == 0, made.err + made.out
    return directory


@pytest.fixture
def own(landlord: Path, tmp_path: Path) -> Path:
    """A copy of the landlord that a test may change."""
    return Path(shutil.copytree(landlord, tmp_path / "own"))
