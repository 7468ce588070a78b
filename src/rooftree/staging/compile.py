"""A plan as SQL, run over one file: accepted rows to Parquet, refused rows with every reason, things noted.

A short file is typed once, into a table in memory, and everything else is asked of that. A long one
is not kept: it is typed while it is written, and only rows that did not arrive are judged again, for
their reasons.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from rooftree.sources.reading import Reading
from rooftree.staging.long_files import keep_absent, keep_doubled
from rooftree.staging.plan import Plan, json_path
from rooftree.staging.values import CLOSED
from rooftree.storage.engine import Engine, quote
from rooftree.storage.parquet import LAYOUT

REJECTED = "_tmp_staging_rejected"
_TYPED = "_tmp_staging_typed"
_SOME = "_tmp_staging_some"
_DOUBLED = "_tmp_staging_doubled"

#: A reading with more rows is typed while it is written, so that memory does not grow with it.
SHORT = 250_000


@dataclass(frozen=True, slots=True)
class Found:
    """One rule that rows broke without being refused, with how many and the first of them."""

    rule: str
    field: str
    message: str
    remedy: str
    rows: int
    examples: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the rows that one plan took from one file."""

    table: str
    read: int
    accepted: int
    rejected: int
    found: tuple[Found, ...]


@dataclass(frozen=True, slots=True)
class Records:
    """The records that a plan reads: as SQL, how many at most, and the greatest `_row`."""

    sql: str
    count: int
    last: int


def mentioned_by(plan: Plan) -> str:
    """All SQL of a plan that reads the records."""
    return " ".join([plan.where or "", *(sql for _, sql in plan.values)])


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
    records: Records,
    out: Path,
    constants: dict[str, str],
    only_rows: str | None = None,
    standing: Path | None = None,
) -> Outcome:
    """Judge and write one plan's rows; refused ones are added to the table `_tmp_staging_rejected`.

    `constants` are the lineage values (system, source_kind, source_file). `only_rows` is a
    condition on the rows to take, and `standing` the rows of the same table that stand already: both for
    a replay of corrections. Readings of more than `SHORT` rows are not kept in memory.
    """
    lineage = ", ".join(
        f'CAST({quote(value)} AS {_enumeration([value])}) AS "{name}"'
        for name, value in constants.items()
    )
    columns = ", ".join(f'CAST("t_{n}" AS {_stored(plan, n)}) AS "{n}"' for n, _ in plan.columns)
    job = _Job(plan, engine, records, out, f"SELECT {lineage}, _row AS source_row, {columns} FROM")
    # the parts of one record share its number: only the table in memory tells them apart
    if records.count > SHORT and plan.unnest is None and only_rows is None:
        return job.long()
    return job.short(_typed_sql(plan, records.sql, only_rows), standing)


def _stored(plan: Plan, column: str) -> str:
    """The type in which a column is written; of few words, with the dictionary that Parquet wants.

    A reader finds text in either case; writing a word of an enumeration costs a third of writing text.
    """
    words = CLOSED.get((plan.table.name, column))
    return _enumeration(words) if words else plan.table[column].type


def _enumeration(words: Iterable[str]) -> str:
    return f"ENUM({', '.join(quote(word) for word in words)})"


@dataclass(frozen=True, slots=True)
class _Job:
    """One plan on its way from records to Parquet."""

    plan: Plan
    engine: Engine
    records: Records
    out: Path
    selected: str  # SELECT ... FROM, over typed rows

    def short(self, typed: str, standing: Path | None) -> Outcome:
        """Type all rows into a table in memory, and ask everything else of it."""
        with self.engine.scratch(_TYPED):
            self.engine.execute(
                f"CREATE OR REPLACE TEMP TABLE {_TYPED} AS {_emitted(self.plan, typed)}"
            )
            refused, found = _count(self.plan, self.engine, f"SELECT * FROM {_TYPED}")
            rejected = self.refuse(f"SELECT * FROM {_TYPED}") if refused else 0
            if self.plan.key:
                rejected += self.refuse_repeats(f"SELECT * FROM {_TYPED}{self.without(rejected)}")
            if self.plan.key and standing is not None and standing.exists():
                rejected += self.refuse_standing(standing)
            accepted = self.write(f"{_TYPED}{self.without(rejected)}")
        return Outcome(self.plan.table.name, accepted + rejected, accepted, rejected, found)

    def long(self) -> Outcome:
        """Type rows while they are written, and judge again only those that did not arrive."""
        records = self.records
        typed = _typed_sql(self.plan, records.sql, None)
        judged = _judged_sql(self.plan, typed)
        rejected = self.refuse_repeats(judged, " AND _good") if self.plan.key else 0
        accepted = self.write(f"({judged}){self.without(rejected)} WHERE _good")
        if self.plan.where or self.plan.emit or accepted + rejected < records.count:
            with self.engine.scratch(_SOME):
                keep_absent(self.engine, last=records.last, out=self.out, into=_SOME)
                absent = _emitted(self.plan, _typed_sql(self.plan, self.some(), None))
                rejected += self.refuse(f"SELECT * FROM ({absent}){self.without(rejected)}")
        _, found = _count(self.plan, self.engine, _emitted(self.plan, typed), refused=False)
        return Outcome(self.plan.table.name, accepted + rejected, accepted, rejected, found)

    def write(self, rows: str) -> int:
        """Write these rows; how many there were."""
        copy = f"COPY ({self.selected} {rows}) TO {quote(str(self.out))}"
        return self.engine.value(f"{copy} ({LAYOUT}, COMPRESSION lz4)")

    def without(self, rejected: int) -> str:
        """An anti-join with the rows that this plan has refused so far."""
        on = "_row" if self.plan.unnest is None else "_row, _part"
        mine = f"SELECT _row, _part FROM {REJECTED} WHERE plan = {quote(self.plan.place)}"
        return f" ANTI JOIN ({mine}) refused USING ({on})" if rejected else ""

    def refuse(self, rows: str) -> int:
        """Add the rows of which a check is true, each with all its reasons; how many there were."""
        refused = [check for check in self.plan.checks if check.rejects]
        if not refused:
            return 0

        def listed(values: list[str]) -> str:
            cases = ", ".join(
                f"CASE WHEN {check.sql} THEN {quote(value)} END"
                for check, value in zip(refused, values, strict=True)
            )
            return f"list_filter([{cases}], lambda x: x IS NOT NULL)"

        reasons = ", ".join(
            listed(values)
            for values in (
                [c.rule for c in refused],
                [c.field for c in refused],
                [c.remedy for c in refused],
            )
        )
        return self.add(f"{reasons} FROM ({rows}) WHERE {_any_of(self.plan)}")

    def refuse_repeats(self, rows: str, good: str = "") -> int:
        """Refuse the earlier rows of a key that occurs again: the last, or the one updated last, stands."""
        if self.plan.key_repeats == "keep":
            return 0
        key = ", ".join(f'"t_{name}"' for name in self.plan.key)
        whole = " AND ".join(f'"t_{name}" IS NOT NULL' for name in self.plan.key)
        with self.engine.scratch(_DOUBLED, _SOME):
            hashes = f"SELECT hash({key}) AS h FROM ({rows}) WHERE {whole}"
            if not keep_doubled(self.engine, hashes, into=_DOUBLED, rows=self.records.count):
                return 0
            again = self.again(key) if good else rows
            newest = '"t_updated_on" DESC NULLS LAST, ' if "updated_on" in self.plan.table else ""
            ranked = (
                f"SELECT _row, _part, row_number() OVER (PARTITION BY {key} "
                f"ORDER BY {newest}_row DESC, _part DESC) AS n "
                f"FROM ({again}) WHERE {whole} AND hash({key}) IN (SELECT h FROM {_DOUBLED}){good}"
            )
            what = "Another row of the file has the same key and stands; remove one of them at the source."
            return self.add(f"{self.repeated(what)} FROM ({ranked}) WHERE n > 1")

    def again(self, key: str) -> str:
        """The rows of a long file whose key has a hash that occurs again, judged."""
        typed = _typed_sql(self.plan, self.records.sql, None)
        hit = f"SELECT _row FROM ({typed}) WHERE hash({key}) IN (SELECT h FROM {_DOUBLED})"
        self.engine.execute(f"CREATE OR REPLACE TEMP TABLE {_SOME} AS {hit}")
        return _judged_sql(self.plan, _typed_sql(self.plan, self.some(), None))

    def some(self) -> str:
        """Of a long file, the records whose numbers stand in a table for the moment."""
        return f"SELECT r.* FROM ({self.records.sql}) r SEMI JOIN {_SOME} USING (_row)"

    def refuse_standing(self, standing: Path) -> int:
        """Refuse corrected rows whose key an accepted row of the same file has."""
        key = ", ".join(f'"t_{name}"' for name in self.plan.key)
        names = ", ".join(f'"{name}"' for name in self.plan.key)
        taken = f"({key}) IN (SELECT ({names}) FROM read_parquet({quote(str(standing))}))"
        what = "Another row of the file has this key and stands."
        return self.add(f"{self.repeated(what)} FROM {_TYPED}{self.without(1)} WHERE {taken}")

    def repeated(self, remedy: str) -> str:
        """Rule, field and remedy of a row whose key another one has."""
        return f"['repeated_key'], [{quote(self.plan.key[0])}], [{quote(remedy)}]"

    def add(self, reasons_and_rows: str) -> int:
        """Add refused rows: the lists of rules, fields and remedies, and where the rows are from."""
        plan, table = quote(self.plan.place), quote(self.plan.table.name)
        return self.engine.value(
            f"INSERT INTO {REJECTED} SELECT {plan}, _row, _part, {table}, {reasons_and_rows}"
        )


def _typed_sql(plan: Plan, records: str, only_rows: str | None) -> str:
    """One row per element: `_row`, `_part`, the raw values (r_, s_), what they mean (m_, p_) and the columns (t_).

    Each value is one column of one level, and what is made of it stands in a level above: within one
    level, the engine would put the whole expression again wherever its name is read.
    """
    records = elements_sql(records, plan.unnest)
    part = "0 AS _part" if plan.unnest is None else "_part"
    conditions = [c for c in (plan.where, only_rows) if c]
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    raw = [value for value in plan.values if value[0].startswith(("r_", "s_"))]
    values = "".join(f', {sql} AS "{name}"' for name, sql in raw)
    level = f"SELECT _row, {part}{values} FROM ({records}){where}"
    waiting = [value for value in plan.values if not value[0].startswith(("r_", "s_"))]
    while waiting:
        ready = [(n, sql) for n, sql in waiting if not any(f'"{o}"' in sql for o, _ in waiting)]
        level = f"SELECT *{_listed(ready)} FROM ({level})"
        waiting = [value for value in waiting if value not in ready]
    return f"SELECT *{_listed([(f't_{name}', sql) for name, sql in plan.columns])} FROM ({level})"


def _listed(values: list[tuple[str, str]]) -> str:
    return "".join(f', {sql} AS "{name}"' for name, sql in values)


def _any_of(plan: Plan) -> str:
    return " OR ".join(f"({check.sql})" for check in plan.checks if check.rejects) or "false"


def _judged_sql(plan: Plan, typed: str) -> str:
    """The typed rows with `_good`: true for rows to accept.

    A condition on `_good` would be pushed down and worked out there once more, were it not for the
    random number, over which the engine moves nothing.
    """
    emit = f"({plan.emit}) AND " if plan.emit else ""
    good = f"{emit}({_any_of(plan)}) IS NOT TRUE"
    return f"SELECT *, CASE WHEN random() >= 0 THEN {good} END AS _good FROM ({typed})"


def _emitted(plan: Plan, typed: str) -> str:
    return f"SELECT * FROM ({typed}) WHERE {plan.emit}" if plan.emit else typed


def _count(
    plan: Plan, engine: Engine, rows: str, *, refused: bool = True
) -> tuple[int, tuple[Found, ...]]:
    """How many of these rows are to be refused, and what is only noted of them."""
    noted = [check for check in plan.checks if not check.rejects]
    if not noted and not refused:
        return 0, ()
    counts = "".join(
        f", count(*) FILTER (WHERE {c.sql}), min(_row, 5) FILTER (WHERE {c.sql})" for c in noted
    )
    bad = f"count(*) FILTER (WHERE {_any_of(plan)})" if refused else "0"
    bad_rows, *row = engine.rows(f"SELECT {bad}{counts} FROM ({rows})")[0]
    found = tuple(
        Found(c.rule, c.field, c.message, c.remedy, row[2 * n], tuple(row[2 * n + 1] or ()))
        for n, c in enumerate(noted)
        if row[2 * n]
    )
    return bad_rows, found
