"""The made-up rent accounts: arrears as landlords report them, and stories that go as they are named."""

from __future__ import annotations

import datetime as dt
import tracemalloc

import numpy as np
import pytest

from rooftree.demo import behaviour as habits
from rooftree.demo import ledger
from rooftree.demo.behaviour import build_behaviour
from rooftree.demo.draws import Array, Frame
from rooftree.demo.homes import LEASEHOLD
from rooftree.demo.households import CURRENT
from rooftree.demo.ledger import PAYMENT, RENT, simulate
from rooftree.demo.rents import build_rents
from rooftree.demo.world import Landlord, World, build_world


@pytest.fixture(scope="module")
def kept() -> tuple[World, Frame, Frame, Array, list[Frame]]:
    world = build_world(Landlord(3_000, "council", "rural", 5, dt.date(2026, 3, 31), 5))
    rents = build_rents(world)
    habit = build_behaviour(world, rents)
    ledgers = list(simulate(world, rents, habit))
    balance = np.concatenate([made.balance for made in ledgers])
    return world, rents, habit, balance, [made.entries for made in ledgers]


def test_arrears_are_as_common_as_landlords_report(kept: tuple) -> None:
    # 15 to 20% of accounts at any one time; about 45% of those paid through Universal Credit.
    world, _, habit, balance, _ = kept
    t = world.tenancies
    rented = (t["status"] == CURRENT) & (t["tenure"] != LEASEHOLD)
    uc = np.isin(habit["class"], habits.UC_CLASSES)
    assert 0.14 < (balance[rented] > 0).mean() < 0.22
    assert 0.37 < (balance[rented & uc] > 0).mean() < 0.53


def test_a_home_has_about_fifty_entries_a_year(kept: tuple) -> None:
    world, _, _, _, entries = kept
    per_home = sum(len(e["day"]) for e in entries) / len(world.homes["home"])
    assert 220 < per_home < 340


def test_rocketers_owe_more_than_climbers_and_sliders_are_in_credit(kept: tuple) -> None:
    _, rents, habit, balance, _ = kept
    weeks = balance / np.maximum(rents["rent_pence"], 1)
    middle = {k: np.median(weeks[habit["class"] == k]) for k in habits.CLAIM_CLASSES}
    assert middle[habits.ROCKETER] > middle[habits.CLIMBER] > middle[habits.SLIDER]
    assert middle[habits.DIPPER] > 0 > middle[habits.SLIDER]


def test_full_benefit_leaves_nothing_to_pay(kept: tuple) -> None:
    _, _, habit, _, entries = kept
    full = habit["class"] == habits.HB_FULL
    for e in entries:
        assert not (full[e["tenancy"]] & (e["kind"] == PAYMENT)).any()


def test_rent_free_weeks_are_free(kept: tuple) -> None:
    _, rents, _, _, entries = kept
    short = (rents["weeks"] == 48) & (rents["way"] == 0)
    days = np.concatenate([e["day"][short[e["tenancy"]] & (e["kind"] == RENT)] for e in entries])
    months = days.astype("datetime64[D]").astype("datetime64[M]").astype(int) % 12
    day_of_month = (
        days.astype("datetime64[D]") - days.astype("datetime64[D]").astype("datetime64[M]")
    ).astype(int) + 1
    assert len(days)
    assert not ((months == 11) & (day_of_month >= 18)).any()


def test_nothing_is_entered_after_the_day_or_before_the_tenancy(kept: tuple) -> None:
    world, _, _, _, entries = kept
    for e in entries:
        assert e["day"].max() <= world.landlord.today
        assert (e["day"] >= world.tenancies["start"][e["tenancy"]]).all()


def test_memory_does_not_grow_with_the_landlord(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "CHUNK", 100)
    peaks = []
    for homes in (300, 1_500):
        world = build_world(Landlord(homes, "council", "rural", 5, dt.date(2026, 3, 31), 2))
        rents = build_rents(world)
        habit = build_behaviour(world, rents)
        tracemalloc.start()
        for _ in simulate(world, rents, habit):
            pass
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.5 * peaks[0]
