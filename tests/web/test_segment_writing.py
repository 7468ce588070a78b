"""Writing a segment in the browser: text and builder are one definition, and a second person decides."""

from __future__ import annotations

import itertools
import re
import shutil
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from rooftree.catalogue.load import load as load_catalogue
from rooftree.segments.definition import load_segments
from rooftree.vocabulary.errors import PolicyDenied, UserError
from rooftree.web.accounts.models import User
from rooftree.web.audit.models import Event
from rooftree.web.landlords import opened as opening
from rooftree.web.landlords.models import Landlord
from rooftree.web.landlords.opened import Opened, opened
from rooftree.web.segments import services
from rooftree.web.segments.asked import asking
from rooftree.web.segments.models import MOVES, Proposal, State
from tests.web.conftest import make_user, signed_in

ABOUT = {
    "label": "Older people without internet", "key": "older_without_internet", "topic": "communication",
    "unit": "person", "base": "customers", "purpose": "communication", "why": "A letter reaches them.",
    "action": "Write to them.", "owner": "Digital inclusion officer",
}  # fmt: skip
RULE = "internet_access = none"


@pytest.fixture
def ours(db: None, demo: Path, tmp_path: Path) -> Landlord:
    """A copy of the made-up landlord: what is approved is written into its definitions."""
    shutil.copytree(demo, tmp_path / "landlord")
    opening._open.clear()  # of the test before: another folder, with the same ids
    return Landlord.objects.create(name="Ours", workspace=str(tmp_path / "landlord"))


@pytest.fixture
def mine(ours: Landlord) -> Opened:
    """Its snapshot, open."""
    return opened(ours)


@pytest.fixture
def analyst(ours: Landlord) -> User:
    """Who writes."""
    return make_user(ours, "insight_analyst")


@pytest.fixture
def officer(ours: Landlord) -> User:
    """Who approves."""
    return make_user(ours, "data_protection_officer")


@pytest.fixture
def draft(analyst: User) -> Proposal:
    """A draft with one condition."""
    return services.start(by=analyst, given=ABOUT, rule=RULE)


def page_of(client: Client, draft: Proposal, query: str = "") -> str:
    """The page of a proposal, without its tags."""
    response = client.get(reverse("proposal", kwargs={"pk": draft.pk}) + query)
    assert response.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def send(client: Client, draft: Proposal, **given: str) -> object:
    """Press a button of the page, with the text as it stands unless another is given."""
    draft.refresh_from_db()
    return client.post(reverse("proposal", kwargs={"pk": draft.pk}), {"rule": draft.rule, **given})


def test_a_segment_begins_with_what_it_is_for(analyst: User, mine: Opened):
    given = {key: value for key, value in ABOUT.items() if key not in ("unit", "base")}
    client = signed_in(analyst)
    response = client.post(reverse("segment_new"), given | {"whom": "person.customers"})
    made = Proposal.objects.get()
    assert response["Location"] == reverse("proposal", kwargs={"pk": made.pk})
    assert (made.state, made.unit, made.base, made.rule) == ("draft", "person", "customers", "")
    again = client.post(reverse("segment_new"), given | {"whom": "person.customers"})
    assert again.status_code == 422
    assert "Somebody is writing the segment" in again.content.decode()


def test_a_new_version_begins_with_the_rule_of_now(analyst: User, mine: Opened):
    client = signed_in(analyst)
    where = reverse("segment_new") + "?from=no_bank_account"
    assert "No bank account" in client.get(where).content.decode()
    one = mine.catalogue.segments["no_bank_account"]
    client.post(where, {
        "label": one.label, "key": one.key, "whom": f"{one.unit.value}.{one.base}", "purpose": one.purpose,
        "topic": one.topic, "why": one.why, "owner": one.owner,
    })  # fmt: skip
    made = Proposal.objects.get()
    assert made.rule == made.before == one.rule.strip()
    assert "It means the same as before" in page_of(client, made)


def test_a_field_is_found_chosen_and_added(analyst: User, draft: Proposal, mine: Opened):
    client = signed_in(analyst)
    response = send(client, draft, do="find", find="confidence")
    assert "digital_confidence" in client.get(response["Location"]).content.decode()  # type: ignore[index]
    page = page_of(client, draft, "?about=digital_confidence")
    assert "Does not go online" in page
    send(client, draft, do="add", about="digital_confidence", **{
        "c-how": "in", "c-values": "does_not_go_online",
    })  # fmt: skip
    draft.refresh_from_db()
    assert draft.rule == "internet_access = none\nand digital_confidence = does_not_go_online"


@pytest.mark.parametrize(
    ("about", "given", "text"),
    [
        ("contacts_in_12m", {"c-how": ">=", "c-value": "6"}, "contacts_in_12m >= 6"),
        ("main_language", {"c-how": "known"}, "main_language is answered"),
        (
            "event:contact",
            {"c-how": "no", "c-last": "12", "c-unit": "months"},
            "no contact in the last 12 months",
        ),
        ("event:contact", {"c-how": ">=", "c-n": "3", "c-unit": "months"}, "at least 3 contacts"),
        ("segment:hard_to_reach", {"c-how": "out"}, "not in segment hard_to_reach"),
        ("devices", {"c-how": "any", "c-values": "none"}, "devices includes any of (none)"),
    ],
)
def test_each_kind_of_condition_becomes_text(
    analyst: User, draft: Proposal, mine: Opened, about: str, given: dict[str, str], text: str
):
    response = send(signed_in(analyst), draft, do="add", about=about, **given)
    draft.refresh_from_db()
    assert draft.rule == f"{RULE}\nand {text}", response.content[:0]  # type: ignore[attr-defined]


def test_conditions_with_or_keep_their_brackets(analyst: User, draft: Proposal, mine: Opened):
    client = signed_in(analyst)
    services.save_rule(
        draft,
        "(digital_confidence = does_not_go_online or devices includes any of (none)) and internet_access = none",
        by=analyst,
    )
    send(client, draft, do="add", about="main_language", **{"c-how": "known"})
    draft.refresh_from_db()
    assert draft.rule.splitlines() == [
        "(digital_confidence = does_not_go_online or devices includes any of (none))",
        "and internet_access = none",
        "and main_language is answered",
    ]  # fmt: skip
    send(client, draft, do="remove:1")
    draft.refresh_from_db()
    assert draft.rule.splitlines() == [
        "(digital_confidence = does_not_go_online or devices includes any of (none))",
        "and main_language is answered",
    ]


def test_a_condition_without_a_value_is_asked_again(analyst: User, draft: Proposal, mine: Opened):
    response = send(signed_in(analyst), draft, do="add", about="contacts_in_12m", **{"c-how": ">="})
    assert response.status_code == 422  # type: ignore[attr-defined]
    assert "Enter what to compare with" in response.content.decode()  # type: ignore[attr-defined]


def test_every_problem_stands_at_its_place_with_the_remedy_and_nothing_is_lost(
    analyst: User, draft: Proposal, mine: Opened
):
    client = signed_in(analyst)
    wrong = "internet_acces = none\nand age > old"
    send(client, draft, do="save", rule=wrong)
    draft.refresh_from_db()
    assert draft.rule == wrong
    page = page_of(client, draft)
    assert "Line 1, character 1" in page
    assert "internet_access" in page
    assert "Line 2, character" in page
    send(client, draft, do="propose")
    draft.refresh_from_db()
    assert draft.state == State.DRAFT


def test_the_check_answers_while_it_is_typed_and_keeps_nothing(
    analyst: User, draft: Proposal, mine: Opened
):
    response = signed_in(analyst).post(
        reverse("proposal_check", kwargs={"pk": draft.pk}), {"rule": "contacts_in_12m >= 1"}
    )
    with mine.engine() as engine:
        n = engine.value(
            "SELECT count(*) FROM segments.person WHERE is_customer AND contacts_in_12m >= 1"
        )
    assert f"<strong>{n}</strong>" in response.content.decode()
    draft.refresh_from_db()
    assert draft.rule == RULE


def test_approval_writes_what_the_next_run_uses(
    analyst: User, officer: User, draft: Proposal, mine: Opened
):
    send(signed_in(analyst), draft, do="propose")
    send(signed_in(officer), draft, do="approve")
    draft.refresh_from_db()
    assert draft.state == State.APPROVED
    assert draft.decided_by_id == officer.pk
    found = load_segments(load_catalogue(mine.workspace.definitions))
    segment = found[ABOUT["key"]]
    assert segment.definition.rule.strip() == RULE
    assert segment.definition.owner == ABOUT["owner"]
    assert officer.name in segment.definition.checked_by
    assert [event.action for event in Event.objects.order_by("seq") if event.action != "signed_in"] == [
        "segment_written", "segment_proposed", "segment_approved",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "why",
    ['He said "so"', "A back\\slash", 'Three """ quotes', "Line\nbreak", "[[example]]", "é — ✓"],
)
def test_any_words_come_back_from_the_file_as_they_were(
    analyst: User, officer: User, mine: Opened, why: str
):
    made = services.start(by=analyst, given=ABOUT | {"why": why, "action": why}, rule=RULE)
    with asking(mine) as asked:
        services.propose(made, by=analyst, asked=asked)
        services.approve(made, by=officer, asked=asked, data=mine)
    one = load_catalogue(mine.workspace.definitions).segments[ABOUT["key"]]
    assert one.why.strip() == why
    assert one.action.strip() == why


def test_who_wrote_it_does_not_approve_it(
    analyst: User, officer: User, draft: Proposal, mine: Opened
):
    with asking(mine) as asked:
        services.propose(draft, by=analyst, asked=asked)
        with pytest.raises(PolicyDenied):
            services.approve(draft, by=analyst, asked=asked, data=mine)
        Proposal.objects.filter(pk=draft.pk).update(written_by=officer)
        draft.refresh_from_db()
        with pytest.raises(PolicyDenied, match="second person"):
            services.approve(draft, by=officer, asked=asked, data=mine)
    assert not (mine.workspace.definitions / "segments" / f"{draft.key}.toml").exists()


def test_sent_back_it_says_why_and_is_a_draft_again(
    analyst: User, officer: User, draft: Proposal, mine: Opened
):
    send(signed_in(analyst), draft, do="propose")
    assert send(signed_in(officer), draft, do="send_back", comment="").status_code == 422  # type: ignore[attr-defined]
    send(signed_in(officer), draft, do="send_back", comment="Say which internet")
    draft.refresh_from_db()
    assert draft.state == State.DRAFT
    assert "Say which internet" in page_of(signed_in(analyst), draft)


def test_retired_its_definition_is_gone(
    analyst: User, officer: User, draft: Proposal, mine: Opened
):
    with asking(mine) as asked:
        services.propose(draft, by=analyst, asked=asked)
        services.approve(draft, by=officer, asked=asked, data=mine)
    send(signed_in(officer), draft, do="retire", comment="Not used")
    draft.refresh_from_db()
    assert draft.state == State.RETIRED
    assert draft.key not in load_catalogue(mine.workspace.definitions).segments


def test_a_state_moves_only_where_it_may(
    analyst: User, officer: User, draft: Proposal, mine: Opened
):
    acts = {
        State.PROPOSED: lambda asked: services.propose(draft, by=analyst, asked=asked),
        State.APPROVED: lambda asked: services.approve(draft, by=officer, asked=asked, data=mine),
        State.DISCARDED: lambda asked: services.discard(draft, by=analyst),
        State.RETIRED: lambda asked: services.retire(draft, by=officer, data=mine, comment="x"),
        State.DRAFT: lambda asked: services.send_back(draft, by=officer, comment="x"),
    }
    with asking(mine) as asked:
        for state, to in itertools.product(State, State):
            if to in MOVES[state]:
                continue
            Proposal.objects.filter(pk=draft.pk).update(state=state)
            draft.refresh_from_db()
            with pytest.raises(UserError):
                acts[to](asked)
            draft.refresh_from_db()
            assert draft.state == state


def test_buttons_that_are_not_of_the_role_are_refused(
    analyst: User, officer: User, draft: Proposal, mine: Opened
):
    assert send(signed_in(analyst), draft, do="approve").status_code == 403  # type: ignore[attr-defined]
    assert send(signed_in(officer), draft, do="save").status_code == 403  # type: ignore[attr-defined]


@pytest.mark.parametrize("do", ["remove:99", "remove:x", "add", "nonsense", ""])
def test_any_button_has_an_answer(analyst: User, draft: Proposal, mine: Opened, do: str):
    response = send(signed_in(analyst), draft, do=do, about="\x00nothing")
    assert response.status_code in (200, 302, 422)  # type: ignore[attr-defined]
    draft.refresh_from_db()
    assert draft.rule == RULE
