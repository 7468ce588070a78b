"""Remembers what was published, and sees whether the next table would tell of a few people together with it.

Two safe tables can be unsafe together: patch totals, and the same without ward 7, give ward 7 by
subtraction. So every released table is kept with who was counted in which cell, and before the next
one is released the linear programmes of a reader who has all of them are solved.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from rooftree.disclosure import differencing
from rooftree.disclosure.cube import Cube, Dimension
from rooftree.storage.released import ReleasedStore, Stored
from rooftree.vocabulary.errors import PolicyDenied
from rooftree.vocabulary.ids import digest

_NAMED = 5  # cells that a refusal names before it says how many more there are


@dataclass(frozen=True, slots=True)
class Note:
    """What the releaser says of a table: its name, who is in it, and who released it when.

    `population` says in words what the table was filtered by. `released_at` needs a time zone; the
    caller reads the clock. `policy` is filled in.
    """

    name: str = "unnamed"
    population: str = "everybody"
    snapshot: str = ""
    released_by: str = ""
    released_at: dt.datetime | None = None
    policy: str = ""


@dataclass(frozen=True, slots=True)
class Release:
    """One table as the ledger sees it: what is published of each cell, and who is counted in which.

    `grain` is what a unit is, such as person_id; only tables of one grain can be compared. `key` has a
    keyed number per unit, `n` how many it counts for, `leaf` the leaf cell it is counted in. `low` and
    `high` are what the table says of each cell of `cube` (0 and infinity where it is suppressed). Fewer
    than `least` are few; a reader must not come within `protection` of their number.
    """

    note: Note
    grain: str
    cube: Cube
    key: np.ndarray
    n: np.ndarray
    leaf: np.ndarray
    low: np.ndarray
    high: np.ndarray
    least: int
    protection: float

    def without(self, dimension: str) -> Release:
        """The same table with only the totals of one dimension published."""
        axis = [each.name for each in self.cube.dimensions].index(dimension)
        places = np.unravel_index(np.arange(self.cube.n_cells), self.cube.shape)[axis]
        gone = places != self.cube.dimensions[axis].root
        return replace(
            self, low=np.where(gone, 0.0, self.low), high=np.where(gone, np.inf, self.high)
        )

    @property
    def digest(self) -> str:
        """The same for the same published numbers about the same units."""
        arrays = (self.key, self.n, self.leaf, self.low, self.high)
        return digest(self.grain, _dimensions(self.cube), *(each.tobytes() for each in arrays))


@dataclass(frozen=True, slots=True)
class Finding:
    """A few people whom the release would tell of: by which of its cells, with which earlier release."""

    cells: tuple[int, ...]
    labels: tuple[dict[str, str], ...] = field(repr=False)
    earlier: int | None  # the number of the earlier release; None: several together

    def __str__(self) -> str:
        if not self.labels:  # no cell by itself: who is in the table tells, less who is in another
            return (
                "who is counted"
                if self.earlier is None
                else f"who is counted, with release {self.earlier}"
            )
        cell = ", ".join(f"{name} {label}" for name, label in self.labels[0].items())
        with_ = "earlier releases" if self.earlier is None else f"release {self.earlier}"
        return f"{cell}, with {with_}"


class Ledger:
    """The open ledger. A page, a command and a notebook use it alike."""

    def __init__(self, store: ReleasedStore) -> None:
        self._store = store

    @classmethod
    def open(cls, path: Path) -> Ledger:
        """Open the ledger of a workspace, making it where there is none."""
        return cls(ReleasedStore.open(path))

    def close(self) -> None:
        """Let go of the file."""
        self._store.close()

    def __enter__(self) -> Ledger:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    @property
    def key(self) -> bytes:
        """The secret of this ledger: ids are hashed with it, and rounding by people uses it."""
        return self._store.key

    def releases(self) -> list[tuple[int, Note]]:
        """What was released, in the order recorded."""
        return [(each.number, _note(each)) for each in self._store.all(arrays=False)]

    def findings(self, release: Release) -> list[Finding]:
        """The few people whom this release would tell of, with all earlier ones; empty where it may leave.

        A release that is in the ledger already, number for number, tells nothing new. Someone whom the
        earlier releases give away by themselves is not counted against this one.
        """
        earlier = self._store.all(grain=release.grain)
        if any(each.columns["digest"] == release.digest for each in earlier):
            return []
        others = [(each.number, _release(each)) for each in earlier]
        told = differencing.told(release, others)
        return [
            Finding(cells, tuple(release.cube.labels(cell) for cell in cells), number)
            for cells, number in told
        ]

    def check(self, release: Release) -> None:
        """Raise PolicyDenied where the release would tell of a few people, with what would be allowed."""
        found = self.findings(release)
        if not found:
            return
        shown = "; ".join(str(each) for each in found[:_NAMED])
        more = f"; and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
        raise PolicyDenied(
            f"{release.note.name} may not be released: together with what was published before it tells "
            f"of fewer than {release.least} people ({shown}{more}). {self._coarser(release)}"
        )

    def record(self, release: Release) -> int:
        """Write down that the table was released; answers its number. It is checked first, by `check`.

        The check and the writing are not one step: who releases from two places at once should hold the
        lock of the workspace.
        """
        self.check(release)
        at = release.note.released_at
        columns = {
            "name": release.note.name,
            "population": release.note.population,
            "snapshot": release.note.snapshot,
            "policy": release.note.policy,
            "released_by": release.note.released_by,
            "released_at": at.astimezone(dt.UTC).isoformat() if at else "",
            "grain": release.grain,
            "dimensions": _dimensions(release.cube),
            "least": release.least,
            "protection": release.protection,
            "digest": release.digest,
        }
        arrays = {
            "key": release.key.astype(np.uint64),
            "n": release.n.astype(float),
            "leaf": release.leaf.astype(np.int64),
            "low": release.low.astype(float),
            "high": release.high.astype(float),
        }
        return self._store.add(columns, arrays)

    def _coarser(self, release: Release) -> str:
        """What could be released instead, tried out and not guessed."""
        names = [each.name for each in release.cube.dimensions]
        if len(names) > 1:
            for name in names:
                if not self.findings(release.without(name)):
                    return f"Without {name} it may be: leave that out."
        return (
            "Publish it for the same people as before, or wait until the people it differs by are "
            f"at least {release.least} in every cell."
        )


def _dimensions(cube: Cube) -> str:
    return json.dumps(
        [[each.name, each.nodes, each.parent, each.n_leaves] for each in cube.dimensions]
    )


def _note(stored: Stored) -> Note:
    said = stored.columns
    at = str(said["released_at"])
    return Note(
        str(said["name"]),
        str(said["population"]),
        str(said["snapshot"]),
        str(said["released_by"]),
        dt.datetime.fromisoformat(at) if at else None,
        str(said["policy"]),
    )


def _release(stored: Stored) -> Release:
    listed: Sequence[tuple[str, Sequence[str], Sequence[int], int]] = json.loads(
        str(stored.columns["dimensions"])
    )
    cube = Cube(tuple(Dimension(name, tuple(nodes), tuple(up), n) for name, nodes, up, n in listed))
    return Release(
        note=_note(stored),
        grain=str(stored.columns["grain"]),
        cube=cube,
        least=int(stored.columns["least"]),
        protection=float(stored.columns["protection"]),
        **{name: stored.arrays[name] for name in ("key", "n", "leaf", "low", "high")},
    )
