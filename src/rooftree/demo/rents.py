"""What is charged: rents by size and kind of home, how often, in how many weeks of the year."""

from __future__ import annotations

import numpy as np

from rooftree.demo.draws import NO_DAY, Array, Frame, pick, stream, words
from rooftree.demo.homes import LEASEHOLD, SHARED, SUPPORTED
from rooftree.demo.households import APPLICATION
from rooftree.demo.world import World

FREQUENCIES = ("weekly", "four_weekly", "monthly")
_REASONS = (
    "internal_transfer", "other_social_landlord", "private_or_other", "care_home", "died",
    "abandoned", "evicted_arrears", "evicted_asb", "bought_home", "other",
)  # fmt: skip
_WEEKLY = {
    "council": (0.66, 0.06, 0.28),
    "association": (0.48, 0.10, 0.42),
    "supported": (0.85, 0.15, 0.0),
}


def build_rents(world: World) -> Frame:
    """Per tenancy: weekly_pence (over 52 weeks), rent and service charge per period, frequency, weeks, end_reason."""
    rng = stream(world.landlord.seed, "rents")
    t, homes = world.tenancies, world.homes
    at = np.where(t["home"] >= 0, t["home"], 0)
    beds = np.clip(homes["bedrooms"][at], 1, 5)
    base = np.array([0, 86, 99, 113, 127, 141])[beds] * (
        1.16 if world.landlord.setting == "city" else 1.0
    )
    base = base * np.where(t["tenure"] == SHARED, 0.7, np.where(t["tenure"] == SUPPORTED, 1.7, 1.0))
    # The rent and the way it is charged belong to the home, whoever lives in it.
    noise = rng.normal(1.0, 0.07, len(homes["home"]))
    weekly = np.round(base * noise[at] * 100).astype(np.int64)
    service = np.where(homes["in_block"][at], np.where(homes["in_scheme"][at], 2_150, 640), 0)
    weekly = np.where(t["tenure"] == LEASEHOLD, 0, weekly)
    service = np.where(t["tenure"] == LEASEHOLD, 2_300, service)
    way = pick(rng, _WEEKLY[world.landlord.kind], len(homes["home"]))[at]
    way = np.where(np.isin(t["tenure"], (LEASEHOLD, SHARED)), 2, way)
    # Councils that charge 48 or 50 weeks ask more in each, and nothing around Christmas and Easter.
    short = pick(
        rng,
        [78, 15, 7] if world.landlord.kind == "council" else [94, 6, 0],
        int(homes["patch"].max()) + 1,
    )
    weeks = np.where(way == 0, np.array([52, 48, 50])[short][homes["patch"][at]], 52)
    per = np.where(way == 0, 52 / weeks, np.where(way == 1, 4.0, 52 / 12))
    applied = t["status"] == APPLICATION
    reason = _reasons(rng, world)
    rent = np.where(applied, 0, np.round(weekly * per)).astype(np.int64)
    charge = np.where(applied, 0, np.round(service * per)).astype(np.int64)
    return {
        "rent_pence": rent,
        "service_pence": charge,
        "way": way,
        "frequency": words(list(FREQUENCIES))[way],
        "weeks": weeks,
        "end_reason": np.where(t["end"] == NO_DAY, "", reason),
    }  # fmt: skip


def _reasons(rng: np.random.Generator, world: World) -> Array:
    t = world.tenancies
    old = t["lead_age"] >= 65
    young = pick(rng, [16, 14, 38, 0, 2, 9, 10, 4, 3, 4], len(old))
    elder = pick(rng, [8, 5, 9, 24, 48, 1, 1, 0, 1, 3], len(old))
    reason = words(list(_REASONS))[np.where(old, elder, young)]
    reason[world.moves[:, 0]] = "internal_transfer"
    return reason
