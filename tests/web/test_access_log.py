"""The access log: written before anything is shown, by the database itself never changed, and checkable."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from rooftree.web.accounts.models import User
from rooftree.web.audit import queries
from rooftree.web.audit.models import Action, Event, Subject
from rooftree.web.audit.services import record, verify
from rooftree.web.landlords.models import Landlord
from tests.web.conftest import People, signed_in

pytestmark = pytest.mark.django_db


def add(count: int = 3) -> None:
    for number in range(count):
        record(
            landlord_id=1,
            actor_id=number,
            action=Action.RECORD_VIEWED,
            subjects=[f"P{number}", "P0"],
        )


def test_numbers_have_no_gap_and_each_event_follows_the_one_before():
    add()
    events = list(Event.objects.order_by("seq"))
    assert [event.seq for event in events] == [1, 2, 3]
    assert [event.previous for event in events[1:]] == [event.digest for event in events[:-1]]
    found = verify()
    assert (found.events, found.broken_at, found.head) == (3, None, events[-1].digest)


def test_an_empty_log_is_whole():
    assert verify().broken_at is None


@pytest.mark.parametrize("model", [Event, Subject])
def test_the_database_refuses_to_change_or_delete(model: type):
    add()
    for act in (lambda: model.objects.all().delete(), lambda: model.objects.update(landlord_id=9)):
        with pytest.raises(DatabaseError, match="only grows"), transaction.atomic():
            act()
    with pytest.raises(DatabaseError, match="only grows"), transaction.atomic():
        Event.objects.get(seq=1).delete()
    assert verify().broken_at is None


def drop_triggers() -> None:
    """What somebody with the database in their hands could do."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(
                "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'audit_%'"
            )
            for (name,) in cursor.fetchall():
                cursor.execute(f"DROP TRIGGER {name}")
        else:
            cursor.execute("SET LOCAL session_replication_role = replica")  # no trigger fires


@pytest.mark.parametrize(
    ("tamper", "number", "why"),
    [
        ("UPDATE audit_event SET actor_id = 7 WHERE seq = 2", 2, "changed"),
        ("UPDATE audit_event SET action = 'log_viewed' WHERE seq = 3", 3, "changed"),
        ("DELETE FROM audit_event WHERE seq = 2", 2, "missing"),
        ("DELETE FROM audit_subject WHERE subject = 'P1'", 2, "index"),
        ("UPDATE audit_subject SET subject = 'P9' WHERE subject = 'P2'", 3, "index"),
    ],
)
def test_a_row_that_was_changed_is_found_at_its_number(tamper: str, number: int, why: str):
    add()
    drop_triggers()
    with connection.cursor() as cursor:
        if "DELETE FROM audit_event" in tamper:
            cursor.execute("DELETE FROM audit_subject WHERE event_id = 2")
        cursor.execute(tamper)
    found = verify()
    assert found.broken_at == number
    assert why in found.why


def test_a_page_that_cannot_be_logged_is_not_shown(
    staff: Callable[..., User], people: People, monkeypatch: pytest.MonkeyPatch
):
    client = signed_in(staff())
    client.raise_request_exception = False

    def broken(**more: object) -> None:
        raise DatabaseError("the disk is full")

    monkeypatch.setattr("rooftree.web.people.access.write_log", broken)
    response = client.get(reverse("person", kwargs={"person_id": people.mine}))
    assert response.status_code == 500
    assert people.mine_name not in response.content.decode()


def test_who_looked_is_told_with_the_own_visit(
    staff: Callable[..., User], people: People, landlord: Landlord
):
    first, second = staff(), staff("support_officer")
    signed_in(first).get(reverse("person", kwargs={"person_id": people.mine}))
    page = (
        signed_in(second)
        .get(reverse("person_lookers", kwargs={"person_id": people.mine}))
        .content.decode()
    )
    assert first.name in page
    assert second.name in page
    assert [event.actor_id for event in queries.looked_at(landlord.pk, people.mine)] == [
        second.pk,
        first.pk,
    ]


def test_everybody_a_search_shows_is_in_the_log(
    staff: Callable[..., User], people: People, landlord: Landlord
):
    client = signed_in(staff())
    client.post(reverse("people"), {"text": people.mine_name}, follow=True)
    event = queries.of_landlord(landlord.pk).filter(action=Action.PEOPLE_FOUND).get()
    assert people.mine in event.subjects
    assert people.mine_name not in str(event.__dict__)


def test_what_was_refused_is_in_the_log_too(
    staff: Callable[..., User], people: People, landlord: Landlord
):
    signed_in(staff()).get(reverse("person", kwargs={"person_id": people.elsewhere}))
    assert queries.looked_at(landlord.pk, people.elsewhere).get().action == Action.ACCESS_REFUSED


def test_the_data_protection_officer_filters_and_checks(staff: Callable[..., User], people: People):
    officer = staff()
    signed_in(officer).get(reverse("person", kwargs={"person_id": people.mine}))
    client = signed_in(staff("data_protection_officer"))
    page = client.get(
        reverse("access_log"), {"action": "record_viewed", "by": officer.pk}
    ).content.decode()
    assert people.mine in page
    assert "Read the access log" not in page.split("<tbody")[1]
    assert (
        client.get(
            reverse("access_log"), {"action": "nonsense", "by": "x", "page": "-3"}
        ).status_code
        == 200
    )
    assert "The log is whole" in client.post(reverse("access_log_check")).content.decode()
