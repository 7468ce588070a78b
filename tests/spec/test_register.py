"""The register: what people decide, kept for good, and what of it stands."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

from rooftree.staging.schema import ANSWER
from rooftree.storage.engine import Engine
from rooftree.storage.register import VERSION, Register
from rooftree.vocabulary.errors import MachineError, NotFound, UserError
from rooftree.vocabulary.states import Grain, Method, State

A, B, C = ("housing", "1"), ("crm", "x"), ("housing", "2")


def at(hour: int) -> dt.datetime:
    return dt.datetime(2026, 4, 1, hour, tzinfo=dt.UTC)


@pytest.fixture
def register(tmp_path: Path) -> Iterator[Register]:
    with Register.open(tmp_path / "register.db") as opened:
        yield opened


def decide(register: Register, one, other, decision: str, hour: int = 9) -> int:
    return register.decide_link(
        one, other, decision=decision, by="officer7", recorded_at=at(hour), reason="same letter"
    )


def answer(register: Register, *, hour: int = 9, **more) -> int:
    given = {
        "attribute": "main_language",
        "grain": Grain.PERSON,
        "subject_ref": "1",
        "subject_system": "housing",
        "state": State.ANSWERED,
        "value": "pl",
        "method": Method.TELEPHONE,
        "by": "officer7",
        "recorded_on": dt.date(2026, 4, 1),
        "recorded_at": at(hour),
    }
    return register.record_answer(**given | more)


def standing(register: Register, **more) -> list[tuple]:
    rows = register.link_decisions(**more).to_pylist()
    return [(r["system_l"], r["person_ref_l"], r["person_ref_r"], r["decision"]) for r in rows]


def test_a_decision_about_a_pair_stands_in_either_order(register: Register):
    decide(register, A, B, "same")
    assert standing(register) == [("crm", "x", "1", "same")]
    decide(register, B, A, "different", hour=10)
    assert standing(register) == [("crm", "x", "1", "different")]


def test_undoing_brings_back_what_stood_before_and_keeps_the_history(register: Register):
    decide(register, A, B, "same")
    second = decide(register, A, B, "different", hour=10)
    register.undo_link(second, by="manager1", recorded_at=at(11), reason="wrong row")
    assert standing(register) == [("crm", "x", "1", "same")]
    first, undone = register.history()
    assert (first["decision"], first["undone_by"]) == ("same", None)
    assert (undone["decision"], undone["undone_by"], undone["undone_because"]) == (
        "different",
        "manager1",
        "wrong row",
    )


def test_what_was_undone_is_undone_once(register: Register):
    number = decide(register, A, B, "same")
    register.undo_link(number, by="m", recorded_at=at(10), reason="slip")
    assert standing(register) == []
    with pytest.raises(UserError, match="already"):
        register.undo_link(number, by="m", recorded_at=at(11), reason="slip")
    with pytest.raises(NotFound, match="number 99"):
        register.undo_link(99, by="m", recorded_at=at(11), reason="slip")


def test_the_register_as_it_was_known_at_a_moment(register: Register):
    number = decide(register, A, B, "same", hour=9)
    register.undo_link(number, by="m", recorded_at=at(11), reason="slip")
    assert standing(register, until=at(8)) == []
    assert standing(register, until=at(10)) == [("crm", "x", "1", "same")]
    assert standing(register) == []
    assert register.digest(until=at(10)) == register.digest(until=at(9))
    assert register.digest(until=at(10)) != register.digest()


def test_moments_of_any_zone_sort_in_time(register: Register):
    summer = dt.timezone(dt.timedelta(hours=1))
    register.decide_link(
        A, B, decision="same", by="o", reason="r",
        recorded_at=dt.datetime(2026, 4, 1, 9, 30, tzinfo=summer),
    )  # fmt: skip
    assert len(standing(register, until=at(9))) == 1
    with pytest.raises(ValueError, match="time zone"):
        standing(register, until=dt.datetime(2026, 4, 1))  # noqa: DTZ001


def test_what_makes_no_sense_is_refused(register: Register):
    with pytest.raises(UserError, match="cannot_tell"):
        decide(register, A, B, "perhaps")
    with pytest.raises(UserError, match="one and the same"):
        decide(register, A, A, "same")
    with pytest.raises(UserError, match="main_language"):
        answer(register, state=State.REFUSED)
    with pytest.raises(UserError, match="main_language"):
        answer(register, value=None)
    with pytest.raises(sqlite3.IntegrityError):
        answer(register, by="")
    assert register.history() == []
    assert register.answers().num_rows == 0


def test_an_answer_is_a_row_of_staging_answer_from_the_register(register: Register):
    number = answer(register)
    answer(register, attribute="religion", state=State.REFUSED, value=None, subject_system=None)
    with Engine() as engine:
        engine.create(ANSWER)
        engine.con.register("given", register.answers())
        engine.execute(
            f"INSERT INTO {ANSWER.full_name} BY NAME SELECT * EXCLUDE (subject_system) FROM given"
        )
        engine.check(ANSWER)
        rows = engine.rows(
            f"SELECT system, source_kind, source_row, value, recorded_on FROM {ANSWER.full_name} ORDER BY 3"
        )
    assert rows == [
        ("register", "register", number, "pl", dt.date(2026, 4, 1)),
        ("register", "register", number + 1, None, dt.date(2026, 4, 1)),
    ]


def test_an_answer_taken_back_is_gone_from_the_next_run_and_kept_in_the_register(
    register: Register,
):
    number = answer(register)
    before = register.digest()
    register.undo_answer(number, by="officer7", recorded_at=at(10), reason="wrong person")
    assert register.answers().num_rows == 0
    assert register.answers(until=at(9)).num_rows == 1
    assert register.digest() != before


def test_an_empty_register_still_has_its_columns(register: Register):
    assert set(ANSWER.names) < set(register.answers().column_names)
    assert "model_weight" in register.link_decisions().column_names


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE link_decision SET decision = 'different'",
        "DELETE FROM link_decision",
        "DELETE FROM undo",
    ],
)
def test_no_row_is_ever_changed_or_removed(register: Register, tmp_path: Path, statement: str):
    number = decide(register, A, B, "same")
    register.undo_link(number, by="m", recorded_at=at(10), reason="slip")
    con = sqlite3.connect(tmp_path / "register.db")
    with pytest.raises(sqlite3.IntegrityError, match="only grows"):
        con.execute(statement)
    con.close()


def test_a_register_of_a_newer_version_is_left_alone(tmp_path: Path):
    path = tmp_path / "register.db"
    Register.open(path).close()
    con = sqlite3.connect(path)
    con.execute(f"PRAGMA user_version = {VERSION + 1}")
    con.close()
    with pytest.raises(MachineError, match="newer Rooftree"):
        Register.open(path)


def test_a_file_that_is_no_register_is_named_and_left_alone(tmp_path: Path):
    path = tmp_path / "register.db"
    path.write_bytes(b"not a database" * 100)
    with pytest.raises(MachineError, match="backup"):
        Register.open(path)
    assert path.read_bytes().startswith(b"not a database")


def _write_many(path: str, who: int) -> list[int]:
    with Register.open(Path(path)) as register:
        return [
            register.decide_link(
                (f"s{who}", str(n)), B, decision="same", by=f"o{who}", recorded_at=at(9), reason="r"
            )
            for n in range(50)
        ]


def test_two_processes_write_at_once_and_nothing_is_lost(tmp_path: Path):
    path = tmp_path / "register.db"
    with ProcessPoolExecutor(2) as pool:  # both may also be the first to make it
        one, two = pool.map(_write_many, [str(path)] * 2, [1, 2])
    assert len({*one, *two}) == 100
    with Register.open(path) as register:
        assert register.link_decisions().num_rows == 100
