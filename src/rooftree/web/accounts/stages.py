"""The second step of signing in."""

from __future__ import annotations

from allauth.account.authentication import get_authentication_records
from allauth.mfa.stages import AuthenticateStage
from django.http import HttpRequest


class SecondFactor(AuthenticateStage):
    """Asks for the second factor, unless this session holds one: a provider's word that a setting trusts."""

    def _should_handle(self, request: HttpRequest) -> bool:
        records = get_authentication_records(request, self.login.user)
        if any(each.get("method") == "mfa" and each.get("type") == "provider" for each in records):
            return False
        return super()._should_handle(request)
