"""Django's entry for this app."""

from __future__ import annotations

from django.apps import AppConfig

from rooftree.web.accounts.roles import Can
from rooftree.web.layout.navigation import Item


class Audit(AppConfig):
    """The access log."""

    name = "rooftree.web.audit"
    label = "audit"
    navigation = (Item("Access log", "access_log", Can.SEE_ACCESS_LOG),)
