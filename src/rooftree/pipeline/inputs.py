"""What went into a run: extracts, corrections and reference files, by the hash of their bytes."""

from __future__ import annotations

import os
from pathlib import Path

from rooftree.sources.read import file_sha256
from rooftree.storage.engine import Engine
from rooftree.storage.manifest import Input
from rooftree.storage.workspace import Workspace


def collect(engine: Engine, workspace: Workspace) -> list[Input]:
    """Every file that decides the result. The extracts are those that staging read (`staging.file`)."""
    rows = engine.rows(
        """SELECT name, sha256, bytes, rows_read, system, extract, source_file FROM staging.file
        ORDER BY system, extract, name, sha256"""
    )
    extracts = [Input(*row) for row in rows]
    return extracts + [
        Input(
            name=f"{folder.name}/{path.name}", sha256=file_sha256(path), bytes=path.stat().st_size
        )
        for folder in (workspace.corrections, workspace.reference)
        for path in files_in(folder)
    ]


def files_in(folder: Path) -> list[Path]:
    """The files of a folder, without notes (*.md) and hidden ones; none where there is no folder."""
    if not folder.is_dir():
        return []
    found = (path for path in folder.rglob("*") if path.is_file())
    return sorted(path for path in found if path.suffix != ".md" and not path.name.startswith("."))


def size(folder: Path) -> int:
    """The bytes that a folder's files hold, to see beforehand whether the disk will do."""
    return sum(_held(path.stat()) for path in files_in(folder))


def _held(about: os.stat_result) -> int:
    """A file with holes says more of itself than it holds; some file systems do not count blocks at all."""
    blocks = getattr(about, "st_blocks", 0) * 512
    return min(about.st_size, blocks) if blocks else about.st_size
