"""Tenancies over time and what sort of household holds each: who could live together in such a home.

Ages and household types follow the published figures for social landlords; who lives in how many
bedrooms gives overcrowding and under-occupation near those of England's rented homes.
"""

from __future__ import annotations

import numpy as np

from rooftree.demo.draws import (
    NO_DAY,
    YEAR,
    Array,
    Frame,
    between,
    chance,
    pick,
    pick_by_row,
    stack,
    stream,
)
from rooftree.demo.homes import LEASEHOLD, RENT, SHARED, SUPPORTED
from rooftree.demo.names import COMMUNITIES

COMPOSITIONS = (
    "single", "couple", "lone_parent", "couple_children", "single_adult_children",
    "couple_adult_children", "three_generations", "sharers", "single_lodger",
    "lone_parent_mixed", "couple_mixed",
)  # fmt: skip
(SINGLE, COUPLE, LONE, FAMILY, LONE_ADULT, FAMILY_ADULT, THREE, SHARERS, LODGER, LONE_MIXED,
 FAMILY_MIXED) = range(11)  # fmt: skip
WITH_PARTNER = (COUPLE, FAMILY, FAMILY_ADULT, FAMILY_MIXED)
WITH_CHILDREN = (LONE, FAMILY, THREE, LONE_MIXED, FAMILY_MIXED)
WITH_ADULT_CHILDREN = (LONE_ADULT, FAMILY_ADULT, LONE_MIXED, FAMILY_MIXED)

#: What a tenancy is, by number in `status`.
CURRENT, FORMER, APPLICATION = range(3)

BANDS = ((18, 34), (35, 44), (45, 54), (55, 64), (65, 96))
_BAND_SHARES = {"rural": (17, 16, 15, 19, 32), "city": (20, 21, 19, 19, 22)}
_SHELTERED = (0, 0, 2, 22, 76)
_SUPPORTED = (58, 18, 13, 8, 3)
_BY_BAND = np.array(
    [
        [34, 11, 30, 19, 0, 0, 1, 2, 1, 0, 0],
        [25, 7, 27, 27, 3, 1, 2, 1, 1, 4, 2],
        [33, 10, 11, 12, 12, 6, 3, 1, 2, 5, 4],
        [46, 18, 2.5, 3, 14, 8, 2.5, 1, 2.5, 1, 1],
        [61, 26, 0.2, 0.2, 7, 3, 1, 1, 0.9, 0, 0],
    ]
)
_BY_BEDROOMS = np.array(
    [
        [2.6, 1.6, 0.13, 0.10, 0.08, 0.05, 0, 0.15, 0.08, 0, 0],
        [1.0, 1.2, 1.2, 0.7, 1.1, 0.7, 0.12, 1.0, 1.2, 0.2, 0.06],
        [0.42, 0.85, 1.2, 1.6, 1.1, 1.2, 1.0, 0.7, 0.8, 1.6, 1.3],
        [0.1, 0.3, 0.9, 2.8, 0.7, 1.4, 4.0, 0.3, 0.4, 2.4, 4.0],
    ]
)
_RURAL = {"british": 945, "welsh": 4, "irish": 5, "polish": 14, "romanian": 8, "ukrainian": 3,
          "portuguese": 4, "traveller": 3, "roma": 1, "kurdish": 1, "bangladeshi": 1, "hindu": 1,
          "nigerian": 2, "caribbean": 2, "chinese": 1, "arab": 2, "afghan": 1, "filipino": 2}  # fmt: skip
_CITY = {"british": 520, "welsh": 8, "irish": 25, "polish": 35, "romanian": 25, "ukrainian": 8,
         "portuguese": 20, "kurdish": 14, "turkish": 18, "bangladeshi": 50, "pakistani": 45,
         "sikh": 12, "hindu": 12, "tamil": 10, "somali": 42, "nigerian": 42, "ghanaian": 20,
         "congolese": 10, "eritrean": 9, "caribbean": 60, "chinese": 9, "vietnamese": 8,
         "arab": 20, "afghan": 10, "roma": 5, "traveller": 3, "filipino": 5}  # fmt: skip


def community_weights(setting: str) -> Array:
    """How many households of each community, in the order of `names.COMMUNITIES`."""
    shares = _CITY if setting == "city" else _RURAL
    return np.array([shares.get(name, 0) for name in COMMUNITIES], dtype=float)


def build_tenancies(
    homes: Frame, *, seed: int, setting: str, as_of: int, years: int, kind: str
) -> Frame:
    """All tenancies that ran in the last `years`, and open applications, with their household's type.

    Columns: home (-1 for an application), status, tenure (of the home), start, end (NO_DAY while it
    runs), reference day for ages, composition, band, lead_age at the reference day, community,
    bedrooms.
    """
    rng = stream(seed, "tenancies")
    opens = as_of - int(years * YEAR)
    n = len(homes["home"])
    void = chance(rng, 0.018, n) & (homes["tenure"] != LEASEHOLD)
    vacated = np.where(void, as_of - between(rng, 3, 120, n), NO_DAY)
    current = _households(
        rng, homes, np.flatnonzero(~void), np.full(n, as_of), setting=setting, kind=kind
    )
    current |= _starts(rng, current, homes)
    current["status"] = np.full(len(current["home"]), CURRENT)
    current["end"] = np.full(len(current["home"]), NO_DAY)
    parts = [current]
    # Before each tenancy that began in the window stood another one, until the window opens.
    last_start = np.full(n, NO_DAY)
    last_start[current["home"]] = current["start"]
    last_start[void] = vacated[void]
    for _ in range(3):
        at = np.flatnonzero((last_start > opens) & (homes["tenure"] != LEASEHOLD))
        gap = between(rng, 5, 75, n)
        end = last_start - np.where(void & (last_start == vacated), 0, gap)
        at = at[end[at] > opens]
        if not len(at):
            break
        former = _households(rng, homes, at, end, setting=setting, kind=kind)
        former["end"] = former["reference"].copy()
        former |= _starts(rng, former, homes)
        former["status"] = np.full(len(at), FORMER)
        parts.append(former)
        last_start = np.full(n, NO_DAY)
        last_start[former["home"]] = former["start"]
    parts.append(_applications(rng, max(n // 30, 1), as_of, setting))
    tenancies = stack(parts)
    return tenancies | {"tenancy": np.arange(len(tenancies["home"]))}


def _households(
    rng: np.random.Generator,
    homes: Frame,
    at: Array,
    reference: Array,
    *,
    setting: str,
    kind: str,
) -> Frame:
    n = len(at)
    tenure, scheme = homes["tenure"][at], homes["in_scheme"][at]
    bedrooms = homes["bedrooms"][at]
    supported, sheltered = tenure == SUPPORTED, scheme & (tenure == RENT)
    general = np.array(_BAND_SHARES[setting], dtype=float) / 100
    # Take the schemes' ages out, so that all leads together have the published ages.
    rest = general * n - sheltered.sum() * np.array(_SHELTERED) / 100
    if kind != "supported":
        rest = rest - supported.sum() * np.array(_SUPPORTED) / 100
    rest = np.maximum(rest, 0.02 * n)
    band = pick(rng, rest, n)
    band = np.where(sheltered, pick(rng, _SHELTERED, n), band)
    band = np.where(supported, pick(rng, _SUPPORTED, n), band)
    young_owner = np.isin(tenure, (LEASEHOLD, SHARED)) & (band == 0) & chance(rng, 0.6, n)
    band = np.where(young_owner, 1, band)
    weights = _BY_BAND[band] * _BY_BEDROOMS[np.clip(bedrooms, 1, 4) - 1]
    few = sheltered | supported
    weights[few] = weights[few] * np.array([1, 1, 0.15, 0.1, 0.02, 0, 0, 0.02, 0, 0, 0])
    weights[supported] = weights[supported] * np.array([1, 0.1, 0.5, 0, 0, 0, 0, 0, 0, 0, 0])
    community = pick(rng, community_weights(setting), n)
    composition = pick_by_row(rng, weights)
    return {
        "home": at,
        "tenure": tenure,
        "reference": reference[at],
        "band": band,
        "composition": composition,
        "lead_age": _lead_ages(rng, band, composition),
        "community": community,
        "bedrooms": bedrooms,
        "in_scheme": scheme,
    }


def _lead_ages(rng: np.random.Generator, band: Array, composition: Array) -> Array:
    low, high = np.array(BANDS)[band].T
    n = len(band)
    # Older leads thin out with age; the young are seldom under 21.
    skew = np.where(
        band == 4, rng.beta(1.1, 2.1, n), np.where(band == 0, rng.beta(2.2, 1.3, n), rng.random(n))
    )
    age = np.floor(low + skew * (high - low + 1)).astype(int)
    grown = np.isin(composition, WITH_ADULT_CHILDREN)
    return np.clip(np.where(grown, np.maximum(age, 37), age), low, high)


def _starts(rng: np.random.Generator, tenancies: Frame, homes: Frame) -> Frame:
    n = len(tenancies["home"])
    mean = np.array([5.0, 11.0, 16.0, 20.0, 24.0])[tenancies["band"]]
    mean = np.where(tenancies["tenure"] == SUPPORTED, 0.9, mean)
    length = 0.05 + rng.gamma(1.25, mean / 1.25, n)
    adult = np.maximum(tenancies["lead_age"] - 18.0, 0.05)
    # A home is not let before it stands.
    reference_year = 1970 + tenancies["reference"] / YEAR
    stands = np.maximum(reference_year - homes["year_built"][tenancies["home"]] - 1, 0.05)
    length = np.minimum(np.minimum(length, adult), stands)
    days = np.maximum((length * YEAR).astype(int), 8)
    start = tenancies["reference"] - days
    # Tenancies begin on a Monday (days since 1970-01-01 are Thursdays at 0).
    return {"start": start - (start - 4) % 7}


def _applications(rng: np.random.Generator, n: int, as_of: int, setting: str) -> Frame:
    band = pick(rng, [34, 26, 18, 12, 10], n)
    composition = pick_by_row(rng, _BY_BAND[band] * _BY_BEDROOMS[1])
    return {
        "home": np.full(n, -1),
        "tenure": np.full(n, RENT),
        "reference": np.full(n, as_of),
        "band": band,
        "composition": composition,
        "lead_age": _lead_ages(rng, band, composition),
        "community": pick(rng, community_weights(setting), n),
        "bedrooms": np.full(n, 2),
        "in_scheme": np.zeros(n, dtype=bool),
        "start": as_of - between(rng, 5, 1_000, n),
        "status": np.full(n, APPLICATION),
        "end": np.full(n, NO_DAY),
    }
