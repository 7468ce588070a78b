"""Postcode and area files that go with the landlord's places, laid out as the published ones.

For invented places both the directory and the deprivation ranks are invented; for supplied ones the
directory repeats what was supplied (postcode, ward, LSOA of 2011) and no rank is made up.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from rooftree.demo.draws import Array, Frame, empty_text, pick, stream, words
from rooftree.demo.world import World
from rooftree.demo.writers import write_csv

_RANK = "Index of Multiple Deprivation (IMD) Rank (where 1 is most deprived)"
_GROUPS = ("1a1", "1b2", "2a1", "4a2", "5b1", "6a1", "7a2", "8a1", "8b2")


def write_reference(folder: Path, world: World) -> dict[str, int]:
    """`postcodes.csv` in the columns of the ONS Postcode Directory, and `deprivation.csv`."""
    units = world.stock.units
    _, first = np.unique(units["postcode"].astype(str), return_index=True)
    units = {name: column[first] for name, column in units.items()}
    invented = world.landlord.geography is None
    write_csv(folder / "postcodes.csv", _directory(world, units, invented=invented))
    if invented:
        areas, at = np.unique(units["lsoa"].astype(str), return_index=True)
        write_csv(
            folder / "deprivation.csv",
            {
                "LSOA code (2021)": areas.astype(object),
                "LSOA name (2021)": words([f"Invented {k:03d}" for k in range(len(areas))]),
                "Local Authority District code (2024)": units["district"][at],
                _RANK: units["imd_rank"][at].astype(str).astype(object),
            },
        )
    return {"reference.postcodes": len(first)}


def _directory(world: World, units: Frame, *, invented: bool) -> dict[str, Array]:
    n = len(units["postcode"])
    rng = stream(world.landlord.seed, "reference")
    code = units["postcode"]
    columns: dict[str, Array] = {
        "pcd7": words([p[:-4].ljust(4) + p[-3:] for p in code]),
        "pcd8": words([p[:-4].ljust(5) + p[-3:] for p in code]),
        "pcds": code,
        "dointr": np.full(n, "199801", dtype=object),
        "doterm": empty_text(n),
        "lad25cd": units["district"],
        "wd25cd": units["ward"],
        "east1m": units["easting"].astype(str).astype(object),
        "north1m": words([f"{k:07d}" for k in units["northing"]]),
        "lat": units["latitude"].astype(str).astype(object),
        "long": units["longitude"].astype(str).astype(object),
    }  # fmt: skip
    if not invented:
        return columns | {"lsoa11cd": units["lsoa"]}
    rural = units["rural"]
    ruc = np.where(rural, "RSN1", np.where(world.landlord.setting == "city", "UN1", "RLN1"))
    return columns | {
        "oa21cd": units["oa"],
        "lsoa21cd": units["lsoa"],
        "ruc21ind": ruc.astype(object),
        "oac21ind": words(list(_GROUPS))[pick(rng, np.ones(len(_GROUPS)), n)],
    }
