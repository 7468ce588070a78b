"""What a segment means: a few frozen nodes. Text, JSON and English are three readings of them.

A rule is a boolean expression over one subject (a person, household, tenancy or home) at one
`as_of`. Logic is three-valued (Kleene): a comparison with a value that is not known is unknown,
`not` leaves unknown as it is, `and` is false where any part is false, `or` is true where any part is
true. Only questions about the state of knowledge itself (`StateIs`) are never unknown.

Two nodes are equal when they mean the same words; where they stand in a text (`at`) does not count.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from enum import StrEnum

#: Numbers, pence, dates, codes and text, yes and no.
Value = bool | int | float | str | dt.date


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a text: from the character `start` up to but not including `end`."""

    start: int = 0
    end: int = 0


NOWHERE = Span()


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """Something that stands at a place of a text; the place does not count when two are compared."""

    at: Span = field(default=NOWHERE, compare=False, repr=False)


class Kind(StrEnum):
    """The type of a value."""

    NUMBER = "number"
    MONEY = "money"  # whole pence
    DATE = "date"
    CODE = "code"
    CODES = "codes"  # several codes at once
    TEXT = "text"
    BOOLEAN = "boolean"


class Comparison(StrEnum):
    """How two values, or a count and a number, are compared."""

    EQUAL = "="
    NOT_EQUAL = "!="
    LESS = "<"
    AT_MOST = "<="
    MORE = ">"
    AT_LEAST = ">="


class Knowing(StrEnum):
    """What may be asked of a value's state; the answer is yes or no, never unknown."""

    ANSWERED = "answered"
    REFUSED = "refused"
    DONT_KNOW = "dont_know"
    NOT_ASKED = "not_asked"
    NOT_APPLICABLE = "not_applicable"
    WITHDRAWN = "withdrawn"
    UNKNOWN = "unknown"  # not answered, for whatever reason
    STALE = "stale"  # needs asking again
    IN_CONFLICT = "in_conflict"  # sources disagree


# --- operands: what has a value ----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Name(Placed):
    """A bare word that the check has not placed yet: a field or a code. None is left after the check."""

    word: str


@dataclass(frozen=True, slots=True)
class Field(Placed):
    """The value of an attribute, feature or fact of the subject, or of what it belongs to."""

    key: str


@dataclass(frozen=True, slots=True)
class Literal(Placed):
    """A value written in the rule. Money is in pence; a code is its key."""

    value: Value
    kind: Kind


@dataclass(frozen=True, slots=True)
class AsOf(Placed):
    """The day the rule is asked about."""


@dataclass(frozen=True, slots=True)
class Elapsed(Placed):
    """Whole days, months or years from a date to as_of (`since`), or from as_of to it (`until`).

    A date on the other side gives a negative number. Months and years are full ones.
    """

    unit: str  # days, months, years
    direction: str  # since, until
    of: Name | Field


@dataclass(frozen=True, slots=True)
class Arithmetic(Placed):
    """`+`, `-` of two values of one unit, or `*` of a value and a plain number."""

    op: str
    left: Operand
    right: Operand


Operand = Name | Field | Literal | AsOf | Elapsed | Arithmetic


# --- predicates: what is true, false or unknown ------------------------------------------------


@dataclass(frozen=True, slots=True)
class And(Placed):
    """All of the parts."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or(Placed):
    """At least one of the parts."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not(Placed):
    """The opposite; unknown stays unknown."""

    part: Node


@dataclass(frozen=True, slots=True)
class Compare(Placed):
    """Two values compared. Unknown where either is not known."""

    left: Operand
    op: Comparison
    right: Operand


@dataclass(frozen=True, slots=True)
class Between(Placed):
    """Both ends included."""

    of: Operand
    low: Operand
    high: Operand


@dataclass(frozen=True, slots=True)
class OneOf(Placed):
    """The value is one of those listed."""

    of: Operand
    values: tuple[Name | Literal, ...]


@dataclass(frozen=True, slots=True)
class Includes(Placed):
    """A field of several codes holds `any` or `all` of those listed."""

    of: Name | Field
    how: str  # any, all
    values: tuple[Name | Literal, ...]


@dataclass(frozen=True, slots=True)
class Matches(Placed):
    """A text begins with, ends with or holds another, capitals and small letters alike."""

    of: Name | Field
    how: str  # starts_with, ends_with, contains
    text: str


@dataclass(frozen=True, slots=True)
class IsTrue(Placed):
    """A yes/no field says yes."""

    of: Name | Field


@dataclass(frozen=True, slots=True)
class StateIs(Placed):
    """What is known about a field. Never unknown itself.

    Of a feature, and of a field of an event, only `answered` (there is a value) and `unknown` are asked.
    """

    of: Name | Field
    state: Knowing


@dataclass(frozen=True, slots=True)
class Window(Placed):
    """The last `n` days, weeks, months or years up to and including as_of.

    The last 90 days are the days d with 0 <= as_of - d < 90; a week is 7 days; the last 12 months are
    the days from which fewer than 12 full months have passed; a year is 12 months.
    """

    n: int
    unit: str  # days, weeks, months, years


@dataclass(frozen=True, slots=True)
class Events(Placed):
    """Events of one kind, those for which `where` holds. An event later than as_of is none."""

    event: str
    where: Node | None = None


@dataclass(frozen=True, slots=True)
class Happened(Placed):
    """How many such events there were in a window (None: ever).

    An event for which `where` is unknown may or may not count: with t certain and u possible ones, the
    comparison is known only where it holds, or fails, for every number from t to t + u.
    """

    events: Events
    op: Comparison
    n: int
    window: Window | None = None


@dataclass(frozen=True, slots=True)
class Followed(Placed):
    """An event, then another from the same day to `days` later; the first one in the window (None: ever)."""

    first: Events
    then: Events
    days: int
    window: Window | None = None


@dataclass(frozen=True, slots=True)
class Members(Placed):
    """Over the people who live in the subject's household now: any, every, no, count or lead.

    `count` compares how many there are of whom `where` holds, with unknowns as in `Happened`. `lead`
    asks of the lead tenant, unknown where there is none. In a household of nobody, `every` is true.
    """

    how: str  # any, every, no, count, lead
    where: Node
    op: Comparison | None = None
    n: int | None = None


@dataclass(frozen=True, slots=True)
class InSegment(Placed):
    """The subject (or the household, tenancy or home it belongs to) is in another segment."""

    key: str


Node = (
    And | Or | Not | Compare | Between | OneOf | Includes | Matches | IsTrue | StateIs
    | Happened | Followed | Members | InSegment
)  # fmt: skip

#: Every kind of predicate: tests ask that each has a generator, an English reading and two engines.
PREDICATES = (
    And, Or, Not, Compare, Between, OneOf, Includes, Matches, IsTrue, StateIs, Happened, Followed,
    Members, InSegment,
)  # fmt: skip
