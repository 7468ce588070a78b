"""Every address of the application, tried by everybody: a stranger, a stolen password, and each role.

A new page that is not in this walk fails `test_every_page_is_in_the_walk`: say here who may open it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from rooftree.web.accounts.middleware import ENROLMENT_PAGES, OWN_ACCOUNT, is_public, needed_by
from rooftree.web.accounts.models import User
from rooftree.web.accounts.permissions import ANYBODY
from rooftree.web.accounts.roles import ROLES, Can
from rooftree.web.accounts.services import invite
from rooftree.web.jobs.models import Job
from rooftree.web.landlords.models import Landlord
from rooftree.web.segments.models import Proposal
from tests.web.conftest import People, signed_in

OFFICERS = {"housing_officer", "income_officer", "support_officer"}
FINDERS = {key for key, role in ROLES.items() if Can.FIND_PEOPLE in role.can}
COUNTERS = {key for key, role in ROLES.items() if Can.SEE_COUNTS in role.can}
WRITERS = {key for key, role in ROLES.items() if Can.DEFINE_SEGMENTS in role.can}
RECORDERS = {key for key, role in ROLES.items() if Can.RECORD_ANSWERS in role.can}
EVERYBODY = set(ROLES)

#: Who may open each page of ours. `None`: open to people who are not signed in.
PAGES: dict[str, set[str] | None] = {
    "home": EVERYBODY,
    "logo": EVERYBODY,
    "healthy": None,
    "brand": None,
    "invitation": None,
    "invitation_second_step": None,
    "people": FINDERS,
    "person": FINDERS,
    "person_reason": FINDERS,
    "person_ask": RECORDERS,
    "question": RECORDERS,
    "question_of": RECORDERS,
    "answer_take_back": RECORDERS | {"data_protection_officer"},
    "person_object": RECORDERS | {"data_protection_officer"},
    "person_profile": FINDERS,
    "person_household": FINDERS,
    "person_events": FINDERS,
    "person_account": FINDERS,
    "person_history": FINDERS,
    "person_lookers": OFFICERS | {"data_protection_officer"},
    "segments": COUNTERS,
    "segment": COUNTERS,
    "segment_new": WRITERS,
    "proposals": WRITERS | {"data_protection_officer"},
    "proposal": WRITERS | {"data_protection_officer"},
    "proposal_check": WRITERS,
    "segment_members": FINDERS,
    "segment_why": FINDERS,
    "segment_persona": COUNTERS,
    "explore": COUNTERS,
    "explore_file": COUNTERS,
    "access_log": {"data_protection_officer"},
    "access_log_check": {"data_protection_officer"},
    "jobs": {"administrator", "data_steward", "insight_analyst"},
    "job": {"administrator", "data_steward", "insight_analyst"},
    "job_cancel": {"administrator", "data_steward", "insight_analyst"},
    "users": {"administrator"},
    "invite": {"administrator"},
    "user": {"administrator"},
    "user_close": {"administrator"},
    "user_open": {"administrator"},
    "user_reset": {"administrator"},
    "invitation_revoke": {"administrator"},
    "identity": {"administrator"},
    "settings": {"administrator"},
    "health": {"administrator", "data_steward", "insight_analyst", "data_protection_officer"},
}
#: Pages that a role may open and that are not there with the arguments of this walk.
MAY_BE_MISSING = {"logo", "person_account", "question", "question_of", "answer_take_back"}
#: Pages of the sign-in library that people open before they are signed in.
BEFORE_SIGN_IN = {
    "account_login", "account_inactive", "account_logout", "mfa_authenticate", "mfa_login_webauthn",
    "openid_connect_login", "openid_connect_callback", "socialaccount_login_cancelled",
    "socialaccount_login_error", "account_signup", "account_email", "account_email_verification_sent",
    "account_confirm_email", "account_set_password", "account_reset_password", "account_reset_password_done",
    "account_confirm_login_code", "socialaccount_signup", "socialaccount_connections", "mfa_download_recovery_codes",
}  # fmt: skip


def patterns(resolver: URLResolver | None = None) -> Iterator[URLPattern]:
    """Every address."""
    for each in (resolver or get_resolver()).url_patterns:
        if isinstance(each, URLResolver):
            yield from patterns(each)
        else:
            yield each


NAMES = sorted(pattern.name or "" for pattern in patterns())


@pytest.fixture
def arguments(landlord: Landlord, people: People, staff: Callable[..., User]) -> dict[str, Any]:
    """Something real for each argument of an address."""
    somebody = staff("board_reader")
    made, token = invite(
        landlord=landlord,
        email="new@example.org",
        name="New",
        role="board_reader",
        patches=[],
        by=None,
    )
    from django.utils import timezone

    job = Job.objects.create(
        landlord=landlord, kind="run", asked_by=somebody, asked_at=timezone.now()
    )
    proposal = Proposal.objects.create(
        landlord=landlord, key="walked", label="Walked", unit="person", base="customers", topic="home",
        purpose="communication", why="To see", owner="Manager", rule="age > 64", written_by=somebody,
        written_at=timezone.now(),
    )  # fmt: skip
    return {
        "proposal": proposal.pk,
        "person_id": people.mine, "token": token, "digest": "none", "landlord": landlord.pk, "key": "none",
        "attribute": "preferred_name", "tenancy_id": "none", "number": 1,
        "provider_id": "work", "user": somebody.pk, "invitation": made.pk, "job": job.pk,
        "segment": "digitally_excluded", "kind": "pdf", "ending": "csv",
    }  # fmt: skip


def address(name: str, arguments: dict[str, Any]) -> str:
    """The address of a page with real arguments."""
    pattern = next(each for each in patterns() if each.name == name)
    wanted = pattern.pattern.converters
    values = {key: arguments.get(key) for key in wanted}
    if "pk" in wanted:
        kind = name.split("_")[0]
        values["pk"] = arguments.get(kind, 1)
    return reverse(name, kwargs=values)


def test_every_page_is_in_the_walk():
    assert all(NAMES), "every address has a name"
    assert len(set(NAMES)) == len(NAMES)
    ours = {name for name in NAMES if not name.startswith(OWN_ACCOUNT)}
    assert ours == set(PAGES)


def test_every_page_says_what_it_needs():
    for pattern in patterns():
        if not is_public(pattern.callback):
            needed = needed_by(pattern.callback, pattern.name)
            assert needed == ANYBODY or needed in set(Can), pattern.name


@pytest.mark.parametrize("name", NAMES)
def test_a_stranger_is_sent_to_sign_in(arguments: dict[str, Any], name: str):
    response = Client().get(address(name, arguments))
    if PAGES.get(name, EVERYBODY) is None or name in BEFORE_SIGN_IN:
        assert response.status_code in (200, 302, 401, 404, 410)
        assert people_free(response.content.decode())
    else:
        assert response.status_code == 302
        assert response["Location"].startswith("/sign-in/?next=")


def people_free(text: str) -> bool:
    """No page for strangers names a landlord's homes or people."""
    return "Holmebridge" not in text


@pytest.mark.parametrize("name", NAMES)
def test_a_stolen_password_opens_nothing(
    arguments: dict[str, Any], staff: Callable[..., User], name: str
):
    client = signed_in(staff("administrator"), factors=("password",))
    response = client.get(address(name, arguments))
    if PAGES.get(name, EVERYBODY) is None or name in BEFORE_SIGN_IN:
        assert response.status_code in (200, 302, 401, 404, 410)
    elif name in ENROLMENT_PAGES - {
        "mfa_activate_totp",
        "mfa_add_webauthn",
        "mfa_view_recovery_codes",
    }:
        assert response.status_code in (200, 302)
    else:
        assert response.status_code == 302
        assert response["Location"] == reverse("mfa_reauthenticate")


@pytest.mark.parametrize("role", sorted(ROLES))
def test_a_role_opens_its_pages_and_no_others(
    arguments: dict[str, Any], staff: Callable[..., User], role: str
):
    user = staff(role)
    for name, allowed in PAGES.items():
        if allowed is None:
            continue
        client = signed_in(user)
        status = client.get(address(name, arguments)).status_code
        if role in allowed:
            assert status in (200, 302, 404 if name in MAY_BE_MISSING else 200, 405), name
        else:
            assert status == 403, f"{role} opens {name}: {status}"


@pytest.mark.parametrize("role", sorted(ROLES))
def test_the_navigation_leads_only_where_the_role_may_go(
    staff: Callable[..., User], data: object, role: str
):
    from rooftree.web.layout.navigation import items_for

    client = signed_in(staff(role))
    for item in items_for(ROLES[role]):
        assert client.get(reverse(item.url_name)).status_code == 200, item.label


def test_staff_of_another_landlord_are_strangers(
    arguments: dict[str, Any], other_landlord: Landlord, people: People
):
    from tests.web.conftest import make_user

    admin = signed_in(make_user(other_landlord, "administrator"))
    writer = signed_in(make_user(other_landlord, "insight_analyst"))
    assert writer.get(address("proposal", arguments)).status_code == 404
    assert writer.post(address("proposal", arguments), {"do": "save"}).status_code == 404
    assert writer.post(address("proposal_check", arguments), {"rule": "x"}).status_code == 404
    for name in ("user", "job", "user_close", "invitation_revoke", "job_cancel"):
        where = address(name, arguments)
        assert admin.get(where).status_code in (404, 405), name
        assert admin.post(where).status_code == (405 if name == "job" else 404), name
    officer = signed_in(make_user(other_landlord, "data_protection_officer"))
    response = officer.get(reverse("person", kwargs={"person_id": people.mine}))
    assert response.status_code == 503
    assert people.mine_name not in response.content.decode()
    assert people.mine not in officer.get(reverse("access_log")).content.decode()
