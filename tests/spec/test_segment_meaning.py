"""What each form of a rule means: one made-up subject, one rule, and true, false or unknown."""

# ruff: noqa: E501  one case, one line

from __future__ import annotations

import datetime as dt

import pytest

from rooftree.catalogue import load
from rooftree.segments.check import check
from rooftree.segments.fields import Other, scope
from rooftree.segments.nodes import Knowing
from rooftree.segments.parse import parse
from rooftree.segments.reference import Case, Datum, elapsed, evaluate
from rooftree.vocabulary.states import Grain

AS_OF = dt.date(2026, 3, 31)
SCOPE = scope(
    load(),
    Grain.PERSON,
    segments={"a": Other(Grain.PERSON), "b": Other(Grain.PERSON), "c": Other(Grain.PERSON)},
)


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def person(age: float | None = None) -> Case:
    return Case(AS_OF, {"age": Datum(age)} if age is not None else {})


CASE = Case(
    AS_OF,
    {
        "age": Datum(70),
        "contents_insurance": Datum("none"),
        "bank_account": Datum(None, Knowing.REFUSED),
        "devices": Datum(frozenset({"smartphone", "tablet"})),
        "preferred_channel": Datum("phone", is_stale=True, in_conflict=True),
        "weeks_behind": Datum(6.5),
        "rent_balance_pence": Datum(25_000),
        "book_arrears_pence": Datum(5_000),
        "tenancy_is_new": Datum(False),
        "estate": Datum("North Side"),
        "last_contact_in_on": Datum(day("2025-12-31")),
        "uc_claim_on": Datum(None),
    },
    {
        "contact": [
            {"on_date": day("2026-03-31"), "channel": "phone", "direction": "inbound"},
            {"on_date": day("2026-01-01"), "channel": "phone", "direction": "inbound"},
            {"on_date": day("2025-12-31"), "channel": "email", "direction": "inbound"},
            {"on_date": day("2025-03-31"), "channel": None, "direction": "outbound"},
            {"on_date": day("2026-04-01"), "channel": "phone", "direction": "inbound"},
        ],
        "repair": [
            {"on_date": day("2026-01-10"), "is_damp_mould": True},
            {"on_date": day("2026-02-10"), "is_damp_mould": None},
        ],
        "case": [
            {"on_date": day("2026-01-20"), "kind": "complaint"},
            {"on_date": day("2026-02-10"), "kind": None},
        ],
    },
    members=(person(70), person(3), person()),
    lead=person(70),
    segments={"a": True, "b": False},
)

TRUTHS = [
    ("age >= 70", True), ("age > 70", False), ("age between 65 and 70", True), ("age in (1, 70)", True), ("not age in (1, 2)", True),
    ("bank_account = none", None), ("bank_account != none", None), ("not bank_account = none", None),
    ("bank_account in (none, basic)", None),
    # three values: false decides an 'and', true an 'or'; unknown goes through 'not'
    ("bank_account = none and age < 5", False), ("bank_account = none and age > 5", None),
    ("bank_account = none or age > 5", True), ("bank_account = none or age < 5", None),
    # states of knowledge are never unknown
    ("bank_account is refused", True), ("bank_account is unknown", True), ("bank_account is not answered", True),
    ("bank_account is not_asked", False), ("contents_insurance is answered", True), ("religion is not_asked", True),
    ("preferred_channel is stale and preferred_channel is in_conflict", True), ("bank_account is stale", False),
    ("uc_claim_on is unknown", True), ("weeks_behind is answered", True),
    # several codes
    ("devices includes smartphone", True), ("devices includes any of (computer, tablet)", True),
    ("devices includes all of (smartphone, tablet)", True), ("devices includes all of (smartphone, computer)", False),
    ("support_needs includes debt", None),
    # text, without regard to capitals
    ("estate starts with 'north'", True), ("estate ends with 'SIDE'", True), ("estate contains 'th s'", True), ("estate = 'north side'", False),
    # money and sums
    ("rent_balance_pence = £250", True), ("rent_balance_pence - book_arrears_pence >= £200", True), ("rent_balance_pence > 2 * book_arrears_pence", True),
    ("not tenancy_is_new", True), ("tenancy_is_new = false", True),
    # time since a day
    ("days since last_contact_in_on = 90", True), ("months since last_contact_in_on = 3", True), ("years since last_contact_in_on = 0", True),
    ("days since uc_claim_on > 5", None), ("last_contact_in_on < 2026-01-01 and last_contact_in_on <= as_of", True),
    # events: the last 90 days are today and the 89 before; what lies after as_of is not known yet
    ("exactly 2 contacts in the last 90 days", True), ("exactly 3 contacts in the last 91 days", True), ("exactly 3 contacts in the last 13 weeks", True),
    ("exactly 2 contacts in the last 3 months", True), ("exactly 3 contacts in the last 12 months", True), ("exactly 4 contacts", True),
    ("exactly 3 contacts in the last 1 year", True), ("no contact where (channel = letter) in the last 90 days", True),
    # a contact whose channel was not written down may or may not have been by phone
    ("exactly 2 contacts where (channel = phone)", None), ("at least 2 contacts where (channel = phone)", True),
    ("at least 3 contacts where (channel = phone)", None), ("at least 4 contacts where (channel = phone)", False),
    ("at most 3 contacts where (channel = phone)", True), ("fewer than 3 contacts where (channel = phone)", None), ("more than 3 contacts where (channel = phone)", False),
    ("any contact where (channel is unknown)", True), ("exactly 3 contacts where (channel is answered)", True),
    ("no repair where (is_damp_mould) in the last 60 days", None), ("any repair where (is_damp_mould)", True),
    # one event, then another, from the same day on
    ("repair then case within 10 days", True), ("repair then case within 9 days in the last 90 days", True), ("repair then case where (kind = complaint) within 10 days", True),
    ("repair then case where (kind = complaint) within 9 days", None), ("repair then case where (kind = hazard) within 9 days", None),
    ("case then repair where (is_damp_mould) within 5 days", None), ("case then contact where (channel = email) within 5 days", False),
    ("contact then contact within 0 days", False),
    # the people of the household
    ("any member (age < 5)", True), ("any member (age > 90)", None), ("no member (age > 90)", None), ("no member (age < 5)", False),
    ("every member (age < 90)", None), ("every member (age < 60)", False), ("at least 1 member (age >= 16)", True), ("at least 2 members (age >= 16)", None),
    ("at least 3 members (age >= 16)", False), ("lead tenant (age = 70)", True), ("exactly 1 member (age is unknown)", True),
    # other segments
    ("in segment a", True), ("in segment b", False), ("in segment c", None),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), TRUTHS)
def test_a_rule_about_one_person(text, expected):
    assert evaluate(check(parse(text), SCOPE), CASE) is expected


def test_a_household_of_nobody():
    nobody = Case(AS_OF)
    for text, expected in [
        ("any member (age < 5)", False), ("every member (age < 5)", True), ("no member (age < 5)", True),
        ("at least 1 member (age < 5)", False), ("lead tenant (age < 5)", None),
    ]:  # fmt: skip
        assert evaluate(check(parse(text), SCOPE), nobody) is expected, text


@pytest.mark.parametrize(
    ("start", "unit", "direction", "expected"),
    [
        ("2024-02-29", "years", "since", 2),
        ("2025-03-31", "years", "since", 1),
        ("2025-04-01", "years", "since", 0),
        ("2026-02-28", "months", "since", 1),
        ("2025-12-31", "months", "since", 3),
        ("2026-04-01", "days", "since", -1),
        ("2026-06-30", "months", "until", 3),
        ("2026-06-29", "months", "since", -2),
        ("2027-03-31", "years", "until", 1),
    ],
)
def test_time_is_counted_in_full_units(start, unit, direction, expected):
    assert elapsed(day(start), AS_OF, unit, direction) == expected
