"""Which attribute of the catalogue each column of the extracts answers.

This is the one place that names attribute keys: the source definitions of the made-up landlord are
completed from it, and tests compare the truth's columns with the catalogue through it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Answer:
    """One attribute answered by one column of one extract, and the truth it was made from."""

    extract: str  # system.extract
    attribute: str
    column: str
    truth: str | None  # column of truth/people.parquet, where it has one
    codes: Mapping[str, str] = field(default_factory=dict)  # where the words differ from ours
    frame: str | None = None
    separator: str | None = None
    not_applicable: tuple[str, ...] = ()
    subject: str | None = None
    unit: str | None = None


def _crm(attribute: str, column: str, truth: str, **more: Any) -> Answer:
    return Answer("crm.profile", attribute, column, truth, **more)


def _core(attribute: str, column: str, truth: str | None, **more: Any) -> Answer:
    return Answer("lettings.lettings", attribute, column, truth, frame="core_2026", **more)


ANSWERS = (
    Answer("housing.people", "ethnic_group", "Ethnic origin", "ethnic_group", frame="core_2026"),
    Answer("housing.people", "gender", "Gender", "sex", codes={"F": "female", "M": "male"}),
    _crm("ethnic_group", "Ethnic group", "ethnic_group"),
    _crm("religion", "Religion", "religion"),
    _crm("sexual_orientation", "Sexual orientation", "sexual_orientation"),
    _crm("marital_status", "Marital status", "marital_status"),
    _crm("long_term_condition", "Long-term condition", "long_term_condition"),
    _crm("day_to_day_effect", "Limits activities", "activity_limited"),
    _crm("impairment", "Affects", "impairments", separator=";"),
    _crm("unpaid_care", "Unpaid care", "unpaid_care"),
    _crm("pregnancy", "Pregnancy", "pregnant"),
    _crm("main_language", "First language", "main_language"),
    _crm("english_proficiency", "Spoken English", "english_proficiency"),
    _crm(
        "information_format_need", "Written information", "information_format_need", separator=";"
    ),
    _crm("communication_professional", "Interpreter", "communication_professional", separator=";"),
    _crm("preferred_channel", "Best way to reach", "preferred_channel", separator=";"),
    _crm("digital_confidence", "Digital confidence", "digital_confidence"),
    _crm("bank_account", "Bank account", "bank_account"),
    _crm("internet_access", "Internet", "internet_access", subject="TenancyNo"),
    _crm("contents_insurance", "Contents insurance", "contents_insurance", subject="TenancyNo"),
    _crm("savings", "Savings", "savings", subject="TenancyNo"),
    _crm(
        "move_interest", "Interest in moving", "move_interest", subject="TenancyNo", separator=";"
    ),
    _crm(
        "household_income",
        "Household income a week",
        "household_income_pence",
        subject="TenancyNo",
        unit="pounds",
    ),
    _core("sex_at_birth", "sexrab1", "sex"),
    _core("gender_same_as_sex", "gender_same_as_sex1", "gender_same"),
    _core("ethnic_group", "ethnic", "ethnic_group"),
    _core("economic_status", "ecstat1", "working_situation"),
    _core("armed_forces", "armedforces", "armed_forces", subject="tenancycode"),
    _core("household_long_term_condition", "illness", None, subject="tenancycode"),
    _core("housing_benefit", "hb", None, subject="tenancycode"),
    _core("previous_tenure", "prevten", None, subject="tenancycode"),
    _core("homeless_before", "homeless", None, subject="tenancycode"),
)

_CRM = """recorded_on = "AskedOn"
method = { from = "How", map = { Phone = "telephone", Online = "online", Visit = "face_to_face", Paper = "paper" } }
recorded_by = "TakenBy"
refused = ["Prefer not to say"]
dont_know = ["Don't know"]
"""
#: Extract → the column that names the person, and what is said of every answer in it.
_HOW = {
    "crm.profile": ("CustomerId", _CRM),
    "lettings.lettings": ("log", 'recorded_on = "startdate"\nmethod = "letting"\n'),
    "housing.people": ("PersonID", 'recorded_on = "Last changed"\n'),
}


def blocks(extract: str) -> str:
    """The `[[extract.answer]]` blocks of one extract, as TOML."""
    subject, rest = _HOW[extract]
    return "\n".join(_block(a, a.subject or subject, rest) for a in ANSWERS if a.extract == extract)


def complete(text: str) -> str:
    """A source definition with its `# answers: system.extract` lines replaced by their blocks."""
    lines = []
    for line in text.splitlines():
        mark, _, extract = line.partition("# answers: ")
        lines.append(blocks(extract) if extract and not mark else line)
    return "\n".join(lines) + "\n"


def _block(answer: Answer, subject: str, rest: str) -> str:
    out = ["[[extract.answer]]", f'attribute = "{answer.attribute}"', f'subject = "{subject}"']
    out.append(f'from = "{answer.column}"')
    if answer.frame:
        out.append(f'frame = "{answer.frame}"')
    if answer.codes:
        pairs = ", ".join(f'"{theirs}" = "{ours}"' for theirs, ours in answer.codes.items())
        out.append(f"map = {{ {pairs} }}")
    if answer.unit:
        out.append(f'unit = "{answer.unit}"')
    if answer.separator:
        out.append(f'separator = "{answer.separator}"')
    if answer.not_applicable:
        out.append("not_applicable = [" + ", ".join(f'"{v}"' for v in answer.not_applicable) + "]")
    return "\n".join(out) + "\n" + rest
