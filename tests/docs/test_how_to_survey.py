"""The commands of the page on weighting run, from top to bottom, and say what the page says."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pyarrow.csv
import pytest

from rooftree import survey

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "how-to" / "weight-a-survey.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```sh\n(.*?)^```", PAGE, re.M | re.S)

#: What the page shows of an answer, each under its command.
SHOWN = re.findall(r"^```\n\n(?:[^\n`#]+\n\n)?    (.+)$", PAGE, re.M)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which every block has run."""
    made = tmp_path_factory.mktemp("survey-page")
    command = made / "bin" / "rooftree"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m rooftree "$@"\n')
    command.chmod(0o755)
    environment = dict(os.environ) | {
        "PATH": f"{command.parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT / "src"),
    }
    done = subprocess.run(
        ["bash", "-c", "set -eu\n" + "".join(BLOCKS)],
        cwd=made, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    (made / "said.txt").write_text(done.stdout)
    return made


@pytest.mark.slow
def test_every_command_says_what_the_page_shows(folder: Path):
    said = (folder / "said.txt").read_text()
    assert len(SHOWN) == 3
    for line in SHOWN:
        assert line in said


@pytest.mark.slow
def test_the_notebook_gives_what_the_command_wrote(folder: Path):
    answers = pyarrow.csv.read_csv(folder / "answers.csv")
    (code,) = re.findall(r"^```python\n(.*?)^```", PAGE, re.M | re.S)
    names: dict = {"answers": answers}
    exec(code, names)
    written = pyarrow.csv.read_csv(folder / "weighted.csv")["calibrated_weight"].to_pylist()
    assert names["weighted"].weights.tolist() == pytest.approx(written)
    assert isinstance(names["weighted"], survey.Weighting)
    assert names["year"].table["area"].to_pylist() == ["North", "South"]


def test_every_message_in_the_table_is_one_that_the_code_says():
    code = " ".join(
        " ".join(path.read_text(encoding="utf-8").split())
        for path in (ROOT / "src" / "rooftree" / "survey").glob("*.py")
    )
    for part in (
        "the category {word!r}, which the margin does not know", "no value.", "and nobody in the sample",
        "adds up to", "rounds the {what} {missed}",
    ):  # fmt: skip
        assert part in code
