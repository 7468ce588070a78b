"""A question: whom to count, by what, and among whom. It is what a link holds, and nothing personal is in it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import urlencode

from rooftree.vocabulary.states import Grain

PEOPLE, HOUSEHOLDS, HOMES = "people", "households", "homes"
#: What can be counted: the unit's table, the column of those who count, and the word for them all.
WHOM = {
    PEOPLE: (Grain.PERSON, "is_customer", "customers"),
    HOUSEHOLDS: (Grain.HOUSEHOLD, "is_current", "current households"),
    HOMES: (Grain.HOME, "TRUE", "homes"),
}
COUNT, ANSWERED = "count", "answered"


@dataclass(frozen=True, slots=True)
class Question:
    """`measure` count: the categories of `show`; answered: whether there is an answer at all."""

    whom: str
    show: str
    by: str = ""
    measure: str = COUNT
    segment: str = ""
    patch: str = ""
    tenure: str = ""
    purpose: str = "service_improvement"

    @property
    def unit(self) -> Grain:
        """Whose table is read."""
        return WHOM[self.whom][0]

    @property
    def link(self) -> str:
        """The question as the query of an address."""
        given = {name: getattr(self, name) for name in self.__slots__}
        return urlencode({name: value for name, value in given.items() if value})

    def coarser(self) -> list[tuple[str, Question]]:
        """Questions that ask for less, each with what is left out."""
        words = {
            "by": "without the comparison",
            "patch": "in all patches",
            "tenure": "in all tenures",
            "segment": "among everybody",
        }
        return [
            (said, replace(self, **{name: ""}))
            for name, said in words.items()
            if getattr(self, name)
        ]
