"""From the link of an invitation to a signed-in account with a second factor, in two steps.

Opening the link changes nothing (mail scanners open links). The account is made at the end, at once.
"""

from __future__ import annotations

import base64
from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.totp.internal.auth import generate_totp_secret
from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from rooftree.vocabulary.errors import NotFound
from rooftree.web.accounts import services
from rooftree.web.accounts.adapters import MFAAdapter
from rooftree.web.accounts.forms import ChoosePassword, EnterCode
from rooftree.web.accounts.models import Invitation, User
from rooftree.web.layout.forms import posted

_SESSION = "invitation"
_ABOUT = "invitation"


@login_not_required
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Step one: choose a password."""
    try:
        found = services.find_open(token)
    except NotFound:
        return _gone(request)
    form = ChoosePassword(posted(request), user=_user_of(found))
    if request.method == "POST" and form.is_valid():
        request.session[_SESSION] = {
            "token": settings.KEYS.seal(token, about=_ABOUT),
            "password": make_password(form.cleaned_data["password"]),
            "secret": settings.KEYS.seal(generate_totp_secret(), about=_ABOUT),
        }
        return redirect("invitation_second_step")
    return _answer(request, "accounts/invitation.html", form, invitation=found)


@login_not_required
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def second_step(request: HttpRequest) -> HttpResponse:
    """Step two: the authenticator app. With the right code the account is there, and signed in."""
    begun = request.session.get(_SESSION)
    if begun is None:
        return _gone(request)
    secret = settings.KEYS.open(begun["secret"], about=_ABOUT)
    form = EnterCode(posted(request), secret=secret)
    try:
        found = services.find_open(settings.KEYS.open(begun["token"], about=_ABOUT))
        if request.method == "POST" and form.is_valid():
            user = services.accept(found, password_hash=begun["password"], totp_secret=secret)
            return _sign_in(request, user)
    except NotFound:
        return _gone(request)
    adapter = MFAAdapter()
    picture = adapter.build_totp_svg(adapter.build_totp_url(_user_of(found), secret))
    return _answer(
        request, "accounts/second_step.html", form, secret=secret,
        picture=f"data:image/svg+xml;base64,{base64.b64encode(picture.encode()).decode()}",
    )  # fmt: skip


def _user_of(found: Invitation) -> User:
    return found.user or User(email=found.email, name=found.name, landlord=found.landlord)


def _sign_in(request: HttpRequest, user: User) -> HttpResponse:
    """Both factors have just been proved."""
    request.session.flush()
    login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
    record_authentication(request, user, method="password", reauthenticated=True)
    record_authentication(request, user, method="mfa", type="totp", reauthenticated=True)
    return redirect("mfa_view_recovery_codes")


def _answer(request: HttpRequest, template: str, form: Any, **more: Any) -> HttpResponse:
    return render(request, template, {"form": form, **more}, status=422 if form.errors else 200)


def _gone(request: HttpRequest) -> HttpResponse:
    return render(request, "accounts/invitation_gone.html", status=410)
