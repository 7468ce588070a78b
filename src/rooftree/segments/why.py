"""Why one subject is in a segment or not, and the least that would change it."""

from __future__ import annotations

from dataclasses import dataclass

from rooftree.segments.english import to_english
from rooftree.segments.fields import Scope
from rooftree.segments.nodes import And, Node, Not, Or
from rooftree.segments.reference import Case, Truth, evaluate
from rooftree.segments.text import to_text


@dataclass(frozen=True, slots=True)
class Reason:
    """One condition and how it turned out for the subject, with the conditions inside it."""

    text: str
    english: str
    truth: Truth
    parts: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """One condition that would have to turn out otherwise."""

    text: str
    english: str
    to: bool
    is_unknown: bool  # it cannot be told now: finding out may be enough


@dataclass(frozen=True, slots=True)
class Why:
    """The whole answer. `change`: the fewest conditions that together would change the result."""

    truth: Truth
    reason: Reason
    change: tuple[Change, ...]


def why(node: Node, case: Case, scope: Scope) -> Why:
    """Why the rule turns out as it does. One who is out, or of whom it is unknown, is told how to be in."""
    truth = evaluate(node, case)
    steps = _turn(node, case, to=truth is not True)
    changes = dict.fromkeys(steps)
    told = [
        Change(
            to_text(atom),
            to_english(atom if to else Not(atom), scope),
            to,
            evaluate(atom, case) is None,
        )
        for atom, to in changes
    ]
    return Why(truth, reasons(node, case, scope), tuple(told))


def reasons(node: Node, case: Case, scope: Scope) -> Reason:
    """The tree of conditions with what each comes to."""
    inner = (
        node.parts if isinstance(node, And | Or) else (node.part,) if isinstance(node, Not) else ()
    )
    return Reason(
        to_text(node, events=dict(scope.events)),
        to_english(node, scope),
        evaluate(node, case),
        tuple(reasons(part, case, scope) for part in inner),
    )


def _turn(node: Node, case: Case, *, to: bool) -> list[tuple[Node, bool]]:
    """The fewest conditions to turn so that the node comes to `to`; the earlier ones where equal."""
    if evaluate(node, case) is to:
        return []
    match node:
        case And() | Or():
            every = isinstance(node, And) == to
            choices = [_turn(part, case, to=to) for part in node.parts]
            return [step for steps in choices for step in steps] if every else min(choices, key=len)
        case Not():
            return _turn(node.part, case, to=not to)
        case _:
            return [(node, to)]
