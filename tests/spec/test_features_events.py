"""Cases, contacts, repairs, services and the tenancy itself: each feature on a few events."""

from __future__ import annotations

import datetime as dt

import pytest

from rooftree.features import cases, contact, repairs, schema, service, tenancy
from rooftree.features.build import build
from tests.spec.world import AS_OF, ago, one, world

TENANCY = {"tenancy_id": "T", "home_id": "M", "started_on": ago(1000), "is_current": True}
PEOPLE = {
    "identity_person": [{"person_id": "P"}],
    "identity_record": [{"system": "crm", "person_ref": "7", "person_id": "P"}],
    "identity_tenancy_ref": [
        {"ref_kind": "tenancy_ref", "system": "*", "ref": "T1", "tenancy_id": "T"}
    ],
    "identity_home": [{"home_id": "M"}],
    "identity_home_ref": [{"ref_kind": "property_ref", "system": "*", "ref": "M1", "home_id": "M"}],
    "identity_member": [
        {
            "tenancy_id": "T",
            "household_id": "H",
            "person_id": "P",
            "lives_there": True,
            "is_current": True,
        }
    ],
}


def built(*models, tenancy_row: dict | None = None, **rows):
    engine = world(**{**PEOPLE, "identity_tenancy": [tenancy_row or TENANCY], **rows})
    build(engine, as_of=AS_OF, models=models)
    return engine


# --- cases ---------------------------------------------------------------------------------------


def case(*rows: dict):
    given = [
        {"system": "crm", "tenancy_ref": "T1", "case_ref": str(n), **row}
        for n, row in enumerate(rows)
    ]
    engine = built(*cases.MODELS, staging_case=given)
    return lambda *columns: one(engine, schema.TENANCY_CASE, *columns)


def test_broken_arrangements_and_one_in_force():
    broken = {"kind": "payment_arrangement", "outcome": "broken"}
    of = case(
        {**broken, "opened_on": ago(800), "closed_on": ago(700)},
        {**broken, "opened_on": ago(200), "closed_on": ago(100)},
        {"kind": "payment_arrangement", "opened_on": ago(50)},
    )
    assert of("broken_arrangements", "broken_arrangements_52w", "arrangement_active") == (
        2,
        1,
        True,
    )


def test_what_happens_after_as_of_is_not_known_yet():
    later = AS_OF + dt.timedelta(days=9)
    of = case(
        {
            "kind": "payment_arrangement",
            "opened_on": ago(50),
            "closed_on": later,
            "outcome": "broken",
        },
        {"kind": "complaint", "opened_on": later},
    )
    assert of("broken_arrangements", "arrangement_active", "complaints_12m") == (0, True, 0)


def test_notices_live_52_weeks():
    notice = {"kind": "arrears_action", "subtype": "notice"}
    assert case({**notice, "opened_on": ago(100)})("notice_served", "notice_active") == (True, True)
    closed = {**notice, "opened_on": ago(100), "closed_on": ago(1)}
    assert case(closed)("notice_served", "notice_active") == (True, False)
    assert case({**notice, "opened_on": ago(364)})("notice_served", "notice_active") == (
        False,
        False,
    )


def test_complaints_and_other_cases():
    of = case(
        {"kind": "complaint", "opened_on": dt.date(2025, 4, 1), "closed_on": ago(10)},
        {"kind": "complaint", "opened_on": dt.date(2025, 3, 31)},
        {"kind": "asb", "opened_on": ago(20)},
        {"kind": "support_referral", "opened_on": ago(20)},
    )
    assert of("complaints_12m", "complaints_open", "asb_cases_12m", "asb_open") == (1, 1, 1, 1)
    assert of("support_referral_open", "adaptation_open", "hazard_open", "cases_12m") == (
        True,
        False,
        False,
        3,
    )


def test_a_tenancy_without_cases_has_counts_of_nothing():
    of = case()
    assert of("cases_12m", "arrangement_active", "last_case_opened_on") == (0, False, None)


# --- contacts ------------------------------------------------------------------------------------


def talk(
    days: int,
    channel: str = "phone",
    reason: str | None = "rent",
    direction: str = "inbound",
    **more,
) -> dict:
    return {
        "system": "crm", "person_ref": "7", "occurred_on": ago(days), "channel": channel, "reason": reason,
        "direction": direction, **more,
    }  # fmt: skip


def talks(*rows: dict, preferences: tuple[dict, ...] = ()):
    wanted = [
        {"system": "crm", "person_ref": "7", "topic": "all", "choice": "prefer", **p}
        for p in preferences
    ]
    return built(*contact.MODELS, staging_contact=list(rows), staging_preference=wanted)


def person(engine, *columns):
    return one(engine, schema.PERSON_CONTACT, *columns)


def test_volume_by_channel():
    engine = talks(
        talk(1), talk(89, "portal"), talk(90, "email"), talk(300, "office"), talk(364, "letter"), talk(365),
        talk(5, direction="outbound", outcome="no_answer"), talk(6, outcome="unresolved"),
    )  # fmt: skip
    assert person(
        engine, "contacts_in_90d", "contacts_in_12m", "contacts_out_12m", "no_answer_12m"
    ) == (3, 6, 1, 1)
    columns = (
        "contacts_phone_12m",
        "contacts_digital_12m",
        "contacts_in_person_12m",
        "contacts_letter_12m",
    )
    assert person(engine, *columns) == (2, 2, 1, 1)
    assert person(engine, "unresolved_contacts_12m", "main_channel") == (1, "phone")
    assert engine.rows("SELECT channel, reason, contacts_12m FROM features.person_contact_reason ORDER BY 1")[1:3] == [
        ("letter", "rent", 1), ("office", "rent", 1)
    ]  # fmt: skip


def test_a_repeat_is_the_same_reason_within_28_days():
    assert person(talks(talk(100), talk(72)), "repeat_contacts_12m") == 1
    assert person(talks(talk(100), talk(71)), "repeat_contacts_12m") == 0
    assert person(talks(talk(100), talk(90, reason="repairs")), "repeat_contacts_12m") == 0
    assert person(talks(talk(100), talk(90, direction="outbound")), "repeat_contacts_12m") == 0
    assert person(talks(talk(9), talk(9, "email"), talk(8)), "repeat_contacts_12m") == 2
    assert person(talks(talk(9, reason=None), talk(8, reason=None)), "repeat_contacts_12m") == 0


def test_silence_counts_from_the_last_inbound_contact():
    assert person(talks(talk(500), talk(2, direction="outbound")), "days_silent") == 500
    assert person(talks(), "days_silent", "contacts_in_12m") == (None, 0)


def test_preferred_against_used_channel():
    columns = ("main_channel", "channel_preferred", "uses_preferred_channel")
    email, phone = {"channel": "email"}, {"channel": "phone", "topic": "rent"}
    assert person(talks(talk(1), preferences=(email, phone)), *columns) == ("phone", "email", False)
    assert person(talks(talk(1, "email"), preferences=(email,)), *columns) == (
        "email",
        "email",
        True,
    )
    assert person(talks(talk(1)), *columns) == ("phone", None, None)
    ended = {**email, "to_on": ago(1)}
    assert person(talks(talk(1), preferences=(ended,)), *columns) == ("phone", None, None)


def test_a_contact_without_tenancy_counts_for_the_only_current_one():
    engine = talks(
        talk(1), talk(3, tenancy_ref="T1", person_ref=None), talk(2, direction="outbound")
    )
    columns = ("tenancy_contacts_in_12m", "tenancy_contacts_out_12m", "tenancy_days_silent")
    assert one(engine, schema.TENANCY_CONTACT, *columns) == (2, 1, 1)


# --- repairs -------------------------------------------------------------------------------------


def repair(days: int, trade: str = "plumbing", status: str = "completed", **more) -> dict:
    return {
        "system": "repairs", "repair_ref": "1", "property_ref": "M1", "tenancy_ref": "T1", "reported_on": ago(days),
        "trade": trade, "status": status, **more,
    }  # fmt: skip


def repaired(*rows: dict, **more):
    numbered = [{"source_row": n, **row} for n, row in enumerate(rows, 1)]
    engine = built(*repairs.MODELS, staging_repair=numbered, **more)
    return lambda *columns: one(engine, schema.TENANCY_REPAIR, *columns), lambda *columns: one(
        engine, schema.HOME_REPAIR, *columns
    )


def test_requests_access_and_damp():
    of, home = repaired(
        repair(10, no_access_visits=2), repair(400, "damp_mould", no_access_visits=1), repair(20, is_damp_mould=True),
        repair(800, "damp_mould"), repair(5, status="cancelled"), repair(1100, "damp_mould"),
    )  # fmt: skip
    assert of("repairs_12m", "repairs_24m", "no_access_12m", "no_access_24m") == (2, 3, 2, 3)
    assert of("damp_mould_12m", "damp_mould_36m", "days_since_repair") == (1, 3, 10)
    assert home("home_repairs_12m", "home_damp_mould_12m", "home_damp_mould_36m") == (2, 1, 3)


def test_three_repairs_of_a_trade_in_a_year_recur():
    of, home = repaired(
        *(repair(d) for d in (1, 2, 364)), *(repair(d, "heating") for d in (1, 2, 400))
    )
    assert of("recurring_trades_12m") == 1
    assert home("home_recurring_trades_12m") == 1
    assert repaired()[0]("recurring_trades_12m", "days_since_repair") == (0, None)


@pytest.mark.parametrize(
    ("priority", "days", "overdue"),
    [("emergency", 1, 0), ("emergency", 2, 1), ("urgent", 8, 1), ("routine", 28, 0), ("routine", 29, 1),
     ("planned", 90, 0), ("planned", 91, 1), (None, 29, 1)],
)  # fmt: skip
def test_open_beyond_the_target_of_its_priority(priority, days, overdue):
    of, home = repaired(repair(days, status="open", priority=priority))
    column = f"repairs_overdue_{priority if priority in ('emergency', 'urgent') else 'routine'}"
    assert of("repairs_open", column) == (1, overdue)
    assert home("home_repairs_overdue") == overdue
    assert repaired(repair(days, priority=priority, completed_on=ago(0)))[0](
        "repairs_open", column
    ) == (0, 0)


def test_a_repair_completed_after_as_of_was_open():
    later = AS_OF + dt.timedelta(days=3)
    assert repaired(repair(40, completed_on=later))[0](
        "repairs_open", "repairs_overdue_routine"
    ) == (1, 1)


def test_a_repair_that_names_no_tenancy_belongs_to_who_lived_there():
    of, home = repaired(repair(10, tenancy_ref=None), repair(1001, tenancy_ref=None))
    assert of("repairs_24m", "days_since_repair") == (1, 10)
    assert home("home_repairs_24m") == 1


# --- services and digital use --------------------------------------------------------------------


def used(*rows: tuple, contacts: tuple[dict, ...] = ()):
    uses = [{"system": "crm", "person_ref": "7", "service": s, "used_on": ago(d)} for s, d in rows]
    return built(
        *contact.MODELS[:2], *service.MODELS, staging_service_use=uses, staging_contact=list(contacts)
    )  # fmt: skip


def test_services_used_and_not_used():
    engine = used(
        ("money_advice", 10), ("money_advice", 20), ("garden", 30), ("event", 400), ("portal", 1)
    )
    columns = (
        "service_uses_12m",
        "n_services_12m",
        "services_12m",
        "last_service_on",
        "uses_no_service",
    )
    assert one(engine, schema.PERSON_SERVICE, *columns) == (
        3,
        2,
        "garden;money_advice",
        ago(10),
        False,
    )
    assert one(used(("portal", 1), ("event", 400)), schema.PERSON_SERVICE, *columns) == (
        0,
        0,
        None,
        ago(400),
        True,
    )


@pytest.mark.parametrize(
    ("rows", "contacts", "use"),
    [
        ([("portal", 89)], (), "active"), ([("portal", 90)], (), "occasional"), ([("app", 364)], (), "occasional"),
        ([("portal", 365)], (), "lapsed"), ([("garden", 1)], (), "none"), ([], (talk(1),), "none"),
        ([], (talk(1, "email"),), "active"), ([("portal", 500)], (talk(100, "web_chat"),), "occasional"),
        ([], (talk(1, "email", direction="outbound"),), "none"),
    ],
)  # fmt: skip
def test_digital_use(rows, contacts, use):
    assert one(used(*rows, contacts=contacts), schema.PERSON_DIGITAL, "digital_use") == use


def test_the_digital_share_of_contacts():
    share = one(
        used(contacts=(talk(1), talk(2, "email"), talk(3, "portal"), talk(4))),
        schema.PERSON_DIGITAL,
        "digital_share_12m",
    )
    assert share == 0.5
    assert one(used(), schema.PERSON_DIGITAL, "digital_share_12m") is None


# --- the tenancy ---------------------------------------------------------------------------------


def let(**row):
    engine = built(*tenancy.MODELS, tenancy_row={"tenancy_id": "T", **row})
    return lambda *columns: one(engine, schema.TENANCY, *columns)


def test_the_age_of_a_running_tenancy():
    columns = (
        "tenancy_age_days",
        "tenancy_age_years",
        "tenancy_is_new",
        "tenancy_length_days",
        "tenancy_failed",
    )
    assert let(started_on=dt.date(2025, 3, 31))(*columns) == (365, 1, False, None, None)
    assert let(started_on=dt.date(2025, 4, 1))(*columns) == (364, 0, True, None, None)
    assert let(started_on=AS_OF + dt.timedelta(days=1))(*columns) == (None, None, False, None, None)
    assert let()(*columns) == (None, None, None, None, None)


@pytest.mark.parametrize(
    ("reason", "failed"),
    [("abandoned", True), ("evicted_arrears", True), ("evicted_asb", True), ("evicted_arrears_and_asb", True),
     ("died", False), (None, None)],
)  # fmt: skip
def test_an_ended_tenancy_failed_by_abandonment_or_eviction(reason, failed):
    of = let(started_on=ago(400), ended_on=ago(100), end_reason=reason)
    assert of("tenancy_length_days", "tenancy_failed", "tenancy_failed_in_year_one") == (
        300,
        failed,
        failed,
    )


def test_a_failure_after_the_first_year_is_not_one_in_the_first():
    of = let(started_on=dt.date(2024, 1, 1), ended_on=dt.date(2025, 1, 1), end_reason="abandoned")
    assert of("tenancy_failed", "tenancy_failed_in_year_one") == (True, False)
