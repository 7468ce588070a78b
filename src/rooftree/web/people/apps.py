"""Django's entry for this app."""

from __future__ import annotations

from django.apps import AppConfig

from rooftree.web.accounts.roles import Can
from rooftree.web.layout.navigation import Item


class People(AppConfig):
    """Customers and their records."""

    name = "rooftree.web.people"
    label = "people"
    navigation = (
        Item(
            "Find a customer", "people", Can.FIND_PEOPLE,
            "By name, address, postcode, telephone or reference.",
        ),
    )  # fmt: skip
