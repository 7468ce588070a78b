"""The segments that come with Rooftree: each loads, its examples turn out as they say, and its rule is sound."""

from __future__ import annotations

import pytest

from rooftree.catalogue import load
from rooftree.segments.definition import load_segments
from rooftree.segments.english import to_english
from rooftree.segments.examples import run_examples
from rooftree.segments.lint import lint
from rooftree.segments.parse import parse
from rooftree.segments.text import to_text

CATALOGUE = load()
SEGMENTS = load_segments(CATALOGUE)


def test_all_of_them_load():
    assert SEGMENTS.problems == ()
    assert len(SEGMENTS.ready) >= 20


@pytest.mark.parametrize("segment", tuple(SEGMENTS), ids=lambda segment: segment.key)
def test_its_examples_turn_out_as_they_say(segment):
    outcomes, problems = run_examples(segment, SEGMENTS.scope(segment))
    assert problems == ()
    assert [(one.says, one.found) for one in outcomes] == [
        (one.says, one.expected) for one in outcomes
    ]
    assert {one.expected for one in outcomes} >= {"in", "out"}


@pytest.mark.parametrize("segment", tuple(SEGMENTS), ids=lambda segment: segment.key)
def test_its_rule_is_sound_and_told_in_plain_words(segment):
    scope = SEGMENTS.scope(segment)
    assert lint(segment.node, scope, label=segment.definition.label) == ()
    text = to_text(segment.node, events=dict(CATALOGUE.events))
    assert to_text(parse(text), events=dict(CATALOGUE.events)) == text
    assert "_" not in to_english(segment.node, scope)


def test_an_example_that_does_not_hold_is_found():
    segment = SEGMENTS["new_tenancy"]
    outcomes, _ = run_examples(segment, SEGMENTS.scope(segment))
    assert all(one.holds for one in outcomes)
    assert not any(type(one)(one.says, "unknown", one.found).holds for one in outcomes)
