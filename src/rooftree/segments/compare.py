"""What changed between two versions of a rule: in words, and whether it means anything else."""

from __future__ import annotations

from dataclasses import dataclass

from rooftree.segments.english import to_english
from rooftree.segments.fields import Scope
from rooftree.segments.lint import same_meaning
from rooftree.segments.nodes import And, Node
from rooftree.segments.text import to_text


@dataclass(frozen=True, slots=True)
class Part:
    """One top-level condition, as text and in English."""

    text: str
    english: str


@dataclass(frozen=True, slots=True)
class Difference:
    """`same`: True where both hold the same subjects whatever is known of them, None where that cannot be told."""

    same: bool | None
    added: tuple[Part, ...]
    removed: tuple[Part, ...]
    kept: tuple[Part, ...]


def difference(old: Node, new: Node, scope: Scope) -> Difference:
    """The conditions that came, went and stayed, and whether the meaning did."""
    before, after = _parts(old), _parts(new)

    def told(parts: list[Node]) -> tuple[Part, ...]:
        return tuple(
            Part(to_text(part, events=dict(scope.events)), to_english(part, scope))
            for part in parts
        )

    return Difference(
        same_meaning(old, new, scope),
        added=told([part for part in after if part not in before]),
        removed=told([part for part in before if part not in after]),
        kept=told([part for part in after if part in before]),
    )


def _parts(node: Node) -> list[Node]:
    return list(node.parts) if isinstance(node, And) else [node]
