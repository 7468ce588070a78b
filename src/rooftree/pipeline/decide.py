"""People's decisions about doubtful links: kept in the register, obeyed by every later run."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from rooftree.pipeline.opening import opened
from rooftree.storage.engine import Engine
from rooftree.storage.register import Register
from rooftree.storage.snapshot import current_id
from rooftree.storage.workspace import Workspace
from rooftree.vocabulary.errors import NotFound


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision that holds. Records are written 'system:reference'."""

    number: int
    first: str
    second: str
    decision: str
    by: str
    at: str
    reason: str
    model_weight: float | None = None  # match weight that the person was shown


def decide(
    workspace: Workspace,
    first: tuple[str, str],
    second: tuple[str, str],
    decision: str,
    *,
    by: str,
    reason: str,
    at: dt.datetime,
) -> Decision:
    """Keep whether two records are one person: same, different or cannot_tell.

    NotFound where the current snapshot has no such record: a slip would be a decision about nobody.
    """
    weight = _weight(workspace, first, second)
    with Register.open(workspace.register) as register:
        number = register.decide_link(
            first, second, decision=decision, by=by, recorded_at=at, reason=reason, model_weight=weight,
        )  # fmt: skip
    return Decision(
        number, ":".join(first), ":".join(second), decision, by, at.isoformat(), reason, weight
    )


def _weight(workspace: Workspace, *pair: tuple[str, str]) -> float | None:
    """What the model says of a pair in the current snapshot; None before the first run, or where it is silent."""
    if current_id(workspace.snapshots) is None:
        return None
    with opened(workspace) as (engine, _):
        for record in pair:
            _must_be_known(engine, record)
        return engine.value(
            """SELECT max(weight) FROM identity.link WHERE (system_l, person_ref_l, system_r, person_ref_r)
            IN ((?, ?, ?, ?), (?, ?, ?, ?))""",
            [*pair[0], *pair[1], *pair[1], *pair[0]],
        )


def _must_be_known(engine: Engine, record: tuple[str, str]) -> None:
    known = "SELECT count(*) FROM identity.record WHERE system = ? AND person_ref = ?"
    if engine.value(known, list(record)):
        return
    systems = ", ".join(
        row[0] for row in engine.rows("SELECT DISTINCT system FROM identity.record ORDER BY 1")
    )
    raise NotFound(
        f"The snapshot has no record {':'.join(record)}. Write it as rooftree link review shows it; "
        f"the systems are {systems}."
    )


def undo(workspace: Workspace, number: int, *, by: str, reason: str, at: dt.datetime) -> None:
    """Take a decision back; that it was made stays on record."""
    with Register.open(workspace.register) as register:
        register.undo_link(number, by=by, recorded_at=at, reason=reason)


def standing(workspace: Workspace) -> list[Decision]:
    """The decisions that hold, newest first."""
    with Register.open(workspace.register) as register:
        rows = register.link_decisions().to_pylist()
    return [
        Decision(
            row["id"],
            f"{row['system_l']}:{row['person_ref_l']}",
            f"{row['system_r']}:{row['person_ref_r']}",
            row["decision"],
            row["decided_by"],
            row["recorded_at"],
            row["reason"],
            row["model_weight"],
        )
        for row in sorted(rows, key=lambda row: -row["id"])
    ]
