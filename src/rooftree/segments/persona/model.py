"""What a persona is made of: counts that may be shown, what they say, and the portrait drawn from them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from rooftree.segments.persona.numbers import Interval
from rooftree.vocabulary.states import Grain


@dataclass(frozen=True, slots=True)
class Terms:
    """On what terms a group is described.

    `purpose`: what may be counted. `disclosure`: key of the policy by which counts are made safe.
    `equality`: whether answers for equality monitoring are shown, beside the portrait and never in it.
    `least_members`: a smaller group gets no portrait. `least_known`: an attribute known for fewer in the
    group is not spoken of. `least_cell`: nor is a category that fewer in the group have (or would have,
    if they were as everyone). `false_finds`: how many of the things said to differ may differ by chance,
    as a share. The three floors: default, to be confirmed.
    """

    purpose: str = "service_improvement"
    disclosure: str = "rooftree"
    equality: bool = False
    least_members: int = 50
    least_known: int = 30
    least_cell: int = 10
    false_finds: float = 0.05
    level: float = 0.95


@dataclass(frozen=True, slots=True)
class Group:
    """The group that is described: what it is called, what puts somebody in it, and what that reads.

    `rule` in plain words. `reads`: the attributes and features of the rule; the group differs in them
    because it was made so, which is no finding. `items`: of a group found by a model, what it was found
    from; they are what marks it, so they are told, and the limits say so.
    """

    key: str
    label: str
    rule: str = ""
    reads: frozenset[str] = frozenset()
    version: str = ""
    items: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Landlord:
    """Whose picture it is: the name, and the colour of the page as `#rrggbb`."""

    name: str = ""
    colour: str = "#1d4f5c"


@dataclass(frozen=True, slots=True)
class Line:
    """One category of one attribute, inside the group and among everyone, as far as it may be shown.

    Shares are of those whose value is known and applies, unless the attribute says `of` all. Of a hidden
    line nothing is kept: not the counts, nor anything computed from them. `finding`: differs beyond
    chance, among all that were looked at, and rests on enough people.
    """

    key: str
    label: str
    n_in: int | None = None
    n_all: int | None = None
    share_in: float | None = None
    share_all: float | None = None
    index: Interval | None = None
    difference: Interval | None = None
    probability: float | None = None
    finding: bool = False

    @property
    def hidden(self) -> bool:
        """Whether disclosure control keeps it back."""
        return self.n_in is None


@dataclass(frozen=True, slots=True)
class About:
    """One attribute or feature: its lines, and how much is not known.

    `of`: known (shares are of those whose value is known and applies) or all (so few are not known that
    their number is kept back, and everybody counts). The shares not known and not applicable are of all.
    `feature`: behaviour says it; else somebody does.
    """

    key: str
    label: str
    topic: str
    grain: Grain
    type: str
    lines: tuple[Line, ...]
    of: str = "known"
    n_known_in: int | None = None
    n_known_all: int | None = None
    not_known_in: float | None = None
    not_known_all: float | None = None
    not_applicable_in: float | None = None
    not_applicable_all: float | None = None
    equality: bool = False
    by_definition: bool = False
    feature: bool = False

    def line(self, key: str) -> Line | None:
        """The line of that category, if it may be shown."""
        return next((line for line in self.lines if line.key == key and not line.hidden), None)


@dataclass(frozen=True, slots=True)
class Description:
    """A group against everyone in its base. `left_out`: each attribute that was not looked at, and why."""

    group: Group
    unit: Grain
    base: str
    as_of: dt.date
    terms: Terms
    n_in: int
    n_all: int
    about: tuple[About, ...]
    left_out: Mapping[str, str]
    n_tests: int

    def find(self, key: str) -> About | None:
        """What is known of one attribute, if it was looked at."""
        return next((about for about in self.about if about.key == key), None)


@dataclass(frozen=True, slots=True)
class Trait:
    """One thing in which the group differs from everyone, in words."""

    key: str
    category: str
    label: str
    words: str
    share_in: float
    share_all: float
    index: Interval
    more: bool


@dataclass(frozen=True, slots=True)
class Sentence:
    """What is said, and the figures it rests on; none where it says that nothing is known."""

    says: str
    figures: str = ""

    def __str__(self) -> str:
        return f"{self.says} ({self.figures})." if self.figures else f"{self.says}."


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One heading of the portrait with its sentences."""

    title: str
    sentences: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class Bar:
    """One row of a chart: text, and the shares inside and among everyone."""

    label: str
    share_in: float
    share_all: float


@dataclass(frozen=True, slots=True)
class Chart:
    """A small chart of one attribute. `note` says what is not in it."""

    title: str
    bars: tuple[Bar, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Persona:
    """The portrait of a group: everything that a page, a file or a picture of it says, and nothing else."""

    name: str
    group: Group
    landlord: Landlord
    as_of: dt.date
    summary: str
    traits: tuple[Trait, ...]
    portrait: tuple[Paragraph, ...]
    charts: tuple[Chart, ...]
    beside: tuple[
        Paragraph, ...
    ]  # equality monitoring, only where the terms allow; never in the picture
    limits: tuple[str, ...]
    description: Description
