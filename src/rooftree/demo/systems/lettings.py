"""Lettings logs in the codes of CORE 2026: what was asked when a tenancy of the last years was let."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from rooftree.demo.attributes import IMPAIRMENTS
from rooftree.demo.draws import YEAR, Array, Frame, chance, pick, stream, words
from rooftree.demo.homes import LEASEHOLD, SHARED
from rooftree.demo.households import APPLICATION
from rooftree.demo.systems.customer_events import refs_by_person
from rooftree.demo.systems.housing import CORE_ETHNIC
from rooftree.demo.world import World
from rooftree.demo.writers import day_texts, write_csv

#: CORE's number of each impairment (illness_type_N), in the order of `attributes.IMPAIRMENTS`.
ILLNESS_TYPES = tuple(f"illness_type_{k}" for k in range(1, 11))
_PREVIOUS = ("30", "3", "28", "39", "14", "18", "19", "7", "24", "26")


def write_lettings(folder: Path, world: World, records: Frame, habit: Frame) -> dict[str, int]:
    """`lettings.csv`: one row per letting in the window, with answers refused and not known as CORE codes them."""
    rng = stream(world.landlord.seed, "lettings")
    t, facts = world.tenancies, world.attributes
    opens = world.landlord.today - int(world.landlord.years * YEAR)
    let = (t["start"] >= opens) & (t["status"] != APPLICATION)
    let &= ~np.isin(t["tenure"], (LEASEHOLD, SHARED))
    at = np.flatnonzero(let)
    lead = world.members["relationship"] == 0
    person = np.zeros(len(t["home"]), dtype=np.int64)
    person[world.members["tenancy"][lead]] = world.members["person"][lead]
    who, n = person[at], len(at)
    refs = refs_by_person(records, len(world.people["person"]))[who]

    def refusing(values: Array, share: float, code: str) -> Array:
        return np.where(chance(rng, share, n), code, values)

    ill = np.where(facts["long_term_condition"][who] == "yes", "1", "2").astype(object)
    forces = np.select(
        [facts["armed_forces"][who] == "regular", facts["armed_forces"][who] == "reserve"],
        ["1", "4"],
        "2",
    )
    same = np.where(facts["gender_same"][who] == "yes", "1", "2").astype(object)
    claims = np.isin(habit["class"][at], (7, 8, 9, 10, 11, 12))
    benefit = np.where(claims, "6", np.where(habit["share"][at] > 0, "1", "9"))
    columns = {
        "log": words([f"{600_000 + k}" for k in range(n)]),
        "tenancycode": t["tenancy_ref"][at],
        "propcode": world.homes["property_ref"][t["home"][at]],
        "personcode": refs,
        "startdate": day_texts(t["start"][at], "%Y-%m-%d"),
        "sexrab1": refusing(facts["sex"][who], 0.02, "R"),
        "gender_same_as_sex1": refusing(same, 0.06, "3"),
        "ethnic": refusing(words([CORE_ETHNIC[e] for e in facts["ethnic_group"][who]]), 0.06, "17"),
        "ecstat1": refusing(facts["working_situation"][who], 0.05, "10"),
        "armedforces": refusing(forces.astype(object), 0.04, "3"),
        "illness": refusing(ill, 0.05, "3"),
        "hb": refusing(benefit.astype(object), 0.05, "10"),
        "prevten": words(list(_PREVIOUS))[pick(rng, [30, 22, 17, 9, 3, 6, 2, 5, 2, 4], n)],
        "homeless": words(["1", "11"])[pick(rng, [72, 28], n)],
    } | _illness_types(world, who)  # fmt: skip
    write_csv(folder / "lettings.csv", columns)
    return {
        "lettings.rows": n,
        "lettings.refused_ethnic_group": int((columns["ethnic"] == "17").sum()),
    }


def _illness_types(world: World, who: Array) -> Frame:
    texts = world.attributes["impairments"][who]
    return {
        name: np.where(np.array([kind in text.split(";") for text in texts], dtype=bool), "1", "0").astype(object)
        for name, kind in zip(ILLNESS_TYPES, IMPAIRMENTS, strict=True)
    }  # fmt: skip
