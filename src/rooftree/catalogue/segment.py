"""A segment as written: who it is for, why, its rule as text, who signed it, and worked examples.

The rule is a text here; `rooftree.segments` reads and checks it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rooftree.vocabulary.states import Grain

USES = ("select", "count")
RESULTS = ("in", "out", "unknown")
#: Whom a segment may be about, by its unit; the first is meant where nothing is said.
BASES: Mapping[Grain, tuple[str, ...]] = {
    Grain.PERSON: (
        "customers",
        "adults",
        "tenants",
        "lead_tenants",
        "household_members",
        "everyone",
    ),
    Grain.HOUSEHOLD: ("current", "all"),
    Grain.TENANCY: ("current", "all"),
    Grain.HOME: ("current", "all"),
}


@dataclass(frozen=True, slots=True)
class Example:
    """One made-up subject and how the rule must turn out for it.

    `facts` as written: given, members, lead, events, segments, as_of.
    """

    says: str
    result: str
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SegmentDefinition:
    """One segment as its file says it.

    `use` select: its members may be listed and written to; count: they may only be counted. `action`
    says what the landlord does for those in it.
    """

    key: str
    label: str
    topic: str
    unit: Grain
    base: str
    purpose: str
    use: str
    rule: str
    why: str
    owner: str
    checked_by: str
    reviewed_on: dt.date
    next_review_on: dt.date
    examples: tuple[Example, ...]
    where: str
    action: str = ""
    sources: tuple[str, ...] = ()

    def is_overdue(self, as_of: dt.date) -> bool:
        """Whether its next review lies behind."""
        return self.next_review_on < as_of
