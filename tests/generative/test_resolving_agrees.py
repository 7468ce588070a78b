"""The order of statements is written twice; whatever the statements, both say the same."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rooftree.identity import schema as identity
from rooftree.profile.build import build
from rooftree.profile.ordering import CRITERIA, Statement, number_of
from rooftree.profile.resolve import Resolved, resolve
from rooftree.storage.engine import Engine
from rooftree.vocabulary.states import Method, Origin, SourceKind, State
from tests.lib.profiles import AS_OF, answers, attribute, catalogue, fill, nobody, records

LONG = bool(os.environ.get("ROOFTREE_FUZZ"))
SETTINGS = settings(
    max_examples=400 if LONG else 25,
    derandomize=not LONG,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)

ATTRIBUTES = {
    a.key: a
    for a in (
        attribute("ages", fresh_months=24, keep_months=12),
        attribute("lasts", fresh_months=None, keep_months=600, precedence=()),
        attribute("month_end", fresh_months=1, precedence=("contact", "survey", "register")),
    )
}
SYSTEMS = ("crm", "northgate", "portal", "Ünion")
PEOPLE = ("P1", "P2", "P3")
LEFT_ON = {"P3": dt.date(2025, 3, 31)}

_DAYS = st.one_of(
    st.none(),
    st.sampled_from(
        [AS_OF, AS_OF + dt.timedelta(1), dt.date(2024, 3, 31), dt.date(2026, 2, 28), dt.date.min]
    ),
    st.dates(dt.date(2023, 1, 1), dt.date(2026, 6, 1)),
)

statements = st.builds(
    Statement,
    state=st.sampled_from([str(s) for s in State]),
    value=st.sampled_from(["a", "b", "é", ""]),
    raw_value=st.sampled_from([None, "", "A", "~"]),
    frame=st.sampled_from([None, "core_2026"]),
    origin=st.sampled_from([str(o) for o in Origin]),
    method=st.sampled_from([str(m) for m in Method]),
    system=st.sampled_from(SYSTEMS),
    source_kind=st.sampled_from([str(k) for k in SourceKind]),
    recorded_by=st.sampled_from([None, "u1", "u2"]),
    recorded_on=_DAYS,
    confidence=st.one_of(st.none(), st.floats(0, 1), st.sampled_from([0.5, 0.5004, 0.5005])),
    source_file=st.sampled_from(["f1", "f2"]),
    source_row=st.integers(1, 3),
)
landlords = st.lists(
    st.tuples(st.sampled_from(sorted(ATTRIBUTES)), st.sampled_from(PEOPLE), statements), max_size=40
)


def _run(engine: Engine, rows: list[tuple[str, str, Statement]]) -> None:
    nobody(engine)
    records(engine, [(system, person, person) for system in SYSTEMS for person in PEOPLE])
    fill(engine, identity.TENANCY, [{"tenancy_id": "T", "is_current": False}])
    fill(
        engine,
        identity.MEMBER,
        [
            {
                "tenancy_id": "T", "person_id": person, "role": "tenant", "relationship": "lead",
                "is_responsible": True, "lives_there": True, "to_on": day, "is_current": False,
            }
            for person, day in LEFT_ON.items()
        ],
    )  # fmt: skip
    answers(engine, rows)
    build(engine, as_of=AS_OF, catalogue=catalogue(*ATTRIBUTES.values()))


def _one(rows: list[tuple[str, str, Statement]], key: str, person: str) -> Resolved:
    mine = [s for k, p, s in rows if (k, p) == (key, person)]
    return resolve(mine, ATTRIBUTES[key], as_of=AS_OF, left_on=LEFT_ON.get(person))


def _sql(engine: Engine) -> dict[tuple[str, str], tuple[object, ...]]:
    columns = """attribute, subject_id, state, value, origin, method, system, source_kind,
        recorded_on, stale_on, is_stale, confidence, n_statements, in_conflict, why, source_file, source_row"""
    return {row[:2]: row[2:] for row in engine.rows(f"SELECT {columns} FROM profile.value")}


def _python(rows: list[tuple[str, str, Statement]]) -> dict[tuple[str, str], tuple[object, ...]]:
    found = {}
    for key in ATTRIBUTES:
        for person in PEOPLE:
            one = _one(rows, key, person)
            if (s := one.current) is not None:
                found[key, person] = (
                    one.state, one.value, s.origin, s.method, s.system, s.source_kind,
                    s.recorded_on, one.stale_on, one.is_stale, s.confidence, one.n_statements,
                    one.in_conflict, one.why, s.source_file, s.source_row,
                )  # fmt: skip
    return found


@SETTINGS
@given(landlords)
def test_a_run_and_a_record_page_agree(tmp_path_factory, rows):
    with Engine(temp_directory=_spill(tmp_path_factory), memory_limit="1GB") as engine:
        _run(engine, rows)
        assert _sql(engine) == _python(rows)
        ranked = engine.rows(
            "SELECT attribute, subject_id, strength, standing FROM profile.statement "
            "ORDER BY attribute, subject_id, statement_no"
        )
        expected = [
            (key, person, r.strength, r.standing)
            for key in sorted(ATTRIBUTES)
            for person in PEOPLE
            for r in _one(rows, key, person).statements
        ]
        assert ranked == expected
        conflicts = engine.rows(
            "SELECT attribute, subject_id, other_system, other_source_row FROM profile.conflict "
            "ORDER BY ALL"
        )
        assert conflicts == sorted(
            (key, person, s.system, s.source_row)
            for key in ATTRIBUTES
            for person in PEOPLE
            for s in _one(rows, key, person).conflicts
        )


@SETTINGS
@given(landlords, st.randoms(use_true_random=False))
def test_the_order_in_which_statements_arrive_changes_nothing(rows, random):
    shuffled = list(rows)
    random.shuffle(shuffled)
    assert _python(rows) == _python(shuffled)


@SETTINGS
@given(statements, statements)
def test_strength_compares_criterion_by_criterion(one, other):
    ranked = resolve([one, other], ATTRIBUTES["ages"], as_of=AS_OF).statements
    numbers = [[number_of(c.key, r.strength) for c in CRITERIA] for r in ranked]
    assert numbers == sorted(numbers, reverse=True)
    assert all(0 <= n < c.size for row in numbers for n, c in zip(row, CRITERIA, strict=True))


def _spill(factory) -> Path:
    return factory.getbasetemp() / "spill"
