"""What is asked about a segment, and what a new one begins with."""

from __future__ import annotations

from typing import Any

from django import forms

from rooftree.catalogue.segment import BASES
from rooftree.web.accounts.models import User
from rooftree.web.accounts.roles import Can
from rooftree.web.landlords.opened import Opened
from rooftree.web.layout.forms import wide
from rooftree.web.segments.queries import TOPICS, UNITS


class AskWhy(forms.Form):
    """Why is this customer in, or not? By the id that Rooftree gave: no name goes into an address."""

    person_id = wide(
        forms.RegexField(
            r"^\s*P[0-9a-f]{6,20}\s*\Z",
            label="Number of the customer",
            help_text="It stands below the name on the record, and begins with P.",
            error_messages={
                "required": "Enter the number of a customer",
                "invalid": "Enter a number such as P102b164509de, as it stands on the record",
            },
            widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        ),
        "input-20",
    )

    def clean_person_id(self) -> str:
        """Without the blanks that come with copying."""
        return self.cleaned_data["person_id"].strip()


class Begin(forms.Form):
    """What a new segment is about, before its rule."""

    label = forms.CharField(
        label="Name",
        help_text="Who is meant, in words that they could read themselves.",
        max_length=120,
        error_messages={"required": "Enter a name"},
    )
    key = wide(
        forms.RegexField(
            r"^[a-z][a-z0-9_]{2,59}\Z", label="Key",
            help_text="Small letters and underscores. Rules and files name the segment by it.",
            error_messages={
                "required": "Enter a key",
                "invalid": "Enter a key of small letters, digits and underscores, such as no_internet",
            },
            widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        ),
        "input-20",
    )  # fmt: skip
    whom = forms.ChoiceField(label="Of whom")
    purpose = forms.ChoiceField(
        label="For which purpose",
        help_text="Each field that the rule reads must serve it.",
        error_messages={"invalid_choice": "Choose a purpose from the list"},
    )
    topic = forms.ChoiceField(label="Topic")
    why = forms.CharField(
        label="Why we want to know",
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=1000,
        error_messages={"required": "Say why"},
    )
    action = forms.CharField(
        label="What we will do for them",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=1000,
    )
    owner = forms.CharField(
        label="Who owns it",
        help_text="A post, such as Income manager. Somebody else checks it.",
        max_length=120,
        error_messages={"required": "Enter who owns it"},
    )

    def __init__(self, *args: Any, data_of: Opened, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        purposes = data_of.catalogue.purposes
        allowed = [
            (key, one.label)
            for key, one in purposes.items()
            if one.selects
            and (Can.SEE_ROWS in user.permitted.can or key in user.permitted.purposes)
        ]
        self.fields["purpose"].choices = allowed  # type: ignore[attr-defined]
        self.fields["topic"].choices = sorted(TOPICS.items(), key=lambda pair: pair[1])  # type: ignore[attr-defined]
        self.fields["whom"].choices = [  # type: ignore[attr-defined]
            (
                f"{grain.value}.{base}",
                f"{base.replace('_', ' ').capitalize()} ({UNITS[grain.value][1]})",
            )
            for grain, bases in BASES.items()
            for base in bases
        ]

    def clean_key(self) -> str:
        """Two words are addresses of ours."""
        key = self.cleaned_data["key"]
        if key in ("new", "proposals"):
            raise forms.ValidationError("Enter another key: this one is a page of Rooftree")
        return key

    @property
    def given(self) -> dict[str, Any]:
        """What a proposal is made of."""
        found = dict(self.cleaned_data)
        found["unit"], found["base"] = found.pop("whom").split(".")
        return found


class SendBack(forms.Form):
    """Why a proposal goes back, or a segment is retired."""

    comment = forms.CharField(
        label="Why",
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=500,
        error_messages={"required": "Say why"},
    )
