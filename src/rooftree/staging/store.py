"""The cache of what each file's bytes became, and the views over it that the next stages read.

    staged/<system>/<extract>/<digest of file and definition>/

A folder is written aside and renamed, so it is there whole or not at all: an import that was stopped
goes on with the next file. A file that was read before, by the same definition, is not read again.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rooftree.catalogue.model import Catalogue
from rooftree.sources.files import find_files, with_environment
from rooftree.sources.model import Extract, SourceDefinition
from rooftree.sources.read import file_sha256, glance
from rooftree.sources.read_sql import read_query
from rooftree.sources.reading import Reading
from rooftree.staging.corrections import Correction, corrections_path, read_corrections
from rooftree.staging.schema import CANONICAL
from rooftree.staging.stage_file import FileName, replay_file, stage_file
from rooftree.staging.views import attach_views
from rooftree.storage.engine import Engine
from rooftree.vocabulary.errors import DataError, DefinitionError, Problem, ProblemsError
from rooftree.vocabulary.ids import digest
from rooftree.vocabulary.progress import NoProgress, Progress

#: Raise when the same file and definition give other rows, or another account, than before.
VERSION = "2"
_ASIDE = ".aside-"


@dataclass(frozen=True, slots=True)
class Staged:
    """One live file: where its rows are, and its account."""

    folder: Path
    account: Mapping[str, Any]
    was_there: bool  # found in the cache, not read again


@dataclass(frozen=True, slots=True)
class StagingResult:
    """What staging did: the live files, and per canonical table rows read, accepted and rejected."""

    files: tuple[Staged, ...]
    counts: Mapping[str, Mapping[str, int]]
    private_refs: Mapping[str, tuple[str, ...]]
    reread: int = field(default=0)  # files that were not in the cache


def stage_all(
    definitions: Sequence[SourceDefinition],
    *,
    extracts_dir: Path,
    staged_dir: Path,
    corrections_dir: Path,
    engine: Engine,
    environment: Mapping[str, str] | None = None,
    catalogue: Catalogue | None = None,
    progress: Progress | None = None,
) -> StagingResult:
    """Bring every extract into the canonical tables and leave `staging.<table>` in the engine.

    A table that nothing feeds is there, empty. `staging.file`, `staging.reject` and `staging.issue`
    say what became of every row. Raises DataError, with all problems of all files, where a file
    cannot be read; what could be read stays in the cache.
    """
    work = _Work(staged_dir, engine, catalogue, progress or NoProgress())
    _sweep(staged_dir)
    staged, twins = _stage_files(work, definitions, extracts_dir, environment or {})
    staged += _replayed(work, staged, definitions, corrections_dir)
    _prune(staged_dir, {item.folder for item in staged})
    attach_views(engine, [(item.folder, item.account) for item in staged], twins=twins)
    return StagingResult(
        files=tuple(staged),
        counts=_counts(staged, engine),
        private_refs={d.system: d.private_refs for d in definitions},
        reread=sum(not item.was_there for item in staged),
    )


@dataclass(frozen=True, slots=True)
class _Work:
    """What every file needs: where rows go, what runs the SQL, what the codes mean, who watches."""

    staged_dir: Path
    engine: Engine
    catalogue: Catalogue | None
    progress: Progress


def _stage_files(
    work: _Work,
    definitions: Sequence[SourceDefinition],
    extracts_dir: Path,
    environment: Mapping[str, str],
) -> tuple[list[Staged], list[tuple[str, str, str, str]]]:
    """Stage every file of every extract; returns them, and the files that are another's double."""
    staged: list[Staged] = []
    problems: list[Problem] = []
    kind: type[ProblemsError] = DataError
    twins: list[tuple[str, str, str, str]] = []
    for extract in (e for definition in definitions for e in definition.extracts):
        seen: dict[str, str] = {}
        try:
            if extract.format == "sql":
                staged.append(_queried(work, extract, extracts_dir, environment))
                continue
            paths = find_files(extract, extracts_dir=extracts_dir, environment=environment)
        except ProblemsError as error:
            problems += error.problems
            kind = DefinitionError if isinstance(error, DefinitionError) else kind
            continue
        for path in paths:
            try:
                glance(path, extract)
                file = FileName(path, file_sha256(path, progress=work.progress))
                if file.sha256 in seen:
                    twins.append((extract.system, extract.key, path.name, seen[file.sha256]))
                    continue
                seen[file.sha256] = path.name
                staged.append(_staged(work, file, extract))
            except DataError as error:
                problems += error.problems
            except PermissionError as error:
                if error.filename != str(path):
                    raise
                remedy = "Give your user permission to read it."
                problems.append(Problem(path.name, "the file may not be read.", remedy))
    if problems:
        raise kind(problems, heading="Some extracts could not be read")
    return staged, twins


def _staged(
    work: _Work, file: FileName, extract: Extract, reading: Reading | None = None
) -> Staged:
    lists = _lists_digest(extract, work.catalogue)
    key = digest(file.sha256, extract.digest, lists, VERSION)[:32]
    folder = work.staged_dir / extract.system / extract.key / key
    account = _account(folder)
    there = account is not None
    if account is None:
        with _aside(folder) as aside:
            stage_file(
                file, extract=extract, out=aside, engine=work.engine, catalogue=work.catalogue,
                progress=work.progress, reading=reading,
            )  # fmt: skip
        account = json.loads((folder / "account.json").read_text(encoding="utf-8"))
    account["file"]["name"] = file.path.name  # the same bytes may come under another name
    return Staged(folder, account, there)


def _account(folder: Path) -> dict[str, Any] | None:
    """The account of a file that was staged before; None where it, or a file that it names, is not there.

    What is staged can always be made again from the extract, so a folder of which a part was lost
    (a backup put back, a disk tidied) is made again and nothing is asked.
    """
    try:
        account = json.loads((folder / "account.json").read_text(encoding="utf-8"))
        names = [part["parquet"] for part in (*account["tables"], *account["references"])]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return account if all((folder / n).is_file() for n in (*names, "reject.parquet")) else None


def _queried(
    work: _Work, extract: Extract, extracts_dir: Path, environment: Mapping[str, str]
) -> Staged:
    """Run an extract's query; rows that came before in the same order are not staged again."""
    place = extract.place
    database = with_environment(extract.database or "", environment=environment, where=place)
    folder = work.staged_dir / extract.system / extract.key / f"{_ASIDE}query"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        path = folder / extract.key
        reading = read_query(
            extract, path, database=database, folder=extracts_dir, progress=work.progress
        )
        return _staged(work, FileName(path, file_sha256(path)), extract, reading)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _lists_digest(extract: Extract, catalogue: Catalogue | None) -> str:
    """Of what the catalogue says about the lists and attributes that this extract uses."""
    if catalogue is None:
        return ""
    lists = {v.code_list for t in extract.tables for v in t.columns.values() if v.code_list}
    attributes = [catalogue.attributes[a.attribute] for a in extract.answers]
    lists |= {a.codes for a in attributes if a.codes}
    said = [repr(catalogue.code_lists[key]) for key in sorted(lists)]
    return digest(*said, *(repr(a) for a in attributes))


@contextmanager
def _aside(folder: Path) -> Iterator[Path]:
    """A folder beside the one to be made, which takes its name once everything is written."""
    aside = folder.parent / f"{_ASIDE}{folder.name}"
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True)
    try:
        yield aside
    except BaseException:
        shutil.rmtree(aside, ignore_errors=True)
        raise
    _settle(aside)
    shutil.rmtree(folder, ignore_errors=True)
    aside.rename(folder)


def _settle(folder: Path) -> None:
    """See that every file is on the disk before the folder gets its name."""
    for path in sorted(folder.iterdir()):
        with path.open("rb") as file:
            os.fsync(file.fileno())


def _sweep(staged_dir: Path) -> None:
    """Remove what an import that was stopped left behind."""
    for aside in staged_dir.glob(f"*/*/{_ASIDE}*"):
        shutil.rmtree(aside, ignore_errors=True)


def _prune(staged_dir: Path, live: set[Path]) -> None:
    """Remove the rows of files and definitions that are no more: they would only be kept too long."""
    for folder in staged_dir.glob("*/*/*"):
        if folder.is_dir() and folder not in live:
            shutil.rmtree(folder, ignore_errors=True)


def _counts(staged: Sequence[Staged], engine: Engine) -> dict[str, dict[str, int]]:
    """Rows per canonical table: accepted now, refused now, and read, which is their sum."""
    counts = {table.name: {"read": 0, "accepted": 0, "rejected": 0} for table in CANONICAL}
    for item in staged:
        for part in item.account["tables"]:
            counts[part["table"]]["accepted"] += part["accepted"]
    for name, rejected in engine.rows(
        "SELECT table_name, count(*) FROM staging.reject WHERE table_name <> '*' GROUP BY ALL"
    ):
        counts[name]["rejected"] = rejected
    for count in counts.values():
        count["read"] = count["accepted"] + count["rejected"]
    return counts


def _replayed(
    work: _Work,
    staged: Sequence[Staged],
    definitions: Sequence[SourceDefinition],
    corrections_dir: Path,
) -> list[Staged]:
    """Judge corrected rows again, each as the row of the file that it came from."""
    replayed: list[Staged] = []
    for extract in (e for definition in definitions for e in definition.extracts):
        path = corrections_path(corrections_dir, system=extract.system, extract=extract.key)
        corrections = read_corrections(path)
        for base in staged:
            file = base.account["file"]
            rows = corrections.get(file["source_file"], [])
            if rows and (file["system"], file["extract"]) == (extract.system, extract.key):
                replayed.append(_replay(work, base, rows, extract))
    return replayed


def _replay(work: _Work, base: Staged, rows: Sequence[Correction], extract: Extract) -> Staged:
    key = digest(base.folder.name, repr(rows))[:32]
    folder = base.folder.parent / key
    account = _account(folder)
    there = account is not None
    if account is None:
        with _aside(folder) as aside:
            replay_file(
                base.folder, base.account, rows, extract=extract, out=aside, engine=work.engine,
                catalogue=work.catalogue, progress=work.progress,
            )  # fmt: skip
        account = json.loads((folder / "account.json").read_text(encoding="utf-8"))
    return Staged(folder, account, there)
