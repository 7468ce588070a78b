"""Accounts of the made-up landlord: one for each role, with secrets that are printed.

Only a workspace that the demonstration made has them: it is told by its folder `truth`, which no real
landlord has. The password and the key are made for this workspace, and kept in it with mode 0600.
"""

from __future__ import annotations

import json
import os
import secrets
import time
from dataclasses import dataclass
from pathlib import Path

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
)
from django.db import transaction

from rooftree.vocabulary.errors import NotFound, PolicyDenied
from rooftree.web.accounts.models import User, UserPatch
from rooftree.web.accounts.roles import ROLES
from rooftree.web.landlords.models import Landlord
from rooftree.web.landlords.opened import patches

DOMAIN = "demo.rooftree.example"
PERIOD = 30
_PATCHES_EACH = 3
_WORDS = (
    "amber", "basket", "candle", "daisy", "engine", "forest", "garden", "harbour", "island", "jacket",
    "kettle", "ladder", "marble", "needle", "orchard", "pebble", "quilt", "ribbon", "saddle", "timber",
    "umbrella", "velvet", "willow", "yellow",
)  # fmt: skip
_NAMES = {
    "housing_officer": "Hazel Demo", "income_officer": "Ivan Demo", "support_officer": "Sunita Demo",
    "engagement_officer": "Esi Demo", "insight_analyst": "Anders Demo", "data_steward": "Dilys Demo",
    "data_protection_officer": "Paz Demo", "board_reader": "Bola Demo", "administrator": "Ada Demo",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class SignIns:
    """One password and one key for all demonstration accounts, so that an app scans one picture."""

    password: str
    totp_secret: str
    emails: tuple[tuple[str, str], ...]  # role label, e-mail

    @property
    def key_address(self) -> str:
        """What an authenticator app scans."""
        return f"otpauth://totp/demonstration?secret={self.totp_secret}&issuer=Rooftree%20demonstration"


def email_of(role: str) -> str:
    """The e-mail address of a role's account."""
    return f"{role.replace('_', '-')}@{DOMAIN}"


@transaction.atomic
def ensure(landlord: Landlord) -> SignIns:
    """Make the accounts that are not there. PolicyDenied where the landlord is a real one."""
    if not landlord.is_demonstration:
        raise PolicyDenied(f"{landlord.workspace} is no demonstration: it has no printed sign-ins.")
    password, secret = _secrets(landlord.directory / ".rooftree" / "demonstration.json")
    codes = patches(landlord)[:_PATCHES_EACH]
    for key, role in ROLES.items():
        user = User.objects.filter(email=email_of(key)).first()
        if user is None:
            user = User(
                email=email_of(key),
                name=_NAMES[key],
                landlord=landlord,
                role=key,
                is_demonstration=True,
            )
            user.set_password(password)
            user.save()
            EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
        if not Authenticator.objects.filter(user=user).exists():
            TOTP.activate(user, secret)
            RecoveryCodes.activate(user)
        if not role.whole_landlord and not user.patch_codes:
            UserPatch.objects.bulk_create([UserPatch(user=user, code=code) for code in codes])
    emails = tuple((role.label, email_of(key)) for key, role in ROLES.items())
    return SignIns(password, secret, emails)


def code_now(email: str) -> str:
    """The code that the account's app shows now. Only for accounts of a demonstration."""
    user = User.objects.filter(email=email, is_demonstration=True).first()
    if user is None or not user.landlord.is_demonstration:
        raise NotFound(f"There is no demonstration account '{email}'. They end in @{DOMAIN}.")
    _, secret = _secrets(user.landlord.directory / ".rooftree" / "demonstration.json")
    return code_of(secret)


def code_of(secret: str) -> str:
    """The code of a key now."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // PERIOD))


def _secrets(path: Path) -> tuple[str, str]:
    if not path.exists():
        made = {
            "password": "-".join(secrets.choice(_WORDS) for _ in range(4)),
            "totp_secret": generate_totp_secret(),
        }
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(made, file)
    kept = json.loads(path.read_text(encoding="utf-8"))
    return kept["password"], kept["totp_secret"]
