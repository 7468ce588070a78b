"""How definitions are read, laid over one another and checked; what each slip is answered with.

Each folder in `bad_definitions` is a landlord's own definitions with one kind of slip; the text file
of the same name holds every problem that must be reported, and nothing else may be.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from rooftree.catalogue import load
from rooftree.catalogue.model import Catalogue
from rooftree.vocabulary.errors import DefinitionError, ExitCode
from rooftree.vocabulary.states import Sensitivity, SourceKind

BAD = Path(__file__).parent / "bad_definitions"
SHIPPED = load()

COLOUR = """
key = "colour"
label = "Favourite colour"
topic = "views"
grain = "person"
type = "code"
codes = "colour"
meaning = "The colour the person likes best."
sensitivity = "ordinary"
select_for = []
count_for = ["service_improvement"]
fresh_months = 12
keep_months = 12
precedence = ["register > survey > housing"]
owner = "Engagement manager"
reviewed_on = 2026-11-01
sources = ["Made up"]

[question]
wording = "Which colour do you like best?"
source = "Made up"
"""
COLOURS = """
key = "colour"
label = "Colour"
source = "Made up"
[codes]
red = "Red"
green = { label = "Green", note = "As grass" }
"""


def _load(folder: Path, **files: str) -> Catalogue:
    """The catalogue with a landlord's files; `attributes__colour` stands for attributes/colour.toml."""
    for name, text in files.items():
        path = folder / (name.replace("__", "/") + ".toml")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return load(folder)


def _problems(folder: Path, **files: str) -> list[str]:
    with pytest.raises(DefinitionError) as error:
        _load(folder, **files)
    return [str(problem) for problem in error.value.problems]


@pytest.mark.parametrize("case", sorted(path.stem for path in BAD.glob("*.txt")))
def test_each_slip_is_named_with_its_place_and_remedy(case: str):
    with pytest.raises(DefinitionError) as error:
        load(BAD / case)
    assert error.value.exit_code == ExitCode.DEFINITIONS
    found = [str(problem) for problem in error.value.problems]
    assert found == (BAD / f"{case}.txt").read_text(encoding="utf-8").splitlines()


def test_every_bad_folder_has_its_messages():
    assert {path.name for path in BAD.iterdir() if path.is_dir()} == {
        path.stem for path in BAD.glob("*.txt")
    }


def test_all_problems_of_all_files_come_at_once(tmp_path: Path):
    found = _problems(
        tmp_path,
        attributes__colour=COLOUR.replace("grain", "grian"),
        code_lists__colour=COLOURS.replace("source", "sauce"),
        purposes='[[purpose]]\nkey = "fun"',
    )
    assert {line.split(":")[0] for line in found} == {
        "definitions/attributes/colour.toml",
        "definitions/code_lists/colour.toml",
        "definitions/purposes.toml",
    }


def test_a_file_in_another_encoding_is_named_with_the_line(tmp_path: Path):
    (tmp_path / "code_lists").mkdir()
    path = tmp_path / "code_lists" / "colour.toml"
    path.write_bytes('key = "colour"\nlabel = "Couleur préférée"\n'.encode("cp1252"))
    assert _problems(tmp_path) == [
        "definitions/code_lists/colour.toml: line 2: is not UTF-8. Save the file as UTF-8 text."
    ]


def test_a_file_that_nobody_wrote_by_hand_is_refused_without_a_crash(tmp_path: Path):
    deep = "codes = " + "[" * 5000 + "]" * 5000
    assert _problems(tmp_path, code_lists__colour=deep) == [
        "definitions/code_lists/colour.toml: is nested too deeply. Write fewer lists in lists."
    ]


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path):
    (tmp_path / "purposes.toml").mkdir()
    (line,) = _problems(tmp_path)
    assert line.startswith("definitions/purposes.toml: cannot be read: Is a directory.")


def test_an_attribute_says_everything_about_itself(tmp_path: Path):
    colour = _load(tmp_path, attributes__colour=COLOUR, code_lists__colour=COLOURS).attributes[
        "colour"
    ]
    assert colour.sensitivity == Sensitivity.ORDINARY
    assert colour.fresh_months == 12
    assert colour.question is not None
    assert colour.question.refusal == "Prefer not to say"
    assert colour.population == "customers"
    assert colour.kinds == (SourceKind.REGISTER, SourceKind.SURVEY, SourceKind.HOUSING)


def test_a_code_is_a_label_or_a_table(tmp_path: Path):
    codes = _load(tmp_path, code_lists__colour=COLOURS).code_lists["colour"]
    assert codes.keys == ("red", "green")
    assert "red" in codes
    assert "blue" not in codes
    assert [code.note for code in codes.codes] == ["", "As grass"]


def test_a_date_of_birth_never_goes_stale():
    assert SHIPPED.attributes["date_of_birth"].fresh_months is None


def test_a_landlord_replaces_a_definition_whole(tmp_path: Path):
    text = COLOUR.replace("colour", "religion").replace('"code"', '"text"')
    text = text.replace('codes = "religion"\n', "").replace("ordinary", "special_category")
    own = _load(tmp_path, attributes__religion=text)
    assert own.attributes["religion"].label == "Favourite religion"
    assert own.attributes["religion"].codes is None
    assert own.overlaid == ("religion",)
    assert own.version != SHIPPED.version


def test_with_extends_a_landlord_changes_only_the_fields_it_gives(tmp_path: Path):
    own = _load(
        tmp_path,
        attributes__religion='extends = true\nkey = "religion"\nfresh_months = 24\n'
        '[question]\nhelp = "Choose one."\n',
    ).attributes["religion"]
    shipped = SHIPPED.attributes["religion"]
    assert own.fresh_months == 24
    assert own.keep_months == shipped.keep_months
    assert own.question is not None
    assert shipped.question is not None
    assert own.question.help == "Choose one."
    assert own.question.wording == shipped.question.wording


def test_with_extends_a_landlord_adds_a_code_to_a_list(tmp_path: Path):
    own = _load(
        tmp_path, code_lists__channel='extends = true\nkey = "channel"\n[codes]\nfax = "Fax"\n'
    )
    assert own.code_lists["channel"].keys == (*SHIPPED.code_lists["channel"].keys, "fax")


def test_a_code_added_to_a_mapped_list_must_say_what_becomes_of_it_outside(tmp_path: Path):
    text = 'extends = true\nkey = "homeless"\n[codes]\nat_risk = "At risk"\n'
    found = _problems(tmp_path, code_lists__homeless=text)
    (line,) = found
    assert line.startswith("definitions/code_lists/homeless.toml: frames.core_2026: does not say")
    assert "what 'at_risk' becomes. Map it, or give the reason in lossy." in line
    text += '[frames.core_2026.lossy]\nat_risk = "The log does not ask."\n'
    assert "at_risk" in _load(tmp_path, code_lists__homeless=text).code_lists["homeless"]


def test_a_data_protection_officer_confirms_a_basis(tmp_path: Path):
    text = '[[purpose]]\nextends = true\nkey = "fire_safety"\nbasis_council = "Confirmed"\n'
    own = _load(tmp_path, purposes=text).purposes["fire_safety"]
    assert own.basis_council == "Confirmed"
    assert own.why == SHIPPED.purposes["fire_safety"].why


def test_a_folder_that_is_not_there_changes_nothing(tmp_path: Path):
    assert load(tmp_path / "definitions") == SHIPPED


def test_the_version_depends_on_what_the_definitions_say_and_on_nothing_else(tmp_path: Path):
    assert load().version == SHIPPED.version
    first = _load(tmp_path, code_lists__colour=COLOURS).version
    assert load(tmp_path).version == first
    assert _load(tmp_path, code_lists__colour=COLOURS + "# a note\n").version != first


@pytest.mark.parametrize(
    ("chains", "order"),
    [
        ([], ()),
        (["housing"], ("housing",)),
        (["register > housing > contact"], ("register", "housing", "contact")),
        (["register > contact", "contact > housing"], ("register", "contact", "housing")),
        # Two kinds that no chain compares stand in the order of SourceKind.
        (["survey > legacy", "housing > legacy"], ("housing", "survey", "legacy")),
    ],
)
def test_precedence_is_the_order_that_its_chains_say(tmp_path: Path, chains, order):
    text = COLOUR.replace('["register > survey > housing"]', str(chains).replace("'", '"'))
    own = _load(tmp_path, attributes__colour=text, code_lists__colour=COLOURS)
    assert own.attributes["colour"].precedence == order


PARTY = """
key = "party"
label = "Party"
singular = "party"
plural = "parties"
meaning = "A party that the landlord held."
table = "staging.party"
date = "held_on"
grain = "person"
sensitivity = "ordinary"
select_for = ["engagement"]
count_for = ["service_improvement"]
owner = "Engagement manager"
reviewed_on = 2026-11-01

[only]
state = ["held"]

[fields.channel]
label = "How they were asked"
type = "code"
codes = "channel"
column = "asked_by"

[fields.size]
label = "Size"
type = "code"
[fields.size.values]
small = "Under ten"
large = { label = "Ten and more", note = "With cake" }
"""


def test_an_event_has_words_fields_and_rows_of_its_own(tmp_path: Path):
    party = _load(tmp_path, events__party=PARTY).events["party"]
    assert party.words == ("party", "parties")
    assert party.only == {"state": ("held",)}
    assert [one.column for one in party.fields] == ["asked_by", "size"]
    assert [value.key for value in party.fields[1].values] == ["small", "large"]


def test_a_landlord_changes_one_field_of_an_event(tmp_path: Path):
    text = 'extends = true\nkey = "repair"\n[fields.status.values]\nlost = "Lost"\n'
    own = _load(tmp_path, events__repair=text).events["repair"]
    status = own.field("status")
    assert status is not None
    assert [value.key for value in status.values] == ["open", "completed", "lost"]
    assert len(own.fields) == len(SHIPPED.events["repair"].fields)


def test_a_fact_is_a_feature_in_a_table_of_another_stage():
    fact = SHIPPED.features["tenancy_started_on"]
    assert fact.place == ("identity.tenancy", "started_on")
    assert SHIPPED.features["tenancy_is_new"].place == ("features.tenancy", "tenancy_is_new")


def test_a_feature_reads_attributes_features_and_tables(tmp_path: Path):
    feature = """
[[feature]]
key = "n_calls"
label = "Telephone calls"
topic = "contact"
table = "features.contact"
grain = "person"
type = "number"
unit = "calls"
window = "52 weeks to as_of"
meaning = "Calls in the last 52 weeks."
owner = "Customer insight lead"
reviewed_on = 2026-11-01
sensitivity = "ordinary"
select_for = ["service_offers"]
count_for = ["service_improvement"]
reads = ["staging.contact", "preferred_channel"]
"""
    own = _load(tmp_path, features__contact=feature)
    assert own.features["n_calls"].reads == ("staging.contact", "preferred_channel")
    assert own.overlaid == ("n_calls",)
