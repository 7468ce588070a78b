"""Django's entry for this app."""

from __future__ import annotations

from django.apps import AppConfig


class Landlords(AppConfig):
    """Landlords and their workspaces."""

    name = "rooftree.web.landlords"
    label = "landlords"
