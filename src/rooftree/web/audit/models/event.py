"""One event of the access log, and the people it was about."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from django.db import models

if TYPE_CHECKING:
    from django_stubs_ext.db.models.manager import RelatedManager


class Action(models.TextChoices):
    """What was done."""

    PEOPLE_FOUND = "people_found", "Searched, and was shown these people"
    RECORD_VIEWED = "record_viewed", "Opened the record"
    PROFILE_VIEWED = "profile_viewed", "Read the profile"
    HOUSEHOLD_VIEWED = "household_viewed", "Read household and home"
    EVENTS_VIEWED = "events_viewed", "Read the timeline"
    ACCOUNT_VIEWED = "account_viewed", "Read the rent account"
    HISTORY_VIEWED = "history_viewed", "Read the history of values"
    LOOKERS_VIEWED = "lookers_viewed", "Asked who looked"
    ASKING_VIEWED = "asking_viewed", "Opened a question"
    ANSWER_RECORDED = "answer_recorded", "Recorded an answer"
    OBJECTION_RECORDED = "objection_recorded", "Recorded an objection"
    ANSWER_NOT_KEPT = "answer_not_kept", "What was recorded was not kept"
    ANSWER_TAKEN_BACK = "answer_taken_back", "Took an answer back"
    REASON_GIVEN = "reason_given", "Gave a reason for looking"
    ACCESS_REFUSED = "access_refused", "Was refused"
    LOG_VIEWED = "log_viewed", "Read the access log"
    SIGNED_IN = "signed_in", "Signed in"
    SIGNED_OUT = "signed_out", "Signed out"
    PASSWORD_CHANGED = "password_changed", "Changed the password"
    FACTOR_ADDED = "factor_added", "Added a second factor"
    FACTOR_REMOVED = "factor_removed", "Removed a second factor"
    INVITED = "invited", "Invited a colleague"
    INVITATION_REVOKED = "invitation_revoked", "Took an invitation back"
    INVITATION_USED = "invitation_used", "Used an invitation"
    ROLE_CHANGED = "role_changed", "Changed role or patches"
    DEACTIVATED = "deactivated", "Closed an account"
    REACTIVATED = "reactivated", "Opened an account again"
    SIGN_IN_RESET = "sign_in_reset", "Reset password and second factor"
    LANDLORD_ADDED = "landlord_added", "Added the landlord"
    IDENTITY_CHANGED = "identity_changed", "Changed the landlord's identity"
    SEGMENT_WRITTEN = "segment_written", "Began to write a segment"
    SEGMENT_PROPOSED = "segment_proposed", "Proposed a segment"
    SEGMENT_APPROVED = "segment_approved", "Approved a segment"
    SEGMENT_SENT_BACK = "segment_sent_back", "Sent a segment back"
    SEGMENT_DISCARDED = "segment_discarded", "Discarded a draft of a segment"
    SEGMENT_RETIRED = "segment_retired", "Retired a segment"
    JOB_STARTED = "job_started", "Started a job"
    JOB_CANCELLED = "job_cancelled", "Asked a job to stop"


class Event(models.Model):
    """One line of the log. Ids only: a name may be erased elsewhere, and this row never changes.

    No foreign keys: the log keeps nothing from being deleted. `digest` covers the row and the digest
    before it, so a changed, missing or moved row shows.
    """

    seq = models.BigIntegerField(primary_key=True)
    at = models.CharField(max_length=32)  # UTC, as text: what was hashed is what is kept
    landlord_id = models.BigIntegerField(null=True)
    actor_id = models.BigIntegerField(null=True)
    action = models.CharField(max_length=32, choices=Action.choices)
    subjects = models.JSONField(default=list)
    reason = models.CharField(max_length=60, blank=True)
    detail = models.JSONField(default=dict)
    previous = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)
    indexed: RelatedManager[Subject]

    class Meta:
        ordering = ("-seq",)
        indexes = (
            models.Index(fields=("landlord_id", "-seq"), name="event_of_landlord"),
            models.Index(fields=("actor_id", "-seq"), name="event_of_actor"),
        )

    def __str__(self) -> str:
        return f"{self.seq} {self.action}"

    def computed_digest(self) -> str:
        """What the digest must be."""
        facts: list[Any] = [
            self.seq, self.at, self.landlord_id, self.actor_id, self.action, self.subjects, self.reason,
            self.detail, self.previous,
        ]  # fmt: skip
        text = json.dumps(facts, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
        return hashlib.sha256(text.encode()).hexdigest()


class Subject(models.Model):
    """One person whom an event was about: the index for "who looked at this customer"."""

    event = models.ForeignKey(Event, on_delete=models.DO_NOTHING, related_name="indexed")
    landlord_id = models.BigIntegerField()
    subject = models.CharField(max_length=40)

    class Meta:
        indexes = (
            models.Index(fields=("landlord_id", "subject", "-event"), name="event_of_subject"),
        )

    def __str__(self) -> str:
        return self.subject
