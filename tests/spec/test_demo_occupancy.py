"""Who lives in how many bedrooms: overcrowding and under-occupation near those of rented homes in England."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from rooftree.demo.draws import NO_DAY, YEAR, Array
from rooftree.demo.homes import RENT
from rooftree.demo.households import CURRENT
from rooftree.demo.members import KIN, LEAD, PARTNER
from rooftree.demo.world import Landlord, World, build_world


def spare_rooms(world: World) -> Array:
    """Bedrooms beyond the Bedroom Standard of every rented home with a current tenancy (ONS ladder)."""
    m, t = world.members, world.tenancies
    here = (t["status"][m["tenancy"]] == CURRENT) & (t["tenure"][m["tenancy"]] == RENT)
    here &= (m["relationship"] < KIN) & (m["to"] == NO_DAY)
    tenancy, person = m["tenancy"][here], m["person"][here]
    age = (world.landlord.today - world.people["birth"][person]) / YEAR
    female = world.people["female"][person]
    couple = np.isin(m["relationship"][here], (LEAD, PARTNER))
    n = len(t["home"])
    has_partner = np.bincount(tenancy[m["relationship"][here] == PARTNER], minlength=n) > 0
    coupled = couple & has_partner[tenancy]

    def count(which: Array) -> Array:
        return np.bincount(tenancy[which], minlength=n)

    rooms = has_partner + count(~coupled & (age >= 21))
    left = np.zeros(n, dtype=int)
    for sex in (True, False):
        teens = count(~coupled & (age >= 10) & (age < 21) & (female == sex))
        young = count(~coupled & (age < 10) & (female == sex))
        odd = teens % 2 == 1
        rooms = rooms + teens // 2 + odd
        left = left + np.where(odd & (young > 0), young - 1, young)
    rooms = rooms + (left + 1) // 2
    rented = (t["status"] == CURRENT) & (t["tenure"] == RENT)
    return world.homes["bedrooms"][t["home"][rented]] - rooms[rented]


@pytest.mark.parametrize("setting", ["rural", "city"])
def test_overcrowding_and_under_occupation_are_plausible(setting: str) -> None:
    world = build_world(Landlord(6_000, "council", setting, 3, dt.date(2026, 3, 31), 5))
    spare = spare_rooms(world)
    # Rented homes in England 2021: 8.5% overcrowded; social renters 10% with two or more to spare.
    assert 0.03 < (spare < 0).mean() < 0.12
    assert 0.06 < (spare >= 2).mean() < 0.22
    assert 0.30 < (spare >= 1).mean() < 0.60
