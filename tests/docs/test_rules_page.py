"""Every rule on the documentation pages is one that loads."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from rooftree.catalogue import load
from rooftree.segments.check import check
from rooftree.segments.definition import load_segments
from rooftree.segments.fields import Other, scope
from rooftree.segments.parse import parse
from rooftree.vocabulary.states import Grain

DOCS = Path(__file__).parents[2] / "docs"
CATALOGUE = load()
SEGMENTS = load_segments(CATALOGUE)
OTHERS = {one.key: Other(one.definition.unit, one.reads) for one in SEGMENTS}
RULES = [
    (match.group(1), match.group(2).strip())
    for match in re.finditer(r"```rule (\w+)\n(.*?)```", (DOCS / "explanation/rules.md").read_text("utf-8"), re.DOTALL)
]  # fmt: skip


def test_the_page_has_rules():
    assert len(RULES) >= 12


@pytest.mark.parametrize(("unit", "text"), RULES)
def test_a_rule_of_the_page_loads(unit, text):
    check(parse(text), scope(CATALOGUE, Grain(unit), segments=OTHERS), text=text)


def test_the_segment_of_the_how_to_loads_and_its_examples_hold(tmp_path):
    page = (DOCS / "how-to/write-a-segment.md").read_text("utf-8")
    (text,) = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    key = tomllib.loads(text)["key"]
    folder = tmp_path / "segments"
    folder.mkdir()
    (folder / f"{key}.toml").write_text(text, "utf-8")
    from rooftree.segments.examples import run_examples

    found = load_segments(load(tmp_path))
    assert found.problems == ()
    outcomes, problems = run_examples(found[key], found.scope(found[key]))
    assert problems == ()
    assert all(one.holds for one in outcomes)
