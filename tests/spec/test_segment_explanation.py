"""Lint, why, nearest change, and what changed between two versions."""

# ruff: noqa: E501  one case, one line

from __future__ import annotations

import datetime as dt

import pytest

from rooftree.catalogue import load
from rooftree.segments.check import check
from rooftree.segments.compare import difference
from rooftree.segments.fields import Other, scope
from rooftree.segments.lint import Held, lint, same_meaning
from rooftree.segments.names import stigma
from rooftree.segments.nodes import Knowing
from rooftree.segments.parse import parse
from rooftree.segments.reference import Case, Datum
from rooftree.segments.why import why
from rooftree.vocabulary.states import Grain

AS_OF = dt.date(2026, 3, 31)
SCOPE = scope(load(), Grain.PERSON, segments={"a": Other(Grain.PERSON)})


def rule(text: str):
    return check(parse(text), SCOPE, text=text)


LINT = [
    ("age < 5 and age > 60", ["contradiction"]),
    ("age = 5 and age = 6", ["contradiction"]),
    ("contents_insurance = none and contents_insurance in (elsewhere)", ["contradiction"]),
    ("bank_account is refused and bank_account = none", ["contradiction"]),
    ("tenancy_is_new and not tenancy_is_new", ["contradiction"]),
    ("any member (age < 5 and age > 60)", ["contradiction"]),
    ("fewer than 0 contacts", ["contradiction"]),
    ("at least 5 contacts in the last 90 days and no contact in the last 90 days", ["contradiction"]),
    ("estate starts with 'North' and estate = 'South'", ["contradiction"]),
    ("devices includes all of (tablet, computer) and not devices includes tablet", ["contradiction"]),
    ("date_of_birth < 1950-01-01 and date_of_birth > 1960-01-01", ["contradiction"]),
    ("days since last_contact_in_on > 90 and days since last_contact_in_on < 30", ["contradiction"]),
    ("bank_account is answered or bank_account is unknown", ["always"]),
    ("at least 0 contacts", ["always"]),
    ("age >= 65 or age < 65", ["always_if_known"]),
    ("age > 5 and age > 3", ["unused"]),
    ("contents_insurance = none and (contents_insurance = none or age > 3)", ["unused"]),
    ("age > 60 or (age > 70 and tenancy_is_new)", ["unused"]),
    ("age > 60 and tenancy_is_new", []),
    ("age >= 16 and age < 25 and not uses_no_service", []),
    ("rent_balance_pence > 2 * book_arrears_pence and weeks_behind > 2", []),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), LINT)
def test_lint_finds_what_a_reader_would_ask(text, expected):
    found = [finding.rule for finding in lint(rule(text), SCOPE)]
    assert found[: len(expected)] == expected
    assert bool(found) == bool(expected)


def test_a_part_that_does_nothing_is_named():
    (finding,) = lint(rule("age > 60 or (age > 70 and tenancy_is_new)"), SCOPE)[:1]
    assert finding.part == "age > 70 and tenancy_is_new"


def test_a_rule_too_large_is_judged_by_its_parts():
    many = " and ".join(f"(any contact in the last {n} days or age > {n})" for n in range(1, 14))
    found = lint(rule(f"{many} and (age < 5 and age > 60)"), SCOPE)
    assert {finding.rule for finding in found} == {"contradiction", "too_large"}


def test_what_the_data_say_about_a_rule():
    held = Held(
        1000,
        {"contents_insurance": 0, "bank_account": 300, "age": 990},
        {"contact": dt.date(2026, 1, 1)},
        AS_OF,
    )
    found = lint(
        rule(
            "contents_insurance = none and bank_account = none and age > 5 and any contact in the last 12 months and no repair"
        ),
        SCOPE,
        held=held,
    )
    assert [(finding.rule, finding.part) for finding in found] == [
        ("nobody_has", "contents_insurance"), ("window", "repair"), ("unknown", "bank_account"), ("window", "contact"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "label",
    [
        "Problem families",
        "Rent dodgers",
        "The elderly",
        "Chaotic households",
        "High-risk tenants",
        "Vulnerable people",
    ],
)
def test_a_name_that_stigmatises_is_found(label):
    assert stigma(label)


@pytest.mark.parametrize(
    "label",
    [
        "No contents insurance",
        "Lives alone, 65 or over",
        "Older people who live alone",
        "Pays at irregular times",
    ],
)
def test_a_name_that_says_what_is_needed_passes(label):
    assert stigma(label) == []


def test_a_landlord_adds_words_of_its_own():
    assert stigma("Frequent flyers", own={"frequent flyers?": "Say: five contacts in a year."})


CASE = Case(
    AS_OF,
    {
        "age": Datum(62),
        "bank_account": Datum(None, Knowing.REFUSED),
        "contents_insurance": Datum("none"),
        "uses_no_service": Datum(True),
    },
)


def test_why_one_is_out_and_what_would_change_it():
    answer = why(
        rule("contents_insurance = none and age >= 65 and (uses_no_service or age > 80)"),
        CASE,
        SCOPE,
    )
    assert answer.truth is False
    assert [(part.text, part.truth) for part in answer.reason.parts] == [
        ("contents_insurance = none", True), ("age >= 65", False), ("uses_no_service or age > 80", True),
    ]  # fmt: skip
    assert [(change.english, change.to, change.is_unknown) for change in answer.change] == [
        ("age is at least 65 years", True, False)
    ]


def test_the_fewest_conditions_are_named():
    answer = why(rule("(age > 80 and age > 81) or uses_no_service = false"), CASE, SCOPE)
    assert [change.text for change in answer.change] == ["uses_no_service = false"]


def test_why_one_is_in_and_what_would_end_it():
    answer = why(rule("contents_insurance = none and uses_no_service"), CASE, SCOPE)
    assert answer.truth is True
    assert [(change.english, change.to) for change in answer.change] == [
        ("home contents insurance is not ‘No’", False)
    ]


def test_what_cannot_be_told_is_named_as_such():
    answer = why(rule("bank_account = none"), CASE, SCOPE)
    assert answer.truth is None
    assert [(change.text, change.is_unknown) for change in answer.change] == [
        ("bank_account = none", True)
    ]


def test_two_versions_that_mean_the_same():
    assert same_meaning(
        rule("age > 5 and tenancy_is_new"), rule("tenancy_is_new and not age <= 5"), SCOPE
    )
    assert not same_meaning(rule("age > 5"), rule("age >= 5"), SCOPE)
    assert not same_meaning(rule("age > 5"), rule("age > 5 or age is unknown"), SCOPE)


def test_what_changed_between_versions_is_told_part_by_part():
    found = difference(
        rule("age > 65 and uses_no_service"),
        rule("uses_no_service and age > 60 and tenancy_is_new"),
        SCOPE,
    )
    assert found.same is False
    assert [part.text for part in found.added] == ["age > 60", "tenancy_is_new"]
    assert [part.text for part in found.removed] == ["age > 65"]
    assert [part.text for part in found.kept] == ["uses_no_service"]
