"""Writing the reference pages, and finding out which are out of date."""

from __future__ import annotations

from pathlib import Path

import pytest

from rooftree.catalogue import load, reference
from rooftree.catalogue.markdown import facts, table


def test_the_program_writes_every_page_and_then_finds_them_current(tmp_path: Path):
    folder = tmp_path / "reference"
    assert reference.main([str(folder)]) == 0
    assert {path.name for path in folder.iterdir()} == set(reference.PAGES)
    assert reference.main(["--check", str(folder)]) == 0


def test_the_check_names_pages_that_are_out_of_date_and_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    reference.main([str(tmp_path)])
    (tmp_path / "purposes.md").write_text("old", encoding="utf-8")
    (tmp_path / "features.md").unlink()
    assert reference.main(["--check", str(tmp_path)]) == 1
    message = capsys.readouterr().err
    assert "features.md" in message
    assert "purposes.md" in message
    assert "attributes.md" not in message
    assert (tmp_path / "purposes.md").read_text(encoding="utf-8") == "old"
    assert not (tmp_path / "features.md").exists()


def test_the_same_definitions_give_the_same_pages():
    assert reference.pages(load()) == reference.pages(load())


def test_every_loss_is_on_the_page_with_its_reason():
    page = reference.pages(load())["code-lists.md"]
    for code_list in load().code_lists.values():
        for frame in code_list.frames.values():
            assert all(reason in page for reason in frame.lossy.values())
            assert all(reason in page for reason in frame.ambiguous.values())


def test_a_bar_in_a_text_does_not_break_its_table():
    assert table(("a",), [["one | two"]]).splitlines()[-1] == "| one \\| two |"


def test_facts_that_are_not_given_are_left_out():
    assert facts([("unit", ""), ("owner", "Somebody")]).count("\n") == 2
    assert facts([("unit", "")]) == ""
