"""Where homes stand: postcodes with their small areas, invented by default or from supplied files.

The invented district lies in the North Sea. Its postcodes have the form of real ones, so that a
check of form finds only those that are wrong on purpose, but they are in districts that Royal Mail
does not use (IP40 to IP79, LS40 to LS79): no demonstration can point at a real door.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow.csv as pa_csv

from rooftree.demo.draws import Array, Frame, pick, stream, words
from rooftree.demo.gridref import to_degrees
from rooftree.demo.names import place_names
from rooftree.vocabulary.errors import DataError, Problem, UserError

_LETTERS = "ABDEFGHJLNPQRSTUWXYZ"  # never C I K M O V in the second half of a postcode
UNITS_PER_OA, UNITS_PER_LSOA, UNITS_PER_WARD = 2, 8, 40

#: A postcode area for each setting, and numbers of districts that neither area uses.
AREAS = {"rural": "IP", "city": "LS"}
DISTRICTS = (*range(70, 80), *range(40, 70))
_PER_SECTOR = len(_LETTERS) ** 2
#: Postcodes that the invented districts can hold: enough for well over a million homes.
MOST_UNITS = len(DISTRICTS) * 10 * _PER_SECTOR


def invented_units(n: int, *, seed: int, setting: str) -> Frame:
    """`n` postcodes of an invented district: street, town, ward, LSOA, output area, grid reference.

    Raises UserError for more than `MOST_UNITS`.
    """
    if n > MOST_UNITS:
        raise UserError(
            f"The invented district has {MOST_UNITS:,} postcodes, and {n:,} are needed. "
            "Make fewer homes, or supply a geography."
        )
    rng = stream(seed, "places")
    number = np.arange(n)
    sector = number // _PER_SECTOR
    letters = np.array(list(_LETTERS), dtype=object)
    inward = letters[number % _PER_SECTOR // 20] + letters[number % 20]
    area = AREAS.get(setting, AREAS["rural"])
    outward = words([f"{area}{DISTRICTS[s // 10]} {s % 10}" for s in range(int(sector[-1]) + 1)])[
        sector
    ]
    lsoa, ward = number // UNITS_PER_LSOA, number // UNITS_PER_WARD
    centre = rng.uniform(0, 30_000, (int(ward[-1]) + 1, 2))
    spot = centre[ward] + rng.normal(0, 900 if setting == "city" else 1_800, (n, 2))
    east = (600_000 + np.clip(spot[:, 0], 0, 30_000)).astype(np.int64)
    north = (400_000 + np.clip(spot[:, 1], 0, 30_000)).astype(np.int64)
    deprived = rng.beta(1.2, 2.2, int(lsoa[-1]) + 1)
    return {
        "postcode": outward + inward,
        "street": words(list(place_names("street")))[
            rng.integers(0, len(place_names("street")), n)
        ],
        "town": _towns(rng, ward, setting),
        "district": words(["E07999901"])[np.zeros(n, dtype=int)],
        "ward": words([f"E05999{w:03d}" for w in range(int(ward[-1]) + 1)])[ward],
        "lsoa": words([f"E01999{a:03d}" for a in range(int(lsoa[-1]) + 1)])[lsoa],
        "oa": words([f"E00{990_000 + a:06d}" for a in range(n // UNITS_PER_OA + 1)])[
            number // UNITS_PER_OA
        ],
        "imd_rank": (1 + deprived * 33_754).astype(np.int64)[lsoa],
        "rural": pick(rng, [7, 3] if setting != "city" else [0, 10], int(ward[-1]) + 1)[ward] == 0,
        "easting": east,
        "northing": north,
        **to_degrees(east, north),
    }


def _towns(rng: np.random.Generator, ward: Array, setting: str) -> Array:
    wards = int(ward[-1]) + 1
    if setting == "city":
        names = words(list(place_names("quarter")))
        return names[np.arange(wards) % len(names)][ward]
    towns, villages = words(list(place_names("town"))), words(list(place_names("village")))
    is_town = rng.random(wards) < (0.35 if setting == "rural" else 0.8)
    names = np.where(
        is_town,
        towns[np.arange(wards) % len(towns)],
        villages[rng.integers(0, len(villages), wards)],
    )
    return names[ward]


def supplied_units(n: int, *, seed: int, folder: Path) -> Frame:
    """`n` real postcodes from a folder with a Code-Point Open CSV and LSOA boundaries (GeoJSON).

    Streets stay invented: only the postcode and its areas are real. Postcodes that lie in none of
    the boundaries are left out.
    """
    rng = stream(seed, "places")
    points = sorted(folder.glob("codepoint*.csv"))
    shapes = sorted(folder.glob("lsoa*.geojson"))
    if not points or not shapes:
        raise DataError(
            [
                Problem(
                    folder.name,
                    "the geography folder needs codepoint*.csv and lsoa*.geojson.",
                    "Put both there, or leave the geography out.",
                )
            ]
        )
    table = pa_csv.read_csv(points[0])
    east = table["Eastings"].to_numpy().astype(np.int64)
    north = table["Northings"].to_numpy().astype(np.int64)
    degrees = to_degrees(east, north)
    lsoa, town = _areas(shapes, degrees["longitude"], degrees["latitude"])
    inside = np.flatnonzero((lsoa != "") & (east > 0))
    # Neighbouring postcodes are drawn in runs, as a landlord's stock lies in estates and villages.
    runs = inside[np.lexsort((table["Postcode"].to_numpy()[inside], lsoa[inside]))]
    start = rng.permutation(len(runs))[: max(n // 3, 1)]
    chosen = np.unique((start[:, None] + np.arange(4)[None, :]).ravel() % len(runs))
    at = runs[chosen] if len(chosen) <= n else runs[np.sort(rng.choice(chosen, n, replace=False))]
    at = at[np.arange(n) % len(at)]
    codes, area = np.unique(lsoa[at].astype(str), return_inverse=True)
    streets = place_names("street")
    return {
        "postcode": words([str(p).strip() for p in table["Postcode"].to_numpy()[at]]),
        "street": words(list(streets))[rng.integers(0, len(streets), n)],
        "town": town[at],
        "district": table["Admin_district_code"].to_numpy()[at],
        "ward": table["Admin_ward_code"].to_numpy()[at],
        "lsoa": lsoa[at],
        "oa": words([""])[np.zeros(n, dtype=int)],
        "imd_rank": (1 + rng.beta(1.6, 1.6, len(codes)) * 33_754).astype(np.int64)[area],
        "rural": np.ones(n, dtype=bool),
        "easting": east[at],
        "northing": north[at],
        "longitude": degrees["longitude"][at],
        "latitude": degrees["latitude"][at],
    }


def _areas(shapes: list[Path], longitude: Array, latitude: Array) -> tuple[Array, Array]:
    """The LSOA code of each point and the name of its area's district, empty outside all of them."""
    code, town = words([""] * len(longitude)), words([""] * len(longitude))
    for shape in shapes:
        for feature in json.loads(shape.read_text(encoding="utf-8"))["features"]:
            properties = feature["properties"]
            name = next(k for k in sorted(properties) if k.endswith("CD"))
            label = next(k for k in sorted(properties) if k.endswith("NM"))
            kind, parts = feature["geometry"]["type"], feature["geometry"]["coordinates"]
            inside = np.zeros(len(longitude), dtype=bool)
            for polygon in [parts] if kind == "Polygon" else parts:
                inside |= _inside(np.asarray(polygon[0], dtype=float), longitude, latitude)
            code[inside] = properties[name]
            town[inside] = properties[label].rsplit(" ", 1)[0]
    return code, town


def _inside(ring: Array, x: Array, y: Array) -> Array:
    """Is each point inside the ring? (Counts crossings to the right.)"""
    result = np.zeros(len(x), dtype=bool)
    low, high = ring.min(axis=0), ring.max(axis=0)
    near = np.flatnonzero((x >= low[0]) & (x <= high[0]) & (y >= low[1]) & (y <= high[1]))
    if not len(near):
        return result
    px, py = x[near], y[near]
    odd = np.zeros(len(near), dtype=bool)
    for (x1, y1), (x2, y2) in zip(ring[:-1, :2], ring[1:, :2], strict=True):
        if y1 != y2:
            crosses = (y1 > py) != (y2 > py)
            odd ^= crosses & (px < (x2 - x1) * (py - y1) / (y2 - y1) + x1)
    result[near] = odd
    return result
