"""What the customer contact system logs: contacts, cases, services used, wishes about being contacted."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from rooftree.demo import events
from rooftree.demo.draws import (
    NO_DAY,
    Array,
    Frame,
    between,
    chance,
    pick,
    pick_by_row,
    stream,
    words,
)
from rooftree.demo.members import KIN
from rooftree.demo.world import World
from rooftree.demo.writers import day_texts, write_csv

_ISO = "%Y-%m-%d"
_CHANNELS = {
    "phone": "Telephone", "email": "E-mail", "sms": "Text", "letter": "Letter", "visit": "Home visit",
    "office": "Counter", "portal": "Portal",
}  # fmt: skip


def refs_by_person(records: Frame, people: int) -> Array:
    """The first record of each person in the system, empty where it has none."""
    refs = np.full(people, "", dtype=object)
    refs[records["person"][::-1]] = records["ref"][::-1]
    return refs


def _lead(world: World) -> Array:
    lead = world.members["relationship"] == 0
    person = np.zeros(len(world.tenancies["home"]), dtype=np.int64)
    person[world.members["tenancy"][lead]] = world.members["person"][lead]
    return person


def write_contacts(folder: Path, world: World, records: Frame, actions: Frame) -> dict[str, int]:
    """`contacts_<year>.csv`, one for each calendar year."""
    rng = stream(world.landlord.seed, "contact file")
    found = events.contacts(world, actions)
    n = len(found["day"])
    refs = refs_by_person(records, len(world.people["person"]))[_lead(world)]
    unknown = chance(rng, 0.06, n)  # the caller was not identified
    in_order = sorted(_CHANNELS)
    number = np.searchsorted(np.array(in_order), found["channel"].astype(str))
    channel = words([_CHANNELS[c] for c in in_order])
    columns = {
        "ContactId": words([f"K{k:09d}" for k in range(1, n + 1)]),
        "CustomerId": np.where(unknown, "", refs[found["tenancy"]]),
        "TenancyNo": np.where(unknown, "", world.tenancies["tenancy_ref"][found["tenancy"]]),
        "Date": day_texts(found["day"], _ISO),
        "Channel": channel[number],
        "Direction": np.where(found["inbound"], "In", "Out").astype(object),
        "Reason": words(list(events.REASONS))[found["reason"]],
        "Outcome": words(["resolved", "unresolved", "no_answer", "referred"])[found["outcome"]],
    }
    year = found["day"].astype("datetime64[D]").astype("datetime64[Y]").astype(int) + 1970
    for one in np.unique(year):
        rows = np.flatnonzero(year == one)
        part = {name: column[rows] for name, column in columns.items()}
        write_csv(folder / f"contacts_{one}.csv", part, encoding="utf-8-sig")
    return {"crm.contacts.rows": n, "crm.contacts.caller_unknown": int(unknown.sum())}


def write_cases(folder: Path, world: World, records: Frame) -> dict[str, int]:
    """`cases.csv`."""
    found = events.cases(world)
    n = len(found["day"])
    refs = refs_by_person(records, len(world.people["person"]))[_lead(world)]
    stage = words(["stage_1", "stage_2", "informal"])[found["number"]]
    upheld = words(["upheld", "not_upheld", "withdrawn"])[found["number"]]
    complaint = found["kind"] == "complaint"
    columns = {
        "CaseId": words([f"CAS{k:07d}" for k in range(1, n + 1)]),
        "CustomerId": refs[found["tenancy"]],
        "TenancyNo": world.tenancies["tenancy_ref"][found["tenancy"]],
        "Kind": found["kind"],
        "Stage": np.where(complaint, stage, ""),
        "Opened": day_texts(found["day"], _ISO),
        "Closed": day_texts(found["closed"], _ISO),
        "Outcome": np.where(
            found["closed"] == NO_DAY, "", np.where(complaint, upheld, "completed")
        ),
    }
    write_csv(folder / "cases.csv", columns, encoding="utf-8-sig")
    return {"crm.cases.rows": n}


def write_services(folder: Path, world: World, records: Frame) -> dict[str, int]:
    """`services.csv`."""
    found = events.service_use(world)
    refs = refs_by_person(records, len(world.people["person"]))[_lead(world)]
    columns = {
        "CustomerId": refs[found["tenancy"]],
        "TenancyNo": world.tenancies["tenancy_ref"][found["tenancy"]],
        "Service": words(list(events.SERVICES))[found["service"]],
        "UsedOn": day_texts(found["day"], _ISO),
    }
    write_csv(folder / "services.csv", columns, encoding="utf-8-sig")
    return {"crm.services.rows": len(found["day"])}


def write_preferences(folder: Path, world: World, records: Frame) -> dict[str, int]:
    """`preferences.csv`: the wished channel, consents to marketing, and objections."""
    rng = stream(world.landlord.seed, "preferences")
    today = world.landlord.today
    customer = world.people["relationship"][records["person"]] < KIN
    adult = world.attributes["age"][records["person"]] >= 16
    at = np.flatnonzero(customer & adult)
    wished = at[chance(rng, 0.5, len(at))]
    consents = at[chance(rng, 0.22, len(at))]
    objects = at[chance(rng, 0.035, len(at))]
    size = [len(wished), len(consents), len(objects)]
    who = np.concatenate([wished, consents, objects])
    topic = pick_by_row(
        rng,
        np.repeat([[70, 15, 10, 5, 0], [0, 0, 0, 0, 100], [0, 0, 0, 45, 55]], size, axis=0).astype(
            float
        ),
    )
    media = words(["email", "sms", "phone", "letter"])[pick(rng, [45, 30, 15, 10], len(who))]
    preferred = world.attributes["preferred_channel"][records["person"][who]]
    columns = {
        "CustomerId": records["ref"][who],
        "Topic": words(["all", "repairs", "rent", "surveys", "marketing"])[topic],
        "Channel": np.where(np.arange(len(who)) < size[0], preferred, media),
        "Choice": np.repeat(words(["prefer", "consent", "object"]), size),
        "Since": day_texts(today - between(rng, 3, 1_500, len(who)), _ISO),
    }
    write_csv(folder / "preferences.csv", columns, encoding="utf-8-sig")
    return {"crm.preferences.rows": len(who), "crm.preferences.objections": size[2]}


def write_alerts(folder: Path, world: World, records: Frame) -> dict[str, int]:
    """`alerts.csv` of the housing system: what staff must know, with review dates, some overdue."""
    found = events.alerts(world)
    refs = refs_by_person(records, len(world.people["person"]))[found["person"]]
    at = np.flatnonzero(refs != "")
    overdue = (
        (found["review"] < world.landlord.today)
        & (found["review"] != NO_DAY)
        & (found["ended"] == NO_DAY)
    )
    none = "01/01/1900"
    columns = {
        "Alert": words([f"AL{k:06d}" for k in range(1, len(at) + 1)]),
        "PersonID": refs[at],
        "Kind": found["kind"][at],
        "Code": found["code"][at],
        "From": day_texts(found["started"][at], "%d/%m/%Y"),
        "To": day_texts(found["ended"][at], "%d/%m/%Y", none=none),
        "Review": day_texts(found["review"][at], "%d/%m/%Y", none=none),
    }
    write_csv(folder / "alerts.csv", columns, encoding="cp1252")
    return {"housing.alerts.rows": len(at), "housing.alerts.review_overdue": int(overdue[at].sum())}
