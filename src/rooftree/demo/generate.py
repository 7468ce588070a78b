"""Writes the workspace of a made-up landlord: extracts as its systems would give, and the truth apart."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rooftree.demo import truth, workspace
from rooftree.demo.records import crm_records, housing_records
from rooftree.demo.rents import build_rents
from rooftree.demo.systems import asset, crm, housing
from rooftree.demo.world import Landlord, World, build_world
from rooftree.vocabulary.errors import UserError
from rooftree.vocabulary.progress import NoProgress, Progress

KINDS = ("council", "association", "supported")
SETTINGS = ("rural", "city")


@dataclass(frozen=True, slots=True)
class Summary:
    """What was made."""

    name: str
    directory: Path
    homes: int
    tenancies: int
    people: int
    records: int
    transactions: int
    planted: dict[str, int]


def generate(
    directory: Path,
    *,
    as_of: dt.date,
    homes: int = 5_000,
    kind: str = "council",
    setting: str = "rural",
    seed: int = 1,
    years: int = 5,
    geography: Path | None = None,
    progress: Progress | NoProgress | None = None,
) -> Summary:
    """Make the landlord's workspace in `directory`: the same arguments give the same bytes.

    `kind` is council, association or supported; `setting` rural or city; `geography` a folder with a
    Code-Point Open CSV and LSOA boundaries, where real postcodes are wanted (names stay invented).
    """
    _check(homes=homes, kind=kind, setting=setting, years=years)
    listener = progress or NoProgress()
    landlord = Landlord(homes, kind, setting, seed, as_of, years, geography)
    extracts, apart = workspace.lay_out(directory, landlord)
    with listener.step("Inventing homes, households and people", total=homes, unit="homes") as step:
        world = build_world(landlord)
        step.advance(homes)
    planted: dict[str, int] = {}
    records = _write_registers(extracts, apart, world, planted)
    truth.write_world(apart, world)
    truth.write_counts(apart, planted, name="planted")
    return Summary(
        name=workspace.landlord_name(landlord),
        directory=directory,
        homes=homes,
        tenancies=len(world.tenancies["home"]),
        people=len(world.people["person"]),
        records=records,
        transactions=0,
        planted=planted,
    )


def _check(*, homes: int, kind: str, setting: str, years: int) -> None:
    if kind not in KINDS:
        raise UserError(f"The kind of landlord {kind!r} is not one of {', '.join(KINDS)}.")
    if setting not in SETTINGS:
        raise UserError(f"The setting {setting!r} is not one of {', '.join(SETTINGS)}.")
    if homes < 20 or years < 1:
        raise UserError("A made-up landlord has at least 20 homes and one year of history.")


def _write_registers(extracts: Path, apart: Path, world: World, planted: dict[str, int]) -> int:
    """The people, tenancies and homes as the three main systems hold them; answers the records of people."""
    seed, today = world.landlord.seed, world.landlord.today
    known, rows = housing_records(
        world.people, world.members, world.tenancies, seed=seed, as_of=today
    )
    rents = build_rents(world)
    rents["shown_balance_pence"] = np.zeros(len(rents["weeks"]), dtype=np.int64)
    planted |= housing.write_people(extracts, world, known)
    planted |= housing.write_members(extracts, world, rows)
    planted |= housing.write_tenancies(extracts, world, rents)
    customers = crm_records(
        world.people, world.members, world.tenancies, world.homes, seed=seed, as_of=today
    )
    planted |= crm.write_customers(extracts, world, customers)
    planted |= crm.write_profile(extracts, world, customers)
    planted |= asset.write_assets(extracts, world)
    count = np.bincount(world.members["person"], minlength=len(world.people["person"]))
    moved = np.flatnonzero(count > 1)
    truth.write_records(apart, "housing", known, moved)
    truth.write_records(apart, "crm", customers, moved)
    return len(known["ref"]) + len(customers["ref"])
