"""People's decisions about doubtful links: kept in the register, obeyed by every later run."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from rooftree.storage.register import Register
from rooftree.storage.workspace import Workspace


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
    """Keep whether two records are one person: same, different or cannot_tell."""
    with Register.open(workspace.register) as register:
        number = register.decide_link(
            first, second, decision=decision, by=by, recorded_at=at, reason=reason
        )
    return Decision(number, ":".join(first), ":".join(second), decision, by, at.isoformat(), reason)


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
        )
        for row in sorted(rows, key=lambda row: -row["id"])
    ]
