"""Any text at all gives a rule or an error with a place; nothing else, and not slowly."""

from __future__ import annotations

import os
import random
import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rooftree.catalogue import load
from rooftree.segments.check import check
from rooftree.segments.errors import Fault, RuleError
from rooftree.segments.fields import Scope, scope
from rooftree.segments.nodes import Node
from rooftree.segments.parse import parse
from rooftree.segments.text import to_text
from rooftree.segments.tokens import LONGEST
from rooftree.vocabulary.states import Grain
from tests.spec.test_segment_language import FORMS, OTHERS

CATALOGUE = load()
SCOPES = {unit: scope(CATALOGUE, unit, segments=OTHERS) for unit in Grain}
MANY = 20_000 if os.environ.get("ROOFTREE_FUZZ") else 300
WORDS = sorted(
    {word for text, *_ in FORMS for word in text.replace("(", " ( ").replace(")", " ) ").split()}
)


def read(text: str) -> None:
    """Read a text as far as it goes; whatever goes wrong must be a RuleError that points into the text."""
    for where in SCOPES.values():
        node, faults = _tried(text, where)
        assert (node is None) == bool(faults)
        for fault in faults:
            assert 0 <= fault.at.start <= fault.at.end <= len(text)
            assert fault.what
        if node is not None:
            again = to_text(node, events=dict(CATALOGUE.events))
            assert check(parse(again), where, text=again) == node


def _tried(text: str, where: Scope) -> tuple[Node | None, tuple[Fault, ...]]:
    try:
        return check(parse(text), where, text=text), ()
    except RuleError as error:
        return None, error.faults


@settings(max_examples=MANY, deadline=None)
@given(st.text(max_size=200))
def test_any_text(text):
    read(text)


@settings(max_examples=MANY, deadline=None)
@given(st.lists(st.sampled_from(WORDS), max_size=30))
def test_any_words_of_the_language(words):
    read(" ".join(words))


@pytest.mark.parametrize("seed", range(MANY // 10))
def test_a_rule_with_letters_lost_moved_or_added(seed):
    draw = random.Random(seed)
    text = draw.choice(FORMS)[0]
    for _ in range(draw.randint(1, 4)):
        place = draw.randrange(len(text) + 1)
        match draw.randrange(4):
            case 0:
                text = text[:place] + text[place + 1 :]
            case 1:
                text = text[:place] + draw.choice(string.printable + "£’") + text[place:]
            case 2:
                text = text[:place] + " " + draw.choice(WORDS) + " " + text[place:]
            case 3:
                text = text + draw.choice([" and ", " or ", " not "]) + draw.choice(FORMS)[0]
    read(text)


@pytest.mark.parametrize(
    "text",
    [
        "(" * 5_000,
        "(" * 300 + "age > 5" + ")" * 300,
        "not " * 4_000 + "age > 5",
        "((((((((((((((((((((((((a) > 1) > 1) > 1) > 1) > 1) > 1) > 1) > 1)",
        " and ".join(["age > 5"] * 400),
        "age in (" + ", ".join(str(i) for i in range(999)) + ")",
        "any repair where " * 1_000,
        "age + " * 3_000 + "5 > 3",
        "a" * LONGEST,
        "a" * (LONGEST + 1),
        "'" * 9_999,
        "£" * 9_999,
        "1" * 9_999,
        "age > 5 \x00 \ud800",
        "\N{RIGHT-TO-LEFT OVERRIDE}age > 5",
    ],
    ids=range(15),
)
def test_hostile_texts_neither_hang_nor_break(text):
    read(text)
