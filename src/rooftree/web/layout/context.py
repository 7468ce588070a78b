"""What every template knows."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from rooftree.web.layout.navigation import items_for


def shell(request: HttpRequest) -> dict[str, Any]:
    """The landlord and the navigation of the user; for a stranger neither."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"single_sign_on": settings.SINGLE_SIGN_ON, "sso_name": settings.SINGLE_SIGN_ON_NAME}
    here = request.resolver_match.url_name if request.resolver_match else None
    return {
        "landlord": user.landlord,
        "role": user.permitted,
        "navigation": items_for(user.permitted),
        "here": here,
    }
