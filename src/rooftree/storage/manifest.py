"""What a snapshot was made of, in one text that is the same for the same inputs.

No wall clock, machine or folder appears here: those facts belong to the record of the run.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from rooftree.vocabulary.errors import DataError, Problem
from rooftree.vocabulary.ids import SnapshotId, digest

FORMAT = 1
NAME = "manifest.json"
SEAL = "manifest.sha256"  # in the form that `sha256sum -c` reads


@dataclass(frozen=True, slots=True, order=True)
class Input:
    """One file that went in: its name, what its bytes were, and how many rows it held.

    `source_file` is the id by which rows name it; `rows` None: not counted.
    """

    name: str
    sha256: str
    bytes: int = 0
    rows: int | None = None
    system: str = ""
    extract: str = ""
    source_file: str = ""


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One file of a snapshot, by its path inside it. `rows` None: it is not part of a table."""

    path: str
    bytes: int
    sha256: str
    rows: int | None = None


@dataclass(frozen=True, slots=True)
class TableEntry:
    """One table of a snapshot: its columns as (name, type), its key, its rows and its files."""

    name: str
    rows: int
    columns: tuple[tuple[str, str], ...]
    key: tuple[str, ...]
    files: tuple[FileEntry, ...]


@dataclass(frozen=True, slots=True)
class Manifest:
    """Everything a snapshot says about itself. `sequence` counts publications in one workspace."""

    snapshot: SnapshotId
    as_of: dt.date
    software: str
    definitions: str
    inputs: tuple[Input, ...]
    previous: SnapshotId | None
    sequence: int
    tables: Mapping[str, TableEntry]
    files: tuple[FileEntry, ...] = ()
    checks: tuple[Mapping[str, Any], ...] = ()
    totals: Mapping[str, Any] = field(default_factory=dict)
    format: int = FORMAT

    @property
    def all_files(self) -> tuple[FileEntry, ...]:
        """The files of the tables, then the others."""
        return (*(file for table in self.tables.values() for file in table.files), *self.files)

    def to_text(self) -> str:
        """The manifest as JSON with sorted keys."""
        content = asdict(self) | {
            "as_of": self.as_of.isoformat(),
            "tables": {name: asdict(table) for name, table in self.tables.items()},
        }
        return json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def inputs_digest(inputs: Sequence[Input], *also: str) -> str:
    """One digest of everything that decides the result, whatever the order the files came in.

    `also` takes what is not a file: the version of the definitions and of the software, the digest
    of the register, settings that change a result.
    """
    lines = sorted(f"{i.system}/{i.extract}/{i.name}:{i.sha256}" for i in inputs)
    return digest("inputs", *lines, "also", *also)


def snapshot_id(as_of: dt.date, inputs: str) -> SnapshotId:
    """The name of the snapshot of one date and one digest of inputs: `2026-03-31-1a2b3c4d`."""
    return SnapshotId(f"{as_of.isoformat()}-{inputs[:8]}")


def seal(text: str) -> str:
    """The line that lets anybody check the manifest itself."""
    return f"{hashlib.sha256(text.encode()).hexdigest()}  {NAME}\n"


def read(directory: Path) -> Manifest:
    """Read the manifest of a snapshot. DataError when it is missing, damaged or from a newer Rooftree."""
    path = directory / NAME
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        if raw["format"] > FORMAT:
            raise DataError(
                [
                    Problem(
                        str(path),
                        f"it is written in format {raw['format']}; this Rooftree reads up to {FORMAT}.",
                        "Use the version of Rooftree that wrote it, or a newer one.",
                    )
                ]
            )
        return _from_json(raw)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataError(
            [
                Problem(
                    str(path),
                    f"the manifest cannot be read ({type(error).__name__}).",
                    "Restore the snapshot from a backup, or remove its folder and run again.",
                )
            ]
        ) from error


def _from_json(raw: dict[str, Any]) -> Manifest:
    tables = {
        name: TableEntry(
            entry["name"],
            entry["rows"],
            tuple((column, kind) for column, kind in entry["columns"]),
            tuple(entry["key"]),
            tuple(FileEntry(**file) for file in entry["files"]),
        )
        for name, entry in raw["tables"].items()
    }
    return Manifest(
        snapshot=SnapshotId(raw["snapshot"]),
        as_of=dt.date.fromisoformat(raw["as_of"]),
        software=raw["software"],
        definitions=raw["definitions"],
        inputs=tuple(Input(**item) for item in raw["inputs"]),
        previous=SnapshotId(raw["previous"]) if raw["previous"] else None,
        sequence=raw["sequence"],
        tables=tables,
        files=tuple(FileEntry(**item) for item in raw["files"]),
        checks=tuple(raw["checks"]),
        totals=raw["totals"],
        format=raw["format"],
    )
