"""Every value that was ever held of one person, attribute by attribute, cut to a purpose."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from rooftree.catalogue.model import Catalogue
from rooftree.pipeline.record import why_hidden
from rooftree.profile.resolve import Resolved
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


Now = Mapping[str, Resolved]


def statements(
    engine: Engine,
    person_id: str,
    *,
    catalogue: Catalogue,
    purposes: Sequence[str],
    now: Now = MappingProxyType({}),
) -> list[Held]:
    """Every statement about the person that the purposes may see: by attribute, the one that stands first.

    `now` has the attributes that something was recorded about since the run, as they stand now.
    """
    rows = engine.rows(
        """SELECT attribute, state, value, origin, method, system, recorded_on, standing
        FROM profile.statement WHERE subject_id = ? AND grain = 'person' ORDER BY attribute, statement_no""",
        [person_id],
    )
    kept: list[Held] = []
    for attribute, state, value, origin, method, system, on, standing in rows:
        if attribute not in now and _may_see(attribute, catalogue, purposes):
            stands = standing == "current" and (not kept or kept[-1].attribute != attribute)
            kept.append(Held(attribute, state, value, origin, method, system, on, stands, standing))
    for attribute, found in now.items():
        if _may_see(attribute, catalogue, purposes):
            kept += _held(attribute, found)
    return sorted(kept, key=lambda held: held.attribute)


def _may_see(attribute: str, catalogue: Catalogue, purposes: Sequence[str]) -> bool:
    return why_hidden(catalogue.attributes.get(attribute), purposes) is None


def _held(attribute: str, found: Resolved) -> list[Held]:
    """The statements of an attribute, best first. Of one that was withdrawn the value is gone."""
    gone = ("withdrawn", "expired")
    return [
        Held(
            attribute, each.statement.state, None if each.standing in gone else each.statement.value,
            each.statement.origin, each.statement.method, each.statement.system,
            each.statement.recorded_on, each.standing == "current", each.standing,
        )
        for each in found.statements
    ]  # fmt: skip


def conflicting(
    engine: Engine,
    person_id: str,
    *,
    catalogue: Catalogue,
    purposes: Sequence[str],
    now: Now = MappingProxyType({}),
) -> dict[str, list[Held]]:
    """For each attribute that sources disagree about now, what each of them says."""
    disputed = {
        row[0]
        for row in engine.rows(
            "SELECT attribute FROM profile.value WHERE subject_id = ? AND grain = 'person' AND in_conflict",
            [person_id],
        )
    }
    disputed = (disputed - set(now)) | {key for key, found in now.items() if found.in_conflict}
    found: dict[str, list[Held]] = {}
    for held in statements(engine, person_id, catalogue=catalogue, purposes=purposes, now=now):
        if held.attribute in disputed and held.standing == "current":
            found.setdefault(held.attribute, []).append(held)
    return found
