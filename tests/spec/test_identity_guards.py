"""Who is one person, and who only looks like one: each rule on two or three records.

Every record here lives at 1 Ash Road unless it says otherwise, so the address alone never decides.
"""

from __future__ import annotations

import datetime as dt
import json

import pyarrow as pa
import pytest

from rooftree.identity.build import build
from rooftree.storage.engine import Engine
from tests.lib.staged import crm, people, person

AS_OF = dt.date(2026, 3, 31)


def one_person(engine: Engine, *rows: dict) -> bool:
    """Build, and say whether all the records are one person."""
    people(engine, *rows)
    build(engine, as_of=AS_OF)
    return engine.value("SELECT count(*) FROM identity.person") == 1


def outcome(engine: Engine) -> tuple[str, str]:
    """The outcome and reason of the only pair that was written down."""
    ((found, reason),) = engine.rows("SELECT outcome, reason FROM identity.link")
    return found, reason


ONE = {
    "same name and date of birth": (("Maureen", "Marsh", "1950-03-27"), ("Maureen", "Marsh", "1950-03-27")),
    "nickname": (("Margaret", "Marsh", "1950-03-27"), ("Peggy", "Marsh", "1950-03-27")),
    "initial": (("Margaret", "Marsh", "1950-03-27"), ("M", "Marsh", "1950-03-27")),
    "typing error": (("Margaret", "Marsh", "1950-03-27"), ("Margeret", "Marsh", "1950-03-27")),
    "names swapped": (("Margaret", "Marsh", "1950-03-27"), ("Marsh", "Margaret", "1950-03-27")),
    "known by the middle name": (("Anne Margaret", "Marsh", "1950-03-27"), ("Margaret", "Marsh", "1950-03-27")),
    "new surname": (("Margaret", "Marsh", "1950-03-27"), ("Margaret", "Oldcastle", "1950-03-27")),
    "double-barrelled surname": (("Margaret", "Marsh-Oldcastle", "1950-03-27"), ("Margaret", "Marsh", "1950-03-27")),
    "accents, apostrophes and capitals": (("ZOË", "O’BRIEN", "1950-03-27"), ("zoe", "O'Brien", "1950-03-27")),
    "day and month swapped": (("Margaret", "Marsh", "1950-03-07"), ("Margaret", "Marsh", "1950-07-03")),
    "one digit wrong": (("Margaret", "Marsh", "1950-03-27"), ("Margaret", "Marsh", "1950-03-22")),
    "no date of birth": (("Margaret", "Marsh", "1950-03-27"), ("Margaret", "Marsh", None)),
}  # fmt: skip


@pytest.mark.parametrize("case", ONE)
def test_one_person(engine: Engine, case: str) -> None:
    left, right = ONE[case]
    assert one_person(engine, person("1", *left), crm("a", *right))


TWO = {
    "partners": (
        ("Margaret", "Marsh", "1950-03-27"), ("Stanley", "Marsh", "1948-10-02"),
        "forenames differ and dates of birth do not agree"),
    "partners, one without a date of birth": (
        ("Margaret", "Marsh", "1950-03-27"), ("Stanley", "Marsh", None),
        "forenames differ and dates of birth do not agree"),
    "twins": (
        ("Amelia", "Marsh", "2015-06-01"), ("Joshua", "Marsh", "2015-06-01"),
        "same date of birth and home, forenames differ (twins)"),
    "father and son of one name": (
        ("Stanley", "Marsh", "1948-10-02"), ("Stanley", "Marsh", "1975-01-19"),
        "dates of birth differ"),
}  # fmt: skip


@pytest.mark.parametrize("case", TWO)
def test_two_people_of_one_home_with_one_telephone(engine: Engine, case: str) -> None:
    left, right, _ = TWO[case]
    shared = {"phone": "020 7946 0018", "email": "marsh@example.org"}
    assert not one_person(engine, person("1", *left, **shared), crm("a", *right, **shared))
    linked = engine.value("SELECT count(*) FROM identity.link WHERE outcome = 'linked'")
    assert linked == 0


def test_a_guarded_pair_is_written_down_with_the_guard(engine: Engine) -> None:
    shared = {"phone": "020 7946 0018"}
    left, right, reason = TWO["twins"]
    assert not one_person(engine, person("1", *left, **shared), crm("a", *right, **shared))
    assert outcome(engine) == ("guarded", reason)


def test_an_initial_with_another_title_is_another_person(engine: Engine) -> None:
    rows = person("1", "J", "Marsh", None, title="Mr"), crm("a", "Jane", "Marsh", None, title="Mrs")
    assert not one_person(engine, *rows)


def test_a_record_that_fits_two_people_joins_neither(engine: Engine) -> None:
    """John and Jane each have an id; "J Marsh" is left for a person to decide."""
    people(
        engine,
        person("1", "John", "Marsh", "1950-03-27"),
        person("2", "Jane", "Marsh", "1952-08-11"),
        crm("a", "J", "Marsh", None),
    )
    build(engine, as_of=AS_OF)
    assert engine.value("SELECT count(*) FROM identity.person") == 3
    assert engine.value("SELECT count(*) FROM identity.link WHERE outcome = 'review'") == 2


@pytest.mark.parametrize(
    ("seen", "outcomes"),
    [
        (0.0, ["review", "set_aside"]),  # as the person saw it
        (1.9, ["review", "set_aside"]),
        (-2.1, ["review", "review"]),  # the evidence has changed noticeably
        (None, ["review", "set_aside"]),  # what the person saw is not known
    ],
)
def test_a_pair_on_which_somebody_could_not_tell_is_set_aside_until_evidence_changes(
    engine: Engine, seen: float | None, outcomes: list[str]
) -> None:
    rows = (
        person("1", "John", "Marsh", "1950-03-27"),
        person("2", "Jane", "Marsh", "1952-08-11"),
        crm("a", "J", "Marsh", None),
    )
    people(engine, *rows)
    build(engine, as_of=AS_OF)
    system_l, ref_l, system_r, ref_r, weight = engine.rows(
        "SELECT system_l, person_ref_l, system_r, person_ref_r, weight FROM identity.link ORDER BY ALL"
    )[0]
    before = engine.rows("SELECT person_id, system, person_ref FROM identity.record ORDER BY ALL")
    looked = {
        "system_l": system_l, "person_ref_l": ref_l, "system_r": system_r, "person_ref_r": ref_r,
        "same": None, "decided_by": "jd", "decided_on": "2026-02-01",
        "model_weight": None if seen is None else weight + seen,
    }  # fmt: skip
    decisions = pa.Table.from_pylist([looked])
    people(engine, *rows)
    build(engine, as_of=AS_OF, decisions=decisions)
    found = engine.rows("SELECT outcome, reason FROM identity.link ORDER BY outcome")
    assert [outcome for outcome, _ in found] == outcomes
    if outcomes[-1] == "set_aside":
        assert found[-1][1] == "nobody could tell: jd on 2026-02-01"
    assert before == engine.rows(
        "SELECT person_id, system, person_ref FROM identity.record ORDER BY ALL"
    )


def test_no_forename_is_too_little(engine: Engine) -> None:
    rows = person("1", "Margaret", "Marsh", "1950-03-27"), crm("a", None, "Marsh", None)
    assert not one_person(engine, *rows)


def test_a_shared_national_insurance_number_does_not_make_a_couple_one_person(
    engine: Engine,
) -> None:
    ni = {"ni_number": "AB123456C"}
    left, right, _ = TWO["partners"]
    assert not one_person(engine, person("1", *left, **ni), crm("a", *right, **ni))


def test_a_national_insurance_number_joins_who_moved_and_married(engine: Engine) -> None:
    ni = {"ni_number": "AB123456C"}
    rows = (
        person("1", "Margaret", "Marsh", "1950-03-27", **ni),
        crm("a", "Peggy", "Oldcastle", None, **ni, address_line_1="9 Elm Road", postcode="ZX9 9ZZ"),
    )
    assert one_person(engine, *rows)
    assert outcome(engine) == ("linked", "same National Insurance number")


def test_the_source_knows_best(engine: Engine) -> None:
    """`same_as` joins records that share nothing else."""
    rows = (
        person("1", "Margaret", "Marsh", "1950-03-27"),
        crm("a", "X", "Unknown", None, same_as="housing:1"),
    )
    assert one_person(engine, *rows)


def test_two_members_of_one_tenancy_in_one_system_are_two(engine: Engine) -> None:
    """Near-namesakes whom the housing system keeps apart, though no date of birth says so."""
    tenancy = {"tenancy_ref": "T1"}
    assert not one_person(
        engine,
        person("1", "Marie", "Marsh", "1950-03-27", **tenancy),
        person("2", "Maria", "Marsh", None, **tenancy),
    )


def test_a_double_entry_in_one_tenancy_is_one_person(engine: Engine) -> None:
    tenancy = {"tenancy_ref": "T1"}
    row = ("Marie", "Marsh", "1950-03-27")
    assert one_person(engine, person("1", *row, **tenancy), person("2", *row, **tenancy))


def test_a_person_twice_in_the_contact_centre_is_one_person(engine: Engine) -> None:
    """Its records carry a tenancy, but are no list of the tenancy's members."""
    tenancy = {"tenancy_ref": "T1"}
    assert one_person(
        engine,
        person("1", "Margaret", "Marsh", "1950-03-27", **tenancy),
        crm("a", "Margaret", "Marsh", "1950-03-27", **tenancy),
        crm("b", "Peggy", "Marsh", None, **tenancy),
    )


def test_organisations_never_link(engine: Engine) -> None:
    company = {"is_organisation": True, "full_name": "Ash Housing Ltd"}
    rows = person("1", None, None, **company), crm("a", None, None, **company)
    assert not one_person(engine, *rows)
    assert engine.rows("SELECT DISTINCT reason FROM identity.record") == [("organisation",)]


def test_the_whole_name_is_read_where_there_are_no_parts(engine: Engine) -> None:
    whole = {"full_name": "Dr Maureen Max Marsh", "tenancy_ref": "T1"}
    rows = (
        person("1", "Maureen", "Marsh", "1917-03-27", tenancy_ref="T1"),
        crm("a", None, None, "1917-03-27", **whole),
    )
    assert one_person(engine, *rows)
    assert engine.rows(
        "SELECT title, given_name, middle_name, family_name FROM identity.person"
    ) == [("Dr", "Maureen", "Max", "Marsh")]


def test_evidence_names_levels_and_weights_and_no_value(engine: Engine) -> None:
    assert one_person(
        engine,
        person("1", "Margaret", "Marsh", "1950-03-27"),
        crm("a", "Peggy", "Marsh", "1950-03-27"),
    )
    text = engine.value("SELECT evidence FROM identity.link")
    assert json.loads(text)["given"]["level"] == "nickname"
    assert json.loads(text)["surname_and_home"]["level"] == "same surname, same home"
    assert not any(value in text.lower() for value in ("marsh", "peggy", "margaret", "1950"))


def test_a_record_with_nothing_but_a_reference_parts_nobody(engine: Engine):
    """A lettings log names its tenant by the housing reference alone; the tenant's other records still meet."""
    log = {
        "system": "lettings",
        "source_kind": "lettings",
        "person_ref": "600",
        "same_as": "housing:1",
    }
    margaret = ("Margaret", "Marsh", "1950-03-27")
    assert one_person(engine, person("1", *margaret), log, crm("a", *margaret))
