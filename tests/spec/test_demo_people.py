"""The made-up landlord's people and homes: they fit the published figures and each other."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from rooftree.demo.draws import NO_DAY, YEAR, day
from rooftree.demo.households import CURRENT, FORMER
from rooftree.demo.members import CHILD, GRANDCHILD, KIN, LEAD, PARENT, PARTNER
from rooftree.demo.world import Landlord, World, build_world

AS_OF = dt.date(2026, 3, 31)


@pytest.fixture(scope="module")
def world() -> World:
    return build_world(Landlord(6_000, "council", "rural", 7, AS_OF, 5))


def lead_of(world: World) -> np.ndarray:
    """The number of the lead person of each tenancy."""
    members = world.members
    lead = np.full(len(world.tenancies["home"]), -1)
    at = members["relationship"] == LEAD
    lead[members["tenancy"][at]] = members["person"][at]
    return lead


def test_every_tenancy_has_one_lead(world: World) -> None:
    members = world.members
    leads = members["tenancy"][members["relationship"] == LEAD]
    assert np.array_equal(np.sort(leads), world.tenancies["tenancy"])


def test_ages_and_sex_of_leads_are_those_published(world: World) -> None:
    # Believe Housing: 17, 16, 15, 19 and 32% by age band; 59% women (domain figures for demonstration data).
    current = world.tenancies["status"] == CURRENT
    person = lead_of(world)[current]
    age = (day(AS_OF) - world.people["birth"][person]) / YEAR
    share = np.histogram(age, [0, 35, 45, 55, 65, 120])[0] / len(age)
    assert np.abs(share - [0.17, 0.16, 0.15, 0.19, 0.32]).max() < 0.025
    assert abs(world.people["female"][person].mean() - 0.59) < 0.025


def test_bedrooms_are_those_of_council_homes(world: World) -> None:
    # English Housing Survey 2024-25: 32% one bedroom, 36% of council homes three or more.
    beds = world.homes["bedrooms"]
    assert abs((beds == 1).mean() - 0.32) < 0.06
    assert abs((beds >= 3).mean() - 0.36) < 0.06


def test_disability_is_about_three_in_ten_leads(world: World) -> None:
    person = lead_of(world)[world.tenancies["status"] == CURRENT]
    assert 0.25 < world.attributes["disabled"][person].mean() < 0.42


def test_parents_are_older_than_their_children(world: World) -> None:
    members, people = world.members, world.people
    lead = lead_of(world)[members["tenancy"]]
    gap = (people["birth"][members["person"]] - people["birth"][lead]) / YEAR
    relationship = members["relationship"]
    assert gap[relationship == CHILD].min() >= 14
    assert gap[relationship == GRANDCHILD].min() >= 30
    assert gap[relationship == PARENT].max() <= -14
    partner = np.full(len(world.tenancies["home"]), -1)
    at = relationship == PARTNER
    partner[members["tenancy"][at]] = members["person"][at]
    both = (relationship == CHILD) & (partner[members["tenancy"]] >= 0)
    other = people["birth"][partner[members["tenancy"][both]]]
    assert ((people["birth"][members["person"][both]] - other) / YEAR).min() >= 14


def test_siblings_are_twins_or_months_apart(world: World) -> None:
    members, people = world.members, world.people
    young = (members["relationship"] == CHILD) & (members["person"] >= 0)
    rows = np.flatnonzero(young & (people["tenancy"][members["person"]] == members["tenancy"]))
    minor = (day(AS_OF) - people["birth"][members["person"][rows]]) / YEAR < 17
    current = world.tenancies["status"][members["tenancy"][rows]] == CURRENT
    rows = rows[minor & current]
    birth, tenancy = people["birth"][members["person"][rows]], members["tenancy"][rows]
    order = np.lexsort((birth, tenancy))
    same = tenancy[order][1:] == tenancy[order][:-1]
    gap = np.diff(birth[order])[same]
    assert len(gap) > 300
    assert ((gap == 0) | (gap > 250)).all()
    assert 0.005 < (gap == 0).mean() < 0.10


def test_tenants_are_adults_when_they_sign(world: World) -> None:
    start = world.tenancies["start"]
    born = world.people["birth"][lead_of(world)]
    assert ((start - born) / YEAR).min() >= 17.9


def test_one_home_has_one_tenancy_at_a_time(world: World) -> None:
    t = world.tenancies
    at = np.flatnonzero(t["home"] >= 0)
    order = at[np.lexsort((t["start"][at], t["home"][at]))]
    end = np.where(t["end"][order] == NO_DAY, day(AS_OF) + 1, t["end"][order])
    follows = t["home"][order][1:] == t["home"][order][:-1]
    assert (t["start"][order][1:][follows] > end[:-1][follows]).all()
    assert (end >= t["start"][order]).all()


def test_some_households_moved_within_the_stock(world: World) -> None:
    old, new = world.moves.T
    assert len(old) > 10
    assert (world.tenancies["status"][old] == FORMER).all()
    assert np.array_equal(lead_of(world)[old], lead_of(world)[new])


def test_nobody_can_be_reached(world: World) -> None:
    people = world.people
    numbers = people["mobile"][people["mobile"] != ""]
    assert all(str(n).startswith("072") and len(str(n)) == 12 for n in numbers)
    assert all(str(e).partition("@")[2].startswith("example.") for e in people["email"] if e)
    assert all(str(n).startswith("PP") for n in people["ni"] if n)
    assert all(4 <= int(str(p)[2]) <= 7 and str(p)[3].isdigit() for p in world.homes["postcode"])


def test_no_operator_holds_the_mobile_numbers() -> None:
    carrier = pytest.importorskip("phonenumbers.carrierdata").CARRIER_DATA
    assert not [prefix for prefix in carrier if prefix.startswith("4472")]


def test_mixed_groups_need_two_groups_in_the_family(world: World) -> None:
    ethnic = world.attributes["ethnic_group"]
    mixed = np.isin(ethnic, ("white_and_asian", "white_and_black_african", "other_mixed"))
    assert set(np.unique(world.people["relationship"][mixed])) <= {CHILD, GRANDCHILD}
    assert (world.people["relationship"][mixed] < KIN).all()
