"""The seam to disclosure control: counts go in, and only what may be shown comes out.

Everything that a description says is computed from what `make_safe` answers, never from the counts
themselves. So what is hidden cannot be found in a share, an index, an interval or a word.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from rooftree.catalogue.model import Catalogue, DisclosurePolicy
from rooftree.disclosure import protect
from rooftree.segments.persona.counting import Tally
from rooftree.segments.persona.rollup import RARE, Small, has_small, roll_up
from rooftree.vocabulary.errors import NotFound

_OTHERS = "~others"
_TOTAL = "Total"


@dataclass(frozen=True, slots=True)
class Safe:
    """Counts that may be shown, per category and part; None where one may not.

    `wholes`: how many there are in each part altogether. `least`: shares of fewer are not shown.
    """

    cells: Mapping[str, tuple[int | None, ...]]
    wholes: tuple[int | None, ...]
    least: float = 1

    def shown(self, category: str) -> tuple[int, ...] | None:
        """The counts of a category, if all of them may be shown; noughts for one that nobody has."""
        cells = self.cells.get(category, (0,) * len(self.wholes))
        shown = tuple(cell for cell in cells if cell is not None)
        return shown if len(shown) == len(cells) else None


def find_policy(catalogue: Catalogue, key: str) -> DisclosurePolicy:
    """The landlord's disclosure policy of that key. Raises NotFound with those there are.

    Rounding by who is counted becomes rounding to the nearest: a table of counts does not say who.
    """
    policy = catalogue.policies.get(key)
    if policy is None:
        known = ", ".join(sorted(catalogue.policies))
        raise NotFound(f"There is no disclosure policy {key}. There are: {known}.")
    return replace(policy, rounding="nearest") if policy.rounding == "by_people" else policy


def make_safe(tally: Tally, wholes: Sequence[int], *, policy: DisclosurePolicy) -> Safe:
    """The tally as it may be shown. `wholes`: how many there are in each part.

    Small categories are put together first. Of several codes at once each is a table of its own: who has
    it, who has not, of whom it is not known. A code that is small in some part is not shown at all, and
    what one of the tables hides (how many are not known) none of the others may show.
    """
    parts = range(len(wholes))
    cells = {key: tuple(found[part] for part in parts) for key, found in tally.cells.items()}
    least = max(1, policy.percentage_least)
    small = _small(policy)
    if not tally.countable.several:
        cells = roll_up(cells, bands=tally.countable.bands is not None, small=small)
        return replace(_safe(cells, policy=policy, parts=len(wholes)), least=least)
    used = [part for part in parts if wholes[part]]
    rest = {key: row for key, row in cells.items() if key.startswith("~")}
    found: dict[str, tuple[int | None, ...]] = {}
    totals: tuple[int | None, ...] | None = None
    for code, row in sorted(cells.items()):
        if code in rest:
            continue
        found[code] = (None,) * len(wholes)
        if sum(row) < RARE or has_small(row, used, small):
            continue
        counted = (row, *rest.values())
        without = tuple(wholes[part] - sum(one[part] for one in counted) for part in parts)
        safe = _safe({code: row, _OTHERS: without, **rest}, policy=policy, parts=len(wholes))
        found[code] = safe.cells[code]
        totals = safe.wholes if totals is None else _least(totals, safe.wholes)
        for key in rest:
            found[key] = _least(found.get(key, safe.cells[key]), safe.cells[key])
    return Safe(found, totals or (None,) * len(wholes), least)


def _small(policy: DisclosurePolicy) -> Small:
    """Which counts disclosure control may hide: those under the threshold, noughts where they tell."""
    noughts = policy.class_disclosure or policy.zeros == "small"
    least = 0 if policy.exact else policy.threshold
    return lambda n: n < least and (n > 0 or noughts)


def safe_parts(wholes: Sequence[int], *, policy: DisclosurePolicy) -> tuple[int, ...] | None:
    """How many there are in each part, as it may be shown; None where one may not."""
    safe = _safe({str(part): (n,) for part, n in enumerate(wholes)}, policy=policy, parts=1)
    shown = [safe.shown(str(part)) for part in range(len(wholes))]
    return None if None in shown else tuple(row[0] for row in shown if row)


def _least(one: Sequence[int | None], other: Sequence[int | None]) -> tuple[int | None, ...]:
    return tuple(None if b is None else a for a, b in zip(one, other, strict=True))


def _safe(cells: Mapping[str, tuple[int, ...]], *, policy: DisclosurePolicy, parts: int) -> Safe:
    """A table of categories by parts through the door, with its margins.

    Categories and parts that hold nobody at all are not asked about. Where no count is small and
    nothing is rounded, no rule for counts can hide one, and the search is spared.
    """
    used = [part for part in range(parts) if any(row[part] for row in cells.values())]
    rows = {key: row for key, row in cells.items() if any(row)}
    small = _small(policy)
    if policy.rounding == "none" and not any(has_small(row, used, small) for row in rows.values()):
        wholes = tuple(sum(row[part] for row in rows.values()) for part in range(parts))
        return Safe(dict(rows), wholes)
    counted = [
        {"category": key, "part": str(part), "n": row[part]}
        for key, row in rows.items()
        for part in used
    ]
    order = {"category": list(rows), "part": [str(part) for part in used]}
    found = protect(counted, by=("category", "part"), count="n", policy=policy, order=order)
    values = {(row["category"], row["part"]): row["value"] for row in found.table.to_pylist()}

    def line(key: str) -> tuple[int | None, ...]:
        return tuple(values[key, str(part)] if part in used else 0 for part in range(parts))

    return Safe({key: line(key) for key in rows}, line(_TOTAL))
