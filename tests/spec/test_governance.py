"""What a purpose allows, how sensitive a value is, and until when it may be kept."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from rooftree.catalogue import load
from rooftree.governance import (
    check_may_count,
    check_may_select,
    may_count,
    may_select,
    most_sensitive,
    rank,
    retention_ends_on,
)
from rooftree.vocabulary.errors import ExitCode, PolicyDenied
from rooftree.vocabulary.states import Sensitivity

CATALOGUE = load()
BORN = CATALOGUE.attributes["date_of_birth"]
ETHNIC = CATALOGUE.attributes["ethnic_group"]
PURPOSE = CATALOGUE.purposes


@pytest.mark.parametrize(
    ("attribute", "purpose", "select", "count"),
    [
        (BORN, "income_collection", True, True),
        (BORN, "equality_monitoring", False, True),
        (BORN, "marketing", False, False),
        (ETHNIC, "equality_monitoring", False, True),
        (ETHNIC, "income_collection", False, False),
        (ETHNIC, "communication", False, False),
    ],
)
def test_each_check_raises_where_its_twin_says_no(attribute, purpose, select, count):
    assert may_select(attribute, PURPOSE[purpose]) is select
    assert may_count(attribute, PURPOSE[purpose]) is count
    for allowed, check in ((select, check_may_select), (count, check_may_count)):
        if allowed:
            check(attribute, PURPOSE[purpose])
        else:
            with pytest.raises(PolicyDenied) as denied:
                check(attribute, PURPOSE[purpose])
            assert denied.value.exit_code == ExitCode.POLICY


def test_a_denial_says_which_why_and_what_would_be_allowed():
    with pytest.raises(PolicyDenied) as denied:
        check_may_select(ETHNIC, PURPOSE["income_collection"])
    message = str(denied.value)
    assert message.startswith("ethnic_group may not pick people out for income_collection:")
    assert "paragraph 8(3)" in message
    assert "It may pick people out for: nothing." in message
    assert "It may be counted for: equality_monitoring, " in message


def test_a_counting_purpose_never_selects_even_where_an_attribute_names_it():
    forged = replace(BORN, select_for=("equality_monitoring",))
    assert not may_select(forged, PURPOSE["equality_monitoring"])


def test_an_equality_answer_never_selects_even_where_it_names_a_purpose():
    forged = replace(ETHNIC, select_for=("communication",))
    assert not may_select(forged, PURPOSE["communication"])
    assert not may_count(forged, PURPOSE["communication"])
    with pytest.raises(PolicyDenied, match="pick people out for: nothing"):
        check_may_select(forged, PURPOSE["communication"])


def test_every_sensitivity_has_a_rank_and_safeguarding_stands_last():
    assert sorted(rank(sensitivity) for sensitivity in Sensitivity) == list(range(len(Sensitivity)))
    assert most_sensitive(Sensitivity) == Sensitivity.SAFEGUARDING
    assert most_sensitive([]) == Sensitivity.ORDINARY
    assert most_sensitive([Sensitivity.CONTACT, Sensitivity.FINANCIAL]) == Sensitivity.FINANCIAL


@pytest.mark.parametrize(
    ("ended", "months", "ends"),
    [
        ("2026-03-15", 12, "2027-03-15"),
        ("2026-01-31", 1, "2026-02-28"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2025-12-31", 2, "2026-02-28"),
        ("2026-12-01", 1, "2027-01-01"),
    ],
)
def test_retention_counts_calendar_months_from_the_end_of_the_last_tenancy(ended, months, ends):
    attribute = replace(ETHNIC, keep_months=months)
    found = retention_ends_on(attribute, tenancy_ended_on=dt.date.fromisoformat(ended))
    assert found == dt.date.fromisoformat(ends)


def test_a_running_tenancy_has_not_started_the_clock():
    assert retention_ends_on(ETHNIC, tenancy_ended_on=None) is None
