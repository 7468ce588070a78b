"""Start a job, follow it, stop it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from rooftree.vocabulary.errors import UserError
from rooftree.web.accounts.permissions import needs
from rooftree.web.accounts.requests import Request
from rooftree.web.accounts.roles import Can
from rooftree.web.jobs import queries, services
from rooftree.web.jobs.forms import StartRun
from rooftree.web.jobs.models import Job
from rooftree.web.layout.forms import posted

_SHOWN = 50


@require_http_methods(["GET", "POST"])
@needs(Can.RUN_JOBS)
def jobs(request: Request) -> HttpResponse:
    """The jobs of the landlord, and the form that starts a run."""
    services.reap()
    form = StartRun(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            job = services.start(
                landlord=request.user.landlord,
                kind="run",
                by=request.user,
                arguments=form.arguments(),
            )
        except UserError as error:
            messages.error(request, str(error))
            return redirect("jobs")
        return redirect("job", pk=job.pk)
    shown = queries.visible_to(request.user)[:_SHOWN]
    status = 422 if form.errors else 200
    return render(request, "jobs/list.html", {"jobs": shown, "form": form}, status=status)


@require_safe
@needs(Can.RUN_JOBS)
def job(request: Request, pk: int) -> HttpResponse:
    """One job. The part with its progress is fetched again every two seconds until it has ended."""
    services.reap()
    found = get_object_or_404(queries.visible_to(request.user), pk=pk)
    template = "jobs/progress.html" if request.htmx else "jobs/job.html"
    return render(request, template, _about(found))


@require_POST
@needs(Can.RUN_JOBS)
def cancel(request: Request, pk: int) -> HttpResponse:
    """Ask a job to stop."""
    found = get_object_or_404(queries.visible_to(request.user), pk=pk)
    services.cancel(found, by=request.user)
    return redirect("job", pk=pk)


def _about(found: Job) -> dict[str, object]:
    percent = round(100 * found.done / found.total) if found.total else None
    return {"job": found, "percent": percent, "left": queries.time_left(found), "section": "jobs"}
