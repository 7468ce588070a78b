"""Finds the one current value among the statements of one attribute of one subject, in memory.

The run does the same in SQL (`profile.build`); both read the order in `profile.ordering`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from rooftree.catalogue.model import Attribute
from rooftree.profile.lookup import first_within, plus_months, ranks
from rooftree.profile.ordering import (
    STANDS,
    Circumstances,
    Statement,
    number_of,
    strength,
    tie_break,
    why,
)
from rooftree.vocabulary.states import State

STANDINGS = ("not_yet_known", "expired", "withdrawn", "superseded")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """One statement with its place: the first that stands is current."""

    statement: Statement
    strength: int
    standing: str  # current, superseded, withdrawn, expired or not_yet_known


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """The current value of one attribute of one subject, and why it is this one.

    `current` None, with the state not_asked: nothing is held. `statements` are all, best first.
    `conflicts` are the statements of other systems that say something else now.
    """

    state: State
    value: str | None
    current: Statement | None
    stale_on: dt.date | None
    is_stale: bool
    n_statements: int
    why: str
    conflicts: tuple[Statement, ...]
    statements: tuple[Ranked, ...]

    @property
    def in_conflict(self) -> bool:
        """Another source says something else now."""
        return bool(self.conflicts)


def resolve(
    statements: Iterable[Statement],
    attribute: Attribute,
    *,
    as_of: dt.date,
    left_on: dt.date | None = None,
) -> Resolved:
    """The value that stands at `as_of` among these statements on one attribute of one subject.

    `left_on` is the end of the subject's last tenancy, from which retention counts; None while the
    subject is a customer. Statements recorded after `as_of` are not known yet; one of unknown date
    counts as the oldest. The state is never null: not_asked where nothing is held. The order of the
    input does not matter. Rule: profile.ordering.CRITERIA.
    """
    ranked = rank(statements, attribute, as_of=as_of, left_on=left_on)
    standing = [r for r in ranked if r.standing in ("current", "superseded")]
    if not standing or standing[0].statement.state == State.NOT_ASKED:
        return Resolved(
            state=State.NOT_ASKED, value=None, current=None, stale_on=None, is_stale=False,
            n_statements=len(standing), why="nothing_held", conflicts=(), statements=ranked,
        )  # fmt: skip
    first = standing[0]
    current = first.statement
    ages = attribute.fresh_months is not None and current.state != State.WITHDRAWN
    stale_on = None
    if ages and current.recorded_on is not None and attribute.fresh_months is not None:
        stale_on = plus_months(current.recorded_on, attribute.fresh_months)
    return Resolved(
        state=State(current.state),
        value=current.value if current.state == State.ANSWERED else None,
        current=current,
        stale_on=stale_on,
        is_stale=ages and not number_of("fresh", first.strength),
        n_statements=len(standing),
        why=why(first.strength, standing[1].strength if len(standing) > 1 else None),
        conflicts=_conflicts(standing),
        statements=ranked,
    )


def rank(
    statements: Iterable[Statement],
    attribute: Attribute,
    *,
    as_of: dt.date,
    left_on: dt.date | None = None,
) -> tuple[Ranked, ...]:
    """All statements, best first, each with its standing at `as_of`."""
    given = list(statements)
    circumstances = Circumstances(
        as_of=as_of,
        fresh_from=None
        if attribute.fresh_months is None
        else first_within(as_of, attribute.fresh_months),
        keep_from=first_within(as_of, attribute.keep_months),
        left_on=left_on,
        withdrawn_on=_withdrawn_on(given, as_of),
        ranks=ranks(attribute),
    )
    weighed = sorted(
        ((strength(statement, circumstances), statement) for statement in given),
        key=lambda pair: (-pair[0], tie_break(pair[1])),
    )
    return tuple(
        Ranked(statement=statement, strength=packed, standing=_standing(place, packed))
        for place, (packed, statement) in enumerate(weighed)
    )


def _standing(place: int, packed: int) -> str:
    number = number_of("standing", packed)
    return "current" if place == 0 and number == STANDS else STANDINGS[number]


def _withdrawn_on(statements: list[Statement], as_of: dt.date) -> dt.date | None:
    """The latest withdrawal known at `as_of`.

    One of unknown date counts as made at `as_of`: whatever we hold may be what was objected to, and
    using it would be the greater wrong. It takes effect until its source gives it a date.
    """
    days = [
        as_of if s.recorded_on is None else s.recorded_on
        for s in statements
        if s.state == State.WITHDRAWN and (s.recorded_on is None or s.recorded_on <= as_of)
    ]
    return max(days, default=None)


def _conflicts(standing: list[Ranked]) -> tuple[Statement, ...]:
    """What each other system says last, where it is as fresh and of the same origin, and different.

    An older answer of the same system is its history; a stale one is out of date, not a conflict.
    """
    first = standing[0]
    if first.statement.state != State.ANSWERED or not number_of("fresh", first.strength):
        return ()
    heard = {first.statement.system}
    found: list[Statement] = []
    for other in standing[1:]:
        said = other.statement
        if said.system in heard:
            continue
        heard.add(said.system)
        same_rank = (
            said.state == State.ANSWERED
            and said.origin == first.statement.origin
            and number_of("fresh", other.strength) == 1
        )
        if same_rank and (said.value or "") != (first.statement.value or ""):
            found.append(said)
    return tuple(found)
