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

    The same models with another date: the result is what a run on that day would have said, from
    today's identities. With one exception: what has been withdrawn or has passed its retention since
    does not come back, because its value is no longer kept. Reads profile.statement and identity.
    """
    prepare(engine, as_of=date, catalogue=catalogue)
    engine.execute(
        f"CREATE OR REPLACE VIEW {_SAID} AS SELECT * FROM profile.statement "
        f"WHERE standing NOT IN ('withdrawn', 'expired') AND system <> '{ROOFTREE}'"
    )
    resolve_all(engine, _SAID, as_of=date, catalogue=catalogue, stage=stage)
    engine.execute(f"DROP VIEW {_SAID}")
