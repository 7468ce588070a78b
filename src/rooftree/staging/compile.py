"""A plan as SQL, run over one file: accepted rows to Parquet, refused rows with every reason, things noted.

Rows are judged in one pass. The second pass writes the good ones and only looks up, among the few
refused, which rows to leave out.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from rooftree.sources.reading import Reading
from rooftree.staging.plan import Check, Plan, json_path
from rooftree.storage.engine import Engine, quote

REJECTED = "_tmp_staging_rejected"


@dataclass(frozen=True, slots=True)
class Found:
    """One rule that rows broke without being refused, with how many and the first of them."""

    rule: str
    field: str
    message: str
    remedy: str
    rows: int
    examples: tuple[int, ...]


def mentioned_by(plan: Plan) -> str:
    """All SQL of a plan that reads the records."""
    return " ".join([plan.where or "", *(sql for _, sql in plan.values)])


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the rows that one plan took from one file."""

    table: str
    read: int
    accepted: int
    rejected: int
    found: tuple[Found, ...]


def records_sql(reading: Reading, *, keep: str | None, mentioned: str | None = None) -> str:
    """The records of a reading as `_row` and the columns, without the rows that are passed over.

    With `mentioned`, only columns that stand in that text: a wide extract has hundreds, and naming
    each of them in each query costs more than reading.
    """
    source = f"read_parquet({quote(str(reading.path))}, file_row_number = true)"
    where = f" WHERE {keep}" if keep else ""
    names = [f'"{column.physical}"' for column in reading.columns]
    if mentioned is not None and reading.shape == "columns":
        names = [name for name in names if name in mentioned]
    columns = ", ".join(names)
    return (
        f"SELECT {reading.row_sql} AS _row{', ' + columns if columns else ''} FROM {source}{where}"
    )


def elements_sql(records: str, unnest: str | None) -> str:
    """The records, or one row per element of an array in each: `element`, counted from 0 by `_part`."""
    if unnest is None:
        return records
    elements = f"json_extract(record, {quote(json_path(unnest) + '[*]')})"
    return (
        f"SELECT _row, record, unnest({elements}) AS element, "
        f"unnest(range(len({elements}))) AS _part FROM ({records})"
    )


def run_plan(
    plan: Plan,
    *,
    engine: Engine,
    records: str,
    out: Path,
    constants: dict[str, str],
    only_rows: str | None = None,
    standing: Path | None = None,
) -> Outcome:
    """Judge and write one plan's rows; refused ones are added to the table `_tmp_staging_rejected`.

    `constants` are the lineage values (system, source_kind, source_file). `only_rows` is a
    condition on the rows to take, and `standing` the rows of the same table that stand already: both for
    a replay of corrections.
    """
    typed = _typed_sql(plan, records, only_rows)
    refused = [c for c in plan.checks if c.rejects]
    noted = [c for c in plan.checks if not c.rejects]
    before = engine.value(f"SELECT count(*) FROM {REJECTED}")
    if refused:
        engine.execute(f"INSERT INTO {REJECTED} {_refused_sql(plan, typed)}")
    if plan.key:
        _refuse_repeats(plan, engine, typed)
        if standing is not None and standing.exists():
            _refuse_standing(plan, engine, typed, standing)
    rejected = engine.value(f"SELECT count(*) FROM {REJECTED}") - before
    read, found = _count(plan, engine, typed, noted)
    mine = f"SELECT _row, _part FROM {REJECTED} WHERE plan = {quote(plan.place)}"
    on = "_row" if plan.unnest is None else "_row, _part"
    without = f" ANTI JOIN ({mine}) USING ({on})" if rejected else ""
    lineage = ", ".join(f'{quote(value)} AS "{name}"' for name, value in constants.items())
    columns = ", ".join(f'CAST("t_{n}" AS {plan.table[n].type}) AS "{n}"' for n, _ in plan.columns)
    engine.execute(
        f"COPY (SELECT {lineage}, _row AS source_row, {columns} FROM ({typed}){without}) "
        f"TO {quote(str(out))} (FORMAT parquet, COMPRESSION lz4)"
    )
    return Outcome(plan.table.name, read, read - rejected, rejected, found)


def _typed_sql(plan: Plan, records: str, only_rows: str | None) -> str:
    """One row per element: `_row`, `_part`, the raw values (r_, m_, p_) and the typed columns (t_)."""
    records = elements_sql(records, plan.unnest)
    part = "0 AS _part" if plan.unnest is None else "_part"
    conditions = [c for c in (plan.where, only_rows) if c]
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    values = "".join(f', {sql} AS "{name}"' for name, sql in plan.values)
    level = f"SELECT _row, {part}{values} FROM ({records}){where}"
    if plan.emit:
        level = f"SELECT * FROM ({level}) WHERE {plan.emit}"
    columns = "".join(f', {sql} AS "t_{name}"' for name, sql in plan.columns)
    return f"SELECT *{columns} FROM ({level})"


def _refused_sql(plan: Plan, typed: str) -> str:
    refused = [check for check in plan.checks if check.rejects]
    any_of = " OR ".join(f"({check.sql})" for check in refused)

    def listed(values: list[str]) -> str:
        cases = ", ".join(
            f"CASE WHEN {check.sql} THEN {quote(value)} END"
            for check, value in zip(refused, values, strict=True)
        )
        return f"list_filter([{cases}], lambda x: x IS NOT NULL)"

    return (
        f"SELECT {quote(plan.place)}, _row, _part, {quote(plan.table.name)}, "
        f"{listed([c.rule for c in refused])}, {listed([c.field for c in refused])}, "
        f"{listed([c.remedy for c in refused])} FROM ({typed}) WHERE {any_of}"
    )


def _refuse_repeats(plan: Plan, engine: Engine, typed: str) -> None:
    """Refuse the earlier rows of a key that occurs again: the last, or the one updated last, stands.

    Keys are grouped by a hash of 8 bytes, so that 26 million of them stay in memory; the few hashes
    that occur again are then compared as they are.
    """
    key = ", ".join(f'"t_{name}"' for name in plan.key)
    whole = " AND ".join(f'"t_{name}" IS NOT NULL' for name in plan.key)
    hashes = "_tmp_staging_repeats"
    with engine.scratch(hashes):
        engine.execute(
            f"CREATE OR REPLACE TEMP TABLE {hashes} AS SELECT hash({key}) AS h FROM ({typed}) "
            f"WHERE {whole} GROUP BY h HAVING count(*) > 1"
        )
        if plan.key_repeats == "keep" or not engine.value(f"SELECT count(*) FROM {hashes}"):
            return
        newest = '"t_updated_on" DESC NULLS LAST, ' if "updated_on" in plan.table else ""
        ranked = (
            f"SELECT _row, _part, row_number() OVER (PARTITION BY {key} ORDER BY {newest}_row DESC, _part DESC) AS n "
            f"FROM ({typed}) WHERE {whole} AND hash({key}) IN (SELECT h FROM {hashes}) "
            f"AND (_row, _part) NOT IN (SELECT _row, _part FROM {REJECTED} WHERE plan = {quote(plan.place)})"
        )
        engine.execute(
            f"INSERT INTO {REJECTED} SELECT {quote(plan.place)}, _row, _part, {quote(plan.table.name)}, "
            f"['repeated_key'], [{quote(plan.key[0])}], "
            "['Another row of the file has the same key and stands; remove one of them at the source.'] "
            f"FROM ({ranked}) WHERE n > 1"
        )


def _refuse_standing(plan: Plan, engine: Engine, typed: str, standing: Path) -> None:
    """Refuse corrected rows whose key an accepted row of the same file has."""
    key = ", ".join(f'"t_{name}"' for name in plan.key)
    names = ", ".join(f'"{name}"' for name in plan.key)
    engine.execute(
        f"INSERT INTO {REJECTED} SELECT {quote(plan.place)}, _row, _part, {quote(plan.table.name)}, "
        f"['repeated_key'], [{quote(plan.key[0])}], ['Another row of the file has this key and stands.'] "
        f"FROM ({typed}) WHERE ({key}) IN (SELECT ({names}) FROM read_parquet({quote(str(standing))})) "
        f"AND (_row, _part) NOT IN (SELECT _row, _part FROM {REJECTED} WHERE plan = {quote(plan.place)})"
    )


def _count(
    plan: Plan, engine: Engine, typed: str, noted: list[Check]
) -> tuple[int, tuple[Found, ...]]:
    counts = "".join(
        f", count(*) FILTER (WHERE {c.sql}), min(_row, 5) FILTER (WHERE {c.sql})" for c in noted
    )
    row = engine.rows(f"SELECT count(*){counts} FROM ({typed})")[0]
    found = tuple(
        Found(c.rule, c.field, c.message, c.remedy, row[2 * n + 1], tuple(row[2 * n + 2] or ()))
        for n, c in enumerate(noted)
        if row[2 * n + 1]
    )
    return row[0], found
