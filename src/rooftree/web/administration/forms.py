"""What an administrator types."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from rooftree.web.accounts.models import User
from rooftree.web.accounts.roles import CHOICES, ROLES
from rooftree.web.layout.forms import wide

_MOST_LOGO_BYTES = 200_000
_PNG = b"\x89PNG\r\n\x1a\n"


class Access(forms.Form):
    """A role, and the patches of an officer."""

    role = forms.ChoiceField(
        label="Role",
        choices=CHOICES,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose a role", "invalid_choice": "Choose a role"},
    )
    patches = forms.MultipleChoiceField(
        label="Patches",
        help_text="For officers who work in patches. Other roles see the whole landlord, or no customer.",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "Choose from the patches of your homes"},
    )

    def __init__(self, *args: Any, patches: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].option_hints = {key: role.about for key, role in ROLES.items()}  # type: ignore[attr-defined]
        self.fields["patches"].choices = [(each, each) for each in patches]  # type: ignore[attr-defined]
        if not patches:
            self.fields[
                "patches"
            ].help_text = "The patches of your homes are known after the first run."

    def clean(self) -> dict[str, Any]:
        """An officer who works in patches has one at least, as soon as there are any."""
        given = self.cleaned_data
        role = ROLES.get(given.get("role", ""))
        field: Any = self.fields["patches"]
        if (
            role is not None
            and not role.whole_landlord
            and field.choices
            and not given.get("patches")
            and not self.has_error("patches")
        ):
            self.add_error("patches", f"Choose the patches of this {role.label.lower()}")
        return given


class Invite(Access):
    """A colleague to let in."""

    name = wide(
        forms.CharField(
            label="Name", max_length=120, error_messages={"required": "Enter the colleague's name"}
        ),
        "two-thirds",
    )
    email = wide(
        forms.EmailField(
            label="Work e-mail address",
            max_length=254,
            error_messages={
                "required": "Enter the e-mail address",
                "invalid": "Enter an e-mail address such as name@example.org",
            },
        ),
        "two-thirds",
    )
    field_order = ("name", "email", "role", "patches")

    def clean_email(self) -> str:
        """An address that has no account yet."""
        email = self.cleaned_data["email"].lower()
        if User.objects.filter(email__iexact=email).exists():
            raise forms.ValidationError("This e-mail address has an account already")
        return email


class Identity(forms.Form):
    """How the landlord's pages look."""

    name = wide(
        forms.CharField(
            label="Name of the landlord",
            max_length=120,
            error_messages={"required": "Enter the name"},
        ),
        "two-thirds",
    )
    colour = wide(
        forms.RegexField(
            r"^#[0-9A-Fa-f]{6}$",
            label="Colour",
            help_text="As #1d5c63. Links and buttons are made dark enough to read.",
            error_messages={"required": "Enter a colour", "invalid": "Write the colour as #1d5c63"},
        ),
        "input-10",
    )
    logo = forms.FileField(
        label="Logo",
        required=False,
        help_text="A PNG of no more than 200 kB. Leave it empty to keep the one there is.",
        widget=forms.FileInput(attrs={"accept": "image/png"}),
        error_messages={"empty": "The file is empty"},
    )
    remove_logo = forms.BooleanField(label="Remove the logo", required=False)

    def clean_colour(self) -> str:
        """In small letters."""
        return self.cleaned_data["colour"].lower()

    def clean_logo(self) -> bytes | None:
        """The bytes of a PNG: a picture in another format could hold a script."""
        file: UploadedFile | None = self.cleaned_data["logo"]
        if file is None:
            return None
        if (file.size or 0) > _MOST_LOGO_BYTES:
            raise forms.ValidationError("The logo is more than 200 kB")
        body = file.read()
        if not body.startswith(_PNG):
            raise forms.ValidationError("The logo must be a PNG")
        return body
