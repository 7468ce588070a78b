"""What is typed to find a customer, and why somebody looks."""

from __future__ import annotations

from typing import Any

from django import forms

from rooftree.web.accounts.roles import REASONS


class Find(forms.Form):
    """Anything by which a customer may be known."""

    text = forms.CharField(
        label="Find a customer",
        help_text="Name, address, postcode, telephone, e-mail, or a tenancy or payment reference",
        max_length=120,
        error_messages={
            "required": "Enter a name, an address, a telephone number or a reference",
            "max_length": "Enter no more than 120 characters",
        },
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "spellcheck": "false", "type": "search"}
        ),
    )

    def clean_text(self) -> str:
        """At least two letters or digits: one would find half of the landlord."""
        text = self.cleaned_data["text"]
        if sum(each.isalnum() for each in text) < 2:
            raise forms.ValidationError("Enter at least two letters or digits")
        return text


class GiveReason(forms.Form):
    """Why somebody of a role that may look at anybody looks at this person."""

    reason = forms.ChoiceField(
        label="Why do you need this record?",
        help_text="It is kept in the access log.",
        choices=list(REASONS.items()),
        error_messages={"required": "Choose a reason", "invalid_choice": "Choose a reason"},
        widget=forms.RadioSelect,
    )


class FilterEvents(forms.Form):
    """Which events a timeline shows."""

    kind = forms.MultipleChoiceField(
        label="What", required=False, widget=forms.CheckboxSelectMultiple
    )
    since = forms.ChoiceField(
        label="How far back",
        required=False,
        choices=[
            ("12m", "12 months"),
            ("3m", "3 months"),
            ("36m", "3 years"),
            ("all", "Everything"),
        ],
    )

    def __init__(self, *args: Any, kinds: tuple[str, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [(key, LABELS[key]) for key in kinds]  # type: ignore[attr-defined]


LABELS = {
    "contact": "Contact", "repair": "Repair", "complaint": "Complaint", "asb": "Anti-social behaviour",
    "arrears_action": "Arrears", "payment_arrangement": "Payment arrangement", "benefit_claim": "Benefit claim",
    "support_referral": "Support", "safeguarding": "Safeguarding", "adaptation": "Adaptation",
    "hazard": "Hazard", "service": "Service used",
}  # fmt: skip
