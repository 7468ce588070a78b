"""Which questions do not arise for a subject, from what is known: the conditions behind `ask_if`.

Where the deciding fact is not known, the question arises: nobody is passed over for a gap. Questions
that hang on an equality answer have no condition here, since asking or not asking would tell it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from rooftree.vocabulary.states import State


class Held(Protocol):
    """What is held on one attribute."""

    @property
    def state(self) -> State: ...
    @property
    def value(self) -> str | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of the subject beside its attributes. `age` None: not known."""

    age: int | None = None
    leads: bool = False  # the lead tenant, who has no relationship to one


Known = Mapping[str, Held]


def _is_not(attribute: str, *codes: str) -> Callable[[Known, Facts], bool]:
    """The deciding attribute is answered, and with none of these codes."""

    def past(known: Known, _: Facts) -> bool:
        held = known.get(attribute)
        if held is None or held.state is not State.ANSWERED or held.value is None:
            return False
        return not set(held.value.split(";")) & set(codes)

    return past


def _is(attribute: str, code: str) -> Callable[[Known, Facts], bool]:
    def past(known: Known, _: Facts) -> bool:
        held = known.get(attribute)
        return held is not None and held.state is State.ANSWERED and held.value == code

    return past


def _aged(
    *, below: int | None = None, at_least: int | None = None
) -> Callable[[Known, Facts], bool]:
    def past(_: Known, facts: Facts) -> bool:
        if facts.age is None:
            return False
        too_old = below is not None and facts.age >= below
        return too_old or (at_least is not None and facts.age < at_least)

    return past


#: Attribute to: does its question not arise?
PASSED: Mapping[str, Callable[[Known, Facts], bool]] = {
    "armed_forces_injured": _is_not("armed_forces", "regular", "reserve"),
    "armed_forces_left": _is_not("armed_forces", "regular"),
    "care_leaver": _aged(below=26),
    "english_proficiency": _is("main_language", "english"),
    "pregnancy_due_on": _is_not("pregnancy", "pregnant"),
    "relationship_to_lead": lambda _, facts: facts.leads,
    "universal_credit_since": _is_not("benefits", "universal_credit"),
    "unpaid_care": _aged(at_least=5),
}


def is_routed_past(attribute: str, known: Known, facts: Facts) -> bool:
    """Does the question not arise, as far as is known?"""
    past = PASSED.get(attribute)
    return past is not None and past(known, facts)
