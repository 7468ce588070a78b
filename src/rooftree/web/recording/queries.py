"""What the pages of recording show, cut to what the role may ask and may see."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from rooftree.catalogue.model import Attribute
from rooftree.collection import Known
from rooftree.pipeline.told import Subject
from rooftree.profile.ordering import CRITERIA, OTHER_REASONS
from rooftree.storage.answers import Kept
from rooftree.vocabulary.states import Grain, State
from rooftree.web.accounts.models import User
from rooftree.web.people.access import Looking
from rooftree.web.people.presenting import STATES, TOPICS, in_text, not_asked
from rooftree.web.recording.rules import can_object_for, can_record, is_shown
from rooftree.web.recording.scope import askable, lived_in, subject_of
from rooftree.web.recording.services import as_recorder
from rooftree.web.recording.suggesting import Row, known_of, value_in_words

REASONS = {criterion.key: criterion.because for criterion in CRITERIA} | OTHER_REASONS


@dataclass(frozen=True, slots=True)
class Group:
    """The questions of one topic, or of one household and home."""

    key: str
    label: str
    rows: list[Row]


@dataclass(frozen=True, slots=True)
class Recorded:
    """One answer that was recorded today, and whether this user may take it back."""

    number: int
    label: str
    text: str
    by: str
    at: dt.datetime
    is_today: bool


def groups(looking: Looking, *, text: str = "") -> list[Group]:
    """Every question that the user may ask, by topic; those of household and home by address."""
    values = {each["attribute"]: each for each in looking.record.values}
    found: dict[str, Group] = {}
    for attribute in askable(looking, Grain.PERSON):
        if attribute.equality_monitoring:
            continue
        label = TOPICS.get(attribute.topic, attribute.topic.capitalize())
        group = found.setdefault(attribute.topic, Group(attribute.topic, label, []))
        group.rows.append(_row(looking, attribute, values.get(attribute.key), ""))
    result = list(found.values())
    for number, tenancy in enumerate(lived_in(looking), start=1):
        held = {each["attribute"]: each for each in tenancy["values"]}
        address = tenancy["home"]["address"] or "address not known"
        rows = [
            _row(looking, attribute, held.get(attribute.key), tenancy["tenancy_id"])
            for grain in (Grain.HOUSEHOLD, Grain.TENANCY, Grain.HOME)
            for attribute in askable(looking, grain)
            if not attribute.equality_monitoring
        ]
        result.append(Group(f"home{number}", f"Household and home: {address}", rows))
    return _with_words(result, text)


def _with_words(found: list[Group], text: str) -> list[Group]:
    """The questions that hold every word of the text; all where there is none."""
    words = text.lower().split()
    cut = [
        Group(
            each.key,
            each.label,
            [row for row in each.rows if all(word in row.label.lower() for word in words)],
        )
        for each in found
    ]
    return [each for each in cut if each.rows]


def equality(looking: Looking) -> list[Row]:
    """The equality questions: whether each is to be asked, and nothing of what was said."""
    held = known_of(looking.document.get("held") or ())
    rows = [
        _equality_row(looking, attribute, held.get(attribute.key), "")
        for attribute in askable(looking, Grain.PERSON)
        if attribute.equality_monitoring
    ]
    for tenancy in lived_in(looking):
        of_household = next(
            each for each in looking.document["tenancies"] if each["tenancy_id"] == tenancy["tenancy_id"]
        )  # fmt: skip
        held = known_of(of_household.get("household_values") or ())
        rows += [
            _equality_row(looking, attribute, held.get(attribute.key), tenancy["tenancy_id"])
            for attribute in askable(looking, Grain.HOUSEHOLD)
            if attribute.equality_monitoring
        ]
    return rows


def _equality_row(
    looking: Looking, attribute: Attribute, held: Known | None, tenancy_id: str
) -> Row:
    subject = subject_of(looking, attribute, tenancy_id)
    ours = [] if subject is None else kept_of(looking, attribute, subject)
    is_today = any(_is_today(each) for each in ours)
    # A refusal and an answer look alike: only that there is an outcome may be known.
    is_done = bool(ours) or (held is not None and not held.is_stale)
    text = "Recorded today" if is_today else "Not due" if is_done else "To ask"
    return Row(attribute.key, attribute.label, text, "", False, is_today, tenancy_id)


def kept_of(looking: Looking, attribute: Attribute, subject: Subject) -> list[Kept]:
    """What was recorded in Rooftree on one attribute of a subject, and not corrected or taken back."""
    return [
        each
        for each in looking.kept
        if each.attribute == attribute.key and each.subject in subject.known_as and not each.is_corrected
    ]  # fmt: skip


def _row(
    looking: Looking, attribute: Attribute, value: Mapping[str, Any] | None, tenancy_id: str
) -> Row:
    one = value_in_words(looking, value) or not_asked(attribute)
    subject = subject_of(looking, attribute, tenancy_id)
    ours = [] if subject is None else kept_of(looking, attribute, subject)
    is_today = any(_is_today(each) for each in ours)
    return Row(
        attribute.key, attribute.label, one.text, one.state, one.is_stale, is_today, tenancy_id
    )


def value_now(looking: Looking, attribute: Attribute, tenancy_id: str) -> Mapping[str, Any] | None:
    """The value that stands of one attribute, where the role may see it."""
    if not is_shown(looking.user, attribute):
        return None
    values = looking.record.values
    if tenancy_id:
        values = next(
            (each["values"] for each in looking.record.tenancies if each["tenancy_id"] == tenancy_id), ()
        )  # fmt: skip
    return next((each for each in values if each["attribute"] == attribute.key), None)


def because(value: Mapping[str, Any]) -> str:
    """Why a value stands, in words that hold nothing of it."""
    return REASONS.get(value["why"], "it comes first")


def _is_today(kept: Kept) -> bool:
    return timezone.localdate(kept.recorded_at) == timezone.localdate()


def may_take_back(looking: Looking, kept: Kept) -> bool:
    """May this user take an answer back? Of an equality answer only who recorded it, and on that day."""
    attribute = looking.data.catalogue.attributes.get(kept.attribute)
    if attribute is None:
        return False
    rule = can_object_for if kept.state == State.WITHDRAWN else can_record
    if not rule(looking.user, attribute):
        return False
    if attribute.equality_monitoring and kept.state != State.WITHDRAWN:
        return kept.recorded_by == as_recorder(looking.user) and _is_today(kept)
    return True


def recorded_today(looking: Looking) -> list[Recorded]:
    """What was recorded today and may be taken back by this user, newest first."""
    found = [
        each for each in looking.kept if _is_today(each) and not each.is_corrected and may_take_back(looking, each)
    ]  # fmt: skip
    names = names_of(looking.user, [each.recorded_by for each in found])
    return [recorded(looking, each, names) for each in reversed(found)]


def recorded(looking: Looking, kept: Kept, names: Mapping[str, str]) -> Recorded:
    """One answer of the register in words; of an equality answer, only that it was recorded."""
    catalogue = looking.data.catalogue
    attribute = catalogue.attributes[kept.attribute]
    if kept.state == State.WITHDRAWN:
        text = "Objection recorded"
    elif not is_shown(looking.user, attribute):
        text = "Recorded; the answer is not shown"
    elif kept.state == State.ANSWERED:
        text = in_text(attribute, kept.value, catalogue)
    else:
        text = STATES[kept.state]
    by = names.get(kept.recorded_by, "a colleague")
    return Recorded(
        kept.number,
        attribute.label,
        text,
        by,
        timezone.localtime(kept.recorded_at),
        _is_today(kept),
    )


def names_of(user: User, recorders: Iterable[str]) -> dict[str, str]:
    """The names of colleagues who recorded, by the register's word for them."""
    numbers = {
        int(each.removeprefix("user:"))
        for each in recorders
        if each.startswith("user:") and each.removeprefix("user:").isdecimal()
    }
    if not numbers:
        return {}
    staff = User.objects.filter(landlord_id=user.landlord_id, pk__in=numbers)
    return {as_recorder(each): "you" if each.pk == user.pk else each.name for each in staff}


@dataclass(frozen=True, slots=True)
class Objectable:
    """One thing that a customer may object to, or take their consent back from."""

    key: str
    label: str
    hint: str


def objectable(looking: Looking) -> list[Objectable]:
    """What is held that the role may record an objection to; the equality answers as one."""
    catalogue = looking.data.catalogue
    held = {each["attribute"] for each in looking.record.values if each["state"] != State.WITHDRAWN}
    held |= {each.attribute for each in looking.kept if each.state != State.WITHDRAWN}
    return [
        Objectable(each.key, each.label, "")
        for each in sorted(catalogue.attributes.values(), key=lambda each: each.label)
        if each.grain is Grain.PERSON
        and not each.equality_monitoring
        and each.key in held
        and can_object_for(looking.user, each)
    ]


def equality_attributes(looking: Looking) -> list[Attribute]:
    """Every equality question about the person that the role may record an objection to."""
    return [
        each
        for each in looking.data.catalogue.attributes.values()
        if each.equality_monitoring and each.grain is Grain.PERSON and can_object_for(looking.user, each)
    ]  # fmt: skip
