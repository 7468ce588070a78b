"""The roles of staff: which purposes each may look for, whether it sees names, and how far it sees.

What a role sees of one person is decided field by field: the catalogue names the purposes a field may
serve, the role names the purposes of its work, and where they meet the field is shown.
Answers given for equality monitoring meet no purpose that looks at one person, so no role sees them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Can(StrEnum):
    """What a page may need. Each page names one; each role lists those it has."""

    FIND_PEOPLE = "find_people"  # look people up and read records
    RECORD_ANSWERS = "record_answers"  # write what a customer says
    ASK_EQUALITY = "ask_equality"  # put the equality questions; no answer is shown back
    RECORD_OBJECTIONS = "record_objections"  # objections, and consents that are withdrawn
    SEE_LOOKERS = "see_lookers"  # who looked at this customer
    SEE_ACCESS_LOG = "see_access_log"
    SEE_COUNTS = "see_counts"  # aggregates, protected by disclosure control
    SEE_ROWS = "see_rows"  # rows of people without names
    DEFINE_SEGMENTS = "define_segments"
    APPROVE_SEGMENTS = "approve_segments"
    RUN_JOBS = "run_jobs"
    SEE_HEALTH = "see_health"  # sources, runs, quality
    REVIEW_LINKS = "review_links"
    MANAGE_USERS = "manage_users"
    MANAGE_SETTINGS = "manage_settings"


@dataclass(frozen=True, slots=True)
class Role:
    """One role. `needs_reason`: it may look at anybody, so it says why before it opens a record."""

    key: str
    label: str
    about: str
    can: frozenset[Can]
    purposes: tuple[str, ...] = ()
    whole_landlord: bool = False
    needs_reason: bool = False
    order: int = field(default=0, compare=False)

    @property
    def sees_names(self) -> bool:
        """Whether it meets people by name at all."""
        return Can.FIND_PEOPLE in self.can


_OFFICER = (
    Can.FIND_PEOPLE, Can.RECORD_ANSWERS, Can.RECORD_OBJECTIONS, Can.SEE_LOOKERS, Can.SEE_COUNTS,
)  # fmt: skip
# Those who get to know a household. Whoever calls about arrears does not ask for religion in the same call.
_ASKS_EQUALITY = (*_OFFICER, Can.ASK_EQUALITY)
# What every officer must know before they call or knock.
_EVERY_OFFICER = (
    "tenancy_management", "communication", "accessibility_and_adjustments", "staff_safety",
    "emergency_response", "fire_safety",
)  # fmt: skip

_ROLES = (
    Role(
        "housing_officer", "Housing officer",
        "Looks after the tenancies of their own patches.",
        frozenset(_ASKS_EQUALITY),
        (*_EVERY_OFFICER, "repairs_and_safety", "allocation_and_lettings", "community_safety"),
    ),
    Role(
        "income_officer", "Income officer",
        "Collects rent and helps early, in their own patches.",
        frozenset(_OFFICER),
        (*_EVERY_OFFICER, "income_collection", "money_and_benefits_advice"),
    ),
    Role(
        "support_officer", "Support officer",
        "Supports and safeguards people, in their own patches.",
        frozenset(_ASKS_EQUALITY),
        (*_EVERY_OFFICER, "support_and_safeguarding", "money_and_benefits_advice", "repairs_and_safety",
         "service_offers"),
    ),
    Role(
        "engagement_officer", "Engagement officer",
        "Invites people and hears from them, in the whole landlord.",
        frozenset({
            Can.FIND_PEOPLE, Can.RECORD_ANSWERS, Can.ASK_EQUALITY, Can.RECORD_OBJECTIONS, Can.SEE_COUNTS,
            Can.DEFINE_SEGMENTS,
        }),
        ("communication", "engagement", "service_offers", "marketing", "accessibility_and_adjustments"),
        whole_landlord=True, needs_reason=True,
    ),
    Role(
        "insight_analyst", "Insight analyst",
        "Defines segments and answers questions, with rows that bear no names.",
        frozenset({Can.SEE_COUNTS, Can.SEE_ROWS, Can.DEFINE_SEGMENTS, Can.RUN_JOBS, Can.SEE_HEALTH}),
        whole_landlord=True,
    ),
    Role(
        "data_steward", "Data steward",
        "Keeps the data right: sources, doubtful links, refused rows.",
        frozenset({
            Can.FIND_PEOPLE, Can.SEE_COUNTS, Can.RUN_JOBS, Can.SEE_HEALTH, Can.REVIEW_LINKS, Can.RECORD_ANSWERS,
            Can.RECORD_OBJECTIONS,
        }),
        ("tenancy_management", "communication", "fraud_prevention"),
        whole_landlord=True, needs_reason=True,
    ),
    Role(
        "data_protection_officer", "Data protection officer",
        "Answers for the use of data: who looked at whom, what is held, objections.",
        frozenset({
            Can.FIND_PEOPLE, Can.SEE_LOOKERS, Can.SEE_ACCESS_LOG, Can.SEE_COUNTS, Can.SEE_HEALTH,
            Can.APPROVE_SEGMENTS, Can.RECORD_OBJECTIONS,
        }),
        (*_EVERY_OFFICER, "repairs_and_safety", "income_collection", "money_and_benefits_advice",
         "support_and_safeguarding", "community_safety", "allocation_and_lettings", "engagement",
         "service_offers", "marketing", "fraud_prevention"),
        whole_landlord=True, needs_reason=True,
    ),
    Role(
        "board_reader", "Board reader",
        "Reads figures about groups, never about one person.",
        frozenset({Can.SEE_COUNTS}),
        whole_landlord=True,
    ),
    Role(
        "administrator", "Administrator",
        "Lets people in and keeps the settings. Sees no customer.",
        frozenset({Can.MANAGE_USERS, Can.MANAGE_SETTINGS, Can.RUN_JOBS, Can.SEE_HEALTH}),
        whole_landlord=True,
    ),
)  # fmt: skip

ROLES: Mapping[str, Role] = {role.key: role for role in _ROLES}
CHOICES = [(role.key, role.label) for role in _ROLES]

#: Why somebody of a role that may look at anybody looks at this person. Kept in the access log.
REASONS: Mapping[str, str] = {
    "customer_contact": "The customer got in touch",
    "complaint": "A complaint",
    "subject_access": "A request for what we hold",
    "objection": "An objection, withdrawal or correction",
    "data_quality": "To put data right",
    "doubtful_link": "To decide whether two records are one person",
    "safeguarding": "A concern about someone's safety",
    "invitation": "To invite the customer to something",
    "audit": "To check how data are used",
}
