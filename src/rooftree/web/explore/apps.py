"""Django's entry for this app."""

from __future__ import annotations

from django.apps import AppConfig

from rooftree.web.accounts.roles import Can
from rooftree.web.layout.navigation import Item


class Explore(AppConfig):
    """Counts and shares of people, households and homes."""

    name = "rooftree.web.explore"
    label = "explore"
    navigation = (
        Item(
            "Explore", "explore", Can.SEE_COUNTS,
            "Counts and shares of people, households and homes, with small numbers protected.",
        ),
    )  # fmt: skip
