"""Snapshots: a run's tables, written aside, published in one step, never changed afterwards.

    snapshots/<id>/manifest.json, manifest.sha256, <stage>/<table>.parquet, lookup.sqlite
    snapshots/CURRENT            the id of the newest, replaced in one step
    snapshots/.making-<id>/      a run under way, or what a killed run left behind

A reader resolves CURRENT once and then uses the snapshot's own folder, so that it sees one whole
snapshot or another, never half of two. Writers are kept apart by the workspace's lock.
"""

from __future__ import annotations

import datetime as dt
import re
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rooftree.storage import manifest as manifests
from rooftree.storage.engine import Engine
from rooftree.storage.files import (
    disk_trouble,
    list_files,
    sha256_of,
    sync_file,
    sync_tree,
    write_whole,
)  # fmt: skip
from rooftree.storage.manifest import FileEntry, Input, Manifest, TableEntry
from rooftree.storage.parquet import BUCKET_FROM_ROWS, write_table
from rooftree.storage.tables import Table, difference
from rooftree.storage.verify import verify
from rooftree.vocabulary.errors import DataError, NotFound, Problem, RooftreeError
from rooftree.vocabulary.ids import SnapshotId

CURRENT = "CURRENT"
_MAKING = ".making-"
_REMOVING = ".removing-"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")


@dataclass(frozen=True, slots=True)
class Published:
    """How a publication ended. `outcome`: published, unchanged (the same id was there, whole) or
    replaced (the same id was there, damaged). `differs` names tables whose bytes differ from those
    of the unchanged snapshot: the same inputs should have given the same, so this is a defect.
    """

    snapshot: SnapshotId
    directory: Path
    outcome: str
    differs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One published snapshot, open for reading."""

    directory: Path
    manifest: Manifest

    @classmethod
    def open(cls, where: Path, *, id: str | None = None) -> Snapshot:  # noqa: A002 - the word users type
        """Open the current snapshot, or the one named.

        `where` is a workspace, its `snapshots` folder or one snapshot's folder; `id` may be cut
        short as long as only one snapshot begins so. NotFound when there is none.
        """
        directory = locate(where, id=id)
        return cls(directory, manifests.read(directory))

    @property
    def id(self) -> SnapshotId:
        """The snapshot's name, `2026-03-31-1a2b3c4d`."""
        return self.manifest.snapshot

    def files(self, table_name: str) -> list[Path]:
        """The Parquet files of a table (`staging.person`). NotFound when the snapshot has no such table."""
        entry = self.manifest.tables.get(table_name.replace('"', ""))
        if entry is None:
            raise NotFound(f"The snapshot {self.id} has no table {table_name}.")
        return [self.directory / file.path for file in entry.files]

    def path(self, name: str) -> Path:
        """The path of a file that is not a table (`lookup.sqlite`). NotFound when it is not there."""
        path = self.directory / name
        if not path.is_file():
            raise NotFound(f"The snapshot {self.id} has no file {name}.")
        return path

    def attach(self, engine: Engine, *, tables: Iterable[str] | None = None) -> None:
        """Read the snapshot's tables, or those named, under their names in the engine, without copying."""
        names = list(self.manifest.tables) if tables is None else list(tables)
        files = {name: self.files(name) for name in names}
        missing = [path for paths in files.values() for path in paths if not path.is_file()]
        if missing:
            remedy = "See what else is wrong with: rooftree snapshot verify"
            raise DataError(
                [Problem(str(path), "the file is missing.", remedy) for path in missing]
            )
        for name, paths in files.items():
            engine.attach(_sql_name(name), paths)


class Writer:
    """A snapshot being made: tables are added one by one, then all are published in one step.

    Use it as a context: what was made is thrown away unless it was published. Making one first
    removes what killed runs left behind, so only one may be at work in a workspace at a time
    (`workspace.Workspace.lock`).
    """

    def __init__(
        self,
        root: Path,
        *,
        as_of: dt.date,
        inputs: Sequence[Input],
        digest: str,
        software: str,
        definitions: str,
        bucket_from_rows: int = BUCKET_FROM_ROWS,
    ) -> None:
        """`root` is the snapshots folder; `digest` comes from `manifest.inputs_digest`."""
        self.id = manifests.snapshot_id(as_of, digest)
        self.root = root
        self.directory = root / f"{_MAKING}{self.id}"
        self._about: dict[str, Any] = {
            "snapshot": self.id,
            "as_of": as_of,
            "inputs": tuple(sorted(inputs, key=lambda i: (i.system, i.extract, i.name, i.sha256))),
            "software": software,
            "definitions": definitions,
        }
        self._bucket_from_rows = bucket_from_rows
        self._tables: dict[str, TableEntry] = {}
        self._files: dict[str, FileEntry] = {}
        with disk_trouble("a snapshot was being begun"):
            root.mkdir(mode=0o700, parents=True, exist_ok=True)
            remove_leftovers(root)
            self.directory.mkdir(mode=0o700)

    def __enter__(self) -> Writer:
        return self

    def __exit__(self, *exc: object) -> None:
        shutil.rmtree(self.directory, ignore_errors=True)

    def write(self, engine: Engine, table: Table) -> TableEntry:
        """Store a table of the engine, and leave in its place a view on what was stored.

        The same rows give the same bytes, whatever their order. RooftreeError when the columns are
        not as declared; MachineError when the disk is full.
        """
        name = plain_name(table)
        if name in self._tables:
            raise RooftreeError(f"{name} was already written to this snapshot")
        wrong = difference(table, engine.columns(table.full_name))
        if wrong:
            raise RooftreeError(f"{name} is not as declared: " + "; ".join(wrong))
        with disk_trouble(f"{name} was being written"):
            written = write_table(
                engine, table, into=self.directory, bucket_from_rows=self._bucket_from_rows
            )
            files = tuple(self._entry(path, rows=rows) for path, rows in written)
        entry = TableEntry(
            name,
            sum(rows for _, rows in written),
            tuple((column.name, column.type) for column in table),
            table.key,
            files,
        )
        self._tables[name] = entry
        _replace_by_view(engine, table.full_name, [path for path, _ in written])
        return entry

    def path(self, name: str) -> Path:
        """Where to write a further file (`lookup.sqlite`), to be named to `include` when it is whole."""
        path = self.directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def include(self, name: str) -> FileEntry:
        """Make a file written at `path(name)` part of the snapshot."""
        self._files[name] = self._entry(self.directory / name)
        return self._files[name]

    def publish(
        self,
        engine: Engine | None = None,
        *,
        checks: Sequence[Mapping[str, Any]] = (),
        totals: Mapping[str, Any] | None = None,
    ) -> Published:
        """Make the snapshot the current one, in one step. With an engine, its views follow the files.

        `checks` and `totals` are kept in the manifest: plain JSON values, no clock, no personal value.
        A snapshot of the same id that is whole stays as it is: the outcome is then "unchanged".
        """
        with disk_trouble("the snapshot was being published"):
            manifest = self._manifest(checks=checks, totals=totals or {})
            text = manifest.to_text()
            (self.directory / manifests.NAME).write_text(text, encoding="utf-8", newline="\n")
            (self.directory / manifests.SEAL).write_text(manifests.seal(text), newline="\n")
            self._check_nothing_unknown(manifest)
            published = self._put_in_place(manifest)
            if current_id(self.root) != self.id:
                write_whole(self.root / CURRENT, self.id + "\n")
        if engine is not None:
            Snapshot.open(published.directory).attach(engine)
        return published

    def _put_in_place(self, manifest: Manifest) -> Published:
        target = self.root / self.id
        outcome = "published"
        if target.exists():
            if not verify(target):
                there = manifests.read(target).tables
                names = sorted({*there, *manifest.tables})
                differs = [n for n in names if there.get(n) != manifest.tables.get(n)]
                shutil.rmtree(self.directory)
                return Published(self.id, target, "unchanged", tuple(differs))
            outcome = "replaced"
            target.rename(self.root / f"{_REMOVING}{self.id}")
        sync_tree(self.directory)
        self.directory.rename(target)
        sync_file(self.root)
        if outcome == "replaced":
            remove_leftovers(self.root)
        return Published(self.id, target, outcome)

    def _manifest(
        self, *, checks: Sequence[Mapping[str, Any]], totals: Mapping[str, Any]
    ) -> Manifest:
        previous = current_id(self.root)
        sequence = 1 + max((m.sequence for _, m in readable(self.root)), default=0)
        there = self.root / self.id
        if there.exists():  # made again: it keeps its place in the line
            try:
                old = manifests.read(there)
                previous, sequence = old.previous, old.sequence
            except DataError:
                previous = None if previous == self.id else previous
        return Manifest(
            **self._about,
            previous=previous,
            sequence=sequence,
            tables=dict(sorted(self._tables.items())),
            files=tuple(self._files[name] for name in sorted(self._files)),
            checks=tuple(checks),
            totals=totals,
        )

    def _check_nothing_unknown(self, manifest: Manifest) -> None:
        known = {file.path for file in manifest.all_files} | {manifests.NAME, manifests.SEAL}
        unknown = sorted(set(list_files(self.directory)) - known)
        if unknown:
            raise RooftreeError(f"files in the snapshot that nobody included: {', '.join(unknown)}")

    def _entry(self, path: Path, *, rows: int | None = None) -> FileEntry:
        relative = path.relative_to(self.directory).as_posix()
        return FileEntry(relative, path.stat().st_size, sha256_of(path), rows)


def locate(where: Path, *, id: str | None = None) -> Path:  # noqa: A002
    """The folder of the current snapshot, or of the one named, as `Snapshot.open` finds it."""
    if id is None and (where / manifests.NAME).is_file():
        return where
    root = snapshots_root(where)
    name = current_id(root) if id is None else _full_id(root, id)
    if name is None:
        raise NotFound(f"{root}: there is no snapshot yet. Make one with: rooftree run")
    return root / name


def snapshots_root(where: Path) -> Path:
    """The folder of snapshots, from itself or from the workspace it is in."""
    return where / "snapshots" if (where / "snapshots").is_dir() else where


def current_id(root: Path) -> SnapshotId | None:
    """The id of the current snapshot; None when nothing has been published.

    A CURRENT that holds something else than a name counts as none: the next run writes it anew.
    """
    try:
        name = (root / CURRENT).read_bytes().decode("utf-8", "replace").strip()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return SnapshotId(name) if _NAME.fullmatch(name) else None


def published_ids(root: Path) -> list[SnapshotId]:
    """The ids of the published snapshots, by name. Runs under way and leftovers are not among them."""
    if not root.is_dir():
        return []
    names = (path.name for path in root.iterdir() if path.is_dir())
    return sorted(SnapshotId(name) for name in names if not name.startswith("."))


def readable(root: Path) -> list[tuple[Path, Manifest]]:
    """The published snapshots whose manifest can be read, in the order in which they were published."""
    found: list[tuple[Path, Manifest]] = []
    for name in published_ids(root):
        try:
            found.append((root / name, manifests.read(root / name)))
        except DataError:
            continue
    return sorted(found, key=lambda pair: (pair[1].sequence, pair[1].snapshot))


def remove_leftovers(root: Path) -> list[str]:
    """Remove what killed runs left behind; answers the names removed. Call it under the lock only."""
    found = [p for p in root.iterdir() if p.name.startswith((_MAKING, _REMOVING))]
    for path in found:
        shutil.rmtree(path)
    return sorted(path.name for path in found)


def remove_snapshot(root: Path, name: str) -> None:
    """Take a snapshot away: out of sight in one step, then off the disk."""
    aside = root / f"{_REMOVING}{name}"
    (root / name).rename(aside)
    sync_file(root)
    shutil.rmtree(aside)


def plain_name(table: Table) -> str:
    """The name of a table without the quotes SQL may need: `staging.case`."""
    return f"{table.stage}.{table.name}"


def _sql_name(name: str) -> str:
    stage, _, table = name.partition(".")
    return f'{stage}."{table}"'


def _full_id(root: Path, start: str) -> SnapshotId:
    ids = published_ids(root)
    matching = [name for name in ids if name == start] or [n for n in ids if n.startswith(start)]
    if len(matching) == 1:
        return matching[0]
    if matching:
        raise NotFound(f"{start} could be any of {', '.join(matching)}. Write more of the id.")
    known = f"The snapshots are {', '.join(ids)}." if ids else "There are none."
    raise NotFound(f"{root}: there is no snapshot {start}. {known}")


def _replace_by_view(engine: Engine, name: str, paths: Sequence[Path]) -> None:
    stage, _, table = name.replace('"', "").partition(".")
    kind = engine.value(
        "SELECT table_type FROM information_schema.tables WHERE table_schema = ? AND table_name = ?",
        [stage, table],
    )
    if kind == "BASE TABLE":
        engine.execute(f"DROP TABLE {name}")
    engine.attach(name, list(paths))
