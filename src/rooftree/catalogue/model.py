"""What a definition is: frozen values, loaded from TOML and checked as a whole before anybody sees them.

The catalogue is the one place that says what can be known about a person, household, tenancy or
home. Import maps, forms, segment checks, permissions, disclosure control, the privacy notice and
the reference pages all read it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from rooftree.catalogue.segment import SegmentDefinition
from rooftree.vocabulary.states import Grain, Origin, Sensitivity, SourceKind


@dataclass(frozen=True, slots=True)
class Code:
    """One entry of a code list. `parent` names the code of the coarser group it belongs to.

    `flags` are marks that the list's standard gives the code, such as `critical` for a person alert.
    """

    key: str
    label: str
    parent: str | None = None
    note: str = ""
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FrameMap:
    """How one outside code frame (CORE 2026, Census 2021, GOV.UK, 16+1 ...) meets a code list.

    `to_ours` sends each outside code to our code, and only where the meaning is the same. An outside
    code that would need a guess is in `ambiguous`, with the reason: it is kept raw and never mapped.
    `from_ours` sends our codes outward; our codes that the frame cannot express are in `lossy`, with
    the reason. A lossy code is in `from_ours` too where the frame has a wider code to count it under.
    `states` sends outside codes that are not values (prefer not to say, don't know) to a state of
    knowledge. Outside codes are compared without regard to case and surrounding blanks.
    """

    frame: str
    source: str
    to_ours: Mapping[str, str]
    from_ours: Mapping[str, str]
    states: Mapping[str, str] = field(default_factory=dict)
    ambiguous: Mapping[str, str] = field(default_factory=dict)
    lossy: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CodeList:
    """A list of codes with a stable order, and its maps to the standard frames.

    `parents` is the key of the coarser list that the codes' parents belong to, such as the five
    ethnic groups for the nineteen; None where the codes have no parents.
    """

    key: str
    label: str
    source: str
    codes: tuple[Code, ...]
    frames: Mapping[str, FrameMap] = field(default_factory=dict)
    parents: str | None = None

    def __contains__(self, key: object) -> bool:
        return any(code.key == key for code in self.codes)

    @property
    def keys(self) -> tuple[str, ...]:
        """The codes, in order."""
        return tuple(code.key for code in self.codes)


@dataclass(frozen=True, slots=True)
class Purpose:
    """A stated reason for using personal data, with its lawful basis by type of landlord.

    `selects` is true where the purpose may pick out individuals; false for purposes, such as equality
    monitoring under DPA 2018 Schedule 1 paragraph 8, that may only count.
    """

    key: str
    label: str
    why: str
    selects: bool
    basis_council: str
    basis_association: str
    special_category_condition: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """The words in which an attribute is asked, with where they come from."""

    wording: str
    source: str
    help: str = ""
    why_we_ask: str = ""
    ask_if: str = ""  # routing, in words; the condition itself belongs to the question set
    refusal: str = "Prefer not to say"


@dataclass(frozen=True, slots=True)
class Attribute:
    """Everything that is declared about one thing that can be known.

    `select_for` and `count_for` are the purposes it may serve: to pick people, or only to count them.
    `fresh_months` None: does not go stale (a date of birth). `keep_months` counts from the end of the
    person's last tenancy. `precedence` lists source kinds, strongest first; kinds not listed come
    after, equal among themselves.
    """

    key: str
    label: str
    topic: str
    grain: Grain
    type: str  # code, codes, text, number, money, date, boolean
    meaning: str
    sensitivity: Sensitivity
    select_for: tuple[str, ...]
    count_for: tuple[str, ...]
    fresh_months: int | None
    keep_months: int
    precedence: tuple[str, ...]
    owner: str
    reviewed_on: dt.date
    codes: str | None = None  # key of a code list, for types code and codes
    question: Question | None = None  # None: never asked, only observed, derived or bought
    minimum: float | None = None
    maximum: float | None = None
    usual_minimum: float | None = None  # below it a form asks whether that is right
    usual_maximum: float | None = None  # above it likewise
    population: str = "customers"  # who should have a value (profile completeness)
    origin: Origin = Origin.TOLD  # what a statement is unless its source says otherwise
    derived_from: tuple[str, ...] = ()  # attributes from whose values Rooftree works it out
    essential: bool = False  # needed to run the tenancy, as the privacy notice must say
    unit: str = ""
    equality_monitoring: bool = (
        False  # answers count only; they never select, score or mark a person
    )
    sources: tuple[str, ...] = ()  # where the definition comes from

    @property
    def kinds(self) -> tuple[SourceKind, ...]:
        """The source kinds in `precedence`."""
        return tuple(SourceKind(kind) for kind in self.precedence)


@dataclass(frozen=True, slots=True)
class Feature:
    """One number, class or fact about a subject that is a column of a table.

    `table` is a table of the features stage, or `<stage>.<table>` for a fact that another stage knows,
    such as `identity.home`. `column` is left out where the column has the key's name.
    """

    key: str
    label: str
    topic: str
    table: str
    grain: Grain
    type: str  # code, number, money, date, boolean, text
    unit: str
    window: str  # "52 weeks to as_of", "at as_of", "whole history"
    meaning: str
    owner: str
    reviewed_on: dt.date
    sensitivity: Sensitivity
    select_for: tuple[str, ...]
    count_for: tuple[str, ...]
    reads: tuple[str, ...]  # tables and attributes it is computed from
    codes: str | None = None
    sources: tuple[str, ...] = ()
    column: str = ""

    @property
    def place(self) -> tuple[str, str]:
        """The full name of the table that holds it, and the column."""
        table = self.table if "." in self.table else f"features.{self.table}"
        return table, self.column or self.key


@dataclass(frozen=True, slots=True)
class EventField:
    """One thing that is known of each event of a kind.

    A code is of a code list (`codes`) or, where only this event uses them, of `values`. With `negated`
    the column holds the opposite number: payments are negative in a ledger and positive in a rule.
    `known_from` names a column of days: while its day lies after as_of, the field is not known yet.
    """

    key: str
    label: str
    type: str  # code, number, money, date, boolean, text
    column: str  # of the event's table
    codes: str | None = None
    values: tuple[Code, ...] = ()
    unit: str = ""
    negated: bool = False
    known_from: str | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """Things of one kind that happen on a day: contacts, repairs, payments.

    `table` is the canonical table that holds them and `date` its column with the day. `only` keeps the
    rows whose column holds one of the words listed; `above_zero` those in which a field is more than
    nothing. `grain` is whose the event is: a contact is a person's, a repair a tenancy's.
    """

    key: str
    label: str
    singular: str  # the words of a rule: "no repair", "2 repairs"
    plural: str
    meaning: str
    table: str
    date: str
    grain: Grain
    fields: tuple[EventField, ...]
    sensitivity: Sensitivity
    select_for: tuple[str, ...]
    count_for: tuple[str, ...]
    owner: str
    reviewed_on: dt.date
    only: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    above_zero: str | None = None
    sources: tuple[str, ...] = ()

    @property
    def words(self) -> tuple[str, ...]:
        """The words by which a rule may name it."""
        return tuple(dict.fromkeys((self.key, self.singular, self.plural)))

    def field(self, key: str) -> EventField | None:
        """The field of that key; None where there is none."""
        return next((one for one in self.fields if one.key == key), None)


@dataclass(frozen=True, slots=True)
class DisclosurePolicy:
    """How counts and statistics are made safe before they leave: one convention, as a landlord chose it.

    A count is small when it is above 0 and below `threshold`; with `zeros` "small", 0 is small too. A
    threshold of 0 hides no count. `protection`: a reader must not be able to rule out that a hidden
    count is this much lower, nor this much higher. `small_text_tells`: the text itself says that the
    count is below the threshold ("fewer than 5"), so a reader knows that much. `exact`: nothing is
    hidden or rounded, for staff who may list the people themselves.
    """

    key: str
    label: str
    meaning: str
    source: (
        str  # where the rule is published; "(default, to be confirmed)" where no source is at hand
    )
    threshold: int
    zeros: str = "shown"  # shown: a true zero is shown as 0; small: it is hidden like a small count
    small_text: str = "c"
    hidden_text: str = "c"  # for a cell hidden only to protect another
    small_text_tells: bool = False
    secondary: bool = True  # hide further cells, so that the small ones cannot be worked out
    protection: float = 1.0
    class_disclosure: bool = False  # a row whose people are all of one category is treated as small
    rounding: str = "none"  # none, nearest, or by_people (up or down, the same for the same people)
    base: int = 5  # counts are rounded to multiples of it
    percentages: str = "unrounded"  # computed from unrounded or from rounded counts
    percentage_decimals: int = 1
    percentage_least: float = 0.0  # a percentage of fewer people than this is not shown
    average_least: int = 0  # a mean or median of fewer people than this is not shown
    dominance_n: int = 0  # money: not shown where the largest n make up ...
    dominance_share: float = 1.0  # ... more than this share of it
    p_ratio: float = 0.0  # money: not shown where the rest is less than this share of the largest
    exact: bool = False
    reviewed_on: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All definitions of one landlord: the shipped ones with the landlord's own laid over them."""

    attributes: Mapping[str, Attribute]
    code_lists: Mapping[str, CodeList]
    purposes: Mapping[str, Purpose]
    features: Mapping[str, Feature]
    version: str  # digest of all definitions' bytes
    overlaid: tuple[str, ...] = ()  # keys that the landlord's folder replaced or added
    events: Mapping[str, Event] = field(default_factory=dict)
    segments: Mapping[str, SegmentDefinition] = field(default_factory=dict)
    policies: Mapping[str, DisclosurePolicy] = field(default_factory=dict)  # for numbers that leave
