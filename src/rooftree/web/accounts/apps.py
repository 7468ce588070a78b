"""Django's entry for this app."""

from __future__ import annotations

from django.apps import AppConfig


class Accounts(AppConfig):
    """Staff accounts."""

    name = "rooftree.web.accounts"
    label = "accounts"

    def ready(self) -> None:
        """Listen to sign-ins and second factors."""
        from rooftree.web.accounts import signals  # noqa: F401
