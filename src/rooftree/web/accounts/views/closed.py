"""Pages that the sign-in library has and Rooftree does not: nobody signs up or resets a password alone."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse


@login_not_required
def closed(request: HttpRequest, **anything: Any) -> HttpResponse:
    """There is no such page."""
    raise Http404
