"""A landlord's open snapshot, ready for questions about segments: its rules are read once a snapshot."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from rooftree.pipeline.segments import Asked
from rooftree.segments.definition import Segments, load_segments
from rooftree.segments.events import make_views
from rooftree.vocabulary.errors import NotFound
from rooftree.web.landlords.opened import Opened

#: By workspace: what was opened, and the segments of its catalogue. A new run opens anew.
_ready: dict[str, tuple[Opened, Segments]] = {}
_making = threading.Lock()


@contextmanager
def asking(data: Opened) -> Iterator[Asked]:
    """The snapshot with the segments it was made with. NotFound where it holds no segment tables."""
    with data.engine() as engine:
        segments = _segments(data)
        policy = data.catalogue.policies[data.workspace.settings.disclosure]
        yield Asked(engine, data.snapshot, segments, policy, data.workspace.ledger)


def _segments(data: Opened) -> Segments:
    key = str(data.workspace.directory)
    with _making:
        found = _ready.get(key)
        if found is None or found[0] is not data:
            with data.engine() as engine:
                if not engine.has("segments.person"):
                    raise NotFound(
                        f"The snapshot {data.snapshot_id} was made before segments. "
                        "A data steward can start a new run."
                    )
                # Views belong to the database that all cursors share: two requests must not make them at once.
                make_views(engine, as_of=data.as_of, catalogue=data.catalogue)
            _ready[key] = (data, load_segments(data.catalogue))
        return _ready[key][1]
