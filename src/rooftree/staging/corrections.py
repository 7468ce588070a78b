"""Refused rows out to a CSV, put right by people, and replayed: as often as one likes, with one result."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from rooftree.sources.model import Extract
from rooftree.sources.reading import BadRow, Reading, SourceColumn
from rooftree.storage.engine import Engine
from rooftree.vocabulary.errors import DataError, Problem

#: Columns of a corrections file that are not the extract's own.
PLACE = ("_file", "_row", "_tables", "_rules", "_remedies", "_line", "_record")
_ROW = re.compile(r"[0-9]{1,15}")
_REMEDY = "Begin from the file that was exported, and keep its first columns."


@dataclass(frozen=True, slots=True)
class Correction:
    """One row put right: where it came from, and its cells, its line or its record."""

    source_file: str
    row: int
    cells: tuple[tuple[str, str], ...]
    line: str
    record: str


def corrections_path(folder: Path, *, system: str, extract: str) -> Path:
    """Where the corrections of one extract are kept."""
    return folder / f"{system}.{extract}.csv"


def export_rejects(engine: Engine, path: Path, *, system: str, extract: str) -> int:
    """Write the refused rows of one extract to a CSV, to be put right and replayed; returns how many.

    Each row keeps its file, its number, what was wrong and what to do; then come the extract's own
    columns. Rows that are no records have their text in `_line`, JSON records in `_record`.
    """
    rows = engine.rows(
        "SELECT source_file, source_row, string_agg(DISTINCT table_name, '; ' ORDER BY table_name), "
        "array_to_string(list_sort(list_distinct(flatten(list(rules)))), '; '), "
        "array_to_string(list_sort(list_distinct(flatten(list(remedies)))), '; '), raw "
        "FROM staging.reject WHERE system = ? AND extract = ? "
        "GROUP BY source_file, source_row, raw ORDER BY source_file, source_row, raw",
        [system, extract],
    )
    parsed = [(row[:5], json.loads(row[5]), row[5]) for row in rows]
    nested = any(_is_record(values) for _, values, _ in parsed)
    names: dict[str, None] = {}
    for _, values, _ in parsed:
        if "_line" not in values and not nested:
            names.update(dict.fromkeys(values))
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*PLACE, *names])
        for place, values, raw in parsed:
            line = values.get("_line", "")
            record = raw if nested and not line else ""
            cells = [] if record else [values.get(name) or "" for name in names]
            writer.writerow([*place, line, record, *cells])
    return len(parsed)


def _is_record(values: dict[str, object]) -> bool:
    return any(not isinstance(value, str | None) for value in values.values())


def read_corrections(path: Path) -> dict[str, list[Correction]]:
    """The corrections of one extract by file. Raises DataError where the file's first columns are gone."""
    if not path.is_file():
        return {}
    try:
        path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        remedy = "Save it as CSV UTF-8: other kinds of CSV lose letters."
        raise DataError([Problem(path.name, "the file is not utf-8.", remedy)]) from error
    found: dict[str, list[Correction]] = defaultdict(list)
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file, restkey="_more", restval="")
        missing = [name for name in ("_file", "_row") if name not in (reader.fieldnames or [])]
        if missing:
            raise DataError([Problem(path.name, f"the column {missing[0]} is missing.", _REMEDY)])
        for n, row in enumerate(reader, start=2):
            if not _ROW.fullmatch(row["_row"].strip()):
                raise DataError([Problem(f"{path.name}: line {n}", "_row is no number.", _REMEDY)])
            cells = tuple(
                (k, v) for k, v in row.items() if k not in PLACE and isinstance(v, str) and k
            )
            file_id, line, record = row["_file"].strip(), row.get("_line"), row.get("_record")
            found[file_id].append(
                Correction(file_id, int(row["_row"]), cells, line or "", record or "")
            )
    return dict(found)


def as_reading(
    corrections: Sequence[Correction], out: Path, *, extract: Extract, columns: Sequence[str]
) -> Reading:
    """Corrections as a reading of the file they belong to, whose columns were `columns`."""
    if extract.format == "jsonl":
        return _json_reading(corrections, out)
    names = list(columns)
    index = {name: n for n, name in enumerate(names)}
    rows: list[list[str | None]] = []
    numbers: list[int] = []
    bad: list[BadRow] = []
    for correction in corrections:
        if correction.line and not any(value for _, value in correction.cells):
            cells = next(csv.reader(io.StringIO(correction.line), delimiter=extract.delimiter), [])
            if len(cells) != len(names):
                bad.append(BadRow(correction.row, "wrong_number_of_fields", correction.line))
                continue
            rows.append(list(cells))
        else:
            row: list[str | None] = [None] * len(names)
            for name, value in correction.cells:
                if name in index:
                    row[index[name]] = value
            rows.append(row)
        numbers.append(correction.row)
    found = tuple(SourceColumn(name, f"c{n}", header=name) for n, name in enumerate(names))
    arrays = [pa.array([row[n] for row in rows], pa.string()) for n in range(len(names))]
    physical = [column.physical for column in found]
    table = pa.table([pa.array(numbers, pa.int64()), *arrays], names=["_row", *physical])
    pq.write_table(table, out)
    return Reading(path=out, shape="columns", columns=found, records=len(rows), bad=tuple(bad))


def _json_reading(corrections: Iterable[Correction], out: Path) -> Reading:
    rows = [(c.row, c.record or c.line) for c in corrections]
    table = pa.table(
        {
            "_row": pa.array([row for row, _ in rows], pa.int64()),
            "record": pa.array([text for _, text in rows], pa.string()),
        }
    )
    pq.write_table(table, out)
    return Reading(path=out, shape="json", columns=(SourceColumn("record", "record"),), records=len(rows))  # fmt: skip
