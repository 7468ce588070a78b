"""Which of two values could do more harm in the wrong hands."""

from __future__ import annotations

from collections.abc import Iterable

from rooftree.vocabulary.states import Sensitivity

#: From least to most harm. Money before contact details would be as arguable; what matters is that
#: one order holds everywhere, and that what could endanger a person stands last.
ORDER = (
    Sensitivity.ORDINARY,
    Sensitivity.CONTACT,
    Sensitivity.IDENTIFYING,
    Sensitivity.FINANCIAL,
    Sensitivity.SPECIAL_CATEGORY,
    Sensitivity.CRIMINAL,
    Sensitivity.SAFEGUARDING,
)


def rank(sensitivity: Sensitivity) -> int:
    """The place of a sensitivity in the order, the least harmful being 0."""
    return ORDER.index(sensitivity)


def most_sensitive(of: Iterable[Sensitivity]) -> Sensitivity:
    """The sensitivity of several values seen together: the highest; ordinary where there is none."""
    return max(of, key=rank, default=Sensitivity.ORDINARY)
