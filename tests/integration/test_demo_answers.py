"""What the made-up landlord's columns answer are attributes of the catalogue, in codes that it has."""

from __future__ import annotations

import datetime as dt

import pytest

from rooftree.demo.answers import ANSWERS, Answer
from rooftree.demo.world import Landlord, World, build_world

load = pytest.importorskip("rooftree.catalogue.load").load


@pytest.fixture(scope="module")
def world() -> World:
    return build_world(Landlord(1_500, "council", "city", 4, dt.date(2026, 3, 31), 5))


@pytest.fixture(scope="module")
def catalogue():
    return load()


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda a: f"{a.extract}:{a.attribute}")
def test_each_answer_is_an_attribute_with_codes_for_the_truth(
    answer: Answer, world: World, catalogue
) -> None:
    attribute = catalogue.attributes[answer.attribute]
    if answer.frame:
        assert answer.frame in catalogue.code_lists[attribute.codes].frames
    elif answer.truth and attribute.codes:
        said = {str(v) for v in world.attributes[answer.truth]}
        parts = {p for text in said for p in text.split(answer.separator or "\n") if p}
        ours = {answer.codes.get(p, p) for p in parts}
        assert ours <= set(catalogue.code_lists[attribute.codes].keys)
