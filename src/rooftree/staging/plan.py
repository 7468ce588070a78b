"""One canonical table out of one extract, as SQL fragments: values, what makes a row bad, what is only noted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rooftree.catalogue.model import Catalogue
from rooftree.sources.expressions import compile_expression
from rooftree.sources.model import Extract, TableMap, ValueMap
from rooftree.sources.reading import Reading
from rooftree.staging import conversions as to
from rooftree.staging.schema import BY_NAME
from rooftree.staging.values import CLOSED, KEYS
from rooftree.storage.engine import quote
from rooftree.storage.tables import Column, Table
from rooftree.vocabulary.errors import DataError, Problem

LINEAGE_NAMES = ("system", "source_kind", "source_file", "source_row")


@dataclass(frozen=True, slots=True)
class Check:
    """A condition on the values of one row that, where true, makes it bad (or an issue)."""

    sql: str
    rule: str
    field: str
    message: str
    remedy: str
    rejects: bool = True


@dataclass(frozen=True, slots=True)
class Plan:
    """How one table's rows are made from the reading of one file.

    `values` are named expressions over a record; `columns` are the table's columns over those
    values; `checks` read both.
    """

    table: Table
    place: str
    where: str | None
    unnest: str | None
    values: tuple[tuple[str, str], ...]
    columns: tuple[tuple[str, str], ...]
    checks: tuple[Check, ...]
    key: tuple[str, ...] = ()
    key_repeats: str = "reject"
    used: tuple[str, ...] = ()  # the extract's columns that it reads
    emit: str | None = None  # rows for which this is not true are neither accepted nor rejected


class Names:
    """Resolves the names a definition uses to SQL over one record of a reading."""

    def __init__(self, reading: Reading, *, unnest: str | None = None) -> None:
        self._reading = reading
        self._unnest = unnest
        self.used: dict[str, None] = {}

    def text(self, name: str) -> str | None:
        """SQL for the field as text, or None where the file has no such column."""
        self.used[self._found(name)] = None
        if self._reading.shape == "json":
            return self._json(name)
        column = self._reading.column(name)
        if column is None:
            return None
        return (
            f'"{column.physical}"'
            if column.type == "VARCHAR"
            else f'CAST("{column.physical}" AS VARCHAR)'
        )

    def typed(self, name: str) -> tuple[str, str] | None:
        """The column as it is, with its type, where that is not text (Parquet)."""
        if self._reading.shape == "json":
            return None
        column = self._reading.column(name)
        if column is None or column.type == "VARCHAR":
            return None
        self.used[column.name] = None
        return f'"{column.physical}"', column.type

    def _found(self, name: str) -> str:
        if self._reading.shape == "json":
            up = not self._unnest or name.startswith("^")
            return name.removeprefix("^") if up else f"{self._unnest}[*].{name}".removesuffix("..")
        column = self._reading.column(name)
        return column.name if column else name

    def _json(self, name: str) -> str:
        of, path = "record", name
        if self._unnest:
            of, path = ("record", name[1:]) if name.startswith("^") else ("element", name)
        return f"json_extract_string({of}, {quote(json_path(path))})"


def json_path(name: str) -> str:
    """`tenureType.code` → `$."tenureType"."code"`; `types[0]` keeps its index; `.` is the element itself."""
    if name in (".", ""):
        return "$"
    parts = []
    for part in name.split("."):
        bare, bracket, index = part.partition("[")
        parts.append(f'."{bare}"{bracket}{index}')
    return "$" + "".join(parts)


def plan_table(
    mapping: TableMap, *, extract: Extract, reading: Reading, catalogue: Catalogue | None
) -> Plan:
    """The plan of one table map over one file. Raises DataError where a mapped column is not in the file."""
    table = BY_NAME[mapping.table]
    builder = Builder(mapping.place, extract, Names(reading, unnest=mapping.unnest), catalogue)
    for column in table.columns[len(LINEAGE_NAMES) :]:
        said = mapping.columns.get(column.name)
        if said is None:
            builder.columns.append((column.name, f"CAST(NULL AS {column.type})"))
            if column.required:
                builder.missing_column(column.name)
            continue
        builder.add(table, column, said)
    where = builder.condition(mapping.where) if mapping.where else None
    typed = {name for name, _ in builder.columns}
    for rule in mapping.rules:
        place = f"{mapping.place} rule {rule.key}"
        if rule.of_source:
            holds = f'"s_{len(builder.values)}"'
            builder.values.append((holds.strip('"'), builder.expression(rule.holds, place)))
        else:
            holds = compile_expression(
                rule.holds, where=place, resolve=lambda n: f'"t_{n}"' if n in typed else None
            )
        field = next((n for n in mapping.columns if n in rule.holds), "")
        builder.checks.append(
            Check(
                f"({holds}) IS FALSE",
                rule.key,
                field,
                rule.message,
                rule.remedy,
                rule.on_failure == "reject",
            )
        )
    builder.stop_if_missing()
    key = tuple(k for k in KEYS.get(table.name, ()) if k in mapping.columns)
    return Plan(
        table=table,
        place=mapping.place,
        where=where,
        unnest=mapping.unnest,
        values=tuple(builder.values),
        columns=tuple(builder.columns),
        checks=tuple(builder.checks),
        key=key if len(key) == len(KEYS.get(table.name, ("",))) else (),
        key_repeats=mapping.repeats,
        used=tuple(builder.names.used),
    )


class Builder:
    """Collects the fragments of one plan."""

    def __init__(
        self, place: str, extract: Extract, names: Names, catalogue: Catalogue | None
    ) -> None:
        self.place = place
        self.extract = extract
        self.names = names
        self.catalogue = catalogue
        self.values: list[tuple[str, str]] = []
        self.columns: list[tuple[str, str]] = []
        self.checks: list[Check] = []
        self._missing: list[str] = []
        self._required: list[str] = []

    def add(self, table: Table, column: Column, said: ValueMap) -> None:
        """One column of the table, from what the definition says of it."""
        raw = self.raw(said)
        if raw is None:
            self.columns.append((column.name, f"CAST(NULL AS {column.type})"))
            if column.required:
                self._required.append(column.name)
            return
        name = f"r_{column.name}"
        self.values.append((name, raw))
        value = f'"{name}"'
        codes = code_map(said, self.catalogue)
        if codes is not None:
            value = self._coded(column, said, value, codes)
        typed = self.typed(column, said, value)
        self.columns.append((column.name, typed))
        self._judge(table, column, said, value, codes)

    def raw(self, said: ValueMap) -> str | None:
        """The text (or typed value) that a column is made from."""
        if said.constant is not None:
            return quote(said.constant)
        if said.sql is not None:
            place = self.place
            sql = compile_expression(said.sql, where=place, resolve=self.resolve)
            return to.text(f"CAST({sql} AS VARCHAR)")
        assert said.source is not None
        typed = self.names.typed(said.source)
        if typed is not None and said.split is None:
            return typed[0]
        text = self.names.text(said.source)
        if text is None:
            if not said.optional:
                self._missing.append(said.source)
            return None
        if said.split is not None:
            text = f"string_split({to.text(text)}, {quote(said.split)})[{said.part}]"
        return to.text(text, no_value=self.extract.no_value)

    def resolve(self, name: str) -> str:
        """A column of the extract, for an expression; one that the file lacks is told with the others."""
        text = self.names.text(name)
        if text is None:
            self._missing.append(name)
        return "NULL" if text is None else to.text(text, no_value=self.extract.no_value)

    def condition(self, sql: str) -> str:
        """A `where` over the extract's columns."""
        return self.expression(sql, f"{self.place}.where")

    def expression(self, sql: str, place: str) -> str:
        """Any expression over the extract's columns."""
        return compile_expression(sql, where=place, resolve=self.resolve)

    def typed(self, column: Column, said: ValueMap, value: str) -> str:
        """The value as the column's type; null where it cannot be."""
        source = self.names.typed(said.source) if said.source and said.split is None else None
        if source is not None and said.codes is None and said.code_list is None:
            direct = _direct(column, said, value, source[1])
            if direct is not None:
                return self.day(column.name, direct) if column.type == "DATE" else direct
            value = f"CAST({value} AS VARCHAR)"
        parsed = self.parsed(column, said, value)
        return self.day(column.name, parsed) if column.type == "DATE" else parsed

    def parsed(self, column: Column, said: ValueMap, value: str) -> str:
        """Text as the column's type, sentinels still among the dates."""
        if column.type == "DATE":
            formats = self.extract.dates
            if (
                said.sql is not None
                or said.constant is not None
                or self.extract.format in ("excel", "parquet", "sql")
            ):
                formats = tuple(dict.fromkeys((*formats, "yyyy-mm-dd")))
            return to.date(value, formats=formats, pivot_year=self.extract.pivot_year)
        if column.name.endswith("_pence"):
            return to.pence(value, unit=said.unit or "pence", negate=said.negate)
        if column.type in ("BIGINT", "INTEGER"):
            return f"TRY_CAST({to.whole(value, negate=said.negate)} AS {column.type})"
        if column.type == "DOUBLE":
            return to.number(value, negate=said.negate)
        if column.type == "BOOLEAN":
            return to.boolean(value)
        return to.tidy(column.name, value)

    def day(self, name: str, parsed: str) -> str:
        """A date as parsed, kept as `p_<name>`, and without the sentinels that mean "no date"."""
        self.values.append((f"p_{name}", parsed))
        return without_sentinels(f'"p_{name}"', self.extract.no_date)

    def _coded(self, column: Column, said: ValueMap, value: str, codes: dict[str, str]) -> str:
        other = {"reject": None, "null": None, "keep": value}.get(
            said.otherwise, quote(said.otherwise)
        )
        if other is not None:
            other = f"CASE WHEN {value} IS NOT NULL THEN {other} END"
        self.values.append((f"m_{column.name}", to.mapped(value, codes, otherwise=other)))
        return f'"m_{column.name}"'

    def _judge(
        self,
        table: Table,
        column: Column,
        said: ValueMap,
        value: str,
        codes: dict[str, str] | None,
    ) -> None:
        name, raw, typed = column.name, f'"r_{column.name}"', f'"t_{column.name}"'
        if codes is not None:
            unknown = f"{raw} IS NOT NULL AND {value} IS NULL"
            self.checks.append(
                Check(unknown, "unknown_code", name, f"A code of {name} is not in its map.",
                      "Add the code to the map, or correct it in the source.", said.otherwise != "null")
            )  # fmt: skip
        if column.type != "VARCHAR":
            read = f'"p_{name}"' if column.type == "DATE" else typed
            bad = f"{value} IS NOT NULL AND {read} IS NULL"
            self.checks.append(
                Check(bad, f"not_a_{_KIND[column.type]}", name, f"{name} is not a {_KIND[column.type]}.",
                      "Correct it in the source, or add its format to the definition.")
            )  # fmt: skip
        closed = CLOSED.get((table.name, name))
        # words that the map itself can only give from the closed set need no look at the rows
        given = {*codes.values(), said.otherwise} - {"reject", "null"} if codes else {"keep"}
        if closed and said.constant is None and not given <= set(closed):
            words = ", ".join(quote(word) for word in closed)
            self.checks.append(
                Check(f"{typed} NOT IN ({words})", "unknown_code", name, f"A code of {name} is not known.",
                      f"Map it to one of {', '.join(closed)}.")
            )  # fmt: skip
        if column.required and said.constant is None:
            nothing = f"{raw} IS NULL" if codes is None else f"({raw} IS NULL AND {typed} IS NULL)"
            if codes is not None and said.otherwise == "null":
                nothing = f"{typed} IS NULL"
            self.checks.append(
                Check(nothing, "required", name, f"{name} is missing.", "Fill it in at the source.")
            )

    def missing_column(self, name: str) -> None:
        """A required column of the table that the definition does not map."""
        self._required.append(name)

    def stop_if_missing(self) -> None:
        """Raise DataError where the file lacks a mapped column."""
        problems = [
            Problem(self.place, f"the file has no column {name}.",
                    "Correct the name, add it under renamed, or say optional = true.")
            for name in dict.fromkeys(self._missing)
        ]  # fmt: skip
        problems += [
            Problem(self.place, f"the required column {name} has no source.", f"Map {name}.")
            for name in self._required
        ]
        if problems:
            raise DataError(problems)


_KIND = {
    "DATE": "date", "BIGINT": "number", "INTEGER": "number", "DOUBLE": "number",
    "BOOLEAN": "yes_or_no", "TIMESTAMP": "moment",
}  # fmt: skip


def _direct(column: Column, said: ValueMap, value: str, found: str) -> str | None:
    """A typed source column used as it is, where its type fits."""
    sign = "-" if said.negate else ""
    if column.type == "DATE" and (found == "DATE" or found.startswith("TIMESTAMP")):
        return f"CAST({value} AS DATE)"
    whole = found.removeprefix("U") in ("BIGINT", "INTEGER", "SMALLINT", "TINYINT", "HUGEINT")
    numeric = whole or found in ("DOUBLE", "FLOAT") or found.startswith("DECIMAL")
    if column.name.endswith("_pence") and numeric:
        if said.unit == "pounds":
            # what is not finite, or too large for an amount, is no number here
            return f"TRY(CAST({sign}round({value} * 100) AS BIGINT))"
        return f"CAST({sign}{value} AS BIGINT)" if whole else None
    if column.type in ("BIGINT", "INTEGER") and whole:
        return f"TRY_CAST({sign}{value} AS {column.type})"
    if column.type == "DOUBLE" and numeric:
        return f"CASE WHEN isfinite(CAST({value} AS DOUBLE)) THEN CAST({sign}{value} AS DOUBLE) END"
    if column.type == "BOOLEAN" and found == "BOOLEAN":
        return value
    return None


def without_sentinels(day: str, sentinels: Sequence[str]) -> str:
    """The day, or null where it is one that the source writes for "no date"."""
    if not sentinels:
        return day
    days = ", ".join(f"DATE {quote(sentinel)}" for sentinel in sentinels)
    return f"CASE WHEN {day} NOT IN ({days}) THEN {day} END"


def code_map(said: ValueMap, catalogue: Catalogue | None) -> dict[str, str] | None:
    """The codes a column is mapped by: written in the definition, or a frame of the catalogue."""
    if said.codes is not None:
        return dict(said.codes)
    if said.code_list is None or catalogue is None:
        return None
    codes = catalogue.code_lists[said.code_list]
    if said.frame is None:
        return {key: key for key in codes.keys}
    return dict(codes.frames[said.frame].to_ours)
