"""Rows that are passed over, and rows that are no records: found once per file, before any table is made."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass

import pyarrow as pa

from rooftree.sources.model import Extract
from rooftree.sources.reading import Reading
from rooftree.storage.engine import Engine, quote

_BLANKS = "' ' || chr(9) || chr(10) || chr(13) || chr(160)"

REMEDIES = {
    "wrong_number_of_fields": "Mend the row: it has more or fewer fields than the header.",
    "unbalanced_quote": "A quotation mark has no partner, here or in the line before; mend it.",
    "nul_byte": "The row holds a NUL byte; export it again.",
    "invalid_json": "The line is not a JSON object; mend it.",
}


@dataclass(frozen=True, slots=True)
class Sieve:
    """What stays of a reading: the condition that keeps records, and counts of all the others."""

    keep: str | None
    passed: int  # blank rows, repeated headers, trailers
    records: int  # left for the tables
    unreadable: tuple[tuple[int, str, str], ...]  # row, rule, raw JSON


def sieve(reading: Reading, *, extract: Extract, engine: Engine) -> Sieve:
    """Sort a reading's records from what is none."""
    lost = [(bad.row, bad.rule, _line(part)) for bad in reading.bad for part in _parts(bad.text)]
    conditions: list[str] = []
    passed = 0
    if reading.shape == "json":
        nul = r"contains(record, '\u0000')"  # how JSON writes a NUL
        rows = _query(
            reading, engine, f"record, {nul}", f"NOT json_valid(record) OR json_type(record) <> 'OBJECT' OR {nul}"
        )  # fmt: skip
        lost += [
            (row, "nul_byte" if nul else "invalid_json", _line(text)) for row, text, nul in rows
        ]
        gone = [row for row, *_ in rows]
    else:
        gone = _broken(reading, extract, engine, lost)
    if gone:
        listed = ", ".join(str(row) for row in gone)
        conditions.append(f"{reading.row_sql} NOT IN ({listed})")
    if extract.format in ("csv", "excel"):
        test = _passed_over(reading, extract)
        first = _suspicious(reading, extract)
        source = f"read_parquet({quote(str(reading.path))})"
        if engine.value(f"SELECT count(*) FROM {source} WHERE {first}"):
            also = f" AND {' AND '.join(conditions)}" if conditions else ""
            passed = engine.value(f"SELECT count(*) FROM {source} WHERE {test}{also}")
            if passed:
                conditions.append(f"NOT ({test})")
    return Sieve(
        keep=" AND ".join(conditions) or None,
        passed=passed,
        records=reading.records - passed - len(gone),
        unreadable=tuple(lost),
    )


def _broken(
    reading: Reading, extract: Extract, engine: Engine, lost: list[tuple[int, str, str]]
) -> list[int]:
    """Records with a NUL, and records in which an unpartnered quotation mark has swallowed lines."""
    columns = ", ".join(f'"{c.physical}"' for c in reading.columns)
    gone: list[int] = []
    if any(note.rule == "nul_bytes" for note in reading.notes):
        test = " OR ".join(f'contains("{c.physical}", chr(0))' for c in reading.columns)
        for row, *cells in _query(reading, engine, columns, test):
            named = zip(reading.columns, cells, strict=True)
            raw = {c.name: (cell or "").replace("\0", "\ufffd") for c, cell in named}
            lost.append((row, "nul_byte", json.dumps(raw, ensure_ascii=False)))
            gone.append(row)
    width = len(reading.columns)
    if reading.multiline and width >= 3:
        # a field with a line break and as many delimiters as a whole row has is not one field
        mark = quote(extract.delimiter)
        test = " OR ".join(
            f'(contains("{c.physical}", chr(10)) AND len(string_split("{c.physical}", {mark})) >= {width})'
            for c in reading.columns
        )
        for row, *cells in _query(reading, engine, columns, test):
            if row not in gone:
                lost += [
                    (row, "unbalanced_quote", _line(p)) for p in _parts(_rebuilt(cells, extract))
                ]
                gone.append(row)
    return gone


def _query(reading: Reading, engine: Engine, columns: str, test: str) -> list[tuple]:
    return engine.rows(
        f"SELECT {reading.row_sql}, {columns} FROM read_parquet({quote(str(reading.path))}) "
        f"WHERE {test} ORDER BY 1"
    )


def _passed_over(reading: Reading, extract: Extract) -> str:
    names = [f'"{c.physical}"' for c in reading.columns]
    blank = f"COALESCE({', '.join(_bare(name) for name in names)}) IS NULL"
    header = " AND ".join(
        f"COALESCE(\"{c.physical}\", '') = {quote(c.header)}" for c in reading.columns
    )
    tests = [f"({blank})", f"({header})"]
    if extract.trailer:
        tests.append(f"regexp_matches(COALESCE({_bare(names[0])}, ''), {quote(extract.trailer)})")
    return f"({' OR '.join(tests)})"


def _suspicious(reading: Reading, extract: Extract) -> str:
    """A cheap test on the first column alone that no passed-over row escapes: '!' follows the blanks."""
    first = reading.columns[0]
    name = f'"{first.physical}"'
    test = f"{name} IS NULL OR {name} < '!' OR starts_with({name}, chr(160)) OR {name} = {quote(first.header)}"
    if extract.trailer:
        test += f" OR regexp_matches({_bare(name)}, {quote(extract.trailer)})"
    return test


def _bare(name: str) -> str:
    return f"NULLIF(trim({name}, {_BLANKS}), '')"


def _line(text: str) -> str:
    return json.dumps({"_line": text.replace("\0", "\ufffd")}, ensure_ascii=False)


def _parts(text: str) -> list[str]:
    """The lines of an unreadable row; what the closing mark adds at the very end is none."""
    return [line for line in text.splitlines() if line.strip('"')] or [text]


def _rebuilt(cells: list[str], extract: Extract) -> str:
    """The record as text again, near enough to be mended by eye."""
    out = io.StringIO()
    csv.writer(out, delimiter=extract.delimiter, lineterminator="").writerow(cells)
    return out.getvalue()


def unreadable_table(rows: tuple[tuple[int, str, str], ...]) -> pa.Table:
    """The unreadable rows as a table of row, rules, fields, remedies, raw."""
    return pa.table(
        {
            "_row": pa.array([r[0] for r in rows], pa.int64()),
            "rules": pa.array([[r[1]] for r in rows], pa.list_(pa.string())),
            "fields": pa.array([[""] for _ in rows], pa.list_(pa.string())),
            "remedies": pa.array([[REMEDIES[r[1]]] for r in rows], pa.list_(pa.string())),
            "raw": pa.array([r[2] for r in rows], pa.string()),
        }
    )
