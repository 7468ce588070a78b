"""What staff type to join."""

from __future__ import annotations

from typing import Any

from allauth.mfa.totp.internal.auth import validate_totp_code
from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from rooftree.web.accounts.models import User
from rooftree.web.layout.forms import wide


class ChoosePassword(forms.Form):
    """The password of a new account, twice."""

    password = forms.CharField(
        label="Choose a password",
        help_text="At least 12 characters. Three words that do not belong together are good.",
        max_length=200,
        strip=False,
        error_messages={"required": "Enter a password"},
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label="Enter it again",
        max_length=200,
        strip=False,
        error_messages={"required": "Enter the password again"},
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._user = user

    def clean_password(self) -> str:
        """A password that the rules allow."""
        validate_password(self.cleaned_data["password"], self._user)
        return self.cleaned_data["password"]

    def clean(self) -> dict[str, Any]:
        """Both are the same."""
        given = self.cleaned_data
        if "password" in given and "again" in given and given["password"] != given["again"]:
            self.add_error("again", "The two passwords are not the same")
        return given


class EnterCode(forms.Form):
    """The first code of a new authenticator."""

    code = wide(
        forms.CharField(
            label="Six-digit code",
            max_length=12,
            error_messages={"required": "Enter the code that your app shows"},
            widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
        ),
        "input-10",
    )

    def __init__(self, *args: Any, secret: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._secret = secret

    def clean_code(self) -> str:
        """A code that the secret makes now."""
        code = self.cleaned_data["code"].replace(" ", "")
        if not validate_totp_code(self._secret, code):
            raise ValidationError("The code is not right. Wait for the next one and enter that.")
        return code
