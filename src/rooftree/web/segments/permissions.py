"""What of a segment each user may see: only how many by the landlord's policy, exactly how many, or who."""

from __future__ import annotations

from rooftree.catalogue.model import DisclosurePolicy
from rooftree.catalogue.segment import SegmentDefinition
from rooftree.pipeline.segments import EXACT, Asked
from rooftree.web.accounts.models import User
from rooftree.web.accounts.roles import Can


def may_list(user: User, definition: SegmentDefinition) -> bool:
    """Whether the user may see who is in: it selects, its purpose is of their work, and they meet people by name."""
    role = user.permitted
    return definition.use == "select" and role.sees_names and definition.purpose in role.purposes


def sees_exact(user: User, definition: SegmentDefinition) -> bool:
    """Whether its numbers are exact for the user: they may list everybody in it, or see rows without names."""
    if definition.use != "select":
        return False
    role = user.permitted
    return Can.SEE_ROWS in role.can or (role.whole_landlord and may_list(user, definition))


def policy_of(user: User, definition: SegmentDefinition, asked: Asked) -> DisclosurePolicy:
    """The disclosure policy for what the user is shown of this segment."""
    return (
        asked.segments.catalogue.policies[EXACT] if sees_exact(user, definition) else asked.policy
    )
