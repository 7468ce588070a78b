"""Who is in each segment, since when and why: spells, carried from the snapshot before.

    before.spell  ┐
    truths now    ┴→  stayed, entered, left  →  segments.spell, segments.evaluated

A segment that fails keeps its last good members. A subject who withdrew a value loses every stay in
every segment that reads it, closed ones too: they were derived from it. One who is still in begins anew.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

import pyarrow as pa

from rooftree.catalogue.segment import SegmentDefinition
from rooftree.segments import judging
from rooftree.segments.definition import Segment, Segments
from rooftree.segments.events import make_views
from rooftree.segments.judging import Counted, Judged
from rooftree.segments.lint import walk
from rooftree.segments.nodes import InSegment, Members, Node
from rooftree.segments.reasons import turned
from rooftree.segments.schema import EVALUATED, SPELL
from rooftree.segments.values_sql import Context
from rooftree.segments.withdrawal import Reads
from rooftree.segments.withdrawal import find as find_withdrawn
from rooftree.storage.engine import Engine, Model
from rooftree.storage.snapshot import Snapshot
from rooftree.storage.tables import Table
from rooftree.vocabulary.errors import RooftreeError
from rooftree.vocabulary.progress import NoProgress, Progress
from rooftree.vocabulary.states import Grain

_NOW, _BEFORE, _MOVER = "_tmp_segments_now", "_tmp_segments_before", "_tmp_segments_mover"
_OPEN, _WITHDRAWN = "_tmp_segments_open", "_tmp_segments_withdrawn"
_FAILING, _FAILED_BEFORE = "_tmp_segments_failing", "_tmp_segments_failing_before"
_STATE = "_tmp_segments_state"
_WORKING = (_NOW, _BEFORE, _MOVER, _OPEN, _WITHDRAWN, _FAILING, _FAILED_BEFORE, _STATE)


@dataclass(frozen=True, slots=True)
class Earlier:
    """What the snapshot before says of one segment."""

    version: str
    n_base: int | None
    n_in: int | None
    n_unknown: int | None
    good_on: dt.date | None
    reads: str


@dataclass(frozen=True, slots=True)
class _Run:
    """One evaluation: what is known of each segment, now and before."""

    engine: Engine
    segments: Segments
    context: Context
    before: Snapshot | None
    judged: Judged = field(default_factory=lambda: Judged((), {}))
    counts: Mapping[str, Counted] = field(default_factory=dict)
    earlier: Mapping[str, Earlier] = field(default_factory=dict)

    @property
    def definitions(self) -> Mapping[str, SegmentDefinition]:
        return self.segments.catalogue.segments

    @property
    def selecting(self) -> frozenset[str]:
        """The segments whose members may be listed: of the others no membership is written."""
        return frozenset(key for key, one in self.definitions.items() if one.use == "select")

    def problem(self, key: str) -> str | None:
        """Why a segment could not be evaluated; None where it was."""
        if key in self.segments.broken:
            return str(self.segments.broken[key])
        return self.judged.problems.get(key)


def build(
    engine: Engine,
    *,
    as_of: dt.date,
    segments: Segments,
    before: Snapshot | None = None,
    progress: Progress | None = None,
) -> None:
    """Leave segments.spell and segments.evaluated in the engine, at one as_of.

    Reads the wide tables and events that are in the engine, and the spells of `before`, the snapshot
    that this one follows, whose as_of is not later.
    """
    context = Context(segments.catalogue, as_of, segments.ready)
    with (progress or NoProgress()).step("Segments", total=4, unit="steps") as step:
        judged = judging.judge(engine, list(segments), context)
        step.advance()
        counted = judging.counts(engine, judged)
        step.advance()
        _read_before(engine, before)
        run = _Run(engine, segments, context, before, judged, counted, _earlier(engine, before))
        asked = _gather(run)
        engine.build(Model(SPELL, _SPELL_SQL), parameters={"as_of": as_of, "asked": asked})
        step.advance()
        _write_evaluated(run)
        step.advance()
    judging.clean(engine, judged)
    for name in _WORKING:
        engine.execute(f"DROP TABLE IF EXISTS {name}")


def _read_before(engine: Engine, before: Snapshot | None) -> None:
    """The spells so far, under the ids of today: two people who became one carry on as one."""
    _empty(engine, _BEFORE, SPELL)
    if before is None or "segments.spell" not in before.manifest.tables:
        return
    engine.attach("before.spell", before.files("segments.spell"))
    columns = ", ".join(
        "coalesce(e.person_id, b.subject_id)" if name == "subject_id" else f'b."{name}"'
        for name in SPELL.names
    )
    merged = "SELECT other_person_id, person_id FROM identity.event WHERE event = 'merged'"
    if not engine.has("identity.event"):
        merged = "SELECT '' AS other_person_id, '' AS person_id WHERE FALSE"
    engine.execute(f"""INSERT INTO {_BEFORE} SELECT {columns} FROM before.spell b
        LEFT JOIN ({merged}) e ON b.unit = 'person' AND e.other_person_id = b.subject_id""")


def _empty(engine: Engine, name: str, table: Table) -> None:
    columns = ", ".join(f'"{column.name}" {column.type}' for column in table)
    engine.execute(f"CREATE OR REPLACE TABLE {name} ({columns})")


def _earlier(engine: Engine, before: Snapshot | None) -> dict[str, Earlier]:
    if before is None or "segments.evaluated" not in before.manifest.tables:
        return {}
    engine.attach("before.evaluated", before.files("segments.evaluated"))
    rows = engine.rows(
        "SELECT segment, version, n_base, n_in, n_unknown, good_on, reads FROM before.evaluated"
    )
    return {row[0]: Earlier(*row[1:]) for row in rows}


def _gather(run: _Run) -> bool:
    """Leave who is in now, who moved, and for what reasons; answers whether the snapshot before could be asked."""
    engine, selecting = run.engine, run.selecting
    now = judging.members_sql(run.judged, keys=selecting)
    engine.execute(f"CREATE OR REPLACE TABLE {_NOW} AS {now}")
    find_withdrawn(engine, _WITHDRAWN, _reads(run))
    _put_state(run)
    engine.execute(f"""
        DELETE FROM {_BEFORE} b WHERE EXISTS (
            SELECT 1 FROM {_STATE} s WHERE s.segment = b.segment AND NOT s.selects);
        DELETE FROM {_BEFORE} b WHERE EXISTS (
            SELECT 1 FROM {_WITHDRAWN} w WHERE w.segment = b.segment AND w.subject_id = b.subject_id)
          AND NOT (b.left_on IS NULL AND b.entered_why = 'withdrawn');
        CREATE OR REPLACE TABLE {_OPEN} AS
        SELECT segment, unit, subject_id, min(entered_on) AS entered_on,
          arg_min(entered_why, entered_on) AS entered_why, arg_min(version, entered_on) AS version
        FROM {_BEFORE} WHERE left_on IS NULL GROUP BY ALL;
        CREATE OR REPLACE TABLE {_MOVER} AS
        SELECT n.segment, n.unit, n.subject_id, FALSE AS leaves
        FROM {_NOW} n ANTI JOIN {_OPEN} o USING (segment, subject_id)
        UNION ALL
        SELECT o.segment, o.unit, o.subject_id, TRUE
        FROM {_OPEN} o ANTI JOIN {_NOW} n USING (segment, subject_id)
        WHERE o.segment NOT IN (SELECT segment FROM {_STATE} WHERE failed)
    """)
    return _find_reasons(run)


def _reads(run: _Run) -> dict[str, Reads]:
    """What each segment whose stays are kept reads now and, so that older stays go too, read before."""
    found: dict[str, Reads] = {}
    for key in run.selecting:
        ready, last = run.segments.ready.get(key), run.earlier.get(key)
        fields = ready.reads if ready else frozenset[str]()
        if last is not None:
            fields |= frozenset(last.reads.split(";"))
        unit = run.definitions[key].unit
        members = ready is None or unit != Grain.PERSON or asks_others(ready.node)
        found[key] = Reads(unit, fields, members)
    return found


def asks_others(node: Node) -> bool:
    """Whether a rule may read what is known of other people in the household."""
    return any(isinstance(part, Members | InSegment) for part in walk(node))


def _put_state(run: _Run) -> None:
    """What is known of each segment, for the statements that follow."""
    keys = sorted(run.definitions)
    ready = [run.segments.ready.get(key) for key in keys]
    last = [run.earlier.get(key) for key in keys]
    table = pa.table(
        {
            "segment": pa.array(keys, pa.string()),
            "selects": pa.array([key in run.selecting for key in keys], pa.bool_()),
            "failed": pa.array([run.problem(key) is not None for key in keys], pa.bool_()),
            "version": pa.array([one.version if one else "" for one in ready], pa.string()),
            "is_first": pa.array([one is None or one.good_on is None for one in last], pa.bool_()),
            "has_changed": pa.array(
                [_changed(a, b) for a, b in zip(ready, last, strict=True)], pa.bool_()
            ),
        }
    )
    run.engine.con.register("_given", table)
    run.engine.execute(f"CREATE OR REPLACE TABLE {_STATE} AS SELECT * FROM _given")
    run.engine.con.unregister("_given")


def _changed(ready: Segment | None, last: Earlier | None) -> bool:
    return ready is not None and last is not None and ready.version != last.version


def _find_reasons(run: _Run) -> bool:
    """Which parts of the rule do not hold for those who moved: of today's data, and of those before."""
    leavers = f"(SELECT * FROM {_MOVER} WHERE leaves)"
    turned(run.engine, _FAILING, leavers, run.segments.ready, run.context)
    run.engine.execute(
        f"CREATE OR REPLACE TABLE {_FAILED_BEFORE} AS SELECT * FROM {_FAILING} WHERE FALSE"
    )
    moved = run.engine.value(f"SELECT count(*) FROM {_MOVER}")
    if run.before is None or not moved or "segments.person" not in run.before.manifest.tables:
        return False
    movers = run.engine.execute(
        f"SELECT m.segment, m.unit, m.subject_id FROM {_MOVER} m JOIN {_STATE} s USING (segment) WHERE NOT s.is_first"
    ).to_arrow_table()
    found = _reasons_before(run, run.before, movers)
    if found is not None:
        run.engine.con.register("_given", found)
        run.engine.execute(f"INSERT INTO {_FAILED_BEFORE} SELECT * FROM _given")
        run.engine.con.unregister("_given")
    return found is not None


def _reasons_before(run: _Run, before: Snapshot, movers: pa.Table) -> pa.Table | None:
    """Today's rules over the tables of the snapshot before; None where they cannot be asked of it.

    A snapshot of an older catalogue may lack a column that a rule reads. The reason is then told
    without the numbers of the parts.
    """
    import duckdb

    tables = [
        name
        for name in before.manifest.tables
        if name.startswith(("segments.", "identity.")) or name == "staging.account_transaction"
    ]
    as_of = before.manifest.as_of
    context = Context(run.segments.catalogue, as_of, run.segments.ready)
    with Engine(threads=2, memory_limit="2GB") as other:
        before.attach(other, tables=tables)
        make_views(other, as_of=as_of, catalogue=run.segments.catalogue)
        other.con.register("_movers", movers)
        try:
            turned(other, _FAILING, "_movers", run.segments.ready, context)
        except (duckdb.Error, RooftreeError):
            return None
        return other.execute(f"SELECT * FROM {_FAILING}").to_arrow_table()


_DATA = "CASE WHEN {0}.failing <> '' THEN concat('data: ', {0}.failing) ELSE 'data' END"

_SPELL_SQL = f"""
    SELECT segment, unit, subject_id, entered_on, entered_why, left_on, left_why, version
    FROM {_BEFORE} WHERE left_on IS NOT NULL
    UNION ALL
    SELECT o.segment, o.unit, o.subject_id, o.entered_on, o.entered_why,
      CASE WHEN n.segment IS NULL AND NOT coalesce(s.failed, FALSE) THEN CAST(:as_of AS DATE) END AS left_on,
      CASE WHEN n.segment IS NOT NULL OR coalesce(s.failed, FALSE) THEN NULL
        WHEN s.segment IS NULL THEN 'definition'
        WHEN f.segment IS NULL OR NOT f.in_base THEN 'base'
        WHEN s.has_changed AND (b.segment IS NULL OR b.failing <> '') THEN 'definition'
        ELSE {_DATA.format("f")} END AS left_why,
      o.version
    FROM {_OPEN} o
    LEFT JOIN {_STATE} s ON s.segment = o.segment
    LEFT JOIN {_NOW} n ON n.segment = o.segment AND n.subject_id = o.subject_id
    LEFT JOIN {_FAILING} f ON f.segment = o.segment AND f.subject_id = o.subject_id
    LEFT JOIN {_FAILED_BEFORE} b ON b.segment = o.segment AND b.subject_id = o.subject_id
    UNION ALL
    SELECT n.segment, n.unit, n.subject_id, CAST(:as_of AS DATE) AS entered_on,
      CASE WHEN w.segment IS NOT NULL AND NOT s.is_first THEN 'withdrawn'
        WHEN s.is_first THEN 'first'
        WHEN NOT :asked THEN CASE WHEN s.has_changed THEN 'definition' ELSE 'data' END
        WHEN b.segment IS NULL OR NOT b.in_base THEN 'base'
        WHEN b.failing = '' AND s.has_changed THEN 'definition'
        ELSE {_DATA.format("b")} END AS entered_why,
      CAST(NULL AS DATE) AS left_on, CAST(NULL AS VARCHAR) AS left_why, s.version
    FROM {_NOW} n
    JOIN {_STATE} s ON s.segment = n.segment
    LEFT JOIN {_OPEN} o ON o.segment = n.segment AND o.subject_id = n.subject_id
    LEFT JOIN {_WITHDRAWN} w ON w.segment = n.segment AND w.subject_id = n.subject_id
    LEFT JOIN {_FAILED_BEFORE} b ON b.segment = n.segment AND b.subject_id = n.subject_id
    WHERE o.segment IS NULL
"""


def _write_evaluated(run: _Run) -> None:
    removed = dict(
        run.engine.rows(f"SELECT segment, count(DISTINCT subject_id) FROM {_WITHDRAWN} GROUP BY 1")
    )
    rows = [_evaluated(run, key, removed.get(key, 0)) for key in sorted(run.definitions)]
    run.engine.schema(EVALUATED.stage)
    _empty(run.engine, EVALUATED.full_name, EVALUATED)
    if rows:
        marks = ", ".join("?" for _ in EVALUATED.names)
        run.engine.con.executemany(f"INSERT INTO {EVALUATED.full_name} VALUES ({marks})", rows)
    run.engine.check(EVALUATED)


def _evaluated(run: _Run, key: str, n_removed: int) -> list[object]:
    definition, last, problem = run.definitions[key], run.earlier.get(key), run.problem(key)
    ready, counted = run.segments.ready.get(key), run.counts.get(key)
    reads = ";".join(sorted(ready.reads)) if ready else last.reads if last else ""
    version = ready.version if ready else last.version if last else ""
    figures: list[object]
    if problem is None and counted is not None:
        figures = [counted.n_base, counted.n_in, counted.n_unknown]
        good_on: dt.date | None = run.context.as_of
    else:
        figures = [last.n_base, last.n_in, last.n_unknown] if last else [None, None, None]
        good_on = last.good_on if last else None
    return [
        key, version, definition.label, definition.unit.value, definition.purpose, definition.use,
        definition.base, *figures, "ok" if problem is None else "failed", problem, good_on, n_removed, reads,
    ]  # fmt: skip
