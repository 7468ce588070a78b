"""One run: the stages in order, at one date, ending in a published snapshot.

    sources → staging → identity → profile → features → segments → look-up → snapshot

A run that is stopped leaves the last snapshot as it was; the next one reads again only the files it
had not finished. Nothing here decides anything about people: the stages do.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from rooftree import __version__
from rooftree.features.build import build as build_features
from rooftree.features.place import read_places
from rooftree.features.schema import ALL as FEATURE_TABLES
from rooftree.identity.build import build as build_identity
from rooftree.identity.schema import ALL as IDENTITY_TABLES
from rooftree.pipeline import documents, inputs, register, reports, summary
from rooftree.pipeline.definitions import Definitions
from rooftree.profile.build import build as build_profile
from rooftree.profile.schema import ALL as PROFILE_TABLES
from rooftree.segments import membership
from rooftree.segments import tables as segment_tables
from rooftree.segments.definition import load_segments
from rooftree.segments.events import check_events
from rooftree.segments.schema import EVALUATED, SPELL
from rooftree.staging.quality import QualityReport, assess
from rooftree.staging.schema import CANONICAL, FILE, ISSUE, REJECT
from rooftree.staging.store import StagingResult, stage_all
from rooftree.storage.engine import Engine
from rooftree.storage.files import disk_trouble
from rooftree.storage.lookup_build import FORMAT
from rooftree.storage.manifest import inputs_digest
from rooftree.storage.retention import prune
from rooftree.storage.snapshot import Published, Snapshot, Writer, current_id
from rooftree.storage.tables import Table
from rooftree.storage.workspace import Workspace, check_free_space, space_needed
from rooftree.vocabulary.errors import DataError, RooftreeError, UserError
from rooftree.vocabulary.ids import SnapshotId
from rooftree.vocabulary.progress import NoProgress, Progress

LOOKUP = "lookup.sqlite"
MODEL = "linkage-model.json"

#: The days a run can speak of: before them no date of an extract is believed, either.
EARLIEST, LATEST = dt.date(1900, 1, 1), dt.date(2199, 12, 31)


@dataclass(frozen=True, slots=True)
class RunResult:
    """What a run did. `outcome`: published, unchanged (nothing new since the current snapshot) or replaced."""

    snapshot: str
    outcome: str
    as_of: dt.date
    landlord: str
    files: int
    files_read: int
    staging: Mapping[str, summary.Rows]
    identity: summary.IdentitySummary
    quality: summary.Quality
    totals: Mapping[str, int]
    pruned: tuple[str, ...] = ()
    completeness: tuple[summary.Completeness, ...] = field(default=(), repr=False)
    failed_segments: tuple[summary.FailedSegment, ...] = ()


def run(
    workspace: Workspace,
    *,
    as_of: dt.date,
    environment: Mapping[str, str] | None = None,
    memory: str | None = None,
    again: bool = False,
    progress: Progress | None = None,
) -> RunResult:
    """Run all stages over the workspace's extracts as they are now, and publish the snapshot.

    `environment` gives the values of ${NAME} in source definitions. With `again`, the stages run
    even if nothing has changed since the current snapshot. Raises DefinitionError, DataError or
    MachineError; nothing is published then.
    """
    progress = progress or NoProgress()
    if not EARLIEST <= as_of <= LATEST:
        raise UserError(f"A run cannot speak of {as_of}. Name a day from {EARLIEST} to {LATEST}.")
    definitions = Definitions.load(workspace)
    with (
        disk_trouble("the run was at work"),
        workspace.lock(),
        register.taken(workspace.register) as decided,
        Engine(
            temp_directory=workspace.spill,
            memory_limit=memory or workspace.settings.memory,
            threads=workspace.settings.threads,
        ) as engine,
    ):
        check_free_space(workspace.directory, needed=space_needed(inputs.size(workspace.extracts)))
        staged = stage_all(
            definitions.sources,
            extracts_dir=workspace.extracts,
            staged_dir=workspace.staged,
            corrections_dir=workspace.corrections,
            environment=environment or {},
            catalogue=definitions.catalogue,
            engine=engine,
            progress=progress,
        )
        given = inputs.collect(engine, workspace)
        digest = inputs_digest(
            given,
            as_of.isoformat(),
            f"{__version__} look-up {FORMAT}",
            definitions.version,
            decided.digest,
        )
        job = _Job(workspace, definitions, as_of, engine, staged, decided, progress)
        with Writer(
            workspace.snapshots,
            as_of=as_of,
            inputs=given,
            digest=digest,
            software=__version__,
            definitions=definitions.version,
        ) as writer:
            if not again and current_id(workspace.snapshots) == writer.id:
                return job.unchanged(writer.id)
            return job.make(writer)


@dataclass(frozen=True, slots=True)
class _Job:
    """What every step of one run needs."""

    workspace: Workspace
    definitions: Definitions
    as_of: dt.date
    engine: Engine
    staged: StagingResult
    decided: register.Decided
    progress: Progress

    def unchanged(self, snapshot: SnapshotId) -> RunResult:
        """The current snapshot was made of exactly these inputs.

        What comes after publication is done again: the run that published may have been stopped there.
        """
        current = Snapshot.open(self.workspace.snapshots, id=snapshot)
        current.attach(self.engine)
        pruned = self._finish(reports.read(current))
        return self._result(
            Published(snapshot, self.workspace.snapshots / snapshot, "unchanged"), pruned
        )

    def make(self, writer: Writer) -> RunResult:
        """Run the stages, write their tables, publish."""
        engine, progress = self.engine, self.progress
        previous = self._previous(writer.id)
        # Before anything long: a reference file that cannot be read stops the run at once.
        check_events(self.definitions.catalogue)
        read_places(engine, inputs.files_in(self.workspace.reference), progress=progress)
        register.add_answers(engine, self.decided.answers)
        with progress.step("Assessing the data", unit="checks"):
            report = assess(
                engine, staging=self.staged, as_of=self.as_of, previous=_quality_before(previous)
            )
        self._write(writer, (*CANONICAL, FILE, REJECT, ISSUE))
        linked = build_identity(
            engine,
            as_of=self.as_of,
            previous=_records_before(previous),
            decisions=self.decided.links,
            private_refs=self.staged.private_refs,
            progress=progress,
        )
        if linked.problems:
            raise DataError(linked.problems, heading="Decisions about links contradict one another")
        self._write(writer, IDENTITY_TABLES)
        build_profile(
            engine, as_of=self.as_of, catalogue=self.definitions.catalogue, progress=progress
        )
        self._write(writer, PROFILE_TABLES)
        build_features(
            engine, as_of=self.as_of, catalogue=self.definitions.catalogue, progress=progress
        )
        self._write(writer, FEATURE_TABLES)
        self._make_segments(writer, previous)
        report = reports.with_issues(report, summary.issues(engine))
        writer.path(reports.QUALITY).write_text(report.to_json(), encoding="utf-8")
        writer.include(reports.QUALITY)
        with progress.step("Building the look-up", unit="people"):
            documents.write_lookup(
                engine,
                writer.path(LOOKUP),
                feature_tables=FEATURE_TABLES,
            )
            writer.include(LOOKUP)
        writer.path(MODEL).write_text(linked.model.to_json(), encoding="utf-8")
        writer.include(MODEL)
        published = writer.publish(engine, totals=summary.totals(engine))
        if published.differs:
            raise RooftreeError(
                "The same inputs gave other bytes than before, in: " + ", ".join(published.differs)
            )
        return self._result(published, self._finish(report))

    def _make_segments(self, writer: Writer, previous: Snapshot | None) -> None:
        """The wide tables and events that rules read, evaluated as they are written; then the segments."""
        tables = segment_tables.build(
            self.engine,
            as_of=self.as_of,
            catalogue=self.definitions.catalogue,
            progress=self.progress,
        )
        self._write(writer, tables)
        segment_tables.clean(self.engine)
        for table in tables:
            self.engine.check(table)
        membership.build(
            self.engine,
            as_of=self.as_of,
            segments=load_segments(self.definitions.catalogue),
            before=self._not_later(previous),
            progress=self.progress,
        )
        self._write(writer, (SPELL, EVALUATED))

    def _not_later(self, snapshot: Snapshot | None) -> Snapshot | None:
        """The nearest snapshot before this one that does not know more: a run may speak of an earlier day."""
        root = self.workspace.snapshots
        while snapshot is not None and snapshot.manifest.as_of > self.as_of:
            before = snapshot.manifest.previous
            there = before is not None and (root / before).exists()
            snapshot = Snapshot.open(root, id=before) if there else None
        return snapshot

    def _finish(self, report: QualityReport) -> tuple[str, ...]:
        """Remove the snapshots that the rule lets go, and write the report for people to read."""
        pruned = prune(self.workspace.snapshots, self.workspace.settings.keep)
        reports.write(report, self.workspace.reports, landlord=self.workspace.settings.name)
        return tuple(pruned)

    def _previous(self, making: SnapshotId) -> Snapshot | None:
        """The snapshot that this one follows; one that is made again does not follow itself."""
        root = self.workspace.snapshots
        previous = current_id(root)
        if (root / making).exists():
            previous = Snapshot.open(root, id=making).manifest.previous
        return Snapshot.open(root, id=previous) if previous and (root / previous).exists() else None

    def _write(self, writer: Writer, tables: tuple[Table, ...]) -> None:
        stage = tables[0].stage
        with self.progress.step(f"Writing {stage}", total=len(tables), unit="tables") as step:
            for table in tables:
                writer.write(self.engine, table)
                step.advance()

    def _result(self, published: Published, pruned: tuple[str, ...]) -> RunResult:
        account = self.staged.counts
        return RunResult(
            snapshot=published.snapshot,
            outcome=published.outcome,
            as_of=self.as_of,
            landlord=self.workspace.settings.name,
            files=len(self.staged.files),
            files_read=self.staged.reread,
            staging={name: summary.Rows(**count) for name, count in account.items()},
            identity=summary.identity(self.engine),
            quality=summary.Quality(summary.issues(self.engine)),
            totals=summary.totals(self.engine),
            pruned=pruned,
            completeness=summary.completeness(self.engine),
            failed_segments=summary.failed_segments(self.engine),
        )


def _records_before(previous: Snapshot | None) -> pa.Table | None:
    """Who was who in the snapshot before this one, so that people keep their ids."""
    if previous is None:
        return None
    with Engine(threads=1, memory_limit="1GB") as other:
        previous.attach(other, tables=["identity.record"])
        return other.execute(
            "SELECT system, person_ref, person_id FROM identity.record ORDER BY ALL"
        ).to_arrow_table()


def _quality_before(previous: Snapshot | None) -> dict[str, Any] | None:
    """The data-quality report of the snapshot before, to tell what has moved."""
    return dataclasses.asdict(reports.read(previous)) if previous is not None else None
