"""What happens to the made-up landlord's customers: planted patterns are there to be found."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from rooftree.demo import events
from rooftree.demo.draws import NO_DAY
from rooftree.demo.members import LEAD
from rooftree.demo.truth import effects
from rooftree.demo.world import Landlord, World, build_world


@pytest.fixture(scope="module")
def world() -> World:
    return build_world(Landlord(5_000, "council", "city", 11, dt.date(2026, 3, 31), 5))


def test_damp_is_reported_in_the_planted_clusters_and_in_winter(world: World) -> None:
    found = events.repairs(world)
    damp = found["trade"] == events.DAMP
    home = world.tenancies["home"][found["tenancy"][damp]]
    clustered = world.homes["damp_cluster"]
    per_home = np.bincount(home, minlength=len(clustered))
    assert per_home[clustered].mean() > 3 * per_home[~clustered].mean()
    month = found["day"][damp].astype("datetime64[D]").astype("datetime64[M]").astype(int) % 12
    assert np.isin(month, (10, 11, 0, 1, 2)).mean() > 0.6


def test_repairs_happen_while_somebody_lives_there(world: World) -> None:
    found = events.repairs(world)
    t = world.tenancies
    assert (found["day"] >= t["start"][found["tenancy"]]).all()
    end = np.where(t["end"] == NO_DAY, world.landlord.today, t["end"])[found["tenancy"]]
    assert (found["day"] <= end).all()
    done = found["done"] != NO_DAY
    assert (found["done"][done] > found["day"][done]).all()
    assert 0.03 < (found["no_access"] > 0).mean() < 0.2


def test_some_call_often_and_some_never(world: World) -> None:
    nobody = {name: np.zeros(0, dtype=int) for name in ("tenancy", "day", "action")}
    found = events.contacts(world, nobody)
    per_tenancy = np.bincount(found["tenancy"], minlength=len(world.tenancies["home"]))
    current = world.tenancies["status"] == 0
    long = current & (world.tenancies["start"] < world.landlord.today - 5 * 366)
    assert (per_tenancy[long] == 0).mean() > 0.01
    assert np.percentile(per_tenancy[long], 95) > 3 * np.median(per_tenancy[long])
    assert found["inbound"].all()


def test_satisfaction_is_near_the_published_measures(world: World) -> None:
    # Regulator of Social Housing 2024-25: TP01 just over 70%, TP05 78%, TP09 36%.
    found = events.survey(world)
    for code, level in (("TP01", 0.72), ("TP05", 0.78), ("TP09", 0.36)):
        answered = found[code] > 0
        assert abs((found[code][answered] <= 2).mean() - level) < 0.07, code
    age = world.attributes["age"][found["person"]]
    happy = found["TP01"] <= 2
    assert happy[age >= 65].mean() - happy[age < 35].mean() > 0.1


def test_contents_insurance_is_rarer_among_the_young(world: World) -> None:
    found = effects(world)["contents_insurance"]
    assert found["share_under_35"] < found["share_35_and_over"] - 0.15


def test_alerts_have_reviews_and_some_are_overdue(world: World) -> None:
    found = events.alerts(world)
    overdue = (found["review"] != NO_DAY) & (found["review"] < world.landlord.today)
    assert 0.1 < overdue.mean() < 0.8
    assert set(found["kind"]) == {"alert", "vulnerability", "adjustment", "evacuation"}
    who = found["person"][found["kind"] == "evacuation"]
    assert (world.attributes["mobility"][who]).all()


def test_only_those_online_use_the_portal(world: World) -> None:
    found = events.service_use(world)
    lead = np.zeros(len(world.tenancies["home"]), dtype=int)
    at = world.members["relationship"] == LEAD
    lead[world.members["tenancy"][at]] = world.members["person"][at]
    portal = found["tenancy"][found["service"] == events.SERVICES.index("portal")]
    assert (world.attributes["internet_access"][lead[portal]] != "none").all()
