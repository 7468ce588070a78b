"""Opens a published snapshot for questions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rooftree.storage.engine import Engine
from rooftree.storage.snapshot import Snapshot
from rooftree.storage.workspace import Workspace


@contextmanager
def opened(
    workspace: Workspace, *, snapshot: str | None = None
) -> Iterator[tuple[Engine, Snapshot]]:
    """A snapshot with its tables under their names in an engine of its own."""
    found = Snapshot.open(workspace.snapshots, id=snapshot)
    with Engine(
        temp_directory=None,
        memory_limit=workspace.settings.memory,
        threads=workspace.settings.threads,
    ) as engine:
        found.attach(engine)
        yield engine, found
