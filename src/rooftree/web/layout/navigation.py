"""What stands in the navigation: each app says its items, each item says what it needs."""

from __future__ import annotations

from dataclasses import dataclass

from django.apps import apps

from rooftree.web.accounts.roles import Can, Role


@dataclass(frozen=True, slots=True)
class Item:
    """One entry. `url_name` is a page without arguments; `about` is shown on the start page."""

    label: str
    url_name: str
    needs: Can
    about: str = ""


def items_for(role: Role) -> list[Item]:
    """The entries of a role, in the order of the apps.

    An app gives its own as `navigation`, a tuple on its AppConfig.
    """
    return [
        item
        for config in apps.get_app_configs()
        for item in getattr(config, "navigation", ())
        if item.needs in role.can
    ]
