"""The outermost layers: security headers on every answer, and one log line a request."""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

Answer = Callable[[HttpRequest], HttpResponse]
_log = logging.getLogger("rooftree.web.request")


class SecurityHeaders:
    """Content security policy and its neighbours; a page about people is kept by no browser or proxy."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response
        self.policy = "; ".join(
            f"{name} {' '.join(values)}" for name, values in settings.SECURE_CSP.items()
        )

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", self.policy)
        response.headers.setdefault(
            "Permissions-Policy",
            "camera=(), geolocation=(), microphone=(), payment=(), usb=(), "
            "publickey-credentials-get=(self), publickey-credentials-create=(self)",
        )
        response.headers.setdefault("X-Frame-Options", "DENY")
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if not request.path.startswith(settings.STATIC_URL):
            response.headers.setdefault("Cache-Control", "no-store")
        return response


class RequestLog:
    """One line a request: the route and never the path, ids and never names."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.id = secrets.token_hex(6)  # type: ignore[attr-defined]  named on the page of an error
        started = time.monotonic()
        response = self.get_response(request)
        match = request.resolver_match
        user = getattr(request, "user", None)
        known = user is not None and user.is_authenticated
        _log.info(
            "request",
            extra={
                "request_id": request.id,  # type: ignore[attr-defined]
                "route": match.view_name if match else "none",
                "method": request.method,
                "status": response.status_code,
                "ms": round((time.monotonic() - started) * 1000),
                "user": user.pk if user is not None and known else None,
                "landlord": getattr(user, "landlord_id", None) if known else None,
            },
        )
        return response
