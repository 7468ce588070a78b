"""How the access log is narrowed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet

from rooftree.web.accounts.models import User
from rooftree.web.audit.models import Action, Event
from rooftree.web.landlords.models import Landlord


class Filter(forms.Form):
    """By kind of event and by member of staff."""

    action = forms.ChoiceField(
        label="What was done", required=False, choices=[("", "Anything"), *Action.choices]
    )
    by = forms.ModelChoiceField(
        label="By", required=False, queryset=User.objects.none(), empty_label="Anybody"
    )

    def __init__(self, *args: Any, landlord: Landlord, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["by"].queryset = User.objects.filter(landlord=landlord)  # type: ignore[attr-defined]

    def applied(self, events: QuerySet[Event]) -> QuerySet[Event]:
        """The events that fit; all where the form says something that nobody could choose."""
        if not self.is_valid():
            return events
        given = self.cleaned_data
        if given["action"]:
            events = events.filter(action=given["action"])
        return events.filter(actor_id=given["by"].pk) if given["by"] else events
