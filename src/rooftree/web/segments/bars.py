"""Bars that stand in rows: how much each part of a rule keeps, of the base."""

from __future__ import annotations

from dataclasses import dataclass

from rooftree.disclosure import door
from rooftree.pipeline.sizes import Sized


@dataclass(frozen=True, slots=True)
class Bar:
    """One row: what it says, its numbers, and the length of its bar in hundredths of the base; None: not shown."""

    english: str
    text: str
    kept: door.Figure
    dropped: door.Figure | None
    unknown: door.Figure | None
    only_this: door.Figure | None
    length: float | None


def attrition_bars(found: Sized, *, everybody: str) -> list[Bar]:
    """The base, and what is left after each part."""
    whole = found.sizes.n_base.value
    first = Bar(
        everybody, "", found.sizes.n_base, None, None, None, _length(found.sizes.n_base, whole)
    )
    return [
        first,
        *(
            Bar(
                step.english, step.text, step.kept, step.dropped, step.unknown, step.only_this,
                _length(step.kept, whole),
            )
            for step in found.steps
        ),
    ]  # fmt: skip


def _length(figure: door.Figure, whole: float | None) -> float | None:
    if figure.value is None or not whole:
        return None
    return round(min(100 * figure.value / whole, 100), 1)
