"""Django's entry for this app."""

from __future__ import annotations

from django.apps import AppConfig

from rooftree.web.accounts.roles import Can
from rooftree.web.layout.navigation import Item


class Administration(AppConfig):
    """People who use Rooftree, and how it is set up."""

    name = "rooftree.web.administration"
    label = "administration"
    navigation = (
        Item(
            "Users",
            "users",
            Can.MANAGE_USERS,
            "Invite colleagues, change roles and patches, close accounts.",
        ),
        Item("Identity", "identity", Can.MANAGE_SETTINGS, "Name, colour and logo on every page."),
        Item("Settings", "settings", Can.MANAGE_SETTINGS, "Each setting, and where it came from."),
        Item("Health", "health", Can.SEE_HEALTH, "Sources, refused rows and the last runs."),
    )
