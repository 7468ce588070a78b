"""The sign-in library's forms in our words: no placeholder that vanishes, no link to a page we do not have."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import ChangePasswordForm, LoginForm, ReauthenticateForm
from allauth.mfa.base.forms import AuthenticateForm as MFAAuthenticateForm
from allauth.mfa.base.forms import ReauthenticateForm as MFAReauthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm
from django import forms

_WORDS = {
    "login": ("E-mail address", "Enter your e-mail address"),
    "password": ("Password", "Enter your password"),
    "oldpassword": ("Your password of now", "Enter your password of now"),
    "password1": ("New password", "Enter a new password"),
    "password2": ("New password again", "Enter the new password again"),
    "code": ("Six-digit code, or a recovery code", "Enter a code"),
}
_HELP = {"password1": "At least 12 characters. Three words that do not belong together are good."}


def put_in_words(form: forms.BaseForm, **own: tuple[str, str]) -> None:
    """Give the fields of a form our labels, hints and messages."""
    for name, field in form.fields.items():
        label, missing = (_WORDS | own).get(name, (str(field.label or ""), ""))
        field.label = label
        field.help_text = _HELP.get(name, "")
        if missing:
            field.error_messages["required"] = missing
        field.widget.attrs.pop("placeholder", None)
        if name == "code":
            field.widget.attrs["inputmode"] = "text"
            field.width = "govuk-input--width-10"  # type: ignore[attr-defined]


class SignIn(LoginForm):
    """E-mail address and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        put_in_words(self)
        self.fields["login"].error_messages["invalid"] = (
            "Enter an e-mail address such as name@example.org"
        )


class Confirm(ReauthenticateForm):
    """The password once more."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        put_in_words(self)


class ChangePassword(ChangePasswordForm):
    """A new password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        put_in_words(self)


class SecondStep(MFAAuthenticateForm):
    """The code of the second factor."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        put_in_words(self)


class ConfirmByCode(MFAReauthenticateForm):
    """The code once more."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        put_in_words(self)


class SetUpApp(ActivateTOTPForm):
    """The first code of a new authenticator app."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        put_in_words(self, code=("Six-digit code", "Enter the code that your app shows"))


class AddPasskey(AddWebAuthnForm):
    """The name of a passkey, and whether it signs in by itself."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        put_in_words(self, name=("Name of this passkey", "Enter a name"))
        self.fields["passwordless"].label = "Sign in with it alone, without a password"
        self.fields["passwordless"].help_text = ""
