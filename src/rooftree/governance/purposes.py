"""Whether an attribute, a feature or a kind of event may serve a purpose: to pick people out, or only to count them.

Each rule comes twice: `may_` answers, `check_` raises PolicyDenied and says which rule, why, and what
would be allowed.
"""

from __future__ import annotations

from rooftree.catalogue.model import Attribute, Event, Feature, Purpose
from rooftree.vocabulary.errors import PolicyDenied

#: What may serve a purpose.
Thing = Attribute | Feature | Event


def may_select(thing: Thing, purpose: Purpose) -> bool:
    """Whether this may pick out, score or mark people for this purpose."""
    return _no_to_select(thing, purpose) is None


def may_count(thing: Thing, purpose: Purpose) -> bool:
    """Whether this may be counted for this purpose; what may select may be counted too."""
    return _no_to_count(thing, purpose) is None


def check_may_select(thing: Thing, purpose: Purpose) -> None:
    """Raise PolicyDenied, with the reason and what is allowed, unless this may pick people out."""
    reason = _no_to_select(thing, purpose)
    if reason is not None:
        raise PolicyDenied(_denied(thing, purpose, "pick people out", reason))


def check_may_count(thing: Thing, purpose: Purpose) -> None:
    """Raise PolicyDenied, with the reason and what is allowed, unless this may be counted."""
    reason = _no_to_count(thing, purpose)
    if reason is not None:
        raise PolicyDenied(_denied(thing, purpose, "be counted", reason))


def _no_to_select(thing: Thing, purpose: Purpose) -> str | None:
    # The loader refuses definitions that break the first two rules. They are asked again here because
    # this is the door that every query passes, whoever built the values it is given.
    if isinstance(thing, Attribute) and thing.equality_monitoring:
        return (
            "it is held for equality monitoring, and the law allows counts only "
            "(Data Protection Act 2018, Schedule 1, paragraph 8(3))"
        )
    if not purpose.selects:
        return f"{purpose.key} is a purpose that may only count"
    if purpose.key not in thing.select_for:
        return "the catalogue does not name this purpose for it"
    return None


def _no_to_count(thing: Thing, purpose: Purpose) -> str | None:
    if purpose.key in thing.count_for or may_select(thing, purpose):
        return None
    return "the catalogue does not name this purpose for it"


def _denied(thing: Thing, purpose: Purpose, act: str, reason: str) -> str:
    # An equality answer selects for nothing, whatever a hand-made value may name.
    selects = () if isinstance(thing, Attribute) and thing.equality_monitoring else thing.select_for
    select = ", ".join(selects) or "nothing"
    count = ", ".join(dict.fromkeys([*selects, *thing.count_for])) or "nothing"
    return (
        f"{thing.key} may not {act} for {purpose.key}: {reason}. "
        f"It may pick people out for: {select}. It may be counted for: {count}."
    )
