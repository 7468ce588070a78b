"""The questions of one customer: what to ask next, all of them by topic, and what was recorded today."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from rooftree.web.accounts.requests import Request
from rooftree.web.accounts.roles import Can
from rooftree.web.audit.models import Action
from rooftree.web.people.access import Looking, record_page
from rooftree.web.people.shell import record_shell
from rooftree.web.recording import queries, suggesting

_MOST_WORDS = 60


@require_safe
@record_page(Action.ASKING_VIEWED, what=Can.RECORD_ANSWERS)
def ask(request: Request, looking: Looking) -> HttpResponse:
    """The page; with htmx, only the list that the words of the filter leave."""
    text = request.GET.get("about", "")[:_MOST_WORDS]
    found = queries.groups(looking, text=text)
    if request.htmx and request.htmx.target == "questions":
        return render(
            request,
            "recording/groups.html",
            {"groups": found, "about": text, "person_id": looking.person_id},
        )
    about = {
        "next": suggesting.next_for(looking), "groups": found, "about": text,
        "equality": queries.equality(looking), "recorded": queries.recorded_today(looking),
        "may_object": Can.RECORD_OBJECTIONS in looking.user.permitted.can,
    }  # fmt: skip
    return render(request, "recording/ask.html", record_shell(looking, "ask") | about)
