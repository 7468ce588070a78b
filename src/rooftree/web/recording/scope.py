"""Which questions belong to a record: those that the user's role may ask, of the people and things on it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from rooftree.catalogue.model import Attribute
from rooftree.pipeline.told import Subject, person_in, subject_in
from rooftree.vocabulary.states import Grain
from rooftree.web.landlords.told import today_of
from rooftree.web.people.access import Looking
from rooftree.web.people.presenting import TOPICS
from rooftree.web.recording.rules import NOTED, can_record

#: Whose questions are put to somebody: the population of the catalogue, by the part they have.
_EVERYBODY = ("customers", "everyone", "household_members")
_GROWN = 18
_AGREEMENT = ("tenant", "joint_tenant", "licensee", "leaseholder", "shared_owner", "freeholder")


def subject_of(looking: Looking, attribute: Attribute, tenancy_id: str) -> Subject | None:
    """Whom an attribute is about on this record; None where the address does not fit."""
    today = today_of(looking.data)
    if attribute.grain is Grain.PERSON:
        return None if tenancy_id else person_in(looking.document, today=today)
    return subject_in(looking.document, attribute.grain, tenancy_id, today=today)


def askable(looking: Looking, grain: Grain) -> list[Attribute]:
    """The attributes of a grain that this user may record of this person, by topic and label."""
    user = looking.user
    found = [
        each
        for each in looking.data.catalogue.attributes.values()
        if each.grain is grain and can_record(user, each) and _is_for(looking, each)
    ]
    order = list(TOPICS)
    return sorted(
        found,
        key=lambda each: (order.index(each.topic) if each.topic in order else 99, each.label),
    )


def _is_for(looking: Looking, attribute: Attribute) -> bool:
    """Is the question one for somebody with this part in their tenancies?"""
    if attribute.grain is not Grain.PERSON or attribute.key in NOTED:
        return True
    if attribute.population in ("tenants", "lead_tenants"):
        return is_named(looking)
    if attribute.population == "adults":
        age = age_of(looking)
        return age is None or age >= _GROWN
    return attribute.population in _EVERYBODY


def is_named(looking: Looking) -> bool:
    """Is the person named on an agreement that runs now?"""
    return any(
        each["is_current"] and each["role"] in _AGREEMENT for each in looking.document.get("tenancies") or ()
    )  # fmt: skip


def leads(looking: Looking) -> bool:
    return any(
        each["is_current"] and each.get("relationship") == "lead"
        for each in looking.document.get("tenancies") or ()
    )


def age_of(looking: Looking) -> int | None:
    born = looking.record.person.get("date_of_birth")
    if not born:
        return None
    day, today = dt.date.fromisoformat(born[:10]), today_of(looking.data)
    return today.year - day.year - ((today.month, today.day) < (day.month, day.day))


def lived_in(looking: Looking) -> list[Mapping[str, Any]]:
    """The tenancies of now whose household the person belongs to."""
    return [
        each for each in looking.record.tenancies if each["is_current"] and each.get("household_id") is not None
    ]  # fmt: skip
