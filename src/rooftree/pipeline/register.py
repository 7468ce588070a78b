"""What people decided, handed to the stages as one more dated source."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from rooftree.staging.schema import ANSWER
from rooftree.storage.engine import Engine
from rooftree.storage.register import Register

_PAIR = ("system_l", "person_ref_l", "system_r", "person_ref_r", "decided_by")
_SAME = {"same": True, "different": False, "cannot_tell": None}


@dataclass(frozen=True, slots=True)
class Decided:
    """What the register holds at one moment: a run reads it once, and what is written later is the next run's."""

    answers: pa.Table
    links: pa.Table | None
    digest: str


@contextmanager
def taken(path: Path) -> Iterator[Decided]:
    """What the register holds as a run begins. It is let go of at once: officers write while the run is at work.

    Before anything long, so that a register that cannot be read stops the run where it begins.
    """
    with Register.open(path) as register, register.reading():
        decided = Decided(register.answers(), link_decisions(register), register.digest())
    yield decided


def add_answers(engine: Engine, answers: pa.Table) -> None:
    """Lay the register's answers beside those of the extracts, in `staging.answer`.

    An answer about somebody else's record names it as 'system:reference'; else it names a
    persistent id.
    """
    if answers.num_rows == 0:
        return
    engine.con.register("_register_answer", answers)
    columns = ", ".join(f'"{name}"' for name in ANSWER.names if name != "subject_ref")
    engine.execute("ALTER VIEW staging.answer RENAME TO _extract_answer")
    engine.execute(
        f"""CREATE TABLE staging.answer_told AS SELECT {columns},
            concat_ws(':', subject_system, subject_ref) AS subject_ref FROM _register_answer"""
    )
    names = ", ".join(f'"{name}"' for name in ANSWER.names)
    engine.execute(
        f"""CREATE VIEW staging.answer AS
        SELECT {names} FROM staging._extract_answer UNION ALL SELECT {names} FROM staging.answer_told"""
    )
    engine.con.unregister("_register_answer")


def link_decisions(register: Register) -> pa.Table | None:
    """The decisions that hold, as the identity stage reads them."""
    rows = register.link_decisions().to_pylist()
    if not rows:
        return None
    return pa.table({
        **{name: [row[name] for row in rows] for name in _PAIR},
        "model_weight": pa.array([row["model_weight"] for row in rows], pa.float64()),
        "same": pa.array([_SAME[row["decision"]] for row in rows], pa.bool_()),
        "decided_on": [row["recorded_at"] for row in rows],
    })  # fmt: skip
