"""Ids that survive, events that say why, and decisions that always win."""

from __future__ import annotations

import datetime as dt

import pyarrow as pa

from rooftree.identity.build import DECISION_COLUMNS, Result, build
from rooftree.staging import schema
from rooftree.storage.engine import Engine
from tests.lib.staged import crm, people, person

AS_OF = dt.date(2026, 3, 31)
MARGARET = ("Margaret", "Marsh", "1950-03-27")
ELSEWHERE = {"address_line_1": "9 Elm Road", "postcode": "ZX9 9ZZ"}


def run(
    engine: Engine, *rows: dict, previous: pa.Table | None = None, decisions: pa.Table | None = None
) -> Result:
    """Build from these rows alone."""
    engine.execute("DROP TABLE IF EXISTS staging.person")
    people(engine, *rows)
    return build(engine, as_of=AS_OF, previous=previous, decisions=decisions)


def kept(engine: Engine) -> pa.Table:
    """What the next run is given."""
    return engine.execute(
        "SELECT system, person_ref, person_id FROM identity.record"
    ).to_arrow_table()


def ids(engine: Engine) -> dict[str, str]:
    """Reference to id, of every record."""
    return dict(engine.rows("SELECT person_ref, person_id FROM identity.record"))


def events(engine: Engine) -> list[tuple]:
    return engine.rows(
        "SELECT event, person_id, other_person_id, n_records FROM identity.event ORDER BY ALL"
    )


def decide(*rows: tuple[str, str, bool, str]) -> pa.Table:
    """Decisions on (system:ref, system:ref, same, day), all by the officer `u7`."""
    made = []
    for left, right, same, day in rows:
        values = (*left.split(":"), *right.split(":"), same, "u7", dt.date.fromisoformat(day))
        made.append(dict(zip(DECISION_COLUMNS, values, strict=True)))
    return pa.Table.from_pylist(made)


def test_the_first_run_creates_everybody(engine: Engine) -> None:
    run(engine, person("1", *MARGARET), crm("a", *MARGARET))
    (person_id,) = set(ids(engine).values())
    assert events(engine) == [("created", person_id, None, 2)]
    assert person_id.startswith("P")
    assert len(person_id) == 13


def test_the_same_again_changes_nothing(engine: Engine) -> None:
    rows = person("1", *MARGARET), crm("a", *MARGARET), person("2", "Albert", "Dale", "1930-01-01")
    run(engine, *rows)
    before = kept(engine)
    run(engine, *rows, previous=before)
    assert kept(engine).equals(before)
    assert events(engine) == []


def test_a_merge_keeps_the_id_of_most_records_and_says_why(engine: Engine) -> None:
    """Two records of one person were known, and one of another; a date that comes in joins them."""
    first = (
        person("1", *MARGARET),
        crm("a", *MARGARET),
        crm("b", "Peggy", "Dale", None, **ELSEWHERE),
    )
    run(engine, *first)
    was = ids(engine)
    assert was["1"] == was["a"] != was["b"]
    decided = decide(("crm:a", "crm:b", True, "2026-03-01"))
    run(engine, *first, previous=kept(engine), decisions=decided)
    assert set(ids(engine).values()) == {was["1"]}
    assert events(engine) == [("merged", was["1"], was["b"], 1)]
    assert (
        engine.value("SELECT reason FROM identity.event")
        == "two people turned out to be one: a decision joins them"
    )


def test_a_split_keeps_the_id_with_most_records(engine: Engine) -> None:
    rows = person("1", *MARGARET), crm("a", *MARGARET), crm("b", *MARGARET)
    run(engine, *rows)
    (was,) = set(ids(engine).values())
    apart = decide(
        ("housing:1", "crm:b", False, "2026-03-01"), ("crm:a", "crm:b", False, "2026-03-01")
    )
    run(engine, *rows, previous=kept(engine), decisions=apart)
    now = ids(engine)
    assert now["1"] == now["a"] == was != now["b"]
    assert events(engine) == [("split", was, now["b"], 1)]


def test_a_person_whom_no_source_holds_any_more_has_ended(engine: Engine) -> None:
    run(engine, person("1", *MARGARET), person("2", "Albert", "Dale", "1930-01-01"))
    gone = ids(engine)["2"]
    run(engine, person("1", *MARGARET), previous=kept(engine))
    assert events(engine) == [("ended", gone, None, 1)]


def test_a_decision_joins_what_a_guard_holds_apart(engine: Engine) -> None:
    rows = person("1", *MARGARET), crm("a", "Stanley", "Marsh", "1948-10-02")
    run(engine, *rows, decisions=decide(("crm:a", "housing:1", True, "2026-03-01")))
    assert len(set(ids(engine).values())) == 1
    assert engine.rows("SELECT outcome, reason FROM identity.link") == [
        ("decided_same", "decided by u7 on 2026-03-01")
    ]
    assert engine.rows("SELECT DISTINCT reason FROM identity.record") == [("decision",)]


def test_a_decision_parts_what_a_key_joins(engine: Engine) -> None:
    rows = person("1", *MARGARET), crm("a", *MARGARET, same_as="housing:1")
    run(engine, *rows, decisions=decide(("housing:1", "crm:a", False, "2026-03-01")))
    assert len(set(ids(engine).values())) == 2
    assert engine.rows("SELECT outcome FROM identity.link") == [("decided_different",)]


def test_the_newest_decision_on_a_pair_counts(engine: Engine) -> None:
    rows = person("1", *MARGARET), crm("a", *MARGARET)
    changed = decide(
        ("housing:1", "crm:a", False, "2026-03-01"), ("crm:a", "housing:1", True, "2026-03-09")
    )
    run(engine, *rows, decisions=changed)
    assert len(set(ids(engine).values())) == 1


def test_decisions_that_contradict_one_another_are_reported(engine: Engine) -> None:
    rows = person("1", *MARGARET), crm("a", *MARGARET), crm("b", *MARGARET)
    circle = decide(
        ("housing:1", "crm:a", True, "2026-03-01"),
        ("crm:a", "crm:b", True, "2026-03-01"),
        ("housing:1", "crm:b", False, "2026-03-01"),
    )
    result = run(engine, *rows, decisions=circle)
    assert len(result.problems) == 1
    assert "contradicts" in str(result.problems[0])
    assert "Marsh" not in str(result.problems[0])
    assert ids(engine)["1"] != ids(engine)["b"]


def test_an_unrelated_record_changes_no_other_id(engine: Engine) -> None:
    rows = person("1", *MARGARET), crm("a", *MARGARET)
    run(engine, *rows)
    before = ids(engine)
    run(engine, *rows, person("2", "Albert", "Dale", "1930-01-01", **ELSEWHERE))
    after = ids(engine)
    assert {ref: after[ref] for ref in before} == before


def test_a_person_that_two_rows_describe_is_one_record(engine: Engine) -> None:
    """The newest row that says something counts, field by field."""
    run(
        engine,
        person("1", "Margaret", "Marsh", "1950-03-27", updated_on="2020-01-01", title="Miss"),
        person("1", "Margaret", "Dale", None, updated_on="2024-01-01"),
    )
    found = engine.rows("SELECT title, family_name, date_of_birth, n_records FROM identity.person")
    assert found == [("Miss", "Dale", dt.date(1950, 3, 27), 1)]


def test_missing_staging_tables_count_as_empty(engine: Engine) -> None:
    build(engine, as_of=AS_OF)
    assert engine.value("SELECT count(*) FROM identity.person") == 0
    assert engine.has(schema.TENANCY.full_name)
