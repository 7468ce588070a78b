"""Writing answers. The access log first, then the register: what was recorded is never without its line.

The two are different databases, so no one transaction holds both. The line in the log is committed
before the register is written: should the machine stop in between, the log says more than was done,
and never less. Where the register refuses, a second line says so.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.utils import timezone

from rooftree.catalogue.model import Attribute
from rooftree.collection import Read
from rooftree.pipeline.told import Subject
from rooftree.storage.answers import Entry, Kept
from rooftree.vocabulary.errors import NotFound, RooftreeError
from rooftree.vocabulary.states import Grain, Method, Origin, State
from rooftree.web.accounts.models import User
from rooftree.web.audit.models import Action
from rooftree.web.audit.services import record as write_log
from rooftree.web.landlords.opened import Opened
from rooftree.web.landlords.told import register_of
from rooftree.web.recording.rules import check_can_object_for, check_can_record

#: Why an answer is taken back, in the register's words.
MISTAKE = "entered by mistake"


def as_recorder(user: User) -> str:
    """Who recorded, in the register's words: an id, never a name."""
    return f"user:{user.pk}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One outcome that is to be recorded: by whom it was said is the subject, how and when stands here."""

    attribute: Attribute
    subject: Subject
    outcome: Read
    method: Method
    said_on: dt.date
    review_on: dt.date | None = None


def record_answer(
    *, data: Opened, person_id: str, told: Told, entry: str, seen: int, by: User
) -> int:
    """Record one answer; gives its number in the register. Sent twice (`entry`), it is kept once.

    `seen` is the version of what the user saw. Raises Overtaken where somebody wrote since, PolicyDenied
    where the role does not record this.
    """
    check_can_record(by, told.attribute)
    origin = Origin.TOLD if told.attribute.question is not None else Origin.OBSERVED
    written = _write(
        data, person_id, [_entry(told, origin)], action=Action.ANSWER_RECORDED, entry=entry, seen=seen,
        by=by,
    )  # fmt: skip
    return written[0]


def record_objections(
    *, data: Opened, person_id: str, attributes: Collection[Attribute], subject: Subject, method: Method,
    said_on: dt.date, entry: str, by: User,
) -> tuple[int, ...]:  # fmt: skip
    """Record that the person objects to these attributes of theirs, all or none.

    A withdrawal takes effect whatever was written since the page was opened: a right waits for nobody.
    """
    for attribute in attributes:
        check_can_object_for(by, attribute)
    entries = [
        _entry(
            Told(
                attribute=attribute, subject=subject, outcome=Read(State.WITHDRAWN), method=method,
                said_on=said_on,
            ),
            Origin.TOLD,
        )
        for attribute in sorted(attributes, key=lambda each: each.key)
    ]  # fmt: skip
    return _write(
        data, person_id, entries, action=Action.OBJECTION_RECORDED, entry=entry, seen=None, by=by
    )


def take_back(*, data: Opened, person_id: str, kept: Kept, attribute: Attribute, by: User) -> None:
    """Take an answer back, as entered by mistake: what stood before it stands again. Both rows stay.

    Raises UserError where somebody took it back already.
    """
    if kept.state == State.WITHDRAWN:
        check_can_object_for(by, attribute)
    else:
        check_can_record(by, attribute)
    detail = {"attribute": attribute.key, "number": kept.number}
    _log(data, person_id, Action.ANSWER_TAKEN_BACK, detail, by)
    try:
        with register_of(data) as register:
            register.undo_answer(
                kept.number, by=as_recorder(by), recorded_at=timezone.now(), reason=MISTAKE
            )
    except RooftreeError:
        _log(data, person_id, Action.ANSWER_NOT_KEPT, detail, by)
        raise


def _entry(told: Told, origin: Origin) -> Entry:
    return Entry(
        attribute=told.attribute.key, grain=Grain(told.subject.grain), subject=told.subject.written_as,
        known_as=told.subject.known_as, state=told.outcome.state, value=told.outcome.value,
        method=told.method, recorded_on=told.said_on, origin=origin, review_on=told.review_on,
    )  # fmt: skip


def _write(
    data: Opened, person_id: str, entries: Sequence[Entry], *, action: Action, entry: str,
    seen: int | None, by: User,
) -> tuple[int, ...]:  # fmt: skip
    if not entries:
        raise NotFound("There is nothing to record.")
    detail = {"attributes": [each.attribute for each in entries], "entry": entry}
    _log(data, person_id, action, detail, by)
    try:
        with register_of(data) as register:
            return register.write(
                entries, entry=entry, by=as_recorder(by), recorded_at=timezone.now(), expected=seen
            )
    except RooftreeError:
        _log(data, person_id, Action.ANSWER_NOT_KEPT, detail, by)
        raise


def _log(data: Opened, person_id: str, action: Action, detail: dict[str, object], by: User) -> None:
    # Keys and numbers only: what was said stands in the register and nowhere else.
    write_log(
        landlord_id=by.landlord_id, actor_id=by.pk, action=action, subjects=[person_id],
        detail=detail | {"snapshot": data.snapshot_id},
    )  # fmt: skip
