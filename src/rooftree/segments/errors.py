"""What is wrong with a rule: each problem with its place in the text and what to write instead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rooftree.segments.nodes import Span
from rooftree.vocabulary.errors import DefinitionError, Problem


@dataclass(frozen=True, slots=True)
class Fault:
    """One problem: where, what, and the remedy. `denied` where a purpose says no."""

    at: Span
    what: str
    remedy: str = ""
    denied: bool = False


class RuleError(DefinitionError):
    """A rule that does not load. `faults` holds every problem, in the order of the text."""

    def __init__(
        self, faults: Sequence[Fault], text: str | None = None, *, where: str = "rule"
    ) -> None:
        self.faults = tuple(sorted(faults, key=lambda fault: (fault.at.start, fault.at.end)))
        self.text = text
        super().__init__(
            [
                Problem(_place(fault.at, text, where), fault.what, fault.remedy)
                for fault in self.faults
            ],
            "The rule cannot be used"
            if len(self.faults) == 1
            else f"The rule has {len(self.faults)} problems",
        )


def line_and_column(text: str, position: int) -> tuple[int, int]:
    """The place of a character for people: lines and columns begin at 1."""
    before = text[:position]
    return before.count("\n") + 1, position - (before.rfind("\n") + 1) + 1


def _place(at: Span, text: str | None, where: str) -> str:
    if text is None:
        return where
    line, column = line_and_column(text, at.start)
    return f"{where}, line {line}, column {column}"
