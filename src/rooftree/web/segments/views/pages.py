"""The list of segments, and one segment."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from rooftree.vocabulary.errors import NotFound
from rooftree.web.accounts.permissions import needs
from rooftree.web.accounts.requests import Request
from rooftree.web.accounts.roles import Can
from rooftree.web.config.errors import no_snapshot
from rooftree.web.landlords.opened import opened
from rooftree.web.layout.forms import posted
from rooftree.web.segments import queries
from rooftree.web.segments.asked import asking
from rooftree.web.segments.bars import attrition_bars
from rooftree.web.segments.forms import AskWhy
from rooftree.web.segments.permissions import may_list

BASES = {
    "customers": "All customers", "adults": "All adults", "tenants": "All tenants",
    "lead_tenants": "All lead tenants", "household_members": "All members of households",
    "everyone": "Everybody known", "current": "All current", "all": "All, also former",
}  # fmt: skip


@require_safe
@needs(Can.SEE_COUNTS)
def segments(request: Request) -> HttpResponse:
    """Every segment with its size, what changed, and what needs somebody's attention."""
    try:
        data = opened(request.user.landlord)
        with asking(data) as asked:
            rows = queries.rows(asked, request.user, today=timezone.localdate())
    except NotFound as error:
        return no_snapshot(request, error)
    topics: dict[str, list[queries.Row]] = {}
    for row in rows:
        topics.setdefault(row.topic, []).append(row)
    about = {
        "topics": dict(sorted(topics.items())), "n": len(rows), "as_of": data.as_of, "section": "segments",
        "failed": [row for row in rows if row.problem],
        "overdue": [row for row in rows if row.is_overdue],
        "any_protected": any(row.size and row.size.status != "shown" for row in rows),
    }  # fmt: skip
    return render(request, "segments/list.html", about)


@require_http_methods(["GET", "POST"])
@needs(Can.SEE_COUNTS)
def segment(request: Request, segment: str) -> HttpResponse:
    """One segment: what it means, how many are in, how the rule gets there, who answers for it."""
    form = AskWhy(posted(request))
    if request.method == "POST" and form.is_valid():
        return redirect("segment_why", segment=segment, person_id=form.cleaned_data["person_id"])
    try:
        data = opened(request.user.landlord)
    except NotFound as error:
        return no_snapshot(request, error)
    try:
        with asking(data) as asked:
            shown = queries.one(asked, request.user, segment, today=timezone.localdate())
    except NotFound:
        raise Http404 from None
    told = shown.told
    one, many = queries.UNITS[told.unit]
    everybody = BASES.get(told.base, told.base)
    if told.unit != "person":
        everybody = f"{everybody} {many}".replace("All, also former", "All current and former")
    about = {
        "shown": shown, "told": told, "row": shown.row, "counted": shown.counted, "form": form, "one": one,
        "many": many, "as_of": data.as_of, "section": "segments",
        "purpose": data.catalogue.purposes[told.purpose],
        "bars": attrition_bars(shown.counted, everybody=everybody) if shown.counted else [],
        "lists": may_list(request.user, data.catalogue.segments[told.key]) and shown.counted,
        "policy": data.catalogue.policies[data.workspace.settings.disclosure],
        "everybody": everybody,
    }  # fmt: skip
    return render(request, "segments/segment.html", about, status=422 if form.errors else 200)
