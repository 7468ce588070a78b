"""Reading jobs."""

from __future__ import annotations

import datetime as dt

from django.db.models import QuerySet
from django.utils import timezone

from rooftree.web.accounts.models import User
from rooftree.web.jobs.kinds import kinds
from rooftree.web.jobs.models import Job, State


def visible_to(user: User) -> QuerySet[Job]:
    """The jobs of the user's landlord, of the kinds that their role may start; newest first."""
    allowed = [key for key, kind in kinds().items() if kind.needs in user.permitted.can]
    return Job.objects.filter(landlord=user.landlord_id, kind__in=allowed).select_related(
        "asked_by"
    )


def time_left(job: Job) -> dt.timedelta | None:
    """How long the last job of this kind that was done took, less what this one has taken; None: not known."""
    last = Job.objects.filter(landlord=job.landlord_id, kind=job.kind, state=State.DONE).first()
    if last is None or last.started_at is None or last.ended_at is None or job.started_at is None:
        return None
    left = (last.ended_at - last.started_at) - (timezone.now() - job.started_at)
    return max(left, dt.timedelta())
