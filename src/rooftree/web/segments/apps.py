"""Django's entry for this app."""

from __future__ import annotations

from django.apps import AppConfig

from rooftree.web.accounts.roles import Can
from rooftree.web.layout.navigation import Item


class SegmentPages(AppConfig):
    """Groups of customers: what each means, how many are in, who and why."""

    name = "rooftree.web.segments"
    label = "segment_pages"
    navigation = (
        Item(
            "Segments", "segments", Can.SEE_COUNTS,
            "Groups of customers: what each means, how many there are, and what is done for them.",
        ),
    )  # fmt: skip
