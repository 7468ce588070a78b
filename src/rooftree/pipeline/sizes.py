"""The size of a segment and its attrition as they may be shown: numbers that add up are protected together.

Those in, those out and those of whom it is not known add up to the base, and what each part of a rule
drops adds up to what is left: a small number that is hidden alone would be the rest less the others.
"""

from __future__ import annotations

from dataclasses import dataclass

from rooftree.catalogue.model import DisclosurePolicy
from rooftree.disclosure import door
from rooftree.disclosure.ledger import Note
from rooftree.disclosure.result import SUPPRESSED
from rooftree.pipeline.segments import Asked, StepTold, counted
from rooftree.segments.attrition import Attrition, attrition
from rooftree.segments.definition import Segment
from rooftree.segments.english import to_english
from rooftree.segments.sql import counted_sql

_IN, _OUT, _UNKNOWN, _TOTAL = "in", "out", "unknown", "Total"


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many are in a segment, and of how many it cannot be told. `known`: in as a share of those of
    whom it can be told."""

    n_base: door.Figure
    n_in: door.Figure
    n_unknown: door.Figure
    share: door.Figure
    known: door.Figure


@dataclass(frozen=True, slots=True)
class Sized:
    """The sizes of a segment and what each part of its rule keeps; no steps where they are not told."""

    sizes: Sizes
    steps: tuple[StepTold, ...]


def sized(
    asked: Asked, segment: Segment, policy: DisclosurePolicy, *, note: Note | None = None
) -> Sized:
    """How many are in, and how the rule gets there, for somebody who sees numbers under a policy.

    A segment that may only be counted goes through the ledger, as `counted` does it, and shows no
    steps. Raises PolicyDenied as that does.
    """
    d = segment.definition
    if d.use != "select":
        found = counted(asked, segment, note=note)
        unknown = door.Figure(None, policy.hidden_text, SUPPRESSED)
        return Sized(Sizes(found.n_base, found.n_in, found.n_unknown, found.share, unknown), ())
    context = asked.context(segment)
    (row,) = asked.engine.rows(counted_sql(segment.node, d.unit, d.base, context))
    n_base, n_in, n_unknown = row
    steps = attrition(asked.engine, segment.node, unit=d.unit, base=d.base, context=context)
    where = asked.segments.scope(segment)
    return Sized(
        parted(n_base, n_in, n_unknown, policy),
        tuple(
            StepTold(step.text, to_english(step.node, where), *figures)
            for step, figures in zip(steps.steps, chain(steps, policy), strict=True)
        ),
    )


def parted(n_base: int, n_in: int, n_unknown: int, policy: DisclosurePolicy) -> Sizes:
    """The three parts of a base under a policy."""
    numbers = {_IN: n_in, _OUT: n_base - n_in - n_unknown, _UNKNOWN: n_unknown}
    shown = door.counts(numbers, policy)
    hidden = door.Figure(None, policy.hidden_text, SUPPRESSED)
    all_shown = all(shown[key].status != SUPPRESSED for key in numbers)
    is_in = shown[_IN].status != SUPPRESSED
    return Sizes(
        shown.get(_TOTAL) or door.count(n_base, policy),
        shown[_IN],
        shown[_UNKNOWN],
        door.share(n_in, n_base, policy) if is_in else hidden,
        door.share(n_in, n_base - n_unknown, policy) if all_shown else hidden,
    )


def chain(
    found: Attrition, policy: DisclosurePolicy
) -> list[tuple[door.Figure, door.Figure, door.Figure, door.Figure]]:
    """Of each step: kept, dropped, unknown, and dropped by it alone.

    What a step keeps is shown only where it follows from what is shown before it or after it. What it
    drops alone overlaps with the others, and is shown only to those who may see all.
    """
    if policy.exact:
        return [
            (
                door.count(step.kept, policy),
                door.count(step.dropped, policy),
                door.count(step.unknown, policy),
                door.count(step.only_this, policy),
            )
            for step in found.steps
        ]
    numbers: dict[str, int] = {}
    for n, step in enumerate(found.steps):
        numbers[f"dropped {n}"] = step.dropped
        numbers[f"unknown {n}"] = step.unknown
    numbers["left"] = found.n_in
    shown = door.counts(numbers, policy)
    is_open = [figure.status != SUPPRESSED for figure in (shown[key] for key in numbers)]
    hidden = door.Figure(None, policy.hidden_text, SUPPRESSED)
    last = len(found.steps) - 1
    told = []
    for n, step in enumerate(found.steps):
        follows = all(is_open[: 2 * n + 2]) or all(is_open[2 * n + 2 :])
        kept = shown["left"] if n == last else door.count(step.kept, policy) if follows else hidden
        told.append((kept, shown[f"dropped {n}"], shown[f"unknown {n}"], hidden))
    return told
