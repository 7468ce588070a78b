"""What holds of every shipped definition, so that no reviewer has to look for it."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest

from rooftree.catalogue import load, reference
from rooftree.catalogue.check import NEEDS_CONDITION
from rooftree.catalogue.read import POPULATIONS
from rooftree.governance import may_count, may_select
from rooftree.profile import populations as profile
from rooftree.profile.derived import DERIVATIONS
from rooftree.staging.schema import CANONICAL
from rooftree.vocabulary.states import Origin

ROOT = Path(__file__).resolve().parents[2]
CATALOGUE = load()
ATTRIBUTES = list(CATALOGUE.attributes.values())
LISTS = list(CATALOGUE.code_lists.values())
each_attribute = pytest.mark.parametrize("attribute", ATTRIBUTES, ids=lambda thing: thing.key)

#: What a landlord asks of its catalogue, topic by topic, and the attributes that answer it.
EXPECTED = {
    "gender": "sex_at_birth gender gender_same_as_sex gender_identity",
    "age": "date_of_birth age age_band",
    "disability and impairment": "long_term_condition day_to_day_effect disability impairment",
    "ethnic group": "ethnic_group ethnic_group_5",
    "nationality": "nationality national_identity",
    "religion": "religion",
    "sexual orientation": "sexual_orientation",
    "marital status": "marital_status",
    "pregnancy": "pregnancy pregnancy_due_on household_pregnancy",
    "caring": "unpaid_care household_carers",
    "armed forces": "armed_forces armed_forces_left armed_forces_injured",
    "household income": "household_income income_sources income_frequency savings",
    "work": "economic_status qualification ns_sec",
    "language and English": "main_language english_proficiency",
    "communication needs": "contact_method_need information_format_need communication_professional "
    "communication_support longer_appointment",
    "communication preferences": "preferred_channel preferred_format preferred_time preferred_topics",
    "contact details": "mobile phone email correspondence_address emergency_contact",
    "household relationships": "relationship_to_lead household_size household_type",
    "bank account": "bank_account",
    "contents insurance": "contents_insurance",
    "internet access and devices": "internet_access devices digital_skills digital_confidence",
    "benefits": "housing_benefit benefits disability_benefits universal_credit_since",
    "support needs": "support_needs strengths vulnerability",
    "adjustments": "reasonable_adjustments",
    "alerts": "person_alerts",
    "evacuation need": "evacuation_need evacuation_plan fire_service_consent",
    "access needs": "access_needs mobility adaptations_wanted",
    "aspirations and views": "aspirations satisfaction attitude move_interest",
    "consent": "marketing_consent survey_consent sharing_consent",
}


def test_there_is_much_that_can_be_known():
    assert len(ATTRIBUTES) >= 65


@pytest.mark.parametrize("topic", EXPECTED)
def test_each_topic_a_landlord_asks_for_has_its_attributes(topic: str):
    assert set(EXPECTED[topic].split()) - CATALOGUE.attributes.keys() == set()


@each_attribute
def test_answers_for_equality_monitoring_never_select(attribute):
    if attribute.equality_monitoring:
        assert attribute.select_for == ()
        assert not any(may_select(attribute, purpose) for purpose in CATALOGUE.purposes.values())
        assert any(may_count(attribute, purpose) for purpose in CATALOGUE.purposes.values())


@each_attribute
def test_special_category_data_serve_only_purposes_with_a_condition(attribute):
    if attribute.sensitivity in NEEDS_CONDITION:
        served = [CATALOGUE.purposes[key] for key in (*attribute.select_for, *attribute.count_for)]
        assert served
        assert all(purpose.special_category_condition for purpose in served)


def test_protected_characteristics_are_held_for_counting_only():
    for key in ("ethnic_group", "religion", "sexual_orientation", "disability", "marital_status"):
        assert CATALOGUE.attributes[key].equality_monitoring


@each_attribute
def test_every_definition_is_signed_dated_and_says_where_it_comes_from(attribute):
    newest = max(thing.reviewed_on for thing in ATTRIBUTES)
    assert attribute.owner
    assert attribute.sources
    assert newest - attribute.reviewed_on < dt.timedelta(days=730), "review is overdue"


@each_attribute
def test_what_is_told_can_be_asked_and_what_is_asked_can_be_refused(attribute):
    if attribute.origin == Origin.TOLD and attribute.key not in _NEVER_ASKED:
        assert attribute.question is not None
    if attribute.question is not None:
        assert attribute.question.wording.endswith("?")
        assert attribute.question.refusal


#: Asked until 2025 and kept for what was said then; or worked out from two other questions.
_NEVER_ASKED = {"gender", "disability"}


def test_what_is_said_to_be_worked_out_is_worked_out_from_what_is_said():
    declared = {a.key: a.derived_from for a in ATTRIBUTES if a.derived_from}
    assert declared == {one.attribute: one.inputs for one in DERIVATIONS}
    assert {a.key for a in ATTRIBUTES if a.origin == Origin.DERIVED} <= declared.keys()


def test_what_is_derived_serves_equality_monitoring_alone_where_its_inputs_do():
    for attribute in ATTRIBUTES:
        inputs = [CATALOGUE.attributes[key] for key in attribute.derived_from]
        if any(one.equality_monitoring for one in inputs):
            assert attribute.equality_monitoring


@each_attribute
def test_every_attribute_is_on_the_reference_page(attribute):
    page = (ROOT / "docs/reference/attributes.md").read_text(encoding="utf-8")
    assert f"\n### {attribute.key}\n" in page


def test_the_reference_pages_say_what_the_definitions_say():
    texts = reference.pages(CATALOGUE)
    assert reference.publish(texts, ROOT / "docs/reference", check=True) == []


def test_links_between_reference_pages_lead_to_a_heading():
    texts = reference.pages(CATALOGUE)
    headings = {
        name: set(re.findall(r"^#+ (\S+)$", text, flags=re.M)) for name, text in texts.items()
    }
    for name, text in texts.items():
        for page, anchor in re.findall(r"\]\(([a-z-]*(?:\.md)?)#([^)]+)\)", text):
            assert anchor in {head.lower() for head in headings[page or name]}


def test_the_lists_that_the_canonical_tables_name_exist():
    named = {
        word
        for table in CANONICAL
        for column in table
        for word in re.findall(r"code of the list ([a-z_]+)", column.meaning)
        if word != "of"
    }
    assert len(named) >= 6
    assert named - CATALOGUE.code_lists.keys() == set()


@pytest.mark.parametrize(("table", "column"), [("tenancy", "tenure"), ("property", "asset_type")])
def test_the_codes_that_a_column_promises_are_those_of_its_list(table: str, column: str):
    meaning = next(thing for thing in CANONICAL if thing.name == table)[column].meaning
    words = re.split(r", | or ", meaning.split(": ", 1)[1])
    assert tuple(words) == CATALOGUE.code_lists[column].keys


@pytest.mark.parametrize("code_list", LISTS, ids=lambda thing: thing.key)
def test_codes_are_short_words_unless_a_standard_wrote_them(code_list):
    if code_list.key.startswith("person_alert") or code_list.key == "epc_rating":
        return
    assert [key for key in code_list.keys if not re.fullmatch(r"[a-z0-9][a-z0-9_]*", key)] == []


@pytest.mark.parametrize("code_list", LISTS, ids=lambda thing: thing.key)
def test_every_list_is_used(code_list):
    used = {thing.codes for thing in ATTRIBUTES} | {thing.parents for thing in LISTS}
    used |= {thing.codes for thing in CATALOGUE.features.values()}
    used |= {one.codes for event in CATALOGUE.events.values() for one in event.fields}
    text = " ".join(column.meaning for table in CANONICAL for column in table)
    assert (
        code_list.key in used
        or re.search(rf"\b{code_list.key}\b", text)
        or (code_list.key in {column.name for table in CANONICAL for column in table})
    )


def test_the_populations_are_those_that_the_profile_counts():
    assert {key: population.grain for key, population in profile.POPULATIONS.items()} == POPULATIONS


def test_wording_is_plain():
    """Words that talk down, blame or label have no place in what officers and tenants read."""
    unwanted = re.compile(
        r"\b(simply|just a|obviously|suffers? from|wheelchair.bound|the disabled|the elderly|"
        r"handicap\w*|deprived people|problem famil\w+|hard.to.reach groups?)\b",
        re.I,
    )
    found = []
    for thing in ATTRIBUTES:
        asked = thing.question
        words = [thing.label, thing.meaning]
        words += [asked.wording, asked.help, asked.why_we_ask] if asked else []
        found += [thing.key for word in words if unwanted.search(word)]
    for code_list in LISTS:
        if not code_list.key.startswith("person_alert"):
            found += [code_list.key for code in code_list.codes if unwanted.search(code.label)]
    assert found == []


def test_the_person_alerts_are_the_published_ones():
    alerts = CATALOGUE.code_lists["person_alert"].codes
    groups = {code.key: code for code in CATALOGUE.code_lists["person_alert_group"].codes}
    families = {groups[code.parent or ""].parent for code in alerts}
    assert len(alerts) == 126
    assert len(families) == 7
    assert all(code.key.startswith(f"{code.parent}.") for code in alerts)
    asthma = next(code for code in alerts if code.key == "MED1.01")
    assert asthma.label == "Asthma"
    assert set(asthma.flags) == {"critical", "special_category", "awaab", "repairs_high"}


@pytest.mark.realdata
def test_the_person_alerts_agree_with_the_standard_line_by_line(real_data: Path):
    text = (real_data / "codes/person_alert_sql").read_text(encoding="utf-8")
    line = re.compile(
        r"^\s*\('(\w+)',\s*'([\w.]+)',\s*\d,\s*'(.*?)',\s*'(.*?)',\s*(TRUE|FALSE),\s*(TRUE|FALSE),"
        r"\s*'(\w+)',\s*'(.*?)'\)",
        re.M,
    )
    published = {
        sub: (top, label, {"TRUE": True, "FALSE": False}[critical], awaab == "TRUE", impact.lower())
        for top, sub, _, label, critical, awaab, impact, _ in line.findall(text)
    }
    ours = {
        code.key: (
            code.parent,
            code.label,
            "critical" in code.flags,
            "awaab" in code.flags,
            next(flag for flag in code.flags if flag.startswith("repairs_"))[8:],
        )
        for code in CATALOGUE.code_lists["person_alert"].codes
    }
    assert ours == published
