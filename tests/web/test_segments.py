"""Segments in the browser: what each role is shown of them, and what it is not."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable

import pytest
from django.urls import reverse

from rooftree.catalogue import load_policies
from rooftree.pipeline.segments import counted, members
from rooftree.pipeline.sizes import chain, parted
from rooftree.segments.attrition import Attrition, Step
from rooftree.segments.nodes import IsTrue, Name
from rooftree.web.accounts.models import User
from rooftree.web.audit.models import Event
from rooftree.web.landlords.opened import Opened
from rooftree.web.segments import queries
from rooftree.web.segments.asked import asking
from tests.web.conftest import People, signed_in

POLICY = load_policies()["rooftree"]


def text_of(response: object) -> str:
    """The page without its tags."""
    page = re.sub(r"<[^>]+>", " ", response.content.decode())  # type: ignore[attr-defined]
    return re.sub(r"\s+", " ", page)


def test_the_list_has_every_segment_with_its_size(staff: Callable[..., User], data: Opened):
    page = text_of(signed_in(staff("insight_analyst")).get(reverse("segments")))
    with asking(data) as asked:
        for segment in asked.segments:
            assert segment.definition.label in page
        n = counted(asked, asked.segments["pays_regularly"]).n_in.text
    assert f"{n} tenancies" in page


def test_a_board_reader_gets_no_small_number_from_the_list(
    staff: Callable[..., User], data: Opened
):
    reader = staff("board_reader")
    with asking(data) as asked:
        small = {
            one.key
            for one in asked.segments
            if 0 < len(members(asked, one, purpose=one.definition.purpose).ids) < 5
        }
        rows = {row.key: row for row in queries.rows(asked, reader, today=data.as_of)}
    assert small
    assert all(rows[key].size.value is None for key in small)


def test_a_review_that_is_due_is_told(staff: Callable[..., User], data: Opened):
    analyst = staff("insight_analyst")
    with asking(data) as asked:
        later = max(one.definition.next_review_on for one in asked.segments)
        assert not any(row.is_overdue for row in queries.rows(asked, analyst, today=data.as_of))
        late = queries.rows(asked, analyst, today=later.replace(year=later.year + 1))
    assert all(row.is_overdue for row in late)


def test_one_segment_says_what_it_means_and_who_answers_for_it(
    staff: Callable[..., User], data: Opened
):
    definition = data.catalogue.segments["pays_regularly"]
    page = text_of(
        signed_in(staff("insight_analyst")).get(reverse("segment", args=["pays_regularly"]))
    )
    for said in (definition.label, definition.why, definition.owner, definition.checked_by):
        assert said in page


def test_a_segment_that_is_not_there_is_not_found(staff: Callable[..., User], data: Opened):
    assert signed_in(staff()).get(reverse("segment", args=["nothing"])).status_code == 404


def test_an_officer_sees_the_members_of_their_patches_only(
    staff: Callable[..., User], data: Opened
):
    officer = staff("income_officer")
    page = signed_in(officer).get(reverse("segment_members", args=["pays_regularly"]))
    with asking(data) as asked:
        rows = asked.engine.rows(
            "SELECT tenancy_id, lead_person_id, patch FROM segments.tenancy WHERE is_current"
        )
        inside = set(
            members(asked, asked.segments["pays_regularly"], purpose="income_collection").ids
        )
    shown = page.content.decode()
    elsewhere = [row[1] for row in rows if row[0] in inside and row[2] != officer.patch_codes[0]]
    mine = [row[1] for row in rows if row[0] in inside and row[2] == officer.patch_codes[0]]
    assert elsewhere
    assert not any(person in shown for person in elsewhere if person not in mine)
    assert any(person in shown for person in mine)
    log = Event.objects.filter(actor_id=officer.pk, action="people_found").first()
    assert log is not None
    assert log.detail["segment"] == "pays_regularly"
    assert set(log.subjects) <= set(mine)


def test_members_are_listed_for_the_purpose_of_the_segment_only(
    staff: Callable[..., User], data: Opened
):
    where = reverse("segment_members", args=["pays_regularly"])
    assert signed_in(staff("housing_officer")).get(where).status_code == 403
    assert signed_in(staff("insight_analyst")).get(where).status_code == 403


def test_why_one_is_in_names_each_condition(staff: Callable[..., User], people: People):
    officer = signed_in(staff("housing_officer"))
    page = officer.get(
        reverse("segment_why", kwargs={"segment": "need_not_asked", "person_id": people.mine})
    )
    assert page.status_code == 200
    assert "Condition by condition" in page.content.decode()
    away = officer.get(
        reverse("segment_why", kwargs={"segment": "need_not_asked", "person_id": people.elsewhere})
    )
    assert away.status_code == 404


def test_the_number_of_a_customer_is_asked_in_words(staff: Callable[..., User], data: Opened):
    client = signed_in(staff())
    where = reverse("segment", args=["need_not_asked"])
    response = client.post(where, {"person_id": "Jones"})
    assert response.status_code == 422
    assert "Enter a number such as P102b164509de" in response.content.decode()
    assert client.post(where, {"person_id": " P000000000000 "}).status_code == 302


def test_too_small_a_group_has_no_picture_and_says_why(staff: Callable[..., User], data: Opened):
    page = text_of(
        signed_in(staff("board_reader")).get(
            reverse("segment_persona", kwargs={"segment": "digitally_excluded", "kind": "pdf"})
        )
    )
    assert "fewer than 50 members" in page


# --- numbers that add up -------------------------------------------------------------------------


def _step(kept: int, dropped: int, unknown: int) -> Step:
    return Step("x", IsTrue(Name("x")), kept, dropped, unknown, dropped + unknown)


@pytest.mark.parametrize(
    ("n_base", "steps"),
    [
        (100, [(97, 3, 0), (40, 50, 7)]),
        (100, [(60, 40, 0), (2, 58, 0)]),
        (100, [(60, 38, 2), (30, 30, 0), (29, 1, 0)]),
        (500, [(499, 1, 0), (498, 1, 0), (100, 300, 98)]),
    ],
)
def test_what_a_rule_drops_cannot_be_worked_out_where_it_is_few(
    n_base: int, steps: list[tuple[int, int, int]]
):
    found = Attrition(n_base, steps[-1][0], tuple(_step(*each) for each in steps))
    told = chain(found, POLICY)
    is_before_shown = True
    for (kept, dropped, unknown), figures in zip(steps, told, strict=True):
        parts = [(kept, figures[0]), (dropped, figures[1]), (unknown, figures[2])]
        hidden = [figure for _, figure in parts if figure.value is None]
        for true, figure in parts:
            if 0 < true < 5:
                assert figure.value is None
        assert not (is_before_shown and len(hidden) == 1), "one hidden number is the rest"
        assert figures[3].value is None
        is_before_shown = figures[0].value is not None


def test_exact_numbers_are_exact():
    found = Attrition(100, 2, (_step(97, 3, 0), _step(2, 90, 5)))
    exact = dataclasses.replace(POLICY, exact=True)
    assert [[each.value for each in row] for row in chain(found, exact)] == [
        [97, 3, 0, 3],
        [2, 90, 5, 95],
    ]


def test_the_parts_of_a_base_are_protected_together():
    sizes = parted(100, 60, 2, POLICY)
    assert sizes.n_unknown.value is None
    assert sizes.n_in.value is None or sizes.known.value is None
    assert parted(100, 60, 20, POLICY).known.text == "75.0%"


def test_a_change_of_a_few_is_not_told_under_a_policy():
    exact = dataclasses.replace(POLICY, exact=True)
    assert queries.told_change(100, 102, POLICY) == "Little or no change"
    assert queries.told_change(100, 140, POLICY) == "40 more"
    assert queries.told_change(100, 98, exact) == "2 fewer"
