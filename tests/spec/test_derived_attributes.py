"""What Rooftree works out from answers: each rule as a table, and what it never does."""

from __future__ import annotations

import datetime as dt

import pytest

from rooftree.identity import schema as identity
from rooftree.profile.build import build
from rooftree.profile.history import as_at
from rooftree.profile.read import value_of
from rooftree.staging import schema as staging
from rooftree.storage.engine import Engine
from rooftree.vocabulary.states import Grain, State
from tests.lib.profiles import AS_OF, answers, attribute, catalogue, fill, nobody, records, said

HEALTH = ("long_term_condition", "day_to_day_effect", "impairment", "disability")
LINEAGE = {"system": "northgate", "source_kind": "housing", "source_file": "f1", "source_row": 1}
REFUSED, DONT_KNOW = said(None), said(None, state="dont_know")


def disability(engine: Engine, *rows, as_of: dt.date = AS_OF):
    """The value of disability of one person who gave these (attribute, statement)."""
    nobody(engine)
    records(engine, [("northgate", "r1", "P1")])
    answers(engine, [(key, "r1", statement) for key, statement in rows])
    build(engine, as_of=as_of, catalogue=catalogue(*map(attribute, HEALTH)))
    return value_of(engine, "P1", "disability")


@pytest.mark.parametrize(
    ("condition", "effect", "value"),
    [
        ("yes", "a_lot", "limited_a_lot"),
        ("yes", "a_little", "limited_a_little"),
        ("yes", "not_at_all", "condition_not_limiting"),
        ("no", None, "no_condition"),
        ("no", "not_at_all", "no_condition"),
    ],
)
def test_disabled_is_a_long_term_condition_that_limits(engine, condition, effect, value):
    rows = [("long_term_condition", said(condition))]
    rows += [("day_to_day_effect", said(effect))] if effect else []
    found = disability(engine, *rows)
    assert (found.state, found.value, found.origin) == (State.ANSWERED, value, "derived")


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [("long_term_condition", said("yes"))],  # how far it limits is not known
        [("day_to_day_effect", said("a_lot"))],  # twelve months are not known
        [("impairment", said("mobility"))],
        [("impairment", said("none")), ("day_to_day_effect", said("a_lot"))],
        # Contradictions: neither is guessed to be the mistake.
        [("long_term_condition", said("no")), ("day_to_day_effect", said("a_little"))],
        [("long_term_condition", said("no")), ("impairment", said("hearing;vision"))],
        [("long_term_condition", said("no", None)), ("impairment", said("vision", "2020-01-01"))],
        [("long_term_condition", said("yes")), ("day_to_day_effect", said(None, state="not_applicable"))],
    ],
)  # fmt: skip
def test_where_the_answers_do_not_tell_nothing_is_said(engine, rows):
    assert disability(engine, *rows).state == State.NOT_ASKED


@pytest.mark.parametrize(
    ("rows", "state"),
    [
        ([("long_term_condition", REFUSED)], "refused"),
        ([("long_term_condition", DONT_KNOW), ("day_to_day_effect", said("a_lot"))], "dont_know"),
        ([("long_term_condition", said("yes")), ("day_to_day_effect", REFUSED)], "refused"),
        ([("long_term_condition", said("yes")), ("day_to_day_effect", DONT_KNOW)], "dont_know"),
        ([("long_term_condition", said(None, state="not_applicable"))], "not_applicable"),
    ],
)
def test_a_refused_question_is_a_refusal_and_not_a_no(engine, rows, state):
    found = disability(engine, *rows)
    assert (found.state, found.value) == (state, None)


def test_an_area_affected_says_that_there_is_a_condition(engine):
    rows = [("impairment", said("mobility")), ("day_to_day_effect", said("a_lot"))]
    assert disability(engine, *rows).value == "limited_a_lot"


def test_no_condition_stands_where_the_rest_was_said_earlier(engine):
    earlier = ("day_to_day_effect", said("a_lot", "2025-01-01"))
    assert disability(engine, ("long_term_condition", said("no")), earlier).value == "no_condition"


def test_what_the_person_said_is_never_overridden(engine):
    rows = [
        ("long_term_condition", said("yes")),
        ("day_to_day_effect", said("not_at_all")),
        ("disability", said("limited_a_lot", "2015-01-01")),
    ]
    found = disability(engine, *rows)
    assert (found.value, found.origin, found.why) == ("limited_a_lot", "told", "origin")


def test_it_is_as_old_as_the_older_answer_and_comes_from_the_one_that_decided(engine):
    found = disability(
        engine,
        ("long_term_condition", said("yes", "2024-01-01", source_row=7)),
        ("day_to_day_effect", said("a_lot", "2026-01-01", source_row=8)),
    )
    assert (found.recorded_on, found.is_stale) == (dt.date(2024, 1, 1), True)
    assert (found.system, found.source_file, found.source_row) == ("rooftree", "f1", 8)


def test_a_withdrawal_takes_what_was_derived_with_it(engine):
    withdrawn = said(None, "2026-02-01", state="withdrawn")
    found = disability(
        engine,
        ("long_term_condition", said("yes")),
        ("long_term_condition", withdrawn),
        ("day_to_day_effect", said("a_lot")),
    )
    assert found.state == State.NOT_ASKED


def test_a_withdrawn_result_is_not_worked_out_again(engine):
    withdrawn = said(None, "2026-02-01", state="withdrawn")
    rows = [("long_term_condition", said("no")), ("disability", withdrawn)]
    assert disability(engine, *rows).state == State.WITHDRAWN


def test_looking_back_works_it_out_for_that_day(engine):
    rows = [
        ("long_term_condition", said("no", "2024-05-01")),
        ("long_term_condition", said("yes", "2026-01-01")),
        ("day_to_day_effect", said("a_lot", "2026-01-01")),
    ]
    assert disability(engine, *rows).value == "limited_a_lot"
    as_at(engine, dt.date(2025, 1, 1), catalogue=catalogue(*map(attribute, HEALTH)))
    assert engine.rows(
        "SELECT value, recorded_on FROM profile_at.value WHERE attribute = 'disability'"
    ) == [("no_condition", dt.date(2024, 5, 1))]


# --- the household ------------------------------------------------------------------------------------


def household_type(engine: Engine, *people: tuple[str, str | None], withdrawn: str | None = None):
    """People are (relationship, date of birth); the first leads."""
    nobody(engine)
    persons = [(f"P{i}", f"r{i}", *one) for i, one in enumerate(people)]
    records(engine, [("northgate", ref, pid) for pid, ref, *_ in persons])
    fill(
        engine,
        identity.PERSON,
        [
            {"person_id": pid, "date_of_birth": born, "is_organisation": False, "n_records": 1, "n_systems": 1}
            for pid, _, _, born in persons
        ],
    )  # fmt: skip
    fill(
        engine,
        staging.PERSON,
        [LINEAGE | {"person_ref": ref, "date_of_birth": born} for _, ref, _, born in persons],
    )
    fill(
        engine,
        identity.HOUSEHOLD,
        [{"household_id": "H1", "tenancy_id": "T1", "lead_person_id": "P0", "is_current": True}],
    )
    fill(
        engine,
        identity.MEMBER,
        [
            {
                "tenancy_id": "T1", "household_id": "H1", "person_id": pid, "role": "tenant", "relationship": how,
                "is_responsible": True, "lives_there": True, "is_current": True,
            }
            for pid, _, how, _ in persons
        ],
    )  # fmt: skip
    if withdrawn:
        answers(engine, [("date_of_birth", withdrawn, said(None, "2026-03-01", state="withdrawn"))])
    declared = attribute("household_type", grain=Grain.HOUSEHOLD)
    build(engine, as_of=AS_OF, catalogue=catalogue(attribute("date_of_birth"), declared))
    return value_of(engine, "H1", "household_type")


@pytest.mark.parametrize(
    ("people", "kind"),
    [
        ([("lead", "1960-01-01")], "one_elder"),
        ([("lead", "1960-01-01"), ("partner", "1980-01-01")], "two_adults_elder"),
        ([("lead", "1980-01-01")], "one_adult"),
        ([("lead", "1980-01-01"), ("unknown", "2009-01-01")], "two_adults"),  # 17 is an adult
        ([("lead", "1980-01-01"), ("child", "2015-01-01")], "one_adult_children"),
        ([("lead", "1980-01-01"), ("partner", "1980-01-01"), ("child", "2015-01-01")], "adults_children"),
        ([("lead", "1960-01-01"), ("grandchild", "2015-01-01")], "other"),
    ],
)  # fmt: skip
def test_household_type_of_core(engine, people, kind):
    found = household_type(engine, *people)
    assert (found.value, found.origin, found.recorded_on) == (kind, "derived", AS_OF)


def test_a_household_with_somebody_of_unknown_age_has_no_type(engine):
    found = household_type(engine, ("lead", "1980-01-01"), ("child", None))
    assert found.state == State.NOT_ASKED


def test_a_withdrawn_date_of_birth_is_not_used_for_the_type(engine):
    people = [("lead", "1980-01-01"), ("partner", "1985-01-01")]
    assert household_type(engine, *people).value == "two_adults"
    assert household_type(engine, *people, withdrawn="r1").state == State.NOT_ASKED
