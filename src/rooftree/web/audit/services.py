"""Writing to the access log, and seeing whether it is whole."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from rooftree.web.audit.models import Action, Event, Subject

#: Before the first event stands no digest.
START = "0" * 64
_LOCK = 7_336_020  # any number that nobody else takes: PostgreSQL's advisory lock of the log
_AT_A_TIME = 2_000


def record(
    *,
    landlord_id: int | None,
    actor_id: int | None,
    action: Action,
    subjects: Sequence[str] = (),
    reason: str = "",
    detail: Mapping[str, Any] | None = None,
) -> Event:
    """Append one event. In the transaction it is called in: what it tells of and the event stand or fall together."""
    with transaction.atomic():
        # One writer at a time, so that numbers have no gap. SQLite has the write lock already
        # (IMMEDIATE); PostgreSQL takes one for this log.
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        last = Event.objects.order_by("-seq").values_list("seq", "digest").first()
        seq, previous = (last[0] + 1, last[1]) if last else (1, START)
        event = Event(
            seq=seq,
            at=_text(timezone.now()),
            landlord_id=landlord_id,
            actor_id=actor_id,
            action=Action(action).value,
            subjects=list(subjects),
            reason=reason,
            detail=dict(detail or {}),
            previous=previous,
        )
        event.digest = event.computed_digest()
        event.save(force_insert=True)
        if subjects and landlord_id is not None:
            Subject.objects.bulk_create(
                [
                    Subject(event=event, landlord_id=landlord_id, subject=each)
                    for each in dict.fromkeys(subjects)
                ]
            )
    return event


def _text(at: dt.datetime) -> str:
    return at.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@dataclass(frozen=True, slots=True)
class Verified:
    """What checking the log found. `broken_at` is the number of the first event that does not fit."""

    events: int
    head: str
    broken_at: int | None
    why: str


def verify() -> Verified:
    """Read the whole log and follow the chain from its beginning.

    A chain shows a change to somebody who holds an older head: print it in a report, or keep it elsewhere.
    """
    expected, previous = 1, START
    for event in _in_order():
        if event.seq != expected:
            return Verified(expected - 1, previous, expected, f"event {expected} is missing")
        if event.previous != previous:
            return Verified(expected - 1, previous, event.seq, "it does not follow the one before")
        if event.computed_digest() != event.digest:
            return Verified(expected - 1, previous, event.seq, "it was changed")
        if (wrong := _index_problem(event)) is not None:
            return Verified(expected - 1, previous, event.seq, wrong)
        expected, previous = expected + 1, event.digest
    return Verified(expected - 1, previous, None, "")


def _in_order() -> Iterator[Event]:
    yield from (
        Event.objects.order_by("seq").prefetch_related("indexed").iterator(chunk_size=_AT_A_TIME)
    )


def _index_problem(event: Event) -> str | None:
    """The index of subjects must say what the event says: otherwise "who looked" could be made to lie."""
    indexed = sorted(each.subject for each in event.indexed.all())
    told = sorted(set(event.subjects)) if event.landlord_id is not None else []
    return None if indexed == told else "its index of people was changed"
