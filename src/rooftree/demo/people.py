"""Names, titles, telephones, e-mail addresses and National Insurance numbers of invented people.

None of these can reach or belong to a real person: landlines are from Ofcom's ranges for drama,
mobiles from block 072, which no operator holds (the drama range has 1,000 numbers only, too few for
a landlord), e-mail addresses are at example.org, and National Insurance numbers begin with PP, an
administrative prefix that has the form of a real one and is issued to nobody (HMRC manual NIM39110).
"""

from __future__ import annotations

import re

import numpy as np

from rooftree.demo.draws import YEAR, Array, Frame, chance, empty_text, pick, stream, words
from rooftree.demo.members import CHILD, KIN, LEAD, PARTNER
from rooftree.demo.names import COMMUNITIES, given_names, surnames

#: Ofcom's landline numbers for drama: seven leading digits and a thousand numbers each.
DRAMA_LANDLINES = (
    "0113 496 0", "0114 496 0", "0115 496 0", "0116 496 0", "0117 496 0", "0118 496 0",
    "0121 496 0", "0131 496 0", "0141 496 0", "0151 496 0", "0161 496 0", "020 7946 0",
    "0191 498 0",
)  # fmt: skip
_HOSTS = ("@example.org", "@example.com", "@example.net")
_EMAILS = ("{0}.{1}.{2}", "{0:.1}{1}{2}", "{0}{2}")


def name_people(people: Frame, members: Frame, *, seed: int, as_of: int) -> Frame:
    """The people with given, middle, surname, title, mobile, landline, email, ni and same_name."""
    rng = stream(seed, "names")
    n = len(people["birth"])
    born = (1970 + people["birth"] / YEAR).astype(int)
    female, community = people["female"], people["community"]
    given = given_names(rng, community=community, female=female, born=born)
    named_after = _named_after(rng, people, given)
    middle = given_names(rng, community=community, female=female, born=born)
    middle = np.where(chance(rng, 0.48, n) & (middle != given), middle, "")
    age = (as_of - people["birth"]) / YEAR
    out = people | {
        "given": given,
        "middle": middle,
        "surname": _family_names(rng, people),
        "title": _titles(rng, female, age, people["relationship"]),
        "same_name": named_after,
        "ni": _ni_numbers(rng, n, age),
    }
    return out | _contact_details(rng, out, age)


def _named_after(rng: np.random.Generator, people: Frame, given: Array) -> Array:
    """Sons named after the father (3.5%): `given` is changed in place; the father's number, or -1."""
    n = len(given)
    tenancies = int(people["tenancy"].max()) + 1
    father = np.full(tenancies, -1)
    heads = np.isin(people["relationship"], (LEAD, PARTNER)) & ~people["female"]
    father[people["tenancy"][heads]] = people["person"][heads]
    mine = father[people["tenancy"]]
    son = (people["relationship"] == CHILD) & ~people["female"] & (mine >= 0) & ~people["twin"]
    son &= (people["family"] == people["family"][mine]) & chance(rng, 0.035, n)
    first = np.zeros(n, dtype=bool)
    at = np.flatnonzero(son)
    first[at[np.unique(people["tenancy"][at], return_index=True)[1]]] = True
    given[first] = given[mine[first]]
    # Brothers and sisters have names of their own.
    for _ in range(4):
        _, name = np.unique(given.astype(str), return_inverse=True)
        key = people["tenancy"].astype(np.int64) * (int(name.max()) + 1) + name
        _, index, count = np.unique(key, return_index=True, return_counts=True)
        keep = np.zeros(n, dtype=bool)
        keep[index] = True
        again = np.flatnonzero(~keep & ~first & (people["relationship"] != PARTNER))
        if not len(again) or not (count > 1).any():
            break
        born = (1970 + people["birth"][again] / YEAR).astype(int)
        given[again] = given_names(
            rng, community=people["community"][again], female=people["female"][again], born=born
        )
    return np.where(first, mine, -1)


def _family_names(rng: np.random.Generator, people: Frame) -> Array:
    _, first, inverse = np.unique(people["family"], return_index=True, return_inverse=True)
    names = surnames(rng, community=people["community"][first])[inverse]
    number = {name: k for k, name in enumerate(COMMUNITIES)}
    community, female = people["community"], people["female"]
    for at in np.flatnonzero((community == number["sikh"]) & np.isin(names, ("Singh", "Kaur"))):
        names[at] = "Kaur" if female[at] else "Singh"
    for at in np.flatnonzero((community == number["polish"]) & female):
        if names[at].endswith("ski"):
            names[at] = names[at][:-1] + "a"
    muslim = np.isin(community, (number["bangladeshi"], number["pakistani"]))
    for at in np.flatnonzero(muslim & female & chance(rng, 0.35, len(names))):
        names[at] = ("Begum", "Bibi", "Khatun", "Akhtar")[at % 4]
    return names


def _titles(rng: np.random.Generator, female: Array, age: Array, relationship: Array) -> Array:
    n = len(female)
    older = rng.random(n) < np.clip((age - 25) / 60, 0.1, 0.8)
    title = np.where(female, np.where(older, "Mrs", "Ms"), "Mr").astype(object)
    title[female & (age < 30) & (rng.random(n) < 0.6)] = "Miss"
    title[(age < 14) & ~female] = "Master"
    title[(age < 16) & female] = "Miss"
    title[(age > 25) & (rng.random(n) < 0.004)] = "Dr"
    title[(age > 16) & (rng.random(n) < 0.004)] = "Mx"
    return title


def _ni_numbers(rng: np.random.Generator, n: int, age: Array) -> Array:
    digits = (rng.permutation(max(n, 1)) * 4 + 17) % 4_000_000
    suffix = words(["A", "B", "C", "D"])
    numbers = words([f"PP{k % 1_000_000:06d}" for k in digits]) + suffix[digits // 1_000_000]
    return np.where(age >= 16, numbers, "")


def landlines(numbers: Array) -> Array:
    """Landlines of the drama ranges for whole numbers (13,000 before they repeat)."""
    prefixes = words(list(DRAMA_LANDLINES))
    return prefixes[numbers % 13] + words([f"{k:03d}" for k in range(1000)])[numbers // 13 % 1000]


def _contact_details(rng: np.random.Generator, people: Frame, age: Array) -> Frame:
    n = len(age)
    tenancy, relationship = people["tenancy"], people["relationship"]
    block = rng.permutation(max(n, 1))
    mobile = words(
        [f"072{k // 100_000:02d} {k % 100_000:06d}" for k in (block * 7 + 1) % 10_000_000]
    )
    has = rng.random(n) < np.select([age < 11, age < 16, age < 75], [0.0, 0.35, 0.95], 0.62)
    mobile = np.where(has, mobile, "")
    lead_of = np.full(int(tenancy.max()) + 1, -1)
    lead = relationship == LEAD
    lead_of[tenancy[lead]] = people["person"][lead]
    mine = lead_of[tenancy]
    shares = (mine >= 0) & ~lead & (relationship < KIN)
    same = shares & (
        rng.random(n) < np.where(relationship == PARTNER, 0.10, np.where(age < 18, 0.5, 0.02))
    )
    mobile = np.where(same, mobile[mine], mobile)
    house = rng.permutation(len(lead_of))
    line = landlines(house)
    has_line = rng.random(len(lead_of)) < 0.42
    line = np.where(has_line, line, "")[tenancy]
    line = np.where(relationship >= KIN, "", line)
    email = _emails(rng, people)
    online = rng.random(n) < np.select(
        [age < 13, age < 45, age < 65, age < 78], [0, 0.9, 0.8, 0.55], 0.25
    )
    email = np.where(online, email, "")
    same = shares & (relationship == PARTNER) & (rng.random(n) < 0.09)
    return {"mobile": mobile, "landline": line, "email": np.where(same, email[mine], email)}


def _emails(rng: np.random.Generator, people: Frame) -> Array:
    """Addresses in three usual shapes, each with a number that nobody else has."""
    n = len(people["given"])
    shape, host = pick(rng, [5, 3, 2], n), pick(rng, [5, 3, 2], n)
    out = empty_text(n)
    out[:] = [
        _EMAILS[k].format(
            given.lower().replace("é", "e"), re.sub("[^a-z]", "", surname.lower()), at * 13 + 7
        )
        + _HOSTS[h]
        for at, (given, surname, k, h) in enumerate(
            zip(people["given"], people["surname"], shape, host, strict=True)
        )
    ]
    return out
