"""Django's entry for this app."""

from __future__ import annotations

from django.apps import AppConfig


class Recording(AppConfig):
    """Recording what a customer says. It is reached from a customer's record, so it has no entry of its own."""

    name = "rooftree.web.recording"
    label = "recording"
