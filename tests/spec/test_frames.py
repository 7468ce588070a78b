"""How codes travel between our lists and outside frames, and how loss is said aloud."""

from __future__ import annotations

import pytest

from rooftree.catalogue import from_ours, load, rows, to_ours
from rooftree.catalogue.frames import OURS, Inward, Outward, normal
from rooftree.vocabulary.errors import DefinitionError
from rooftree.vocabulary.states import State

CATALOGUE = load()
ETHNIC = CATALOGUE.code_lists["ethnic_group"]
SEX = CATALOGUE.code_lists["sex"]
PAIRS = [
    (code_list, frame)
    for code_list in CATALOGUE.code_lists.values()
    for frame in code_list.frames.values()
]
NAMES = [f"{code_list.key}-{frame.frame}" for code_list, frame in PAIRS]


def test_an_outside_code_becomes_ours():
    assert to_ours(ETHNIC, "core_2026", "20") == Inward(State.ANSWERED, "roma")
    assert to_ours(ETHNIC, "census_2021", "16") == Inward(State.ANSWERED, "roma")


def test_case_and_blanks_around_a_code_do_not_count():
    assert to_ours(ETHNIC, "16+1", " a1 ") == to_ours(ETHNIC, "16+1", "A1")
    assert normal("  Secure ") == "secure"


def test_a_refusal_is_a_state_and_not_a_value():
    assert to_ours(ETHNIC, "core_2026", "17") == Inward(State.REFUSED, None)
    assert to_ours(SEX, "core_2026", "R") == Inward(State.REFUSED, None)


def test_a_code_that_would_need_a_guess_is_not_mapped_and_says_why():
    found = to_ours(ETHNIC, "16+1", "W9")
    assert (found.state, found.value) == (None, None)
    assert "Roma" in found.note


@pytest.mark.parametrize("raw", ["F", "M", "X"])
def test_the_gender_asked_before_2026_never_becomes_sex_at_birth(raw: str):
    old = to_ours(SEX, "core_2025", raw)
    assert (old.state, old.value) == (None, None)
    assert old.note


def test_the_gender_asked_before_2026_is_kept_as_gender():
    gender = CATALOGUE.code_lists["gender"]
    assert to_ours(gender, "core_2025", "X") == Inward(State.ANSWERED, "non_binary")
    assert to_ours(gender, "core_2026", "F").value is None


def test_a_code_that_the_frame_does_not_have_is_said_to_be_unknown():
    assert to_ours(ETHNIC, "core_2026", "99").note == "not a code of core_2026 for ethnic_group"


@pytest.mark.parametrize("code", ["roma", "gypsy_or_irish_traveller", "arab"])
def test_groups_that_16_plus_1_lacks_go_out_under_a_wider_one_with_a_note(code: str):
    out = from_ours(ETHNIC, "16+1", code)
    assert out.raw in ("W9", "O9")
    assert "Not among the 16 groups" in out.note


def test_going_out_without_loss_has_no_note():
    assert from_ours(ETHNIC, "16+1", "indian") == Outward("A1", "")


def test_our_own_codes_are_a_frame_too():
    assert to_ours(ETHNIC, OURS, "roma") == Inward(State.ANSWERED, "roma")
    assert from_ours(ETHNIC, OURS, "roma") == Outward("roma")


def test_an_unknown_frame_names_those_there_are():
    with pytest.raises(
        DefinitionError, match=r"has no frame core_1999\. It has: rooftree, core_2026"
    ):
        rows(ETHNIC, "core_1999")


def test_an_unknown_code_of_ours_is_an_error():
    with pytest.raises(DefinitionError, match="has no code martian"):
        from_ours(ETHNIC, "core_2026", "martian")


@pytest.mark.parametrize(("code_list", "frame"), PAIRS, ids=NAMES)
def test_out_and_back_is_the_same_unless_the_map_says_what_is_lost(code_list, frame):
    for code in code_list.keys:
        out = from_ours(code_list, frame.frame, code)
        if not out.note:
            assert out.raw is not None
            assert to_ours(code_list, frame.frame, out.raw) == Inward(State.ANSWERED, code)


@pytest.mark.parametrize(("code_list", "frame"), PAIRS, ids=NAMES)
def test_the_rows_of_a_frame_say_the_same_as_each_code_alone(code_list, frame):
    table = rows(code_list, frame.frame)
    assert [row.raw for row in table] == sorted({row.raw for row in table})
    for row in table:
        alone = to_ours(code_list, frame.frame, row.raw)
        assert (row.state, row.value, row.note) == (alone.state, alone.value, alone.note)
        assert (row.value is not None) == (row.state == State.ANSWERED)
        assert row.state or row.note
