"""Making landlords, and changing how their pages look."""

from __future__ import annotations

import hashlib
from pathlib import Path

from django.db import transaction

from rooftree.storage.workspace import Workspace
from rooftree.web.accounts.models import User
from rooftree.web.audit.models import Action
from rooftree.web.audit.services import record
from rooftree.web.landlords.models import Landlord


def ensure(directory: Path) -> Landlord:
    """The landlord of a workspace, made where there is none. Its name follows the workspace's file."""
    workspace = Workspace.open(directory)
    landlord, is_new = Landlord.objects.get_or_create(
        workspace=str(workspace.directory), defaults={"name": workspace.settings.name}
    )
    if is_new:
        record(landlord_id=landlord.pk, actor_id=None, action=Action.LANDLORD_ADDED)
    return landlord


@transaction.atomic
def change_identity(
    landlord: Landlord, *, name: str, colour: str, logo: bytes | None, by: User
) -> Landlord:
    """Change name, colour and logo; `logo` None leaves the one there is, empty bytes remove it."""
    record(landlord_id=landlord.pk, actor_id=by.pk, action=Action.IDENTITY_CHANGED)
    landlord.name, landlord.colour = name, colour
    if logo is not None:
        landlord.logo = logo
        landlord.logo_digest = hashlib.sha256(logo).hexdigest()[:16] if logo else ""
    landlord.full_clean()
    landlord.save()
    return landlord
