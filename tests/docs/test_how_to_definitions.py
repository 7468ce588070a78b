"""The examples on the page about definitions load as they stand."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from rooftree.catalogue import from_ours, load
from rooftree.vocabulary.errors import PolicyDenied

PAGE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "add-an-attribute.md"


def test_the_examples_of_the_page_make_a_catalogue(tmp_path: Path):
    blocks = re.findall(r"```toml\n# (definitions/\S+)\n(.*?)```", PAGE.read_text(), flags=re.S)
    assert len(blocks) == PAGE.read_text().count("```toml") == 4
    for name, text in blocks:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    catalogue = load(tmp_path / "definitions")
    assert catalogue.overlaid == ("contents_insurance", "garden", "service_offers")
    assert from_ours(catalogue.code_lists["garden"], "old_form", "with_help").raw == "Y"
    assert catalogue.attributes["contents_insurance"].fresh_months == 12


def test_the_example_of_the_page_on_purposes_ends_in_the_refusal_it_promises():
    page = PAGE.parent.parent / "explanation" / "purpose-decides.md"
    (example,) = re.findall(r"```python\n(.*?)```", page.read_text(), flags=re.S)
    with pytest.raises(PolicyDenied, match="religion may not pick people out for communication"):
        exec(compile(example, page.name, "exec"), {})
