"""Colleagues: who is in, who is invited, and what each may do. What changes access asks for a fresh proof."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from rooftree.vocabulary.errors import PolicyDenied, UserError
from rooftree.web.accounts import services
from rooftree.web.accounts.models import Invitation, User
from rooftree.web.accounts.permissions import needs, recently
from rooftree.web.accounts.requests import Request
from rooftree.web.accounts.roles import Can
from rooftree.web.administration.forms import Access, Invite
from rooftree.web.landlords.opened import patches
from rooftree.web.layout.forms import posted


def _colleagues(request: Request):
    return User.objects.filter(landlord=request.user.landlord_id)


@require_safe
@needs(Can.MANAGE_USERS)
def users(request: Request) -> HttpResponse:
    """Everybody with an account, and the invitations that wait."""
    now = timezone.now()
    waiting = Invitation.objects.filter(
        landlord=request.user.landlord_id,
        used_at__isnull=True,
        revoked_at__isnull=True,
        expires_at__gt=now,
    )
    people = _colleagues(request).prefetch_related("patches")
    return render(request, "administration/users.html", {"people": people, "waiting": waiting})


@require_http_methods(["GET", "POST"])
@needs(Can.MANAGE_USERS)
@recently
def invite(request: Request) -> HttpResponse:
    """Invite a colleague. The link is shown once."""
    form = Invite(posted(request), patches=patches(request.user.landlord))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        made, token = services.invite(
            landlord=request.user.landlord, email=given["email"], name=given["name"], role=given["role"],
            patches=given["patches"], by=request.user,
        )  # fmt: skip
        return _show_link(request, made, token)
    status = 422 if form.errors else 200
    return render(
        request, "administration/invite.html", {"form": form, "section": "users"}, status=status
    )


@require_POST
@needs(Can.MANAGE_USERS)
def revoke(request: Request, pk: int) -> HttpResponse:
    """Take an invitation back."""
    found = get_object_or_404(Invitation, pk=pk, landlord=request.user.landlord_id)
    return _try(
        request, lambda: services.revoke(found, by=request.user), "The invitation was taken back."
    )


@require_http_methods(["GET", "POST"])
@needs(Can.MANAGE_USERS)
@recently
def user(request: Request, pk: int) -> HttpResponse:
    """One colleague: role and patches."""
    found = get_object_or_404(_colleagues(request), pk=pk)
    known = sorted({*patches(request.user.landlord), *found.patch_codes})
    form = Access(
        posted(request),
        initial={"role": found.role, "patches": found.patch_codes},
        patches=known,
    )
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        return _try(
            request,
            lambda: services.change_role(
                found, role=given["role"], patches=given["patches"], by=request.user
            ),
            "Role and patches were changed.",
        )
    status = 422 if form.errors else 200
    about = {"form": form, "colleague": found, "section": "users"}
    return render(request, "administration/user.html", about, status=status)


@require_POST
@needs(Can.MANAGE_USERS)
@recently
def deactivate(request: Request, pk: int) -> HttpResponse:
    """Close an account."""
    found = get_object_or_404(_colleagues(request), pk=pk)
    return _try(
        request, lambda: services.deactivate(found, by=request.user), "The account is closed."
    )


@require_POST
@needs(Can.MANAGE_USERS)
@recently
def reactivate(request: Request, pk: int) -> HttpResponse:
    """Open a closed account again."""
    found = get_object_or_404(_colleagues(request), pk=pk)
    return _try(
        request, lambda: services.reactivate(found, by=request.user), "The account is open again."
    )


@require_POST
@needs(Can.MANAGE_USERS)
@recently
def reset(request: Request, pk: int) -> HttpResponse:
    """For a colleague who lost password or telephone: a new invitation, and nothing old works."""
    found = get_object_or_404(_colleagues(request), pk=pk)
    try:
        made, token = services.reset_sign_in(found, by=request.user)
    except (PolicyDenied, UserError) as error:
        messages.error(request, str(error))
        return redirect("user", pk=pk)
    return _show_link(request, made, token)


def _show_link(request: Request, made: Invitation, token: str) -> HttpResponse:
    link = request.build_absolute_uri(reverse("invitation", kwargs={"token": token}))
    sent = services.send_invitation(made, link)
    about = {"invitation": made, "link": link, "sent": sent, "section": "users"}
    return render(request, "administration/invited.html", about)


def _try(request: Request, act: Callable[[], None], done: str) -> HttpResponse:
    try:
        act()
    except (PolicyDenied, UserError) as error:
        messages.error(request, str(error))
    else:
        messages.success(request, done)
    return redirect("users")
