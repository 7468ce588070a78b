"""A definition with slips: every one is told, where it stands, with the word that was meant."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from rooftree.catalogue.model import Attribute, Catalogue, Code, CodeList, FrameMap
from rooftree.sources.definition import parse_definition
from rooftree.staging.contract import check_definitions, load_definitions
from rooftree.vocabulary.errors import DefinitionError
from rooftree.vocabulary.states import Grain, Sensitivity

FRAME = FrameMap("core", "test", {"1": "yes", "2": "no"}, {}, {"3": "refused"})
YES_NO = (Code("yes", "Yes"), Code("no", "No"))
LISTS = {"yes_no": CodeList("yes_no", "Yes or no", "test", YES_NO, {"core": FRAME})}
PETS = Attribute(
    "pets", "Pets", "home", Grain.HOUSEHOLD, "code", "keeps a pet", Sensitivity.ORDINARY, (), (), 24, 12, (), "test",
    dt.date(2026, 1, 1), codes="yes_no",
)  # fmt: skip
CATALOGUE = Catalogue({"pets": PETS}, LISTS, {}, {}, "1")

HEAD = 'system = "crm"\nkind = "contact"\n[[extract]]\nkey = "people"\nfiles = "p.csv"\n'
TABLE = '[[extract.table]]\ntable = "person"\n[extract.table.columns]\nperson_ref = "ID"\n'


def problems(text: str) -> list[str]:
    definition, found = parse_definition(text, place="crm.toml")
    return [str(p) for p in (*found, *check_definitions([definition], catalogue=CATALOGUE))]


def test_a_good_definition_has_no_problem() -> None:
    assert problems(HEAD + TABLE) == []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (HEAD + 'encodng = "cp1252"\n' + TABLE,
         "people: the key encodng is not known. Did you mean encoding?"),
        (HEAD + 'encoding = "cp1253"\n' + TABLE,
         "people: encoding = 'cp1253' is not known. Did you mean cp1252?"),
        (HEAD + TABLE.replace('"person"', '"persn"'),
         "people.table[1] persn: there is no canonical table 'persn'. Did you mean person?"),
        (HEAD + TABLE + 'date_of_brith = "DOB"\n',
         "people.table[1] person.date_of_brith: person has no column date_of_brith. Did you mean date_of_birth?"),
        (HEAD + TABLE.replace("person_ref", "email"),
         "people.table[1] person: the required column person_ref is not mapped. Add person_ref."),
        (HEAD + TABLE + 'title = { sql = "median(x)" }\n',
         "people.table[1] person.title: median is not allowed here. Write one expression over the columns of one row."),
        (HEAD + TABLE + 'title = { sql = "strftime(x, y)" }\n',
         "people.table[1] person.title: the function time_to_str is not portable. Use a house function, or add one."),
        (HEAD + TABLE + 'title = { from = "T", constant = "x" }\n',
         "people.table[1] person.title: exactly one of from, sql and constant is needed; from and constant are given."),
        (HEAD + 'dates = ["dd/mm/yy"]\n' + TABLE,
         ("people: a date format has a year of two digits, and no pivot_year is given. Say pivot_year = 30 where "
          "00 to 30 are 20xx.")),
        (HEAD + TABLE.replace('"person"', '"tenancy"').replace("person_ref", "tenancy_ref") + 'rent_pence = "R"\n',
         'people.table[1] tenancy.rent_pence: the unit of an amount is not said. Say unit = "pounds" or "pence".'),
        (HEAD + TABLE + '[[extract.table.rule]]\nkey = "a"\nholds = "phonee = 1"\nmessage = "m"\nremedy = "r"\n',
         "people.table[1] person rule a: the expression reads phonee, which is no column. Did you mean phone?"),
        (HEAD + TABLE + '[[extract.answer]]\nattribute = "pet"\nsubject = "T"\nfrom = "P"\n',
         "people.answer[1] pet: the catalogue has no attribute pet. Did you mean pets?"),
        (HEAD + TABLE + '[[extract.answer]]\nattribute = "pets"\nsubject = "T"\nfrom = "P"\nframe = "cor"\n',
         "people.answer[1] pets: the code list yes_no has no frame cor. Did you mean core?"),
        (HEAD + TABLE + '[[extract.answer]]\nattribute = "pets"\nsubject = "T"\nfrom = "P"\nmap = { Y = "yess" }\n',
         "people.answer[1] pets: 'yess' is not a code here. Did you mean yes?"),
        (HEAD + TABLE + HEAD.split("\n", 2)[2] + TABLE,
         "the extract key people is used twice. Give each extract its own key."),
    ],
)  # fmt: skip
def test_each_slip_is_told_with_its_place(text: str, told: str) -> None:
    assert problems(text) == [f"crm.toml: {told}"]


def test_all_problems_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    folder = tmp_path / "sources"
    folder.mkdir()
    (folder / "a.toml").write_text(HEAD + 'encodng = "x"\n' + TABLE)
    (folder / "b.toml").write_text("system = [")
    with pytest.raises(DefinitionError) as caught:
        load_definitions(folder, catalogue=CATALOGUE)
    assert [p.where for p in caught.value.problems] == ["sources/a.toml: people", "sources/b.toml"]
