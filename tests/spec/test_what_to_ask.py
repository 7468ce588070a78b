"""What to ask next: the question whose answer most decisions wait for, and that is likely to be answered."""

from __future__ import annotations

import datetime as dt
import itertools
import random
from collections.abc import Sequence

import pytest

from rooftree.catalogue import load
from rooftree.catalogue.model import Attribute, Question
from rooftree.collection import Chances, Known, next_questions
from rooftree.collection.asking import REFUSED_AGAIN_MONTHS, UNKNOWN_AGAIN_MONTHS
from rooftree.collection.routing import PASSED, Facts
from rooftree.profile.lookup import plus_months
from rooftree.vocabulary.states import State
from tests.lib.profiles import attribute

TODAY = dt.date(2026, 3, 31)
ASKED = Question(wording="?", source="test")


def asked(key: str, *purposes: str, **changes) -> Attribute:
    return attribute(key, question=ASKED, select_for=purposes or ("communication",), **changes)


def order(
    candidates: Sequence[Attribute], known: dict[str, Known] | None = None, **more
) -> list[str]:
    given = {"today": TODAY, "readers": {}, "chances": Chances(), "facts": Facts(), "most": 5}
    found = next_questions(candidates, known or {}, **given | more)
    return [f"{each.attribute} {each.why}" for each in found]


def test_what_is_missing_is_asked_and_what_is_fresh_is_not():
    known = {"b": Known(state=State.ANSWERED, value="x", recorded_on=TODAY)}
    assert order([asked("a"), asked("b")], known) == ["a missing"]


def test_an_answer_that_more_purposes_read_comes_first():
    assert order([asked("a"), asked("b", "communication", "repairs")]) == ["b missing", "a missing"]


def test_an_answer_that_more_segments_read_comes_first():
    assert order([asked("a"), asked("b")], readers={"b": 3}) == ["b missing", "a missing"]


def test_what_is_needed_to_run_the_tenancy_comes_before_what_a_few_decisions_read():
    assert order([asked("a", "p", "q", "r"), asked("b", essential=True)]) == [
        "b missing",
        "a missing",
    ]


def test_a_question_that_people_answer_comes_before_one_that_they_refuse():
    chances = Chances(asked={"a": (10, 100), "b": (90, 100)})
    assert order([asked("a"), asked("b")], chances=chances) == ["b missing", "a missing"]


def test_with_few_asked_the_chance_leans_to_one_half():
    chances = Chances(asked={"a": (1, 1), "b": (95, 100)})
    assert chances.of("never asked") == pytest.approx(1 / 2)
    assert chances.of("a") == pytest.approx(2 / 3)
    assert order([asked("a"), asked("b")], chances=chances)[0] == "b missing"


def test_an_old_answer_is_asked_again_after_what_is_missing():
    known = {"a": Known(state=State.ANSWERED, value="x", is_stale=True)}
    assert order([asked("a"), asked("b")], known) == ["b missing", "a stale"]


@pytest.mark.parametrize(
    ("state", "months"),
    [(State.REFUSED, REFUSED_AGAIN_MONTHS), (State.DONT_KNOW, UNKNOWN_AGAIN_MONTHS)],
)
def test_who_refused_or_did_not_know_is_asked_again_only_after_a_time(state: State, months: int):
    long_ago = plus_months(TODAY, -months)
    yesterday_of_it = long_ago + dt.timedelta(days=1)
    assert order([asked("a")], {"a": Known(state=state, recorded_on=long_ago)}) == ["a again"]
    assert order([asked("a")], {"a": Known(state=state, recorded_on=yesterday_of_it)}) == []


def test_a_refusal_of_unknown_day_is_respected_however_stale():
    assert order([asked("a")], {"a": Known(state=State.REFUSED, is_stale=True)}) == []


def test_who_refused_before_is_asked_other_things_first():
    long_ago = plus_months(TODAY, -120)
    known = {"a": Known(state=State.REFUSED, recorded_on=long_ago)}
    assert order([asked("a"), asked("b")], known) == ["b missing", "a again"]


def test_who_objected_is_not_asked_again():
    assert order([asked("a")], {"a": Known(state=State.WITHDRAWN, is_stale=True)}) == []


def test_equality_questions_and_what_has_no_question_are_never_proposed():
    equality = asked("a", equality_monitoring=True)
    assert order([equality, attribute("b", select_for=("p",))]) == []


def test_what_was_just_asked_is_left_out():
    assert order([asked("a"), asked("b")], leave_out=("a",)) == ["b missing"]


@pytest.mark.parametrize(
    ("key", "known", "facts", "arises"),
    [
        ("universal_credit_since", {"benefits": "child_benefit;pip"}, Facts(), False),
        ("universal_credit_since", {"benefits": "child_benefit;universal_credit"}, Facts(), True),
        ("universal_credit_since", {}, Facts(), True),
        ("care_leaver", {}, Facts(age=26), False),
        ("care_leaver", {}, Facts(age=25), True),
        ("care_leaver", {}, Facts(), True),
        ("unpaid_care", {}, Facts(age=4), False),
        ("unpaid_care", {}, Facts(age=5), True),
        ("english_proficiency", {"main_language": "english"}, Facts(), False),
        ("english_proficiency", {"main_language": "polish"}, Facts(), True),
        ("relationship_to_lead", {}, Facts(leads=True), False),
        ("armed_forces_left", {"armed_forces": "reserve"}, Facts(), False),
        ("armed_forces_injured", {"armed_forces": "reserve"}, Facts(), True),
    ],
)  # fmt: skip
def test_a_question_is_passed_over_only_where_it_is_known_not_to_arise(
    key: str, known: dict[str, str], facts: Facts, arises: bool
):
    held = {name: Known(state=State.ANSWERED, value=value) for name, value in known.items()}
    assert (order([asked(key)], held, facts=facts) != []) is arises


def test_every_routed_question_of_the_catalogue_has_its_condition_unless_it_hangs_on_equality():
    attributes = load().attributes.values()
    routed = {a.key for a in attributes if a.question and a.question.ask_if}
    equality = {a.key for a in attributes if a.equality_monitoring}
    assert routed - equality == set(PASSED) - {"relationship_to_lead"}
    assert not set(PASSED) & equality


# Ten attributes: how many decisions read each, what share of people answer, what share is held already.
# Made up so that no single one of the three decides.
WEIGHTS = (9, 8, 7, 6, 5, 4, 3, 2, 1, 1)
ANSWERED = (0.35, 0.9, 0.8, 0.3, 0.9, 0.95, 0.9, 0.5, 0.95, 0.9)
HELD = (0.7, 0.75, 0.6, 0.4, 0.5, 0.6, 0.5, 0.3, 0.2, 0.1)


def _after_two_asks(choose) -> float:
    """The share of the weight that is known, over 400 made-up people who were asked two questions each."""
    draw = random.Random(7)
    total = 0.0
    for _ in range(400):
        held = {i for i in range(10) if draw.random() < HELD[i]}
        will = {i for i in range(10) if draw.random() < ANSWERED[i]}
        open_ones = [i for i in range(10) if i not in held]
        asked_now = choose(open_ones, draw)[:2]
        held |= {i for i in asked_now if i in will}
        total += sum(WEIGHTS[i] for i in held) / sum(WEIGHTS)
    return total / 400


def _by_gain(open_ones: list[int], _: random.Random) -> list[int]:
    candidates = [asked(f"a{i}", *(f"p{n}" for n in range(WEIGHTS[i]))) for i in open_ones]
    chances = Chances(asked={f"a{i}": (round(ANSWERED[i] * 1000), 1000) for i in range(10)})
    found = next_questions(
        candidates, {}, today=TODAY, readers={}, chances=chances, facts=Facts(), most=2
    )
    return [int(each.attribute[1:]) for each in found]


def test_two_questions_chosen_so_tell_more_than_two_chosen_otherwise():
    by_gain = _after_two_asks(_by_gain)
    at_random = _after_two_asks(lambda left, draw: draw.sample(left, len(left)))
    most_missing = _after_two_asks(lambda left, _: sorted(left, key=lambda i: HELD[i]))
    heaviest = _after_two_asks(lambda left, _: sorted(left, key=lambda i: -WEIGHTS[i]))
    assert by_gain > heaviest > at_random > most_missing


def test_the_two_chosen_are_the_best_two_of_all_pairs():
    """Gains add up, so the greedy choice is the best: tried against every pair."""
    chances = Chances(asked={f"a{i}": (round(ANSWERED[i] * 1000), 1000) for i in range(10)})
    chosen = _by_gain(list(range(10)), random.Random(0))
    worth = {
        pair: sum(WEIGHTS[i] * chances.of(f"a{i}") for i in pair)
        for pair in itertools.combinations(range(10), 2)
    }
    assert worth[tuple(sorted(chosen))] == max(worth.values())
