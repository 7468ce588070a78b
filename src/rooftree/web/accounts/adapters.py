"""Where allauth asks the project: sealed secrets, no sign-up, single sign-on for invited staff only."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import record_authentication
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from django.conf import settings
from django.http import HttpRequest
from django.shortcuts import redirect

from rooftree.web.accounts.models import User
from rooftree.web.accounts.services import accept_by_provider, find_open_for

_ABOUT = "second factor"
_UNSAID = {"account/messages/logged_in.txt", "account/messages/logged_out.txt"}
_WORDS = {
    "email_password_mismatch": "E-mail address or password is not right.",
    "too_many_login_attempts": "Too many attempts. Wait five minutes, then try again.",
    "incorrect_password": "The password is not right.",
    "enter_current_password": "Enter your password of now.",
}


class AccountAdapter(DefaultAccountAdapter):
    """Accounts by invitation only."""

    error_messages = DefaultAccountAdapter.error_messages | _WORDS

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody signs up."""
        return False

    def get_login_stages(self) -> list[str]:
        """The steps of signing in, with our own second one: it may take the provider's word."""
        ours = "rooftree.web.accounts.stages.SecondFactor"
        return [
            ours if each == "allauth.mfa.stages.AuthenticateStage" else each
            for each in super().get_login_stages()
        ]

    def add_message(
        self,
        request: HttpRequest,
        level: int,
        message_template: Any = None,
        *args: Any,
        **kwargs: Any,
    ) -> None:
        """Pass over what the page says anyway."""
        if message_template not in _UNSAID:
            super().add_message(request, level, message_template, *args, **kwargs)

    def send_notification_mail(
        self, template_prefix: str, user: Any, *args: Any, **kwargs: Any
    ) -> None:
        """Tell a user of a change to their sign-in, where a mail server is set."""
        if settings.SENDS_MAIL:
            super().send_notification_mail(template_prefix, user, *args, **kwargs)


class MFAAdapter(DefaultMFAAdapter):
    """Second factors: sealed at rest; the last one stays."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": "The code is not right, or was used already. Wait for the next one.",
        "cannot_delete_authenticator": "This is your last second factor. Add another one first.",
    }

    def encrypt(self, text: str) -> str:
        """Seal a secret before it is stored."""
        return settings.KEYS.seal(text, about=_ABOUT)

    def decrypt(self, encrypted_text: str) -> str:
        """Open a sealed secret."""
        return settings.KEYS.open(encrypted_text, about=_ABOUT)

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Not the last one: there is no account without a second factor."""
        if authenticator.type == Authenticator.Type.RECOVERY_CODES:
            return False
        others = Authenticator.objects.filter(
            user=authenticator.user, type__in=("totp", "webauthn")
        ).exclude(pk=authenticator.pk)
        return others.exists()

    def _get_site_name(self) -> str:
        return "Rooftree"


class SingleSignOnAdapter(DefaultSocialAccountAdapter):
    """Single sign-on lets in whom an administrator invited, and makes no accounts."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        """Nobody signs up."""
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Join the provider's account to the user of that e-mail address, the first time.

        The issuer is one tenant that the installation names, whose addresses its own administrators
        give out; an address that the provider says is not verified is refused all the same.
        """
        if not sociallogin.is_existing:
            user = self._invited(sociallogin)
            if user is None:
                raise ImmediateHttpResponse(redirect("socialaccount_login_error"))
            sociallogin.connect(request, user)
        if settings.SINGLE_SIGN_ON_TRUST_MFA and "mfa" in _claims(sociallogin).get("amr", ()):
            record_authentication(request, sociallogin.user, method="mfa", type="provider")

    def _invited(self, sociallogin: SocialLogin) -> User | None:
        claims = _claims(sociallogin)
        email = claims.get("email") or claims.get("preferred_username") or ""
        if not email or claims.get("email_verified") is False:
            return None
        user = User.objects.filter(email__iexact=email).first()
        if user is not None:
            return user if user.is_active else None
        invitation = find_open_for(email)
        return accept_by_provider(invitation) if invitation is not None else None


def _claims(sociallogin: SocialLogin) -> dict[str, Any]:
    data = sociallogin.account.extra_data or {}
    return data.get("id_token") or data
