"""People as rows, for a stated purpose: who is a customer, the attributes asked for, and nothing else.

Only attributes and features that may *select* for the purpose can be exported row by row; answers
for equality monitoring never can. Names and addresses are left out unless asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from rooftree.catalogue.model import Catalogue
from rooftree.pipeline.record import check_purpose
from rooftree.storage.engine import Engine, quote
from rooftree.vocabulary.errors import DefinitionError, PolicyDenied, Problem, UserError
from rooftree.vocabulary.states import Grain

FORMATS = ("csv", "parquet", "xlsx", "jsonl")

#: A spreadsheet reads a cell that begins with one of these as a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")

_NAMES = "p.title, p.given_name, p.family_name, p.date_of_birth, h.address_line_1, h.postcode"


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written."""

    path: str
    rows: int
    columns: tuple[str, ...]
    purpose: str


def export_people(
    engine: Engine,
    path: Path,
    *,
    catalogue: Catalogue,
    purpose: str,
    attributes: Sequence[str] = (),
    features: Sequence[str] = (),
    with_names: bool = False,
) -> Exported:
    """Write one row per current customer and tenancy.

    Each attribute gives two columns, the value and its state of knowledge. The format is the
    file's ending: csv, parquet, xlsx or jsonl. Raises PolicyDenied, naming every attribute and
    feature that the purpose may not use to pick people.
    """
    check_ending(path)
    check_purpose(purpose, catalogue)
    _check_known(catalogue, attributes, features)
    _check_allowed(catalogue, purpose, attributes, features)
    table = engine.execute(_sql(catalogue, attributes, features, with_names)).to_arrow_table()
    write_table(table, path)
    return Exported(str(path), table.num_rows, tuple(table.column_names), purpose)


def check_ending(path: Path) -> None:
    """Refuse a file name whose ending is no format that can be written."""
    ending = path.suffix.lstrip(".").lower()
    if ending not in FORMATS:
        raise UserError(
            f"Cannot write .{ending or '(nothing)'}: end the file's name with {', '.join(FORMATS)}."
        )


def write_table(table: pa.Table, path: Path) -> None:
    """Write a table in the format of the file's ending."""
    check_ending(path)
    _WRITERS[path.suffix.lstrip(".").lower()](table, path)


def _check_known(catalogue: Catalogue, attributes: Sequence[str], features: Sequence[str]) -> None:
    problems = [
        Problem("--attribute", f"there is no attribute '{a}'.")
        for a in attributes
        if a not in catalogue.attributes
    ]
    problems += [
        Problem("--feature", f"there is no feature '{f}'.")
        for f in features
        if f not in catalogue.features
    ]
    if problems:
        raise DefinitionError(problems)


def _check_allowed(
    catalogue: Catalogue, purpose: str, attributes: Sequence[str], features: Sequence[str]
) -> None:
    declared = [catalogue.attributes[key] for key in attributes] + [
        catalogue.features[key] for key in features
    ]
    refused = [each for each in declared if purpose not in each.select_for]
    if refused:
        allowed = {
            each.key: ", ".join(each.select_for) or "no purpose (it is counted)" for each in refused
        }
        lines = [
            f"  - {key} may pick people only for: {purposes}" for key, purposes in allowed.items()
        ]
        raise PolicyDenied(f"The purpose '{purpose}' may not list people by:\n" + "\n".join(lines))


def _sql(
    catalogue: Catalogue, attributes: Sequence[str], features: Sequence[str], with_names: bool
) -> str:
    columns, joins = "", ""
    subject = {
        Grain.PERSON: "m.person_id",
        Grain.HOUSEHOLD: "m.household_id",
        Grain.TENANCY: "m.tenancy_id",
    }
    for number, key in enumerate(attributes):
        grain = catalogue.attributes[key].grain
        on = subject.get(grain, "t.home_id")
        columns += f', a{number}.value AS "{key}", coalesce(a{number}.state, \'not_asked\') AS "{key}_state"'
        joins += (
            f" LEFT JOIN profile.value a{number} ON a{number}.subject_id = {on}"
            f" AND a{number}.attribute = {quote(key)} AND a{number}.grain = {quote(grain.value)}"
        )
    held = {key: (catalogue.features[key].place, catalogue.features[key].grain) for key in features}
    for name, grain in sorted({(table, grain) for (table, _), grain in held.values()}):
        # A table of members holds a person once for each tenancy, and the row is one of them.
        both = f" AND {_alias(name)}.tenancy_id = m.tenancy_id" if name == "identity.member" else ""
        on = subject.get(grain, "t.home_id")
        joins += f" LEFT JOIN {name} {_alias(name)} ON {_alias(name)}.{grain.value}_id = {on}{both}"
    columns += "".join(
        f', {_alias(table)}."{column}" AS "{key}"' for key, ((table, column), _) in held.items()
    )
    names = f", {_NAMES}" if with_names else ""
    return f"""SELECT m.person_id, m.role, t.tenancy_id, t.tenancy_ref, t.tenure, h.patch{names}{columns}
        FROM identity.member m
        JOIN identity.person p USING (person_id)
        JOIN identity.tenancy t USING (tenancy_id)
        LEFT JOIN identity.home h ON h.home_id = t.home_id {joins}
        WHERE m.is_current AND t.is_current
        ORDER BY m.person_id, t.tenancy_id"""


def _alias(table: str) -> str:
    return "f_" + table.replace(".", "_")


def _write_csv(table: pa.Table, path: Path) -> None:
    safe = table
    for position, field in enumerate(table.schema):
        if pa.types.is_string(field.type):
            safe = safe.set_column(position, field.name, _no_formulas(table.column(position)))
    pa_csv.write_csv(safe, path)


def _no_formulas(column: pa.ChunkedArray) -> pa.Array:
    return pa.array(
        ["'" + text if text and text.startswith(_FORMULA) else text for text in column.to_pylist()],
        pa.string(),
    )


def _write_parquet(table: pa.Table, path: Path) -> None:
    pq.write_table(table, path, compression="zstd")


def _write_jsonl(table: pa.Table, path: Path) -> None:
    import json

    with path.open("w", encoding="utf-8") as file:
        for batch in table.to_batches():
            for row in batch.to_pylist():
                file.write(json.dumps(row, ensure_ascii=False, default=str) + "\n")


def _write_xlsx(table: pa.Table, path: Path) -> None:
    import xlsxwriter

    with xlsxwriter.Workbook(
        str(path), {"constant_memory": True, "strings_to_formulas": False}
    ) as book:
        sheet = book.add_worksheet("People")
        heading = book.add_format({"bold": True, "bottom": 1})
        date = book.add_format({"num_format": "dd/mm/yyyy"})
        sheet.freeze_panes(1, 0)
        for position, name in enumerate(table.column_names):
            sheet.write_string(0, position, name, heading)
        number = 1
        for batch in table.to_batches():
            for row in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                for position, value in enumerate(row):
                    if value is not None:
                        sheet.write(
                            number, position, value, date if hasattr(value, "isoformat") else None
                        )
                number += 1


_WRITERS = {
    "csv": _write_csv,
    "parquet": _write_parquet,
    "jsonl": _write_jsonl,
    "xlsx": _write_xlsx,
}
