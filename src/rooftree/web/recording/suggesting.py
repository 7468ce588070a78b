"""What to ask next of one customer: for the record, and for the page of questions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from rooftree.collection import Chances, Known, Next, next_questions
from rooftree.collection.routing import Facts
from rooftree.pipeline.asking import chances_of, readers_of
from rooftree.vocabulary.states import Grain, State
from rooftree.web.landlords.opened import Opened
from rooftree.web.landlords.told import today_of
from rooftree.web.people.access import Looking
from rooftree.web.people.presenting import STATES, Shown, shown
from rooftree.web.recording.scope import age_of, askable, leads, lived_in


@dataclass(frozen=True, slots=True)
class Row:
    """One question in a list. `tenancy_id` is empty where it is about the person."""

    attribute: str
    label: str
    text: str
    state: str
    is_stale: bool
    is_today: bool
    tenancy_id: str = ""
    why: str = ""


def known_of(values: Iterable[Mapping[str, Any]]) -> dict[str, Known]:
    """Values of a record as the choice of the next question reads them."""
    return {
        each["attribute"]: Known(
            state=State(each["state"]),
            value=each["value"],
            recorded_on=each["recorded_on"] and dt.date.fromisoformat(each["recorded_on"][:10]),
            is_stale=bool(each["is_stale"]),
        )
        for each in values
    }


def next_for(looking: Looking, *, most: int = 5) -> list[Row]:
    """What to ask next: of the person, and of the household, tenancy and home of those who live there now."""
    if not any(each["is_current"] for each in looking.record.tenancies):
        return []
    found: list[tuple[Next, Shown | None, str]] = []
    values = {each["attribute"]: each for each in looking.record.values}
    for one in _next(looking, Grain.PERSON, looking.record.values, most=most):
        found.append((one, value_in_words(looking, values.get(one.attribute)), ""))
    for tenancy in lived_in(looking):
        held = {each["attribute"]: each for each in tenancy["values"]}
        for grain in (Grain.HOUSEHOLD, Grain.TENANCY, Grain.HOME):
            found += [
                (one, value_in_words(looking, held.get(one.attribute)), tenancy["tenancy_id"])
                for one in _next(looking, grain, tenancy["values"], most=most)
            ]
    found.sort(key=lambda each: (-each[0].gain, each[0].attribute, each[2]))
    return [_next_row(looking, *each) for each in found[:most]]


def _next(
    looking: Looking, grain: Grain, values: Iterable[Mapping[str, Any]], *, most: int
) -> tuple[Next, ...]:
    readers, chances = _of_landlord(looking.data)
    return next_questions(
        [each for each in askable(looking, grain) if each.question is not None],
        known_of(values),
        today=today_of(looking.data),
        readers=readers,
        chances=chances,
        facts=Facts(age=age_of(looking), leads=leads(looking)),
        most=most,
    )


_WHY = {
    "missing": "Not asked yet",
    "stale": "May be out of date",
    "again": "No answer when it was last asked",
}


def _next_row(looking: Looking, one: Next, value: Shown | None, tenancy_id: str) -> Row:
    attribute = looking.data.catalogue.attributes[one.attribute]
    decisions = f"{one.n_decisions} decision{'s' if one.n_decisions != 1 else ''}"
    why = f"{_WHY[one.why]}. {decisions} read it."
    text = value.text if value is not None and value.is_answered else STATES["not_asked"]
    return Row(
        attribute.key, attribute.label, text, value.state if value else "not_asked", one.why == "stale",
        False, tenancy_id, why,
    )  # fmt: skip


#: So many landlords are kept in mind: what is worked out for one is small.
_MOST_LANDLORDS = 20
_worked_out: dict[tuple[str, str], tuple[Mapping[str, int], Chances]] = {}


def _of_landlord(data: Opened) -> tuple[Mapping[str, int], Chances]:
    """How many segments read each attribute, and how questions fared: worked out once a snapshot."""
    key = (str(data.snapshot.directory), data.catalogue.version)
    if key not in _worked_out:
        with data.engine() as engine:
            found = (readers_of(data.catalogue), chances_of(engine))
        while len(_worked_out) >= _MOST_LANDLORDS:
            _worked_out.pop(next(iter(_worked_out)), None)
        _worked_out[key] = found
    return _worked_out[key]


def value_in_words(looking: Looking, value: Mapping[str, Any] | None) -> Shown | None:
    """A value of the record, ready for a page."""
    return None if value is None else shown(value, looking.data.catalogue)
