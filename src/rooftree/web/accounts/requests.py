"""The request of somebody who is signed in, as our views get it: middleware has seen to its parts."""

from __future__ import annotations

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from rooftree.web.accounts.models import User


class Request(HttpRequest):
    """A request whose user is a member of staff. For the reader and the type checker: Django makes its own."""

    user: User  # type: ignore[assignment]
    htmx: HtmxDetails
    id: str
