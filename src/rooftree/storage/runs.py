"""The record of runs: who ran what, when and for how long. Wall-clock facts live here, never in a snapshot."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rooftree.storage.files import disk_trouble, sync_file

_NUMBERED = re.compile(r"^(\d+)\.json$")


def record_run(directory: Path, facts: Mapping[str, Any]) -> Path:
    """Keep the facts of one run as the next numbered file, `runs/<n>.json`; answers its path.

    `facts` are plain JSON values given by the caller: started and finished moments, snapshot, outcome,
    seconds and rows by stage, machine. Ids and counts only. A record is never overwritten, not even
    by two processes at once.
    """
    text = json.dumps(facts, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    with disk_trouble("the record of the run was being written"):
        directory.mkdir(parents=True, exist_ok=True)
        aside = directory / f".{os.getpid()}.new"
        aside.write_text(text, encoding="utf-8")
        sync_file(aside)
        try:
            while True:
                path = directory / f"{max(run_numbers(directory), default=0) + 1}.json"
                try:
                    os.link(aside, path)  # fails, rather than overwrites, when the number is taken
                except FileExistsError:
                    continue
                return path
        finally:
            aside.unlink()


def run_numbers(directory: Path) -> list[int]:
    """The numbers of the runs on record, in order."""
    if not directory.is_dir():
        return []
    found = (_NUMBERED.match(path.name) for path in directory.iterdir())
    return sorted(int(match.group(1)) for match in found if match)


def read_run(directory: Path, number: int) -> dict[str, Any]:
    """The facts of one run."""
    return json.loads((directory / f"{number}.json").read_text(encoding="utf-8"))
