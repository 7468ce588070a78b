"""The tables of the access log."""

from rooftree.web.audit.models.event import Action, Event, Subject

__all__ = ["Action", "Event", "Subject"]
