"""The profile stage on a small landlord: placing, history, completeness, facts from columns."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import pytest

from rooftree.identity import schema as identity
from rooftree.profile.build import Unplaced, build
from rooftree.profile.explain import explain
from rooftree.profile.history import as_at
from rooftree.profile.populations import POPULATIONS
from rooftree.profile.read import completeness, value_of
from rooftree.profile.wide import build_wide
from rooftree.staging import schema as staging
from rooftree.storage.engine import Engine
from rooftree.vocabulary.errors import DefinitionError
from rooftree.vocabulary.states import Grain, Origin, State
from tests.lib.profiles import AS_OF, answers, attribute, catalogue, fill, nobody, records, said

LINEAGE = {"system": "northgate", "source_kind": "housing", "source_file": "f1", "source_row": 1}


def member(person: str, role: str = "tenant", **more: object) -> dict[str, object]:
    lives_there = role not in ("applicant", "next_of_kin", "advocate")
    return {
        "tenancy_id": "T1", "person_id": person, "role": role, "relationship": "unknown",
        "is_responsible": role == "tenant", "lives_there": lives_there, "is_current": True,
    } | more  # fmt: skip


def person(person_id: str, born: str | None = None, **more: object) -> dict[str, object]:
    return {
        "person_id": person_id, "date_of_birth": born, "is_organisation": False,
        "n_records": 1, "n_systems": 1,
    } | more  # fmt: skip


def household(engine: Engine) -> None:
    """One tenancy T1 of household H1 in home M1: a tenant, a child, a grown-up child, two outside."""
    nobody(engine)
    people = ("P1", "P2", "P3", "P4", "P5", "P6")
    records(engine, [("northgate", f"r{p[1]}", p) for p in people])
    fill(
        engine,
        identity.PERSON,
        [
            person("P1", "1980-01-01"),
            person("P2", "2010-04-01"),  # turns 16 the day after the picture
            person("P3"),  # of unknown age
            person("P4", "1960-01-01"),
            person("P5", "1990-01-01", is_organisation=True),
            person("P6", "1950-01-01", date_of_death="2025-01-01"),
        ],
    )
    tenancy = {"tenancy_id": "T1", "household_id": "H1", "home_id": "M1", "is_current": True}
    fill(engine, identity.TENANCY, [tenancy, {"tenancy_id": "T2", "is_current": False}])
    refs = [("T1", "northgate", "t-1"), ("T1", "*", "shared-1"), ("T2", "*", "t-2")]
    fill(
        engine,
        identity.TENANCY_REF,
        [{"ref_kind": "tenancy_ref", "system": s, "ref": r, "tenancy_id": t} for t, s, r in refs],
    )
    home = {"ref_kind": "property_ref", "system": "*", "ref": "h-1", "home_id": "M1"}
    fill(engine, identity.HOME_REF, [home])
    fill(
        engine,
        identity.HOUSEHOLD,
        [{"household_id": "H1", "tenancy_id": "T1", "lead_person_id": "P1", "is_current": True}],
    )
    fill(
        engine,
        identity.MEMBER,
        [
            member("P1"),
            member("P2", "household_member"),
            member("P3", "household_member"),
            member("P4", "next_of_kin"),
            member("P5", "tenant"),
            member("P6", "joint_tenant"),
        ],
    )


def answer_rows(rows: Iterable[tuple[str, str, str]]) -> list[dict[str, object]]:
    return [
        LINEAGE | {
            "attribute": key, "grain": grain, "subject_ref": ref, "state": "answered",
            "value": "yes", "origin": "told", "method": "system", "source_row": row,
        }
        for row, (key, grain, ref) in enumerate(rows, 1)
    ]  # fmt: skip


def test_answers_are_put_on_their_subjects_and_none_is_dropped_silently(engine):
    household(engine)
    rows = [
        ("likes", "person", "r1"),
        ("likes", "person", "nobody"),
        ("likes", "tenancy", "t-1"),
        ("colour", "person", "r1"),
        ("income", "household", "t-1"),
        ("income", "household", "t-2"),
        ("lift", "home", "h-1"),
        ("length", "tenancy", "shared-1"),
    ]
    fill(engine, staging.ANSWER, answer_rows(rows))
    known = catalogue(
        attribute("likes"),
        attribute("income", grain=Grain.HOUSEHOLD),
        attribute("lift", grain=Grain.HOME),
        attribute("length", grain=Grain.TENANCY),
    )
    summary = build(engine, as_of=AS_OF, catalogue=known)
    assert engine.rows("SELECT attribute, subject_id FROM profile.value ORDER BY 1") == [
        ("income", "H1"), ("length", "T1"), ("lift", "M1"), ("likes", "P1"),
    ]  # fmt: skip
    assert (summary.n_answers, summary.n_statements, summary.n_unplaced) == (8, 4, 4)
    assert summary.unplaced == (
        Unplaced(attribute="colour", system="northgate", problem="attribute_unknown", rows=1),
        Unplaced(attribute="income", system="northgate", problem="household_unknown", rows=1),
        Unplaced(attribute="likes", system="northgate", problem="grain_differs", rows=1),
        Unplaced(attribute="likes", system="northgate", problem="subject_unknown", rows=1),
    )
    assert engine.rows("SELECT subject_ref, source_row FROM profile.unplaced ORDER BY 2") == [
        ("nobody", 2), ("t-1", 3), ("r1", 4), ("t-2", 6),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("population", "ids"),
    [
        ("everyone", ["P1", "P2", "P3", "P4"]),
        ("customers", ["P1", "P3"]),
        ("adults", ["P1", "P3"]),
        ("tenants", ["P1"]),
        ("household_members", ["P1", "P2", "P3"]),
        ("lead_tenants", ["P1"]),
        ("households", ["H1"]),
        ("tenancies", ["T1"]),
        ("homes", ["M1"]),
    ],
)
def test_population(engine, population, ids):
    household(engine)
    grain = POPULATIONS[population].grain
    build(engine, as_of=AS_OF, catalogue=catalogue(attribute(grain=grain, population=population)))
    found = engine.rows("SELECT subject_id FROM _tmp_profile_population ORDER BY 1")
    assert [row[0] for row in found] == ids


def test_a_population_that_does_not_fit_is_refused_all_at_once(engine):
    household(engine)
    wrong = catalogue(attribute("a", population="ghosts"), attribute("b", population="homes"))
    with pytest.raises(DefinitionError) as error:
        build(engine, as_of=AS_OF, catalogue=wrong)
    assert [problem.where for problem in error.value.problems] == [
        "attributes/a.toml",
        "attributes/b.toml",
    ]


def test_completeness_counts_every_state_and_adds_up(engine):
    household(engine)
    key = "likes"
    stale = said("red", "2019-01-01", system="northgate")
    answers(
        engine,
        [
            (key, "r1", stale),
            (key, "r2", said(None, system="northgate")),
            (key, "r4", said("red", system="northgate")),
        ],
    )
    build(engine, as_of=AS_OF, catalogue=catalogue(attribute(key, population="everyone")))
    engine.execute(
        "CREATE TABLE patch AS SELECT 'person' AS grain, 'P1' AS subject_id, 'North' AS group_value"
    )
    (row,) = completeness(engine)
    assert (row.n, row.answered, row.refused, row.not_asked) == (4, 2, 1, 1)
    assert (row.asked, row.stale, row.recorded_outcome) == (3, 1, 2)
    assert (row.answered_of_all, row.answered_of_asked, row.outcome_of_all) == (0.5, 2 / 3, 0.5)
    states = (
        row.answered,
        row.refused,
        row.dont_know,
        row.not_applicable,
        row.withdrawn,
        row.not_asked,
    )
    assert sum(states) == row.n
    groups = completeness(engine, by="patch")
    assert [(g.group, g.n, g.answered, g.not_asked) for g in groups] == [
        ("North", 1, 1, 0),
        ("unknown", 3, 1, 1),
    ]


def test_an_attribute_that_nobody_was_asked_is_counted_too(engine):
    household(engine)
    build(engine, as_of=AS_OF, catalogue=catalogue(attribute("likes", population="everyone")))
    assert [(row.n, row.not_asked, row.answered_of_asked) for row in completeness(engine)] == [
        (4, 4, None)
    ]
    assert value_of(engine, "P1", "likes").state == State.NOT_ASKED


def test_the_profile_as_at_an_earlier_date_is_what_a_run_would_have_said_then(engine):
    household(engine)
    kept = [
        ("likes", "r1", said("red", "2020-05-01")),
        ("likes", "r1", said("blue", "2023-05-01")),
        ("likes", "r2", said("red", "2025-05-01")),
        ("likes", "r3", said(None, None)),
    ]
    withdrawn = [
        ("likes", "r4", said("red", "2021-01-01")),
        ("likes", "r4", said(None, "2024-01-01", state="withdrawn")),
    ]
    known = catalogue(attribute("likes", population="everyone"))
    for day in (dt.date(2020, 4, 30), dt.date(2020, 5, 1), dt.date(2024, 6, 1), AS_OF):
        answers(engine, kept + withdrawn)
        build(engine, as_of=AS_OF, catalogue=known)
        as_at(engine, day, catalogue=known)
        looked_back = engine.rows("SELECT * FROM profile_at.value ORDER BY ALL")
        # What was withdrawn later does not come back by looking at an earlier day.
        then = [
            r for r in [*kept, withdrawn[1]] if r[2].recorded_on is None or r[2].recorded_on <= day
        ]
        answers(engine, then)
        build(engine, as_of=day, catalogue=known)
        assert looked_back == engine.rows("SELECT * FROM profile.value ORDER BY ALL")


def test_the_value_of_what_was_withdrawn_is_not_kept(engine):
    household(engine)
    withdrawn = said(None, "2024-01-01", state="withdrawn")
    answers(engine, [("likes", "r1", said("secret", "2021-01-01")), ("likes", "r1", withdrawn)])
    build(engine, as_of=AS_OF, catalogue=catalogue(attribute("likes")))
    assert engine.rows(
        "SELECT standing, value, raw_value, source_row FROM profile.statement ORDER BY statement_no"
    ) == [("current", None, None, 1), ("withdrawn", None, None, 1)]


def test_facts_from_columns_are_answers_with_their_lineage(engine):
    household(engine)
    record = LINEAGE | {"person_ref": "r1", "updated_on": "2025-01-02", "source_row": 9}
    fill(engine, staging.PERSON, [record | {"date_of_birth": "1980-01-01", "email": None}])
    alert = LINEAGE | {"person_ref": "r1", "kind": "alert", "started_on": "2025-01-01"}
    fill(
        engine,
        staging.ALERT,
        [
            alert | {"code": "B2", "source_row": 4},
            alert | {"code": "A1", "source_row": 5},
            alert | {"code": "C3", "source_row": 6, "ended_on": "2025-06-01"},
        ],
    )
    keys = ("date_of_birth", "email")
    alerts = attribute("person_alerts", origin=Origin.OBSERVED)
    known = catalogue(*(attribute(key) for key in keys), alerts)
    summary = build(engine, as_of=AS_OF, catalogue=known)
    assert (summary.n_answers, summary.n_values) == (2, 2)
    dob = value_of(engine, "P1", "date_of_birth")
    assert (dob.value, dob.recorded_on, dob.source_row) == ("1980-01-01", dt.date(2025, 1, 2), 9)
    assert value_of(engine, "P1", "email").state == State.NOT_ASKED
    alerts = value_of(engine, "P1", "person_alerts")
    assert (alerts.value, alerts.origin, alerts.source_row) == ("A1;B2", "observed", 4)


@pytest.mark.parametrize(
    ("phone", "phone_2", "mobile", "other"),
    [
        ("07700 900123", None, "07700 900123", None),
        ("01473 000000", "+44 7700 900123", "+44 7700 900123", "01473 000000"),
        ("07700900123", "07700900124", "07700900123", "07700900124"),
        (None, "07700900124", "07700900124", None),
        (None, "01473 000000", None, "01473 000000"),
        (None, None, None, None),
    ],
)
def test_which_number_is_the_mobile(engine, phone, phone_2, mobile, other):
    household(engine)
    record = LINEAGE | {"person_ref": "r1", "phone": phone, "phone_2": phone_2}
    fill(engine, staging.PERSON, [record])
    build(engine, as_of=AS_OF, catalogue=catalogue(attribute("mobile"), attribute("phone")))
    assert value_of(engine, "P1", "mobile").value == mobile
    assert value_of(engine, "P1", "phone").value == other


@pytest.mark.parametrize(
    ("said_by_source", "code"),
    [
        ("Mr", "mr"), ("MRS.", "mrs"), (" rev ", "reverend"), ("Prof", "other"),
        ("Unknown", None), ("-", None), (None, None),
    ],
)  # fmt: skip
def test_title_as_systems_write_it(engine, said_by_source, code):
    household(engine)
    fill(engine, staging.PERSON, [LINEAGE | {"person_ref": "r1", "title": said_by_source}])
    build(engine, as_of=AS_OF, catalogue=catalogue(attribute("title")))
    assert value_of(engine, "P1", "title").value == code


def preference(choice: str, channel: str = "email", on: str | None = "2026-01-01", **more):
    return LINEAGE | {
        "person_ref": "r1", "topic": "marketing", "channel": channel, "choice": choice, "from_on": on,
    } | more  # fmt: skip


CRM = {"system": "crm", "source_kind": "contact", "person_ref": "c1"}


@pytest.mark.parametrize(
    ("rows", "value"),
    [
        ([], None),
        ([preference("prefer")], None),  # a preference is no consent
        ([preference("consent", topic="all")], None),  # nor is consent to nothing in particular
        ([preference("consent"), preference("consent", "sms")], "email;sms"),
        ([preference("consent", to_on="2026-03-31")], None),
        ([preference("consent", on="2026-04-01")], None),
        ([preference("object")], "none"),
        ([preference("consent", "sms"), preference("object", "email")], "sms"),
        ([preference("consent", on="2025-01-01"), preference("object")], "none"),
        ([preference("object", on="2025-01-01"), preference("consent")], "email"),
        ([preference("object"), preference("consent")], "none"),  # on one day: the objection
        ([preference("object", on=None), preference("consent")], "none"),
        ([preference("consent"), preference("object", on="2026-04-01")], "email"),  # ahead of us
        ([preference("consent", on="2025-01-01"), preference("object", topic="all")], None),
        # An objection holds in every system that knows the person, and no longer than it runs.
        ([preference("consent", on="2025-01-01"), preference("object", **CRM)], "none"),
        ([preference("consent", on="2025-01-01"), preference("object", "sms", **CRM)], "email"),
        ([preference("consent", on="2025-01-01"), preference("object", to_on="2026-02-01", **CRM)], "email"),
    ],
)  # fmt: skip
def test_marketing_consent_is_what_was_agreed_to_and_not_objected_to(engine, rows, value):
    household(engine)
    records(engine, [("northgate", "r1", "P1"), ("crm", "c1", "P1")])
    fill(engine, staging.PREFERENCE, rows)
    known = catalogue(attribute("marketing_consent", precedence=("housing", "contact")))
    build(engine, as_of=AS_OF, catalogue=known)
    assert value_of(engine, "P1", "marketing_consent").value == value


@pytest.mark.parametrize(
    ("key", "topic", "choice", "value"),
    [
        ("survey_consent", "surveys", "consent", "true"),
        ("survey_consent", "surveys", "allow", "true"),
        ("survey_consent", "surveys", "prefer", None),
        ("survey_consent", "surveys", "avoid", None),
        ("survey_consent", "surveys", "object", "false"),
        ("sharing_consent", "sharing", "consent", "true"),
        ("sharing_consent", "sharing", "object", "false"),
        ("sharing_consent", "marketing", "consent", None),
    ],
)
def test_other_consents(engine, key, topic, choice, value):
    household(engine)
    records(engine, [("northgate", "r1", "P1")])
    fill(engine, staging.PREFERENCE, [preference(choice, topic=topic)])
    build(engine, as_of=AS_OF, catalogue=catalogue(attribute(key)))
    assert value_of(engine, "P1", key).value == value


def test_next_of_kin_is_that_of_the_lead_tenant_or_of_the_only_one(engine):
    household(engine)
    kin = [("r4", "Ann", "Marsh", "01473 000000"), ("r5", None, "Dale", None)]
    fill(
        engine,
        staging.PERSON,
        [
            LINEAGE | {"person_ref": ref, "given_name": given, "family_name": family, "phone": phone}
            for ref, given, family, phone in kin
        ],
    )  # fmt: skip
    rows = [
        ("t-1", "r1", "lead", "tenant"),
        ("t-1", "r2", "partner", "joint_tenant"),
        ("t-1", "r4", "parent", "next_of_kin"),
        ("t-1", "r5", "unknown", "next_of_kin"),
        ("t-2", "r2", "unknown", "tenant"),
        ("t-2", "r3", "unknown", "joint_tenant"),
        ("t-2", "r5", "unknown", "next_of_kin"),  # whose of the two is not known
    ]
    fill(
        engine,
        staging.HOUSEHOLD_MEMBER,
        [
            LINEAGE | {"tenancy_ref": tenancy, "person_ref": ref, "relationship": how, "role": role}
            for tenancy, ref, how, role in rows
        ],
    )
    build(engine, as_of=AS_OF, catalogue=catalogue(attribute("next_of_kin")))
    assert engine.rows("SELECT subject_id, value FROM profile.value") == [
        ("P1", "Ann Marsh (parent), 01473 000000;Dale")
    ]


def test_relationship_comes_from_the_household_as_the_source_holds_it(engine):
    household(engine)
    rows = [
        ("r1", "lead", "tenant"),
        ("r2", "child", "household_member"),
        ("r3", "unknown", "occupant"),
        ("r4", "sibling", "next_of_kin"),
    ]
    fill(
        engine,
        staging.HOUSEHOLD_MEMBER,
        [
            LINEAGE | {"person_ref": ref, "relationship": word, "role": role, "tenancy_ref": "t-1"}
            for ref, word, role in rows
        ],
    )
    build(engine, as_of=AS_OF, catalogue=catalogue(attribute("relationship_to_lead")))
    found = engine.rows("SELECT subject_id, value FROM profile.value ORDER BY 1")
    assert found == [("P1", "lead"), ("P2", "child")]


def test_the_wide_view_has_a_state_beside_each_value(engine):
    household(engine)
    answers(engine, [("likes", "r1", said("red")), ("hates", "r2", said(None))])
    known = (attribute("likes"), attribute("hates"))
    build(engine, as_of=AS_OF, catalogue=catalogue(*known))
    build_wide(engine, "wide", known)
    assert engine.rows("SELECT * FROM wide") == [
        ("P1", None, "not_asked", "red", "answered"),
        ("P2", None, "refused", None, "not_asked"),
    ]
    with pytest.raises(DefinitionError, match="2 grains"):
        build_wide(engine, "wide", (*known, attribute("lift", grain=Grain.HOME)))


def test_a_record_page_explains_what_the_run_resolved(engine):
    household(engine)
    statements = [said("red", "2025-01-01"), said("blue", "2025-02-01")]
    answers(engine, [("likes", "r1", one) for one in statements])
    build(engine, as_of=AS_OF, catalogue=catalogue(attribute("likes")))
    found = explain(statements, attribute("likes"), AS_OF)
    held = value_of(engine, "P1", "likes")
    assert (found.resolved.value, found.resolved.why) == (held.value, held.why)


@pytest.mark.parametrize(
    ("born", "age", "band"),
    [
        ("2001-04-01", "24", "under_25"),  # 25 the day after the picture
        ("2001-03-31", "25", "25_to_34"),
        ("1961-03-31", "65", "65_and_over"),
        ("2026-04-01", None, None),  # ahead of the picture: no age, and the quality report names it
    ],
)
def test_age_is_worked_out_for_the_day_of_the_picture(engine, born, age, band):
    household(engine)
    record = LINEAGE | {"person_ref": "r1", "date_of_birth": born}
    fill(engine, staging.PERSON, [record])
    keys = ("date_of_birth", "age", "age_band")
    build(engine, as_of=AS_OF, catalogue=catalogue(*map(attribute, keys)))
    assert (value_of(engine, "P1", "age").value, value_of(engine, "P1", "age_band").value) == (
        age,
        band,
    )
