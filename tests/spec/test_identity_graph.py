"""People, households, tenancies and homes as one graph over time."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from rooftree.identity.build import build
from rooftree.staging import schema
from rooftree.storage.engine import Engine
from tests.lib.staged import crm, fill, people, person

AS_OF = dt.date(2026, 3, 31)


def tenancy(ref: str, **more: Any) -> dict[str, Any]:
    """A secure tenancy of the housing system since 2020."""
    return {
        "system": "housing",
        "tenancy_ref": ref,
        "tenure": "secure",
        "started_on": "2020-04-06",
        **more,
    }


def member(ref: str, who: str, role: str = "tenant", **more: Any) -> dict[str, Any]:
    return {"system": "housing", "tenancy_ref": ref, "person_ref": who, "role": role, **more}


def home(ref: str, **more: Any) -> dict[str, Any]:
    return {"system": "assets", "source_kind": "asset", "property_ref": ref, **more}


def run(engine: Engine, *, tenancies=(), members=(), homes=(), persons=(), **settings: Any):
    fill(engine, schema.TENANCY, tenancies)
    fill(engine, schema.HOUSEHOLD_MEMBER, members)
    fill(engine, schema.PROPERTY, homes)
    people(engine, *persons)
    return build(engine, as_of=AS_OF, **settings)


COUPLE = (
    person("1", "Margaret", "Marsh", "1950-03-27"),
    person("2", "Stanley", "Marsh", "1948-10-02"),
)


def test_a_household_with_its_home_and_its_lead(engine: Engine) -> None:
    """The lead is who the landlord says, else the strongest role; the oldest of several."""
    result = run(
        engine,
        tenancies=[tenancy("T1", property_ref="H1", payment_ref="A1")],
        homes=[home("H1", uprn="100", postcode="ZX1 1AA")],
        members=[member("T1", "1"), member("T1", "2")],
        persons=COUPLE,
    )
    (found,) = engine.rows(
        "SELECT p.given_name, h.n_members, h.is_current, t.is_current, m.uprn FROM identity.household AS h "
        "JOIN identity.person AS p ON p.person_id = h.lead_person_id JOIN identity.tenancy AS t USING (tenancy_id) "
        "JOIN identity.home AS m ON m.home_id = t.home_id"
    )
    assert found == ("Stanley", 2, True, True, "100")
    assert result.counts["tenancies_with_home"] == 1


def test_who_does_not_live_there_is_in_no_household(engine: Engine) -> None:
    run(
        engine,
        tenancies=[tenancy("T1")],
        members=[member("T1", "1"), member("T1", "2", "next_of_kin")],
        persons=COUPLE,
    )
    found = engine.rows(
        "SELECT role, lives_there, household_id IS NULL FROM identity.member ORDER BY role"
    )
    assert found == [("next_of_kin", False, True), ("tenant", True, False)]
    assert engine.value("SELECT n_members FROM identity.household") == 1


def test_the_strongest_role_of_a_person_counts(engine: Engine) -> None:
    run(
        engine,
        tenancies=[tenancy("T1")],
        members=[
            member("T1", "1", "occupant"),
            member("T1", "1", "joint_tenant", relationship="partner"),
        ],
        persons=COUPLE[:1],
    )
    assert engine.rows("SELECT role, relationship, is_responsible FROM identity.member") == [
        ("joint_tenant", "partner", True)
    ]


def test_a_tenancy_is_current_to_its_last_day(engine: Engine) -> None:
    run(
        engine,
        tenancies=[
            tenancy("ends today", ended_on="2026-03-31"),
            tenancy("ended", ended_on="2026-03-30"),
            tenancy("begins tomorrow", started_on="2026-04-01"),
            tenancy("applied", tenure="application"),
        ],
    )
    found = engine.rows("SELECT tenancy_ref FROM identity.tenancy WHERE is_current")
    assert found == [("ends today",)]


def test_a_former_household_counts_who_was_there_at_the_end(engine: Engine) -> None:
    run(
        engine,
        tenancies=[tenancy("T1", ended_on="2024-06-30")],
        members=[member("T1", "1"), member("T1", "2", "household_member", to_on="2022-01-01")],
        persons=COUPLE,
    )
    assert engine.rows("SELECT n_members, is_current FROM identity.household") == [(1, False)]
    assert engine.rows("SELECT to_on FROM identity.member ORDER BY to_on") == [
        (dt.date(2022, 1, 1),),
        (dt.date(2024, 6, 30),),
    ]


def test_references_of_two_systems_meet_in_the_rent_account(engine: Engine) -> None:
    """The asset system's own tenancy key is another; the rent account is the same."""
    run(
        engine,
        tenancies=[
            tenancy("T1", payment_ref="A1", rent_pence=10050),
            tenancy(
                "zz", payment_ref="A1", system="assets", source_kind="asset", property_ref="H1"
            ),
        ],
        homes=[home("H1")],
    )
    assert engine.rows(
        "SELECT tenancy_ref, rent_pence, home_id IS NOT NULL FROM identity.tenancy"
    ) == [("T1", 10050, True)]
    assert engine.rows("SELECT ref_kind, system, ref FROM identity.tenancy_ref") == [
        ("payment_ref", "*", "A1"),
        ("tenancy_ref", "*", "T1"),
        ("tenancy_ref", "*", "zz"),
    ]


def test_a_rent_account_of_two_tenancies_tells_nothing(engine: Engine) -> None:
    """The account went on to the next tenancy: two tenancies, and the account is the newer one's."""
    run(
        engine,
        tenancies=[
            tenancy("T1", payment_ref="A1", ended_on="2022-01-01"),
            tenancy("T2", payment_ref="A1", started_on="2022-01-02"),
        ],
    )
    assert engine.value("SELECT count(*) FROM identity.tenancy") == 2
    found = engine.value(
        "SELECT t.tenancy_ref FROM identity.tenancy_ref AS r JOIN identity.tenancy AS t USING (tenancy_id) "
        "WHERE r.ref_kind = 'payment_ref'"
    )
    assert found == "T2"


def test_a_private_reference_is_not_shared(engine: Engine) -> None:
    both = [tenancy("7"), tenancy("7", system="garages")]
    run(engine, tenancies=both, private_refs={"garages": ["tenancy_ref"]})
    assert engine.rows("SELECT system, ref FROM identity.tenancy_ref") == [
        ("*", "7"),
        ("garages", "7"),
    ]
    assert engine.value("SELECT count(*) FROM identity.tenancy") == 2


def test_a_home_by_its_uprn_and_in_its_block(engine: Engine) -> None:
    run(
        engine,
        tenancies=[tenancy("T1", uprn="100")],
        homes=[home("H1", uprn="100", parent_ref="B1", bedrooms=2), home("B1", asset_type="block")],
    )
    (found,) = engine.rows(
        "SELECT m.property_ref, m.bedrooms, b.property_ref FROM identity.tenancy AS t "
        "JOIN identity.home AS m USING (home_id) JOIN identity.home AS b ON b.home_id = m.parent_home_id"
    )
    assert found == ("H1", 2, "B1")


def test_a_tenancy_that_only_a_member_names_is_kept(engine: Engine) -> None:
    run(engine, members=[member("T9", "1")], persons=COUPLE[:1])
    assert engine.rows("SELECT tenancy_ref, is_current FROM identity.tenancy") == [("T9", True)]


def test_who_is_only_mentioned_with_a_tenancy_does_not_count_as_living_there(
    engine: Engine,
) -> None:
    run(
        engine,
        tenancies=[tenancy("T1")],
        members=[member("T1", "1")],
        persons=[*COUPLE[:1], crm("a", "Albert", "Dale", None, tenancy_ref="T1")],
    )
    found = engine.rows("SELECT role, lives_there FROM identity.member ORDER BY role")
    assert found == [("other", False), ("tenant", True)]


def test_a_tenancy_whose_members_records_are_missing_has_the_household_that_others_know(
    engine: Engine,
) -> None:
    """The record of the lead tenant was refused; the contact centre knows somebody by the tenancy."""
    run(
        engine,
        tenancies=[tenancy("T1")],
        members=[member("T1", "refused")],
        persons=[crm("a", "Albert", "Dale", None, tenancy_ref="T1")],
    )
    found = engine.rows(
        "SELECT role, relationship, is_responsible, lives_there FROM identity.member"
    )
    assert found == [("other", "unknown", False, True)]
    assert engine.rows(
        "SELECT p.family_name, h.n_members, h.is_current FROM identity.household AS h "
        "JOIN identity.person AS p ON p.person_id = h.lead_person_id JOIN identity.tenancy AS t USING (household_id)"
    ) == [("Dale", 1, True)]


def test_an_application_has_no_household(engine: Engine) -> None:
    run(
        engine,
        tenancies=[tenancy("T1", tenure="application")],
        members=[member("T1", "1", "applicant")],
        persons=[*COUPLE[:1], crm("a", "Albert", "Dale", None, tenancy_ref="T1")],
    )
    assert engine.rows("SELECT lives_there FROM identity.member") == [(False,), (False,)]
    assert engine.value("SELECT count(*) FROM identity.household") == 0


def test_a_tenancy_that_no_extract_of_tenancies_holds_is_not_peopled_by_a_mention(
    engine: Engine,
) -> None:
    run(engine, persons=[crm("a", "Albert", "Dale", None, tenancy_ref="a slip")])
    assert engine.rows("SELECT is_current, household_id FROM identity.tenancy") == [(False, None)]


@pytest.mark.parametrize(
    ("rows", "part"),
    [
        # who left and came back is there since the second time
        ([("tenant", "2015-01-01", "2019-12-31"), ("occupant", "2024-06-01", None)],
         ("occupant", False, "2024-06-01", None, True)),
        # who gave the tenancy up and stayed is no tenant, and there since the first day
        ([("tenant", "2015-01-01", "2019-12-31"), ("household_member", "2020-01-01", None)],
         ("household_member", False, "2015-01-01", None, True)),
        # who became a joint tenant is one
        ([("household_member", "2015-01-01", "2019-12-31"), ("joint_tenant", "2020-01-01", None)],
         ("joint_tenant", True, "2015-01-01", None, True)),
        # three spells without a gap are one
        ([("occupant", "2010-01-01", "2014-12-31"), ("occupant", "2015-01-01", "2019-12-31"),
          ("occupant", "2020-01-01", None)], ("occupant", False, "2010-01-01", None, True)),
        # what begins later than the picture does not count yet
        ([("household_member", "2015-01-01", None), ("tenant", "2026-06-01", None)],
         ("household_member", False, "2015-01-01", None, True)),
        ([("tenant", "2026-06-01", None)], ("tenant", True, "2026-06-01", None, False)),
        # a former member has the part of the end
        ([("tenant", "2015-01-01", "2019-12-31"), ("occupant", "2020-01-01", "2022-01-01")],
         ("occupant", False, "2015-01-01", "2022-01-01", False)),
        # two rows of now, as before: the strongest
        ([("occupant", None, None), ("tenant", "2020-01-01", None)], ("tenant", True, "2020-01-01", None, True)),
    ],
)  # fmt: skip
def test_who_is_in_a_tenancy_more_than_once_has_the_part_of_now(
    engine: Engine, rows: list[tuple], part: tuple
) -> None:
    run(
        engine,
        tenancies=[tenancy("T1", started_on="2010-01-01")],
        members=[
            member("T1", "1", role, from_on=since, to_on=until) for role, since, until in rows
        ],
        persons=COUPLE[:1],
    )
    assert engine.rows(
        "SELECT role, is_responsible, CAST(from_on AS VARCHAR), CAST(to_on AS VARCHAR), is_current FROM identity.member"
    ) == [part]


def test_joint_tenants_who_swap_keep_their_own_parts(engine: Engine) -> None:
    run(
        engine,
        tenancies=[tenancy("T1", started_on="2010-01-01")],
        members=[
            member("T1", "1", "tenant", from_on="2010-01-01", to_on="2023-12-31", relationship="lead"),
            member("T1", "1", "joint_tenant", from_on="2024-01-01", relationship="partner"),
            member("T1", "2", "joint_tenant", from_on="2010-01-01", to_on="2023-12-31", relationship="partner"),
            member("T1", "2", "tenant", from_on="2024-01-01", relationship="lead"),
        ],
        persons=COUPLE,
    )  # fmt: skip
    assert engine.rows(
        "SELECT p.given_name, m.role, m.relationship FROM identity.member AS m JOIN identity.person AS p "
        "USING (person_id) ORDER BY 1"
    ) == [("Margaret", "joint_tenant", "partner"), ("Stanley", "tenant", "lead")]
    lead = "SELECT p.given_name FROM identity.household h JOIN identity.person p ON p.person_id = h.lead_person_id"
    assert engine.rows(lead) == [("Stanley",)]
