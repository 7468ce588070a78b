"""What the pages of segments show, as the user may see it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils import timezone

from rooftree.catalogue.model import DisclosurePolicy
from rooftree.disclosure import door
from rooftree.disclosure.ledger import Note
from rooftree.disclosure.result import SUPPRESSED
from rooftree.pipeline.segments import Asked, Told, told
from rooftree.pipeline.sizes import Sized, sized
from rooftree.segments.movement import history
from rooftree.vocabulary.errors import NotFound, PolicyDenied
from rooftree.web.accounts.models import User
from rooftree.web.segments.permissions import policy_of

UNITS = {
    "person": ("person", "people"),
    "household": ("household", "households"),
    "tenancy": ("tenancy", "tenancies"),
    "home": ("home", "homes"),
}
TOPICS = {
    "communication": "Communication", "home": "Home", "household": "Household", "money": "Money",
    "payment": "Paying rent", "repairs": "Repairs", "safety": "Safety", "service": "Services",
    "support": "Support", "tenancy": "Tenancy",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """One segment of the list. `size` is None where no run has evaluated it; `problem` where the last one failed."""

    key: str
    label: str
    topic: str
    units: str
    purpose: str
    counts_only: bool
    is_own: bool
    size: door.Figure | None
    change: str
    is_overdue: bool
    next_review_on: dt.date
    problem: str
    good_on: dt.date | None


@dataclass(frozen=True, slots=True)
class Size:
    """How large a segment was after one run."""

    day: dt.date
    n_in: door.Figure
    change: str


@dataclass(frozen=True, slots=True)
class Shown:
    """One segment with its numbers; `counted` None where it does not load, or `refused` says why it is not told."""

    told: Told
    row: Row
    counted: Sized | None
    sizes: tuple[Size, ...]
    is_exact: bool
    refused: str = ""


def rows(asked: Asked, user: User, *, today: dt.date) -> list[Row]:
    """Every segment, by topic and label; those that failed first."""
    evaluated = _evaluated(asked)
    moved = _moved(asked)
    found = [
        _row(asked, user, key, evaluated.get(key), moved.get(key, (0, 0, False)), today)
        for key in asked.segments.catalogue.segments
    ]
    return sorted(found, key=lambda row: (not row.problem, row.topic, row.label))


def one(asked: Asked, user: User, key: str, *, today: dt.date) -> Shown:
    """One segment. NotFound where there is none."""
    definition = asked.segments.catalogue.segments.get(key)
    if definition is None:
        raise NotFound(f"There is no segment {key}.")
    row = _row(
        asked, user, key, _evaluated(asked).get(key), _moved(asked).get(key, (0, 0, False)), today
    )
    policy = policy_of(user, definition, asked)
    ready = asked.segments.ready.get(key)
    found, refused = None, ""
    if ready is not None:
        note = Note(
            name=f"segment {key}", released_by=f"user {user.pk}", released_at=timezone.now()
        )
        try:
            found = sized(asked, ready, policy, note=note)
        except PolicyDenied as error:
            refused = str(error)
    return Shown(
        told=told(key, asked.segments),
        row=row,
        counted=found,
        sizes=_sizes(asked, key, policy),
        is_exact=policy.exact,
        refused=refused,
    )


_Evaluated = tuple[str, str | None, dt.date | None, int | None]


def _evaluated(asked: Asked) -> dict[str, _Evaluated]:
    if not asked.engine.has("segments.evaluated"):
        return {}
    found = asked.engine.rows(
        "SELECT segment, status, problem, good_on, n_in FROM segments.evaluated"
    )
    return {key: (status, problem, good_on, n) for key, status, problem, good_on, n in found}


def _moved(asked: Asked) -> dict[str, tuple[int, int, bool]]:
    """Of each segment: how many came and left with the last run, and whether it was its first."""
    if not asked.engine.has("segments.spell"):
        return {}
    found = asked.engine.rows(
        """SELECT segment, count(CASE WHEN entered_on = $1 THEN 1 END),
        count(CASE WHEN left_on = $1 THEN 1 END),
        bool_or(entered_on = $1 AND entered_why = 'first') FROM segments.spell GROUP BY 1""",
        [asked.as_of],
    )
    return {key: (came, left, bool(first)) for key, came, left, first in found}


def _row(
    asked: Asked,
    user: User,
    key: str,
    evaluated: _Evaluated | None,
    moved: tuple[int, int, bool],
    today: dt.date,
) -> Row:
    catalogue = asked.segments.catalogue
    d = catalogue.segments[key]
    status, problem, good_on, n = evaluated or ("ok", None, None, None)
    broken = asked.segments.broken.get(key)
    policy = policy_of(user, d, asked)
    size = door.count(n, policy) if n is not None else None
    came, left, first = moved
    change = ""
    if n is not None and status == "ok":
        change = "First counted with this run" if first else told_change(n - came + left, n, policy)
    return Row(
        key=key, label=d.label, topic=TOPICS.get(d.topic, d.topic.capitalize()), units=UNITS[d.unit.value][1],
        purpose=catalogue.purposes[d.purpose].label, counts_only=d.use != "select",
        is_own=key in catalogue.overlaid, size=size, change=change,
        is_overdue=d.is_overdue(today), next_review_on=d.next_review_on,
        problem=str(broken) if broken else (problem or "The last run could not evaluate it.") if status != "ok" else "",
        good_on=good_on,
    )  # fmt: skip


def told_change(before: int, now: int, policy: DisclosurePolicy) -> str:
    """How a size moved. Under a policy a change of a few is not told: it would be a count of a few people."""
    difference = now - before
    if policy.exact:
        if difference == 0:
            return "No change"
        return f"{abs(difference):,} {'more' if difference > 0 else 'fewer'}"
    figures = [door.count(n, policy) for n in (before, now, abs(difference))]
    if any(each.status == SUPPRESSED for each in figures) or abs(difference) < policy.base:
        return "Little or no change"
    return f"{figures[2].text} {'more' if difference > 0 else 'fewer'}"


def _sizes(asked: Asked, key: str, policy: DisclosurePolicy) -> tuple[Size, ...]:
    """The size after each run that changed it, the latest first.

    Under a policy a day on which it moved by a few only shows the size of the day before: two sizes
    that differ by a few would tell of those few.
    """
    if not asked.engine.has("segments.spell"):
        return ()
    by_day = {turn.day: turn.n_in for turn in history(asked.engine, key)}
    found: list[Size] = []
    shown: int | None = None
    for day, n in by_day.items():
        change = "First counted" if shown is None else told_change(shown, n, policy)
        if shown is None or change != "Little or no change":
            shown = n
        found.append(Size(day, door.count(shown, policy), change))
    return tuple(reversed(found))
