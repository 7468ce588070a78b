"""One person's record, cut to what a stated purpose may see.

Officers see what their purpose needs and no more. Answers given for equality monitoring are on no
record page at all: they count, and never mark a person (DPA 2018, Schedule 1, paragraph 8(3)).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rooftree.catalogue.model import Attribute, Catalogue, Feature
from rooftree.pipeline.documents import whole
from rooftree.storage.lookup import Hit, Lookup
from rooftree.vocabulary.errors import PolicyDenied

#: The attribute whose purposes decide who sees an alert of a kind.
ALERT_KINDS = {
    "alert": "person_alerts",
    "adjustment": "reasonable_adjustments",
    "vulnerability": "vulnerability",
    "evacuation": "evacuation_need",
}


@dataclass(frozen=True, slots=True)
class Record:
    """What some purposes may see of one person. `hidden` counts what they may not, by the reason."""

    person_id: str
    purposes: tuple[str, ...]
    person: Mapping[str, Any]
    values: tuple[Mapping[str, Any], ...]
    features: Mapping[str, Any]
    tenancies: tuple[Mapping[str, Any], ...]
    records: tuple[Mapping[str, Any], ...]
    hidden: Mapping[str, int]
    alerts: tuple[Mapping[str, Any], ...] = ()

    @property
    def purpose(self) -> str:
        """The purposes as words."""
        return ", ".join(self.purposes)


_WHO = (
    "title", "given_name", "middle_name", "family_name", "preferred_name",
    "date_of_birth", "date_of_death", "is_organisation",
)  # fmt: skip


def find(
    lookup: Lookup, text: str, *, limit: int = 20, within: Collection[str] | None = None
) -> list[Hit]:
    """People whose name, address, postcode, telephone, e-mail or reference is like the text, best first.

    With `within`, only people of these patches.
    """
    return lookup.search(text, limit=limit, within=within)


def show(
    lookup: Lookup, person_id: str, *, purpose: str | Sequence[str], catalogue: Catalogue
) -> Record:
    """The record of one person for a purpose, or for the several purposes of somebody's work.

    Raises PolicyDenied for a purpose that is unknown or that may only count, NotFound for an id
    that the snapshot does not hold.
    """
    for each in _several(purpose):
        check_purpose(each, catalogue)
    return visible(whole(lookup, person_id), purpose=purpose, catalogue=catalogue)


def _several(purpose: str | Sequence[str]) -> tuple[str, ...]:
    return (purpose,) if isinstance(purpose, str) else tuple(purpose)


def check_purpose(purpose: str, catalogue: Catalogue) -> None:
    """May this purpose look at one person at all?"""
    selecting = sorted(key for key, each in catalogue.purposes.items() if each.selects)
    if purpose not in catalogue.purposes:
        raise PolicyDenied(
            f"There is no purpose '{purpose}'. Choose one of: {', '.join(selecting)}."
        )
    if purpose not in selecting:
        raise PolicyDenied(
            f"The purpose '{purpose}' may count people and never look at one. "
            f"To look at a person, choose one of: {', '.join(selecting)}."
        )


def visible(
    document: Mapping[str, Any], *, purpose: str | Sequence[str], catalogue: Catalogue
) -> Record:
    """Cut a document to what the purpose, or one of the purposes, may see."""
    purposes = _several(purpose)
    hidden: dict[str, int] = {}

    def values_of(found: list[Mapping[str, Any]] | None) -> tuple[Mapping[str, Any], ...]:
        kept = []
        for value in found or []:
            reason = why_hidden(catalogue.attributes.get(value["attribute"]), purposes)
            if reason:
                hidden[reason] = hidden.get(reason, 0) + 1
            else:
                kept.append(value)
        return tuple(kept)

    def features_of(found: Mapping[str, Any] | None) -> dict[str, Any]:
        kept = {}
        for key, value in (found or {}).items():
            feature = catalogue.features.get(key)
            if feature is not None and why_hidden(feature, purposes) is None:
                kept[key] = value
        return kept

    tenancies = []
    for tenancy in document.get("tenancies") or []:
        cut = {
            k: v
            for k, v in tenancy.items()
            if not k.endswith("_values") and k not in _feature_tables(tenancy)
        }
        cut["values"] = tuple(
            value
            for grain in ("tenancy", "household", "home")
            for value in values_of(tenancy.get(f"{grain}_values"))
        )
        cut["features"] = {
            key: value
            for name in _feature_tables(tenancy)
            for key, value in features_of(tenancy[name]).items()
        }
        tenancies.append(cut)
    features: dict[str, Any] = {}
    for table in (document.get("features") or {}).values():
        features |= features_of(table)
    return Record(
        person_id=document["person_id"],
        purposes=purposes,
        person={key: document.get(key) for key in _WHO},
        values=values_of(document.get("held")),
        features=features,
        tenancies=tuple(tenancies),
        records=tuple(document.get("records") or ()),
        hidden=hidden,
        alerts=_alerts(document, purposes, catalogue),
    )


def _alerts(
    document: Mapping[str, Any], purposes: tuple[str, ...], catalogue: Catalogue
) -> tuple[Mapping[str, Any], ...]:
    def hidden(kind: str) -> bool:
        return why_hidden(catalogue.attributes.get(ALERT_KINDS.get(kind, "")), purposes) is not None

    return tuple(each for each in document.get("alerts") or () if not hidden(each["kind"]))


def _feature_tables(tenancy: Mapping[str, Any]) -> list[str]:
    return [key for key, value in tenancy.items() if isinstance(value, dict) and key != "home"]


def why_hidden(declared: Attribute | Feature | None, purposes: str | Sequence[str]) -> str | None:
    """Why a field may not be shown for any of these purposes; None when it may be."""
    purposes = _several(purposes)
    if declared is None:
        return "not in the catalogue"
    if getattr(declared, "equality_monitoring", False):
        return "equality monitoring: counted, never shown"
    if not any(purpose in declared.select_for for purpose in purposes):
        return "not for this purpose"
    return None
