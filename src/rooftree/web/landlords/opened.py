"""A landlord's workspace, catalogue and current snapshot, opened once a process and kept until the next run.

Other apps read a landlord's data through `opened` and nowhere else.
"""

from __future__ import annotations

import datetime as dt
import threading
from dataclasses import dataclass, field

from rooftree.catalogue.load import load as load_catalogue
from rooftree.catalogue.model import Catalogue
from rooftree.pipeline.read import LOOKUP
from rooftree.storage.engine import Engine
from rooftree.storage.lookup import Lookup
from rooftree.storage.snapshot import Snapshot, current_id
from rooftree.storage.workspace import Workspace
from rooftree.vocabulary.errors import NotFound
from rooftree.web.landlords.models import Landlord

#: What one process of the web application may use to read tables of a snapshot.
_MEMORY = "600MB"


@dataclass
class Opened:
    """What is open of one landlord. `engine` reads the snapshot's tables; a page takes a cursor of it."""

    workspace: Workspace
    catalogue: Catalogue
    snapshot: Snapshot
    lookup: Lookup
    _engine: Engine | None = field(default=None, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @property
    def as_of(self) -> dt.date:
        """The date the snapshot speaks of."""
        return self.snapshot.manifest.as_of

    @property
    def snapshot_id(self) -> str:
        """The snapshot's id."""
        return str(self.snapshot.id)

    def engine(self) -> Engine:
        """An engine with the snapshot's tables under their names, for one page: close it afterwards."""
        with self._lock:
            if self._engine is None:
                made = Engine(temp_directory=None, memory_limit=_MEMORY, threads=1)
                self.snapshot.attach(made)
                self._engine = made
        return self._engine.beside()

    def close(self) -> None:
        """Let go of the files."""
        self.lookup.close()
        if self._engine is not None:
            self._engine.close()


_open: dict[tuple[int, str, str], Opened] = {}
_opening = threading.Lock()


def opened(landlord: Landlord) -> Opened:
    """The landlord's current snapshot, open. NotFound when none has been published."""
    workspace = Workspace.open(landlord.directory)
    current = current_id(workspace.snapshots)
    if current is None:
        raise NotFound(
            f"{landlord.name} has no snapshot yet. A data steward can start a run, or: rooftree run"
        )
    key = (landlord.pk, str(workspace.directory), str(current))
    if key not in _open:
        with _opening:
            if key not in _open:
                _open[key] = _open_now(workspace, str(current))
                # Pages under way may still hold the one before: it is left to the garbage collector.
                for old in [each for each in _open if each[0] == landlord.pk and each != key]:
                    del _open[old]
    return _open[key]


def _open_now(workspace: Workspace, current: str) -> Opened:
    snapshot = Snapshot.open(workspace.snapshots, id=current)
    return Opened(
        workspace=workspace,
        catalogue=load_catalogue(workspace.definitions),
        snapshot=snapshot,
        lookup=Lookup.open(snapshot.path(LOOKUP)),
    )


def patches(landlord: Landlord) -> list[str]:
    """The patches of the landlord's homes, in order; none before the first run."""
    try:
        return opened(landlord).lookup.groups()
    except NotFound:
        return []
