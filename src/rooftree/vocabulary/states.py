"""The states of knowledge (design 3), where a value came from, and how it was collected.

Null never stands for any of these. Logic over a value that is not `answered` is unknown, not false.
"""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """What is known about one attribute of one person, household, tenancy or home."""

    ANSWERED = "answered"
    REFUSED = "refused"  # prefer not to say: a right, and a recorded outcome
    DONT_KNOW = "dont_know"  # was asked, and does not know
    NOT_ASKED = "not_asked"
    NOT_APPLICABLE = "not_applicable"  # routing says that the question does not arise
    WITHDRAWN = "withdrawn"  # an objection or withdrawal removed what was held


#: A question with one of these states has a recorded outcome: it counts towards 100%.
RECORDED_OUTCOMES = (State.ANSWERED, State.REFUSED, State.DONT_KNOW, State.NOT_APPLICABLE)

#: Someone put the question: the denominator "of asked".
ASKED = (State.ANSWERED, State.REFUSED, State.DONT_KNOW)


class Origin(StrEnum):
    """Who says so. What the person said always comes before what was observed, derived or bought."""

    TOLD = "told"  # by the person, or by someone on their behalf
    OBSERVED = "observed"  # by staff or a system, of behaviour
    DERIVED = "derived"  # computed by Rooftree or a source from other values
    BOUGHT = "bought"  # from a third party, such as a credit score


class Method(StrEnum):
    """How an answer was collected."""

    FACE_TO_FACE = "face_to_face"
    TELEPHONE = "telephone"
    ONLINE = "online"
    PAPER = "paper"
    SURVEY = "survey"
    LETTING = "letting"  # while the tenancy was being set up
    BULK = "bulk"  # loaded from a file of which no more is known
    SYSTEM = "system"  # a field of the landlord's own system; method not recorded


class SourceKind(StrEnum):
    """What sort of place a value comes from; precedence between sources is written in these words."""

    REGISTER = "register"  # answers recorded in Rooftree itself
    SELF_SERVICE = "self_service"  # the customer's own portal or form
    HOUSING = "housing"  # housing management system
    CONTACT = "contact"  # customer contact management (CRM)
    ASSET = "asset"  # asset management
    LETTINGS = "lettings"  # lettings log (CORE) and applications
    SURVEY = "survey"
    CONTRACTOR = "contractor"
    BOUGHT = "bought"  # bought-in profiles and scores
    LEGACY = "legacy"  # a retired system, kept for its history


class Grain(StrEnum):
    """What one value belongs to."""

    PERSON = "person"
    HOUSEHOLD = "household"
    TENANCY = "tenancy"
    HOME = "home"


class Sensitivity(StrEnum):
    """How much harm a value could do in the wrong hands; decides who sees it and how it may be counted."""

    ORDINARY = "ordinary"
    CONTACT = "contact"  # reaches a person: telephone, e-mail, address
    IDENTIFYING = "identifying"  # name, date of birth, National Insurance number
    FINANCIAL = "financial"
    SPECIAL_CATEGORY = "special_category"  # UK GDPR Article 9
    CRIMINAL = "criminal"  # UK GDPR Article 10, alleged offences included
    SAFEGUARDING = "safeguarding"  # could endanger a person if seen by the wrong one
