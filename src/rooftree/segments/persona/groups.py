"""The two kinds of groups there are: those of a rule and those found by a model, with their members."""

from __future__ import annotations

import datetime as dt

import pyarrow as pa

from rooftree.segments.definition import Segment, Segments
from rooftree.segments.discovery import Discovery
from rooftree.segments.english import to_english
from rooftree.segments.persona.model import Group
from rooftree.segments.sql import members_sql
from rooftree.segments.values_sql import Context
from rooftree.storage.engine import Engine
from rooftree.vocabulary.errors import NotFound

#: Working tables with the ids of members.
_MEMBERS = "_tmp_persona"


def of_segment(
    engine: Engine, segment: Segment, segments: Segments, *, as_of: dt.date
) -> tuple[Group, str]:
    """The group of a rule, and the table in the engine that holds its members at as_of.

    The rule is told in English; what it reads, through other segments too, is no finding.
    """
    definition = segment.definition
    context = Context(segments.catalogue, as_of, segments.ready)
    table = f"{_MEMBERS}_{segment.key}"
    sql = members_sql(segment.node, definition.unit, definition.base, context)
    engine.execute(f'CREATE OR REPLACE TEMP TABLE "{table}" AS {sql}')
    group = Group(
        key=segment.key,
        label=definition.label,
        rule=to_english(segment.node, segments.scope(segment)),
        reads=segment.reads,
        version=segment.version,
    )
    return group, f'"{table}"'


def of_class(
    engine: Engine, found: Discovery, placed: pa.Table, number: int, *, ids: str = "subject_id"
) -> tuple[Group, str]:
    """The group of one class of a model, and the table in the engine that holds its members.

    `placed`: what `found.assign(table, keep=(ids,))` gives; people of whom too little is known are in
    no class. `number`: from 1, the largest class. Raises NotFound for a class that the model has not.
    """
    many = len(found.shares)
    if not 1 <= number <= many:
        raise NotFound(f"There is no class {number}. The model has classes 1 to {many}.")
    table = f"{_MEMBERS}_class_{number}"
    engine.con.register("_tmp_persona_placed", placed)
    try:
        engine.execute(
            f'CREATE OR REPLACE TEMP TABLE "{table}" AS SELECT "{ids}" AS subject_id '
            f"FROM _tmp_persona_placed WHERE class = {int(number)}"
        )
    finally:
        engine.con.unregister("_tmp_persona_placed")
    items = tuple(scale.name for scale in found.model.scales)
    return Group(key=f"group_{number}", label=f"Group {number}", items=items), f'"{table}"'
