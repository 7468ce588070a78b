"""The seam to disclosure control: counts go in, and only what may be shown comes out.

Everything that a description says is computed from what `make_safe` answers, never from the counts
themselves. So what is hidden cannot be found in a share, an index, an interval or a word.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rooftree.segments.persona.counting import NOT_APPLICABLE, NOT_KNOWN, Tally

#: Categories that fewer of the base have are put together, where there are several such.
RARE = 20
RARE_ONES = "~rare"
_OTHERS = "~others"


@dataclass(frozen=True, slots=True)
class Safe:
    """Counts that may be shown, per category and part; None where one may not.

    `wholes`: how many there are in each part altogether.
    """

    cells: Mapping[str, tuple[int | None, ...]]
    wholes: tuple[int | None, ...]

    def shown(self, category: str) -> tuple[int, ...] | None:
        """The counts of a category, if all of them may be shown; noughts for one that nobody has."""
        cells = self.cells.get(category, (0,) * len(self.wholes))
        shown = tuple(cell for cell in cells if cell is not None)
        return shown if len(shown) == len(cells) else None


def make_safe(tally: Tally, wholes: Sequence[int], *, policy: str) -> Safe:
    """The tally as it may be shown. `wholes`: how many there are in each part.

    Of several codes at once each is a table of its own: who has it, who has not, of whom it is not
    known. What one of those tables hides (how many are not known) none of the others may show.
    """
    cells = {
        key: tuple(found[part] for part in range(len(wholes))) for key, found in tally.cells.items()
    }
    cells = _put_together(cells, several=tally.countable.several)
    if not tally.countable.several:
        return _safe(cells, wholes, policy=policy)
    rest = {key: cells[key] for key in (NOT_KNOWN, NOT_APPLICABLE) if key in cells}
    found: dict[str, tuple[int | None, ...]] = {}
    totals: tuple[int | None, ...] = tuple(wholes)
    for code in (key for key in cells if key not in rest):
        without = [
            whole - sum(row[part] for row in (cells[code], *rest.values()))
            for part, whole in enumerate(wholes)
        ]
        one = _safe({code: cells[code], _OTHERS: tuple(without), **rest}, wholes, policy=policy)
        found[code] = one.cells[code]
        totals = _least(totals, one.wholes)
        for key in rest:
            found[key] = _least(found.get(key, one.cells[key]), one.cells[key])
    return Safe(found or _safe(rest, wholes, policy=policy).cells, totals)


def _least(one: Sequence[int | None], other: Sequence[int | None]) -> tuple[int | None, ...]:
    return tuple(None if b is None else a for a, b in zip(one, other, strict=True))


def _put_together(
    cells: Mapping[str, tuple[int, ...]], *, several: bool
) -> dict[str, tuple[int, ...]]:
    rare = [key for key, row in cells.items() if not key.startswith("~") and sum(row) < RARE]
    kept = {key: row for key, row in cells.items() if key not in rare}
    if several:
        return kept  # those who hold several cannot be added up
    if len(rare) == 1:
        return dict(cells)
    if rare:
        kept[RARE_ONES] = tuple(
            sum(column) for column in zip(*(cells[key] for key in rare), strict=True)
        )
    return kept


def _safe(cells: Mapping[str, tuple[int, ...]], wholes: Sequence[int], *, policy: str) -> Safe:
    """Until the door is there: hide rows with a small count, and the next smallest row with a lone one."""
    small = {key for key, row in cells.items() if any(0 < n < 5 for n in row)}
    if len(small) == 1:
        rest = [key for key, row in cells.items() if key not in small and sum(row)]
        small |= set(sorted(rest, key=lambda key: (sum(cells[key]), key))[:1])
    hidden = (None,) * len(wholes)
    return Safe({key: hidden if key in small else row for key, row in cells.items()}, tuple(wholes))


def safe_parts(wholes: Sequence[int], *, policy: str) -> tuple[int, ...] | None:
    """How many there are in each part, as it may be shown; None where it may not."""
    cells = {str(part): (n,) for part, n in enumerate(wholes)}
    safe = _safe(cells, [sum(wholes)], policy=policy)
    shown = [safe.shown(key) for key in cells]
    return None if any(row is None for row in shown) else tuple(row[0] for row in shown if row)
