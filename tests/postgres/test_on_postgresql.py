"""The tests of the web application once more, with its database on a real PostgreSQL 15."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.lib.postgres import server

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.postgres
@pytest.mark.slow
def test_the_same_tests_pass_on_postgresql():
    with server() as address:
        environment = {
            k: v
            for k, v in os.environ.items()
            if not k.startswith(("ROOFTREE_", "DJANGO_", "PYTEST_"))
        }
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "tests/web"],
            cwd=ROOT, env=environment | {"ROOFTREE_WEB_DATABASE": address}, capture_output=True, text=True,
        )  # fmt: skip
    assert done.returncode == 0, done.stdout[-4000:]
    assert " passed" in done.stdout
