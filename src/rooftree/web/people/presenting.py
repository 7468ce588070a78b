"""Values in words: labels in place of codes, and what stands beside a value: state, source, date, freshness."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rooftree.catalogue.model import Attribute, Catalogue, Feature
from rooftree.web.layout.templatetags.rooftree import as_date, as_money, in_words

STATES = {
    "answered": "Answered",
    "refused": "Prefers not to say",
    "dont_know": "Was asked, does not know",
    "not_asked": "Not asked yet",
    "not_applicable": "Does not apply",
    "withdrawn": "Withdrawn",
}
SYSTEMS = {
    "crm": "contact centre",
    "register": "Rooftree",
    "self_service": "the customer's own portal",
}
TOPICS = {
    "identity": "Who they are", "contact": "How to reach them", "communication": "Communication needs",
    "preferences": "Preferences and consents", "household": "Household", "health": "Health", "home": "Home",
    "support": "Support", "safety": "Safety", "digital": "Digital", "work": "Work", "money": "Money",
    "views": "Views and hopes", "equality": "Equality",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shown:
    """One value, ready for a page."""

    key: str
    label: str
    text: str
    state: str
    source: str = ""
    method: str = ""
    recorded_on: str | None = None
    stale_on: str | None = None
    is_stale: bool = False
    in_conflict: bool = False
    origin: str = "told"

    @property
    def is_answered(self) -> bool:
        """Whether there is a value."""
        return self.state == "answered"


def shown(value: Mapping[str, Any], catalogue: Catalogue) -> Shown:
    """A value of a record."""
    attribute = catalogue.attributes[value["attribute"]]
    state = value["state"]
    return Shown(
        key=attribute.key,
        label=attribute.label,
        text=in_text(attribute, value["value"], catalogue)
        if state == "answered"
        else STATES[state],
        state=state,
        source=SYSTEMS.get(value["system"], in_words(value["system"])),
        method=in_words(value["method"]),
        recorded_on=value["recorded_on"],
        stale_on=value["stale_on"],
        is_stale=bool(value["is_stale"]),
        in_conflict=bool(value["in_conflict"]),
        origin=value["origin"],
    )


def not_asked(attribute: Attribute) -> Shown:
    """An attribute of which nothing is known."""
    return Shown(attribute.key, attribute.label, STATES["not_asked"], "not_asked")


def in_text(thing: Attribute | Feature, value: Any, catalogue: Catalogue) -> str:
    """A value of an attribute or feature in words."""
    if value is None or value == "":
        return "none" if thing.type == "codes" else "not known"
    match thing.type:
        case "code":
            return label_of(thing.codes, str(value), catalogue)
        case "codes":
            codes = str(value).split(";")
            return ", ".join(label_of(thing.codes, each.strip(), catalogue) for each in codes)
        case "boolean":
            return "Yes" if str(value).lower() in ("true", "yes", "1") else "No"
        case "date":
            return as_date(value)
        case "money":
            return as_money(round(float(value)))
        case "number":
            number = f"{float(value):,.1f}".removesuffix(".0")
            return f"{number} {thing.unit}".strip() if thing.unit not in ("count", "") else number
    return str(value)


def label_of(codes: str | None, key: str, catalogue: Catalogue) -> str:
    """The label of a code; the code itself where the list has changed since."""
    found = catalogue.code_lists.get(codes or "")
    if found is None:
        return in_words(key).capitalize()
    return next((code.label for code in found.codes if code.key == key), key)


def values_of(values: Iterable[Mapping[str, Any]], catalogue: Catalogue) -> dict[str, Shown]:
    """Values of a record by attribute."""
    return {each["attribute"]: shown(each, catalogue) for each in values}


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert that counts today."""

    label: str
    advice: str
    is_critical: bool
    since: str | None
    review_on: str | None
    is_overdue: bool


def alerts_of(
    alerts: Sequence[Mapping[str, Any]], catalogue: Catalogue, *, today: dt.date
) -> list[Alert]:
    """The alerts that have begun and not ended, critical ones first. One that is past its review says so."""
    day = today.isoformat()
    codes = {code.key: code for code in catalogue.code_lists["person_alert"].codes}
    found: dict[str, Alert] = {}
    for alert in alerts:
        ended = alert["ended_on"] is not None and alert["ended_on"] <= day
        if alert["kind"] != "alert" or ended or (alert["started_on"] or "") > day:
            continue
        code = codes.get(alert["code"])
        found[alert["code"]] = Alert(
            label=code.label if code else alert["code"],
            advice=code.note if code else "",
            is_critical=code is not None and "critical" in code.flags,
            since=alert["started_on"],
            review_on=alert["review_on"],
            is_overdue=alert["review_on"] is not None and alert["review_on"] < day,
        )
    return sorted(found.values(), key=lambda each: (not each.is_critical, each.label))
