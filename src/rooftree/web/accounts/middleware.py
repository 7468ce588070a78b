"""No page without a second factor, and none that the role does not have."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from django.contrib.auth import logout
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect

from rooftree.web.accounts.permissions import ANYBODY
from rooftree.web.accounts.requests import Request

#: Where somebody may go who has proved one factor only: by the names of pages, never by their addresses.
ENROLMENT_PAGES = frozenset(
    {
        "account_logout", "account_reauthenticate", "mfa_reauthenticate", "mfa_reauthenticate_webauthn",
        "mfa_activate_totp", "mfa_add_webauthn", "mfa_view_recovery_codes",
    }
)  # fmt: skip
#: Pages of allauth, which cannot carry a mark of ours: each for everybody about themselves.
OWN_ACCOUNT = ("account_", "mfa_", "usersessions_", "openid_connect_", "socialaccount_")

Answer = Callable[[Request], HttpResponse]


def is_public(view: Callable[..., Any]) -> bool:
    """Whether a page is open to people who are not signed in."""
    return not getattr(view, "login_required", True)


class RequireSecondFactor:
    """Send everybody who proved a password only to the second factor, on every page."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: Request) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self,
        request: Request,
        view: Callable[..., Any],
        args: Sequence[Any],
        kwargs: Mapping[str, Any],
    ) -> HttpResponse | None:
        """None lets the page answer."""
        if not request.user.is_authenticated or is_public(view):
            return None
        records = get_authentication_records(request, request.user)
        if any(each.get("method") == "mfa" for each in records):
            return None
        name = request.resolver_match.url_name if request.resolver_match else None
        factors = Authenticator.objects.filter(user=request.user, type__in=("totp", "webauthn"))
        if factors.exists():
            return None if name in ENROLMENT_PAGES - _ENROLLING else redirect("mfa_reauthenticate")
        if any(each.get("method") == "socialaccount" for each in records):
            return None if name in ENROLMENT_PAGES else redirect("mfa_activate_totp")
        # A password without a factor is made by no page of ours: whoever holds it enrols nothing.
        logout(request)
        return redirect("account_login")


#: With a factor that was not proved, nobody adds another one.
_ENROLLING = frozenset({"mfa_activate_totp", "mfa_add_webauthn", "mfa_view_recovery_codes"})


class RequireCapability:
    """Refuse a page that the role does not have. A page that names nothing is refused to everybody."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: Request) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self,
        request: Request,
        view: Callable[..., Any],
        args: Sequence[Any],
        kwargs: Mapping[str, Any],
    ) -> HttpResponse | None:
        """None lets the page answer; PermissionDenied becomes the page of 403."""
        if not request.user.is_authenticated or is_public(view):
            return None
        wanted = needed_by(
            view, request.resolver_match.url_name if request.resolver_match else None
        )
        if wanted == ANYBODY or wanted in request.user.permitted.can:
            return None
        raise PermissionDenied


def needed_by(view: Callable[..., Any], name: str | None) -> Any:
    """What a page needs: its mark, or ANYBODY for the pages of one's own account; None is nobody."""
    wanted = getattr(view, "needs", None)
    if wanted is None and name and name.startswith(OWN_ACCOUNT):
        return ANYBODY
    return wanted
