"""Membership over time: who came, who left, since when and why; what a failure and a withdrawal leave."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from rooftree.catalogue import load
from rooftree.catalogue.segment import SegmentDefinition
from rooftree.segments import membership, movement, tables
from rooftree.segments.definition import load_segments
from rooftree.segments.schema import EVALUATED, SPELL
from rooftree.storage.engine import Engine
from rooftree.storage.manifest import inputs_digest
from rooftree.storage.snapshot import Snapshot, Writer
from rooftree.vocabulary.errors import UserError
from rooftree.vocabulary.states import Grain
from tests.spec.world import world

DAYS = [dt.date(2026, month, 1) for month in (1, 2, 3, 4, 5)]
FULL = load()
KEPT = ("bank_account", "money_worry", "contents_insurance")
SMALL = dataclasses.replace(
    FULL,
    attributes={key: FULL.attributes[key] for key in KEPT},
    features={key: FULL.features[key] for key in ("bedrooms", "tenure")},
    events={"repair": FULL.events["repair"], "payment": FULL.events["payment"]},
)


def definition(rule: str, **more: Any) -> SegmentDefinition:
    """A segment of people, everyone, for money advice, unless the test says otherwise."""
    made: dict[str, Any] = {
        "key": "seg", "label": "Segment", "topic": "test", "unit": Grain.PERSON, "base": "household_members",
        "purpose": "money_and_benefits_advice", "use": "select", "rule": rule, "why": "For a test.",
        "owner": "Testers", "checked_by": "Testers", "reviewed_on": DAYS[0], "next_review_on": DAYS[-1],
        "examples": (), "where": "segments/seg.toml",
    }  # fmt: skip
    return SegmentDefinition(**(made | more))


NO_BANK = definition("bank_account = none")
BOTH = definition("bank_account = none and money_worry = difficult")


def said(person: str, **values: str | None) -> list[dict[str, Any]]:
    """Answers of a person; None: the value was withdrawn."""
    return [
        {
            "attribute": key, "grain": "household" if key == "contents_insurance" else "person",
            "subject_id": person, "value": value, "state": "answered" if value else "withdrawn",
        }
        for key, value in values.items()
    ]  # fmt: skip


class Landlord:
    """A few people in one household each, and a snapshot on each day that the test lives through."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.n = 0

    def day(
        self,
        *answers: list[dict[str, Any]],
        segments: tuple[SegmentDefinition, ...] = (NO_BANK,),
        people: tuple[str, ...] = ("P1", "P2"),
        out: tuple[str, ...] = (),
        merged: tuple[tuple[str, str], ...] = (),
        **more: Any,
    ) -> None:
        """One run, on the first of the next month. `out`: people who live nowhere now."""
        as_of = DAYS[self.n]
        self.n += 1
        rows: dict[str, Any] = {
            "identity_person": [{"person_id": p} for p in people],
            "identity_member": [
                {"tenancy_id": f"T{p}", "household_id": f"H{p}", "person_id": p, "role": "tenant",
                 "lives_there": True, "is_responsible": True, "is_current": True}
                for p in people if p not in out
            ],
            "identity_household": [
                {"household_id": f"H{p}", "tenancy_id": f"T{p}", "lead_person_id": p, "is_current": True}
                for p in people
            ],
            "identity_tenancy": [
                {"tenancy_id": f"T{p}", "household_id": f"H{p}", "is_current": True} for p in people
            ],
            "identity_event": [
                {"event": "merged", "person_id": stays, "other_person_id": goes} for stays, goes in merged
            ],
            "profile_value": [row for some in answers for row in some],
        }  # fmt: skip
        catalogue = dataclasses.replace(SMALL, segments={one.key: one for one in segments})
        with world(**(rows | more)) as engine:
            made = tables.build(engine, as_of=as_of, catalogue=catalogue)
            before = Snapshot.open(self.folder) if self.n > 1 else None
            membership.build(engine, as_of=as_of, segments=load_segments(catalogue), before=before)
            with Writer(
                self.folder, as_of=as_of, inputs=(), digest=inputs_digest((), str(self.n)), software="test",
                definitions="test",
            ) as writer:  # fmt: skip
                for table in (*made, SPELL, EVALUATED):
                    writer.write(engine, table)
                writer.publish(engine)

    @contextmanager
    def asked(self) -> Iterator[Engine]:
        with Engine(threads=1, memory_limit="500MB") as engine:
            Snapshot.open(self.folder).attach(engine)
            yield engine

    def spells(self) -> list[tuple]:
        with self.asked() as engine:
            return engine.rows(
                "SELECT subject_id, month(entered_on), entered_why, month(left_on), left_why "
                "FROM segments.spell ORDER BY ALL"
            )

    def evaluated(self, *columns: str) -> tuple:
        with self.asked() as engine:
            (row,) = engine.rows(f"SELECT {', '.join(columns)} FROM segments.evaluated")
            return row


@pytest.fixture
def landlord(tmp_path: Path) -> Landlord:
    return Landlord(tmp_path / "snapshots")


# --- coming and going ------------------------------------------------------------------------------


def test_the_first_run_finds_everybody_who_is_in(landlord: Landlord):
    landlord.day(said("P1", bank_account="none"), said("P2", bank_account="current"))
    assert landlord.spells() == [("P1", 1, "first", None, None)]
    assert landlord.evaluated("n_base", "n_in", "n_unknown", "status") == (2, 1, 0, "ok")


def test_who_stays_keeps_the_day_they_came(landlord: Landlord):
    for _ in range(3):
        landlord.day(said("P1", bank_account="none"))
    assert landlord.spells() == [("P1", 1, "first", None, None)]
    assert landlord.evaluated("n_unknown", "good_on") == (1, DAYS[2])


def test_who_came_and_who_left_is_told_with_the_parts_of_the_rule_that_changed(landlord: Landlord):
    in_, out = {"bank_account": "none", "money_worry": "difficult"}, {"bank_account": "basic"}
    landlord.day(said("P1", **in_), said("P2", **out), segments=(BOTH,))
    landlord.day(said("P1", **(in_ | out)), said("P2", **in_), segments=(BOTH,))
    assert landlord.spells() == [
        ("P1", 1, "first", 2, "data: 1"),
        ("P2", 2, "data: 1,2", None, None),
    ]


def test_who_comes_back_has_two_stays(landlord: Landlord):
    landlord.day(said("P1", bank_account="none"))
    landlord.day(said("P1", bank_account="basic"))
    landlord.day(said("P1", bank_account="none"))
    assert landlord.spells() == [
        ("P1", 1, "first", 2, "data: 1"),
        ("P1", 3, "data: 1", None, None),
    ]


def test_what_is_not_known_any_more_ends_a_stay(landlord: Landlord):
    landlord.day(said("P1", bank_account="none"))
    landlord.day()
    assert landlord.spells() == [("P1", 1, "first", 2, "data: 1")]


def test_who_comes_into_the_base_or_goes_out_of_it_is_told_so(landlord: Landlord):
    none = said("P1", bank_account="none"), said("P2", bank_account="none")
    landlord.day(*none, out=("P2",))
    landlord.day(*none, out=("P1",))
    assert landlord.spells() == [("P1", 1, "first", 2, "base"), ("P2", 2, "base", None, None)]


def test_a_person_who_is_new_came_into_the_base(landlord: Landlord):
    landlord.day(said("P1", bank_account="none"), people=("P1",))
    landlord.day(said("P1", bank_account="none"), said("P2", bank_account="none"))
    assert ("P2", 2, "base", None, None) in landlord.spells()


def test_a_changed_rule_is_told_apart_from_changed_data(landlord: Landlord):
    wider = definition("bank_account in (none, basic)")
    basic, none = {"bank_account": "basic"}, {"bank_account": "none"}
    landlord.day(said("P1", **basic), said("P2", bank_account="current"))
    landlord.day(said("P1", **basic), said("P2", **none), segments=(wider,))
    landlord.day(said("P1", **basic), said("P2", **none))
    assert landlord.spells() == [
        ("P1", 2, "definition", 3, "definition"),
        ("P2", 2, "data: 1", None, None),
    ]


def test_two_people_who_became_one_carry_on_as_one(landlord: Landlord):
    landlord.day(said("P1", bank_account="basic"), said("P2", bank_account="none"))
    landlord.day(said("P1", bank_account="none"), people=("P1",), merged=(("P1", "P2"),))
    assert landlord.spells() == [("P1", 1, "first", None, None)]


def test_a_segment_that_is_new_begins_with_its_first_run(landlord: Landlord):
    landlord.day(said("P1", bank_account="none"), segments=())
    landlord.day(said("P1", bank_account="none"))
    assert landlord.spells() == [("P1", 2, "first", None, None)]


def test_a_segment_that_is_taken_away_is_left_by_all(landlord: Landlord):
    landlord.day(said("P1", bank_account="none"))
    landlord.day(said("P1", bank_account="none"), segments=())
    assert landlord.spells() == [("P1", 1, "first", 2, "definition")]


def test_households_and_tenancies_are_members_too(landlord: Landlord):
    of_households = definition(
        "contents_insurance = none", unit=Grain.HOUSEHOLD, base="current", purpose="service_offers"
    )
    landlord.day(said("HP1", contents_insurance="none"), segments=(of_households,))
    assert landlord.spells() == [("HP1", 1, "first", None, None)]


# --- what may not be kept --------------------------------------------------------------------------


def test_of_a_segment_that_only_counts_nobody_is_listed(landlord: Landlord):
    counts = dataclasses.replace(NO_BANK, use="count")
    landlord.day(said("P1", bank_account="none"), segments=(counts,))
    assert landlord.spells() == []
    assert landlord.evaluated("n_in", "use") == (1, "count")


def test_a_segment_that_no_longer_selects_loses_its_stays(landlord: Landlord):
    landlord.day(said("P1", bank_account="none"))
    landlord.day(
        said("P1", bank_account="none"), segments=(dataclasses.replace(NO_BANK, use="count"),)
    )
    assert landlord.spells() == []


def test_a_withdrawn_value_takes_every_stay_with_it_that_was_derived_from_it(landlord: Landlord):
    landlord.day(said("P1", bank_account="none"), said("P2", bank_account="none"))
    landlord.day(said("P1", bank_account="basic"), said("P2", bank_account="none"))
    landlord.day(said("P1", bank_account=None), said("P2", bank_account=None))
    assert landlord.spells() == []
    assert landlord.evaluated("n_in", "n_removed") == (0, 2)


def test_who_is_in_although_they_withdrew_begins_anew_and_stays(landlord: Landlord):
    either = definition("bank_account = none or bank_account is withdrawn")
    landlord.day(said("P1", bank_account="none"), segments=(either,))
    landlord.day(said("P1", bank_account=None), segments=(either,))
    landlord.day(said("P1", bank_account=None), segments=(either,))
    assert landlord.spells() == [("P1", 2, "withdrawn", None, None)]


def test_a_value_of_one_who_lives_there_is_withdrawn_for_the_household(landlord: Landlord):
    of_members = definition(
        "any member (bank_account = none)", unit=Grain.HOUSEHOLD, base="current"
    )
    landlord.day(said("P1", bank_account="none"), segments=(of_members,))
    landlord.day(said("P1", bank_account=None), segments=(of_members,))
    assert landlord.spells() == []


# --- failure ---------------------------------------------------------------------------------------


def test_a_segment_that_does_not_load_keeps_its_last_good_members_and_says_so(landlord: Landlord):
    landlord.day(said("P1", bank_account="none"), said("P2", bank_account="none"))
    landlord.day(said("P1", bank_account="basic"), segments=(definition("bank_acount = none"),))
    assert landlord.spells() == [("P1", 1, "first", None, None), ("P2", 1, "first", None, None)]
    status, problem, good_on, n_in = landlord.evaluated("status", "problem", "good_on", "n_in")
    assert (status, good_on, n_in) == ("failed", DAYS[0], 2)
    assert "Did you mean bank_account?" in problem


def test_a_withdrawal_counts_even_while_a_segment_fails(landlord: Landlord):
    landlord.day(said("P1", bank_account="none"), said("P2", bank_account="none"))
    landlord.day(said("P1", bank_account=None), segments=(definition("bank_acount = none"),))
    assert landlord.spells() == [("P2", 1, "first", None, None)]


def test_after_a_failure_it_goes_on_from_the_last_good_day(landlord: Landlord):
    landlord.day(said("P1", bank_account="none"))
    landlord.day(said("P1", bank_account="none"), segments=(definition("nonsense"),))
    landlord.day(said("P2", bank_account="none"))
    assert landlord.spells() == [("P1", 1, "first", 3, "data: 1"), ("P2", 3, "data: 1", None, None)]


def test_one_segment_that_fails_does_not_stop_another(landlord: Landlord):
    bad = definition("nonsense", key="bad", where="segments/bad.toml")
    landlord.day(said("P1", bank_account="none"), segments=(NO_BANK, bad))
    assert landlord.spells() == [("P1", 1, "first", None, None)]


# --- reading ---------------------------------------------------------------------------------------


def test_as_at_any_day(landlord: Landlord):
    landlord.day(said("P1", bank_account="none"))
    landlord.day(said("P1", bank_account="none"), said("P2", bank_account="none"))
    landlord.day(said("P2", bank_account="none"))
    with landlord.asked() as engine:
        asked = [DAYS[0] - dt.timedelta(1), DAYS[0], DAYS[1] - dt.timedelta(1), DAYS[1], DAYS[2]]
        found = [movement.members(engine, "seg", on=day) for day in asked]
        assert found == [[], ["P1"], ["P1"], ["P1", "P2"], ["P2"]]
        assert movement.members(engine, "seg") == ["P2"]


def test_history_tells_who_came_and_went_by_cause(landlord: Landlord):
    landlord.day(said("P1", bank_account="none"))
    landlord.day(said("P2", bank_account="none"))
    with landlord.asked() as engine:
        assert movement.history(engine, "seg") == (
            movement.Turn(DAYS[0], True, "first", 1, 1),
            movement.Turn(DAYS[1], True, "data", 1, 1),
            movement.Turn(DAYS[1], False, "data", 1, 1),
        )


def test_the_stays_of_a_subject_name_the_parts(landlord: Landlord):
    landlord.day(said("P1", bank_account="none"))
    landlord.day(said("P1", bank_account="basic"))
    with landlord.asked() as engine:
        (stay,) = movement.stays(engine, subject_id="P1")
    assert (stay.entered_on, stay.left_on) == (DAYS[0], DAYS[1])
    assert stay.entered == movement.Why("first")
    assert stay.left == movement.Why("data", (1,))


def test_flows_between_segments_on_two_days(landlord: Landlord):
    cash = definition("bank_account = basic", key="basic", where="segments/basic.toml")
    two = (NO_BANK, cash)
    people = ("P1", "P2", "P3", "P4")
    landlord.day(
        said("P1", bank_account="none"), said("P2", bank_account="none"),
        said("P3", bank_account="basic"), segments=two, people=people,
    )  # fmt: skip
    landlord.day(
        said("P1", bank_account="none"), said("P2", bank_account="basic"),
        said("P4", bank_account="none"), segments=two, people=people,
    )  # fmt: skip
    with landlord.asked() as engine:
        found = movement.flows(engine, ["seg", "basic"], start=DAYS[0], end=DAYS[1])
    assert {(one.start, one.end): one.n for one in found} == {
        ("seg", "seg"): 1, ("seg", "basic"): 1, ("basic", None): 1, (None, "seg"): 1,
    }  # fmt: skip


def test_flows_are_between_segments_of_one_unit_and_forward_in_time(landlord: Landlord):
    of_households = definition(
        "contents_insurance = none", key="homes", unit=Grain.HOUSEHOLD, base="current", purpose="service_offers",
        where="segments/homes.toml",
    )  # fmt: skip
    landlord.day(
        said("P1", bank_account="none"),
        said("HP1", contents_insurance="none"),
        segments=(NO_BANK, of_households),
    )
    with landlord.asked() as engine:
        with pytest.raises(UserError, match="household and person"):
            movement.flows(engine, ["seg", "homes"], start=DAYS[0], end=DAYS[0])
        with pytest.raises(UserError, match="is after"):
            movement.flows(engine, ["seg"], start=DAYS[1], end=DAYS[0])
        with pytest.raises(UserError, match="Name a segment"):
            movement.stays(engine)
