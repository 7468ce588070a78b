"""Questions about segments, put to a published snapshot.

Counts leave by the disclosure door: exact where the asker may list the members (a segment that
selects), by the landlord's policy where they may only be counted.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rooftree.catalogue.load import load as load_catalogue
from rooftree.catalogue.model import Catalogue, DisclosurePolicy
from rooftree.catalogue.segment import BASES, SegmentDefinition
from rooftree.disclosure import door, protect
from rooftree.disclosure.ledger import Ledger, Note
from rooftree.pipeline.read import opened
from rooftree.segments import movement
from rooftree.segments.attrition import attrition
from rooftree.segments.compare import Difference, difference
from rooftree.segments.definition import Segment, Segments, compile_rule, load_segments
from rooftree.segments.english import parts_in_english, to_english
from rooftree.segments.examples import Outcome, run_examples
from rooftree.segments.lint import Finding, Held, lint
from rooftree.segments.schema import KNOWN, STATE_BITS, base_column, id_of
from rooftree.segments.sql import columns_sql, counted_sql, members_sql
from rooftree.segments.subject import Subject, subject
from rooftree.segments.text import to_text
from rooftree.segments.values_sql import Context
from rooftree.segments.why import Why, why
from rooftree.storage.engine import Engine
from rooftree.storage.snapshot import Snapshot
from rooftree.storage.workspace import Workspace
from rooftree.vocabulary.errors import DefinitionError, NotFound, PolicyDenied, Problem, UserError
from rooftree.vocabulary.states import Grain

EXACT = "exact"


@dataclass(frozen=True, slots=True)
class Told:
    """One segment in words. `problems` where it does not load; then `rule` is as written and `english` empty."""

    key: str
    label: str
    topic: str
    unit: str
    base: str
    purpose: str
    use: str
    rule: str
    english: str
    parts: tuple[str, ...]
    why: str
    action: str
    reads: tuple[str, ...]
    version: str
    owner: str
    checked_by: str
    reviewed_on: dt.date
    next_review_on: dt.date
    sources: tuple[str, ...]
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class FieldTold:
    """One thing that a rule may name."""

    key: str
    label: str
    kind: str
    of: str
    unit: str
    codes: tuple[str, ...]
    meaning: str
    select_for: tuple[str, ...]
    count_for: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Linted:
    """What a reader would ask about a rule, and how its examples turned out."""

    key: str
    english: str
    findings: tuple[Finding, ...]
    examples: tuple[Outcome, ...]
    problems: tuple[Problem, ...]

    @property
    def sound(self) -> bool:
        """Whether nothing speaks against using it."""
        failed = any(not one.holds for one in self.examples)
        return not failed and not self.problems and all(f.severity == "note" for f in self.findings)


@dataclass(frozen=True, slots=True)
class StepTold:
    """One part of a rule, with what it keeps, drops, and drops alone, as it may be shown."""

    text: str
    english: str
    kept: door.Figure
    dropped: door.Figure
    unknown: door.Figure
    only_this: door.Figure


@dataclass(frozen=True, slots=True)
class Counted:
    """How many are in a segment, as it may be shown. `policy` names the disclosure policy that was applied."""

    key: str
    label: str
    unit: str
    base: str
    as_of: dt.date
    snapshot: str
    policy: str
    n_base: door.Figure
    n_in: door.Figure
    n_unknown: door.Figure
    share: door.Figure
    steps: tuple[StepTold, ...] = ()


@dataclass(frozen=True, slots=True)
class Members:
    """The ids of those in a segment."""

    key: str
    unit: str
    purpose: str
    as_of: dt.date
    snapshot: str
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Source:
    """Where one value or event that a rule reads comes from."""

    key: str
    value: str | None
    state: str
    source_file: str | None
    source_row: int | None


@dataclass(frozen=True, slots=True)
class Explained:
    """Why one subject is in a segment, or is not. `in_base` False: the rule is not asked of it at all."""

    key: str
    label: str
    subject: str
    in_base: bool
    why: Why
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class Changed:
    """Two versions of a segment: what changed in words and, by the snapshot, in members."""

    key: str
    difference: Difference
    both: int
    only_old: int
    only_new: int


@dataclass(frozen=True, slots=True)
class Asked:
    """A snapshot open for questions about segments."""

    engine: Engine
    snapshot: Snapshot
    segments: Segments
    policy: DisclosurePolicy
    released: Path  # the ledger of released tables

    @property
    def as_of(self) -> dt.date:
        """The day the snapshot speaks of."""
        return self.snapshot.manifest.as_of

    def context(self, own: Segment | None = None) -> Context:
        """For compiling; `own` stands for the segment of its key, or is a new one."""
        ready = {**self.segments.ready, **({own.key: own} if own else {})}
        return Context(self.segments.catalogue, self.as_of, ready)


@contextmanager
def asking(workspace: Workspace, *, snapshot: str | None = None) -> Iterator[Asked]:
    """A snapshot with the landlord's segments and disclosure policy. NotFound where it holds no segment tables."""
    from rooftree.segments.events import make_views

    catalogue = load_catalogue(workspace.definitions)
    with opened(workspace, snapshot=snapshot) as (engine, found):
        if not engine.has("segments.person"):
            raise NotFound(
                f"The snapshot {found.id} was made before segments. Make a new one with: rooftree run"
            )
        make_views(engine, as_of=found.manifest.as_of, catalogue=catalogue)
        policy = catalogue.policies[workspace.settings.disclosure]
        yield Asked(engine, found, load_segments(catalogue), policy, workspace.ledger)


# --- what is defined ---------------------------------------------------------------------------


def listed(workspace: Workspace) -> tuple[Told, ...]:
    """Every segment of the landlord, those that do not load too."""
    found = load_segments(load_catalogue(workspace.definitions))
    return tuple(told(key, found) for key in found.catalogue.segments)


def shown(workspace: Workspace, key: str) -> Told:
    """One segment in words."""
    found = load_segments(load_catalogue(workspace.definitions))
    if key not in found.catalogue.segments:
        raise NotFound(f"There is no segment {key}. See: rooftree segment list")
    return told(key, found)


def told(key: str, found: Segments) -> Told:
    """One segment in words; with its problems where it does not load."""
    d = found.catalogue.segments[key]
    ready = found.ready.get(key)
    where = found.scope(ready) if ready else None
    return Told(
        key=key,
        label=d.label,
        topic=d.topic,
        unit=d.unit.value,
        base=d.base,
        purpose=d.purpose,
        use=d.use,
        rule=to_text(ready.node, events=dict(found.catalogue.events)) if ready else d.rule,
        english=to_english(ready.node, where) if ready and where else "",
        parts=parts_in_english(ready.node, where) if ready and where else (),
        why=d.why,
        action=d.action,
        reads=tuple(sorted(ready.reads)) if ready else (),
        version=ready.version if ready else "",
        owner=d.owner,
        checked_by=d.checked_by,
        reviewed_on=d.reviewed_on,
        next_review_on=d.next_review_on,
        sources=d.sources,
        problems=tuple(found.broken[key].problems) if key in found.broken else (),
    )


def fields(catalogue: Catalogue, text: str = "") -> tuple[FieldTold, ...]:
    """What a rule may name, whose key, label or meaning holds all words of the text."""
    from rooftree.segments.fields import all_fields

    words = text.lower().split()
    found = []
    for key, known in all_fields(catalogue).items():
        thing = known.thing
        if all(word in f"{key} {known.label} {thing.meaning}".lower() for word in words):
            codes = known.codes.keys if known.codes else ()
            found.append(
                FieldTold(
                    key, known.label, known.kind.value, known.grain.value, known.unit, codes, thing.meaning,
                    thing.select_for, thing.count_for,
                )
            )  # fmt: skip
    return tuple(sorted(found, key=lambda one: one.key))


def written(
    workspace: Workspace, rule: str, *, unit: str, purpose: str, use: str = "select", base: str = ""
) -> tuple[Segment, Segments]:
    """A rule that is being written, as a segment of its own. Raises RuleError, UserError."""
    if unit not in [grain.value for grain in Grain]:
        raise UserError(f"'{unit}' is no unit. Use one of {', '.join(g.value for g in Grain)}.")
    grain = Grain(unit)
    if base and base not in BASES[grain]:
        raise UserError(f"'{base}' is no base of a {unit}. Use one of {', '.join(BASES[grain])}.")
    found = load_segments(load_catalogue(workspace.definitions))
    day = dt.date.min
    definition = SegmentDefinition(
        key="new", label="", topic="", unit=grain, base=base or BASES[grain][0], purpose=purpose, use=use, rule=rule,
        why="", owner="", checked_by="", reviewed_on=day, next_review_on=day, examples=(), where="the command",
    )  # fmt: skip
    return compile_rule(definition, found.catalogue, found.ready), found


def linted(workspace: Workspace, key: str, *, with_data: bool = True) -> Linted:
    """Lint of one segment, with its examples; with a snapshot, also what its data say."""
    found = load_segments(load_catalogue(workspace.definitions))
    if key in found.broken:
        return Linted(key, "", (), (), tuple(found.broken[key].problems))
    segment = found[key]
    where = found.scope(segment)
    held = _held(workspace, segment) if with_data else None
    findings = lint(segment.node, where, label=segment.definition.label, held=held)
    outcomes, problems = run_examples(segment, where)
    return Linted(key, to_english(segment.node, where), findings, outcomes, problems)


def _held(workspace: Workspace, segment: Segment) -> Held | None:
    """What the current snapshot says of the fields a segment reads; None where there is no snapshot yet."""
    try:
        with asking(workspace) as asked:
            return held(asked, segment)
    except NotFound:
        return None


def held(asked: Asked, segment: Segment) -> Held:
    """How many of the base have each value, and since when each kind of event is held."""
    d = segment.definition
    columns = {name for name, _ in asked.engine.columns(f"segments.{d.unit.value}")}
    keys = [key for key in sorted(segment.reads) if f"{key}{KNOWN}" in columns or key in columns]
    counts = ["count(*)"]
    for key in keys:
        packed = (
            f'("{key}{KNOWN}" & {STATE_BITS}) = 0'
            if f"{key}{KNOWN}" in columns
            else f'"{key}" IS NOT NULL'
        )
        counts.append(f"count(CASE WHEN {packed} THEN 1 END)")
    base = counted_base(segment)
    (row,) = asked.engine.rows(
        f"SELECT {', '.join(counts)} FROM segments.{d.unit.value} s WHERE {base}"
    )
    events = [key.removeprefix("event:") for key in segment.reads if key.startswith("event:")]
    first = {e: asked.engine.value(f"SELECT min(on_date) FROM segments.event_{e}") for e in events}
    return Held(row[0], dict(zip(keys, row[1:], strict=True)), first, asked.as_of)


def counted_base(segment: Segment) -> str:
    """The condition of a segment's base on its unit's table, as SQL."""
    column = base_column(segment.definition.unit, segment.definition.base)
    return f"s.{column}" if column else "TRUE"


# --- what is counted and listed ----------------------------------------------------------------


def policy_for(segment: Segment, asked: Asked) -> DisclosurePolicy:
    """Exact for a segment whose members may be listed; else the landlord's policy."""
    if segment.definition.use == "select":
        return asked.segments.catalogue.policies[EXACT]
    return asked.policy


def counted(asked: Asked, segment: Segment, *, note: Note | None = None) -> Counted:
    """How many are in, and what each part of the rule keeps and drops.

    A segment that may only be counted is one small table (in, not in, cannot be told): it is protected
    by the landlord's policy, checked against all that was released before, and recorded with `note`.
    What its parts keep is not told, since two counts less one another tell of a few. Raises
    PolicyDenied where the count together with earlier ones would tell of a few people.
    """
    policy = policy_for(segment, asked)
    if policy.exact:
        return _exactly(asked, segment, policy)
    return _protected(asked, segment, policy, note or Note(name=segment.key))


def _exactly(asked: Asked, segment: Segment, policy: DisclosurePolicy) -> Counted:
    d = segment.definition
    context = asked.context(segment)
    (row,) = asked.engine.rows(counted_sql(segment.node, d.unit, d.base, context))
    n_base, n_in, n_unknown = row
    found = attrition(asked.engine, segment.node, unit=d.unit, base=d.base, context=context)
    where = asked.segments.scope(segment)
    steps = [
        StepTold(
            step.text,
            to_english(step.node, where),
            *(
                door.count(n, policy)
                for n in (step.kept, step.dropped, step.unknown, step.only_this)
            ),
        )
        for step in found.steps
    ]
    return _counted(
        asked, segment, policy, door.count(n_base, policy), door.count(n_in, policy),
        door.count(n_unknown, policy), door.share(n_in, n_base, policy), tuple(steps),
    )  # fmt: skip


def _protected(asked: Asked, segment: Segment, policy: DisclosurePolicy, note: Note) -> Counted:
    """The counts as one table of three rows and a total, attacked by itself and with what was released before."""
    d = segment.definition
    key = id_of(d.unit)
    judged = columns_sql({"truth": segment.node}, d.unit, asked.context(segment))
    column = base_column(d.unit, d.base)
    among = f"WHERE b.{column}" if column else ""
    rows = asked.engine.execute(
        f"""SELECT j.{key}, CASE WHEN truth THEN 'in' WHEN NOT truth THEN 'out' ELSE 'unknown' END AS answer
        FROM ({judged}) j JOIN segments.{d.unit.value} b USING ({key}) {among}"""
    ).to_arrow_table()
    noted = replace(note, population=f"{d.base} by {segment.version}", snapshot=asked.snapshot.id)
    with Ledger.open(asked.released) as ledger:
        found = protect(
            rows, by="answer", policy=policy, unit=key, order={"answer": ["in", "out", "unknown"]},
            shares=["answer"], released=ledger, note=noted,
        )  # fmt: skip
    cells = {row["answer"]: row for row in found.table.to_pylist()}
    figures = {
        name: door.Figure(row["value"], row["text"], row["status"]) for name, row in cells.items()
    }
    total = next(figure for name, figure in figures.items() if name not in ("in", "out", "unknown"))
    share = _share(cells["in"], policy)
    return _counted(asked, segment, policy, total, figures["in"], figures["unknown"], share, ())


def _share(cell: Mapping[str, Any], policy: DisclosurePolicy) -> door.Figure:
    """The percentage that the protected table gives for a cell."""
    value = next((cell[name] for name in cell if name.startswith("share")), None)
    if value is None:
        return door.Figure(None, policy.hidden_text, cell["status"])
    return door.Figure(value, f"{value:.{policy.percentage_decimals}f}%", cell["status"])


def _counted(
    asked: Asked,
    segment: Segment,
    policy: DisclosurePolicy,
    n_base: door.Figure,
    n_in: door.Figure,
    n_unknown: door.Figure,
    share: door.Figure,
    steps: tuple[StepTold, ...],
) -> Counted:
    d = segment.definition
    return Counted(
        key=segment.key, label=d.label, unit=d.unit.value, base=d.base, as_of=asked.as_of,
        snapshot=asked.snapshot.id, policy=policy.key, n_base=n_base, n_in=n_in, n_unknown=n_unknown,
        share=share, steps=steps,
    )  # fmt: skip


def members(asked: Asked, segment: Segment, *, purpose: str, on: dt.date | None = None) -> Members:
    """Who is in; with `on`, who was in at the end of an earlier day, by what the runs have kept.

    Raises PolicyDenied where the segment may only be counted, or is for another purpose.
    """
    d = segment.definition
    if d.use != "select":
        raise PolicyDenied(
            f"The segment {d.key} may only be counted. Its members are listed to nobody."
        )
    if purpose != d.purpose:
        raise PolicyDenied(
            f"The segment {d.key} is for {d.purpose}. Its members are not listed for {purpose}."
        )
    if on is None:
        rows = asked.engine.rows(members_sql(segment.node, d.unit, d.base, asked.context(segment)))
        ids = tuple(row[0] for row in rows)
    else:
        ids = tuple(movement.members(asked.engine, d.key, on=on))
    return Members(d.key, d.unit.value, purpose, on or asked.as_of, asked.snapshot.id, ids)


def explained(asked: Asked, segment: Segment, subject_id: str, *, purpose: str) -> Explained:
    """Why one subject is in or out, down to the rows. PolicyDenied as for `members`."""
    d = segment.definition
    if d.use != "select" or purpose != d.purpose:
        raise PolicyDenied(
            f"The segment {d.key} is for {d.purpose} ({d.use}). Nobody is explained by it for {purpose}."
        )
    context = asked.context(segment)
    found = subject(
        asked.engine, segment.node, subject_id, unit=d.unit, base=d.base, context=context
    )
    where = asked.segments.scope(segment)
    answer = why(segment.node, found.case, where)
    return Explained(
        d.key, d.label, subject_id, found.in_base, answer, _sources(asked, segment, found)
    )


def _sources(asked: Asked, segment: Segment, found: Subject) -> tuple[Source, ...]:
    """File and row of every attribute of the subject (and what it belongs to), and every event, that the rule reads."""
    keys = sorted(key for key in segment.reads if key in asked.segments.catalogue.attributes)
    ids = [found.row[f"{grain.value}_id"] for grain in Grain if found.row.get(f"{grain.value}_id")]
    rows: list[tuple[Any, ...]] = []
    if keys and ids:
        marks = ", ".join("?" * len(keys)), ", ".join("?" * len(ids))
        rows = asked.engine.rows(
            f"""SELECT attribute, value, state, source_file, source_row FROM profile.value
            WHERE attribute IN ({marks[0]}) AND subject_id IN ({marks[1]}) ORDER BY attribute""",
            [*keys, *ids],
        )
    for key, events in sorted(found.case.events.items()):
        rows += [
            (key, _event_told(one), "event", one["source_file"], one["source_row"])
            for one in events
        ]
    return tuple(Source(*row) for row in rows)


def _event_told(event: Mapping[str, Any]) -> str:
    """An event in one line: its day, and the fields that are known."""
    left_out = ("person_id", "tenancy_id", "home_id", "on_date", "source_file", "source_row")
    fields = [
        f"{key} {value}"
        for key, value in event.items()
        if key not in left_out and value is not None
    ]
    return ", ".join([str(event["on_date"]), *fields])


def changed(asked: Asked, old: Segment, new: Segment) -> Changed:
    """What a change of the rule changes, in words and in members. The two must be of one unit."""
    if old.definition.unit != new.definition.unit:
        raise DefinitionError(
            [Problem(new.definition.where, "the two versions are of different units.")]
        )
    where = asked.segments.scope(new)
    words = difference(old.node, new.node, where)
    before = members_sql(old.node, old.definition.unit, old.definition.base, asked.context(old))
    after = members_sql(new.node, new.definition.unit, new.definition.base, asked.context(new))
    (row,) = asked.engine.rows(
        f"""SELECT count(CASE WHEN a.subject_id IS NOT NULL AND b.subject_id IS NOT NULL THEN 1 END),
          count(CASE WHEN b.subject_id IS NULL THEN 1 END), count(CASE WHEN a.subject_id IS NULL THEN 1 END)
        FROM ({before}) a FULL JOIN ({after}) b ON a.subject_id = b.subject_id"""
    )
    return Changed(new.key, words, *row)


def chosen(
    workspace: Workspace,
    asked: Asked,
    key: str | None,
    *,
    rule: str | None,
    unit: str,
    purpose: str | None,
    use: str,
    base: str,
) -> Segment:
    """The segment that a command names, or the rule that it brings."""
    if (key is None) == (rule is None):
        raise UserError("Name a segment, or give a rule with --rule; not both.")
    if key is not None:
        return asked.segments[key]
    if not purpose:
        raise UserError("A rule needs --purpose. See: rooftree check --purposes")
    return written(workspace, rule or "", unit=unit, purpose=purpose, use=use, base=base)[0]


def versions(
    workspace: Workspace, asked: Asked, key: str, *, rule: str | None, since: str | None
) -> tuple[Segment, Segment]:
    """The two versions that a command compares: now and as it would be, or as it was in a snapshot and now."""
    now = asked.segments[key]
    if (rule is None) == (since is None):
        raise UserError(
            "Give the rule as it would be with --rule, or a snapshot with --since; not both."
        )
    if since is None:
        return now, _with_rule(now, rule or "", asked)
    with opened(workspace, snapshot=since) as (engine, found):
        was = engine.value("SELECT rule FROM segments.evaluated WHERE segment = ?", [key])
        if was is None:
            raise NotFound(f"The snapshot {found.id} has no segment {key}.")
    return _with_rule(now, was, asked), now


def _with_rule(segment: Segment, rule: str, asked: Asked) -> Segment:
    """The segment with another rule, checked by today's catalogue."""
    definition = replace(segment.definition, rule=rule, where=f"another version of {segment.key}")
    return compile_rule(definition, asked.segments.catalogue, asked.segments.ready)
