"""Django's entry for this app."""

from __future__ import annotations

from django.apps import AppConfig


class Layout(AppConfig):
    """The frame of every page."""

    name = "rooftree.web.layout"
    label = "layout"
