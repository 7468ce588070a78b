"""Every segment over every subject in one pass for each unit: one boolean column per segment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rooftree.segments.definition import Segment
from rooftree.segments.nodes import And, Node
from rooftree.segments.schema import base_column, id_of
from rooftree.segments.sql import columns_sql
from rooftree.segments.values_sql import Context
from rooftree.storage.engine import Engine, quote
from rooftree.vocabulary.errors import MachineError
from rooftree.vocabulary.states import Grain

#: Segments that one query takes at most; more would make a text that is slow to plan.
AT_ONCE = 250


@dataclass(frozen=True, slots=True)
class Counted:
    """How many are in the base and in the segment, and of how many it cannot be told."""

    n_base: int
    n_in: int
    n_unknown: int


@dataclass(frozen=True, slots=True)
class Judged:
    """The tables that hold the truths, by unit and piece, and what kept some segments from being judged."""

    pieces: tuple[tuple[Grain, str, tuple[Segment, ...]], ...]
    problems: Mapping[str, str]


def truth_table(unit: Grain, piece: int) -> str:
    """The working table with the truths of some segments of a unit."""
    return f"_tmp_segments_truth_{unit.value}_{piece}"


def judge(engine: Engine, segments: Sequence[Segment], context: Context) -> Judged:
    """Leave a table per unit with the subject's id and one boolean for each segment, outside its base false.

    The segments go through together. Where the engine cannot do it, each goes alone, so that one that
    fails does not stop the others. Raises MachineError for a lack of memory or disk, which is nobody's rule.
    """
    pieces: list[tuple[Grain, str, tuple[Segment, ...]]] = []
    problems: dict[str, str] = {}
    for unit in Grain:
        mine = [segment for segment in segments if segment.definition.unit == unit]
        for start in range(0, len(mine), AT_ONCE):
            some = tuple(mine[start : start + AT_ONCE])
            problem = _make(engine, unit, len(pieces), some, context)
            alone = [(one,) for one in some] if problem is not None else [some]
            for group in alone:
                if group is not some:
                    problem = _make(engine, unit, len(pieces), group, context)
                if problem is None:
                    pieces.append((unit, truth_table(unit, len(pieces)), group))
                else:
                    problems[group[0].key] = problem
    return Judged(tuple(pieces), problems)


def _make(
    engine: Engine, unit: Grain, piece: int, segments: Sequence[Segment], context: Context
) -> str | None:
    """Leave the table of these segments; else the reason why not, without a value of anybody."""
    import duckdb

    try:
        sql = truths_sql(segments, unit, context)
        engine.execute(f"CREATE OR REPLACE TABLE {truth_table(unit, piece)} AS {sql}")
    except MachineError:
        raise
    except (duckdb.Error, ValueError, KeyError, RecursionError) as error:
        return f"The engine could not evaluate it ({type(error).__name__})."
    return None


def truths_sql(segments: Sequence[Segment], unit: Grain, context: Context) -> str:
    """One row per subject of the unit: its id, and each segment's truth under its key."""
    rules = {segment.key: segment.node for segment in segments}
    bases = {segment.key: segment.definition.base for segment in segments}
    return columns_sql(rules, unit, context, bases=bases)


def counts(engine: Engine, judged: Judged) -> dict[str, Counted]:
    """The figures of each segment that was judged."""
    found: dict[str, Counted] = {}
    for unit, table, segments in judged.pieces:
        bases = {segment.definition.base for segment in segments}
        sizes = {base: _size(engine, unit, base) for base in sorted(bases)}
        columns = ", ".join(
            f'count(*) FILTER ("{one.key}"), count(*) FILTER ("{one.key}" IS NULL)'
            for one in segments
        )
        (row,) = engine.rows(f"SELECT {columns} FROM {table}")
        for number, one in enumerate(segments):
            n_in, n_unknown = row[2 * number : 2 * number + 2]
            found[one.key] = Counted(sizes[one.definition.base], n_in, n_unknown)
    return found


def _size(engine: Engine, unit: Grain, base: str) -> int:
    column = base_column(unit, base)
    where = f"WHERE {column}" if column else ""
    return int(engine.value(f"SELECT count(*) FROM segments.{unit.value} {where}"))


def members_sql(judged: Judged, *, keys: frozenset[str]) -> str:
    """Long: segment, unit, subject_id of everybody who is in one of these segments."""
    found = [
        f"SELECT {quote(one.key)} AS segment, {quote(unit.value)} AS unit, {id_of(unit)} AS subject_id "
        f'FROM {table} WHERE "{one.key}"'
        for unit, table, segments in judged.pieces
        for one in segments
        if one.key in keys
    ]
    nobody = "SELECT '' AS segment, '' AS unit, '' AS subject_id WHERE FALSE"
    return " UNION ALL ".join(found or [nobody])


def parts_of(node: Node) -> tuple[Node, ...]:
    """The top-level parts of a rule, in the order in which they are numbered from 1."""
    return node.parts if isinstance(node, And) else (node,)


def clean(engine: Engine, judged: Judged) -> None:
    """Drop the working tables."""
    for _, table, _ in judged.pieces:
        engine.execute(f"DROP TABLE IF EXISTS {table}")
