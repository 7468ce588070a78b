"""The people of every household: ages that fit each other, families that share a name.

Who is who to the lead is in the membership's `relationship`. Children are at least sixteen years
younger than the younger of their parents in the home.
"""

from __future__ import annotations

import numpy as np

from rooftree.demo.draws import NO_DAY, YEAR, Array, Frame, between, chance, stack, stream
from rooftree.demo.homes import LEASEHOLD, SHARED, SUPPORTED
from rooftree.demo.households import (
    APPLICATION,
    LODGER,
    LONE,
    LONE_MIXED,
    SHARERS,
    SINGLE,
    THREE,
    WITH_ADULT_CHILDREN,
    WITH_CHILDREN,
    WITH_PARTNER,
    community_weights,
)

RELATIONSHIPS = (
    "lead", "partner", "child", "parent", "sibling", "grandchild", "other_relative", "lodger",
    "next_of_kin", "advocate",
)  # fmt: skip
(LEAD, PARTNER, CHILD, PARENT, SIBLING, GRANDCHILD, RELATIVE, LODGES, KIN, ADVOCATE) = range(10)
ROLES = (
    "tenant", "joint_tenant", "leaseholder", "shared_owner", "licensee", "household_member",
    "applicant", "next_of_kin", "advocate",
)  # fmt: skip
_CHILDREN = np.array([[0.8, 0.2, 0, 0, 0], [0.52, 0.37, 0.11, 0, 0],
                      [0.30, 0.43, 0.21, 0.06, 0], [0.10, 0.30, 0.33, 0.18, 0.09]])  # fmt: skip


def build_people(tenancies: Frame, *, seed: int, setting: str) -> tuple[Frame, Frame]:
    """People and memberships. A person's row number is its number; memberships point to it.

    People columns: birth (day number), female, community, family (the surname's group), same_name
    (number of the relative whose given name it shares, else -1), twin (bool).
    """
    rng = stream(seed, "members")
    t = tenancies
    rows = np.arange(len(t["home"]))
    lead = _lead(rng, t)
    has_partner = np.isin(t["composition"], WITH_PARTNER)
    has_partner |= (t["composition"] == THREE) & chance(rng, 0.45, len(rows))
    partner = _partner(rng, t, rows[has_partner], lead)
    youngest = t["lead_age"].astype(float).copy()
    youngest[partner["tenancy"]] = np.minimum(youngest[partner["tenancy"]], partner["age"])
    parts = [lead, partner]
    parts += _children(rng, t, youngest)
    parts += [_parents(rng, t), _sharers(rng, t), _lodgers(rng, t, setting)]
    parts += [_left_home(rng, t, youngest), _kin(rng, t, setting), _advocates(rng, t, setting)]
    everyone = stack(parts)
    order = np.lexsort((np.arange(len(everyone["tenancy"])), everyone["tenancy"]))
    everyone = {name: column[order] for name, column in everyone.items()}
    return _split(rng, everyone, t)


def _part(t: Frame, at: Array, relationship: int, age: Array, female: Array) -> Frame:
    n = len(at)
    return {
        "tenancy": at,
        "relationship": np.full(n, relationship),
        "age": age.astype(float),
        "female": female.astype(bool),
        "community": t["community"][at],
        "family": at.astype(np.int64),  # the household's surname; negative: a name of one's own
        "left": np.zeros(n, dtype=bool),
        "twin": np.zeros(n, dtype=bool),
    }


def _lead(rng: np.random.Generator, t: Frame) -> Frame:
    n = len(t["home"])
    lone = np.isin(t["composition"], (LONE, LONE_MIXED))
    odds = np.where(lone, 0.89, np.where(t["composition"] == SINGLE, 0.50, 0.58))
    older = (t["lead_age"] >= 75) & (t["composition"] == SINGLE)
    odds = np.where(older, 0.68, np.where(t["tenure"] == SUPPORTED, 0.36, odds))
    age = t["lead_age"] + rng.random(n) * 0.98
    return _part(t, np.arange(n), LEAD, age, chance(rng, odds, n))


def _partner(rng: np.random.Generator, t: Frame, at: Array, lead: Frame) -> Frame:
    n = len(at)
    lead_female = lead["female"][at]
    age = lead["age"][at] + np.where(lead_female, 2.0, -2.0) + rng.normal(0, 4.5, n)
    low = np.where(t["lead_age"][at] >= 37, 36.0, 18.0)
    part = _part(t, at, PARTNER, np.clip(age, low, 98), lead_female ^ ~chance(rng, 0.025, n))
    outside = chance(rng, 0.10, n)
    part["community"] = np.where(outside, 0, part["community"])
    unmarried = chance(rng, 0.38, n)
    part["family"] = np.where(unmarried, -1, part["family"])
    return part


def _children(rng: np.random.Generator, t: Frame, youngest: Array) -> list[Frame]:
    """Children under 18, adult children, and the grandchildren of three generations."""
    size = np.clip(t["bedrooms"], 1, 4) - 1
    n = len(size)
    edges = np.cumsum(_CHILDREN[size], axis=1)
    count = 1 + (rng.random(n)[:, None] > edges).sum(axis=1)
    large = np.isin(t["community"], (9, 10, 14)) & (t["bedrooms"] >= 3) & chance(rng, 0.4, n)
    has = np.isin(t["composition"], WITH_CHILDREN)
    elder_three = (t["composition"] == THREE) & (t["lead_age"] >= 45)
    count = np.where(has, np.minimum(count + large, 7), 0)
    count[elder_three] = np.minimum(count[elder_three], 2)
    young_at = np.repeat(np.arange(n), np.where(elder_three, 0, count))
    top = np.minimum(17.99, youngest[young_at] - 16)
    low = np.maximum(0.0, np.minimum(youngest[young_at] - 45, 15.0))
    young = _sibship(
        rng,
        _part(
            t,
            young_at,
            CHILD,
            low + rng.random(len(young_at)) * np.maximum(top - low, 0.3),
            chance(rng, 0.49, len(young_at)),
        ),
    )
    grown = np.isin(t["composition"], WITH_ADULT_CHILDREN)
    adult_count = np.where(grown, 1 + chance(rng, 0.22, n), 0) + elder_three
    adult_at = np.repeat(np.arange(n), adult_count)
    ceiling = np.maximum(youngest[adult_at] - 16, 18.2)
    shape = rng.beta(1.2, 2.6, len(adult_at))
    adult = _part(
        t,
        adult_at,
        CHILD,
        18.05 + shape * np.minimum(ceiling - 18.05, 40),
        chance(rng, 0.42, len(adult_at)),
    )
    mothers = np.flatnonzero(elder_three[adult_at])
    adult["female"][mothers] = chance(rng, 0.85, len(mothers))
    grand_at = np.repeat(adult_at[mothers], count[adult_at[mothers]])
    mother_age = np.repeat(adult["age"][mothers], count[adult_at[mothers]])
    grand_top = np.clip(mother_age - 16, 0.2, 15)
    grand = _part(
        t,
        grand_at,
        GRANDCHILD,
        rng.random(len(grand_at)) * grand_top,
        chance(rng, 0.49, len(grand_at)),
    )
    return [young, adult, grand]


def _sibship(rng: np.random.Generator, part: Frame) -> Frame:
    """Brothers and sisters are born at least ten months apart, save twins (1.6% of births)."""
    order = np.lexsort((-part["age"], part["tenancy"]))
    part = {name: column[order] for name, column in part.items()}
    n, age = len(order), part["age"]
    first = np.searchsorted(part["tenancy"], part["tenancy"])
    position = np.arange(n) - first
    twin = (position > 0) & chance(rng, 0.025, n)
    apart = 0.83 + rng.random(n) * 0.8
    for turn in range(1, int(position.max(initial=0)) + 1):
        at = np.flatnonzero(position == turn)
        born = np.minimum(age[at], age[at - 1] - apart[at])
        # Where there was no room for another birth they are twins after all.
        twin[at] |= born < 0.02
        age[at] = np.where(twin[at], age[at - 1], born)
    part["twin"] = twin.copy()
    part["twin"][np.flatnonzero(twin) - 1] = True
    return part


def _parents(rng: np.random.Generator, t: Frame) -> Frame:
    at = np.flatnonzero((t["composition"] == THREE) & (t["lead_age"] < 45))
    n = len(at)
    age = np.minimum(t["lead_age"][at] + 18 + rng.random(n) * 18, 97)
    return _part(t, at, PARENT, age, chance(rng, 0.76, n))


def _sharers(rng: np.random.Generator, t: Frame) -> Frame:
    at = np.flatnonzero(t["composition"] == SHARERS)
    n = len(at)
    age = np.clip(t["lead_age"][at] + rng.normal(0, 5, n), 18, 97)
    return _part(t, at, SIBLING, age, chance(rng, 0.5, n))


def _lodgers(rng: np.random.Generator, t: Frame, setting: str) -> Frame:
    at = np.flatnonzero(t["composition"] == LODGER)
    n = len(at)
    part = _part(t, at, LODGES, 19 + rng.random(n) * 42, chance(rng, 0.35, n))
    part["family"] = np.full(n, -1)
    weights = community_weights(setting)
    part["community"] = rng.choice(len(weights), n, p=weights / weights.sum())
    return part


def _left_home(rng: np.random.Generator, t: Frame, youngest: Array) -> Frame:
    """Adult children who moved out within the last five years."""
    n = len(t["home"])
    may = (t["lead_age"] >= 40) & (t["tenure"] != SUPPORTED) & (t["status"] != APPLICATION)
    at = np.flatnonzero(may & (youngest >= 40) & chance(rng, 0.11, n))
    part = _part(
        t,
        at,
        CHILD,
        19 + rng.random(len(at)) * np.minimum(youngest[at] - 16 - 19.5, 12),
        chance(rng, 0.5, len(at)),
    )
    part["left"] = np.ones(len(at), dtype=bool)
    return part


def _kin(rng: np.random.Generator, t: Frame, setting: str) -> Frame:
    n = len(t["home"])
    odds = np.where(t["lead_age"] >= 65, 0.34, 0.09) * (t["status"] != APPLICATION)
    at = np.flatnonzero(chance(rng, odds, n))
    child = (t["lead_age"][at] >= 50) & chance(rng, 0.7, len(at))
    age = np.where(
        child,
        t["lead_age"][at] - 18 - rng.random(len(at)) * 18,
        t["lead_age"][at] + rng.normal(0, 8, len(at)),
    )
    part = _part(t, at, KIN, np.clip(age, 20, 92), chance(rng, 0.58, len(at)))
    part["family"] = np.where(chance(rng, 0.55, len(at)), part["family"], -1)
    return part


def _advocates(rng: np.random.Generator, t: Frame, setting: str) -> Frame:
    n = len(t["home"])
    at = np.flatnonzero(chance(rng, np.where(t["tenure"] == SUPPORTED, 0.2, 0.006), n))
    part = _part(t, at, ADVOCATE, 26 + rng.random(len(at)) * 38, chance(rng, 0.68, len(at)))
    part["family"] = np.full(len(at), -1)
    weights = community_weights(setting)
    part["community"] = rng.choice(len(weights), len(at), p=weights / weights.sum())
    return part


def _split(rng: np.random.Generator, everyone: Frame, t: Frame) -> tuple[Frame, Frame]:
    n, at = len(everyone["tenancy"]), everyone["tenancy"]
    reference = t["reference"][at]
    # Twins share a day: the day within the year of age comes from the age alone.
    birth = (reference - np.floor(everyone["age"] * YEAR)).astype(np.int64)
    people = {
        "person": np.arange(n),
        "tenancy": at,
        "birth": birth,
        "female": everyone["female"],
        "community": everyone["community"],
        "family": np.where(everyone["family"] < 0, -1 - np.arange(n), everyone["family"]),
        "twin": everyone["twin"],
        "relationship": everyone["relationship"],
    }
    role = _roles(rng, everyone, t)
    start, end = t["start"][at], t["end"][at]
    joined = np.maximum(start, birth)
    late = np.isin(everyone["relationship"], (PARTNER, LODGES, PARENT)) & chance(rng, 0.35, n)
    late &= role == ROLES.index("household_member")
    last = np.where(end == NO_DAY, reference, end)
    joined = np.where(
        late, joined + (rng.random(n) * np.maximum(last - joined - 30, 0) * 0.9).astype(int), joined
    )
    left_on = between(rng, np.maximum(joined + 30, last - int(5 * YEAR)), last - 20, n)
    until = np.where(everyone["left"], np.maximum(left_on, joined + 1), end)
    members = {
        "tenancy": at,
        "person": np.arange(n),
        "role": role,
        "relationship": everyone["relationship"],
        "from": joined,
        "to": until,
        "left": everyone["left"],
    }
    return people, members


def _roles(rng: np.random.Generator, everyone: Frame, t: Frame) -> Array:
    n, at, relationship = len(everyone["tenancy"]), everyone["tenancy"], everyone["relationship"]
    role = np.full(n, ROLES.index("household_member"))
    named = (relationship == PARTNER) & chance(rng, 0.62, n)
    named |= relationship == SIBLING
    lead = relationship == LEAD
    tenure, status = t["tenure"][at], t["status"][at]
    role[named] = ROLES.index("joint_tenant")
    role[lead] = ROLES.index("tenant")
    for tenure_kind, name in (
        (LEASEHOLD, "leaseholder"),
        (SHARED, "shared_owner"),
        (SUPPORTED, "licensee"),
    ):
        role[(lead | named) & (tenure == tenure_kind)] = ROLES.index(name)
    role[(lead | named) & (status == APPLICATION)] = ROLES.index("applicant")
    role[relationship == KIN] = ROLES.index("next_of_kin")
    role[relationship == ADVOCATE] = ROLES.index("advocate")
    return role
