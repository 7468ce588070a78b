"""The apps of Rooftree, in the order in which their pages stand in the navigation. A new app is one line here."""

from __future__ import annotations

APPS = (
    "rooftree.web.layout",
    "rooftree.web.landlords",
    "rooftree.web.accounts",
    "rooftree.web.people",
    "rooftree.web.segments",
    "rooftree.web.explore",
    "rooftree.web.recording",
    "rooftree.web.audit",
    "rooftree.web.jobs",
    "rooftree.web.administration",
)
