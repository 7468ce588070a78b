"""Every value that was ever held of one person, attribute by attribute, cut to a purpose."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from rooftree.catalogue.model import Catalogue
from rooftree.pipeline.record import why_hidden
from rooftree.storage.engine import Engine


@dataclass(frozen=True, slots=True)
class Held:
    """One statement: what it says, who said it and when, and whether it stands, was overtaken or has gone."""

    attribute: str
    state: str
    value: str | None
    origin: str
    method: str
    system: str
    recorded_on: dt.date | None
    stands: bool
    standing: str


def statements(
    engine: Engine, person_id: str, *, catalogue: Catalogue, purposes: Sequence[str]
) -> list[Held]:
    """Every statement about the person that the purposes may see: by attribute, the one that stands first."""
    rows = engine.rows(
        """SELECT attribute, state, value, origin, method, system, recorded_on, standing
        FROM profile.statement WHERE subject_id = ? AND grain = 'person' ORDER BY attribute, statement_no""",
        [person_id],
    )
    kept: list[Held] = []
    for attribute, state, value, origin, method, system, on, standing in rows:
        if why_hidden(catalogue.attributes.get(attribute), purposes) is None:
            first = not kept or kept[-1].attribute != attribute
            kept.append(
                Held(
                    attribute,
                    state,
                    value,
                    origin,
                    method,
                    system,
                    on,
                    first and standing == "current",
                    standing,
                )
            )
    return kept


def conflicting(
    engine: Engine, person_id: str, *, catalogue: Catalogue, purposes: Sequence[str]
) -> dict[str, list[Held]]:
    """For each attribute that sources disagree about now, what each of them says."""
    disputed = {
        row[0]
        for row in engine.rows(
            "SELECT attribute FROM profile.value WHERE subject_id = ? AND grain = 'person' AND in_conflict",
            [person_id],
        )
    }
    found: dict[str, list[Held]] = {}
    for held in statements(engine, person_id, catalogue=catalogue, purposes=purposes):
        if held.attribute in disputed and held.standing == "current":
            found.setdefault(held.attribute, []).append(held)
    return found
