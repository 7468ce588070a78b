"""The landlord's homes: dwellings in blocks, on streets and in schemes, with what the asset team knows.

A home's `damp` is a latent tendency that nobody records; repairs of damp and mould come from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rooftree.demo.draws import Array, Frame, between, chance, pick, stream, words
from rooftree.demo.names import place_names
from rooftree.demo.places import invented_units, supplied_units

#: Kinds of dwelling, by number in `type`.
TYPES = ("house", "flat", "maisonette", "bungalow", "bedsit")
HOUSE, FLAT, MAISONETTE, BUNGALOW, BEDSIT = range(5)
#: What a home is let or sold as, by number in `tenure`.
HOME_TENURES = ("rent", "leasehold", "shared_ownership", "supported")
RENT, LEASEHOLD, SHARED, SUPPORTED = range(4)

# Bedrooms 1, 2, 3, 4+ by kind of dwelling; together near the English Housing Survey's 32% one-bedroom
# and 36% with three or more among council homes.
_BEDROOMS = np.array(
    [
        [0.02, 0.26, 0.60, 0.12],
        [0.58, 0.38, 0.04, 0.0],
        [0.05, 0.60, 0.33, 0.02],
        [0.60, 0.38, 0.02, 0.0],
        [1, 0, 0, 0],
    ]
)
_UNIT_KINDS = {  # shares of postcode units: streets of houses, of bungalows, blocks, schemes
    ("council", "rural"): (0.50, 0.27, 0.20, 0.03),
    ("council", "city"): (0.42, 0.06, 0.47, 0.05),
    ("association", "rural"): (0.53, 0.21, 0.22, 0.04),
    ("association", "city"): (0.44, 0.05, 0.46, 0.05),
    ("supported", "rural"): (0.14, 0.14, 0.12, 0.60),
    ("supported", "city"): (0.10, 0.02, 0.23, 0.65),
}
_TENURES = {
    "council": (0.06, 0.01),
    "association": (0.02, 0.07),
    "supported": (0.0, 0.0),
}  # leasehold, shared ownership


@dataclass(frozen=True, slots=True)
class Stock:
    """Homes, the blocks and schemes they stand in, and the postcodes of the area."""

    homes: Frame
    buildings: Frame
    units: Frame


def build_homes(
    n: int, *, seed: int, kind: str, setting: str, geography: Path | None = None
) -> Stock:
    """`n` homes with their buildings. Columns of `homes` are one per row, `unit` points into `units`."""
    rng = stream(seed, "homes")
    shares = _UNIT_KINDS[(kind, setting)]
    unit_kind, size = _sizes(rng, shares, n, setting)
    place = (
        invented_units(len(size), seed=seed, setting=setting)
        if geography is None
        else supplied_units(len(size), seed=seed, folder=geography)
    )
    unit = np.repeat(np.arange(len(size)), size)[:n]
    within = np.arange(n) - np.concatenate([[0], np.cumsum(size)])[unit]
    building_kind = unit_kind[unit]
    in_block = building_kind >= 2
    type_ = np.where(building_kind == 0, HOUSE, np.where(building_kind == 1, BUNGALOW, FLAT))
    type_[in_block & chance(rng, 0.07, n) & (building_kind == 2)] = MAISONETTE
    bedrooms = 1 + _bedrooms(rng, type_, building_kind)
    type_[(type_ == FLAT) & (bedrooms == 1) & chance(rng, 0.06, n)] = BEDSIT
    bedrooms[(bedrooms == 4) & chance(rng, 0.15, n)] = 5
    homes: Frame = {
        "home": np.arange(n),
        "unit": unit,
        "within": within,
        "type": type_,
        "bedrooms": bedrooms,
        "in_block": in_block,
        "in_scheme": building_kind == 3,
    }
    homes |= _building_details(rng, homes, size)
    homes |= _condition(rng, homes)
    homes["tenure"] = _tenure(rng, homes, kind)
    homes["patch"] = np.arange(n) // (450 if n >= 2_000 else max(n // 4, 1))
    homes |= _references(rng, n)
    homes |= _addresses(homes, place)
    return Stock(homes, _buildings(homes, place, size), place)


def _sizes(
    rng: np.random.Generator, shares: tuple[float, ...], n: int, setting: str
) -> tuple[Array, Array]:
    count = n // 6 + 12
    kind = pick(rng, shares, count)
    block = between(rng, 6, 42 if setting == "city" else 18, count)
    street = between(rng, 4, 16, count)
    size = np.where(kind == 2, block, np.where(kind == 3, between(rng, 12, 34, count), street))
    needed = int(np.searchsorted(np.cumsum(size), n)) + 1
    return kind[:needed], size[:needed]


def _bedrooms(rng: np.random.Generator, type_: Array, building: Array) -> Array:
    weights = _BEDROOMS[type_].copy()
    weights[building == 3] = (0.84, 0.16, 0, 0)
    edges = np.cumsum(weights, axis=1)
    return (rng.random(len(type_))[:, None] * edges[:, -1:] > edges).sum(axis=1)


def _building_details(rng: np.random.Generator, homes: Frame, size: Array) -> Frame:
    n, unit, flat = len(homes["home"]), homes["unit"], homes["in_block"]
    per_floor = between(rng, 4, 8, len(size))[unit]
    storeys = np.where(flat, (size[unit] - 1) // per_floor + 1, np.where(homes["type"] == 3, 1, 2))
    floor = np.where(flat, homes["within"] // per_floor, 0)
    unit_lift = rng.random(len(size))[unit]
    lift = flat & ((storeys >= 5) | (homes["in_scheme"] & (storeys > 1)) | (unit_lift < 0.08))
    year = (np.array([1935, 1952, 1962, 1971, 1984, 2004, 2017])[pick(rng, [14, 24, 20, 18, 12, 7, 5], len(size))]
            + between(rng, -8, 7, len(size)))[unit]  # fmt: skip
    ground = (floor == 0) | lift
    step_free = np.where(
        homes["type"] == BUNGALOW, chance(rng, 0.8, n), ground & chance(rng, 0.5, n)
    )
    step_free &= homes["type"] != HOUSE
    step_free |= (homes["type"] == HOUSE) & (year > 1999)
    return {
        "floor": floor,
        "storeys": storeys,
        "has_lift": lift,
        "has_stairs": (homes["type"] == HOUSE)
        | (homes["type"] == MAISONETTE)
        | ((floor > 0) & flat),
        "step_free": step_free,
        "ramp": step_free & chance(rng, 0.15, n),
        "level_shower": chance(rng, np.where(step_free | homes["in_scheme"], 0.35, 0.05), n),
        "year_built": year,
    }


def _condition(rng: np.random.Generator, homes: Frame) -> Frame:
    n, unit = len(homes["home"]), homes["unit"]
    units = int(unit[-1]) + 1
    damp_units = chance(rng, 0.05, units)  # the planted damp blocks and streets
    if not damp_units.any():  # a small landlord has one too
        damp_units[units // 2] = True
    clustered = damp_units[unit]
    old = homes["year_built"] < 1980
    epc = np.clip(np.round(rng.normal(np.where(old, 3.4, 2.4), 0.8, n)), 1, 6).astype(int)
    damp = 0.04 * np.where(old, 1.4, 0.7) * np.where(epc >= 4, 1.6, 1.0)
    return {
        "epc": epc,
        "damp": damp * np.where(clustered, 7.0, 1.0),
        "damp_cluster": clustered,
        "living_rooms": np.where(homes["type"] == BEDSIT, 0, np.where(homes["bedrooms"] >= 4, 2, 1)),
        "bed_spaces": np.where(homes["bedrooms"] == 1, 2, homes["bedrooms"] + between(rng, 1, 2, n)),
    }  # fmt: skip


def _tenure(rng: np.random.Generator, homes: Frame, kind: str) -> Array:
    n = len(homes["home"])
    leased, shared = _TENURES[kind]
    flats = homes["in_block"] & ~homes["in_scheme"]
    tenure = np.full(n, RENT)
    share_flats = max(float(flats.mean()), 0.01)
    tenure[flats & chance(rng, min(leased / share_flats, 0.5), n)] = LEASEHOLD
    newer = (
        (homes["year_built"] > 1990) & (homes["bedrooms"] <= 3) & ~homes["in_scheme"] & (tenure == RENT)
    )  # fmt: skip
    tenure[newer & chance(rng, min(shared / max(float(newer.mean()), 0.01), 0.6), n)] = SHARED
    # Schemes are sheltered housing (rented) or short-stay supported housing (licences), whole schemes at a time.
    licensed = chance(rng, 0.75 if kind == "supported" else 0.25, int(homes["unit"][-1]) + 1)
    tenure[homes["in_scheme"] & licensed[homes["unit"]]] = SUPPORTED
    return tenure


def _references(rng: np.random.Generator, n: int) -> Frame:
    refs = 1_000 + rng.permutation(n)  # leading zeros are meant: they get lost in spreadsheets
    uprn = 99_000_000_000 + np.arange(n) * 7 + rng.integers(0, 7, n)
    return {
        "property_ref": words([f"{r:08d}" for r in refs]),
        "uprn": words([str(u) for u in uprn]),
    }


def _addresses(homes: Frame, place: Frame) -> Frame:
    unit, block = homes["unit"], homes["in_block"]
    number = np.where(block, homes["within"] + 1, homes["within"] * 2 + 1 + unit % 2)
    blocks, schemes = place_names("block"), place_names("scheme")
    label = _building_labels(int(unit[-1]) + 1, blocks, schemes, homes)
    street = place["street"][unit]
    first = [
        f"Flat {k} {b}" if flat else f"{k} {s}"
        for k, flat, b, s in zip(number, block, label[unit], street, strict=True)
    ]
    return {
        "number": number,
        "line_1": words(first),
        "line_2": np.where(block, street, ""),
        "town": place["town"][unit],
        "postcode": place["postcode"][unit],
        "building": label[unit],
    }


def _building_labels(
    units: int, blocks: tuple[str, ...], schemes: tuple[str, ...], homes: Frame
) -> Array:
    scheme = np.zeros(units, dtype=bool)
    scheme[homes["unit"]] = homes["in_scheme"]
    endings = ("House", "Court", "Point", "Lodge", "Gardens")
    names = [
        schemes[u % len(schemes)]
        if scheme[u]
        else f"{blocks[u % len(blocks)]} {endings[u // len(blocks) % len(endings)]}"
        for u in range(units)
    ]
    return words(names)


def _buildings(homes: Frame, place: Frame, size: Array) -> Frame:
    """Blocks and schemes as assets of their own, and one estate for every dozen postcodes."""
    units, first = np.unique(homes["unit"][homes["in_block"]], return_index=True)
    at = np.flatnonzero(homes["in_block"])[first]
    estates = np.arange(int(homes["unit"][-1]) // 12 + 1)
    return {
        "building_ref": words(
            [f"B{u:06d}" for u in units] + [f"E{e:05d}" for e in estates],
        ),
        "name": np.concatenate(
            [
                homes["building"][at],
                words([f"{place['town'][min(e * 12, len(size) - 1)]} estate {e + 1}" for e in estates]),
            ]
        ),
        "type": words(["Block"] * len(units) + ["Estate"] * len(estates)),
        "postcode": np.concatenate([homes["postcode"][at], words([""] * len(estates))]),
        "storeys": np.concatenate([homes["storeys"][at], np.zeros(len(estates), dtype=int)]),
        "lift": np.concatenate([homes["has_lift"][at], np.zeros(len(estates), dtype=bool)]),
        "parent": words([f"E{u // 12:05d}" for u in units] + [""] * len(estates)),
    }  # fmt: skip
