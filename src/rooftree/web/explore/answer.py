"""The answer to a question: one protected table, with shares, intervals and both denominators.

Shares and intervals are worked out from the numbers that are shown and from no others, so they tell
nothing that the table does not.
"""

from __future__ import annotations

import fcntl
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from django.utils import timezone

from rooftree.catalogue.model import DisclosurePolicy
from rooftree.disclosure import protect
from rooftree.disclosure.ledger import Ledger, Note
from rooftree.governance import check_may_count
from rooftree.pipeline.segments import Asked
from rooftree.segments.fields import all_fields
from rooftree.segments.schema import id_of
from rooftree.segments.sql import members_sql
from rooftree.statistics.proportions import wilson
from rooftree.vocabulary.errors import DefinitionError, NotFound, PolicyDenied
from rooftree.vocabulary.states import Grain
from rooftree.web.explore.categories import ASIDE, NOT_KNOWN, Characteristic, characteristic
from rooftree.web.explore.question import ANSWERED, WHOM, Question
from rooftree.web.landlords.opened import Opened

_TOTAL = "Total"
_HAS = "Has an answer"


@dataclass(frozen=True, slots=True)
class Cell:
    """One number of the table. Shares in percent, None where they may not be told or have no base."""

    label: str
    value: int | None
    text: str
    of_all: float | None = None
    of_answered: float | None = None
    low: float | None = None
    high: float | None = None
    is_aside: bool = False

    @property
    def width(self) -> float | None:
        """How wide the interval is."""
        return None if self.low is None or self.high is None else round(self.high - self.low, 1)


@dataclass(frozen=True, slots=True)
class Part:
    """One group that is compared: its cells, how many there are, and how many of them have an answer."""

    label: str
    cells: tuple[Cell, ...]
    total: Cell
    answered: int | None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a page shows. `parts`: one, or one for each category of the comparison and the total."""

    question: Question
    show: str
    by: str
    among: str
    parts: tuple[Part, ...]
    n_hidden: int
    policy: DisclosurePolicy

    @property
    def whole(self) -> Part:
        """All together."""
        return self.parts[-1]

    @property
    def answers(self) -> tuple[str, ...]:
        """The categories, in the order of the table."""
        return tuple(cell.label for cell in self.whole.cells)


_kept: dict[tuple[str, str, Question], Answer] = {}
_KEPT_AT_MOST = 300
_keeping = threading.Lock()


def answer(asked: Asked, data: Opened, question: Question, *, user: int) -> Answer:
    """Ask the snapshot. The table is checked with all that was released before, and recorded.

    Raises PolicyDenied, with why, where the purpose or the disclosure policy has no answer.
    """
    key = (str(data.workspace.directory), data.snapshot_id, question)
    with _keeping:
        if key in _kept:
            return _kept[key]
    made = _ask(asked, data, question, user=user)
    with _keeping:
        while len(_kept) >= _KEPT_AT_MOST:
            _kept.pop(next(iter(_kept)))
        _kept[key] = made
    return made


def _ask(asked: Asked, data: Opened, question: Question, *, user: int) -> Answer:
    show = _characteristic(asked, data, question.show, question)
    by = _characteristic(asked, data, question.by, question) if question.by else None
    if question.measure == ANSWERED:
        show = _whether_answered(show)
    where, among = _where(asked, data, question)
    key = id_of(question.unit)
    columns = f"{show.sql} AS show" + (f", {by.sql} AS by" if by else "")
    table = asked.engine.execute(
        f"SELECT {key}, {columns} FROM segments.{question.unit.value} s WHERE {where} ORDER BY {key}"
    ).to_arrow_table()
    if not len(table):
        raise PolicyDenied("Nobody is left to count. Choose fewer filters.")
    dimensions = ["show", "by"] if by else ["show"]
    order = {
        name: _order(one, table[name].unique().to_pylist())
        for name, one in zip(dimensions, (show, by), strict=False)
        if one is not None
    }
    note = Note(
        name=f"{question.whom} by {show.key}{f' and {by.key}' if by else ''}", population=among,
        snapshot=data.snapshot_id, released_by=f"user {user}", released_at=timezone.now(),
    )  # fmt: skip
    with _one_at_a_time(data), Ledger.open(data.workspace.ledger) as ledger:
        found = protect(
            table, by=dimensions, policy=asked.policy, unit=key, order=order, released=ledger, note=note,
            differences="suppress",
        )  # fmt: skip
    cells = {(row["show"], row.get("by", _TOTAL)): row for row in found.table.to_pylist()}
    groups = [*order["by"], _TOTAL] if by else [_TOTAL]
    return Answer(
        question=question,
        show=show.label,
        by=by.label if by else "",
        among=among,
        parts=tuple(_part(group, order["show"], cells, asked.policy) for group in groups),
        n_hidden=sum(1 for row in cells.values() if row["value"] is None),
        policy=asked.policy,
    )


def _characteristic(asked: Asked, data: Opened, key: str, question: Question) -> Characteristic:
    known = all_fields(data.catalogue)[key]
    check_may_count(known.thing, data.catalogue.purposes[question.purpose])
    found = characteristic(asked.engine, known, unit=question.unit, as_of=data.as_of)
    if found is None:
        raise PolicyDenied(f"{known.label} is known of nobody, or is the same for everybody.")
    return found


def _whether_answered(one: Characteristic) -> Characteristic:
    sql = f"CASE WHEN {one.sql} IN ('{ASIDE[0]}', '{ASIDE[1]}') THEN {one.sql} ELSE '{_HAS}' END"
    return Characteristic(one.key, f"{one.label}: whether there is an answer", sql, (_HAS,))


def _order(one: Characteristic, there: Sequence[str]) -> list[str]:
    """The categories that anybody has, in their order, and those beside at the end."""
    return [label for label in (*one.labels, *ASIDE) if label in there]


def _where(asked: Asked, data: Opened, question: Question) -> tuple[str, str]:
    """The SQL of whom is counted, and the same in words."""
    _, column, everybody = WHOM[question.whom]
    conditions, words = [column], [everybody]
    for name in ("patch", "tenure"):
        value = getattr(question, name)
        if value:
            known = all_fields(data.catalogue)[name]
            check_may_count(known.thing, data.catalogue.purposes[question.purpose])
            conditions.append(f"\"{name}\" = '{value.replace(chr(39), chr(39) * 2)}'")
            label = (
                next((c.label for c in known.codes.codes if c.key == value), value)
                if known.codes
                else value
            )
            words.append(f"{known.label.lower()} {label}")
    if question.segment:
        conditions.append(_in_segment(asked, data, question))
        words.append(f"in the segment “{data.catalogue.segments[question.segment].label}”")
    return " AND ".join(conditions), ", ".join(words)


def _in_segment(asked: Asked, data: Opened, question: Question) -> str:
    try:
        segment = asked.segments[question.segment]
    except (DefinitionError, NotFound) as error:
        raise PolicyDenied(
            "This segment cannot be counted now: its rule does not load. Choose another."
        ) from error
    purpose = data.catalogue.purposes[question.purpose]
    fields = all_fields(data.catalogue)
    for key in sorted(segment.reads):
        event = data.catalogue.events.get(key.removeprefix("event:"))
        thing = event if key.startswith("event:") else fields[key].thing if key in fields else None
        if thing is not None:
            check_may_count(thing, purpose)
    d = segment.definition
    if d.unit == Grain.PERSON and question.unit != Grain.PERSON:
        raise PolicyDenied(
            f"The segment “{d.label}” is of people, and {question.whom} are counted. Count people instead."
        )
    members = members_sql(segment.node, d.unit, d.base, asked.context(segment))
    return f"{id_of(d.unit)} IN (SELECT subject_id FROM ({members}) m)"


def _part(
    group: str,
    order: Sequence[str],
    cells: Mapping[tuple[str, str], Mapping[str, object]],
    policy: DisclosurePolicy,
) -> Part:
    total = cells[_TOTAL, group]
    whole = _number(total["value"])
    values = {label: _number(cells[label, group]["value"]) for label in order}
    aside = [values[label] for label in order if label in ASIDE]
    answered = (
        whole - sum(each for each in aside if each is not None)
        if whole is not None and None not in aside
        else None
    )
    if answered is not None and answered < 0:  # rounded numbers need not add up
        answered = None
    found = []
    for label in order:
        value, is_aside = values[label], label in ASIDE
        of_answered, low, high = None, None, None
        if value is not None and answered and not is_aside and _may_share(answered, policy):
            share = wilson(min(value, answered), answered)
            of_answered, low, high = (
                round(100 * x, 1) for x in (share.estimate, share.low, share.high)
            )
        of_all = None
        if value is not None and whole and _may_share(whole, policy):
            of_all = round(100 * min(value / whole, 1), 1)
        text = str(cells[label, group]["text"])
        found.append(Cell(label, value, text, of_all, of_answered, low, high, is_aside))
    name = "All together" if group == _TOTAL else group
    return Part(name, tuple(found), Cell("All", whole, str(total["text"])), answered)


def _may_share(whole: int, policy: DisclosurePolicy) -> bool:
    return whole >= policy.percentage_least


def _number(value: object) -> int | None:
    return None if value is None else int(value)  # type: ignore[call-overload]


@contextmanager
def _one_at_a_time(data: Opened) -> Iterator[None]:
    """Checking and recording are two steps: nobody else may release between them, in any process."""
    with (data.workspace.private / "ledger.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


__all__ = ["NOT_KNOWN", "Answer", "Cell", "Part", "answer"]
