"""One file into canonical Parquet, its rejects and its account: written to one folder, complete or not at all."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import duckdb

from rooftree.catalogue.model import Catalogue
from rooftree.sources.model import Extract
from rooftree.sources.read import read_file
from rooftree.sources.reading import Note, Reading
from rooftree.staging.compile import (
    REJECTED,
    Outcome,
    Records,
    elements_sql,
    mentioned_by,
    records_sql,
    run_plan,
)
from rooftree.staging.conversions import text
from rooftree.staging.corrections import Correction, as_reading
from rooftree.staging.plan import Names, Plan, json_path, plan_table
from rooftree.staging.plan_answer import plan_answer
from rooftree.staging.unreadable import Sieve, sieve, unreadable_table
from rooftree.storage.engine import Engine, quote
from rooftree.vocabulary.errors import DataError, Problem
from rooftree.vocabulary.progress import Progress

_NAMED_AT_MOST = 12


@dataclass(frozen=True, slots=True)
class FileName:
    """A file of an extract with its identity: the digest of its bytes."""

    path: Path
    sha256: str

    @property
    def id(self) -> str:
        """The id by which lineage names the file."""
        return self.sha256[:16]


def stage_file(
    file: FileName,
    *,
    extract: Extract,
    out: Path,
    engine: Engine,
    catalogue: Catalogue | None,
    progress: Progress,
    reading: Reading | None = None,
) -> None:
    """Read, map, judge and write one file into the folder `out`.

    `reading` is given where the rows are there already (a query's). Leaves one Parquet file per
    table map, `reject.parquet` and `account.json`. Raises DataError where the file cannot be read or
    lacks a mapped column.
    """
    plain = out / "_text.parquet"
    if reading is None:
        reading = read_file(file.path, plain, extract=extract, progress=progress)
    try:
        account = _account(file, reading, extract, out, engine, catalogue, progress)
    except (duckdb.IOException, duckdb.InvalidInputException) as error:
        if extract.format != "parquet":
            raise
        raise DataError(
            [Problem(file.path.name, "the Parquet file is damaged.", "Ask for the extract again.")]
        ) from error
    plain.unlink(missing_ok=True)
    (out / "account.json").write_text(json.dumps(account, indent=1), encoding="utf-8")


def _account(
    file: FileName,
    reading: Reading,
    extract: Extract,
    out: Path,
    engine: Engine,
    catalogue: Catalogue | None,
    progress: Progress,
) -> dict[str, Any]:
    """Stage the reading and return the account of its rows."""
    sieved = sieve(reading, extract=extract, engine=engine)
    plans = _plans(extract, reading, catalogue, file.path.name)
    notes = [*reading.notes, *_columns_noted(plans, reading, engine, file.path.name)]
    if not reading.records and not reading.bad:
        notes.append(_no_rows(file.path.name))
    tables, outcomes = stage_plans(
        plans, reading=reading, sieved=sieved, extract=extract, file=file, out=out, engine=engine,
        progress=progress,
    )  # fmt: skip
    rejected = _write_rejects(reading, sieved, extract, file, out, engine)
    references = _write_references(extract, reading, sieved, out, engine)
    return {
        "file": {
            "source_file": file.id,
            "system": extract.system,
            "extract": extract.key,
            "name": file.path.name,
            "sha256": file.sha256,
            "bytes": file.path.stat().st_size,
            "encoding": reading.encoding,
            "rows_read": sieved.records + len(sieved.unreadable),
            "rows_rejected": rejected,
            "rows_blank": sieved.passed + reading.skipped,
        },
        "lines": asdict(reading.account) if reading.account else None,
        "columns": [column.name for column in reading.columns],
        "tables": tables,
        "references": references,
        "notes": [asdict(note) for note in notes],
        "found": [asdict(f) | {"table": o.table} for o in outcomes for f in o.found],
    }


def replay_file(
    base: Path,
    account: Mapping[str, Any],
    rows: Sequence[Correction],
    *,
    extract: Extract,
    out: Path,
    engine: Engine,
    catalogue: Catalogue | None,
    progress: Progress,
) -> None:
    """Judge corrected rows of one file again, each for the tables that had refused it.

    `base` is the folder of the file as it came. A corrected row keeps its file and number; one
    whose key stands already is refused again.
    """
    plain = out / "_text.parquet"
    reading = as_reading(rows, plain, extract=extract, columns=account["columns"])
    sieved = sieve(reading, extract=extract, engine=engine)
    file = FileName(Path(account["file"]["name"]), account["file"]["sha256"])
    plans = _plans(extract, reading, catalogue, file.path.name)
    tables, _ = stage_plans(
        plans, reading=reading, sieved=sieved, extract=extract, file=file, out=out, engine=engine,
        progress=progress, base=base,
    )  # fmt: skip
    _write_rejects(reading, sieved, extract, file, out, engine)
    again = dict(account) | {
        "tables": tables,
        "notes": [],
        "references": [],
        "found": [],
        "corrected": sorted({row.row for row in rows}),
    }
    plain.unlink()
    (out / "account.json").write_text(json.dumps(again, indent=1), encoding="utf-8")


def stage_plans(
    plans: list[tuple[Plan, str]],
    *,
    reading: Reading,
    sieved: Sieve,
    extract: Extract,
    file: FileName,
    out: Path,
    engine: Engine,
    progress: Progress,
    base: Path | None = None,
) -> tuple[list[dict[str, Any]], list[Outcome]]:
    """Run every plan over one reading; the refused rows stay in the table `_tmp_staging_rejected`.

    With `base`, only rows that were refused there are taken.
    """
    constants = {"system": extract.system, "source_kind": extract.kind, "source_file": file.id}
    engine.execute(
        f"CREATE OR REPLACE TEMP TABLE {REJECTED} (plan VARCHAR, _row BIGINT, _part BIGINT, "
        "table_name VARCHAR, rules VARCHAR[], fields VARCHAR[], remedies VARCHAR[])"
    )
    tables: list[dict[str, Any]] = []
    outcomes: list[Outcome] = []
    with progress.step(f"Staging {file.path.name}", total=len(plans), unit="tables") as step:
        for plan, name in plans:
            records = Records(
                records_sql(reading, keep=sieved.keep, mentioned=mentioned_by(plan)),
                count=sieved.records,
                last=reading.records + len(reading.bad),
            )
            refused = None if base is None else _refused_in(base, plan)
            standing = None if base is None else base / name
            outcome = run_plan(
                plan, engine=engine, records=records, out=out / name, constants=constants,
                only_rows=refused, standing=standing,
            )  # fmt: skip
            outcomes.append(outcome)
            tables.append(
                {"table": outcome.table, "parquet": name, "read": outcome.read,
                 "accepted": outcome.accepted, "rejected": outcome.rejected,
                 "mapped": [n for n, sql in plan.columns if not sql.startswith("CAST(NULL AS ")]}
            )  # fmt: skip
            step.advance()
    return tables, outcomes


def _refused_in(base: Path, plan: Plan) -> str:
    """The condition for rows, and elements of rows, that this plan has to take again."""
    source = f"read_parquet({quote(str(base / 'reject.parquet'))})"
    mine = f"SELECT source_row, part FROM {source} WHERE table_name = {quote(plan.table.name)}"
    unread = f"SELECT source_row FROM {source} WHERE table_name = '*'"
    return f"((_row, _part) IN ({mine}) OR _row IN ({unread}))"


def _write_references(
    extract: Extract, reading: Reading, sieved: Sieve, out: Path, engine: Engine
) -> list[dict[str, Any]]:
    """Keep the values that should name rows of other tables, to be looked up once all is staged."""
    written: list[dict[str, Any]] = []
    for n, reference in enumerate(extract.references):
        name = f"reference-{n:03d}.parquet"
        value = Names(reading, unnest=reference.unnest).text(reference.source)
        if value is None:
            what = f"the file has no column {reference.source}."
            raise DataError([Problem(reference.place, what, "Correct the name.")])
        records = elements_sql(records_sql(reading, keep=sieved.keep), reference.unnest)
        engine.execute(
            f"COPY (SELECT _row AS source_row, {text(value)} AS value FROM ({records})) "
            f"TO {quote(str(out / name))} (FORMAT parquet)"
        )
        said = {
            key: value for key, value in asdict(reference).items() if key not in ("unnest", "place")
        }
        written.append(said | {"parquet": name})
    return written


def _plans(
    extract: Extract, reading: Reading, catalogue: Catalogue | None, name: str
) -> list[tuple[Plan, str]]:
    """The plan of every table and attribute, each with the name of its Parquet file."""
    plans: list[tuple[Plan, str]] = []
    problems: list[Problem] = []
    for n, mapping in enumerate(extract.tables):
        try:
            plan = plan_table(mapping, extract=extract, reading=reading, catalogue=catalogue)
            plans.append((plan, f"{n:03d}-{mapping.table}.parquet"))
        except DataError as error:
            problems += error.problems
    for n, answer in enumerate(extract.answers, start=len(extract.tables)):
        try:
            plan = plan_answer(answer, extract=extract, reading=reading, catalogue=catalogue)
            if plan is not None:
                plans.append((plan, f"{n:03d}-answer.parquet"))
        except DataError as error:
            problems += error.problems
    doubled = {c.name for plan, _ in plans for c in reading.columns if c.name in plan.used}
    problems += [
        Problem(f"{name}", f"the column {note.field} occurs more than once and is read.",
                "Ask for an extract in which each column has its own name.")
        for note in reading.notes
        if note.rule == "duplicate_column" and note.field in doubled
    ]  # fmt: skip
    if problems:
        where = f"{name} ({extract.system}.{extract.key})"
        raise DataError([Problem(f"{where}: {p.where}", p.what, p.remedy) for p in problems])
    return plans


def _columns_noted(
    plans: list[tuple[Plan, str]], reading: Reading, engine: Engine, name: str
) -> list[Note]:
    """Columns that no map reads; for JSON also the fields that no record has."""
    used = {column for plan, _ in plans for column in plan.used}
    if reading.shape == "columns":
        spare = [column.name for column in reading.columns if column.name not in used]
        return [_spare(spare, name)] if spare else []
    source = f"read_parquet({quote(str(reading.path))}) WHERE json_valid(record)"
    keys = engine.rows(f"SELECT DISTINCT unnest(json_keys(record)) AS k FROM {source} ORDER BY k")
    tops = {path.split(".")[0].split("[")[0] for path in used}
    tops |= {(plan.unnest or "").split(".")[0] for plan, _ in plans}
    spare = [key for (key,) in keys if key not in tops]
    notes = [_spare(spare, name)] if spare else []
    paths = sorted(path for path in used if path not in ("", "."))
    if paths and reading.records:
        tests = ", ".join(f"bool_or({_present(path)})" for path in paths)
        there = engine.rows(f"SELECT {tests} FROM {source}")[0]
        absent = [path for path, found in zip(paths, there, strict=True) if not found]
        notes += [
            Note("absent_field", f"{name}: no record has the field {path}.",
                 "Correct its name, or take it out of the definition.", field=path)
            for path in absent
        ]  # fmt: skip
    return notes


def _present(path: str) -> str:
    if "[*]" in path:
        return f"len(json_extract(record, {quote(json_path(path))})) > 0"
    return f"json_exists(record, {quote(json_path(path))})"


def _spare(spare: list[str], name: str) -> Note:
    named = ", ".join(spare[:_NAMED_AT_MOST])
    more = f" and {len(spare) - _NAMED_AT_MOST} more" if len(spare) > _NAMED_AT_MOST else ""
    return Note(
        "unmapped_columns",
        f"{name}: {len(spare)} columns are not mapped: {named}{more}.",
        "Map the ones you need; the others are not kept.",
        rows=len(spare),
        severity="note",
    )


def _no_rows(name: str) -> Note:
    return Note(
        "no_rows",
        f"{name} has a header and no rows.",
        "Check the export's filter.",
        severity="error",
        dimension="completeness",
    )


def _write_rejects(
    reading: Reading, sieved: Sieve, extract: Extract, file: FileName, out: Path, engine: Engine
) -> int:
    """Write `reject.parquet`; returns how many rows of the file were refused by anything."""
    raw = (
        "record"
        if reading.shape == "json"
        else "json_object("
        + ", ".join(f'{quote(c.name)}, "{c.physical}"' for c in reading.columns)
        + ")"
    )
    unreadable = unreadable_table(sieved.unreadable)
    engine.con.register("_tmp_staging_unreadable", unreadable)
    try:
        records = records_sql(reading, keep=sieved.keep)
        engine.execute(
            f"CREATE OR REPLACE TEMP TABLE _tmp_staging_reject AS "
            f"SELECT r.*, CAST(s.raw AS VARCHAR) AS raw FROM {REJECTED} r JOIN "
            f"(SELECT _row, {raw} AS raw FROM ({records}) WHERE _row IN (SELECT _row FROM {REJECTED})) s USING (_row) "
            "UNION ALL SELECT '', _row, 0, '*', rules, fields, remedies, raw FROM _tmp_staging_unreadable"
        )
    finally:
        engine.con.unregister("_tmp_staging_unreadable")
    engine.execute(
        f"COPY (SELECT {quote(extract.system)} AS system, {quote(extract.key)} AS extract, "
        f"{quote(file.id)} AS source_file, {quote(file.path.name)} AS file_name, _row AS source_row, table_name, "
        "rules, fields, remedies, raw, _part AS part FROM _tmp_staging_reject "
        f"ORDER BY source_row, table_name, _part, rules, raw) TO {quote(str(out / 'reject.parquet'))} (FORMAT parquet)"
    )
    return engine.value(
        "SELECT count(*) FILTER (WHERE table_name = '*') + count(DISTINCT _row) FILTER (WHERE table_name <> '*') "
        "FROM _tmp_staging_reject"
    )
