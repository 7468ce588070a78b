"""One invitation: the only way to an account."""

from __future__ import annotations

import datetime as dt

from django.db import models

from rooftree.web.accounts.models.user import User
from rooftree.web.accounts.roles import CHOICES
from rooftree.web.landlords.models import Landlord


class Invitation(models.Model):
    """A link that one person may use once. Only the hash of its token is kept.

    `user` is set when it is for somebody who has an account and lost the way in.
    """

    landlord = models.ForeignKey(Landlord, on_delete=models.CASCADE, related_name="invitations")
    landlord_id: int
    email = models.EmailField()
    name = models.CharField(max_length=120)
    role = models.CharField(max_length=40, choices=CHOICES)
    patches = models.JSONField(default=list)
    token_hash = models.CharField(max_length=64, unique=True)
    invited_at = models.DateTimeField()
    invited_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="invitations", null=True)

    class Meta:
        ordering = ("-invited_at", "-pk")

    def __str__(self) -> str:
        return f"invitation {self.pk}"

    def is_open(self, now: dt.datetime) -> bool:
        """Whether it can still be used."""
        return self.used_at is None and self.revoked_at is None and now < self.expires_at
