"""Letting people in and out: every write to staff accounts, each with its line in the access log."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from collections.abc import Sequence

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone

from rooftree.vocabulary.errors import NotFound, PolicyDenied, UserError
from rooftree.web.accounts.models import Invitation, User, UserPatch
from rooftree.web.accounts.roles import ROLES, Can
from rooftree.web.audit.models import Action
from rooftree.web.audit.services import record
from rooftree.web.landlords.models import Landlord

_TOKEN_BYTES = 32


def hash_of(token: str) -> str:
    """What is kept of a token: 256 random bits need no salt and no slow hash."""
    return hashlib.sha256(token.encode()).hexdigest()


@transaction.atomic
def invite(
    *,
    landlord: Landlord,
    email: str,
    name: str,
    role: str,
    patches: Sequence[str],
    by: User | None,
    user: User | None = None,
) -> tuple[Invitation, str]:
    """Make an invitation; answers it and its token, which is shown once and kept nowhere.

    An earlier open invitation to the same address is taken back. UserError when the address has an
    account already.
    """
    if role not in ROLES:
        raise UserError(f"There is no role '{role}'. The roles are: {', '.join(ROLES)}.")
    if user is None and User.objects.filter(email__iexact=email).exists():
        raise UserError("This e-mail address has an account already.")
    now = timezone.now()
    open_ones = landlord.invitations.filter(
        email__iexact=email, used_at__isnull=True, revoked_at__isnull=True
    )
    open_ones.update(revoked_at=now)
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    made = Invitation.objects.create(
        landlord=landlord,
        email=email.lower(),
        name=name,
        role=role,
        patches=[] if ROLES[role].whole_landlord else sorted(patches),
        token_hash=hash_of(token),
        invited_at=now,
        invited_by=by,
        expires_at=now + dt.timedelta(hours=settings.INVITATION_HOURS),
        user=user,
    )
    record(
        landlord_id=landlord.pk,
        actor_id=by.pk if by else None,
        action=Action.INVITED,
        detail={"invitation": made.pk, "role": role, "user": user.pk if user else None},
    )
    return made, token


def send_invitation(invitation: Invitation, link: str) -> bool:
    """Send the link by mail where a mail server is set; answers whether it was sent."""
    if not settings.SENDS_MAIL:
        return False
    words = {"invitation": invitation, "link": link, "hours": settings.INVITATION_HOURS}
    text = render_to_string("accounts/mail/invitation.txt", words)
    send_mail("Your invitation to Rooftree", text, None, [invitation.email])
    return True


def find_open(token: str) -> Invitation:
    """The invitation of a token that can still be used. NotFound says no more than that it cannot."""
    found = Invitation.objects.select_related("landlord", "user").filter(token_hash=hash_of(token))
    invitation = found.first()
    if invitation is None or not invitation.is_open(timezone.now()):
        raise NotFound("This invitation cannot be used. Ask your administrator for a new one.")
    return invitation


@transaction.atomic
def accept(invitation: Invitation, *, password_hash: str, totp_secret: str) -> User:
    """Make the account, with password, second factor and recovery codes, in one step.

    There is no moment at which the account has a password and no second factor. NotFound when the
    invitation was used or taken back meanwhile: whoever is first has it.
    """
    user = _taken(invitation)
    user.password = password_hash
    user.is_active = True
    user.save()
    _finish(invitation, user)
    Authenticator.objects.filter(user=user).delete()
    TOTP.activate(user, totp_secret)
    RecoveryCodes.activate(user)
    return user


@transaction.atomic
def accept_by_provider(invitation: Invitation) -> User:
    """Make the account for one who comes by single sign-on: no password; the second factor is asked next."""
    user = _taken(invitation)
    user.set_unusable_password()
    user.is_active = True
    user.save()
    _finish(invitation, user)
    return user


def find_open_for(email: str) -> Invitation | None:
    """The open invitation of an address, for single sign-on."""
    found = Invitation.objects.select_related("landlord", "user").filter(
        email__iexact=email,
        used_at__isnull=True,
        revoked_at__isnull=True,
        expires_at__gt=timezone.now(),
    )
    return found.first()


def _taken(invitation: Invitation) -> User:
    now = timezone.now()
    # The condition makes it one-time, also for two requests at the same moment.
    taken = Invitation.objects.filter(
        pk=invitation.pk, used_at__isnull=True, revoked_at__isnull=True, expires_at__gt=now
    ).update(used_at=now)
    if not taken:
        raise NotFound("This invitation cannot be used. Ask your administrator for a new one.")
    return invitation.user or User(
        email=invitation.email,
        name=invitation.name,
        landlord=invitation.landlord,
        role=invitation.role,
    )


def _finish(invitation: Invitation, user: User) -> None:
    if invitation.user is None:
        _set_patches(user, invitation.patches)
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    record(
        landlord_id=user.landlord_id,
        actor_id=user.pk,
        action=Action.INVITATION_USED,
        detail={"invitation": invitation.pk},
    )


@transaction.atomic
def revoke(invitation: Invitation, *, by: User) -> None:
    """Take an open invitation back. UserError when it was used already."""
    done = Invitation.objects.filter(
        pk=invitation.pk, used_at__isnull=True, revoked_at__isnull=True
    ).update(revoked_at=timezone.now())
    if not done:
        raise UserError("This invitation was used or taken back already.")
    record(
        landlord_id=invitation.landlord_id,
        actor_id=by.pk,
        action=Action.INVITATION_REVOKED,
        detail={"invitation": invitation.pk},
    )


@transaction.atomic
def change_role(user: User, *, role: str, patches: Sequence[str], by: User) -> None:
    """Give a colleague another role or other patches. PolicyDenied for one's own account."""
    _check_another(user, by=by)
    if role not in ROLES:
        raise UserError(f"There is no role '{role}'. The roles are: {', '.join(ROLES)}.")
    if user.role != role:
        _check_not_last(user)
    record(
        landlord_id=user.landlord_id,
        actor_id=by.pk,
        action=Action.ROLE_CHANGED,
        detail={"user": user.pk, "from": user.role, "to": role, "patches": sorted(patches)},
    )
    user.role = role
    user.save(update_fields=["role"])
    _set_patches(user, [] if ROLES[role].whole_landlord else patches)


@transaction.atomic
def deactivate(user: User, *, by: User) -> None:
    """Close an account and end its sessions. PolicyDenied for one's own, and for the last administrator."""
    _check_another(user, by=by)
    _check_not_last(user)
    record(
        landlord_id=user.landlord_id,
        actor_id=by.pk,
        action=Action.DEACTIVATED,
        detail={"user": user.pk},
    )
    user.is_active = False
    user.save(update_fields=["is_active"])
    end_sessions(user)


@transaction.atomic
def reactivate(user: User, *, by: User) -> None:
    """Open a closed account again."""
    _check_another(user, by=by)
    record(
        landlord_id=user.landlord_id,
        actor_id=by.pk,
        action=Action.REACTIVATED,
        detail={"user": user.pk},
    )
    user.is_active = True
    user.save(update_fields=["is_active"])


@transaction.atomic
def reset_sign_in(user: User, *, by: User | None) -> tuple[Invitation, str]:
    """For one who lost password or second factor: remove both, end all sessions, invite again."""
    if by is not None:
        _check_another(user, by=by)
    record(
        landlord_id=user.landlord_id,
        actor_id=by.pk if by else None,
        action=Action.SIGN_IN_RESET,
        detail={"user": user.pk},
    )
    user.set_unusable_password()
    user.save(update_fields=["password"])
    Authenticator.objects.filter(user=user).delete()
    end_sessions(user)
    return invite(
        landlord=user.landlord,
        email=user.email,
        name=user.name,
        role=user.role,
        patches=user.patch_codes,
        by=by,
        user=user,
    )


def end_sessions(user: User) -> None:
    """Sign the user out everywhere."""
    for session in UserSession.objects.filter(user=user):
        session.end()


def _set_patches(user: User, codes: Sequence[str]) -> None:
    user.patches.all().delete()
    UserPatch.objects.bulk_create([UserPatch(user=user, code=code) for code in sorted(set(codes))])
    vars(user).pop("patch_codes", None)


def _check_another(user: User, *, by: User) -> None:
    if user.pk == by.pk:
        raise PolicyDenied("Nobody changes their own access. Ask another administrator.")


def _check_not_last(user: User) -> None:
    managers = [key for key, role in ROLES.items() if Can.MANAGE_USERS in role.can]
    others = User.objects.filter(
        landlord=user.landlord_id, role__in=managers, is_active=True
    ).exclude(pk=user.pk)
    if user.role in managers and not others.exists():
        raise PolicyDenied("This is the last administrator. Give somebody else that role first.")
