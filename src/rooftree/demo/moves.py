"""Households that moved within the stock: the former tenants of one home are the tenants of another."""

from __future__ import annotations

import numpy as np

from rooftree.demo.draws import YEAR, Array, Frame, chance, stack, stream, take
from rooftree.demo.households import CURRENT, FORMER
from rooftree.demo.members import KIN, LEAD, LODGES

_SHARE = 0.14


def move_households(
    tenancies: Frame, people: Frame, members: Frame, *, seed: int
) -> tuple[Frame, Frame, Array]:
    """People, memberships and the pairs (old tenancy, new tenancy) of moves within the stock.

    The invented former household of the old tenancy is taken away and the movers are put there.
    """
    rng = stream(seed, "moves")
    pairs = _pairs(rng, tenancies, people, members)
    old_of = np.full(len(tenancies["home"]), -1)
    old_of[pairs[:, 1]] = pairs[:, 0]
    moved_out = np.zeros(len(old_of), dtype=bool)
    moved_out[pairs[:, 0]] = True
    gone = moved_out[people["tenancy"]]
    stay = (members["relationship"] != LODGES) & (members["relationship"] < KIN) & ~members["left"]
    rows = np.flatnonzero(stay & (old_of[members["tenancy"]] >= 0))
    old = old_of[members["tenancy"][rows]]
    born = people["birth"][members["person"][rows]]
    there = born < tenancies["end"][old]
    rows, old, born = rows[there], old[there], born[there]
    before = take(members, rows) | {
        "tenancy": old,
        "from": np.maximum(tenancies["start"][old], born),
        "to": tenancies["end"][old],
    }
    number = np.cumsum(~gone) - 1
    kept = take(members, np.flatnonzero(~gone[members["person"]]))
    everyone = stack([kept, before])
    everyone["person"] = number[everyone["person"]]
    everyone = take(everyone, np.lexsort((everyone["person"], everyone["tenancy"])))
    people = take(people, np.flatnonzero(~gone))
    return people | {"person": np.arange(len(people["birth"]))}, everyone, pairs


def _pairs(rng: np.random.Generator, t: Frame, people: Frame, members: Frame) -> Array:
    """(old, new) tenancies: the new one begins up to five weeks before the old one ends."""
    lead_birth = np.zeros(len(t["home"]), dtype=np.int64)
    lead = members["relationship"] == LEAD
    lead_birth[members["tenancy"][lead]] = people["birth"][members["person"][lead]]
    new = np.flatnonzero((t["status"] == CURRENT) & chance(rng, _SHARE, len(t["home"])))
    new = new[np.argsort(t["start"][new], kind="stable")]
    old = np.flatnonzero(t["status"] == FORMER)
    old = old[np.argsort(t["end"][old], kind="stable")]
    at = np.searchsorted(t["end"][old], t["start"][new])
    within = at < len(old)
    new, old = new[within], old[at[within]]
    old, first = np.unique(old, return_index=True)
    new = new[first]
    fits = (t["end"][old] - t["start"][new] <= 35) & (t["home"][old] != t["home"][new])
    fits &= lead_birth[new] + int(18.2 * YEAR) < t["start"][old]
    fits &= t["tenure"][old] == t["tenure"][new]
    return np.stack([old[fits], new[fits]], axis=1)
