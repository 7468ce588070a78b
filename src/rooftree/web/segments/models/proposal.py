"""One segment that is being written: from a draft to a definition that the next run uses."""

from __future__ import annotations

from django.db import models

from rooftree.web.accounts.models import User
from rooftree.web.landlords.models import Landlord


class State(models.TextChoices):
    """How far it is."""

    DRAFT = "draft", "Draft"
    PROPOSED = "proposed", "Waiting for a second person"
    APPROVED = "approved", "Approved"
    DISCARDED = "discarded", "Discarded"
    RETIRED = "retired", "Retired"


#: Where each state may go. Sending back is the way from proposed to draft.
MOVES: dict[State, frozenset[State]] = {
    State.DRAFT: frozenset({State.PROPOSED, State.DISCARDED}),
    State.PROPOSED: frozenset({State.APPROVED, State.DRAFT}),
    State.APPROVED: frozenset({State.RETIRED}),
    State.DISCARDED: frozenset(),
    State.RETIRED: frozenset(),
}


class Proposal(models.Model):
    """A definition on its way. `before` is the rule it began from; empty for a new segment."""

    landlord = models.ForeignKey(Landlord, on_delete=models.CASCADE, related_name="proposals")
    landlord_id: int
    state = models.CharField(max_length=12, choices=State.choices, default=State.DRAFT)
    key = models.CharField(max_length=60)
    label = models.CharField(max_length=120)
    topic = models.CharField(max_length=40)
    unit = models.CharField(max_length=12)
    base = models.CharField(max_length=24)
    purpose = models.CharField(max_length=60)
    use = models.CharField(max_length=8, default="select")
    why = models.TextField()
    action = models.TextField(blank=True)
    owner = models.CharField(max_length=120)
    rule = models.TextField(blank=True)
    before = models.TextField(blank=True)
    written_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    written_by_id: int
    written_at = models.DateTimeField()
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True)
    decided_by_id: int | None
    decided_at = models.DateTimeField(null=True)
    comment = models.TextField(blank=True)

    class Meta:
        ordering = ("-written_at", "-pk")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(decided_by__isnull=True, decided_at__isnull=True)
                | models.Q(decided_by__isnull=False, decided_at__isnull=False),
                name="proposal_decided_by_and_at",
            ),
            # One version of a segment is under way at a time: two would overwrite one another.
            models.UniqueConstraint(
                fields=("landlord", "key"),
                condition=models.Q(state__in=["draft", "proposed"]),
                name="one_proposal_of_a_segment_under_way",
            ),
        )

    def __str__(self) -> str:
        return f"proposal {self.pk} {self.key}"
