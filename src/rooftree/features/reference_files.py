"""Reads postcode, deprivation and area files of any year, found by the pattern of their columns.

The column names of these files change every year (`lad25cd`, `lad26cd`, `oslaua`), so each is found
by pattern and none by name. What a file is, too, is told from its header:

- a postcode directory (ONSPD or NSPL): postcode, date of termination, LSOA
- an index of deprivation: LSOA code and Index of Multiple Deprivation rank (CSV, or a sheet of a workbook)
- a rural-urban classification or a composite one, by LSOA; an output area classification, by output area
- Code-Point Open: postcode, eastings, northings; with boundaries (GeoJSON) it places postcodes by position
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import fastexcel
import pyarrow as pa

from rooftree.features.position import Boundary, locate, to_longitude_latitude
from rooftree.features.reference_csv import header_of, load_columns
from rooftree.sources.read_excel import check_workbook
from rooftree.sources.reading import Limits
from rooftree.storage.engine import Engine
from rooftree.vocabulary.errors import DataError, Problem

_POSTCODE = r"pcds|pcd8|pcd2|pcd7?|postcode"

#: What a column means, and the names it has had. The first pattern that matches a column wins.
PATTERNS: dict[str, dict[str, tuple[str, ...]]] = {
    "directory": {
        "postcode": ("pcds", "pcd8", "pcd2", "pcd7?"),
        "terminated": ("doterm",),
        "output_area": (r"oa21(cd)?", r"oa11(cd)?"),
        "lsoa21": (r"lsoa21(cd)?",),
        "lsoa11": (r"lsoa11(cd)?",),
        "ward": (r"wd\d\dcd", "osward"),
        "local_authority": (r"lad\d\dcd", "oslaua"),
        "rural_urban21": (r"ruc21(ind)?",),
        "rural_urban11": (r"ru11ind", r"ruc11(ind)?"),
        "oac21": (r"oac21(ind)?",),
        "oac11": (r"oac11(ind)?",),
        "imd_rank": (r"imd(\d\d)?(ind)?",),
    },
    "imd": {
        "lsoa": (r"lsoa code \(\d{4}\)", r"lsoa\d\dcd"),
        "rank": (r"index of multiple deprivation \(imd\) rank.*", r"imd.*rank.*"),
        "local_authority": (r"local authority district code.*", r"lad\d\dcd"),
    },
    "rural_urban": {"lsoa": (r"lsoa\d\dcd",), "code": (r"ruc\d\dcd",)},
    "composite": {"lsoa": ("lsoa",), "code": (r"ukruc-?3", r"ukruc-?2")},
    "area_classification": {
        "output_area": (r"oa\d\dcd", r"oa\d\d", "output area code"),
        "code": (r"(sub)?group.*code", "subgroup", "group", r"oac\d\d(cd)?"),
    },
    "code_point": {
        "postcode": ("postcode", "pc"),
        "eastings": ("eastings", "ea"),
        "northings": ("northings", "no"),
        "local_authority": ("admin_district_code", "dc"),
        "ward": ("admin_ward_code", "wc"),
    },
}

#: Without these a header is something else.
NEEDED = {
    "directory": ("postcode", "terminated"),
    "imd": ("lsoa", "rank"),
    "rural_urban": ("lsoa", "code"),
    "composite": ("lsoa", "code"),
    "area_classification": ("output_area", "code"),
    "code_point": ("postcode", "eastings", "northings"),
}


@dataclass(frozen=True, slots=True)
class Header:
    """What a table is, and which of its columns means what."""

    kind: str
    columns: dict[str, str]

    def vintage(self, role: str) -> str:
        """The year in the name of a column: 2021 in `lsoa21cd` and in `LSOA code (2021)`."""
        found = re.search(r"(?:20)?(\d\d)(?=cd$|\)|$)", self.columns[role].lower())
        return f"20{found[1]}" if found else ""


def recognise(names: Sequence[str]) -> Header | None:
    """What a table with these column names is; None where it is nothing we know."""
    for kind, roles in PATTERNS.items():
        columns = {}
        for role, patterns in roles.items():
            for pattern in patterns:
                match = [n for n in names if re.fullmatch(pattern, n.strip().lower())]
                if match:
                    columns[role] = match[0]
                    break
        if all(role in columns for role in NEEDED[kind]):
            return Header(kind, columns)
    return None


@dataclass(frozen=True, slots=True)
class Source:
    """One recognised table: its header and the SQL that reads it."""

    name: str
    header: Header
    sql: str


def sources(engine: Engine, paths: Iterable[Path]) -> tuple[list[Source], list[Boundary]]:
    """The tables and boundaries in these files, in the order of their names.

    Raises DataError, naming every file that is missing or is nothing we know.
    """
    found: list[Source] = []
    boundaries: list[Boundary] = []
    problems: list[Problem] = []
    for path in sorted(paths):
        if not path.is_file():
            problems.append(
                Problem(path.name, "is not there.", "Put it into reference/, or take it out.")
            )
        elif path.suffix.lower() in (".geojson", ".json"):
            boundaries += _boundaries(path, problems)
        else:
            try:
                tables = list(_tables(engine, path))
            except DataError as error:
                problems += error.problems
                continue
            found += tables
            if not tables and path.suffix.lower() not in (".md", ".txt"):
                problems.append(
                    Problem(
                        path.name,
                        "has no column we know.",
                        "Use ONSPD, NSPL, IoD, RUC or OAC files as published.",
                    )
                )
    if problems:
        raise DataError(problems)
    return found, boundaries


def _tables(engine: Engine, path: Path) -> Iterator[Source]:
    if path.suffix.lower() == ".csv":
        header = recognise(header_of(path))
        if header:
            name = f"_tmp_reference_{_plain(path)}"
            load_columns(
                engine, path, wanted=list(dict.fromkeys(header.columns.values())), table=name
            )
            _check_numbers(engine, path.name, header, name)
            yield Source(path.name, header, f"SELECT * FROM {name}")
    elif path.suffix.lower() in (".xlsx", ".xls"):
        book = _workbook(path)
        for number, sheet in enumerate(book.sheet_names):
            header = recognise(
                [str(c.name) for c in book.load_sheet(sheet, n_rows=1).available_columns()]
            )
            if header:
                name = f"_tmp_reference_{_plain(path)}_{number}"
                wanted = list(header.columns.values())
                batch = book.load_sheet(sheet, use_columns=wanted, dtypes="string").to_arrow()
                engine.con.register(name, pa.Table.from_batches([batch]))
                _check_numbers(engine, f"{path.name}:{sheet}", header, name)
                yield Source(f"{path.name}:{sheet}", header, f"SELECT * FROM {name}")


def _plain(path: Path) -> str:
    return re.sub("[^a-z0-9]", "_", path.name.lower())


def _workbook(path: Path) -> fastexcel.ExcelReader:
    check_workbook(path, Limits())
    try:
        return fastexcel.read_excel(path)
    except fastexcel.FastExcelError:
        what = "cannot be opened as a workbook: it is damaged."
        raise DataError([Problem(path.name, what, "Download it again.")]) from None


#: What must be a number wherever the cell is filled.
_NUMBERS = ("rank", "imd_rank", "eastings", "northings")


def _check_numbers(engine: Engine, where: str, header: Header, table: str) -> None:
    """Raise DataError for a column that should hold numbers and holds something else, naming it."""
    problems = []
    for role in _NUMBERS:
        name = header.columns.get(role)
        if name is None:
            continue
        cell = f"nullif(trim(\"{name}\"), '')"
        wrong = engine.value(
            f"SELECT count(*) FROM {table} WHERE {cell} IS NOT NULL AND TRY_CAST({cell} AS DOUBLE) IS NULL"
        )
        if wrong:
            what = f"the column {name!r} holds something else than a number in {wrong:,} rows."
            problems.append(Problem(where, what, "Use the file as it was published."))
    if problems:
        raise DataError(problems)


def _boundaries(path: Path, problems: list[Problem]) -> list[Boundary]:
    """Areas with an LSOA code, in longitude and latitude; other boundaries are passed over."""
    try:
        features = json.loads(path.read_text("utf-8-sig")).get("features", [])
    except (ValueError, AttributeError):
        problems.append(Problem(path.name, "is no GeoJSON.", "Download it again."))
        return []
    found = []
    for feature in features:
        codes = {k.lower(): v for k, v in feature["properties"].items()}
        key = next((k for k in codes if re.fullmatch(r"lsoa\d\dcd", k)), None)
        if key is None:
            continue
        shape = feature["geometry"]
        parts = shape["coordinates"] if shape["type"] == "MultiPolygon" else [shape["coordinates"]]
        found.append(
            Boundary(
                codes[key],
                f"20{key[4:6]}",
                tuple(tuple(map(tuple, ring)) for part in parts for ring in part),
            )
        )
    if not features:
        problems.append(Problem(path.name, "holds no boundaries.", "Use GeoJSON with polygons."))
    return found


def placed(engine: Engine, source: Source, boundaries: Sequence[Boundary]) -> pa.Table:
    """Postcodes of Code-Point Open with the LSOA in whose boundary they lie; null outside all of them."""
    c = source.header.columns
    table = engine.execute(
        f'SELECT "{c["postcode"]}" AS postcode, CAST("{c["eastings"]}" AS DOUBLE) AS e, '
        f'CAST("{c["northings"]}" AS DOUBLE) AS n FROM ({source.sql}) ORDER BY 1'
    ).to_arrow_table()
    longitude, latitude = to_longitude_latitude(table["e"].to_numpy(), table["n"].to_numpy())
    areas = locate(longitude, latitude, boundaries)
    return pa.table({
        "postcode": table["postcode"],
        "lsoa": pa.array([None if a is None else a.code for a in areas], pa.string()),
        "vintage": pa.array([None if a is None else a.vintage for a in areas], pa.string()),
    })  # fmt: skip
