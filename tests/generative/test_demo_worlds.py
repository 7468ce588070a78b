"""Any made-up landlord, of any size, kind and seed, makes sense."""

from __future__ import annotations

import datetime as dt
import os

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from rooftree.demo.behaviour import build_behaviour
from rooftree.demo.draws import NO_DAY, YEAR
from rooftree.demo.generate import KINDS, SETTINGS
from rooftree.demo.ledger import simulate
from rooftree.demo.members import CHILD, GRANDCHILD, LEAD, PARENT
from rooftree.demo.records import crm_records, housing_records
from rooftree.demo.rents import build_rents
from rooftree.demo.world import Landlord, World, build_world

_LONG = os.environ.get("ROOFTREE_FUZZ") == "1"

landlords = st.builds(
    Landlord,
    homes=st.integers(20, 260),
    kind=st.sampled_from(KINDS),
    setting=st.sampled_from(SETTINGS),
    seed=st.integers(0, 2**31),
    as_of=st.dates(dt.date(2015, 1, 1), dt.date(2032, 12, 31)),
    years=st.integers(1, 7),
)


@settings(max_examples=400 if _LONG else 12, deadline=None, derandomize=not _LONG)
@given(landlords)
def test_a_made_up_landlord_makes_sense(landlord: Landlord) -> None:
    world = build_world(landlord)
    _families_fit(world)
    _tenancies_follow_each_other(world)
    _records_point_to_people(world)
    _entries_stay_in_their_tenancy(world)


def _families_fit(world: World) -> None:
    members, people = world.members, world.people
    lead = np.full(len(world.tenancies["home"]), -1)
    at = members["relationship"] == LEAD
    assert at.sum() == len(lead)
    lead[members["tenancy"][at]] = members["person"][at]
    gap = (people["birth"][members["person"]] - people["birth"][lead[members["tenancy"]]]) / YEAR
    relationship = members["relationship"]
    assert (gap[np.isin(relationship, (CHILD, GRANDCHILD))] >= 14).all()
    assert (gap[relationship == PARENT] <= -14).all()
    assert (people["birth"] <= landlord_day(world)).all()
    assert ((members["to"] == NO_DAY) | (members["to"] >= members["from"])).all()
    assert ((world.tenancies["start"] - people["birth"][lead]) / YEAR >= 17.9).all()


def _tenancies_follow_each_other(world: World) -> None:
    t = world.tenancies
    at = np.flatnonzero(t["home"] >= 0)
    order = at[np.lexsort((t["start"][at], t["home"][at]))]
    end = np.where(t["end"][order] == NO_DAY, landlord_day(world) + 1, t["end"][order])
    same = t["home"][order][1:] == t["home"][order][:-1]
    assert (t["start"][order][1:][same] > end[:-1][same]).all()


def _records_point_to_people(world: World) -> None:
    seed, today = world.landlord.seed, landlord_day(world)
    known, rows = housing_records(
        world.people, world.members, world.tenancies, seed=seed, as_of=today
    )
    assert len(set(known["ref"])) == len(known["ref"])
    assert set(rows["ref"]) <= set(known["ref"])
    crm = crm_records(
        world.people, world.members, world.tenancies, world.homes, seed=seed, as_of=today
    )
    assert len(set(crm["ref"])) == len(crm["ref"])
    assert (crm["person"] < len(world.people["person"])).all()


def _entries_stay_in_their_tenancy(world: World) -> None:
    rents = build_rents(world)
    for made in simulate(world, rents, build_behaviour(world, rents)):
        entries = made.entries
        sums = np.bincount(
            entries["tenancy"] - made.first, weights=entries["pence"], minlength=len(made.balance)
        )
        assert (sums == made.balance).all()
        assert (entries["day"] <= landlord_day(world)).all()
        assert (entries["day"] >= world.tenancies["start"][entries["tenancy"]]).all()


def landlord_day(world: World) -> int:
    """The landlord's `as_of` as a day number."""
    return world.landlord.today
