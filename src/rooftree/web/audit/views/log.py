"""The access log, for those who answer for the use of data."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from rooftree.web.accounts.models import User
from rooftree.web.accounts.permissions import needs
from rooftree.web.accounts.requests import Request
from rooftree.web.accounts.roles import Can
from rooftree.web.audit import queries
from rooftree.web.audit.forms import Filter
from rooftree.web.audit.models import Action
from rooftree.web.audit.services import record, verify
from rooftree.web.landlords.models import Landlord

_ON_A_PAGE = 50


@require_safe
@needs(Can.SEE_ACCESS_LOG)
def access_log(request: Request) -> HttpResponse:
    """The events of the landlord, newest first, by kind and by member of staff."""
    landlord: Landlord = request.user.landlord
    record(landlord_id=landlord.pk, actor_id=request.user.pk, action=Action.LOG_VIEWED)
    form = Filter(request.GET or None, landlord=landlord)
    events = form.applied(queries.of_landlord(landlord.pk))
    page = Paginator(events, _ON_A_PAGE).get_page(request.GET.get("page"))
    staff = dict(User.objects.filter(landlord=landlord).values_list("pk", "name"))
    return render(request, "audit/log.html", {"page": page, "form": form, "staff": staff})


@require_POST
@needs(Can.SEE_ACCESS_LOG)
def check(request: Request) -> HttpResponse:
    """Follow the chain of the whole log from its beginning, and say what was found."""
    return render(request, "audit/checked.html", {"found": verify(), "section": "access_log"})
