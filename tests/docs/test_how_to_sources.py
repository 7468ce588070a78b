"""The page about source definitions: its examples load, its first one runs, and no option is missing."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from rooftree.catalogue import load
from rooftree.sources.definition import parse_definition, read_definitions
from rooftree.sources.model import DATE_FORMATS, ENCODINGS, FORMATS
from rooftree.sources.toml_block import Block
from rooftree.staging.contract import check_definitions
from rooftree.staging.store import stage_all
from rooftree.storage.engine import Engine
from rooftree.vocabulary.progress import NoProgress
from rooftree.vocabulary.states import SourceKind

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "how-to" / "add-a-source.md").read_text(
    encoding="utf-8"
)
EXAMPLES = dict(re.findall(r"```toml\n# sources/(\S+)\n(.*?)```", PAGE, re.S))


@pytest.mark.parametrize("name", EXAMPLES)
def test_each_example_is_a_definition_without_problems(name: str):
    definition, problems = parse_definition(EXAMPLES[name], place=name)
    assert [*problems, *check_definitions([definition], catalogue=load())] == []


def test_there_is_an_example_of_every_format():
    formats = {parse_definition(text)[0].extracts[0].format for text in EXAMPLES.values()}
    assert formats == set(FORMATS)


#: The heading of the section that lists the options read by each function of `sources.definition`.
SECTIONS = {
    "_definition": "The system",
    "_extract": "An extract",
    "_file_options": "An extract",
    "_table": "A table",
    "_rule": "A rule",
    "_reference": "A reference",
    "_value": "A column",
    "_answer": "An answer",
    "_subject": "An answer",
}


def _read_by(monkeypatch: pytest.MonkeyPatch) -> dict[str, set[str]]:
    """The keys that each function asks a block for, seen while a definition is read."""
    import inspect

    asked: dict[str, set[str]] = {}
    take = Block._take

    def watched(self: Block, key: str, **options: Any) -> Any:
        caller = next(f.function for f in inspect.stack() if f.function in SECTIONS)
        asked.setdefault(caller, set()).add(key)
        return take(self, key, **options)

    monkeypatch.setattr(Block, "_take", watched)
    parse_definition(
        'system = "s"\n[[extract]]\nkey = "e"\nfiles = "f"\n'
        '[[extract.table]]\ntable = "person"\n[extract.table.columns]\nperson_ref = { from = "A" }\n'
        '[[extract.table.rule]]\nkey = "r"\n[[extract.reference]]\nkey = "x"\n'
        '[[extract.answer]]\nattribute = "religion"\nsubject = "A"\norigin = "told"\n'
    )
    return asked


def test_every_option_that_is_read_stands_in_its_table(monkeypatch: pytest.MonkeyPatch):
    asked = _read_by(monkeypatch)
    assert set(asked) == set(SECTIONS)
    for function, heading in SECTIONS.items():
        (section,) = re.findall(rf"^## {heading}\n(.*?)(?=^## )", PAGE, re.M | re.S)
        named = {
            w for row in re.findall(r"^\| (`.*?`) \|", section, re.M) for w in re.findall(r"`(\w+)`", row)
        }  # fmt: skip
        assert asked[function] - named == set(), heading


@pytest.mark.parametrize("word", [*FORMATS, *ENCODINGS, *(k.value for k in SourceKind)])
def test_every_word_of_a_closed_set_is_on_the_page(word: str):
    assert word in PAGE


def test_every_date_format_is_on_the_page():
    short = {"dd/mm/yy", "dd-mm-yy", "dd.mm.yy"}  # "the same with yy"
    assert [name for name in DATE_FORMATS if f"`{name}`" not in PAGE and name not in short] == []


def test_the_first_example_stages_its_file_without_a_refusal(tmp_path: Path):
    (csv,) = re.findall(r"```csv\n(.*?)```", PAGE, re.S)
    for folder in ("extracts", "sources"):
        (tmp_path / folder).mkdir()
    (tmp_path / "extracts" / "tenants_2026.csv").write_text(csv, encoding="utf-8")
    (tmp_path / "sources" / "desk.toml").write_text(EXAMPLES["desk.toml"], encoding="utf-8")
    definitions, _ = read_definitions(tmp_path / "sources")
    with Engine() as engine:
        stage_all(
            definitions,
            extracts_dir=tmp_path / "extracts",
            staged_dir=tmp_path / "staged",
            corrections_dir=tmp_path / "corrections",
            environment={},
            catalogue=load(),
            engine=engine,
            progress=NoProgress(),
        )
        assert engine.value("SELECT count(*) FROM staging.reject") == 0
        people = engine.rows(
            "SELECT person_ref, year(date_of_birth) FROM staging.person ORDER BY 1"
        )
        assert people == [("T1", 1981), ("T2", 1999)]
        answers = engine.rows(
            "SELECT attribute, value FROM staging.answer WHERE state = 'answered'"
        )
        assert answers == [("religion", "christian")]
