"""The pages of errors. They say what to do; they repeat nothing of the request, and tell a stranger nothing."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import loader

from rooftree.vocabulary.errors import MachineError, NotFound


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: the request cannot be read."""
    return _page(request, 400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: signed in, and not for this role."""
    return _page(request, 403)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: the form was open too long, or came from elsewhere."""
    return _page(request, 403, template="errors/csrf.html")


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: no such page, or none that this person may know of."""
    return _page(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """500: a defect. Rendered without the request's context, which may be what failed."""
    text = loader.render_to_string(
        "errors/500.html", {"request_id": getattr(request, "id", ""), "plain": True}
    )
    return HttpResponse(text, status=500)


def no_snapshot(request: HttpRequest, error: NotFound | MachineError) -> HttpResponse:
    """503: nothing has been published yet, or the snapshot cannot be read."""
    return render(request, "errors/503.html", {"reason": str(error)}, status=503)


def _page(request: HttpRequest, status: int, template: str = "") -> HttpResponse:
    return render(
        request,
        template or f"errors/{status}.html",
        {"request_id": getattr(request, "id", "")},
        status=status,
    )
