"""Signing in: password, then second factor, for everybody; locked after five failures; secrets sealed."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from rooftree.web.accounts.adapters import MFAAdapter
from rooftree.web.accounts.models import User
from rooftree.web.audit.models import Action, Event
from tests.lib.totp import totp
from tests.web.conftest import PASSWORD, SECRET, signed_in


@pytest.fixture(autouse=True)
def _fresh_limits(db: None):
    cache.clear()


def with_password(user: User, password: str = PASSWORD) -> tuple[Client, object]:
    client = Client()
    return client, client.post(
        reverse("account_login"), {"login": user.email, "password": password}
    )


def test_password_then_code(staff: Callable[..., User]):
    user = staff()
    client, response = with_password(user)
    assert response["Location"] == reverse("mfa_authenticate")
    assert client.get(reverse("home")).status_code == 302
    response = client.post(reverse("mfa_authenticate"), {"code": totp(SECRET)})
    assert response["Location"] == reverse("home")
    assert client.get(reverse("home")).status_code == 200
    assert Event.objects.filter(action=Action.SIGNED_IN, actor_id=user.pk).count() == 1


def test_the_codes_are_those_of_rfc_6238():
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    assert [totp(secret, at=at, digits=8) for at in (59, 1111111109, 20000000000)] == [
        "94287082",
        "07081804",
        "65353130",
    ]


def test_a_code_works_once_also_in_another_browser(staff: Callable[..., User]):
    user, code = staff(), totp(SECRET)
    first, _ = with_password(user)
    second, _ = with_password(user)
    assert first.post(reverse("mfa_authenticate"), {"code": code}).status_code == 302
    assert second.post(reverse("mfa_authenticate"), {"code": code}).status_code == 200
    assert second.get(reverse("home")).status_code == 302


def test_a_recovery_code_works_once(staff: Callable[..., User]):
    user = staff()
    code = RecoveryCodes(
        Authenticator.objects.get(user=user, type="recovery_codes")
    ).generate_codes()[0]
    for expected in (302, 200):
        client, _ = with_password(user)
        assert client.post(reverse("mfa_authenticate"), {"code": code}).status_code == expected


@pytest.mark.parametrize("email", ["nobody@example.org", None])
def test_a_stranger_learns_nothing_from_a_refusal(staff: Callable[..., User], email: str | None):
    user = staff()
    response = Client().post(
        reverse("account_login"), {"login": email or user.email, "password": "wrong"}
    )
    assert "E-mail address or password is not right." in response.content.decode()


def test_five_failures_lock_even_the_right_password(staff: Callable[..., User]):
    user = staff()
    for _ in range(5):
        with_password(user, "wrong")
    _, response = with_password(user)
    assert "Too many attempts" in response.content.decode()
    assert not Event.objects.filter(action=Action.SIGNED_IN).exists()


def test_nobody_signs_up(db: None):
    for name in ("account_signup", "account_reset_password", "socialaccount_signup"):
        assert Client().get(reverse(name)).status_code == 404
        assert Client().post(reverse(name), {"email": "x@example.org"}).status_code == 404


def test_secrets_are_sealed_in_the_database(staff: Callable[..., User]):
    user = staff()
    kept = str(list(Authenticator.objects.filter(user=user).values()))
    assert SECRET not in kept
    sealed = Authenticator.objects.get(user=user, type="totp").data["secret"]
    assert MFAAdapter().decrypt(sealed) == SECRET


def test_passwords_are_hashed_with_argon2():
    from rooftree.web.config import settings as module

    assert module.PASSWORD_HASHERS == ["django.contrib.auth.hashers.Argon2PasswordHasher"]


def test_the_last_second_factor_stays(staff: Callable[..., User]):
    user = staff()
    client = signed_in(user)
    client.post(reverse("mfa_deactivate_totp"))
    assert Authenticator.objects.filter(user=user, type="totp").exists()


def test_a_session_without_any_factor_enrols_nothing(staff: Callable[..., User]):
    """A password whose account has no factor is made by no page; whoever holds it is signed out."""
    user = staff()
    Authenticator.objects.filter(user=user).delete()
    client = signed_in(user, factors=("password",))
    response = client.get(reverse("mfa_activate_totp"))
    assert response["Location"] == reverse("account_login")
    assert client.get(reverse("home"))["Location"].startswith("/sign-in/?next=")


def test_changing_the_password_ends_other_sessions_and_is_in_the_log(staff: Callable[..., User]):
    user = staff()
    here, elsewhere = signed_in(user), signed_in(user)
    new = "another-good-password"
    response = here.post(
        reverse("account_change_password"),
        {"oldpassword": PASSWORD, "password1": new, "password2": new},
    )
    assert response.status_code == 302
    assert here.get(reverse("home")).status_code == 200
    assert elsewhere.get(reverse("home")).status_code == 302
    assert Event.objects.filter(action=Action.PASSWORD_CHANGED, actor_id=user.pk).exists()


def test_signing_out_is_a_form_and_needs_its_token(staff: Callable[..., User]):
    client = Client(enforce_csrf_checks=True)
    client.cookies = signed_in(staff()).cookies
    assert client.post(reverse("account_logout")).status_code == 403
    assert client.get(reverse("home")).status_code == 200


def test_a_next_address_elsewhere_is_not_followed(staff: Callable[..., User]):
    user = staff()
    client = Client()
    client.post(
        reverse("account_login") + "?next=https://evil.example/",
        {"login": user.email, "password": PASSWORD},
    )
    response = client.post(reverse("mfa_authenticate"), {"code": totp(SECRET)})
    assert response["Location"] == reverse("home")


def test_every_answer_carries_the_security_headers(staff: Callable[..., User]):
    for client in (Client(), signed_in(staff())):
        response = client.get(reverse("home"), follow=True)
        policy = response["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "no-store" in response["Cache-Control"]
        assert response["X-Frame-Options"] == "DENY"
        assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", response.content.decode())
