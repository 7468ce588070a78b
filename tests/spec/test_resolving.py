"""Which answer stands: one small table per rule.

Each table lists what was said, as (value or state, origin, system, when); the value that stands; and
the rule that decided. The attribute is fresh for 24 months and trusts the housing system before the
contact system; the picture is of 31 March 2026. Every table is resolved twice, by the run in SQL and
by the record page in Python.
"""

from __future__ import annotations

import datetime as dt

import pytest

from rooftree.identity import schema as identity
from rooftree.profile.build import build
from rooftree.profile.resolve import resolve
from rooftree.vocabulary.states import State
from tests.lib.profiles import AS_OF, answers, attribute, catalogue, fill, nobody, records, said

KINDS = {
    "northgate": "housing",
    "crm": "contact",
    "website": "self_service",
    "rooftree": "register",
}
STATES = {str(state) for state in State}


def statement(line: tuple, row: int):
    word, origin, system, on = line[:4]
    more = line[4] if len(line) > 4 else {}
    state = word if word in STATES else "answered"
    return said(
        word if state == "answered" else None, on, state=state, origin=origin, system=system,
        source_kind=KINDS[system], source_row=row, source_file=system, **more,
    )  # fmt: skip


def rule(name, said, stands, why, **more):
    return pytest.param(said, stands, why, more, id=name)


@pytest.mark.parametrize(
    ("lines", "stands", "why", "more"),
    [
        rule(
            "one answer stands because there is no other",
            [("red", "told", "crm", "2025-05-03")],
            "red", "only",
        ),
        rule(
            "nothing said is not asked",
            [], "not_asked", "nothing_held",
        ),
        rule(
            "a blank is not asked either",
            [("not_asked", "told", "crm", "2026-01-01")],
            "not_asked", "nothing_held",
        ),
        rule(
            "what was said after the date of the picture is not known yet",
            [("red", "told", "crm", "2026-03-31"), ("blue", "told", "northgate", "2026-04-01")],
            "red", "only",
        ),
        rule(
            "an answer of unknown date counts as the oldest",
            [("red", "told", "crm", None), ("blue", "told", "crm", "1999-01-01")],
            "blue", "latest", fresh_months=None,
        ),
        rule(
            "an answer of unknown date is stale where the attribute goes stale",
            [("red", "told", "northgate", None), ("blue", "told", "crm", "2026-01-01")],
            "blue", "fresh",
        ),
        rule(
            "past retention nothing is held",
            [("red", "told", "crm", "2015-01-01")],
            "not_asked", "nothing_held", left_on=dt.date(2020, 3, 31),
        ),
        rule(
            "on the last day of retention it is still held",
            [("red", "told", "crm", "2019-01-01")],
            "red", "only", left_on=dt.date(2020, 4, 1),
        ),
        rule(
            "a withdrawal removes what was said up to and on its day, by any system",
            [
                ("red", "told", "northgate", "2026-02-01"),
                ("blue", "told", "crm", "2026-02-10"),
                ("withdrawn", "told", "website", "2026-02-10"),
            ],
            "withdrawn", "withdrawn",
        ),
        rule(
            "what the person says after a withdrawal stands",
            [
                ("withdrawn", "told", "website", "2026-02-10"),
                ("red", "told", "crm", "2026-02-11"),
            ],
            "red", "said",
        ),
        rule(
            "what is derived or bought after a withdrawal does not bring the value back",
            [
                ("withdrawn", "told", "website", "2026-02-10"),
                ("red", "derived", "northgate", "2026-03-01"),
                ("red", "bought", "northgate", "2026-03-02"),
                ("red", "observed", "northgate", "2026-03-03"),
            ],
            "withdrawn", "withdrawn",
        ),
        rule(
            "a blank after a withdrawal does not lift it",
            [
                ("withdrawn", "told", "website", "2026-02-10"),
                ("not_asked", "told", "crm", "2026-03-01"),
            ],
            "withdrawn", "withdrawn",
        ),
        rule(
            "a withdrawal of unknown date removes everything until it is given a date",
            [("withdrawn", "told", "crm", None), ("red", "told", "northgate", "2026-03-31")],
            "withdrawn", "withdrawn",
        ),
        rule(
            "a withdrawal that is not known yet removes nothing yet",
            [("withdrawn", "told", "crm", "2026-04-01"), ("red", "told", "crm", "2026-01-01")],
            "red", "only",
        ),
        rule(
            "a blank hides nothing",
            [
                ("not_asked", "told", "northgate", "2026-03-01"),
                ("red", "derived", "crm", "2026-01-01"),
            ],
            "red", "said",
        ),
        rule(
            "told comes before derived, even when it is stale",
            [("red", "told", "crm", "2010-01-01"), ("blue", "derived", "northgate", "2026-03-01")],
            "red", "origin",
        ),
        rule(
            "told comes before bought, even when it is 'does not know'",
            [
                ("dont_know", "told", "crm", "2026-01-01"),
                ("blue", "bought", "northgate", "2026-03-01"),
            ],
            "dont_know", "origin",
        ),
        rule(
            "observed comes before derived, derived before bought",
            [
                ("red", "bought", "northgate", "2026-03-03"),
                ("blue", "derived", "northgate", "2026-03-02"),
                ("green", "observed", "crm", "2026-03-01"),
            ],
            "green", "origin",
        ),
        rule(
            "fresh comes before stale, whatever the source",
            [
                ("red", "told", "northgate", "2024-03-31"),
                ("blue", "told", "website", "2024-04-01"),
            ],
            "blue", "fresh",
        ),
        rule(
            "a refusal elsewhere does not erase an answer that is still fresh",
            [("red", "told", "crm", "2025-01-01"), ("refused", "told", "northgate", "2026-03-01")],
            "red", "kept_over_refusal",
        ),
        rule(
            "a fresh refusal outranks a stale answer",
            [("red", "told", "northgate", "2020-01-01"), ("refused", "told", "crm", "2026-03-01")],
            "refused", "fresh",
        ),
        rule(
            "an answer, then a refusal, then 'does not know', then 'not applicable'",
            [
                ("not_applicable", "told", "northgate", "2026-03-03"),
                ("dont_know", "told", "northgate", "2026-03-02"),
                ("refused", "told", "crm", "2026-03-01"),
            ],
            "refused", "state",
        ),
        rule(
            "the catalogue says which kind of source comes first",
            [("red", "told", "northgate", "2025-01-01"), ("blue", "told", "crm", "2026-03-01")],
            "red", "precedence",
        ),
        rule(
            "a source that the catalogue does not list comes after those it does",
            [("red", "told", "crm", "2025-01-01"), ("blue", "told", "website", "2026-03-01")],
            "red", "precedence",
        ),
        rule(
            "of one source the latest stands",
            [("red", "told", "crm", "2025-01-01"), ("blue", "told", "crm", "2025-01-02")],
            "blue", "latest",
        ),
        rule(
            "of one day the surer stands; no confidence given is as good as the source",
            [
                ("red", "told", "crm", "2025-01-01", {"confidence": 0.9}),
                ("blue", "told", "crm", "2025-01-01", {"confidence": None}),
            ],
            "blue", "confidence",
        ),
        rule(
            "all equal, the first row stands, so that the result is always the same",
            [("red", "told", "crm", "2025-01-01"), ("blue", "told", "crm", "2025-01-01")],
            "red", "tie",
        ),
    ],
)  # fmt: skip
def test_rule(engine, lines, stands, why, more):
    wanted = attribute(fresh_months=more.get("fresh_months", 24))
    left_on = more.get("left_on")
    statements = [statement(line, row) for row, line in enumerate(lines, 1)]

    in_memory = resolve(statements, wanted, as_of=AS_OF, left_on=left_on)
    assert (in_memory.value or in_memory.state, in_memory.why) == (stands, why)

    nobody(engine)
    records(engine, [(system, "r1", "P1") for system in KINDS])
    if left_on:
        fill(engine, identity.TENANCY, [{"tenancy_id": "T1", "ended_on": left_on}])
        fill(engine, identity.MEMBER, [{"tenancy_id": "T1", "person_id": "P1"}])
    answers(engine, [(wanted.key, "r1", one) for one in statements])
    summary = build(engine, as_of=AS_OF, catalogue=catalogue(wanted))
    found = engine.rows("SELECT coalesce(value, state), why FROM profile.value")
    assert found == ([] if stands == "not_asked" else [(stands, why)])
    assert summary.n_statements == len(statements)


def test_a_value_says_from_when_it_needs_asking_again():
    one = resolve([said("red", "2024-02-29")], attribute(fresh_months=12), as_of=AS_OF)
    assert (one.stale_on, one.is_stale) == (dt.date(2025, 2, 28), True)
    lasting = resolve([said("red", "1990-01-01")], attribute(fresh_months=None), as_of=AS_OF)
    assert (lasting.stale_on, lasting.is_stale) == (None, False)
    undated = resolve([said("red", None)], attribute(fresh_months=12), as_of=AS_OF)
    assert (undated.stale_on, undated.is_stale) == (None, True)


@pytest.mark.parametrize(
    ("lines", "in_conflict"),
    [
        pytest.param(
            [("red", "told", "northgate", "2025-01-01"), ("blue", "told", "crm", "2025-06-01")],
            ["crm"], id="two systems disagree",
        ),
        pytest.param(
            [("red", "told", "northgate", "2025-01-01"), ("red", "told", "crm", "2025-06-01")],
            [], id="two systems agree",
        ),
        pytest.param(
            [("red", "told", "northgate", "2025-01-01"), ("blue", "told", "northgate", "2024-06-01")],
            [], id="an older answer of the same system is its history",
        ),
        pytest.param(
            [
                ("red", "told", "northgate", "2025-01-01"),
                ("blue", "told", "crm", "2024-06-01"),
                ("red", "told", "crm", "2025-06-01"),
            ],
            [], id="only the last word of the other system counts",
        ),
        pytest.param(
            [("red", "told", "northgate", "2025-01-01"), ("blue", "told", "crm", "2020-01-01")],
            [], id="a stale answer is out of date, not in conflict",
        ),
        pytest.param(
            [("red", "told", "northgate", "2025-01-01"), ("blue", "bought", "crm", "2025-06-01")],
            [], id="what was bought does not contradict what was told",
        ),
        pytest.param(
            [("red", "told", "northgate", "2025-01-01"), ("refused", "told", "crm", "2025-06-01")],
            [], id="a refusal says nothing else",
        ),
    ],
)  # fmt: skip
def test_conflict(lines, in_conflict):
    statements = [statement(line, row) for row, line in enumerate(lines, 1)]
    one = resolve(statements, attribute(), as_of=AS_OF)
    assert [other.system for other in one.conflicts] == in_conflict
