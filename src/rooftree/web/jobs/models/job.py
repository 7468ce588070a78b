"""One piece of long work."""

from __future__ import annotations

from django.db import models

from rooftree.web.accounts.models import User
from rooftree.web.landlords.models import Landlord


class State(models.TextChoices):
    """How far a job is. `lost`: its worker died; it may be started again."""

    QUEUED = "queued", "Waiting"
    RUNNING = "running", "At work"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Stopped"
    LOST = "lost", "Broken off"


#: Where each state may go.
MOVES: dict[State, frozenset[State]] = {
    State.QUEUED: frozenset({State.RUNNING, State.CANCELLED, State.LOST}),
    State.RUNNING: frozenset({State.DONE, State.FAILED, State.CANCELLED, State.LOST}),
    State.DONE: frozenset(),
    State.FAILED: frozenset(),
    State.CANCELLED: frozenset(),
    State.LOST: frozenset(),
}
UNDER_WAY = (State.QUEUED, State.RUNNING)


class Job(models.Model):
    """A job, from the moment it is asked for to its end. Its words hold ids and counts, never a name."""

    landlord = models.ForeignKey(Landlord, on_delete=models.CASCADE, related_name="jobs")
    landlord_id: int
    kind = models.CharField(max_length=40)
    arguments = models.JSONField(default=dict)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    state = models.CharField(max_length=12, choices=State.choices, default=State.QUEUED)
    started_at = models.DateTimeField(null=True)
    heartbeat_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    step = models.CharField(max_length=200, blank=True)
    steps_done = models.PositiveIntegerField(default=0)
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(null=True)
    unit = models.CharField(max_length=40, blank=True)
    message = models.TextField(blank=True)
    result = models.JSONField(default=dict)
    cancel_asked_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-asked_at", "-pk")
        constraints = (
            # Two runs in one workspace would wait for one another; the second is refused when it is asked for.
            models.UniqueConstraint(
                fields=("landlord", "kind"),
                condition=models.Q(state__in=["queued", "running"]),
                name="one_job_of_a_kind_under_way",
            ),
        )

    def __str__(self) -> str:
        return f"job {self.pk} {self.kind}"

    @property
    def is_under_way(self) -> bool:
        """Whether it waits or works."""
        return self.state in UNDER_WAY
