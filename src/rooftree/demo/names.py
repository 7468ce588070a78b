"""Invented names that fit: by community, sex and the year of birth.

Lists are common names as anybody may have; commonest first, weight falling with rank. About a third
of British surnames are put together from parts (Ashford, Whitcombe), so that rare surnames are as
many as in life. No list names a real person.
"""

from __future__ import annotations

import csv
from functools import cache
from importlib import resources

import numpy as np

from rooftree.demo.draws import Array, chance, empty_text, pick, words

#: Communities in the order of their number in a person's `community`.
COMMUNITIES = (
    "british", "welsh", "irish", "polish", "romanian", "ukrainian", "portuguese", "kurdish",
    "turkish", "bangladeshi", "pakistani", "sikh", "hindu", "tamil", "somali", "nigerian",
    "ghanaian", "congolese", "eritrean", "caribbean", "chinese", "vietnamese", "arab", "afghan",
    "roma", "traveller", "filipino",
)  # fmt: skip
_RARE_SHARE = 0.35


def rows(name: str) -> list[dict[str, str]]:
    """The rows of one of the data files beside this module."""
    text = resources.files("rooftree.demo").joinpath("data", name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def _weights(size: int) -> Array:
    return 1.0 / (np.arange(size) + 6.0)


@cache
def _given() -> dict[tuple[str, str], list[tuple[int, int, Array]]]:
    found: dict[tuple[str, str], list[tuple[int, int, Array]]] = {}
    for row in rows("given_names.csv"):
        period = (int(row["born_from"]), int(row["born_to"]), words(row["names"].split()))
        found.setdefault((row["community"], row["sex"]), []).append(period)
    return found


@cache
def _surnames() -> dict[str, Array]:
    return {r["community"]: words(r["surnames"].split()) for r in rows("surnames.csv")}


@cache
def _rare_surnames() -> Array:
    parts = {r["part"]: r["values"].split() for r in rows("surname_parts.csv")}
    return words([first + second for first in parts["first"] for second in parts["second"]])


def given_names(rng: np.random.Generator, *, community: Array, female: Array, born: Array) -> Array:
    """A first name for each person; `born` is the year."""
    out = empty_text(len(community))
    for number, name in enumerate(COMMUNITIES):
        for sex, is_sex in (("F", female), ("M", ~female)):
            group = (community == number) & is_sex
            if not group.any():
                continue
            for first, last, choices in _given()[(name, sex)]:
                at = np.flatnonzero(group & (born >= first) & (born <= last))
                out[at] = choices[pick(rng, _weights(len(choices)), len(at))]
    return out


def surnames(rng: np.random.Generator, *, community: Array) -> Array:
    """A family name for each row (one per household, or per incomer)."""
    out = empty_text(len(community))
    for number, name in enumerate(COMMUNITIES):
        at = np.flatnonzero(community == number)
        if len(at):
            choices = _surnames()[name]
            out[at] = choices[pick(rng, _weights(len(choices)), len(at))]
    rare = np.flatnonzero((community == 0) & chance(rng, _RARE_SHARE, len(community)))
    choices = _rare_surnames()
    out[rare] = choices[rng.integers(0, len(choices), len(rare))]
    return out


@cache
def nicknames() -> dict[str, tuple[str, ...]]:
    """Given name → what people call it."""
    return {row["name"]: tuple(row["short"].split()) for row in rows("nicknames.csv")}


@cache
def place_names(kind: str) -> tuple[str, ...]:
    """Invented names of districts, towns, villages, quarters, streets, blocks and schemes."""
    found = next(row["names"] for row in rows("places.csv") if row["kind"] == kind)
    return tuple(name.replace("_", " ") for name in found.split())
