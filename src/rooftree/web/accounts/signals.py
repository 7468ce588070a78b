"""What happens at sign-in and when a second factor comes or goes."""

from __future__ import annotations

from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.account.signals import password_changed
from allauth.mfa.signals import authenticator_added, authenticator_removed
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.dispatch import receiver
from django.http import HttpRequest

from rooftree.web.accounts.models import User
from rooftree.web.audit.models import Action
from rooftree.web.audit.services import record


def _record(user: User, action: Action, **detail: Any) -> None:
    record(landlord_id=user.landlord_id, actor_id=user.pk, action=action, detail=detail)


@receiver(user_logged_in)
def _signed_in(sender: Any, request: HttpRequest, user: User, **more: Any) -> None:
    _record(user, Action.SIGNED_IN)


@receiver(user_logged_out)
def _signed_out(sender: Any, request: HttpRequest, user: User | None, **more: Any) -> None:
    if user is not None:
        _record(user, Action.SIGNED_OUT)


@receiver(password_changed)
def _password_changed(sender: Any, request: HttpRequest, user: User, **more: Any) -> None:
    _record(user, Action.PASSWORD_CHANGED)


@receiver(authenticator_added)
def _factor_added(
    sender: Any, request: HttpRequest, user: User, authenticator: Any, **more: Any
) -> None:
    _record(user, Action.FACTOR_ADDED, type=str(authenticator.type))
    if authenticator.type in ("totp", "webauthn"):
        # allauth does not count enrolment as a step of signing in; whoever has just proved the
        # factor would be asked for it again at once.
        record_authentication(
            request,
            user,
            method="mfa",
            type=str(authenticator.type),
            id=authenticator.pk,
            reauthenticated=True,
        )


@receiver(authenticator_removed)
def _factor_removed(
    sender: Any, request: HttpRequest, user: User, authenticator: Any, **more: Any
) -> None:
    _record(user, Action.FACTOR_REMOVED, type=str(authenticator.type))
