"""Turns chains such as "register > self_service > housing" into one order, strongest first."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from rooftree.catalogue.fields import Fields, did_you_mean
from rooftree.vocabulary.states import SourceKind

_KINDS = [kind.value for kind in SourceKind]


def read_precedence(fields: Fields, name: str = "precedence") -> tuple[str, ...]:
    """The order that the chains of one definition say, each problem noted.

    Where the chains leave two kinds open, the order of `SourceKind` decides, so that the result does
    not depend on how the chains are written down.
    """
    above: dict[str, set[str]] = {}
    for chain in fields.texts(name):
        kinds = [kind.strip() for kind in chain.split(">")]
        for kind in kinds:
            if kind not in _KINDS:
                fields.problem(
                    name, f"{kind!r} is not a kind of source.", did_you_mean(kind, _KINDS)
                )
            above.setdefault(kind, set())
        for stronger, weaker in pairwise(kinds):
            above[weaker].add(stronger)
    order, cycle = _sorted(above)
    if cycle:
        fields.problem(
            name,
            f"goes round in a circle: {' > '.join([*cycle, cycle[0]])}.",
            "Take one of these steps out.",
        )
    return tuple(order)


def _sorted(above: dict[str, set[str]]) -> tuple[list[str], list[str]]:
    """The kinds strongest first, and the members of one cycle (empty where there is none)."""
    rank = {kind: place for place, kind in enumerate(_KINDS)}
    left = dict(above)
    order: list[str] = []
    while left:
        free = [kind for kind, stronger in left.items() if not (stronger & left.keys())]
        if not free:
            return order, _cycle(left)
        first = min(free, key=lambda kind: (rank.get(kind, len(rank)), kind))
        order.append(first)
        del left[first]
    return order, []


def _cycle(left: dict[str, set[str]]) -> list[str]:
    """One cycle among kinds each of which has a stronger one left, as a chain strongest first."""
    path: Sequence[str] = [min(left)]
    while True:
        stronger = min(left[path[-1]] & left.keys())
        if stronger in path:
            ring = list(path[path.index(stronger) :])[::-1]
            start = ring.index(min(ring))
            return ring[start:] + ring[:start]
        path = [*path, stronger]
