"""What happens to people and homes: repairs, contacts, cases, services used, views given.

Each function answers whole columns with day numbers; `systems` writes them down.
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
    stream,
    words,
)
from rooftree.demo.homes import LEASEHOLD
from rooftree.demo.households import APPLICATION
from rooftree.demo.world import World

TRADES = ("plumbing", "electrical", "heating", "carpentry", "doors_windows", "roofing", "drainage",
          "plastering", "flooring", "damp_mould")  # fmt: skip
DAMP = TRADES.index("damp_mould")
_TRADE_SHARES = (26, 15, 20, 11, 10, 5, 6, 4, 3)
REASONS = ("repair_new", "repair_chase", "rent", "benefits", "tenancy", "moving", "neighbourhood",
           "complaint", "support", "arrears", "damp_mould", "adaptation")  # fmt: skip
_REASON_SHARES = (34, 13, 17, 6, 7, 6, 4, 3, 3, 0, 4, 2)
SERVICES = ("portal", "money_advice", "employment", "tenancy_support", "garden", "event", "handyperson",
            "digital_skills")  # fmt: skip


def _lead_facts(world: World) -> Frame:
    """True attributes of the lead of each tenancy."""
    members = world.members
    person = np.zeros(len(world.tenancies["home"]), dtype=np.int64)
    lead = members["relationship"] == 0
    person[members["tenancy"][lead]] = members["person"][lead]
    names = ("age", "preferred_channel", "internet_access", "disabled", "mobility", "mental_health",
             "communication_professional", "ethnic_group", "working_situation", "stamina", "memory", "hearing",
             "wheelchair", "vision")  # fmt: skip
    return {"person": person} | {name: world.attributes[name][person] for name in names}


def _span(world: World) -> tuple[Array, Array, Array]:
    """First and last day of each tenancy within the window, and its length in years."""
    t, today = world.tenancies, world.landlord.today
    opens = today - int(world.landlord.years * YEAR)
    first = np.maximum(t["start"], opens)
    last = np.minimum(np.where(t["end"] == NO_DAY, today, t["end"]), today)
    lasting = np.where(t["status"] == APPLICATION, 0, np.maximum(last - first, 0)) / YEAR
    return first, last, lasting


def _happen(
    rng: np.random.Generator, rate: Array, first: Array, last: Array
) -> tuple[Array, Array]:
    """Which row and which day, for so many events on average per row."""
    at = np.repeat(np.arange(len(rate)), rng.poisson(rate))
    day = first[at] + (rng.random(len(at)) * (last - first + 1)[at]).astype(int)
    return at, day


def repairs(world: World) -> Frame:
    """Requests: damp and mould in winter and in the homes that tend to it, the rest by age of home."""
    rng = stream(world.landlord.seed, "repairs")
    first, last, years = _span(world)
    t, homes = world.tenancies, world.homes
    home = np.where(t["home"] >= 0, t["home"], 0)
    rents = (t["tenure"] != LEASEHOLD) & (t["home"] >= 0)
    size = 1 + 0.22 * (homes["bedrooms"][home] - 1) + 0.004 * (2020 - homes["year_built"][home])
    keenness = rng.gamma(1.6, 1 / 1.6, len(home))  # some report much, some nothing
    at, day = _happen(rng, 1.9 * size * keenness * years * rents, first, last)
    trade = pick(rng, _TRADE_SHARES, len(at))
    wet, wet_day = _happen(rng, homes["damp"][home] * 2.2 * years * rents, first, last)
    month = wet_day.astype("datetime64[D]").astype("datetime64[M]").astype(int) % 12
    winter = np.isin(month, (10, 11, 0, 1, 2)) | chance(rng, 0.3, len(wet))
    at, day = np.concatenate([at, wet[winter]]), np.concatenate([day, wet_day[winter]])
    trade = np.concatenate([trade, np.full(int(winter.sum()), DAMP)])
    order = np.lexsort((trade, at, day))
    at, day, trade = at[order], day[order], trade[order]
    return {"tenancy": at, "day": day, "trade": trade} | _visits(rng, world, at, day, trade)


def _visits(rng: np.random.Generator, world: World, at: Array, day: Array, trade: Array) -> Frame:
    n, facts = len(at), _lead_facts(world)
    priority = pick(rng, [13, 24, 63], n)
    at_work = np.isin(facts["working_situation"][at], ("1", "2"))
    missed = np.where(chance(rng, 0.05 + 0.09 * at_work, n), 1 + chance(rng, 0.2, n), 0)
    days = np.array([1, 6, 19])[priority] * rng.lognormal(0, 0.55, n) + 9 * missed
    days = np.where(trade == DAMP, days + 14, days)
    done = day + np.ceil(days).astype(int)
    cancelled = chance(rng, 0.04, n)
    return {
        "priority": priority,
        "no_access": missed,
        "done": np.where(cancelled | (done > world.landlord.today), NO_DAY, done),
        "status": np.where(cancelled, 2, np.where(done > world.landlord.today, 0, 1)),
    }


def contacts(world: World, actions: Frame) -> Frame:
    """Contacts by channel and reason, with repeats and the landlord's letters about arrears."""
    rng = stream(world.landlord.seed, "contacts")
    first, last, years = _span(world)
    facts = _lead_facts(world)
    rate = rng.gamma(0.9, 1 / 0.9, len(years)) * 3.1
    rate = rate * np.where(facts["age"] < 35, 1.2, np.where(facts["age"] > 75, 0.75, 1.0))
    at, day = _happen(rng, rate * years, first, last)
    reason = pick(rng, _REASON_SHARES, len(at))
    again = np.flatnonzero(chance(rng, 0.17, len(at)))  # the same matter within a fortnight
    at, day = (
        np.concatenate([at, at[again]]),
        np.concatenate([day, day[again] + between(rng, 1, 14, len(again))]),
    )
    reason = np.concatenate([reason, np.where(reason[again] == 0, 1, reason[again])])
    inbound = np.ones(len(at), dtype=bool)
    channel = _channels(rng, facts, at)
    letters = np.flatnonzero(chance(rng, 0.9, len(actions["tenancy"])))
    at = np.concatenate([at, actions["tenancy"][letters]])
    day = np.concatenate([day, actions["day"][letters]])
    reason = np.concatenate([reason, np.full(len(letters), REASONS.index("arrears"))])
    channel = np.concatenate([channel, words(["letter", "sms"])[pick(rng, [7, 3], len(letters))]])
    inbound = np.concatenate([inbound, np.zeros(len(letters), dtype=bool)])
    keep = (day <= world.landlord.today) & (day <= last[at])
    order = np.flatnonzero(keep)[np.lexsort((at[keep], day[keep]))]
    outcome = pick(rng, [72, 15, 6, 7], len(order))
    return {
        "tenancy": at[order],
        "day": day[order],
        "reason": reason[order],
        "channel": channel[order],
        "inbound": inbound[order],
        "outcome": outcome,
    }


def _channels(rng: np.random.Generator, facts: Frame, at: Array) -> Array:
    """Mostly the telephone; the preferred channel in half of the contacts."""
    n = len(at)
    online = facts["internet_access"][at] != "none"
    weights = np.where(online[:, None], [54, 17, 4, 3, 3, 5, 14], [78, 0, 2, 6, 5, 9, 0]).astype(
        float
    )
    common = words(["phone", "email", "sms", "letter", "visit", "office", "portal"])
    return np.where(
        chance(rng, 0.45, n), facts["preferred_channel"][at], common[pick_by_row(rng, weights)]
    )


def cases(world: World) -> Frame:
    """Complaints, anti-social behaviour, support referrals and adaptations."""
    rng = stream(world.landlord.seed, "cases")
    first, last, years = _span(world)
    facts = _lead_facts(world)
    n = len(years)
    flat = world.homes["in_block"][np.maximum(world.tenancies["home"], 0)]
    damp = world.homes["damp_cluster"][np.maximum(world.tenancies["home"], 0)]
    rates = {
        "complaint": (0.045 + 0.06 * damp) * np.ones(n),
        "asb": 0.02 + 0.03 * flat + 0.02 * (facts["age"] < 30),
        "support_referral": 0.02 + 0.06 * facts["mental_health"] + 0.03 * (facts["age"] < 25),
        "adaptation": 0.05 * facts["mobility"] + 0.15 * facts["wheelchair"],
        "safeguarding": 0.004 + 0.01 * facts["memory"],
    }
    parts = []
    for kind, rate in rates.items():
        at, day = _happen(rng, rate * years, first, last)
        took = rng.gamma(1.6, 25, len(at)).astype(int) + 2
        closed = np.where(day + took <= world.landlord.today, day + took, NO_DAY)
        parts.append({"tenancy": at, "day": day, "closed": closed, "kind": np.full(len(at), kind, dtype=object),
                      "number": pick(rng, [5, 3, 2], len(at))})  # fmt: skip
    everything = {name: np.concatenate([p[name] for p in parts]) for name in parts[0]}
    order = np.lexsort((everything["kind"].astype(str), everything["tenancy"], everything["day"]))
    return {name: column[order] for name, column in everything.items()}


def service_use(world: World) -> Frame:
    """The portal by those who are online, advice by those in need, events by few."""
    rng = stream(world.landlord.seed, "services")
    first, last, years = _span(world)
    facts = _lead_facts(world)
    first = np.maximum(first, world.landlord.today - 730)
    years = np.clip((last - first) / YEAR, 0, years)
    online = facts["internet_access"] != "none"
    registered = online & chance(rng, np.where(facts["age"] < 55, 0.55, 0.3), len(years))
    rates = {
        "portal": registered * 5.0,
        "money_advice": 0.03 + 0.04 * (facts["age"] < 45),
        "employment": 0.05 * (facts["working_situation"] == "4"),
        "tenancy_support": 0.03 + 0.06 * facts["mental_health"],
        "garden": 0.06 * (facts["age"] > 68),
        "event": 0.05 * np.ones(len(years)),
        "handyperson": 0.09 * (facts["age"] > 65),
        "digital_skills": 0.03 * (facts["age"] > 50),
    }
    at_days = [_happen(rng, rates[name] * years, first, last) for name in SERVICES]
    service = np.repeat(np.arange(len(SERVICES)), [len(at) for at, _ in at_days])
    at, day = (np.concatenate([pair[k] for pair in at_days]) for k in (0, 1))
    order = np.lexsort((service, at, day))
    return {"tenancy": at[order], "day": day[order], "service": service[order]}


#: Tenant Satisfaction Measures asked: code → share satisfied (2024-25), so that the survey is near it.
MEASURES = {
    "TP01": 0.72, "TP02": 0.74, "TP03": 0.68, "TP04": 0.72, "TP05": 0.78, "TP06": 0.61, "TP07": 0.71,
    "TP08": 0.78, "TP09": 0.36, "TP10": 0.66, "TP11": 0.63, "TP12": 0.58,
}  # fmt: skip


def survey(world: World) -> Frame:
    """One response per household in four, in the last year: 1 very satisfied to 5 very dissatisfied.

    Planted: satisfaction is lower in the damp clusters, among the young, and where the first
    language is not English; it rises with age.
    """
    rng = stream(world.landlord.seed, "survey")
    t = world.tenancies
    facts = _lead_facts(world)
    current = (t["status"] == 0) & (t["tenure"] != LEASEHOLD)
    odds = np.where(facts["age"] > 60, 0.34, np.where(facts["age"] < 35, 0.13, 0.22))
    at = np.flatnonzero(current & chance(rng, odds, len(odds)))
    home = t["home"][at]
    mood = rng.normal(0, 0.16, len(at))
    mood += np.where(facts["age"][at] >= 65, 0.07, np.where(facts["age"][at] < 35, -0.16, -0.02))
    mood -= 0.22 * world.homes["damp_cluster"][home]
    mood -= 0.08 * (facts["communication_professional"][at] == "spoken_interpreter")
    out: Frame = {"tenancy": at, "person": facts["person"][at]}
    for code, level in MEASURES.items():
        happy = rng.random(len(at)) < np.clip(level + mood - 0.01, 0.03, 0.97)
        unhappy = ~happy & chance(rng, 0.62, len(at))
        answer = np.where(
            happy,
            1 + chance(rng, 0.55, len(at)),
            np.where(unhappy, 4 + chance(rng, 0.45, len(at)), 3),
        )
        out[code] = np.where(chance(rng, 0.03, len(at)), 0, answer)
    out["day"] = world.landlord.today - between(rng, 5, 300, len(at))
    out["anonymous"] = chance(rng, 0.18, len(at))
    out["method"] = pick(rng, [50, 30, 20], len(at))
    return out


def alerts(world: World) -> Frame:
    """Person alerts, vulnerabilities, adjustments and evacuation needs with review dates, some overdue."""
    rng = stream(world.landlord.seed, "alerts")
    a, people, today = world.attributes, world.people, world.landlord.today
    n = len(a["person"])
    upstairs = world.homes["floor"][np.maximum(world.tenancies["home"][people["tenancy"]], 0)] > 0
    adult = a["age"] >= 16
    helper, form = a["communication_professional"], a["information_format_need"]
    slow = (a["wheelchair"] | (a["mobility"] & (a["age"] > 75))) & upstairs
    wishes = (
        ("alert", "MED1.02", adult & a["stamina"] & chance(rng, 0.18, n)),
        ("alert", "MH1.03", adult & a["mental_health"] & chance(rng, 0.12, n)),
        ("alert", "MH2.02", adult & a["memory"] & chance(rng, 0.25, n)),
        ("alert", "RISK2.02", adult & chance(rng, 0.006, n)),
        ("alert", "RISK5.04", adult & a["stamina"] & chance(rng, 0.03, n)),
        ("alert", "COMM1.09", helper == "bsl_interpreter"),
        ("alert", "COMM1.11", (helper == "spoken_interpreter") & chance(rng, 0.5, n)),
        ("alert", "COMM1.08", (form == "large_print") & chance(rng, 0.5, n)),
        ("vulnerability", "mental_health", adult & a["mental_health"] & chance(rng, 0.15, n)),
        ("vulnerability", "older_frail", (a["age"] > 78) & chance(rng, 0.3, n)),
        ("adjustment", "letters_read", (form == "easy_read") & chance(rng, 0.6, n)),
        ("adjustment", "more_time", a["mobility"] & adult & chance(rng, 0.2, n)),
        ("evacuation", "cannot_use_stairs", slow & chance(rng, 0.6, n)),
    )
    who = np.concatenate([np.flatnonzero(w[2]) for w in wishes])
    size = [int(w[2].sum()) for w in wishes]
    started = today - between(rng, 10, 1_400, len(who))
    review = started + 365 * between(rng, 1, 3, len(who))
    ended = np.where(chance(rng, 0.12, len(who)), np.minimum(started + 300, today), NO_DAY)
    return {
        "person": who,
        "kind": np.repeat(words([w[0] for w in wishes]), size),
        "code": np.repeat(words([w[1] for w in wishes]), size),
        "started": started,
        "ended": ended,
        "review": np.where(chance(rng, 0.05, len(who)), NO_DAY, review),
    }
