"""Reading the access log."""

from __future__ import annotations

from django.db.models import QuerySet

from rooftree.web.audit.models import Action, Event


def of_landlord(landlord_id: int) -> QuerySet[Event]:
    """Every event of a landlord, newest first."""
    return Event.objects.filter(landlord_id=landlord_id)


def looked_at(landlord_id: int, subject: str) -> QuerySet[Event]:
    """Every event that showed this person, newest first."""
    return of_landlord(landlord_id).filter(
        indexed__landlord_id=landlord_id, indexed__subject=subject
    )


def reason_of(landlord_id: int, *, actor_id: int, subject: str) -> Event | None:
    """The last reason this user gave for looking at this person."""
    return (
        looked_at(landlord_id, subject)
        .filter(actor_id=actor_id, action=Action.REASON_GIVEN)
        .first()
    )
