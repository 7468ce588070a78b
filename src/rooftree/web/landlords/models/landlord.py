"""One landlord of the installation."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from django.core.validators import RegexValidator
from django.db import models

if TYPE_CHECKING:
    from django_stubs_ext.db.models.manager import RelatedManager

    from rooftree.web.accounts.models import Invitation, User

DEFAULT_COLOUR = "#1d5c63"


class Landlord(models.Model):
    """A landlord: its workspace, and how its pages look."""

    name = models.CharField(max_length=120)
    workspace = models.CharField(max_length=500, unique=True)
    colour = models.CharField(
        max_length=7,
        default=DEFAULT_COLOUR,
        validators=[RegexValidator(r"^#[0-9a-f]{6}\Z", "Write the colour as #1d5c63.")],
    )
    logo = models.BinaryField(default=bytes, blank=True)  # a PNG, or nothing
    staff: RelatedManager[User]
    invitations: RelatedManager[Invitation]
    logo_digest = models.CharField(max_length=16, blank=True)  # names the picture in its address

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

    @property
    def directory(self) -> Path:
        """The folder of the workspace."""
        return Path(self.workspace)

    @property
    def is_demonstration(self) -> bool:
        """A made-up landlord: only such a one may have accounts whose secrets are printed."""
        return (self.directory / "truth").is_dir()
