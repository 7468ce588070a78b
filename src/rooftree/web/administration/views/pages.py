"""Identity, settings and health."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from rooftree.web.accounts.permissions import needs
from rooftree.web.accounts.requests import Request
from rooftree.web.accounts.roles import Can
from rooftree.web.administration import queries
from rooftree.web.administration.forms import Identity
from rooftree.web.landlords.services import change_identity
from rooftree.web.layout.forms import posted


@require_http_methods(["GET", "POST"])
@needs(Can.MANAGE_SETTINGS)
def identity(request: Request) -> HttpResponse:
    """Name, colour and logo of the landlord."""
    landlord = request.user.landlord
    form = Identity(
        posted(request),
        request.FILES or None,
        initial={"name": landlord.name, "colour": landlord.colour},
    )
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        change_identity(
            landlord, name=given["name"], colour=given["colour"],
            logo=b"" if given["remove_logo"] else given["logo"], by=request.user,
        )  # fmt: skip
        messages.success(request, "The identity was changed.")
        return redirect("identity")
    return render(
        request, "administration/identity.html", {"form": form}, status=422 if form.errors else 200
    )


@require_safe
@needs(Can.MANAGE_SETTINGS)
def settings(request: Request) -> HttpResponse:
    """Each setting and where it came from."""
    return render(
        request,
        "administration/settings.html",
        {"settings": queries.settings_of(request.user.landlord)},
    )


@require_safe
@needs(Can.SEE_HEALTH)
def health(request: Request) -> HttpResponse:
    """Whether sources and runs are well."""
    return render(
        request, "administration/health.html", {"health": queries.health(request.user.landlord)}
    )
