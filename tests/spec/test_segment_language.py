"""The language of segments: what each form says, in three readings, and what is refused with which words."""

# ruff: noqa: E501  one case, one line

from __future__ import annotations

import pytest

from rooftree.catalogue import load
from rooftree.segments.builder import from_json, to_json
from rooftree.segments.check import check, reads
from rooftree.segments.english import to_english
from rooftree.segments.errors import RuleError
from rooftree.segments.fields import Other, scope
from rooftree.segments.parse import parse
from rooftree.segments.text import to_text
from rooftree.vocabulary.states import Grain

CATALOGUE = load()
OTHERS = {
    "overcrowded": Other(Grain.HOUSEHOLD),
    "silent": Other(Grain.PERSON, frozenset({"days_silent"})),
}
EVENTS = dict(CATALOGUE.events)


def rule(text: str, unit: str = "person", **about):
    where = scope(CATALOGUE, Grain(unit), segments=OTHERS)
    return check(parse(text), where, text=text, **about)


def problems(text: str, unit: str = "person", **about) -> list[str]:
    with pytest.raises(RuleError) as caught:
        rule(text, unit, **about)
    return [str(problem) for problem in caught.value.problems]


#: text as an analyst may write it, unit, canonical text, English
FORMS = [
    ("AGE>=65", "person", "age >= 65", "age is at least 65 years"),
    ("contents_insurance = none", "household", "contents_insurance = none", None),
    ("tenure in (secure,introductory)", "tenancy", "tenure in (secure, introductory)",
     "tenure is one of ‘Secure tenancy’ and ‘Introductory tenancy’"),
    ("not tenure in (secure)", "tenancy", "tenure not in (secure)", "tenure is not ‘Secure tenancy’"),
    ("rent_balance_pence > £1,250.50", "tenancy", "rent_balance_pence > £1,250.50", None),
    ("weeks_behind between 2 and 8", "tenancy", "weeks_behind between 2 and 8", "weeks behind is from 2 weeks to 8 weeks"),
    ("date_of_birth < 1960-01-01", "person", "date_of_birth < 1960-01-01", "date of birth is before 1 January 1960"),
    ("tenancy_is_new and not uses_no_service", "person", "tenancy_is_new and not uses_no_service", None),
    ("devices includes any of (smartphone, tablet)", "person", "devices includes any of (smartphone, tablet)", None),
    ("devices includes smartphone", "person", "devices includes any of (smartphone)", None),
    ("devices not includes all of (smartphone, tablet)", "person", "not devices includes all of (smartphone, tablet)", None),
    ("estate starts with 'North'", "home", "estate starts with 'North'", "estate or scheme begins with ‘North’"),
    ("rent_balance_pence in (£5, £1,000, -£2.50)", "tenancy", "rent_balance_pence in (£5, £1,000, -£2.50)", None),
    ("patch = 'O''Brien''s'", "home", "patch = 'O''Brien''s'", None),
    ("preferred_channel is refused", "person", "preferred_channel is refused",
     "preferred channel was refused (prefer not to say)"),
    ("preferred_channel is not asked", "person", "preferred_channel is not_asked", "preferred channel has not been asked"),
    ("preferred_channel is not stale", "person", "preferred_channel is not stale",
     "preferred channel does not need asking again"),
    ("mobile is known", "person", "mobile is answered", "mobile telephone is known"),
    ("days since last_contact_in_on > 90", "person", "days since last_contact_in_on > 90", None),
    ("months until pregnancy_due_on <= 3", "person", "months until pregnancy_due_on <= 3", None),
    ("rent_balance_pence > 4 * weekly_charge_pence", "tenancy", "rent_balance_pence > 4 * weekly_charge_pence", None),
    ("(rent_balance_pence - book_arrears_pence) * 2 > £100", "tenancy",
     "(rent_balance_pence - book_arrears_pence) * 2 > £100", None),
    ("main_channel != channel_preferred", "person", "main_channel != channel_preferred", None),
    ("at least 3 contacts where (channel = phone and direction = inbound) in the last 90 days", "person",
     "at least 3 contacts where (channel = phone and direction = inbound) in the last 90 days", None),
    ("at least 1 contact", "person", "any contact", "there was a contact"),
    ("no repair in the last 12 months", "home", "no repair in the last 12 months",
     "there was no repair in the last 12 months"),
    ("repair then case where (kind = complaint) within 4 weeks in the last 1 year", "tenancy",
     "repair then case where (kind = complaint) within 28 days in the last 1 year", None),
    ("any member (age < 5)", "household", "any member (age < 5)", "for at least one member of the household, age is less than 5 years"),
    ("at least 2 members (age >= 16)", "household", "at least 2 members (age >= 16)", None),
    ("every member (age >= 60) or lead tenant (age < 25)", "home",
     "every member (age >= 60) or lead tenant (age < 25)", None),
    ("in segment overcrowded", "person", "in segment overcrowded", "the segment ‘overcrowded’ applies"),
    ("any member (in segment silent)", "household", "any member (in segment silent)", None),
]  # fmt: skip


@pytest.mark.parametrize(("text", "unit", "canonical", "english"), FORMS)
def test_a_form_is_read_written_and_told(text, unit, canonical, english):
    node = rule(text, unit)
    assert to_text(node, events=EVENTS) == canonical
    assert rule(canonical, unit) == node
    where = scope(CATALOGUE, Grain(unit), segments=OTHERS)
    assert check(from_json(to_json(node)), where) == node
    told = to_english(node, where)
    assert told == (english or told)
    assert "_" not in told.replace("‘overcrowded’", "")


def test_not_binds_before_and_and_and_before_or():
    assert rule("not age > 5 and age < 9 or age = 1") == rule(
        "((not age > 5) and age < 9) or age = 1"
    )


WRONG = [
    ("", "person", ["rule, line 1, column 1: the rule is empty. Write a condition, such as: age >= 65"]),
    ("agge > 5", "person", ["line 1, column 1: there is no field 'agge'. Did you mean age?"]),
    ("age >", "person", ["line 1, column 6: a value is expected at the end."]),
    ("age 65", "person", ["line 1, column 5: a comparison is expected before '65'."]),
    ("age > 5 age < 9", "person", ["line 1, column 9: 'age' does not follow on what stands before it."]),
    ("age > 5 and\n  (age < 9", "person", ["line 2, column 11: ')' is expected at the end."]),
    ("contents_insurance is none", "household", ["'is' asks for a state of knowledge, and 'none' is none."]),
    ("contents_insurance = nome", "household", ["column 22: 'nome' is no code of Home contents insurance."]),
    ("contents_insurance = 5", "household", ["cannot compare a code with a number."]),
    ("contents_insurance > none", "household", ["a code has no order. Use = or !=, or in (...)."]),
    ("weeks_behind > £5", "tenancy", ["cannot compare weeks with pounds. Write money with £: £250"]),
    ("weeks_behind > tenancy_age_days", "tenancy", ["cannot compare weeks with days."]),
    ("rent_balance_pence + weeks_behind > 5", "tenancy", ["pounds and weeks cannot be added."]),
    ("devices = smartphone", "person", ["holds several values. Write: ... includes any of (...)"]),
    ("age includes smartphone", "person", ["holds one value, not several."]),
    ("age", "person", ["Age is no yes/no field. Write: age > 0"]),
    ("age > 5", "household", ["age belongs to a person, and this rule is about a household. Ask of its members: any member (age ...)"]),
    ("mobile = '020 7946 0000'", "person", ["a rule may not ask which. Ask whether it is held: ... is answered"]),
    ("mobile starts with '020'", "person", ["says who somebody is; its letters cannot be searched. Ask whether it is held: mobile is answered"]),
    ("weeks_behind is refused", "tenancy", ["is recorded or computed; nobody was asked."]),
    ("repair", "home", ["there is no field 'repair'. It is an event: write any repair, or no repair."]),
    ("any repairr", "home", ["there is no event 'repairr'. Did you mean repair?"]),
    ("any repair where (colour = red)", "home", ["a repair has no field 'colour'."]),
    ("any repair where (any contact)", "home", ["events cannot be counted inside an event."]),
    ("any repair in the last 0 days", "home", ["a window of 0 days is not possible."]),
    ("any repair within the last 5 days", "home", ["a window of time is written 'in the last 90 days'."]),
    ("any member (any member (age < 5))", "household", ["members cannot be asked for inside the condition on a member."]),
    ("in segment overcrowdedd", "person", ["there is no segment 'overcrowdedd'. Did you mean overcrowded?"]),
    ("in segment silent", "household", ["silent is a segment of people"]),
    ("age = 'abc", "person", ["column 7: a quoted text is not closed."]),
    ('estate = "North"', "home", ['" does not quote a text here. Use \' before and after.']),
    ("date_of_birth < 1960-02-30", "person", ["there is no day 1960-02-30."]),
    ("age / 2 > 5", "person", ["a rule cannot use /."]),
    ("age > 99999999999999999999", "person", ["too large to compare exactly."]),
    ("age in (1, 1)", "person", ["this value is listed twice."]),
    ("age in (1, as_of)", "person", ["as_of does not belong in a list."]),
    ("tenure = no", "tenancy", ["To use no as a code, quote it: 'no'."]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "unit", "expected"), WRONG)
def test_what_is_wrong_is_said_with_place_and_remedy(text, unit, expected):
    found = problems(text, unit)
    for words in expected:
        assert any(words in problem for problem in found), found


def test_all_problems_come_at_once_in_the_order_of_the_text():
    found = problems(
        "agge > 5 and contents_insurance is none and (age >> 2 or tenure = secur) and £1.5.2 = age"
    )
    assert [problem.split(":")[0].split("column ")[1] for problem in found] == ["36", "51", "78"]
    found = problems("agge > 5 and tenure = secur and any repairr and mobile = 'x'")
    assert len(found) == 4


PURPOSES = [
    ("contents_insurance = none", "service_offers", "select", None),
    (
        "contents_insurance = none",
        "fire_safety",
        "select",
        "contents_insurance may not pick people out for fire_safety",
    ),
    ("religion = muslim", "equality_monitoring", "count", None),
    ("religion = muslim", "service_offers", "select", "Schedule 1, paragraph 8(3)"),
    ("religion is refused", "service_offers", "select", "Schedule 1, paragraph 8(3)"),
    ("age > 5", "shopping", "select", "the purpose 'shopping' does not exist"),
    ("any asb_case", "service_offers", "select", "may not pick people out"),
    ("any member (religion = muslim)", "service_offers", "select", "Schedule 1, paragraph 8(3)"),
]


@pytest.mark.parametrize(("text", "purpose", "use", "denied"), PURPOSES)
def test_a_purpose_decides_what_a_rule_may_read(text, purpose, use, denied):
    if denied is None:
        rule(text, purpose=purpose, use=use)
        return
    found = problems(text, purpose=purpose, use=use)
    assert denied in found[0]


def test_the_purpose_is_asked_of_what_other_segments_read():
    found = problems("in segment silent", purpose="fire_safety", use="select")
    assert "days_silent may not pick people out for fire_safety" in found[0]


def test_a_role_uses_only_its_own_purposes():
    found = problems("age > 5", purpose="income_collection", may=("communication",))
    assert (
        "your role does not use data for income_collection. It may for: communication." in found[0]
    )


def test_what_a_rule_reads_is_known():
    where = scope(CATALOGUE, Grain.PERSON, segments=OTHERS)
    node = rule("any member (age < 5) and (in segment silent or any repair)")
    assert reads(node, where) == {"age", "days_silent", "event:repair"}


def test_json_that_says_no_rule_is_refused_with_the_path():
    for value, words in [
        ([], "rule: an object is expected."),
        ({"all": []}, "rule.all: a list of at least one condition"),
        ({"all": [{"field": "age", "is": "like", "value": 1, "kind": "number"}]}, "rule.all[0].is: it is one of ="),
        ({"field": "age", "is": ">", "value": "1 OR 1=1", "kind": "number"}, "rule.value: it is no number."),
        ({"node": "Window", "n": 5, "unit": "days"}, "a condition is expected, not a value."),
        ({"node": "__import__"}, "rule.node: it is one of"),
        ({"node": "InSegment", "key": "a", "drop": 1}, "InSegment has no drop."),
        ({"not": {"node": "Members", "how": "count", "where": {"node": "IsTrue", "of": {"node": "Field", "key": "x"}}}},
         "op and n belong to how 'count'"),
    ]:  # fmt: skip
        with pytest.raises(RuleError, match=r".*") as caught:
            from_json(value)
        assert words in str(caught.value)
