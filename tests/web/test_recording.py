"""Recording: an answer is there at once, a refusal is an outcome, a mistake is taken back, nobody is overwritten."""

from __future__ import annotations

import datetime as dt
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from rooftree.pipeline.run import run
from rooftree.storage.register import Register
from rooftree.storage.workspace import Workspace
from rooftree.vocabulary.errors import MachineError, PolicyDenied
from rooftree.vocabulary.progress import NoProgress
from rooftree.web.accounts.models import User
from rooftree.web.audit.models import Action, Event
from rooftree.web.audit.services import verify
from rooftree.web.landlords import told
from rooftree.web.landlords.models import Landlord
from rooftree.web.landlords.opened import Opened, opened
from rooftree.web.people.access import Looking
from rooftree.web.recording import services
from tests.web.conftest import AS_OF, People, signed_in


@pytest.fixture(scope="session")
def copy(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the made-up landlord, whose register may be written to."""
    directory = tmp_path_factory.mktemp("recording") / "landlord"
    shutil.copytree(demo, directory)
    return directory


@pytest.fixture
def landlord(db: None, copy: Path) -> Iterator[Landlord]:
    """The landlord of these tests: nothing is recorded when a test begins."""
    for each in (copy / ".rooftree").glob("register.db*"):
        each.unlink()
    yield Landlord.objects.create(name="Harrowmere", workspace=str(copy))
    for each in (copy / ".rooftree").glob("register.db*"):
        each.unlink()


@pytest.fixture
def officer(staff: Callable[..., User]) -> User:
    return staff("housing_officer")


@pytest.fixture
def client(officer: User) -> Client:
    return signed_in(officer)


def ask(people: People, attribute: str, tenancy: str = "") -> str:
    return f"/people/{people.mine}/ask/{attribute}/{tenancy + '/' if tenancy else ''}"


def filled(page: str) -> dict[str, str]:
    """The hidden fields of a form as they came."""
    return dict(re.findall(r'<input type="hidden" name="(entry|seen|sure)" value="([^"]*)"', page))


def send(client: Client, address: str, **typed: Any):
    """Open the question, type, send."""
    opened = client.get(address)
    assert opened.status_code == 200
    return client.post(address, filled(opened.content.decode()) | {"method": "telephone"} | typed)


def value_of(user: User, people: People, data: Opened, attribute: str) -> dict[str, Any] | None:
    record = Looking(user, people.mine, data).record
    return next((each for each in record.values if each["attribute"] == attribute), None)


def tenancy_of(user: User, people: People, data: Opened) -> dict[str, Any]:
    tenancies = Looking(user, people.mine, data).record.tenancies
    return next(each for each in tenancies if each["is_current"] and each["household_id"])


def kept(copy: Path) -> list[dict[str, Any]]:
    with Register.open(Workspace.open(copy).register) as register:
        return register.answers().to_pylist()


TYPES: list[tuple[str, dict[str, Any], str]] = [
    ("main_language", {"text": "polish", "end": "~answer"}, "polish"),  # one code of a long list
    ("title", {"text": "mx"}, "mx"),  # one code of a short list
    ("reasonable_adjustments", {
        "codes": ["more_time", "two_staff"], "review_day": "1", "review_month": "9", "review_year": "2026",
    }, "more_time;two_staff"),
    ("preferred_name", {"text": "Sam Test", "end": "~answer"}, "Sam Test"),
    ("cannot_share_bedroom", {"text": "true"}, "true"),
    ("pregnancy_due_on", {"day": "1", "month": "8", "year": "2026", "end": "~answer"}, "2026-08-01"),
]  # fmt: skip


@pytest.mark.parametrize(("attribute", "typed", "value"), TYPES, ids=[each[0] for each in TYPES])
def test_an_answer_of_each_type_stands_at_once(
    officer: User, client: Client, people: People, data: Opened, attribute: str, typed: dict[str, Any],
    value: str,
):  # fmt: skip
    response = send(client, ask(people, attribute), **typed)
    assert response.status_code == 302, re.findall(
        r"error-message.*?</p>", response.content.decode()
    )
    now = value_of(officer, people, data, attribute)
    assert now is not None
    assert (now["state"], now["value"], now["system"]) == ("answered", value, "register")
    assert now["recorded_on"] == AS_OF.isoformat()
    assert now["method"] == "telephone"


@pytest.mark.parametrize(
    ("attribute", "typed", "value"),
    [
        ("household_size", {"text": "4", "end": "~answer", "sure": "*"}, "4"),
        ("pets", {"codes": ["cat", "dog"]}, "cat;dog"),
        ("household_pregnancy", {"text": "no"}, "no"),
        ("access_needs", {"codes": ["none"]}, "none"),
    ],
)
def test_an_answer_about_the_household_stands_for_everybody_in_it(
    officer: User, client: Client, people: People, data: Opened, attribute: str, typed: dict[str, Any],
    value: str,
):  # fmt: skip
    tenancy = tenancy_of(officer, people, data)
    address = ask(people, attribute, tenancy["tenancy_id"])
    response = send(client, address, **typed)
    if response.status_code == 422:  # doubted: say yes
        page = response.content.decode()
        response = client.post(
            address, filled(page) | {"method": "telephone"} | typed | {"sure": filled(page)["sure"]}
        )
    assert response.status_code == 302
    for member in tenancy["members"]:
        if member["is_current"] and member["lives_there"]:
            record = Looking(officer, member["person_id"], data).record
            now = next(
                each for each in record.tenancies if each["tenancy_id"] == tenancy["tenancy_id"]
            )
            held = {each["attribute"]: each for each in now["values"]}
            assert held[attribute]["value"] == value
            assert held[attribute]["system"] == "register"


def test_money_of_a_household_is_typed_in_pounds(
    staff: Callable[..., User], people: People, data: Opened, copy: Path
):
    user = staff("income_officer")
    tenancy = tenancy_of(user, people, data)
    address = ask(people, "household_income", tenancy["tenancy_id"])
    response = send(signed_in(user), address, text="£310.50", end="~answer")
    if response.status_code == 422:
        page = response.content.decode()
        response = signed_in(user).post(
            address, filled(page) | {"method": "telephone", "text": "£310.50", "end": "~answer"}
        )
    assert response.status_code == 302
    assert [each["value"] for each in kept(copy)] == ["31050"]


@pytest.mark.parametrize(
    ("attribute", "typed", "state"),
    [
        ("title", {"text": "~refused"}, "refused"),
        ("email", {"end": "~not_applicable", "text": ""}, "not_applicable"),
        ("support_needs", {"codes": ["~dont_know"]}, "dont_know"),
        ("pregnancy_due_on", {"end": "~not_applicable"}, "not_applicable"),
    ],
)
def test_a_refusal_and_its_like_are_outcomes(
    staff: Callable[..., User],
    people: People,
    copy: Path,
    attribute: str,
    typed: dict[str, Any],
    state: str,
):
    response = send(signed_in(staff("support_officer")), ask(people, attribute), **typed)
    assert response.status_code == 302
    assert [(each["state"], each["value"]) for each in kept(copy)] == [(state, None)]


def test_preferring_not_to_say_stands_on_every_question_page(
    staff: Callable[..., User], people: People, data: Opened
):
    user = staff("support_officer")
    client = signed_in(user)
    listed = client.get(f"/people/{people.mine}/ask/").content.decode()
    addresses = sorted(set(re.findall(rf'href="(/people/{people.mine}/ask/[^"]+/)"', listed)))
    assert len(addresses) > 60
    observed = {"person_alerts", "safeguarding_concern", "evacuation_plan"}
    for address in addresses:
        response = client.get(address)
        assert response.status_code == 200, address
        if address.split("/")[4] not in observed:
            assert 'value="~refused"' in response.content.decode(), address


KEPT_OF_A_VALUE = (
    "state", "value", "system", "recorded_on", "is_stale", "in_conflict", "why", "n_statements",
)  # fmt: skip


def told_now(user: User, people: People) -> dict[str, Any]:
    """Everything that a record shows now of the person, their household and home."""
    record = Looking(user, people.mine, opened(user.landlord)).record
    held = [*record.values, *(value for each in record.tenancies for value in each["values"])]
    return {each["attribute"]: {key: each[key] for key in KEPT_OF_A_VALUE} for each in held}


@pytest.fixture
def own_copy(demo: Path, tmp_path: Path, landlord: Landlord) -> Path:
    """A copy for one test, which runs it again."""
    directory = tmp_path / "landlord"
    shutil.copytree(demo, directory)
    landlord.workspace = str(directory)
    landlord.save()
    return directory


def test_what_a_run_would_say_is_what_the_page_says(
    own_copy: Path, staff: Callable[..., User], people: People
):
    """The page resolves as the run does: a run over the same register changes nothing on it."""
    user = staff("support_officer")
    client = signed_in(user)
    tenancy = tenancy_of(user, people, opened(user.landlord))["tenancy_id"]
    before = told_now(user, people)
    review = {"review_day": "1", "review_month": "9", "review_year": "2026"}
    for attribute, typed, where in (
        ("mobile", {"text": "07700 900456", "end": "~answer"}, ""),
        ("preferred_name", {"end": "~refused"}, ""),
        ("support_needs", {"codes": ["none"]} | review, ""),
        ("vulnerability", {"codes": ["bereaved"]} | review, ""),
        ("date_of_birth", {"day": "3", "month": "5", "year": "1961", "end": "~answer"}, ""),
        ("household_size", {"text": "5", "end": "~answer"}, tenancy),
        ("pets", {"codes": ["~refused"]}, tenancy),
    ):
        response = send(client, ask(people, attribute, where), **typed)
        if response.status_code == 422:  # doubted: say yes
            sure = filled(response.content.decode())
            response = client.post(
                ask(people, attribute, where), sure | {"method": "telephone"} | typed
            )
        assert response.status_code == 302, attribute
    assert send(client, f"/people/{people.mine}/object/", what=["email"]).status_code == 302
    recorded = told_now(user, people)
    assert recorded["email"]["state"] == "withdrawn"
    assert recorded["mobile"]["value"] == "07700 900456"

    snapshot = opened(user.landlord).snapshot_id
    run(Workspace.open(own_copy), as_of=AS_OF, progress=NoProgress())
    assert opened(user.landlord).snapshot_id != snapshot
    after = told_now(user, people)
    # What Rooftree works out from a date of birth goes until the run, and comes back with it.
    worked_out = {key for key in after if key not in recorded}
    assert worked_out <= {"age", "age_band", "household_type"}
    assert {key: after[key] for key in recorded} == recorded

    # Taken back after the run: the page goes back at once, to what it showed before.
    looking = Looking(user, people.mine, opened(user.landlord))
    number = next(each.number for each in looking.kept if each.attribute == "mobile")
    client.post(f"/people/{people.mine}/answers/{number}/take-back/")
    assert told_now(user, people).get("mobile") == before.get("mobile")


def test_an_officer_asks_only_in_their_patch(client: Client, people: People):
    for part in ("ask/", "ask/mobile/", "object/", "answers/1/take-back/"):
        address = f"/people/{people.elsewhere}/{part}"
        assert client.get(address).status_code == 404
        assert client.post(address, {}).status_code in (404, 405)


@pytest.mark.parametrize("role", ["housing_officer", "income_officer", "engagement_officer"])
def test_a_question_that_is_not_the_work_of_the_role_is_not_there(
    staff: Callable[..., User], people: People, data: Opened, role: str
):
    user = staff(role)
    client = signed_in(user)
    give_reason(client, user, people)
    for each in data.catalogue.attributes.values():
        if each.question is None or each.grain != "person" or each.equality_monitoring:
            continue
        may = bool(set(each.select_for) & set(user.permitted.purposes))
        status = client.get(ask(people, each.key)).status_code
        assert status == (200 if may else 404), each.key


def give_reason(client: Client, user: User, people: People) -> None:
    if user.permitted.needs_reason:
        client.post(f"/people/{people.mine}/reason/", {"reason": "customer_contact"})


def test_a_service_refuses_what_the_role_may_not_record(
    staff: Callable[..., User], people: People, data: Opened
):
    user = staff("income_officer")
    looking = Looking(user, people.mine, data)
    religion = data.catalogue.attributes["religion"]
    from rooftree.collection import Read
    from rooftree.pipeline.told import person_in
    from rooftree.vocabulary.states import Method, State

    said = services.Told(
        attribute=religion, subject=person_in(looking.document, today=AS_OF), outcome=Read(State.REFUSED),
        method=Method.PAPER, said_on=AS_OF,
    )  # fmt: skip
    with pytest.raises(PolicyDenied):
        services.record_answer(
            data=data, person_id=people.mine, told=said, entry="e", seen=0, by=user
        )
    assert not Event.objects.filter(action=Action.ANSWER_RECORDED).exists()


def test_an_equality_answer_is_recorded_and_shown_to_nobody(
    client: Client, people: People, copy: Path, staff: Callable[..., User]
):
    assert send(client, ask(people, "religion"), text="buddhist").status_code == 302
    assert [(each["attribute"], each["value"]) for each in kept(copy)] == [("religion", "buddhist")]
    colleague = signed_in(staff("support_officer"))
    for who in (client, colleague):
        listed = who.get(f"/people/{people.mine}/ask/").content.decode()
        assert "Recorded today" in listed
        assert "Buddhist" not in listed
        page = who.get(ask(people, "religion")).content.decode()
        assert "Recorded today" in page
        assert page.count("Buddhist") == 1  # the choice, and it is not ticked
        assert "checked" not in re.findall(r'value="buddhist"[^>]*', page)[0]
        for part in ("", "profile/", "history/"):
            assert "Buddhist" not in who.get(f"/people/{people.mine}/{part}").content.decode()
    assert "Take back" in client.get(f"/people/{people.mine}/ask/").content.decode()
    assert "Take back" not in colleague.get(f"/people/{people.mine}/ask/").content.decode()
    assert colleague.get(f"/people/{people.mine}/answers/1/take-back/").status_code == 404


def test_whether_an_equality_question_was_refused_or_answered_looks_alike(
    client: Client, people: People
):
    rows = []
    for said in ("~refused", "buddhist"):
        send(client, ask(people, "religion"), text=said)
        page = client.get(f"/people/{people.mine}/ask/").content.decode()
        section = page[page.index('id="equality"') :]
        rows.append(re.findall(r"Religion</a>.*?</li>", section, re.S)[0])
    assert rows[0] == rows[1]


def test_the_income_officer_asks_no_equality_question(staff: Callable[..., User], people: People):
    client = signed_in(staff("income_officer"))
    assert client.get(ask(people, "religion")).status_code == 404
    assert "Equality questions" not in client.get(f"/people/{people.mine}/ask/").content.decode()


def test_a_mistake_is_taken_back_and_what_stood_before_stands_again(
    officer: User, client: Client, people: People, data: Opened, copy: Path
):
    before = value_of(officer, people, data, "mobile")
    send(client, ask(people, "mobile"), text="07700 900789", end="~answer")
    assert value_of(officer, people, data, "mobile")["value"] == "07700 900789"
    assert client.get(f"/people/{people.mine}/answers/1/take-back/").status_code == 200
    response = client.post(f"/people/{people.mine}/answers/1/take-back/", follow=True)
    assert "taken back" in response.content.decode()
    assert value_of(officer, people, data, "mobile") == before
    assert kept(copy) == []
    # A second time there is nothing to take back.
    assert client.post(f"/people/{people.mine}/answers/1/take-back/").status_code == 404


def test_who_wrote_second_is_shown_what_changed_and_chooses(
    officer: User,
    client: Client,
    people: People,
    data: Opened,
    staff: Callable[..., User],
    copy: Path,
):
    colleague = staff("support_officer")
    mine = filled(client.get(ask(people, "preferred_name")).content.decode())
    send(signed_in(colleague), ask(people, "preferred_name"), text="Theirs", end="~answer")
    typed = mine | {"text": "Mine", "end": "~answer", "method": "paper"}
    response = client.post(ask(people, "preferred_name"), typed)
    page = response.content.decode()
    assert response.status_code == 409
    assert colleague.name in page
    assert "Theirs" in page
    assert 'value="Mine"' in page
    assert 'value="paper" checked' in page
    assert value_of(officer, people, data, "preferred_name")["value"] == "Theirs"
    again = client.post(ask(people, "preferred_name"), typed | filled(page))
    assert again.status_code == 302
    assert value_of(officer, people, data, "preferred_name")["value"] == "Mine"


def test_of_an_equality_answer_the_second_is_not_shown_what_the_first_wrote(
    client: Client, people: People, staff: Callable[..., User]
):
    mine = filled(client.get(ask(people, "religion")).content.decode())
    send(signed_in(staff("support_officer")), ask(people, "religion"), text="buddhist")
    response = client.post(ask(people, "religion"), mine | {"text": "sikh", "method": "telephone"})
    assert response.status_code == 409
    assert response.content.decode().count("Buddhist") == 1


def test_a_form_without_its_version_overwrites_nothing(client: Client, people: People, copy: Path):
    response = client.post(
        ask(people, "preferred_name"), {"text": "x", "end": "~answer", "method": "paper"}
    )
    assert response.status_code == 409
    assert kept(copy) == []


def test_a_form_that_is_sent_twice_is_kept_once(client: Client, people: People, copy: Path):
    typed = filled(client.get(ask(people, "title")).content.decode()) | {
        "text": "mx",
        "method": "paper",
    }
    assert client.post(ask(people, "title"), typed).status_code == 302
    assert client.post(ask(people, "title"), typed).status_code == 302
    assert len(kept(copy)) == 1


def test_what_is_unusual_is_asked_about_and_recorded_after_yes(
    client: Client, people: People, copy: Path
):
    typed = {"day": "1", "month": "6", "year": "1900", "end": "~answer"}
    response = send(client, ask(people, "date_of_birth"), **typed)
    page = response.content.decode()
    assert response.status_code == 422
    assert "This makes the person 125 years old. Is that right?" in page
    assert 'value="1900"' in page
    assert kept(copy) == []
    # Yes to one date is no yes to another.
    other = {"day": "1", "month": "6", "year": "1901", "end": "~answer", "method": "telephone"}
    response = client.post(ask(people, "date_of_birth"), filled(page) | other)
    assert response.status_code == 422
    assert "124 years old" in response.content.decode()
    sure = filled(response.content.decode())
    assert client.post(ask(people, "date_of_birth"), sure | other).status_code == 302
    assert [each["value"] for each in kept(copy)] == ["1901-06-01"]


@pytest.mark.parametrize(
    ("attribute", "typed", "message", "again"),
    [
        ("date_of_birth", {"day": "31", "month": "2", "year": "1990", "end": "~answer"}, "no such date", 'value="31"'),
        ("mobile", {"text": "call the son", "end": "~answer"}, "Enter a telephone number", 'value="call the son"'),
        ("title", {"text": "emperor"}, "Choose an answer from the list", ""),
        ("title", {}, "Choose one of the answers", ""),
        ("title", {"text": "~withdrawn"}, "Choose one of the answers", ""),
        ("pets", {"codes": ["dog", "~refused"]}, "Choose either answers", ""),
        ("preferred_name", {"text": "x", "end": "~answer", "method": "telepathy"}, "Choose how", 'value="x"'),
        ("preferred_name", {"text": "x", "end": "~answer", "said_day": "1", "said_month": "4", "said_year": "2026"},
         "must be today or in the past", 'value="x"'),
        ("preferred_name", {"text": "a\x00b", "end": "~answer"}, "Null characters", ""),
        ("preferred_name", {"text": "x" * 5000, "end": "~answer"}, "at most 2000", ""),
        ("reasonable_adjustments", {"codes": ["more_time"]}, "Enter the day by which", 'value="more_time" checked'),
    ],
)  # fmt: skip
def test_what_is_no_answer_is_stopped_with_a_message_and_nothing_typed_is_lost(
    officer: User, client: Client, people: People, data: Opened, copy: Path, attribute: str,
    typed: dict[str, Any], message: str, again: str,
):  # fmt: skip
    household = attribute == "pets"
    where = tenancy_of(officer, people, data)["tenancy_id"] if household else ""
    response = send(client, ask(people, attribute, where), **typed)
    page = response.content.decode()
    assert response.status_code == 422
    assert message in page
    assert "<title>Error:" in page
    assert again in page
    anchors = set(re.findall(r'href="#(id_[a-z_0-9]+)"', page))
    assert anchors
    assert all(f'id="{anchor}"' in page for anchor in anchors)
    assert kept(copy) == []


def test_an_objection_removes_the_value_at_once(
    officer: User, client: Client, people: People, data: Opened
):
    send(client, ask(people, "preferred_name"), text="Sam Test", end="~answer")
    assert "Sam Test" in client.get(f"/people/{people.mine}/").content.decode()
    response = send(client, f"/people/{people.mine}/object/", what=["preferred_name"])
    assert response.status_code == 302
    now = value_of(officer, people, data, "preferred_name")
    assert (now["state"], now["value"]) == ("withdrawn", None)
    for part in ("", "profile/", "history/"):
        page = client.get(f"/people/{people.mine}/{part}").content.decode()
        assert "Sam Test" not in page.replace("Housing officer Test", ""), part


def test_an_answer_on_the_day_of_an_objection_is_stopped_with_the_way_out(
    client: Client, people: People, copy: Path
):
    send(client, f"/people/{people.mine}/object/", what=["email"])
    response = send(client, ask(people, "email"), text="a@example.org", end="~answer")
    assert response.status_code == 422
    assert "take it back first" in response.content.decode()
    number = len(kept(copy))
    client.post(f"/people/{people.mine}/answers/{number}/take-back/")
    assert (
        send(client, ask(people, "email"), text="a@example.org", end="~answer").status_code == 302
    )


def test_an_objection_to_equality_monitoring_covers_all_and_tells_nothing(
    people: People, staff: Callable[..., User], copy: Path, data: Opened
):
    user = staff("data_protection_officer")
    client = signed_in(user)
    give_reason(client, user, people)
    page = client.get(f"/people/{people.mine}/object/").content.decode()
    assert "Equality monitoring" in page
    assert "Religion" not in page
    assert send(client, f"/people/{people.mine}/object/", what=["equality"]).status_code == 302
    withdrawn = {each["attribute"] for each in kept(copy) if each["state"] == "withdrawn"}
    assert withdrawn == {
        each.key
        for each in data.catalogue.attributes.values()
        if each.equality_monitoring and each.grain == "person" and each.question
    }


def test_an_alert_has_a_day_of_review_and_is_shown_before_anything_else(
    client: Client, people: People
):
    response = send(
        client, ask(people, "person_alerts"), codes=["RISK2.04"], review_day="1", review_month="9",
        review_year="2026",
    )  # fmt: skip
    assert response.status_code == 302
    page = client.get(f"/people/{people.mine}/").content.decode()
    assert "History of Violence" in page
    assert "To be reviewed by 1 September 2026" in page


def test_every_writing_has_its_line_in_the_access_log_and_no_value_is_in_it(
    officer: User, client: Client, people: People
):
    send(client, ask(people, "preferred_name"), text="Quentin Unheard", end="~answer")
    client.post(f"/people/{people.mine}/answers/1/take-back/")
    send(client, f"/people/{people.mine}/object/", what=["email"])
    events = Event.objects.filter(actor_id=officer.pk).order_by("seq")
    aside = (Action.ASKING_VIEWED, Action.SIGNED_IN, Action.RECORD_VIEWED)
    done = [each.action for each in events if each.action not in aside]
    assert done == [
        Action.ANSWER_RECORDED,
        Action.ANSWER_TAKEN_BACK,
        Action.OBJECTION_RECORDED,
    ]
    assert "Quentin" not in str([each.detail for each in events])
    assert verify().broken_at is None


def test_a_register_that_cannot_be_written_leaves_a_line_that_says_so(
    client: Client, people: People, monkeypatch: pytest.MonkeyPatch
):
    opened = client.get(ask(people, "title"))

    def full(*_: object, **__: object) -> None:
        raise MachineError("The disk is full.")

    monkeypatch.setattr(Register, "write", full)
    with pytest.raises(MachineError):
        client.post(
            ask(people, "title"),
            filled(opened.content.decode()) | {"text": "mx", "method": "paper"},
        )
    last = list(Event.objects.order_by("-seq").values_list("action", flat=True)[:2])
    assert last == [Action.ANSWER_NOT_KEPT, Action.ANSWER_RECORDED]


def test_what_to_ask_next_moves_on_when_it_was_answered(client: Client, people: People):
    page = client.get(f"/people/{people.mine}/ask/").content.decode()
    section = page[page.index('id="next"') : page.index('id="rights"')]
    first = re.findall(r'href="([^"]+)"', section)[0]
    assert f'{first}"' in client.get(f"/people/{people.mine}/").content.decode()
    opened = client.get(first).content.decode()
    refused = {"text": "~refused"} if 'name="end"' not in opened else {"end": "~refused"}
    if 'name="codes"' in opened:
        refused = {"codes": ["~refused"]}
    response = client.post(first, filled(opened) | {"method": "telephone", "next": "1"} | refused)
    assert response.status_code == 302
    assert response["Location"] != first
    after = client.get(f"/people/{people.mine}/ask/").content.decode()
    assert f'href="{first}"' not in after[after.index('id="next"') : after.index('id="rights"')]


def test_words_narrow_the_list_and_htmx_gets_only_the_list(client: Client, people: People):
    page = client.get(f"/people/{people.mine}/ask/?about=mobile").content.decode()
    assert "Mobile telephone" in page
    part = client.get(
        f"/people/{people.mine}/ask/?about=mobile",
        headers={"HX-Request": "true", "HX-Target": "questions"},
    ).content.decode()
    assert "Mobile telephone" in part
    assert "<html" not in part
    assert (
        "No question has these words"
        in client.get(f"/people/{people.mine}/ask/?about=zzz").content.decode()
    )


@pytest.mark.parametrize(
    "part", ["ask/no_such/", "ask/pets/", "ask/mobile/T-1/", "ask/age/", "answers/77/take-back/"]
)
def test_an_address_that_leads_nowhere_is_not_there(client: Client, people: People, part: str):
    assert client.get(f"/people/{people.mine}/{part}").status_code == 404


def test_a_workspace_that_keeps_to_one_day_records_on_that_day(data: Opened):
    assert told.today_of(data) == AS_OF
    assert dt.date.today() != AS_OF  # noqa: DTZ011
