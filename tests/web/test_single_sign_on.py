"""Single sign-on by OpenID Connect, against a provider that these tests run on this machine.

The provider does what the standard says: discovery, a code for the browser, a token for the server with
PKCE checked, an ID token signed with RS256.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from cryptography.hazmat.primitives.asymmetric import rsa
from django.test import Client
from django.urls import reverse

from rooftree.web.accounts import services
from rooftree.web.accounts.models import User
from rooftree.web.landlords.models import Landlord
from tests.lib.totp import totp

CLIENT, SECRET = "rooftree", "provider-secret"


class Provider:
    """A provider with one account. `claims` are what it says of whoever signs in."""

    def __init__(self) -> None:
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.claims: dict[str, Any] = {}
        self.challenges: dict[str, tuple[str, str]] = {}
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def authorise(self, location: str) -> str:
        """What the browser does there: the person agrees, and is sent back with a code."""
        asked = {key: values[0] for key, values in parse_qs(urlsplit(location).query).items()}
        assert asked["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(8)
        self.challenges[code] = (asked["code_challenge"], asked.get("nonce", ""))
        return f"{asked['redirect_uri']}?code={code}&state={asked['state']}"

    def token(self, form: dict[str, str]) -> dict[str, Any]:
        """Give the token for a code, once, to who knows the secret and the verifier."""
        challenge, nonce = self.challenges.pop(form["code"])
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        assert base64.urlsafe_b64encode(digest).decode().rstrip("=") == challenge
        assert (form["client_id"], form["client_secret"]) == (CLIENT, SECRET)
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "iat": now,
            "exp": now + 60,
            "nonce": nonce,
        } | self.claims
        return {
            "access_token": "opaque", "token_type": "Bearer", "expires_in": 60,
            "id_token": jwt.encode(claims, self.key, algorithm="RS256", headers={"kid": "1"}),
        }  # fmt: skip

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def _answer(self, body: dict[str, Any]) -> None:
                text = json.dumps(body).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def do_GET(self) -> None:
                at = provider.issuer
                self._answer({
                    "issuer": at, "authorization_endpoint": f"{at}/authorize", "token_endpoint": f"{at}/token",
                    "jwks_uri": f"{at}/keys", "userinfo_endpoint": f"{at}/me",
                    "token_endpoint_auth_methods_supported": ["client_secret_post"],
                })  # fmt: skip

            def do_POST(self) -> None:
                raw = self.rfile.read(int(self.headers["Content-Length"])).decode()
                self._answer(
                    provider.token({key: values[0] for key, values in parse_qs(raw).items()})
                )

            def log_message(self, *words: object) -> None:
                pass

        return Handler


@pytest.fixture
def provider(settings) -> Iterator[Provider]:
    made = Provider()
    app = {
        "provider_id": "work", "name": "Work", "client_id": CLIENT, "secret": SECRET,
        "settings": {"server_url": made.issuer, "fetch_userinfo": False},
    }  # fmt: skip
    settings.SOCIALACCOUNT_PROVIDERS = {
        "openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [app]}
    }
    settings.SINGLE_SIGN_ON = True
    yield made
    made.close()


def sign_in(provider: Provider, **claims: Any) -> tuple[Client, Any]:
    """Go to the provider and come back as somebody with these claims."""
    provider.claims = {"sub": "abc-1", **claims}
    client = Client()
    away = client.post(reverse("openid_connect_login", kwargs={"provider_id": "work"}))
    assert away.status_code == 302
    assert away["Location"].startswith(f"{provider.issuer}/authorize")
    return client, client.get(provider.authorise(away["Location"]))


def test_who_has_an_account_is_let_in_and_still_asked_for_the_second_factor(
    provider: Provider, staff: Callable[..., User]
):
    user = staff()
    client, response = sign_in(provider, email=user.email.upper(), email_verified=True)
    assert response["Location"] == reverse("mfa_authenticate")
    assert client.get(reverse("home")).status_code == 302
    assert SocialAccount.objects.get().user == user


def test_a_second_time_the_account_is_known_by_its_subject(
    provider: Provider, staff: Callable[..., User]
):
    user = staff()
    sign_in(provider, email=user.email)
    _, response = sign_in(provider, email="renamed@example.org")
    assert response["Location"] == reverse("mfa_authenticate")


def test_who_is_invited_joins_and_must_set_up_a_second_factor(
    provider: Provider, landlord: Landlord, data: object, monkeypatch: pytest.MonkeyPatch
):
    services.invite(
        landlord=landlord,
        email="nia@example.org",
        name="Nia",
        role="housing_officer",
        patches=["P01"],
        by=None,
    )
    client, _ = sign_in(provider, preferred_username="nia@example.org")
    user = User.objects.get()
    assert not user.has_usable_password()
    assert client.get(reverse("home"))["Location"] == reverse("mfa_activate_totp")
    page = client.get(reverse("mfa_activate_totp")).content.decode()
    assert "Set up your authenticator app" in page
    secret = page.split('<span class="rt-code">')[1].split("<")[0]
    # Outside these tests nothing surrounds the view: what waits for the commit runs within it.
    monkeypatch.setattr("allauth.mfa.totp.internal.flows.transaction.on_commit", lambda act: act())
    client.post(reverse("mfa_activate_totp"), {"code": totp(secret)})
    assert Authenticator.objects.filter(user=user, type="totp").exists()
    assert client.get(reverse("home")).status_code == 200


@pytest.mark.parametrize(
    "claims",
    [
        {"email": "stranger@example.org", "email_verified": True},
        {},
    ],
)
def test_who_was_not_invited_is_refused_and_nothing_is_made(
    provider: Provider, landlord: Landlord, claims: dict[str, Any]
):
    client, response = sign_in(provider, **claims)
    assert response["Location"] == reverse("socialaccount_login_error")
    assert client.get(response["Location"]).status_code in (200, 401)
    assert not User.objects.exists()


def test_an_address_that_the_provider_did_not_verify_is_refused(
    provider: Provider, staff: Callable[..., User]
):
    _, response = sign_in(provider, email=staff().email, email_verified=False)
    assert response["Location"] == reverse("socialaccount_login_error")
    assert not SocialAccount.objects.exists()


def test_a_closed_account_stays_closed(provider: Provider, staff: Callable[..., User]):
    user = staff()
    user.is_active = False
    user.save()
    client, _ = sign_in(provider, email=user.email)
    assert client.get(reverse("home")).status_code == 302
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize(
    ("trusted", "amr", "let_in"),
    [(True, ["pwd", "mfa"], True), (True, ["pwd"], False), (False, ["pwd", "mfa"], False)],
)
def test_the_providers_word_for_the_second_factor_counts_only_where_a_setting_says_so(
    provider: Provider,
    staff: Callable[..., User],
    settings,
    trusted: bool,
    amr: list[str],
    let_in: bool,
):
    settings.SINGLE_SIGN_ON_TRUST_MFA = trusted
    client, _ = sign_in(provider, email=staff().email, amr=amr)
    assert (client.get(reverse("home")).status_code == 200) == let_in


def test_a_forged_state_signs_nobody_in(provider: Provider, staff: Callable[..., User]):
    staff()
    client = Client()
    where = reverse("openid_connect_callback", kwargs={"provider_id": "work"})
    client.get(f"{where}?code=x&state=forged")
    assert "_auth_user_id" not in client.session


def test_without_the_setting_there_is_no_such_page(landlord: Landlord):
    assert (
        Client().post(reverse("openid_connect_login", kwargs={"provider_id": "work"})).status_code
        == 404
    )
