"""Why subjects moved: which top-level parts of a rule did not hold for them, at one as_of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rooftree.segments.definition import Segment
from rooftree.segments.judging import parts_of
from rooftree.segments.schema import base_column, id_of
from rooftree.segments.sql import columns_sql
from rooftree.segments.values_sql import Context
from rooftree.storage.engine import Engine, quote
from rooftree.vocabulary.states import Grain

_PARTS = "_tmp_segments_parts"


def turned(
    engine: Engine, name: str, movers: str, segments: Mapping[str, Segment], context: Context
) -> None:
    """Leave the table `name` of segment, subject_id, in_base and failing, for the movers who are there.

    `movers` names a relation of segment, unit and subject_id. `failing`: the numbers of the parts that
    are not true, joined by commas; empty where all hold.
    """
    engine.execute(
        f"CREATE OR REPLACE TABLE {name} "
        "(segment VARCHAR, subject_id VARCHAR, in_base BOOLEAN, failing VARCHAR)"
    )
    for unit in Grain:
        rows = engine.rows(
            f"SELECT DISTINCT segment FROM {movers} AS m WHERE unit = ? ORDER BY 1", [unit.value]
        )
        moved = [segments[row[0]] for row in rows if row[0] in segments]
        if moved:
            _parts(engine, unit, movers, moved, context)
            for segment in moved:
                engine.execute(f"INSERT INTO {name} {_failing(segment, unit, movers)}")
            engine.execute(f"DROP TABLE {_PARTS}")


def _parts(
    engine: Engine, unit: Grain, movers: str, segments: Iterable[Segment], context: Context
) -> None:
    """Each part of each segment as a boolean column, for those who moved in any of them."""
    rules = {
        f"{segment.key}.{number}": part
        for segment in segments
        for number, part in enumerate(parts_of(segment.node), 1)
    }
    key = id_of(unit)
    engine.execute(
        f"CREATE OR REPLACE TABLE {_PARTS} AS SELECT * FROM ({columns_sql(rules, unit, context)}) AS judged "
        f"WHERE {key} IN (SELECT subject_id FROM {movers} AS m WHERE unit = {quote(unit.value)})"
    )


def _failing(segment: Segment, unit: Grain, movers: str) -> str:
    numbers = range(1, len(parts_of(segment.node)) + 1)
    failing = ", ".join(
        f"CASE WHEN p.\"{segment.key}.{number}\" THEN '' ELSE ',{number}' END" for number in numbers
    )
    column = base_column(unit, segment.definition.base)
    in_base = f"s.{column}" if column else "TRUE"
    key = id_of(unit)
    return f"""SELECT {quote(segment.key)}, m.subject_id, {in_base}, substring(concat({failing}), 2)
        FROM {movers} AS m JOIN {_PARTS} p ON p.{key} = m.subject_id
        JOIN segments.{unit.value} s ON s.{key} = m.subject_id
        WHERE m.segment = {quote(segment.key)}"""
