"""Who may record what: the role's work, and the purposes that the catalogue gives the attribute."""

from __future__ import annotations

from rooftree.catalogue.model import Attribute
from rooftree.pipeline.record import why_hidden
from rooftree.vocabulary.errors import PolicyDenied
from rooftree.web.accounts.models import User
from rooftree.web.accounts.roles import Can

#: What staff note of their own, though nobody is asked for it.
NOTED = ("person_alerts", "evacuation_plan", "safeguarding_concern")
#: What is reviewed by a day: a changing state, never a permanent mark.
REVIEWED = (
    "person_alerts", "vulnerability", "reasonable_adjustments", "evacuation_need", "evacuation_plan",
    "safeguarding_concern", "support_needs", "safe_contact",
)  # fmt: skip


def can_record(user: User, attribute: Attribute) -> bool:
    """May this user record answers to this attribute?"""
    role = user.permitted
    if Can.RECORD_ANSWERS not in role.can:
        return False
    if attribute.question is None:
        return attribute.key in NOTED and why_hidden(attribute, role.purposes) is None
    if attribute.equality_monitoring:
        return Can.ASK_EQUALITY in role.can
    return why_hidden(attribute, role.purposes) is None


def check_can_record(user: User, attribute: Attribute) -> None:
    """PolicyDenied where they may not."""
    if not can_record(user, attribute):
        raise PolicyDenied(
            f"The role {user.permitted.label.lower()} does not record answers to {attribute.key}: its work "
            "has no purpose for it. A colleague whose work needs it may."
        )


def can_object_for(user: User, attribute: Attribute) -> bool:
    """May this user record that a customer objects to our keeping this attribute?

    Answers for equality monitoring too: nothing of them is shown by it.
    """
    if Can.RECORD_OBJECTIONS not in user.permitted.can or attribute.question is None:
        return False
    return attribute.equality_monitoring or why_hidden(attribute, user.permitted.purposes) is None


def check_can_object_for(user: User, attribute: Attribute) -> None:
    """PolicyDenied where they may not."""
    if not can_object_for(user, attribute):
        raise PolicyDenied(
            f"The role {user.permitted.label.lower()} does not record objections to {attribute.key}. "
            "The data protection officer may."
        )


def is_shown(user: User, attribute: Attribute) -> bool:
    """May what is held be shown to this user? Never an answer for equality monitoring."""
    return why_hidden(attribute, user.permitted.purposes) is None
