"""What a record shows: the role's purposes decide field by field, and the patch decides whether at all."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

import pytest
from django.urls import reverse

from rooftree.pipeline.account import weeks
from rooftree.pipeline.events import KINDS, STRICTER, kinds_for
from rooftree.pipeline.record import show
from rooftree.web.accounts.models import User
from rooftree.web.accounts.roles import REASONS, ROLES
from rooftree.web.audit.models import Action, Event
from rooftree.web.landlords.opened import Opened
from rooftree.web.people.chart import balance_picture
from rooftree.web.people.presenting import alerts_of
from tests.web.conftest import AS_OF, People, signed_in

READERS = [role for role in ROLES.values() if role.purposes]


def test_every_purpose_of_a_role_is_in_the_catalogue_and_may_look_at_one_person(data: Opened):
    for role in ROLES.values():
        for purpose in role.purposes:
            assert data.catalogue.purposes[purpose].selects, f"{role.key}: {purpose}"
        assert role.sees_names == bool(role.purposes), role.key


@pytest.mark.parametrize("role", READERS, ids=lambda role: role.key)
def test_no_role_sees_an_answer_for_equality_monitoring(data: Opened, role):
    equality = {key for key, each in data.catalogue.attributes.items() if each.equality_monitoring}
    assert len(equality) > 5
    held = 0
    with data.engine() as engine:
        people = [row[0] for row in engine.rows("SELECT person_id FROM identity.person ORDER BY 1")]
        for attribute in equality:
            held += engine.value(
                "SELECT count(*) FROM profile.value WHERE attribute = ?", [attribute]
            )
    assert held > 20, "the made-up landlord holds such answers, or this test says nothing"
    for person in people:
        record = show(data.lookup, person, purpose=role.purposes, catalogue=data.catalogue)
        shown = {value["attribute"] for value in record.values}
        shown |= {value["attribute"] for tenancy in record.tenancies for value in tenancy["values"]}
        assert not shown & equality


@pytest.mark.parametrize("role", READERS, ids=lambda role: role.key)
def test_a_field_is_shown_exactly_where_a_purpose_of_the_role_may_select_it(data: Opened, role):
    with data.engine() as engine:
        rows = engine.rows(
            "SELECT DISTINCT subject_id FROM profile.value WHERE grain = 'person' ORDER BY 1 LIMIT 60"
        )
    people = [row[0] for row in rows]
    for person in people:
        held = {value["attribute"] for value in data.lookup.document(person)["held"] or ()}
        record = show(data.lookup, person, purpose=role.purposes, catalogue=data.catalogue)
        expected = {
            key
            for key in held
            if not data.catalogue.attributes[key].equality_monitoring
            and set(data.catalogue.attributes[key].select_for) & set(role.purposes)
        }
        assert {value["attribute"] for value in record.values} == expected


def test_a_search_keeps_to_the_patches_whatever_is_typed(data: Opened):
    groups = data.lookup.groups()
    assert len(groups) > 1
    everybody = {
        hit.id
        for text in ("a", "b", "jo", "sm", "ip", "07")
        for hit in data.lookup.search(text, limit=500)
    }
    for group in groups:
        for text in ("a", "b", "jo", "sm", "ip", "07", "jonse", *sorted(everybody)[:20]):
            found = {hit.id for hit in data.lookup.search(text, limit=500, within=[group])}
            all_found = {hit.id for hit in data.lookup.search(text, limit=5000)}
            inside = {each for each in all_found if data.lookup.is_within(each, [group])}
            assert found >= inside or len(found) == 500
            assert all(data.lookup.is_within(each, [group]) for each in found)
    assert data.lookup.search("a", within=[]) == []


def test_who_left_stays_with_the_patch_of_the_last_home(data: Opened):
    with data.engine() as engine:
        rows = engine.rows(
            """SELECT person_id, list(DISTINCT h.patch) FROM identity.member m
            JOIN identity.tenancy t USING (tenancy_id) JOIN identity.home h ON h.home_id = t.home_id
            WHERE h.patch IS NOT NULL GROUP BY 1 HAVING NOT bool_or(m.is_current) LIMIT 20"""
        )
    assert rows
    for person, patches in rows:
        assert data.lookup.is_within(person, patches)


def test_a_role_that_may_look_at_anybody_says_why_first(staff: Callable[..., User], people: People):
    client = signed_in(staff("data_protection_officer"))
    where = reverse("person", kwargs={"person_id": people.elsewhere})
    ask = reverse("person_reason", kwargs={"person_id": people.elsewhere})
    response = client.get(where)
    assert response["Location"] == ask
    assert people.mine_name not in client.get(ask).content.decode()
    assert client.post(ask, {}).status_code == 422
    assert client.post(ask, {"reason": "curiosity"}).status_code == 422
    assert client.post(ask, {"reason": "subject_access"})["Location"] == where
    assert client.get(where).status_code == 200
    viewed = Event.objects.filter(action=Action.RECORD_VIEWED).get()
    assert viewed.reason == "subject_access"
    other = reverse("person", kwargs={"person_id": people.mine})
    assert client.get(other).status_code == 302


def test_a_reason_runs_out(
    staff: Callable[..., User], people: People, monkeypatch: pytest.MonkeyPatch
):
    client = signed_in(staff("data_steward"))
    ask = reverse("person_reason", kwargs={"person_id": people.mine})
    client.post(ask, {"reason": "data_quality"})
    import rooftree.web.people.access as access

    later = access.time.time() + access.REASON_SECONDS + 1
    monkeypatch.setattr(access.time, "time", lambda: later)
    assert client.get(reverse("person", kwargs={"person_id": people.mine}))["Location"] == ask


def test_reasons_fit_their_column():
    assert all(len(reason) <= Event._meta.get_field("reason").max_length for reason in REASONS)


@pytest.mark.parametrize("person", ["P000000000000", "nobody", "T102b164509de"])
def test_who_is_not_there_answers_like_who_is_elsewhere(
    staff: Callable[..., User], people: People, person: str
):
    client = signed_in(staff())
    there = client.get(reverse("person", kwargs={"person_id": people.elsewhere}))
    nowhere = client.get(reverse("person", kwargs={"person_id": person}))
    assert there.status_code == nowhere.status_code == 404
    token = re.compile(rb'name="csrfmiddlewaretoken" value="\w+"')
    assert token.sub(b"", there.content) == token.sub(b"", nowhere.content)


def test_an_engagement_officer_sees_no_rent_account(staff: Callable[..., User], people: People):
    client = signed_in(staff("engagement_officer"))
    client.post(
        reverse("person_reason", kwargs={"person_id": people.mine}), {"reason": "invitation"}
    )
    page = client.get(reverse("person", kwargs={"person_id": people.mine})).content.decode()
    assert "Rent account" not in page
    assert (
        client.get(reverse("person_account", kwargs={"person_id": people.mine})).status_code == 404
    )


def test_titles_and_addresses_hold_no_name(staff: Callable[..., User], people: People):
    client = signed_in(staff())
    for part in ("person", "person_profile", "person_events"):
        page = client.get(reverse(part, kwargs={"person_id": people.mine})).content.decode()
        title = page.split("<title>")[1].split("</title>")[0]
        assert people.mine_name not in title


@pytest.mark.parametrize(
    "query",
    [
        "?kind=nonsense",
        "?since=x",
        "?page=-1",
        "?page=99999999999999999999",
        "?page=a",
        "?kind=repair&since=all&page=2",
    ],
)
def test_a_timeline_bears_any_filter(staff: Callable[..., User], people: People, query: str):
    client = signed_in(staff())
    assert (
        client.get(reverse("person_events", kwargs={"person_id": people.mine}) + query).status_code
        == 200
    )


@pytest.mark.parametrize(
    "text", ["", " ", "a", "x" * 121, "%_'\"; DROP", "\x00\x00ab", "🦊🦊", "é" * 120]
)
def test_the_search_bears_anything(staff: Callable[..., User], data: Opened, text: str):
    response = signed_in(staff()).post(reverse("people"), {"text": text}, follow=True)
    assert response.status_code in (200, 422)


def test_events_of_each_kind_follow_the_catalogue(data: Opened):
    for kind, feature in KINDS.items():
        assert feature in data.catalogue.features, kind
    for attribute in STRICTER.values():
        assert attribute in data.catalogue.attributes
    assert "asb" not in kinds_for(data.catalogue, ROLES["income_officer"].purposes)
    assert "asb" in kinds_for(data.catalogue, ROLES["housing_officer"].purposes)
    assert kinds_for(data.catalogue, ()) == ()


def test_the_account_by_week_ends_at_the_balance_that_the_features_say(data: Opened):
    with data.engine() as engine:
        tenancies = engine.rows(
            """SELECT tenancy_id, rent_balance_pence, rent_balance_26w_ago_pence FROM features.tenancy_payment
            WHERE balance_basis = 'ledger' ORDER BY 1 LIMIT 40"""
        )
        assert len(tenancies) > 20
        for tenancy, balance, before in tenancies:
            found = weeks(engine, tenancy, as_of=AS_OF)
            assert len(found) == 52
            assert found[-1].balance == balance
            assert found[-1].ends_on == AS_OF
            assert found[-27].balance == before


def test_a_picture_holds_every_week_and_keeps_inside_its_frame(data: Opened):
    with data.engine() as engine:
        tenancy = engine.value(
            "SELECT tenancy_id FROM features.tenancy_payment WHERE balance_basis = 'ledger' ORDER BY 1"
        )
        picture = balance_picture(weeks(engine, tenancy, as_of=AS_OF))
    points = [tuple(map(float, point.split(","))) for point in picture.line.split()]
    assert len(points) == 52
    assert all(0 <= x <= picture.width and 0 <= y <= picture.height for x, y in points)


def test_alerts_that_count_today_critical_ones_first(data: Opened):
    def alert(code: str, started: str | None, ended: str | None = None, review: str | None = None):
        return {
            "kind": "alert",
            "code": code,
            "started_on": started,
            "ended_on": ended,
            "review_on": review,
        }

    found = alerts_of(
        [
            alert("MED5.02", "2025-01-01", review="2026-12-01"),
            alert("RISK2.04", "2025-01-01", review="2026-01-01"),
            alert("RISK2.05", "2020-01-01", ended="2021-01-01"),
            alert("RISK2.03", "2027-01-01"),
            alert("GONE.99", None),
        ],
        data.catalogue,
        today=dt.date(2026, 3, 31),
    )
    assert [(each.label, each.is_critical, each.is_overdue) for each in found] == [
        ("History of Violence", True, True),
        ("Diabetes (Type 2)", False, False),
        ("GONE.99", False, False),
    ]
