"""Ask a question, see its chart and table, take it away as a file."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from rooftree.vocabulary.errors import NotFound, PolicyDenied
from rooftree.web.accounts.permissions import needs
from rooftree.web.accounts.requests import Request
from rooftree.web.accounts.roles import Can
from rooftree.web.config.errors import no_snapshot
from rooftree.web.explore import export
from rooftree.web.explore.answer import answer
from rooftree.web.explore.forms import Ask
from rooftree.web.landlords.opened import opened
from rooftree.web.segments.asked import asking

KINDS = {
    "csv": (export.as_csv, "text/csv; charset=utf-8"),
    "xlsx": (
        export.as_workbook,
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ),
}


@require_safe
@needs(Can.SEE_COUNTS)
def explore(request: Request) -> HttpResponse:
    """The question beside its answer. A question that has none says why, and offers a coarser one."""
    try:
        data = opened(request.user.landlord)
    except NotFound as error:
        return no_snapshot(request, error)
    form = Ask(request.GET, data=data, user=request.user)
    about = {"form": form, "as_of": data.as_of, "section": "explore"}
    if not form.is_bound:
        return render(request, "explore/explore.html", about)
    if not form.is_valid():
        return render(request, "explore/explore.html", about, status=422)
    question = form.question
    try:
        with asking(data) as asked:
            about["answer"] = answer(asked, data, question, user=request.user.pk)
    except PolicyDenied as refusal:
        about |= {"refusal": str(refusal), "coarser": question.coarser()}
    return render(request, "explore/explore.html", about | {"question": question})


@require_safe
@needs(Can.SEE_COUNTS)
def explore_file(request: Request, ending: str) -> HttpResponse:
    """The same answer as a file."""
    if ending not in KINDS:
        raise Http404
    try:
        data = opened(request.user.landlord)
    except NotFound as error:
        return no_snapshot(request, error)
    form = Ask(request.GET, data=data, user=request.user)
    if not form.is_bound:
        return redirect("explore")
    if not form.is_valid():
        return render(
            request,
            "explore/explore.html",
            {"form": form, "as_of": data.as_of, "section": "explore"},
            status=422,
        )
    question = form.question
    try:
        with asking(data) as asked:
            found = answer(asked, data, question, user=request.user.pk)
    except PolicyDenied as refusal:
        about = {
            "form": form, "as_of": data.as_of, "section": "explore", "question": question,
            "refusal": str(refusal), "coarser": question.coarser(),
        }  # fmt: skip
        return render(request, "explore/explore.html", about)
    write, content_type = KINDS[ending]
    content = write(found, snapshot=data.snapshot_id, as_of=data.as_of.isoformat())
    response = HttpResponse(content, content_type=content_type)
    name = f"{question.whom}-{question.show}{f'-{question.by}' if question.by else ''}.{ending}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
