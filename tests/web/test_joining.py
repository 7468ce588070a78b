"""Letting people in: by invitation only, with password and second factor in one step, and out again."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.sessions.models import Session
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from rooftree.vocabulary.errors import NotFound, PolicyDenied, UserError
from rooftree.web.accounts import services
from rooftree.web.accounts.models import Invitation, User
from rooftree.web.audit.models import Action, Event
from rooftree.web.landlords.models import Landlord
from tests.lib.totp import totp
from tests.web.conftest import PASSWORD, SECRET, signed_in

NEW = {"email": "new@example.org", "name": "Nia New", "role": "housing_officer", "patches": ["P01"]}


@pytest.fixture
def invited(landlord: Landlord) -> tuple[Invitation, str]:
    return services.invite(landlord=landlord, by=None, **NEW)


def join(client: Client, token: str, password: str = PASSWORD) -> str:
    """Step one; answers the key that step two shows."""
    response = client.post(
        reverse("invitation", kwargs={"token": token}), {"password": password, "again": password}
    )
    assert response.status_code == 302, response.content.decode()
    page = client.get(response["Location"]).content.decode()
    found = re.search(r'Key: <span class="rt-code">(\w+)</span>', page)
    assert found
    return found.group(1)


def test_from_link_to_signed_in(invited: tuple[Invitation, str]):
    client = Client()
    secret = join(client, invited[1])
    assert not User.objects.exists()
    response = client.post(reverse("invitation_second_step"), {"code": totp(secret)})
    assert response["Location"] == reverse("mfa_view_recovery_codes")
    assert client.get(response["Location"]).content.decode().count('<li class="rt-code">') == 10
    user = User.objects.get()
    assert (user.email, user.role, user.patch_codes) == (
        "new@example.org",
        "housing_officer",
        ("P01",),
    )
    assert client.get(reverse("home")).status_code == 200
    assert Event.objects.filter(action=Action.INVITATION_USED, actor_id=user.pk).exists()


def test_recovery_codes_are_shown_once(invited: tuple[Invitation, str]):
    client = Client()
    client.post(reverse("invitation_second_step"), {"code": totp(join(client, invited[1]))})
    client.get(reverse("mfa_view_recovery_codes"))
    assert (
        '<li class="rt-code">'
        not in client.get(reverse("mfa_view_recovery_codes")).content.decode()
    )


def test_opening_the_link_uses_nothing_up(invited: tuple[Invitation, str]):
    for _ in range(3):
        assert Client().get(reverse("invitation", kwargs={"token": invited[1]})).status_code == 200


def test_a_link_works_once(invited: tuple[Invitation, str]):
    first, second = Client(), Client()
    one, other = join(first, invited[1]), join(second, invited[1])
    first.post(reverse("invitation_second_step"), {"code": totp(one)})
    assert second.post(reverse("invitation_second_step"), {"code": totp(other)}).status_code == 410
    assert User.objects.count() == 1
    assert Client().get(reverse("invitation", kwargs={"token": invited[1]})).status_code == 410


@pytest.mark.parametrize("end", ["revoked_at", "expires_at"])
def test_a_link_that_has_ended_says_so_and_no_more(invited: tuple[Invitation, str], end: str):
    Invitation.objects.update(**{end: timezone.now() - dt.timedelta(seconds=1)})
    response = Client().get(reverse("invitation", kwargs={"token": invited[1]}))
    assert response.status_code == 410
    assert "Harrowmere" not in response.content.decode()


def test_only_a_hash_of_the_token_is_kept(invited: tuple[Invitation, str]):
    kept = str(Invitation.objects.values().get())
    assert invited[1] not in kept
    assert len(invited[1]) >= 43  # 256 bits in base 64


def test_the_session_of_somebody_joining_holds_nothing_in_clear(invited: tuple[Invitation, str]):
    client = Client()
    secret = join(client, invited[1])
    kept = str(Session.objects.get(pk=client.session.session_key).get_decoded())
    assert secret not in kept
    assert invited[1] not in kept
    assert PASSWORD not in kept


@pytest.mark.parametrize(
    ("password", "again", "says"),
    [
        ("short", "short", "too short"),
        ("123456789012345", "123456789012345", "entirely numeric"),
        (PASSWORD, "another", "not the same"),
        ("", "", "Enter a password"),
        ("new@example.org", "new@example.org", "too similar"),
    ],
)
def test_a_password_that_will_not_do(
    invited: tuple[Invitation, str], password: str, again: str, says: str
):
    response = Client().post(
        reverse("invitation", kwargs={"token": invited[1]}), {"password": password, "again": again}
    )
    assert response.status_code == 422
    assert says in response.content.decode()


def test_a_wrong_code_makes_no_account(invited: tuple[Invitation, str]):
    client = Client()
    join(client, invited[1])
    response = client.post(reverse("invitation_second_step"), {"code": "000000"})
    assert response.status_code == 422
    assert not User.objects.exists()


def test_a_second_invitation_takes_the_first_back(
    invited: tuple[Invitation, str], landlord: Landlord
):
    services.invite(landlord=landlord, by=None, **NEW)
    with pytest.raises(NotFound):
        services.find_open(invited[1])


def test_nobody_is_invited_who_is_in(staff: Callable[..., User], landlord: Landlord):
    user = staff()
    with pytest.raises(UserError, match="has an account already"):
        services.invite(landlord=landlord, by=None, **NEW | {"email": user.email.upper()})


def test_an_administrator_invites_and_hands_the_link_over(staff: Callable[..., User]):
    client = signed_in(staff("administrator"))
    response = client.post(reverse("invite"), NEW | {"patches": ["P01", "P02"]})
    link = re.search(r"http://testserver(/invitation/[\w-]+/)", response.content.decode())
    assert link
    assert Client().get(link.group(1)).status_code == 200


def test_an_officer_needs_a_patch(staff: Callable[..., User]):
    client = signed_in(staff("administrator"))
    response = client.post(reverse("invite"), NEW | {"patches": []})
    assert response.status_code == 422
    assert "Choose the patches of this housing officer" in response.content.decode()


def test_mail_goes_where_a_server_is_set(staff: Callable[..., User], settings):
    settings.SENDS_MAIL = True
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    signed_in(staff("administrator")).post(reverse("invite"), NEW)
    assert mail.outbox[0].to == ["new@example.org"]
    assert "/invitation/" in mail.outbox[0].body


def test_who_loses_the_telephone_is_invited_again_and_nothing_old_works(staff: Callable[..., User]):
    admin, user = staff("administrator"), staff()
    theirs = signed_in(user)
    response = signed_in(admin).post(reverse("user_reset", kwargs={"pk": user.pk}))
    token = re.search(r"/invitation/([\w-]+)/", response.content.decode())
    assert token
    assert theirs.get(reverse("home")).status_code == 302
    assert not Authenticator.objects.filter(user=user).exists()
    client = Client()
    client.post(
        reverse("invitation_second_step"),
        {"code": totp(join(client, token.group(1), "another-long-password"))},
    )
    user.refresh_from_db()
    assert user.check_password("another-long-password")
    assert user.role == "housing_officer"


def test_a_closed_account_is_out_at_once_and_can_come_back(staff: Callable[..., User]):
    admin, user = staff("administrator"), staff()
    theirs = signed_in(user)
    services.deactivate(user, by=admin)
    assert theirs.get(reverse("home")).status_code == 302
    services.reactivate(user, by=admin)
    user.refresh_from_db()
    assert user.is_active


def test_nobody_changes_their_own_access_and_the_last_administrator_stays(
    staff: Callable[..., User],
):
    admin, other = staff("administrator"), staff("administrator")
    with pytest.raises(PolicyDenied, match="their own access"):
        services.change_role(admin, role="board_reader", patches=[], by=admin)
    services.change_role(other, role="board_reader", patches=[], by=admin)
    with pytest.raises(PolicyDenied, match="last administrator"):
        services.deactivate(admin, by=other)


def test_changing_access_asks_for_a_fresh_proof(staff: Callable[..., User]):
    admin, user = staff("administrator"), staff()
    client = signed_in(admin)
    session = client.session
    for each in session["account_authentication_methods"]:
        each["at"] -= 3600
    session.save()
    response = client.post(reverse("user_close", kwargs={"pk": user.pk}))
    assert response.status_code == 302
    assert "/account/confirm/" in response["Location"]
    user.refresh_from_db()
    assert user.is_active


def test_a_failed_log_lets_nobody_in(
    invited: tuple[Invitation, str], monkeypatch: pytest.MonkeyPatch
):
    def broken(**more: object) -> None:
        raise RuntimeError("no log")

    monkeypatch.setattr("rooftree.web.accounts.services.record", broken)
    with pytest.raises(RuntimeError):
        services.accept(invited[0], password_hash="x", totp_secret=SECRET)
    assert not User.objects.exists()
    assert Invitation.objects.get().used_at is None
