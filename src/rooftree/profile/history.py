"""The profile as it stood at an earlier date, from the statements of a later one."""

from __future__ import annotations

import datetime as dt

from rooftree.catalogue.model import Catalogue
from rooftree.profile.build import prepare, resolve_all
from rooftree.profile.derived import ROOFTREE
from rooftree.storage.engine import Engine

STAGE = "profile_at"
_SAID = "_tmp_profile_said_before"


def as_at(engine: Engine, date: dt.date, *, catalogue: Catalogue, stage: str = STAGE) -> None:
    """Leave `profile_at.statement`, `.conflict` and `.value`, resolved with what was known on `date`.

    The same models with another date: the result is what a run on that day would have said, with three
    differences. Records are people as the snapshot at hand joins them, and its tenancies, households and
    members are used: who was merged, split or moved since is as today. What has been withdrawn or has
    passed its retention since does not come back, because its value is no longer kept. And only what the
    extracts still hold is there: what a source has overwritten is gone. The snapshot of that day, where it
    is kept, has none of these differences (`pipeline.read.why` takes it). What is derived is worked out
    again for that day. Reads profile.statement and identity.
    """
    prepare(engine, as_of=date, catalogue=catalogue)
    engine.execute(
        f"CREATE OR REPLACE VIEW {_SAID} AS SELECT * FROM profile.statement "
        f"WHERE standing NOT IN ('withdrawn', 'expired') AND system <> '{ROOFTREE}'"
    )
    resolve_all(engine, _SAID, as_of=date, catalogue=catalogue, stage=stage)
    engine.execute(f"DROP VIEW {_SAID}")
