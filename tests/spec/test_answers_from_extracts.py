"""What a cell says: a state of knowledge first, and a value only where it is answered."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from rooftree.catalogue.model import Attribute, Catalogue, Code, CodeList, FrameMap
from rooftree.sources.definition import parse_definition
from rooftree.staging.contract import check_definitions
from rooftree.staging.store import stage_all
from rooftree.storage.engine import Engine
from rooftree.vocabulary.states import Grain, Sensitivity

SEX = CodeList(
    "sex", "Sex", "test", (Code("female", "Female"), Code("male", "Male")),
    {"core": FrameMap("core", "test", {"F": "female", "M": "male"}, {}, {"R": "refused"}, {"X": "asked otherwise"})},
)  # fmt: skip
NEEDS = CodeList("need", "Need", "test", (Code("hearing", "Hearing"), Code("sight", "Sight")))


def attribute(key: str, kind: str, codes: str | None = None, **more: float) -> Attribute:
    return Attribute(
        key, key, "test", Grain.PERSON, kind, "made up", Sensitivity.ORDINARY, (), (), 24, 12, (), "test",
        dt.date(2026, 1, 1), codes=codes, **more,
    )  # fmt: skip


ATTRIBUTES = (
    attribute("sex", "code", "sex"), attribute("needs", "codes", "need"), attribute("income", "money"),
    attribute("size", "number", minimum=1, maximum=15), attribute("since", "date"), attribute("pets", "boolean"),
    attribute("note", "text"),
)  # fmt: skip
CATALOGUE = Catalogue({a.key: a for a in ATTRIBUTES}, {"sex": SEX, "need": NEEDS}, {}, {}, "1")

HEAD = """
system = "crm"
kind = "contact"
[[extract]]
key = "people"
files = "p.csv"
delimiter = "|"
dates = ["dd/mm/yyyy"]
no_date = ["1900-01-01"]
[[extract.answer]]
subject = "ID"
from = "V"
"""


def answers(folder: Path, said: str, *values: str) -> tuple[list[tuple], list[tuple]]:
    """(state, value) of each value, and the rules that values broke."""
    text = "ID|V|On\n" + "".join(f"{n}|{value}|01/02/2025\n" for n, value in enumerate(values))
    (folder / "p.csv").write_text(text)
    definition, problems = parse_definition(HEAD + said)
    assert [*problems, *check_definitions([definition], catalogue=CATALOGUE)] == []
    with Engine() as engine:
        stage_all(
            [definition], extracts_dir=folder, staged_dir=folder / "s", corrections_dir=folder / "c", engine=engine,
            catalogue=CATALOGUE,
        )  # fmt: skip
        found = engine.rows(
            "SELECT subject_ref, state, value FROM staging.answer ORDER BY source_row"
        )
        rules = engine.rows("SELECT source_row - 1, rules FROM staging.reject ORDER BY 1")
        issues = engine.rows("SELECT rule, rows FROM staging.issue WHERE dimension = 'validity'")
        return [(int(n), state, value) for n, state, value in found], [*rules, *issues]


def test_a_frame_gives_values_and_states(tmp_path: Path) -> None:
    found, broken = answers(tmp_path, 'attribute = "sex"\nframe = "core"\n', "F", "R", "", "Q", "X")
    assert found == [
        (0, "answered", "female"),
        (1, "refused", None),
        # a blank was not asked: no statement. Q is refused as a code. X would need a guess:
        (4, "not_asked", None),
    ]
    assert broken == [(3, ["unknown_code"]), ("ambiguous_code", 1)]


def test_words_for_states_and_a_blank_that_means_something(tmp_path: Path) -> None:
    said = 'attribute = "note"\nrefused = ["PNTS"]\ndont_know = ["?"]\nblank = "not_applicable"\n'
    found, _ = answers(tmp_path, said, "hello", "PNTS", "?", "")
    assert found == [
        (0, "answered", "hello"),
        (1, "refused", None),
        (2, "dont_know", None),
        (3, "not_applicable", None),
    ]


def test_several_codes_in_one_cell_are_sorted_and_all_known(tmp_path: Path) -> None:
    said = 'attribute = "needs"\nseparator = ";"\nmap = { S = "sight", H = "hearing" }\n'
    found, broken = answers(tmp_path, said, "S; H", "H;H", "S;Z")
    assert found == [(0, "answered", "hearing;sight"), (1, "answered", "hearing")]
    assert broken == [(2, ["unknown_code"])]


@pytest.mark.parametrize(
    ("said", "text", "value"),
    [
        ('attribute = "income"\nunit = "pounds"\n', "£1,200.50", "120050"),
        ('attribute = "size"\n', "3", "3"),
        ('attribute = "size"\n', "2.50", "2.5"),
        ('attribute = "size"\n', "10", "10"),
        ('attribute = "since"\n', "01/02/2020", "2020-02-01"),
        ('attribute = "pets"\n', "Y", "true"),
    ],
)
def test_values_have_one_form_by_type(tmp_path: Path, said: str, text: str, value: str) -> None:
    assert answers(tmp_path, said, text) == ([(0, "answered", value)], [])


def test_a_sentinel_date_is_no_answer_and_a_bad_one_is_refused(tmp_path: Path) -> None:
    found, broken = answers(tmp_path, 'attribute = "since"\n', "01/01/1900", "31/02/2020")
    assert found == []
    assert broken == [(1, ["not_a_date"])]


def test_a_number_outside_its_range_is_refused(tmp_path: Path) -> None:
    assert answers(tmp_path, 'attribute = "size"\n', "0", "99", "many") == (
        [],
        [(0, ["out_of_range"]), (1, ["out_of_range"]), (2, ["not_a_number"])],
    )


def test_columns_that_say_yes_each_give_a_code(tmp_path: Path) -> None:
    said = HEAD.replace('from = "V"', 'flags = { V = "sight", On = "hearing" }')
    assert "flags" in said
    (tmp_path / "p.csv").write_text("ID|V|On\n0|1|Yes\n1|0|Yes\n2|0|0\n")
    definition, problems = parse_definition(said + 'attribute = "needs"\n')
    assert problems == []
    with Engine() as engine:
        stage_all(
            [definition], extracts_dir=tmp_path, staged_dir=tmp_path / "s", corrections_dir=tmp_path / "c",
            engine=engine, catalogue=CATALOGUE,
        )  # fmt: skip
        found = engine.rows("SELECT subject_ref, value FROM staging.answer ORDER BY 1")
        assert found == [("0", "hearing;sight"), ("1", "hearing")]


def test_when_and_how_it_was_recorded_is_kept(tmp_path: Path) -> None:
    said = 'attribute = "note"\nrecorded_on = "On"\nmethod = "telephone"\norigin = "observed"\nconfidence = 0.8\n'
    answers(tmp_path, said, "x")
    with Engine() as engine:
        definition, _ = parse_definition(HEAD + said)
        stage_all(
            [definition], extracts_dir=tmp_path, staged_dir=tmp_path / "s", corrections_dir=tmp_path / "c",
            engine=engine, catalogue=CATALOGUE,
        )  # fmt: skip
        row = engine.rows(
            "SELECT recorded_on, method, origin, confidence, raw_value, grain FROM staging.answer"
        )
        assert row == [(dt.date(2025, 2, 1), "telephone", "observed", 0.8, "x", "person")]
