"""Every command of the tutorial runs, in one shell, from top to bottom."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "tutorials" / "first-hour.md"
BLOCKS = re.findall(r"^```sh\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.M | re.S)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What each block printed. A block that fails ends the shell, and the test."""
    folder = tmp_path_factory.mktemp("tutorial")
    command = folder / "bin" / "rooftree"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m rooftree "$@"\n')
    command.chmod(0o755)
    script = "set -eu\n" + "echo @@@@\n".join(BLOCKS)
    environment = {k: v for k, v in os.environ.items() if k != "ROOFTREE_DEBUG"} | {
        "PATH": f"{command.parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT / "src"),
    }
    done = subprocess.run(
        ["bash", "-c", script], cwd=folder, env=environment, capture_output=True, text=True
    )
    answers = done.stdout.split("@@@@\n")
    assert done.returncode == 0, f"block {len(answers)}: {BLOCKS[len(answers) - 1]}{done.stderr}"
    return answers


def _of(told: list[str], command: str) -> str:
    """What the last block with this command printed."""
    return [answer for block, answer in zip(BLOCKS, told, strict=True) if command in block][-1]


@pytest.mark.slow
def test_every_block_of_the_tutorial_runs_and_says_what_the_page_says(told: list[str]):
    assert len(told) == len(BLOCKS) > 10
    assert "Published snapshot" in told[0]
    assert any("Nothing has changed" in answer for answer in told)
    assert "it stands because" in _of(told, "profile why")
    assert re.search(r"P[0-9a-f]{12} +name", _of(told, "find 'Ashtn'"))
    assert "jdoe" in _of(told, "link decide")


@pytest.mark.slow
def test_the_row_put_right_in_the_tutorial_is_refused_no_longer(told: list[str]):
    before = next(answer for block, answer in zip(BLOCKS, told, strict=True) if "rejects" in block)
    assert "not_a_date" in before
    assert "not_a_date" not in _of(told, "snapshot diff")
