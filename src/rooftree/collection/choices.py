"""What may be recorded of a question beside an answer: refusal always, the others where they have a meaning."""

from __future__ import annotations

from dataclasses import dataclass

from rooftree.catalogue.model import Attribute
from rooftree.vocabulary.states import Grain, State

#: Somebody who is asked what they prefer, agree to, or wish to be called has nothing to "not know".
_ALWAYS_KNOWN = ("preferences", "contact", "communication")
_NEVER_UNKNOWN = ("title", "pronouns", "preferred_name")


@dataclass(frozen=True, slots=True)
class Choice:
    """One way in which a question can end without a value."""

    state: State
    label: str


def choices_of(attribute: Attribute) -> tuple[Choice, ...]:
    """The ends that a form offers below the answers, in their order.

    `refused` is always there (a right, and an outcome). `not_applicable` is there where the question is
    routed, or is one that somebody may have nothing to put in: no e-mail address, no next of kin. What
    staff note of their own (an alert) is asked of nobody, and ends only with a value.
    """
    if attribute.question is None:
        return ()
    found = [Choice(State.REFUSED, attribute.question.refusal)]
    knows = attribute.topic in _ALWAYS_KNOWN or attribute.key in _NEVER_UNKNOWN
    if not knows or attribute.grain is not Grain.PERSON:
        found.append(Choice(State.DONT_KNOW, "Does not know"))
    if attribute.topic == "contact" and attribute.type == "text":
        found.append(Choice(State.NOT_APPLICABLE, "Does not have one"))
    elif attribute.question.ask_if:
        found.append(Choice(State.NOT_APPLICABLE, "Does not apply"))
    return tuple(found)
