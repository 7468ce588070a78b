"""Words for sizes, and the names a group may go by."""

from __future__ import annotations

import re
from collections.abc import Mapping

from rooftree.catalogue.model import Catalogue
from rooftree.segments.names import stigma
from rooftree.vocabulary.errors import UserError

#: The least share for each word, largest first.
_SIZES = (
    (1.0, "all"), (0.955, "almost all"), (0.85, "about nine in ten"), (0.775, "about eight in ten"),
    (0.735, "about three quarters"), (0.685, "about seven in ten"), (0.645, "about two thirds"),
    (0.55, "about six in ten"), (0.45, "about half"), (0.355, "about four in ten"),
    (0.315, "about a third"), (0.265, "about three in ten"), (0.235, "about a quarter"),
    (0.15, "about one in five"), (0.075, "about one in ten"), (0.035, "about one in twenty"),
    (0.0, "very few"),
)  # fmt: skip

#: Trees: they say nothing of sex, age, origin or means, as given names do.
NAMES = (
    "Alder", "Beech", "Birch", "Cedar", "Elm", "Hawthorn", "Hornbeam", "Juniper", "Larch", "Linden",
    "Maple", "Oak", "Pine", "Poplar", "Spruce", "Sycamore", "Walnut", "Willow", "Yew",
)  # fmt: skip

#: Words of equality labels that say nothing of anybody when they stand alone.
_EMPTY = frozenset({"other", "none", "no", "yes", "mixed", "single", "not", "unknown"})


def size(share: float) -> str:
    """A share in words: 0.62 is "about six in ten", 0 is "none"."""
    if share <= 0:
        return "none"
    return next(words for least, words in _SIZES if share >= least)


def percent(share: float) -> str:
    """A share in whole per cent; "under 1%" and "over 99%" where rounding would say none or all."""
    if 0 < share < 0.005:
        return "under 1%"
    if 0.995 <= share < 1:
        return "over 99%"
    return f"{100 * share:.0f}%"


def capital(text: str) -> str:
    """The text with its first letter large."""
    return text[:1].upper() + text[1:]


def small(text: str) -> str:
    """The text with its first letter small, unless its first word is one that is written large."""
    first = text.split(" ", 1)[0]
    keep = len(first) > 1 and (first.isupper() or first[1:] != first[1:].lower())
    return (
        text
        if keep or first in ("Universal", "Direct", "English", "Welsh", "British", "Saturdays")
        else text[:1].lower() + text[1:]
    )


def name_for(number: int | None, *, trees: bool = False) -> str:
    """A neutral name: "Group 3", or the third tree of the list where the landlord likes names."""
    if number is None or number < 1:
        return "This group"
    return NAMES[(number - 1) % len(NAMES)] if trees else f"Group {number}"


def check_name(name: str, catalogue: Catalogue, *, own: Mapping[str, str] | None = None) -> None:
    """Raise UserError for a name that stigmatises, or that makes an equality answer its defining trait.

    `own`: the landlord's further patterns, with what to say instead.
    """
    found = stigma(name, own=own)
    if found:
        told = " ".join(f"{word!r}: {instead}" for word, instead in found)
        raise UserError(f"{name!r} is no name for a group of customers. {told}")
    for key, words in _equality_words(catalogue).items():
        for word in words:
            if re.search(rf"\b{re.escape(word)}s?\b", name, re.IGNORECASE):
                raise UserError(
                    f"{name!r} names a group by {key} ({word}), which is held for equality monitoring. "
                    "Name it by what the group needs or does."
                )


def _equality_words(catalogue: Catalogue) -> dict[str, list[str]]:
    """Words of the answers about origin, belief, love and marriage; by attribute.

    A word that also names a language may be used: what language a letter must be in is a need. So may
    words of health, since most of them name needs too.
    """
    languages = {code.label for code in catalogue.code_lists["language"].codes}
    found = {}
    for attribute in catalogue.attributes.values():
        code_list = catalogue.code_lists.get(attribute.codes or "")
        if not attribute.equality_monitoring or attribute.topic != "equality" or code_list is None:
            continue
        labels = [re.split(r"[:(/,]| or ", code.label) for code in code_list.codes]
        words = {part.strip(" )") for label in labels for part in label[:2]} - languages
        found[attribute.key] = sorted(
            word for word in words if len(word) > 2 and word.lower() not in _EMPTY
        )
    return found
