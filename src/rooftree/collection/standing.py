"""The value that stands once the register's answers are heard: resolved by the code that a run uses."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from rooftree.catalogue.model import Attribute
from rooftree.profile.ordering import Statement
from rooftree.profile.resolve import Resolved, resolve
from rooftree.storage.answers import Kept
from rooftree.vocabulary.states import SourceKind, State

#: The system that the register's answers come from, as in `staging.answer`.
REGISTER = "register"


def statement_of(kept: Kept) -> Statement:
    """A register answer as the statement that the next run makes of it."""
    return Statement(
        state=kept.state, value=kept.value, raw_value=kept.value, origin=kept.origin, method=kept.method,
        system=REGISTER, source_kind=SourceKind.REGISTER, recorded_by=kept.recorded_by,
        recorded_on=kept.recorded_on, source_file=REGISTER, source_row=kept.number,
    )  # fmt: skip


def resolve_with(
    said: Iterable[Statement],
    kept: Iterable[Kept],
    attribute: Attribute,
    *,
    today: dt.date,
    left_on: dt.date | None = None,
) -> Resolved:
    """What stands today of one attribute of one subject.

    `said` are the statements of the last snapshot; those of the register among them are set aside,
    because the register itself knows what was taken back since. So is a statement whose value the run
    removed (after a withdrawal, or past its retention): it comes back, if at all, with the next run.
    """
    others = [
        each
        for each in said
        if each.system != REGISTER and not (each.state == State.ANSWERED and each.value is None)
    ]
    ours = [statement_of(each) for each in kept if not each.is_corrected]
    return resolve([*others, *ours], attribute, as_of=today, left_on=left_on)
