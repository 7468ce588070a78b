"""The wide tables that rules read: who is in them, what each column says, and what happens on which day."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import pytest

from rooftree.catalogue import load
from rooftree.features import build as features
from rooftree.features.tenancy import MODELS
from rooftree.segments import events, schema, tables
from rooftree.storage.engine import Engine
from rooftree.vocabulary.errors import DefinitionError
from rooftree.vocabulary.states import Grain
from tests.spec.world import AS_OF, ago, world

CATALOGUE = load()


def member(person: str, household: str | None, **more: Any) -> dict[str, Any]:
    """A part in the tenancy of the same number as the household, now, unless the test says otherwise."""
    tenancy = f"T{household[1:]}" if household else "T1"
    return {
        "tenancy_id": tenancy, "household_id": household, "person_id": person, "role": "tenant",
        "is_responsible": True, "lives_there": household is not None, "is_current": True, **more,
    }  # fmt: skip


def household(number: int, *, current: bool = True) -> dict[str, Any]:
    return {
        "household_id": f"H{number}", "tenancy_id": f"T{number}", "home_id": f"M{number}",
        "lead_person_id": "P1", "is_current": current,
    }  # fmt: skip


def tenancy(number: int, **more: Any) -> dict[str, Any]:
    return {
        "tenancy_id": f"T{number}", "home_id": f"M{number}", "household_id": f"H{number}",
        "tenure": "secure", "started_on": ago(1000), "is_current": True, **more,
    }  # fmt: skip


def built(**rows: Any) -> Engine:
    """The wide tables and events of a landlord with one tenant in one flat, and what the test adds."""
    usual: dict[str, Any] = {
        "identity_person": [{"person_id": "P1"}],
        "identity_record": [{"system": "crm", "person_ref": "1", "person_id": "P1"}],
        "identity_member": [member("P1", "H1")],
        "identity_household": [household(1)],
        "identity_tenancy": [tenancy(1)],
        "identity_home": [{"home_id": "M1", "asset_type": "flat", "patch": "North", "bedrooms": 2}],
        "identity_tenancy_ref": [
            {"ref_kind": "tenancy_ref", "system": "*", "ref": "1", "tenancy_id": "T1"}
        ],
        "identity_home_ref": [
            {"ref_kind": "property_ref", "system": "*", "ref": "1", "home_id": "M1"}
        ],
    }
    engine = world(**{**usual, **rows})
    tables.build(engine, as_of=AS_OF, catalogue=CATALOGUE)
    return engine


def value(attribute: str, subject: str, grain: str = "person", **more: Any) -> dict[str, Any]:
    return {
        "attribute": attribute, "grain": grain, "subject_id": subject, "state": "answered",
        "is_stale": False, "in_conflict": False, **more,
    }  # fmt: skip


def ids(engine: Engine, unit: str) -> list[str]:
    return [row[0] for row in engine.rows(f"SELECT {unit}_id FROM segments.{unit} ORDER BY 1")]


# --- the columns ---------------------------------------------------------------------------------


@pytest.mark.parametrize("unit", Grain)
def test_every_attribute_and_feature_that_a_unit_sees_is_a_column(unit: Grain):
    engine = built()
    table = schema.unit_table(unit, CATALOGUE)
    assert [name for name, _ in engine.columns(table.full_name)] == list(table.names)
    for thing in (*CATALOGUE.attributes.values(), *CATALOGUE.features.values()):
        seen = thing.grain != Grain.PERSON or unit == Grain.PERSON
        assert (thing.key in table or f"{thing.key}__k" in table) == seen
    engine.check(table)


def test_after_the_first_columns_the_keys_stand_in_alphabetical_order():
    names = schema.unit_table(Grain.HOME, CATALOGUE).names
    after = names[len(schema.FIRST[Grain.HOME]) :]
    assert list(after) == sorted(after)


def test_of_a_name_or_a_number_that_reaches_somebody_only_the_state_is_kept():
    table = schema.unit_table(Grain.PERSON, CATALOGUE)
    hidden = ("mobile", "email", "correspondence_address", "national_insurance_number")
    for key in hidden:
        assert f"{key}__k" in table
        assert key not in table
    assert "date_of_birth" in table


@pytest.mark.parametrize(
    ("row", "number"),
    [
        ({"value": "none"}, 0),
        ({"state": "refused"}, 1),
        ({"state": "dont_know"}, 2),
        ({"state": "not_applicable"}, 4),
        ({"state": "withdrawn"}, 5),
        ({"value": "none", "is_stale": True}, 8),
        ({"value": "none", "is_stale": True, "in_conflict": True}, 24),
        ({"state": "refused", "is_stale": True}, 9),
    ],
)
def test_what_is_known_is_packed_in_a_small_number(row: dict[str, Any], number: int):
    engine = built(profile_value=[value("bank_account", "P1", **row)])
    found = engine.rows("SELECT bank_account, bank_account__k FROM segments.person")
    assert found == [(row.get("value"), number)]


def test_without_a_row_nobody_was_asked():
    engine = built(profile_value=[value("bank_account", "P2", value="none")])
    assert engine.rows("SELECT bank_account__k, devices__k FROM segments.person") == [(3, 3)]


def test_values_have_their_types():
    rows = [
        value("date_of_birth", "P1", value="1960-02-29"),
        value("devices", "P1", value="laptop;phone"),
        value("age", "P1", value="66"),
        value("longer_appointment", "P1", value="true"),
        value("household_income", "H1", "household", value="123456"),
    ]
    engine = built(profile_value=rows)
    assert engine.rows(
        "SELECT date_of_birth, devices, age, longer_appointment, household_income FROM segments.person"
    ) == [(dt.date(1960, 2, 29), "laptop;phone", 66.0, True, 123456)]


def test_a_feature_is_what_its_table_says():
    engine = built()
    features.build(engine, as_of=AS_OF, models=MODELS)
    tables.build(engine, as_of=AS_OF, catalogue=CATALOGUE)
    assert engine.rows("SELECT tenancy_age_days, tenancy_is_new FROM segments.home") == [
        (1000, False)
    ]


def test_what_belongs_to_the_household_or_home_is_on_the_row_of_each_who_lives_there():
    engine = built(
        identity_person=[{"person_id": "P1"}, {"person_id": "P2"}],
        identity_member=[
            member("P1", "H1"),
            member("P2", "H1", role="household_member", is_responsible=False),
        ],
        profile_value=[value("contents_insurance", "H1", "household", value="none")],
    )
    assert engine.rows(
        "SELECT person_id, contents_insurance, bedrooms, patch, role, is_lead_tenant FROM segments.person ORDER BY 1"
    ) == [
        ("P1", "none", 2, "North", "tenant", True),
        ("P2", "none", 2, "North", "household_member", False),
    ]


def test_of_those_who_live_nowhere_the_household_and_home_do_not_apply():
    engine = built(identity_member=[member("P1", None, role="next_of_kin", is_responsible=False)])
    assert engine.rows(
        "SELECT household_id, home_id, contents_insurance__k, bank_account__k, bedrooms, is_customer, role "
        "FROM segments.person"
    ) == [(None, None, 4, 3, None, False, "next_of_kin")]


# --- who is in them ------------------------------------------------------------------------------


def test_people_are_those_who_live_whether_they_are_customers_or_not():
    engine = built(
        identity_person=[
            {"person_id": "P1"},
            {"person_id": "P2", "date_of_death": ago(1)},
            {"person_id": "P3", "is_organisation": True},
            {"person_id": "P4", "date_of_death": ago(-1)},
            {"person_id": "P5"},
        ]
    )
    assert ids(engine, "person") == ["P1", "P4", "P5"]
    assert engine.rows("SELECT person_id FROM segments.person WHERE is_customer") == [("P1",)]


def test_of_several_households_the_one_they_are_responsible_for_comes_first_then_the_latest():
    both = [household(1), household(2), household(3)]
    homes = [{"home_id": f"M{n}", "asset_type": "flat"} for n in (1, 2, 3)]
    agreements = [tenancy(1), tenancy(2), tenancy(3)]

    def chosen(*members: dict[str, Any]) -> Any:
        engine = built(
            identity_household=both,
            identity_home=homes,
            identity_tenancy=agreements,
            identity_member=members,
        )
        return engine.value("SELECT household_id FROM segments.person")

    assert chosen(member("P1", "H1", is_responsible=False), member("P1", "H2")) == "H2"
    assert chosen(member("P1", "H1", from_on=ago(9)), member("P1", "H2", from_on=ago(5))) == "H2"
    assert chosen(member("P1", "H3"), member("P1", "H2")) == "H2"
    assert chosen(member("P1", "H1", is_current=False), member("P1", "H3")) == "H3"


def test_a_household_that_has_ended_is_kept_but_nobody_lives_in_it():
    engine = built(identity_household=[household(1, current=False)])
    assert engine.rows("SELECT household_id, is_current FROM segments.household") == [("H1", False)]
    assert engine.value("SELECT household_id FROM segments.person") is None


def test_an_application_is_no_tenancy():
    engine = built(
        identity_tenancy=[tenancy(1), tenancy(2, tenure="application"), tenancy(3, tenure=None)]
    )
    assert ids(engine, "tenancy") == ["T1", "T3"]


def test_a_home_is_where_people_live_and_has_the_tenancy_that_began_last():
    engine = built(
        identity_home=[
            {"home_id": "M1", "asset_type": "block"},
            {"home_id": "M2", "asset_type": "flat"},
            {"home_id": "M3", "asset_type": "garage"},
            {"home_id": "M4", "asset_type": None},
        ],
        identity_tenancy=[
            tenancy(1),
            tenancy(2, started_on=ago(800)),
            tenancy(4, home_id="M2", started_on=ago(30)),
        ],
    )
    # The block has a household in it: whatever its type says, people live there.
    assert engine.rows("SELECT home_id, tenancy_id, is_let FROM segments.home ORDER BY 1") == [
        ("M1", "T1", True),
        ("M2", "T4", True),
    ]


# --- events --------------------------------------------------------------------------------------


def test_a_contact_belongs_to_its_person_and_to_the_tenancy_where_they_have_one():
    engine = built(
        staging_contact=[
            {"system": "crm", "person_ref": "1", "occurred_on": ago(3), "channel": "phone", "direction": "inbound"},
            {"system": "crm", "person_ref": "9", "tenancy_ref": "1", "occurred_on": ago(2)},
            {"system": "crm", "person_ref": "9", "occurred_on": ago(1)},
            {"system": "crm", "person_ref": "1", "occurred_on": ago(-1)},
        ]
    )  # fmt: skip
    assert engine.rows(
        "SELECT person_id, tenancy_id, home_id, on_date FROM segments.event_contact ORDER BY on_date"
    ) == [("P1", "T1", "M1", ago(3)), (None, "T1", "M1", ago(2))]


def test_a_repair_without_a_tenancy_belongs_to_the_one_that_ran_at_the_home_that_day():
    engine = built(
        identity_tenancy=[tenancy(1), tenancy(2, home_id="M1", started_on=ago(3000), ended_on=ago(1001))],
        staging_repair=[
            {"system": "crm", "repair_ref": "a", "property_ref": "1", "reported_on": ago(5), "status": "open"},
            {"system": "crm", "repair_ref": "b", "property_ref": "1", "reported_on": ago(2000), "status": "completed",
             "source_row": 2},
            {"system": "crm", "repair_ref": "c", "property_ref": "1", "reported_on": ago(4), "status": "cancelled",
             "source_row": 3},
        ],
    )  # fmt: skip
    assert engine.rows(
        "SELECT tenancy_id, home_id, status FROM segments.event_repair ORDER BY on_date"
    ) == [("T2", "M1", "completed"), ("T1", "M1", "open")]


def test_what_is_known_only_after_as_of_is_not_known_yet():
    engine = built(
        staging_case=[
            {"system": "crm", "case_ref": "a", "tenancy_ref": "1", "kind": "complaint", "opened_on": ago(5),
             "closed_on": ago(-5), "outcome": "upheld"},
            {"system": "crm", "case_ref": "b", "tenancy_ref": "1", "kind": "asb", "opened_on": ago(5)},
        ]
    )  # fmt: skip
    assert engine.rows("SELECT kind, closed_on, outcome FROM segments.event_case") == [
        ("complaint", None, None)
    ]
    assert engine.value("SELECT count(*) FROM segments.event_asb_case") == 1


def test_a_payment_is_read_from_the_ledger_as_a_positive_amount():
    engine = built(
        staging_account_transaction=[
            {"system": "housing", "tenancy_ref": "1", "posted_on": ago(5), "amount_pence": -5000, "kind": "payment",
             "method": "card"},
            {"system": "housing", "tenancy_ref": "1", "posted_on": ago(4), "amount_pence": 5000, "kind": "payment"},
            {"system": "housing", "tenancy_ref": "1", "posted_on": ago(3), "amount_pence": 9000, "kind": "rent"},
        ]
    )  # fmt: skip
    assert engine.rows(
        "SELECT person_id, tenancy_id, on_date, amount, method FROM segments.event_payment"
    ) == [(None, "T1", ago(5), 5000, "card")]


def test_an_event_of_a_table_or_column_that_does_not_exist_is_named():
    repair = CATALOGUE.events["repair"]
    party = dataclasses.replace(repair, key="party", table="staging.party")
    lost = dataclasses.replace(repair, key="lost", date="reported", only={"state": ("open",)})
    wrong = dataclasses.replace(CATALOGUE, events={"party": party, "lost": lost})
    with pytest.raises(DefinitionError) as error:
        events.check_events(wrong)
    assert [str(problem) for problem in error.value.problems] == [
        "events/party.toml: table: 'staging.party' does not exist. Did you mean staging.alert?",
        "events/lost.toml: date: staging.repair has no column 'reported'. Did you mean reported_on?",
        "events/lost.toml: only: staging.repair has no column 'state'. Did you mean status?",
    ]  # fmt: skip
