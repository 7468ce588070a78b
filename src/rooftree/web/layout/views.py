"""The start page, the landlord's colours, and whether the application is well."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from rooftree.vocabulary.errors import NotFound
from rooftree.web.accounts.permissions import ANYBODY, needs
from rooftree.web.accounts.requests import Request
from rooftree.web.landlords.models import Landlord
from rooftree.web.landlords.models.landlord import DEFAULT_COLOUR
from rooftree.web.landlords.opened import opened
from rooftree.web.layout.colours import brand_css


@require_safe
@needs(ANYBODY)
def home(request: Request) -> HttpResponse:
    """Where everybody begins: what their role can do, and of which day the data are."""
    try:
        as_of = opened(request.user.landlord).as_of
    except NotFound:
        as_of = None
    return render(request, "layout/home.html", {"as_of": as_of})


@login_not_required
@require_safe
def brand(request: HttpRequest, landlord: int) -> HttpResponse:
    """The landlord's colour as a style sheet. Any number has an answer, so numbers tell nothing."""
    found = Landlord.objects.filter(pk=landlord).values_list("colour", flat=True).first()
    response = HttpResponse(brand_css(found or DEFAULT_COLOUR), content_type="text/css")
    response["Cache-Control"] = "private, max-age=300"
    return response


@require_safe
@needs(ANYBODY)
def logo(request: Request, digest: str) -> HttpResponse:
    """The picture of one's own landlord."""
    picture = Landlord.objects.filter(pk=request.user.landlord_id, logo_digest=digest).first()
    if picture is None:
        raise Http404
    response = HttpResponse(bytes(picture.logo), content_type="image/png")
    response["Cache-Control"] = "private, max-age=86400, immutable"
    return response


@login_not_required
@require_safe
def healthy(request: HttpRequest) -> HttpResponse:
    """For the one who watches the machine: the application answers and reaches its database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("well\n", content_type="text/plain")
