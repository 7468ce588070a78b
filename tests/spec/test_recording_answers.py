"""From what an officer typed to what is kept: the choices of a question, hard checks, soft checks."""

from __future__ import annotations

import datetime as dt

import pytest

from rooftree.catalogue import load
from rooftree.catalogue.model import Code, CodeList, Question
from rooftree.collection import (
    Circumstances,
    Given,
    Read,
    Trouble,
    choices_of,
    doubts_of,
    read,
)
from rooftree.vocabulary.states import State
from tests.lib.profiles import attribute

TODAY = dt.date(2026, 3, 31)
CATALOGUE = load()
PETS = CodeList(
    "pet", "Pet", "test", (Code("dog", "Dog"), Code("cat", "Cat"), Code("none", "No pets"))
)


def reading(kind: str, given: Given, **changes) -> Read | Trouble:
    asked = Question(wording="What is it?", source="test")
    made = attribute(changes.pop("key", "thing"), **{"type": kind, "question": asked, **changes})
    return read(given, made, codes=PETS if kind in ("code", "codes") else None, today=TODAY)


def value(kind: str, given: Given, **changes) -> str | None:
    found = reading(kind, given, **changes)
    assert isinstance(found, Read), found
    assert found.state is State.ANSWERED
    return found.value


def test_nothing_of_a_list_is_an_answer_whether_or_not_the_list_has_a_code_for_it():
    given, made = Given(codes=("none",)), attribute("thing", type="codes")
    bare = CodeList("pet", "Pet", "test", PETS.codes[:2])
    assert read(given, made, codes=PETS, today=TODAY) == Read(State.ANSWERED, "none")
    assert read(given, made, codes=bare, today=TODAY) == Read(State.ANSWERED, "")


def trouble(kind: str, given: Given, **changes) -> str:
    found = reading(kind, given, **changes)
    assert isinstance(found, Trouble), found
    return found.field


@pytest.mark.parametrize(
    ("kind", "given", "kept"),
    [
        ("code", Given(text="dog"), "dog"),
        ("codes", Given(codes=("dog", "cat", "dog")), "cat;dog"),
        ("codes", Given(codes=("none",)), "none"),
        ("text", Given(text="  Flat 2,\n The  Elms "), "Flat 2, The Elms"),
        ("number", Given(text=" 3 "), "3"),
        ("number", Given(text="1,200.0"), "1200"),
        ("money", Given(text="£1,245.50"), "124550"),
        ("money", Given(text="0.1"), "10"),
        ("boolean", Given(text="false"), "false"),
        ("date", Given(day="27", month="3", year="1967"), "1967-03-27"),
        ("date", Given(day="1", month="September", year="2001"), "2001-09-01"),
        ("date", Given(day="29", month="02", year="2024"), "2024-02-29"),
    ],
)
def test_every_type_is_kept_as_an_extract_would_say_it(kind: str, given: Given, kept: str):
    assert value(kind, given) == kept


@pytest.mark.parametrize(
    ("kind", "given", "field"),
    [
        ("code", Given(), "text"),
        ("code", Given(text="parrot"), "text"),
        ("codes", Given(), "codes"),
        ("codes", Given(codes=("dog", "parrot")), "codes"),
        ("codes", Given(codes=("dog", "none")), "codes"),
        ("text", Given(text="   "), "text"),
        ("text", Given(text="x" * 401), "text"),
        ("text", Given(text="a\x07b"), "text"),
        ("number", Given(text="three"), "text"),
        ("number", Given(text="2.5"), "text"),
        ("number", Given(text="1e9"), "text"),
        ("number", Given(text="\u0663"), "text"),
        ("money", Given(text="12.345"), "text"),
        ("boolean", Given(text="maybe"), "text"),
        ("date", Given(), "day"),
        ("date", Given(day="1", year="2001"), "month"),
        ("date", Given(day="30", month="2", year="2001"), "day"),
        ("date", Given(day="1", month="13", year="2001"), "month"),
        ("date", Given(day="1", month="1", year="67"), "year"),
        ("date", Given(day="one", month="1", year="1967"), "day"),
        ("text", Given(state="nonsense"), "state"),
    ],
)
def test_what_is_no_answer_names_the_field_to_mend(kind: str, given: Given, field: str):
    assert trouble(kind, given) == field


@pytest.mark.parametrize(
    ("typed", "is_kept"), [("9.99", False), ("10", True), ("20", True), ("20.01", False)]
)
def test_the_bounds_of_the_catalogue_stop(typed: str, is_kept: bool):
    found = reading("money", Given(text=typed), minimum=1000, maximum=2000)
    assert isinstance(found, Read) is is_kept


def test_preferring_not_to_say_is_offered_with_every_question_and_kept_as_an_outcome():
    for each in CATALOGUE.attributes.values():
        if each.question is not None:
            assert choices_of(each)[0].state is State.REFUSED
    assert reading("number", Given(state="refused", text="typed before")) == Read(State.REFUSED)


def test_a_refusal_beside_ticked_answers_is_asked_about():
    assert trouble("codes", Given(state="refused", codes=("dog",))) == "codes"


@pytest.mark.parametrize(
    ("key", "states"),
    [
        ("household_size", ["refused", "dont_know"]),
        ("marketing_consent", ["refused"]),
        ("email", ["refused", "not_applicable"]),
        ("universal_credit_since", ["refused", "dont_know", "not_applicable"]),
        ("religion", ["refused", "dont_know"]),
        ("preferred_name", ["refused"]),
    ],
)
def test_not_knowing_and_not_applying_are_offered_where_they_mean_something(
    key: str, states: list[str]
):
    assert [each.state.value for each in choices_of(CATALOGUE.attributes[key])] == states


def test_a_refusal_has_the_words_of_the_question():
    assert choices_of(CATALOGUE.attributes["marketing_consent"])[0].label == "Not now"


@pytest.mark.parametrize(
    ("key", "given", "is_kept"),
    [
        ("mobile", Given(text="07700 900123"), True),
        ("mobile", Given(text="not a number"), False),
        ("email", Given(text="a.person@example.org"), True),
        ("email", Given(text="a.person at example"), False),
        ("national_insurance_number", Given(text="qq 12 34 56 c"), True),
        ("national_insurance_number", Given(text="12 34 56"), False),
    ],
)
def test_contact_details_are_checked(key: str, given: Given, is_kept: bool):
    found = read(given, CATALOGUE.attributes[key], codes=None, today=TODAY)
    assert isinstance(found, Read) is is_kept


@pytest.mark.parametrize(
    ("key", "day", "is_kept"),
    [
        ("date_of_birth", dt.date(2026, 4, 1), False),
        ("date_of_birth", TODAY, True),
        ("date_of_birth", dt.date(1901, 1, 1), True),
        ("date_of_birth", dt.date(1895, 1, 1), False),
        ("universal_credit_since", dt.date(2013, 4, 28), False),
        ("universal_credit_since", dt.date(2013, 4, 29), True),
        ("pregnancy_due_on", dt.date(2027, 6, 1), False),
    ],
)
def test_dates_that_cannot_be_are_stopped(key: str, day: dt.date, is_kept: bool):
    given = Given(day=str(day.day), month=str(day.month), year=str(day.year))
    found = read(given, CATALOGUE.attributes[key], codes=None, today=TODAY)
    assert isinstance(found, Read) is is_kept


def doubts(key: str, said: str, **known) -> list[str]:
    circumstances = Circumstances(today=TODAY, **known)
    return [
        f"{each.key}: {each.question}"
        for each in doubts_of(State.ANSWERED, said, CATALOGUE.attributes[key], circumstances)
    ]


def test_somebody_of_125_years_is_asked_about_and_not_stopped():
    assert doubts("date_of_birth", "1900-06-01") == [
        "very_old: This makes the person 125 years old. Is that right?"
    ]
    assert doubts("date_of_birth", "1931-06-01") == []


def test_a_child_is_unusual_only_as_somebody_named_on_the_agreement():
    assert doubts("date_of_birth", "2015-06-01") == []
    assert doubts("date_of_birth", "2015-06-01", is_named=True)[0].startswith("very_young")


def test_another_date_of_birth_than_the_one_on_record_is_asked_about():
    assert doubts("date_of_birth", "1961-03-05", held="1961-05-03") == [
        "differs: The date of birth on record is 3 May 1961. Is this one right?"
    ]
    assert doubts("date_of_birth", "1961-05-03", held="1961-05-03") == []


@pytest.mark.parametrize(
    ("pence", "keys"),
    [("5999", ["unusual"]), ("6000", []), ("150000", []), ("150001", ["unusual"])],
)
def test_the_usual_bounds_of_the_catalogue_ask(pence: str, keys: list[str]):
    assert [each.split(":")[0] for each in doubts("household_income", pence)] == keys


def test_a_monthly_amount_in_place_of_a_weekly_one_is_noticed():
    found = doubts("household_income", "130000", held="30000")
    assert found[0].startswith("monthly: £1,300 is about four and a third times the £300 on record")
    assert doubts("household_income", "40000", held="30000") == []


def test_a_household_of_another_size_than_its_members_is_asked_about():
    assert doubts("household_size", "4", n_members=1) == [
        "members: 1 person lives there as far as we know. Is 4 right?"
    ]
    assert doubts("household_size", "4", n_members=4) == []
    assert doubts("household_size", "4") == []


def test_a_landline_as_mobile_number_is_asked_about():
    assert doubts("mobile", "020 7946 0958")[0].startswith("no_mobile")
    assert doubts("phone", "07700 900123")[0].startswith("a_mobile")
    assert doubts("mobile", "+44 7700 900123") == doubts("phone", "020 7946 0958") == []


def test_a_refusal_is_never_doubted():
    known = Circumstances(today=TODAY, held="1961-05-03")
    assert doubts_of(State.REFUSED, None, CATALOGUE.attributes["date_of_birth"], known) == ()
