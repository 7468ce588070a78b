"""The register: what people decide, kept for good, and what of it stands."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

from rooftree.staging.schema import ANSWER
from rooftree.storage.answers import Entry
from rooftree.storage.engine import Engine
from rooftree.storage.register import VERSION, Register
from rooftree.vocabulary.errors import MachineError, NotFound, Overtaken, UserError
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


KNOWN_AS = (("crm", "1"), ("housing", "9"), (None, "P-1"))


def entry(value: str | None = "07700 900123", **more) -> Entry:
    given = {
        "attribute": "mobile",
        "grain": Grain.PERSON,
        "subject": KNOWN_AS[0],
        "known_as": KNOWN_AS,
        "state": State.ANSWERED if value is not None else State.REFUSED,
        "value": value,
        "method": Method.TELEPHONE,
        "recorded_on": dt.date(2026, 4, 1),
    }
    return Entry(**given | more)


def write(register: Register, *entries: Entry, form: str, hour: int = 9, **more) -> tuple[int, ...]:
    return register.write(entries, entry=form, by="user:7", recorded_at=at(hour), **more)


def values(register: Register) -> list[str | None]:
    return [each.value for each in register.about(KNOWN_AS) if not each.is_corrected]


def test_an_answer_is_found_by_whatever_its_subject_is_known_as(register: Register):
    write(register, entry(review_on=dt.date(2027, 4, 1)), form="a")
    write(register, entry("x", attribute="email", subject=(None, "P-1")), form="b")
    write(register, entry("y", subject=("crm", "9"), known_as=(("crm", "9"),)), form="c")
    found = register.about(KNOWN_AS)
    assert [(each.attribute, each.value) for each in found] == [
        ("mobile", "07700 900123"),
        ("email", "x"),
    ]
    assert found[0].review_on == dt.date(2027, 4, 1)
    assert found[0].recorded_at == at(9)
    assert register.about([]) == []


def test_a_form_that_is_sent_twice_is_kept_once(register: Register):
    first = write(register, entry(), entry("x", attribute="email"), form="a", expected=0)
    assert write(register, entry("other"), form="a", expected=0) == first
    assert len(register.about(KNOWN_AS)) == 2


def test_who_wrote_meanwhile_is_not_overwritten(register: Register):
    seen = register.version_of(KNOWN_AS, ["mobile"])
    write(register, entry("first"), form="a", expected=seen)
    with pytest.raises(Overtaken):
        write(register, entry("second"), form="b", expected=seen)
    assert values(register) == ["first"]
    write(register, entry("second"), form="b", expected=register.version_of(KNOWN_AS, ["mobile"]))
    assert values(register) == ["second"]


def test_a_taking_back_is_a_change_too_and_another_attribute_is_none(register: Register):
    (number,) = write(register, entry(), form="a")
    seen = register.version_of(KNOWN_AS, ["mobile"])
    write(register, entry("x", attribute="email"), form="b")
    assert register.version_of(KNOWN_AS, ["mobile"]) == seen
    register.undo_answer(number, by="user:8", recorded_at=at(10), reason="mistake")
    assert register.version_of(KNOWN_AS, ["mobile"]) > seen


def test_several_answers_are_written_all_or_none(register: Register):
    with pytest.raises(UserError):
        write(register, entry(), entry("no value may stand here", state=State.REFUSED), form="a")
    assert register.about(KNOWN_AS) == []


def test_of_one_day_the_last_answer_counts_as_a_correction(register: Register):
    write(register, entry("wrong"), form="a", hour=9)
    (right,) = write(register, entry("right"), form="b", hour=10)
    assert values(register) == ["right"]
    assert register.answers()["value"].to_pylist() == ["right"]
    register.undo_answer(right, by="user:7", recorded_at=at(11), reason="mistake")
    assert values(register) == ["wrong"]
    assert register.answers()["value"].to_pylist() == ["wrong"]
    assert register.answers(until=at(10))["value"].to_pylist() == ["right"]


def test_an_answer_of_another_day_stays_beside_the_new_one(register: Register):
    write(register, entry("old", recorded_on=dt.date(2026, 3, 1)), form="a")
    write(register, entry("new"), form="b")
    assert values(register) == ["old", "new"]


def test_a_withdrawal_is_not_corrected_away(register: Register):
    write(register, entry(None, state=State.WITHDRAWN), form="a")
    write(register, entry("after all"), form="b", hour=10)
    assert register.answers()["state"].to_pylist() == ["withdrawn", "answered"]


def _write_one(path: Path, number: int) -> str:
    with Register.open(path) as register:
        seen = register.version_of(KNOWN_AS, ["mobile"])
        try:
            write(register, entry(f"v{number}"), form=f"f{number}", expected=seen)
        except Overtaken:
            return "overtaken"
    return "written"


def test_of_many_who_write_at_once_none_is_lost_unseen(tmp_path: Path):
    path = tmp_path / "register.db"
    Register.open(path).close()
    with ProcessPoolExecutor(4) as pool:
        ends = list(pool.map(_write_one, [path] * 40, range(40)))
    with Register.open(path) as register:
        assert register.version_of(KNOWN_AS, ["mobile"]) == ends.count("written") > 0


def test_what_is_read_is_of_one_moment_and_nobody_waits_for_it(tmp_path: Path):
    path = tmp_path / "register.db"
    with Register.open(path) as run, Register.open(path) as officer:
        write(officer, entry("before"), form="a")
        with run.reading():
            digest = run.digest()
            write(officer, entry("x", attribute="email"), form="b")  # does not wait for the run
            assert run.answers().num_rows == 1
            assert run.digest() == digest
        assert run.answers().num_rows == 2
        assert run.digest() != digest


def test_a_register_of_the_first_version_is_brought_up_to_date(tmp_path: Path):
    from rooftree.storage.register import _MIGRATIONS

    path = tmp_path / "register.db"
    con = sqlite3.connect(path)
    con.executescript(_MIGRATIONS[0])
    con.execute(
        "INSERT INTO answer (attribute, grain, subject_system, subject_ref, state, value, origin, method, "
        "recorded_by, recorded_on, recorded_at) VALUES ('mobile', 'person', 'crm', '1', 'answered', '1', "
        "'told', 'paper', 'user:1', '2026-01-01', '2026-01-01T09:00:00.000000Z')"
    )
    con.execute("PRAGMA user_version = 1")
    con.commit()
    con.close()
    with Register.open(path) as register:
        assert values(register) == ["1"]
        write(register, entry("2"), form="a", expected=1)
        assert values(register) == ["1", "2"]
