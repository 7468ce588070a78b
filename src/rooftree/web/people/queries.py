"""What the pages of a record show, from the record as the role may see it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rooftree.catalogue.model import Attribute
from rooftree.pipeline.documents import whole
from rooftree.pipeline.record import find, why_hidden
from rooftree.vocabulary.states import Grain
from rooftree.web.landlords.opened import Opened
from rooftree.web.people.access import Looking
from rooftree.web.people.presenting import (
    TOPICS,
    Alert,
    Shown,
    alerts_of,
    in_text,
    not_asked,
    values_of,
)
from rooftree.web.recording.suggesting import Row, next_for

MOST_HITS = 25
_REACH = ("mobile", "phone", "email", "correspondence_address")
_HOW = (
    "preferred_channel",
    "preferred_time",
    "preferred_format",
    "preferred_language",
    "representative",
)
_HOW_NOT = ("safe_contact", "contact_method_need")
_NEEDS = (
    "reasonable_adjustments", "communication_support", "information_format_need", "longer_appointment",
    "communication_professional", "evacuation_need", "access_needs", "mobility", "vulnerability",
    "support_needs", "unpaid_care",
)  # fmt: skip
_NOTHING = ("none", "no")
_MOST_TO_ASK = 5


@dataclass(frozen=True, slots=True)
class Found:
    """One person of a search."""

    person_id: str
    name: str
    born_on: str | None
    address: str
    standing: str
    how: str


_HOW_FOUND = {
    "exact": "matches",
    "prefix": "begins like this",
    "misspelt": "spelt nearly like this",
}


def search(data: Opened, text: str, *, patches: tuple[str, ...] | None) -> list[Found]:
    """People who fit, best first, of these patches only."""
    hits = find(data.lookup, text, limit=MOST_HITS, within=patches)
    return [
        _found(
            whole(data.lookup, hit.id), f"{hit.matched_on.replace('_', ' ')} {_HOW_FOUND[hit.how]}"
        )
        for hit in hits
    ]


def _found(document: Mapping[str, Any], how: str) -> Found:
    tenancies = document.get("tenancies") or []
    now = [each for each in tenancies if each["is_current"]]
    one = (now or tenancies or [None])[0]
    standing = "No tenancy"
    if one is not None:
        standing = f"{'' if now else 'Former '}{one['role'].replace('_', ' ')}".capitalize()
    return Found(
        document["person_id"], name_of(document), document["date_of_birth"],
        (one or {}).get("home", {}).get("address") or "Address not known", standing, how,
    )  # fmt: skip


def name_of(who: Mapping[str, Any]) -> str:
    """A person's name in full."""
    parts = (who.get("title"), who.get("given_name"), who.get("family_name"))
    return " ".join(each for each in parts if each) or "Name not known"


@dataclass(frozen=True, slots=True)
class Overview:
    """The first screenful."""

    alerts: list[Alert]
    needs: list[Shown]
    reach: list[Shown]
    how: list[Shown]
    how_not: list[Shown]
    language: list[Shown]
    now: list[Mapping[str, Any]]
    before: list[Mapping[str, Any]]
    ask: list[Row]
    may_know: Mapping[str, bool]


def overview(looking: Looking) -> Overview:
    """Who, where, household, how to reach them and how not to, needs, alerts, what to ask next."""
    record, data = looking.record, looking.data
    values = values_of(record.values, data.catalogue)

    def of(keys: tuple[str, ...]) -> list[Shown]:
        return [values[key] for key in keys if key in values and values[key].is_answered]

    tenancies = list(record.tenancies)
    needs = [each for each in of(_NEEDS) if each.text.lower() not in _NOTHING]
    language = of(("main_language", "english_proficiency"))
    return Overview(
        alerts=alerts_of(record.alerts, data.catalogue, today=data.as_of),
        needs=needs,
        reach=of(_REACH),
        how=of(_HOW),
        how_not=of(_HOW_NOT),
        language=language,
        now=[each for each in tenancies if each["is_current"]],
        before=[each for each in tenancies if not each["is_current"]],
        ask=next_for(looking, most=_MOST_TO_ASK),
        may_know={key: _may_see(looking, key) for key in ("person_alerts", "reasonable_adjustments", "mobile")},
    )  # fmt: skip


def _may_see(looking: Looking, key: str) -> bool:
    return why_hidden(looking.data.catalogue.attributes.get(key), looking.purposes) is None


def _askable(looking: Looking) -> list[Attribute]:
    is_responsible = any(
        each["is_current"] and each["role"] in ("tenant", "joint_tenant", "leaseholder")
        for each in looking.record.tenancies
    )
    populations = (
        ("customers", "adults", "household_members") if is_responsible else ("household_members",)
    )
    return [
        each
        for each in looking.data.catalogue.attributes.values()
        if each.question is not None
        and each.grain is Grain.PERSON
        and each.population in populations
        and not each.equality_monitoring
        and not (is_responsible and each.key == "relationship_to_lead")
        and why_hidden(each, looking.purposes) is None
    ]


@dataclass(frozen=True, slots=True)
class Topic:
    """The values of one topic, and the labels of what was never asked."""

    label: str
    values: list[Shown]
    waiting: list[str]


def profile(looking: Looking) -> list[Topic]:
    """Everything held that the role may see, by topic, and what was never asked."""
    catalogue = looking.data.catalogue
    held = values_of(looking.record.values, catalogue)
    for tenancy in looking.record.tenancies:
        if tenancy["is_current"]:
            held |= values_of(tenancy["values"], catalogue)
    asked = {each.key: not_asked(each) for each in _askable(looking)}
    topics = {key: Topic(label, [], []) for key, label in TOPICS.items()}
    for key, value in sorted((asked | held).items(), key=lambda pair: pair[1].label):
        topic = catalogue.attributes[key].topic
        into = topics.setdefault(topic, Topic(topic.capitalize(), [], []))
        if value.state == "not_asked":
            into.waiting.append(value.label)
        else:
            into.values.append(value)
    return [topic for topic in topics.values() if topic.values or topic.waiting]


@dataclass(frozen=True, slots=True)
class Figure:
    """One feature in words."""

    key: str
    label: str
    text: str
    meaning: str


#: What an officer reads first of a rent account; the rest is one click away.
FIRST_FIGURES = (
    "rent_balance_pence", "weeks_behind", "collectable_arrears_pence", "book_arrears_pence", "technical_arrears_only",
    "payment_regularity", "main_payment_method", "last_payment_on", "arrears_priority_band",
)  # fmt: skip


def figures(
    looking: Looking, features: Mapping[str, Any], topics: tuple[str, ...] = ()
) -> list[Figure]:
    """Features that have a value, with what each means."""
    catalogue = looking.data.catalogue
    shown = []
    for key, value in features.items():
        feature = catalogue.features[key]
        if value is not None and (not topics or feature.topic in topics):
            shown.append(
                Figure(key, feature.label, in_text(feature, value, catalogue), feature.meaning)
            )
    return shown


def since_of(choice: str, as_of: dt.date) -> dt.date | None:
    """The first day of a period that a filter offers; None is the whole history."""
    months = {"3m": 3, "12m": 12, "36m": 36}.get(choice)
    return as_of - dt.timedelta(days=round(months * 30.44)) if months else None
