"""Reads one disclosure policy, and refuses one that would not protect what it says it protects."""

from __future__ import annotations

from rooftree.catalogue.documents import Entry
from rooftree.catalogue.fields import Fields
from rooftree.catalogue.model import DisclosurePolicy
from rooftree.vocabulary.errors import Problem

ZEROS = ("shown", "small")
ROUNDING = ("none", "nearest", "by_people")
PERCENTAGES = ("unrounded", "rounded")
_MOST = 1000  # a higher threshold or base than anybody means


def read_policy(entry: Entry, problems: list[Problem]) -> DisclosurePolicy:
    """The policy that one [[policy]] entry of disclosure.toml defines."""
    fields = Fields(entry.table, entry.where, problems)
    policy = DisclosurePolicy(
        key=fields.key(),
        label=fields.text("label"),
        meaning=fields.text("meaning"),
        source=fields.text("source"),
        threshold=_whole(fields, "threshold", required=True),
        zeros=fields.one_of("zeros", ZEROS, default="shown"),
        small_text=fields.text("small_text", required=False, default="c"),
        hidden_text=fields.text("hidden_text", required=False, default="c"),
        small_text_tells=fields.flag("small_text_tells", default=False),
        secondary=fields.flag("secondary", default=True),
        protection=_number(fields, "protection", 1.0, most=_MOST),
        class_disclosure=fields.flag("class_disclosure", default=False),
        rounding=fields.one_of("rounding", ROUNDING, default="none"),
        base=_whole(fields, "base", 5),
        percentages=fields.one_of("percentages", PERCENTAGES, default="unrounded"),
        percentage_decimals=_whole(fields, "percentage_decimals", 1),
        percentage_least=_number(fields, "percentage_least", 0.0, most=_MOST),
        average_least=_whole(fields, "average_least"),
        dominance_n=_whole(fields, "dominance_n"),
        dominance_share=_number(fields, "dominance_share", 1.0, most=1.0),
        p_ratio=_number(fields, "p_ratio", 0.0, most=1.0),
        exact=fields.flag("exact", default=False),
        reviewed_on=fields.date("reviewed_on"),
    )
    _sense(fields, policy)
    fields.finish()
    return policy


def _number(fields: Fields, name: str, default: float, *, most: float) -> float:
    value = fields.number(name)
    if value is None:
        return default
    if not 0 <= value <= most:
        fields.problem(name, f"is {value:g}.", f"It must be from 0 to {most:g}.")
    return float(value)


def _whole(fields: Fields, name: str, default: int = 0, *, required: bool = False) -> int:
    value = fields.number(name)
    if value is None:
        if required and name not in fields.table:
            fields.problem(name, "is missing.", "Add it: a whole number.")
        return default
    if value != value or not 0 <= value <= _MOST or value != int(value):
        fields.problem(name, f"is {value:g}.", f"It must be a whole number from 0 to {_MOST}.")
        return default
    return int(value)


def _sense(fields: Fields, policy: DisclosurePolicy) -> None:
    """What the parts of a policy must be to one another."""
    if policy.exact and (policy.threshold or policy.rounding != "none"):
        fields.problem(
            "exact", "goes with a threshold or rounding.", "Take out exact, or the other two."
        )
    if policy.threshold == 0 and policy.rounding == "none" and not policy.exact:
        fields.problem(
            "threshold",
            "is 0 and nothing is rounded, so nothing is protected.",
            "Give a threshold, round, or say exact = true.",
        )
    if policy.threshold and policy.protection < 1:
        fields.problem(
            "protection",
            f"is {policy.protection:g}.",
            "It must be at least 1: below that a whole number is found out.",
        )
    if policy.rounding != "none" and policy.base < 2:
        fields.problem("base", f"is {policy.base}.", "It must be 2 or more to round at all.")
    least = policy.base / 2 if policy.rounding == "nearest" else policy.base
    if policy.rounding != "none" and 0 < policy.threshold < least:
        fields.problem(
            "threshold",
            f"is {policy.threshold}, so a count that is not small could round to 0.",
            f"It must be 0, or at least {least:g}.",
        )
    if policy.zeros == "small" and not policy.threshold:
        fields.problem("zeros", "has no meaning without a threshold.", "Give a threshold.")
    if not policy.secondary and policy.threshold and policy.rounding == "none":
        fields.problem(
            "secondary",
            "is false and nothing is rounded, so a hidden count is a total less the rest.",
            "Take it out, or round.",
        )
    if (policy.dominance_n == 0) != (policy.dominance_share == 1.0):
        fields.problem(
            "dominance_n", "needs dominance_share, and the other way round.", "Give both."
        )
