"""Find a customer. What is typed goes in the body of the request and stays on the server: no address has it."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from rooftree.vocabulary.errors import NotFound
from rooftree.web.accounts.permissions import needs, scope
from rooftree.web.accounts.requests import Request
from rooftree.web.accounts.roles import Can
from rooftree.web.audit.models import Action
from rooftree.web.audit.services import record as write_log
from rooftree.web.config.errors import no_snapshot
from rooftree.web.landlords.opened import opened
from rooftree.web.people import queries
from rooftree.web.people.forms import Find

_SESSION = "find"


@require_http_methods(["GET", "POST"])
@needs(Can.FIND_PEOPLE)
def people(request: Request) -> HttpResponse:
    """The form, and who fits what was typed last. Who is shown is in the access log before it is shown."""
    if request.method == "POST":
        form = Find(request.POST)
        if not form.is_valid():
            return render(request, "people/find.html", {"form": form}, status=422)
        request.session[_SESSION] = form.cleaned_data["text"]
        return redirect(f"{reverse('people')}?found=1")
    text = request.session.get(_SESSION) if "found" in request.GET else None
    if not text:
        return render(request, "people/find.html", {"form": Find()})
    try:
        data = opened(request.user.landlord)
    except NotFound as error:
        return no_snapshot(request, error)
    found = queries.search(data, text, patches=scope(request.user))
    write_log(
        landlord_id=request.user.landlord_id, actor_id=request.user.pk, action=Action.PEOPLE_FOUND,
        subjects=[each.person_id for each in found], detail={"snapshot": data.snapshot_id},
    )  # fmt: skip
    about = {
        "form": Find({"text": text}),
        "found": found,
        "searched": True,
        "most": queries.MOST_HITS,
    }
    return render(request, "people/find.html", about)
