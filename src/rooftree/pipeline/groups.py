"""Groups that are found, and the picture of a group: discovery and personas on a published snapshot."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rooftree.catalogue.model import Attribute
from rooftree.governance import check_may_count
from rooftree.pipeline.segments import Asked
from rooftree.segments.fields import Known, all_fields
from rooftree.segments.movement import Flow, Stay, Turn, flows, history, stays
from rooftree.segments.nodes import Kind
from rooftree.segments.schema import base_column, id_of
from rooftree.storage.workspace import Workspace
from rooftree.vocabulary.errors import NotFound, PolicyDenied, UserError
from rooftree.vocabulary.progress import Progress
from rooftree.vocabulary.states import Grain

_ITEMS = (Kind.CODE, Kind.BOOLEAN, Kind.NUMBER, Kind.MONEY, Kind.DATE)


@dataclass(frozen=True, slots=True)
class History:
    """How a segment came to be what it is: its evaluations, and who came and went by day and cause."""

    key: str
    status: str
    problem: str | None
    good_on: dt.date | None
    turns: tuple[Turn, ...]
    stays: tuple[Stay, ...] = ()


@dataclass(frozen=True, slots=True)
class Drawn:
    """A persona that was written: its files, and what it says."""

    key: str
    name: str
    files: dict[str, str]
    summary: Any
    portrait: Any


def history_of(asked: Asked, key: str, *, subject: str | None = None) -> History:
    """Who came and went, when and why; with `subject`, the stays of one. NotFound where it was never evaluated."""
    engine = asked.engine
    if not engine.has("segments.evaluated"):
        raise NotFound(
            "This snapshot was made before segments were kept. Make a new one with: rooftree run"
        )
    rows = engine.rows(
        "SELECT status, problem, good_on FROM segments.evaluated WHERE segment = ?", [key]
    )
    if not rows:
        raise NotFound(f"There is no segment {key} in this snapshot. See: rooftree segment list")
    of = stays(engine, segment=key, subject_id=subject) if subject else ()
    status, problem, good_on = rows[0]
    return History(key, status, problem, good_on, history(engine, key), of)


def flows_of(
    asked: Asked, keys: Sequence[str], *, start: dt.date, end: dt.date
) -> tuple[Flow, ...]:
    """From which of these segments on one day to which on another. The segments must select: flows are exact."""
    for key in keys:
        if asked.segments[key].definition.use != "select":
            raise PolicyDenied(
                f"The segment {key} may only be counted. Nobody's moves are kept for it."
            )
    return flows(asked.engine, keys, start=start, end=end)


def discovered(
    asked: Asked,
    items: Sequence[str],
    *,
    unit: str = "person",
    base: str = "",
    classes: range = range(2, 9),
    seed: int = 1,
    purpose: str = "research_and_insight",
    resamples: int = 20,
    replicates: int = 19,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Look for groups by these fields among a base. Each field must be one that may be counted for the purpose.

    Figures are exact: they are for the analyst who holds the workspace.
    """
    from rooftree.segments.discovery import discover, summary

    grain = _grain(unit)
    known = [_item(key, grain, asked) for key in dict.fromkeys(items)]
    stated = asked.segments.catalogue.purposes.get(purpose)
    if stated is None:
        raise UserError(f"There is no purpose '{purpose}'. See: rooftree check --purposes")
    for one in known:
        check_may_count(one.thing, stated)
    column = base_column(grain, base or ("customers" if grain == Grain.PERSON else "current"))
    columns = ", ".join(f'"{one.key}"' for one in known)
    sql = f"SELECT {columns} FROM segments.{unit} WHERE {column or 'TRUE'} ORDER BY {id_of(grain)}"
    table = asked.engine.execute(sql).to_arrow_table()
    found = discover(
        table,
        [one.key for one in known],
        classes=classes,
        seed=seed,
        resamples=resamples,
        replicates=replicates,
        progress=progress,
    )
    return {
        "unit": unit,
        "items": [one.key for one in known],
        "snapshot": asked.snapshot.id,
        **summary(found),
    }


def _grain(unit: str) -> Grain:
    if unit not in [grain.value for grain in Grain]:
        raise UserError(f"'{unit}' is no unit. Use one of {', '.join(g.value for g in Grain)}.")
    return Grain(unit)


def _item(key: str, grain: Grain, asked: Asked) -> Known:
    known = all_fields(asked.segments.catalogue).get(key)
    if known is None:
        raise UserError(f"There is no field '{key}'. See: rooftree segment fields")
    if known.kind not in _ITEMS:
        raise UserError(
            f"{key} holds {known.kind.value}; groups are found by codes, numbers, dates and yes or no."
        )
    if known.grain == Grain.PERSON and grain != Grain.PERSON:
        raise UserError(f"{key} belongs to a person, and the groups are of {grain.value}s.")
    if isinstance(known.thing, Attribute) and known.thing.equality_monitoring:
        raise PolicyDenied(f"{key} is held for equality monitoring. No groups are found by it.")
    return known


def persona_of(
    asked: Asked, workspace: Workspace, key: str, folder: Path, *, name: str = "", colour: str = ""
) -> Drawn:
    """Draw the persona of a segment of people: one page as PDF and PNG, with JSON and Markdown beside it."""
    # numerical libraries that no other question needs
    from rooftree.segments.persona import Landlord, Terms, make_persona, of_segment, write

    segment = asked.segments[key]
    group, members = of_segment(asked.engine, segment, asked.segments, as_of=asked.as_of)
    landlord = (
        Landlord(workspace.settings.name, colour) if colour else Landlord(workspace.settings.name)
    )
    persona = make_persona(
        asked.engine,
        members,
        group=group,
        base=segment.definition.base,
        catalogue=asked.segments.catalogue,
        as_of=asked.as_of,
        name=name,
        unit=segment.definition.unit,
        terms=Terms(disclosure=workspace.settings.disclosure),
        landlord=landlord,
    )
    paths = write(persona, folder)
    return Drawn(
        key, persona.name, {e: str(p) for e, p in paths.items()}, persona.summary, persona.portrait
    )
