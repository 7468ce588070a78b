"""A workspace: the folder of one landlord, where everything in it is, and one run at a time."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rooftree.storage.files import disk_trouble
from rooftree.storage.settings import CONFIGURATION, KINDS, Settings, read_settings
from rooftree.vocabulary.errors import MachineError, NotFound, UserError

_FOLDERS = ("sources", "definitions", "extracts", "corrections", "reference")


@dataclass(frozen=True, slots=True)
class Workspace:
    """The folder of one landlord, with its settings."""

    directory: Path
    settings: Settings

    @classmethod
    def open(cls, directory: Path) -> Workspace:
        """Read a workspace. NotFound when it is none; DefinitionError with all that is wrong in its file."""
        path = directory / CONFIGURATION
        if not path.is_file():
            raise NotFound(
                f"{directory} is not a workspace: it has no {CONFIGURATION}. "
                f"Make one with: rooftree init {directory}"
            )
        return cls(directory.resolve(), read_settings(path))

    @property
    def sources(self) -> Path:
        """One definition per system, `*.toml`."""
        return self.directory / "sources"

    @property
    def definitions(self) -> Path:
        """The landlord's own definitions, laid over the shipped ones."""
        return self.directory / "definitions"

    @property
    def extracts(self) -> Path:
        """The files that systems give out."""
        return self.directory / "extracts"

    @property
    def corrections(self) -> Path:
        """Rejected rows put right."""
        return self.directory / "corrections"

    @property
    def reference(self) -> Path:
        """Postcode, deprivation and area files."""
        return self.directory / "reference"

    @property
    def snapshots(self) -> Path:
        """The published snapshots."""
        return self.directory / "snapshots"

    @property
    def reports(self) -> Path:
        """The data-quality page, workbook and JSON of the last run."""
        return self.directory / "reports"

    @property
    def private(self) -> Path:
        """What Rooftree keeps for itself."""
        return self.directory / ".rooftree"

    @property
    def staged(self) -> Path:
        """What each file's bytes became: may be deleted, and is then made again."""
        return self.private / "staged"

    @property
    def register(self) -> Path:
        """The database of what people decide: never delete it."""
        return self.private / "register.db"

    @property
    def ledger(self) -> Path:
        """The database of released tables: never delete it, nor give it away."""
        return self.private / "ledger.db"

    @property
    def runs(self) -> Path:
        """The record of runs."""
        return self.private / "runs"

    @property
    def spill(self) -> Path:
        """Where the engine puts what does not fit in memory; empty between runs."""
        return self.private / "spill"

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Let one run at a time change the workspace. MachineError, naming the process, when one is at it.

        The lock belongs to the process: when that dies, however it dies, the lock is free.
        """
        path = self.private / "run.lock"
        with disk_trouble("the workspace was being locked"):
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                holder = os.pread(descriptor, 20, 0).decode(errors="replace").strip()
                raise MachineError(
                    f"Another run is at work in {self.directory} (process {holder or 'unknown'}). "
                    "Wait for it to end, or stop that process, then run again."
                ) from error
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
            yield
        finally:
            os.close(descriptor)


def check_free_space(directory: Path, *, needed: int) -> None:
    """See that a folder's disk has so many bytes free. MachineError, with both figures, when it has not."""
    there = next(path for path in (directory, *directory.absolute().parents) if path.exists())
    free = shutil.disk_usage(there).free
    if free < needed:
        raise MachineError(
            f"There is too little space for {directory}: {_size(free)} free, about {_size(needed)} "
            "needed. Free some space, or keep fewer snapshots ([snapshots] in rooftree.toml)."
        )


def space_needed(input_bytes: int) -> int:
    """The bytes a run may take on the disk for extracts of this size: staged, spilled and published.

    The extract's own size each for the staged copy, the spilled sort and the snapshot is more than
    compressed Parquet takes; 200 MB stand for the rest.
    """
    return 3 * input_bytes + 200_000_000


def init(directory: Path, *, name: str, kind: str = "association") -> Workspace:
    """Write a new workspace with commented files. UserError when there is one already; nothing is overwritten."""
    path = directory / CONFIGURATION
    if path.exists():
        raise UserError(f"{directory} is a workspace already: {path} exists. Nothing was changed.")
    if kind not in KINDS:
        raise UserError(f"A landlord's kind is one of {', '.join(KINDS)}; not {kind}.")
    with disk_trouble("the workspace was being made"):
        for folder in _FOLDERS:
            (directory / folder).mkdir(parents=True, exist_ok=True)
        _write_new(directory / ".gitignore", _GITIGNORE)
        _write_new(directory / "sources" / "README.md", _SOURCES)
        _write_new(directory / "definitions" / "README.md", _DEFINITIONS)
        _write_new(directory / "reference" / "README.md", _REFERENCE)
        # Last: a folder is a workspace from here on.
        _write_new(path, _TEMPLATE.format(name=_toml_text(name), kind=kind))
    return Workspace.open(directory)


def _write_new(path: Path, text: str) -> None:
    if not path.exists():
        path.write_text(text, encoding="utf-8", newline="\n")


def _toml_text(text: str) -> str:
    kept = "".join(c if c.isprintable() else " " for c in text)
    return '"' + kept.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _size(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.0f} MB"


_TEMPLATE = """\
# The settings of this workspace. Every line but `name` may be left out.

name = {name}

# council, association or supported
kind = "{kind}"

# The date a run speaks of, where the command does not say: nothing later is known to it.
# as_of = 2026-03-31

# How much memory and how many processor cores a run may take.
memory = "4GB"
threads = 2

# Which snapshots stay: so many of the newest, and the last of each of so many months.
# The current one and pinned ones always stay.
[snapshots]
newest = 3
months = 12
"""

_GITIGNORE = """\
# People's data stay out of version control; settings and definitions go in.
/extracts/
/corrections/
/reference/*
!/reference/README.md
/snapshots/
/reports/
/.rooftree/
"""

_SOURCES = """\
# Sources

One file per system, for example `housing.toml`.
It says where the system's extracts are, and which column is which.
`rooftree check` reads them all without running.
"""

_DEFINITIONS = """\
# Definitions

Your own attributes, code lists and purposes, laid over the shipped ones by key.
An entry here with the key of a shipped one replaces it; a new key adds one.
"""

_REFERENCE = """\
# Reference

Public files about places: the ONS or National Statistics Postcode Directory, the Indices of
Deprivation, the rural-urban classification, the output area classification.
"""
