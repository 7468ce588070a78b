"""Questions put to a published snapshot."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rooftree.catalogue.load import load as load_catalogue
from rooftree.catalogue.model import Attribute
from rooftree.identity.linking import NEWS_FROM
from rooftree.pipeline import record as records
from rooftree.pipeline import reports, summary
from rooftree.pipeline.decide import Decision, standing
from rooftree.pipeline.export import Exported, export_people
from rooftree.pipeline.opening import opened
from rooftree.profile.explain import Explanation, explain
from rooftree.profile.ordering import Statement
from rooftree.staging.corrections import corrections_path
from rooftree.staging.corrections import export_rejects as write_rejects
from rooftree.storage.engine import Engine
from rooftree.storage.lookup import Hit, Lookup
from rooftree.storage.snapshot import Snapshot, published_ids
from rooftree.storage.workspace import Workspace
from rooftree.vocabulary.errors import NotFound, PolicyDenied, UserError

LOOKUP = "lookup.sqlite"


@dataclass(frozen=True, slots=True)
class Pair:
    """Two records that may be one person; `decision`: what somebody decided about them, if anybody did."""

    first: str
    second: str
    probability: float | None
    weight: float | None
    reason: str
    evidence: Any
    decision: Decision | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """One rule that refused rows of one table of one extract."""

    system: str
    extract: str
    table: str
    rule: str
    field: str
    rows: int
    remedy: str


@contextmanager
def looked_up(workspace: Workspace, *, snapshot: str | None = None) -> Iterator[Lookup]:
    """The snapshot's look-up of people."""
    found = Snapshot.open(workspace.snapshots, id=snapshot)
    with Lookup.open(found.path(LOOKUP)) as lookup:
        yield lookup


def completeness(
    workspace: Workspace, *, snapshot: str | None = None
) -> tuple[summary.Completeness, ...]:
    """How complete each attribute is."""
    with opened(workspace, snapshot=snapshot) as (engine, _):
        return summary.completeness(engine)


def quality(
    workspace: Workspace, *, snapshot: str | None = None, out: Path | None = None
) -> summary.Quality:
    """What is odd in the data; with `out`, also written there as page, workbook and JSON."""
    with opened(workspace, snapshot=snapshot) as (engine, found):
        if out is not None:
            reports.write(reports.read(found), out, landlord=workspace.settings.name)
        return summary.Quality(summary.issues(engine))


def find(
    workspace: Workspace, text: str, *, snapshot: str | None = None, limit: int = 20
) -> list[Hit]:
    """People who match a text."""
    with looked_up(workspace, snapshot=snapshot) as lookup:
        return records.find(lookup, text, limit=limit)


def person(
    workspace: Workspace, person_id: str, *, purpose: str, snapshot: str | None = None
) -> records.Record:
    """One person's record, cut to the purpose."""
    catalogue = load_catalogue(workspace.definitions)
    with looked_up(workspace, snapshot=snapshot) as lookup:
        return records.show(lookup, person_id, purpose=purpose, catalogue=catalogue)


def why(
    workspace: Workspace,
    person_id: str,
    attribute: str,
    *,
    purpose: str,
    as_of: dt.date | None = None,
    snapshot: str | None = None,
) -> Explanation:
    """Why the value of one attribute of one person stands, with every statement and its file and row.

    An earlier `as_of` is answered from the kept snapshot of that day, where there is one that knows the
    person: as the systems and the identities stood then. Else from the statements of the snapshot at
    hand, under its identities, and a note says so.
    """
    catalogue = load_catalogue(workspace.definitions)
    records.check_purpose(purpose, catalogue)
    declared = catalogue.attributes.get(attribute)
    if declared is None:
        raise NotFound(
            f"There is no attribute '{attribute}'. They are listed in docs/reference/attributes.md."
        )
    reason = records.why_hidden(declared, purpose)
    if reason:
        allowed = ", ".join(declared.select_for) or "no purpose that looks at one person"
        raise PolicyDenied(
            f"'{attribute}' may not be read for '{purpose}' ({reason}). It may be for: {allowed}."
        )
    then = _of_day(workspace, as_of, person_id) if as_of is not None and snapshot is None else None
    snapshot = then or snapshot
    with looked_up(workspace, snapshot=snapshot) as lookup:
        if lookup.document(person_id) is None:
            raise NotFound(
                f"No person {person_id} in this snapshot. Find the id with: rooftree profile find TEXT"
            )
    with opened(workspace, snapshot=snapshot) as (engine, found):
        statements = _statements(engine, person_id, attribute)
        codes = catalogue.code_lists.get(declared.codes or "")
        told = explain(
            statements,
            declared,
            as_of or found.manifest.as_of,
            left_on=_left_on(engine, person_id, found.manifest.as_of),
            codes=codes,
        )
        notes = (*told.notes, *_looking_back(found.manifest.as_of, as_of, declared))
        return dataclasses.replace(told, notes=notes, lineage=_named(engine, told.lineage))


def _of_day(workspace: Workspace, day: dt.date, person_id: str) -> str | None:
    """The newest kept snapshot of that day which knows the person; None where there is none."""
    kept = [
        Snapshot.open(workspace.snapshots, id=each) for each in published_ids(workspace.snapshots)
    ]
    for one in sorted(
        (k for k in kept if k.manifest.as_of == day), key=lambda k: -k.manifest.sequence
    ):
        with Lookup.open(one.path(LOOKUP)) as lookup, suppress(NotFound):
            if lookup.document(person_id) is not None:
                return one.id
    return None


def _looking_back(picture: dt.date, day: dt.date | None, declared: Attribute) -> Iterator[str]:
    if day is None or day == picture:
        return
    yield (
        f"No kept snapshot of {day.isoformat()} knows this person: the answers of that day are shown as the "
        f"picture of {picture.isoformat()} joins records to people. What was withdrawn since stays away."
    )
    if declared.derived_from:
        yield "It is worked out for the day of a picture, and for no other day."


def _named(engine: Engine, lineage: str | None) -> str | None:
    """The lineage with the file's own name before its id, which few people know by heart."""
    if lineage is None:
        return None
    for file, name in engine.rows(
        "SELECT source_file, min(name) FROM staging.file GROUP BY 1 ORDER BY 1"
    ):
        lineage = lineage.replace(f"file {file}", f"file {name} ({file})")
    return lineage


_STATEMENT = tuple(f.name for f in dataclasses.fields(Statement))


def _statements(engine: Engine, person_id: str, attribute: str) -> list[Statement]:
    rows = engine.rows(
        f"""SELECT {", ".join(_STATEMENT)} FROM profile.statement
        WHERE subject_id = ? AND attribute = ? AND grain = 'person' ORDER BY statement_no""",
        [person_id, attribute],
    )
    return [Statement(**dict(zip(_STATEMENT, row, strict=True))) for row in rows]


def _left_on(engine: Engine, person_id: str, as_of: dt.date) -> dt.date | None:
    """The end of the person's last tenancy; None for one who has a tenancy now, or never had one."""
    ends = engine.rows(
        """SELECT least(coalesce(m.to_on, t.ended_on), coalesce(t.ended_on, m.to_on))
        FROM identity.member m JOIN identity.tenancy t USING (tenancy_id) WHERE m.person_id = ?""",
        [person_id],
    )
    days = [day for (day,) in ends]
    return max(days) if days and all(day is not None and day < as_of for day in days) else None


def pairs_to_review(
    workspace: Workspace, *, snapshot: str | None = None, limit: int = 20, decided: bool = False
) -> list[Pair]:
    """Pairs that the model doubts, likeliest first.

    A pair that somebody has decided on since the snapshot was made, or on which somebody could not
    tell and nothing has changed much since, is left out, or with `decided` shown too.
    """
    decisions = {tuple(sorted((d.first, d.second))): d for d in standing(workspace)}
    found: list[Pair] = []
    with opened(workspace, snapshot=snapshot) as (engine, _):
        rows = engine.execute(
            """SELECT system_l || ':' || person_ref_l, system_r || ':' || person_ref_r,
                      probability, weight, reason, evidence
            FROM identity.link WHERE outcome IN ('review', 'set_aside')
            ORDER BY probability DESC, 1, 2"""
        )
        while len(found) < limit and (row := rows.fetchone()) is not None:
            decision = decisions.get(tuple(sorted(row[:2])))
            if decision is None or decided or _shows_again(decision, weight=row[3]):
                evidence = json.loads(row[5]) if row[5] else None
                found.append(Pair(*row[:5], evidence=evidence, decision=decision))
    return found


def _shows_again(decision: Decision, *, weight: float | None) -> bool:
    """Somebody could not tell, and the pair's weight has moved noticeably since."""
    if decision.decision != "cannot_tell" or weight is None or decision.model_weight is None:
        return False
    return abs(weight - decision.model_weight) >= NEWS_FROM


def rejects(workspace: Workspace, *, snapshot: str | None = None) -> list[Refused]:
    """Refused rows, counted by rule."""
    with opened(workspace, snapshot=snapshot) as (engine, _):
        rows = engine.rows(
            """SELECT system, extract, table_name, rule, field, count(*), any_value(remedy)
            FROM (SELECT system, extract, table_name, unnest(rules) AS rule, unnest(fields) AS field,
                         unnest(remedies) AS remedy FROM staging.reject)
            GROUP BY ALL ORDER BY count(*) DESC, 1, 2, 3, 4, 5"""
        )
    return [Refused(*row) for row in rows]


def export_rejects(
    workspace: Workspace, *, out: Path | None = None, snapshot: str | None = None
) -> dict[str, int]:
    """Write refused rows as CSV to be put right: one file per extract, with how many rows it holds."""
    folder = out or workspace.corrections
    done: dict[str, int] = {}
    with opened(workspace, snapshot=snapshot) as (engine, _):
        extracts = engine.rows("SELECT DISTINCT system, extract FROM staging.reject ORDER BY ALL")
        for system, extract in extracts:
            path = corrections_path(folder, system=system, extract=extract)
            if path.exists():
                raise UserError(
                    f"{path} is there already, perhaps with corrections in it. "
                    "Move it away, or name another folder with --out."
                )
            folder.mkdir(parents=True, exist_ok=True)
            done[str(path)] = write_rejects(engine, path, system=system, extract=extract)
    return done


def export(
    workspace: Workspace,
    file: Path,
    *,
    purpose: str,
    attributes: Sequence[str],
    features: Sequence[str],
    with_names: bool,
    snapshot: str | None = None,
) -> Exported:
    """Write customers as rows for a purpose."""
    catalogue = load_catalogue(workspace.definitions)
    with opened(workspace, snapshot=snapshot) as (engine, _):
        return export_people(
            engine, file, catalogue=catalogue, purpose=purpose, attributes=attributes, features=features,
            with_names=with_names,
        )  # fmt: skip
