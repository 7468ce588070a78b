"""Taking an answer back that was entered by mistake."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from rooftree.vocabulary.errors import UserError
from rooftree.web.accounts.requests import Request
from rooftree.web.accounts.roles import Can
from rooftree.web.audit.models import Action
from rooftree.web.people.access import Looking, record_page
from rooftree.web.people.shell import record_shell
from rooftree.web.recording import queries, services


@require_http_methods(["GET", "POST"])
@record_page(Action.ASKING_VIEWED, what=Can.RECORD_OBJECTIONS)
def take_back(request: Request, looking: Looking, number: int) -> HttpResponse:
    """Ask, then take it back. What is not of this record, or not this user's to take back, is not there."""
    kept = next((each for each in looking.kept if each.number == number), None)
    if kept is None or not queries.may_take_back(looking, kept):
        raise Http404
    attribute = looking.data.catalogue.attributes[kept.attribute]
    if request.method == "POST":
        try:
            services.take_back(
                data=looking.data, person_id=looking.person_id, kept=kept, attribute=attribute,
                by=looking.user,
            )  # fmt: skip
        except UserError:
            messages.info(request, f"{attribute.label}: somebody took it back already.")
        else:
            messages.success(
                request, f"{attribute.label}: taken back. What stood before stands again."
            )
        ask = Can.RECORD_ANSWERS in looking.user.permitted.can
        return redirect("person_ask" if ask else "person", person_id=looking.person_id)
    names = queries.names_of(looking.user, [kept.recorded_by])
    about = {"one": queries.recorded(looking, kept, names)}
    return render(request, "recording/take_back.html", record_shell(looking, "ask") | about)
