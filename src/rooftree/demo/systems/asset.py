"""The asset management system: a workbook with two title lines above the header, which is row 3."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from rooftree.demo.draws import Array, Frame, chance, stream, words
from rooftree.demo.homes import SUPPORTED
from rooftree.demo.world import World
from rooftree.demo.writers import write_workbook

_TYPES = words(["House", "Flat", "Maisonette", "Bungalow", "Bedsit"])
_NEVER = "CIKMOV"  # letters that the second half of a postcode never has
_EPC = words(["", "A", "B", "C", "D", "E", "F", "G"])


def write_assets(folder: Path, world: World) -> dict[str, int]:
    """`assets.xlsx`: one sheet of homes, one of blocks and estates; blank rows and a total below."""
    rng = stream(world.landlord.seed, "asset file")
    homes, buildings = world.homes, world.stock.buildings
    columns = _home_columns(rng, homes)
    n = len(homes["home"])
    wrong = columns["Postcode"] != homes["postcode"]
    impossible = wrong & np.isin(words([p[-1:] for p in columns["Postcode"]]), list(_NEVER))
    missing = {
        "asset.homes.no_epc": int((columns["EPC"] == "").sum()),
        "asset.homes.no_bedrooms": int((columns["Bedrooms"] == "").sum()),
        "asset.homes.impossible_postcode": int(impossible.sum()),
        "asset.homes.unknown_postcode": int((wrong & ~impossible).sum()),
    }
    other = {
        "Asset ref": buildings["building_ref"],
        "Parent": buildings["parent"],
        "Name": buildings["name"],
        "Asset type": buildings["type"],
        "Postcode": buildings["postcode"],
        "Storeys": buildings["storeys"],
        "Lift": _yes(buildings["lift"]),
    }
    when = world.landlord.as_of.strftime("%d/%m/%Y")
    write_workbook(
        folder / "assets.xlsx",
        {"Homes": columns, "Blocks and estates": other},
        titles=["Asset register extract", f"Position at {when}"],
        blank_rows=2,
        total={"Asset ref": "Total"},
    )
    return {
        "asset.homes.rows": n,
        "asset.buildings.rows": len(buildings["name"]),
        "asset.homes.blank_rows": 2,
        "asset.homes.trailers": 1,
        "asset.buildings.blank_rows": 2,
        "asset.buildings.trailers": 1,
        **missing,
    }


def _yes(flags: Array) -> Array:
    return np.where(flags, "Yes", "No").astype(object)


def _home_columns(rng: np.random.Generator, homes: Frame) -> dict[str, Array]:
    n = len(homes["home"])
    parents = np.where(
        homes["in_block"],
        words([f"B{u:06d}" for u in homes["unit"]]),
        words([f"E{u // 12:05d}" for u in homes["unit"]]),
    )
    postcode = homes["postcode"].copy()
    wrong = rng.permutation(n)[: 2 * max(n // 400, 1)]
    for at in wrong[::2]:  # no postcode ends in such a letter
        postcode[at] = postcode[at][:-1] + _NEVER[int(rng.integers(0, len(_NEVER)))]
    for at in wrong[1::2]:  # the form is right, and no such postcode exists
        postcode[at] = "ZE79" + postcode[at][-4:]
    beds = homes["bedrooms"].astype(str).astype(object)
    beds[homes["type"] == 4] = "0"
    beds[chance(rng, 0.006, n)] = ""
    epc = np.where(chance(rng, 0.07, n), "", _EPC[homes["epc"]])
    return {
        "Asset ref": homes["property_ref"],
        "Parent": parents,
        "UPRN": homes["uprn"],
        "Address 1": homes["line_1"],
        "Address 2": homes["line_2"],
        "Town": homes["town"],
        "Postcode": postcode,
        "Asset type": _TYPES[homes["type"]],
        "Bedrooms": beds,
        "Bed spaces": homes["bed_spaces"],
        "Living rooms": homes["living_rooms"],
        "Floor": homes["floor"],
        "Storeys": homes["storeys"],
        "Lift": _yes(homes["has_lift"]),
        "Stairs": _yes(homes["has_stairs"]),
        "Step free": _yes(homes["step_free"]),
        "Ramp": _yes(homes["ramp"]),
        "Level access shower": _yes(homes["level_shower"]),
        "Year built": homes["year_built"],
        "EPC": epc,
        "Patch": words([f"P{p + 1:02d}" for p in homes["patch"]]),
        "Scheme": np.where(homes["in_scheme"], homes["building"], ""),
        "Supported": _yes((homes["tenure"] == SUPPORTED) | homes["in_scheme"]),
    }
