"""Who is in a segment, as the user may see it: of their patches, with name and address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rooftree.pipeline.documents import whole
from rooftree.pipeline.segments import Asked, members
from rooftree.segments.definition import Segment
from rooftree.segments.schema import id_of
from rooftree.vocabulary.errors import NotFound
from rooftree.vocabulary.states import Grain
from rooftree.web.landlords.opened import Opened
from rooftree.web.people.queries import name_of


@dataclass(frozen=True, slots=True)
class Member:
    """One of a segment: the subject, and the person by whom it is found (of a household its lead tenant)."""

    subject_id: str
    person_id: str | None


@dataclass(frozen=True, slots=True)
class Line:
    """One member in words."""

    person_id: str | None
    name: str
    address: str
    born_on: str | None


def members_of(asked: Asked, segment: Segment, *, patches: Sequence[str] | None) -> list[Member]:
    """The members of these patches (None: of all), in the order of their ids."""
    definition = segment.definition
    ids = members(asked, segment, purpose=definition.purpose).ids
    unit = definition.unit
    person = "person_id" if unit == Grain.PERSON else "lead_person_id"
    within = "" if patches is None else "AND list_contains(?, patch)"
    rows = asked.engine.rows(
        f"""SELECT {id_of(unit)}, {person} FROM segments.{unit.value}
        WHERE {id_of(unit)} IN (SELECT unnest(?)) {within} ORDER BY 1""",
        [list(ids), *([] if patches is None else [list(patches)])],
    )
    return [Member(*row) for row in rows]


def line(data: Opened, member: Member) -> Line:
    """A member in words. A household without a lead tenant has no name."""
    document: Mapping[str, Any] = {}
    if member.person_id is not None:
        try:
            document = whole(data.lookup, member.person_id)
        except NotFound:
            document = {}
    tenancies = document.get("tenancies") or []
    one = next((each for each in tenancies if each["is_current"]), (tenancies or [None])[0])
    return Line(
        member.person_id if document else None,
        name_of(document) if document else "No lead tenant is known",
        (one or {}).get("home", {}).get("address") or "Address not known",
        document.get("date_of_birth"),
    )


def subject_of(asked: Asked, person_id: str, unit: Grain) -> str | None:
    """The household, tenancy or home in which a person lives now, or the person; None where there is none."""
    if unit == Grain.PERSON:
        return person_id
    return asked.engine.value(
        f"SELECT {id_of(unit)} FROM segments.person WHERE person_id = ?", [person_id]
    )
