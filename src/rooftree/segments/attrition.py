"""What each part of a rule keeps, drops, and drops alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rooftree.segments.nodes import And, Node
from rooftree.segments.sql import Context, parts_sql
from rooftree.segments.text import to_text
from rooftree.storage.engine import Engine
from rooftree.vocabulary.states import Grain


@dataclass(frozen=True, slots=True)
class Step:
    """One part that must hold, in the order in which it is written.

    `kept`: of the base, those for whom this part and all before it hold. `dropped` and `unknown`: of
    those kept before it, for whom it does not hold and for whom it cannot be told; the two and `kept`
    add up to what was kept before. `only_this`: those for whom every other part holds and this one does
    not, or cannot be told: they would be in without it.
    """

    text: str
    node: Node
    kept: int
    dropped: int
    unknown: int
    only_this: int


@dataclass(frozen=True, slots=True)
class Attrition:
    """How a base becomes a segment. The last step keeps `n_in`."""

    n_base: int
    n_in: int
    steps: tuple[Step, ...]


def attrition(engine: Engine, node: Node, *, unit: Grain, base: str, context: Context) -> Attrition:
    """The parts of an `and` one after another; a rule without one is one part. One pass over the table."""
    parts = list(node.parts) if isinstance(node, And) else [node]
    (row,) = engine.rows(_sql(parts, unit, base, context))
    n_base, figures = row[0], row[1:]
    steps = []
    for n, part in enumerate(parts):
        kept, dropped, unknown, only_this = figures[4 * n : 4 * n + 4]
        text = to_text(part, events=dict(context.catalogue.events))
        steps.append(Step(text, part, kept, dropped, unknown, only_this))
    return Attrition(n_base, steps[-1].kept, tuple(steps))


def _sql(parts: Sequence[Node], unit: Grain, base: str, context: Context) -> str:
    names = [f"part_{n}" for n in range(len(parts))]
    chosen = ["count(*)"]
    for n, name in enumerate(names):
        before = " AND ".join(["TRUE", *names[:n]])
        others = " AND ".join(["TRUE", *(other for other in names if other != name)])
        chosen += [
            f"count(CASE WHEN {before} AND {name} THEN 1 END)",
            f"count(CASE WHEN ({before}) AND NOT {name} THEN 1 END)",
            f"count(CASE WHEN ({before}) AND {name} IS NULL THEN 1 END)",
            f"count(CASE WHEN ({others}) AND {name} IS NOT TRUE THEN 1 END)",
        ]
    return f"SELECT {', '.join(chosen)} FROM ({parts_sql(parts, unit, base, context)}) judged"
