"""Which statement stands: the one order of statements, as data, read by a run and by a record page.

Each criterion is written twice on one screen, as portable SQL and as Python, and gives a small whole
number: more stands before less. A statement's *strength* packs the numbers of all criteria, the
first one heaviest, so that comparing two strengths is comparing criterion by criterion. A run
(millions of statements) sorts by it in SQL; a record page (a few statements, register answers
among them) packs it in Python. `tests/generative/test_resolving_agrees.py` holds the two together.

In the SQL, `s` is the statement, `a` the attribute's two cut-off dates and the rank of the source
kind (`profile.lookup`), `l` the day on which the subject's last tenancy ended, `w` the latest
withdrawal; the last two may be absent, and then their columns are null.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from rooftree.vocabulary.states import Origin, State

#: What may be said of a statement as a whole, weakest first: the numbers of the criterion `standing`.
NOT_YET_KNOWN, EXPIRED, WITHDRAWN, STANDS = range(4)
_FIRST_DAY = dt.date(1, 1, 1)
_DAYS = 2**22  # from year 1 to beyond year 9999


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One answer as the source gave it, with where it comes from. Fields as in `profile.statement`."""

    state: str
    value: str | None = None
    raw_value: str | None = None
    frame: str | None = None
    origin: str = Origin.TOLD
    method: str = "system"
    system: str
    source_kind: str
    recorded_by: str | None = None
    recorded_on: dt.date | None = None
    confidence: float | None = None
    source_file: str
    source_row: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What the order needs to know beside the statement itself.

    `fresh_from`: the earliest day of a statement that is still fresh; None: never goes stale.
    `keep_from`: the earliest end of a last tenancy that retention still covers.
    `left_on`: the end of the subject's last tenancy; None: still a customer, or never was a tenant.
    `withdrawn_on`: the latest withdrawal known; None: there is none.
    `ranks`: source kind to rank, more is stronger; a kind that is not listed has 0.
    """

    as_of: dt.date
    fresh_from: dt.date | None
    keep_from: dt.date
    left_on: dt.date | None
    withdrawn_on: dt.date | None
    ranks: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """One step of the order: its number is in range(`size`), and more stands before less."""

    key: str
    size: int
    sql: str
    python: Callable[[Statement, Circumstances], int]
    because: str  # ends the sentence "it stands because ..."


def _standing(s: Statement, c: Circumstances) -> int:
    if s.recorded_on is not None and s.recorded_on > c.as_of:
        return NOT_YET_KNOWN
    if c.left_on is not None and c.left_on < c.keep_from:
        return EXPIRED
    if s.state == State.WITHDRAWN or c.withdrawn_on is None:
        return STANDS
    told_since = (
        s.origin == Origin.TOLD and s.recorded_on is not None and s.recorded_on > c.withdrawn_on
    )
    return STANDS if told_since else WITHDRAWN


def _fresh(s: Statement, c: Circumstances) -> int:
    if c.fresh_from is None:
        return 1
    return int(s.recorded_on is not None and s.recorded_on >= c.fresh_from)


def _latest(s: Statement, _: Circumstances) -> int:
    return 0 if s.recorded_on is None else (s.recorded_on - _FIRST_DAY).days + 1


def _thousandths(s: Statement, _: Circumstances) -> int:
    if s.confidence is None or math.isnan(s.confidence):
        return 1000
    return math.floor(min(max(s.confidence, 0.0), 1.0) * 1000 + 0.5)


def _case(column: str, numbers: Mapping[str, int]) -> str:
    whens = " ".join(f"WHEN '{word}' THEN {number}" for word, number in numbers.items())
    return f"CASE s.{column} {whens} ELSE 0 END"


_SAID: dict[str, int] = {State.NOT_ASKED: 0, State.WITHDRAWN: 1}
_SAID_SQL = "CASE s.state WHEN 'not_asked' THEN 0 WHEN 'withdrawn' THEN 1 ELSE 2 END"
_ORIGIN: dict[str, int] = {Origin.TOLD: 3, Origin.OBSERVED: 2, Origin.DERIVED: 1}
_STATE: dict[str, int] = {State.ANSWERED: 3, State.REFUSED: 2, State.DONT_KNOW: 1}

CRITERIA: tuple[Criterion, ...] = (
    # What does not count at all comes last. Nothing recorded after as_of: any past figure can be
    # rebuilt. Nothing kept past its retention. And a withdrawal is a right (UK GDPR 7(3), 21; DPA
    # 2018 Sch 1 para 8(5)): it takes away what was held up to and on its day, whoever said it, and
    # only the person's own later word puts something in its place: a later derived or bought value
    # would bring back by another door what was objected to.
    Criterion(
        key="standing",
        size=4,
        sql="""CASE WHEN s.recorded_on > :as_of THEN 0
            WHEN l.left_on < a.keep_from THEN 1
            WHEN s.state = 'withdrawn' OR w.withdrawn_on IS NULL THEN 3
            WHEN s.origin = 'told' AND s.recorded_on > w.withdrawn_on THEN 3
            ELSE 2 END""",
        python=_standing,
        because="nothing else that was said still counts",
    ),
    # A blank is not an answer: it neither lifts a withdrawal nor hides what somebody observed.
    Criterion(
        key="said",
        size=3,
        sql=_SAID_SQL,
        python=lambda s, _: _SAID.get(s.state, 2),
        because="the others are blanks or withdrawals, and something was said since",
    ),
    # What the person said is never overridden by what was observed, derived or bought, not even
    # when it is old, or is "I do not know": then it needs asking again, not guessing.
    Criterion(
        key="origin",
        size=4,
        sql=_case("origin", _ORIGIN),
        python=lambda s, _: _ORIGIN.get(s.origin, 0),
        because="what was told comes before what was observed, derived or bought in",
    ),
    # Freshness before state: a refusal of this year outranks an answer too old to rely on. A
    # statement of unknown date counts as the oldest, so as stale where the attribute goes stale.
    Criterion(
        key="fresh",
        size=2,
        sql="CASE WHEN a.fresh_from IS NULL OR s.recorded_on >= a.fresh_from THEN 1 ELSE 0 END",
        python=_fresh,
        because="it is still fresh, and the others need asking again",
    ),
    # Somebody who told one service and would not tell another has not taken the answer back (that
    # is a withdrawal): a refusal does not erase an answer that is as fresh as it.
    Criterion(
        key="state",
        size=4,
        sql=_case("state", _STATE),
        python=lambda s, _: _STATE.get(s.state, 0),
        because="an answer comes before a refusal, a refusal before 'does not know', "
        "and that before 'not applicable'",
    ),
    # Only now which system: the catalogue says for each attribute who is nearest to the truth.
    Criterion(
        key="precedence",
        size=16,
        sql="a.source_rank",
        python=lambda s, c: c.ranks.get(s.source_kind, 0),
        because="for this attribute its kind of source comes first",
    ),
    Criterion(
        key="latest",
        size=_DAYS,
        sql=f"""CASE WHEN s.recorded_on IS NULL THEN 0 ELSE
            least(greatest(days_between(CAST('0001-01-01' AS DATE), s.recorded_on) + 1, 1), {_DAYS - 1}) END""",
        python=_latest,
        because="it is the latest",
    ),
    # In thousandths: finer differences mean nothing, and none given means as good as the source.
    Criterion(
        key="confidence",
        size=1001,
        sql="""CAST(floor(
            least(greatest(coalesce(s.confidence, 1.0e0), 0.0e0), 1.0e0) * 1.0e3 + 0.5e0) AS BIGINT)""",
        python=_thousandths,
        because="its source is surer of it",
    ),
)

#: What decides between statements of equal strength: nothing that means anything, but always the same.
TIE_BREAK = (
    "system", "source_file", "source_row", "value", "raw_value", "source_kind", "method", "frame",
    "recorded_by",
)  # fmt: skip

#: The word in `why` that is not the key of a criterion, and how it is explained.
OTHER_REASONS = {
    "only": "nothing else was said",
    "withdrawn": "an objection or withdrawal took away what had been said",
    "kept_over_refusal": "the answer is still fresh, and a refusal elsewhere does not erase it",
    "tie": "the sources are equal in everything, and the order of their names decides",
}


def weights() -> dict[str, int]:
    """Criterion to the number that one step of it adds to the strength."""
    heavier: dict[str, int] = {}
    weight = 1
    for criterion in reversed(CRITERIA):
        heavier[criterion.key] = weight
        weight *= criterion.size
    assert weight < 2**63, "the strength no longer fits a BIGINT"
    return {criterion.key: heavier[criterion.key] for criterion in CRITERIA}


WEIGHTS = weights()


def number_of(key: str, strength: int) -> int:
    """What one criterion gave, read back from the strength."""
    size = next(criterion.size for criterion in CRITERIA if criterion.key == key)
    return strength // WEIGHTS[key] % size


def number_sql(key: str, strength: str) -> str:
    """The same in portable SQL, of a column that holds a strength."""
    size = next(criterion.size for criterion in CRITERIA if criterion.key == key)
    weight = WEIGHTS[key]
    return f"(int_div({strength}, {weight}) - int_div({strength}, {weight * size}) * {size})"


def strength_sql() -> str:
    """Portable SQL that packs all criteria of one statement."""
    return " + ".join(
        f"CAST({WEIGHTS[criterion.key]} AS BIGINT) * ({criterion.sql})" for criterion in CRITERIA
    )


def strength(statement: Statement, circumstances: Circumstances) -> int:
    """The packed criteria of one statement."""
    return sum(WEIGHTS[c.key] * c.python(statement, circumstances) for c in CRITERIA)


def tie_break_sql(alias: str) -> str:
    """The tie-break as the tail of an ORDER BY; nulls first on every engine."""
    return ", ".join(f"{alias}.{column} NULLS FIRST" for column in TIE_BREAK)


def tie_break(statement: Statement) -> tuple[object, ...]:
    """The tie-break as a sort key. Text sorts by code point, as the engines do."""
    parts: list[object] = []
    for column in TIE_BREAK:
        value = getattr(statement, column)
        parts += (value is not None, value if value is not None else "")
    return tuple(parts)


def why(winner: int, runner_up: int | None) -> str:
    """The rule that decided, from the two strengths; `runner_up` None where nothing else counts."""
    if number_of("said", winner) == _SAID[State.WITHDRAWN]:
        return "withdrawn"
    if runner_up is None:
        return "only"
    for criterion in CRITERIA:
        ours, theirs = number_of(criterion.key, winner), number_of(criterion.key, runner_up)
        if ours != theirs:
            kept = criterion.key == "state" and theirs == _STATE[State.REFUSED]
            return "kept_over_refusal" if kept else criterion.key
    return "tie"


def why_sql(winner: str, runner_up: str) -> str:
    """The same in portable SQL, of two columns that hold strengths (the second may be null)."""
    refused = f"{number_sql('state', runner_up)} = {_STATE[State.REFUSED]}"
    whens = [
        f"WHEN {number_sql('said', winner)} = {_SAID[State.WITHDRAWN]} THEN 'withdrawn'",
        f"WHEN {runner_up} IS NULL THEN 'only'",
    ]
    # From the heaviest on, so up to the one at hand everything above it is equal.
    for key, weight in WEIGHTS.items():
        differs = f"int_div({winner}, {weight}) <> int_div({runner_up}, {weight})"
        if key == "state":
            whens.append(f"WHEN {differs} AND {refused} THEN 'kept_over_refusal'")
        whens.append(f"WHEN {differs} THEN '{key}'")
    return "CASE " + " ".join(whens) + " ELSE 'tie' END"
