"""Discovery for a command: a table in, a report out that JSON can hold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from rooftree.segments.discovery.finding import discover
from rooftree.segments.discovery.items import Item
from rooftree.segments.discovery.model import Discovery


def report(
    table: Any, items: Iterable[str | Item] | Mapping[str, Any], **options: Any
) -> dict[str, Any]:
    """Discover groups and say what was found. `options` are those of `discover`."""
    return summary(discover(table, items, **options))


def summary(found: Discovery) -> dict[str, Any]:
    """The verdict, the evidence of each number of classes, and the chosen groups.

    Its figures are exact and unprotected: they are for the analyst who holds the table. What leaves
    goes through disclosure control.
    """
    description = found.description
    return {
        "people": found.n,
        "nothing_known": found.n_blank,
        "seed": found.seed,
        "has_groups": found.verdict.has_groups,
        "suggested": found.verdict.suggested,
        "reasons": list(found.verdict.reasons),
        "chosen": found.chosen,
        "evidence": [
            {**one.to_dict(), "against": list(found.verdict.against.get(one.classes, ()))}
            for one in found.evidence
        ],
        "skipped": {str(k): why for k, why in sorted(found.skipped.items())},
        "shares": list(found.shares),
        "profiles": found.profiles.to_pylist(),
        "description": None if description is None else description.to_dict(),
    }
