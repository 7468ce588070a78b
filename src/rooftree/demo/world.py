"""The whole made-up landlord before any system has written it down."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from rooftree.demo.attributes import describe
from rooftree.demo.draws import Array, Frame, day, words
from rooftree.demo.homes import Stock, build_homes
from rooftree.demo.households import build_tenancies
from rooftree.demo.members import build_people
from rooftree.demo.moves import move_households
from rooftree.demo.people import name_people


@dataclass(frozen=True, slots=True)
class Landlord:
    """What kind of landlord, where, how large and as at which day."""

    homes: int
    kind: str
    setting: str
    seed: int
    as_of: dt.date
    years: int
    geography: Path | None = None

    @property
    def today(self) -> int:
        """`as_of` as a day number."""
        return day(self.as_of)


@dataclass(frozen=True, slots=True)
class World:
    """Everything that is true. `attributes` has one row per person, in the order of `people`."""

    landlord: Landlord
    stock: Stock
    tenancies: Frame
    people: Frame
    members: Frame
    attributes: Frame
    moves: Array

    @property
    def homes(self) -> Frame:
        """One row per home."""
        return self.stock.homes


def build_world(landlord: Landlord) -> World:
    """Homes, tenancies over time, the people of every household and what is true of them."""
    seed, setting = landlord.seed, landlord.setting
    stock = build_homes(
        landlord.homes,
        seed=seed,
        kind=landlord.kind,
        setting=setting,
        geography=landlord.geography,
    )
    tenancies = build_tenancies(
        stock.homes,
        seed=seed,
        setting=setting,
        as_of=landlord.today,
        years=landlord.years,
        kind=landlord.kind,
    )
    people, members = build_people(tenancies, seed=seed, setting=setting)
    people, members, moves = move_households(tenancies, people, members, seed=seed)
    people = name_people(people, members, seed=seed, as_of=landlord.today)
    tenancies |= _references(tenancies)
    attributes = describe(
        people, members, tenancies, seed=seed, as_of=landlord.today, setting=setting
    )
    return World(landlord, stock, tenancies, people, members, attributes, moves)


def _references(tenancies: Frame) -> Frame:
    n = len(tenancies["home"])
    return {
        "tenancy_ref": words([f"{k:07d}" for k in range(31_000, 31_000 + n)]),
        "payment_ref": words(
            [f"19{k * 7 % 10_000_000_000:010d}" for k in range(54_321, 54_321 + n)]
        ),
    }
