"""What is asked about a segment."""

from __future__ import annotations

from django import forms

from rooftree.web.layout.forms import wide


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
