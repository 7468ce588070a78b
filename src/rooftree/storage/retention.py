"""Which snapshots exist, which are kept, and which may go.

The newest are kept for comparison and for readers still on them; one a month is kept so that a year
can be looked back on; a pinned one (a board paper quotes it) is kept until it is released.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from rooftree.storage import manifest as manifests
from rooftree.storage.files import disk_trouble, write_whole
from rooftree.storage.snapshot import current_id, locate, published_ids, remove_snapshot
from rooftree.vocabulary.errors import DataError, NotFound
from rooftree.vocabulary.ids import SnapshotId

PINNED = "PINNED.json"


@dataclass(frozen=True, slots=True)
class Listed:
    """One snapshot as a list shows it. `sequence` counts publications; `problem` says why it cannot be read."""

    id: SnapshotId
    as_of: dt.date | None
    sequence: int
    rows: int
    bytes: int
    is_current: bool
    pinned: str | None  # the reason; None: not pinned
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Keep:
    """How many snapshots stay: the `newest` by publication, and the last of each of so many `months`.

    Months are counted back from that of the latest as_of there is, which is the first.
    """

    newest: int = 3
    months: int = 12


def list_snapshots(root: Path) -> list[Listed]:
    """Every published snapshot, oldest publication first; those whose manifest is damaged come first of all."""
    current, pins = current_id(root), pinned(root)
    return sorted(
        (_listed(root, name, current=current, pins=pins) for name in published_ids(root)),
        key=lambda one: (one.sequence, one.id),
    )


def to_prune(snapshots: Iterable[Listed], rule: Keep) -> list[SnapshotId]:
    """The snapshots that the rule lets go, oldest first. Never the current one, a pinned or a damaged one."""
    known = sorted(
        (one for one in snapshots if one.as_of is not None), key=lambda one: (one.sequence, one.id)
    )
    kept = {one.id for one in known if one.is_current or one.pinned is not None}
    if rule.newest > 0:
        kept |= {one.id for one in known[-rule.newest :]}
    last_of_month: dict[int, Listed] = {}
    for one in sorted(known, key=lambda one: (one.as_of or dt.date.min, one.sequence, one.id)):
        last_of_month[_month(one)] = one
    latest = max(last_of_month, default=0)
    kept |= {one.id for month, one in last_of_month.items() if month > latest - rule.months}
    return [one.id for one in known if one.id not in kept]


def prune(root: Path, rule: Keep) -> list[SnapshotId]:
    """Remove the snapshots that the rule lets go; answers their ids. Call it under the workspace's lock."""
    going = to_prune(list_snapshots(root), rule)
    with disk_trouble("old snapshots were being removed"):
        for name in going:
            remove_snapshot(root, name)
    return going


def pinned(root: Path) -> dict[SnapshotId, str]:
    """The pinned snapshots, each with the reason."""
    try:
        return json.loads((root / PINNED).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}


def pin(root: Path, name: str, *, reason: str) -> SnapshotId:
    """Keep a snapshot until it is released, and say why. NotFound when there is no such snapshot."""
    found = SnapshotId(locate(root, id=name).name)
    _write_pins(root, pinned(root) | {found: reason})
    return found


def release(root: Path, name: str) -> SnapshotId:
    """Let the rule decide about a pinned snapshot again. NotFound when it is not pinned."""
    pins = pinned(root)
    matching: Collection[SnapshotId] = [one for one in pins if one.startswith(name)]
    if len(matching) != 1:
        raise NotFound(
            f"{name} is not the id of a pinned snapshot ({', '.join(pins) or 'none is'})."
        )
    (found,) = matching
    _write_pins(root, {one: reason for one, reason in pins.items() if one != found})
    return found


def _write_pins(root: Path, pins: dict[SnapshotId, str]) -> None:
    with disk_trouble("the pinned snapshots were being written"):
        write_whole(root / PINNED, json.dumps(pins, indent=1, sort_keys=True) + "\n")


def _month(one: Listed) -> int:
    assert one.as_of is not None
    return one.as_of.year * 12 + one.as_of.month


def _listed(
    root: Path, name: SnapshotId, *, current: str | None, pins: dict[SnapshotId, str]
) -> Listed:
    is_current, reason = name == current, pins.get(name)
    try:
        manifest = manifests.read(root / name)
    except DataError as error:
        return Listed(name, None, 0, 0, 0, is_current, reason, str(error.problems[0]))
    rows = sum(table.rows for table in manifest.tables.values())
    size = sum(file.bytes for file in manifest.all_files)
    return Listed(name, manifest.as_of, manifest.sequence, rows, size, is_current, reason)
