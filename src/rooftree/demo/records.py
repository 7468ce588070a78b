"""Who is on whose books: one row for each record a system holds of a person, right or wrong.

A record points to the true person, so that linkage can be judged; the pointer goes to the truth
folder only.
"""

from __future__ import annotations

import numpy as np

from rooftree.demo import dirt
from rooftree.demo.draws import NO_DAY, YEAR, Array, Frame, between, chance, stream, take, words
from rooftree.demo.households import APPLICATION, FORMER
from rooftree.demo.members import ADVOCATE, CHILD, KIN, LEAD, PARTNER, SIBLING

_IDENTITY = ("title", "given", "middle", "surname", "birth", "mobile", "landline", "email", "ni")


def housing_records(
    people: Frame, members: Frame, tenancies: Frame, *, seed: int, as_of: int
) -> tuple[Frame, Frame]:
    """The housing system's records of people, and its memberships with the record (`ref`) each uses.

    A person who moved within the stock has, in three of ten cases, one record for each home: a
    duplicate that only linkage can join.
    """
    rng = stream(seed, "housing records")
    n = len(members["person"])
    named = members["role"] < 5
    known = named | chance(rng, 0.88, n) | (members["relationship"] >= KIN)
    rows = take(members, np.flatnonzero(known))
    split = chance(rng, 0.3, len(people["person"]))[rows["person"]]
    key = rows["person"] * 2 + (split & (rows["tenancy"] != people["tenancy"][rows["person"]]))
    unique, first, inverse = np.unique(key, return_index=True, return_inverse=True)
    ref = words([f"{k:07d}" for k in 20_000 + rng.permutation(len(unique)) * 3])
    rows["record"], rows["ref"] = inverse, ref[inverse]
    records = _soiled(rng, people, unique // 2, light=True)
    records["tenancy"] = rows["tenancy"][first]
    changed = between(rng, 0, int(9 * YEAR), len(unique))
    records["updated"] = np.maximum(tenancies["start"][records["tenancy"]], as_of - changed)
    records |= {"ref": ref, "person": unique // 2, "duplicate": unique % 2 == 1}
    return records, rows


def crm_records(
    people: Frame, members: Frame, tenancies: Frame, homes: Frame, *, seed: int, as_of: int
) -> Frame:
    """The customer contact system's records: nicknames, stale addresses, few birth dates, duplicates."""
    rng = stream(seed, "crm records")
    where = _last_membership(members)
    person = people["person"]
    relationship, tenancy = members["relationship"][where], members["tenancy"][where]
    status = tenancies["status"][tenancy]
    age = (as_of - people["birth"]) / YEAR
    odds = np.full(len(person), 0.10)
    odds[relationship == CHILD] = np.where(age >= 18, 0.22, 0.05)[relationship == CHILD]
    odds[relationship == PARTNER] = 0.56
    odds[relationship == SIBLING] = 0.5
    odds[relationship == LEAD] = np.where(status == FORMER, 0.55, 0.93)[relationship == LEAD]
    odds[(relationship == LEAD) & (status == APPLICATION)] = 0.9
    odds[np.isin(relationship, (KIN, ADVOCATE))] = 0.55
    chosen = np.flatnonzero(chance(rng, odds, len(person)))
    again = chosen[chance(rng, 0.045, len(chosen))]
    who = np.concatenate([chosen, again])
    records = _soiled(rng, people, who, light=False)
    n = len(who)
    shuffle = rng.permutation(n)
    ref = words([f"C-{k:07d}" for k in 1_000_000 + shuffle * 7])
    order = np.argsort(shuffle, kind="stable")
    moved, address = _addresses(rng, who, members, tenancies, homes, where)
    records |= address
    records |= {
        "ref": ref,
        "person": who,
        "tenancy": tenancy[who],
        "duplicate": np.arange(n) >= len(chosen),
        "moved": moved,
        "updated": as_of - between(rng, 0, int(8 * YEAR), n),
        "knows_tenancy": chance(rng, 0.6, n) & (relationship[who] < KIN) & (status[who] != APPLICATION),
    }  # fmt: skip
    return take(records, order)


def _last_membership(members: Frame) -> Array:
    """The row of each person's newest membership, by person."""
    order = np.lexsort((members["from"], members["person"]))
    person = members["person"][order]
    last = np.flatnonzero(np.append(person[1:] != person[:-1], True))
    return order[last]


def _soiled(rng: np.random.Generator, people: Frame, who: Array, *, light: bool) -> Frame:
    """The identity columns of the given people as a clerk wrote them; flags say what went wrong."""
    r = {name: people[name][who] for name in _IDENTITY}
    n = len(who)
    r["given"], typo_1 = dirt.typos(rng, r["given"], rate=0.006 if light else 0.016)
    r["surname"], typo_2 = dirt.typos(rng, r["surname"], rate=0.008 if light else 0.018)
    nick = first = changed = np.zeros(n, dtype=bool)
    if not light:
        r["given"], nick = dirt.with_nicknames(rng, r["given"], rate=0.30)
        r["given"], first = dirt.initials(rng, r["given"], rate=0.03)
        bride = chance(rng, np.where(people["female"][who], 0.07, 0.008), n)
        r["surname"], changed = dirt.other_surnames(
            rng, r["surname"], people["community"][who], where=bride
        )
    r["birth"], swapped = dirt.swapped_dates(rng, r["birth"], rate=0.012 if light else 0.03)
    r["birth"], slipped = dirt.slipped_dates(rng, r["birth"], rate=0.006 if light else 0.012)
    r["birth"] = dirt.no_dates(rng, r["birth"], rate=0.03 if light else 0.30)
    if not light:
        r["mobile"], r["email"] = _old_ways(rng, r["mobile"], r["email"])
    r["middle"] = dirt.blanked(rng, r["middle"], rate=0.3 if light else 0.85)
    r["mobile"] = dirt.blanked(rng, r["mobile"], rate=0.30 if light else 0.22)
    r["landline"] = dirt.blanked(rng, r["landline"], rate=0.3 if light else 0.55)
    r["email"] = dirt.blanked(rng, r["email"], rate=0.45 if light else 0.25)
    r["ni"] = dirt.blanked(rng, r["ni"], rate=0.30 if light else 1.0)
    r["title"] = dirt.blanked(rng, r["title"], rate=0.04 if light else 0.25)
    return r | {
        "typo": typo_1 | typo_2,
        "nickname": nick,
        "initial": first,
        "surname_changed": changed,
        "birth_swapped": swapped,
        "birth_slipped": slipped,
        "birth_missing": r["birth"] == NO_DAY,
    }


def _old_ways(rng: np.random.Generator, mobile: Array, email: Array) -> tuple[Array, Array]:
    """What people no longer have: one mobile number in seven, one e-mail address in twelve."""
    n = len(mobile)
    digits = rng.integers(0, 100_000_000, n)
    number = words([f"072{k // 1_000_000:02d} {k % 1_000_000:06d}" for k in digits])
    mobile = np.where(chance(rng, 1 / 7, n) & (mobile != ""), number, mobile)
    former = words(["old." + address for address in email.tolist()])
    return mobile, np.where(chance(rng, 1 / 12, n) & (email != ""), former, email)


def _addresses(
    rng: np.random.Generator,
    who: Array,
    members: Frame,
    tenancies: Frame,
    homes: Frame,
    where: Array,
) -> tuple[Array, Frame]:
    """Where the record says the person lives: the home, one left long ago, or somewhere else."""
    n = len(who)
    order = np.lexsort((members["from"], members["person"]))
    first = order[np.searchsorted(members["person"][order], who)]
    home = tenancies["home"][members["tenancy"][where[who]]]
    old = tenancies["home"][members["tenancy"][first]]
    elsewhere = chance(rng, 0.10, n)
    stale = (old != home) & chance(rng, 0.4, n)
    other = rng.integers(0, len(homes["home"]), n)
    apart = members["relationship"][where[who]] >= KIN
    shown = np.where(elsewhere | (home < 0) | apart, other, np.where(stale, old, home))
    # An address outside the stock has another number on a street of the district.
    number = between(rng, 1, 180, n)
    outside = (elsewhere & ~stale) | (home < 0) | apart
    street = np.where(homes["in_block"][shown], homes["line_2"][shown], "")
    fallback = words([" ".join(str(line).split(" ")[1:]) for line in homes["line_1"][shown]])
    street = np.where(street == "", fallback, street)
    line = words([f"{k} {s}" for k, s in zip(number, street, strict=True)])
    return (elsewhere | stale) & (home >= 0) & ~apart, {
        "line_1": np.where(outside, line, homes["line_1"][shown]),
        "line_2": np.where(outside, "", homes["line_2"][shown]),
        "town": homes["town"][shown],
        "postcode": homes["postcode"][shown],
    }
