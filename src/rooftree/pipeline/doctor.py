"""Is this machine fit for a run, and is this workspace well? Each finding says what to do."""

from __future__ import annotations

import platform
import shutil
import sqlite3
import sys
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from rooftree import __version__
from rooftree.pipeline import inputs
from rooftree.pipeline.definitions import Definitions
from rooftree.storage.retention import list_snapshots
from rooftree.storage.snapshot import current_id
from rooftree.storage.verify import verify
from rooftree.storage.workspace import Workspace, space_needed
from rooftree.vocabulary.errors import UserError


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    what: str
    well: bool
    found: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Examination:
    """All that was looked at."""

    findings: tuple[Finding, ...]

    @property
    def well(self) -> bool:
        """Nothing needs doing."""
        return all(finding.well for finding in self.findings)


def examine(directory: Path) -> Examination:
    """Look at the machine and, where the folder is a workspace, at the workspace."""
    return Examination((*_machine(directory), *_workspace(directory)))


def _machine(directory: Path) -> list[Finding]:
    engine = metadata.version("duckdb")
    there = next(path for path in (directory, *directory.absolute().parents) if path.exists())
    free = shutil.disk_usage(there).free
    return [
        Finding("Rooftree", True, __version__),
        Finding("Python", sys.version_info >= (3, 11), platform.python_version(), "Install Python 3.11 or newer."),
        Finding("DuckDB", engine.startswith("1.5."), engine, "Run make setup again: another version was installed."),
        Finding("SQLite", sqlite3.sqlite_version_info >= (3, 35), sqlite3.sqlite_version, "Install a newer Python."),
        Finding("Free disk", free > 1_000_000_000, f"{free / 1e9:.1f} GB", "Free some: a run needs 1 GB or more."),
    ]  # fmt: skip


def _workspace(directory: Path) -> list[Finding]:
    try:
        workspace = Workspace.open(directory)
    except UserError as error:
        return [Finding("Workspace", False, str(error), "Make one with: rooftree init DIR")]
    findings = [Finding("Workspace", True, workspace.settings.name)]
    try:
        definitions = Definitions.load(workspace)
        count = len(definitions.catalogue.attributes)
        findings.append(
            Finding("Definitions", True, f"{count} attributes, {len(definitions.sources)} sources")
        )
    except UserError as error:
        findings.append(
            Finding("Definitions", False, str(error), "See them one by one with: rooftree check")
        )
    needed = space_needed(inputs.size(workspace.extracts))
    free = shutil.disk_usage(workspace.directory).free
    findings.append(
        Finding("Space for a run", free > needed, f"{free / 1e9:.1f} GB free, {needed / 1e9:.1f} GB may be needed",
                "Free some space, or keep fewer snapshots ([snapshots] in rooftree.toml).")
    )  # fmt: skip
    open_to_others = workspace.private.exists() and workspace.private.stat().st_mode & 0o077
    findings.append(
        Finding("Private folder", not open_to_others, "closed to others" if not open_to_others else "open to others",
                f"Close it: chmod 700 {workspace.private}")
    )  # fmt: skip
    return findings + _snapshots(workspace)


def _snapshots(workspace: Workspace) -> list[Finding]:
    kept = list_snapshots(workspace.snapshots) if workspace.snapshots.is_dir() else []
    current = current_id(workspace.snapshots) if kept else None
    if current is None:
        return [Finding("Snapshots", True, "none yet: run rooftree run")]
    problems = verify(workspace.snapshots / current)
    found = f"{len(kept)} kept; {current} is current" + (
        "" if not problems else f"; {len(problems)} files damaged"
    )
    remedy = "Run rooftree run --again: it makes the snapshot anew from the same extracts."
    return [Finding("Snapshots", not problems, found, remedy)]
