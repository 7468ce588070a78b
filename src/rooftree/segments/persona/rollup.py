"""Puts small categories together before anything is hidden, so that less has to be.

A count under the policy's threshold hides others with it, and a nought may too. Neighbouring bands are
joined, and rare codes become one line; that says less of each and keeps the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

#: Categories that fewer of the base have than this are put together in any case.
RARE = 20
RARE_ONES = "~rare"

Cells = Mapping[str, tuple[int, ...]]
Small = Callable[[int], bool]


def roll_up(cells: Cells, *, bands: bool, small: Small) -> dict[str, tuple[int, ...]]:
    """The same people in categories of which no part's count is `small`, as far as that can be.

    Keys that begin with "~" (not known, not applicable) stay as they are. Bands have numbers as keys;
    a run of them becomes "first-last". Where fewer than two categories would be left, nothing is
    put together: what is to be hidden is then for disclosure control to say.
    """
    parts = [part for part in range(_width(cells)) if any(row[part] for row in cells.values())]
    rest = {key: row for key, row in cells.items() if key.startswith("~")}
    own = {key: row for key, row in cells.items() if key not in rest}
    found = _runs(own, parts, small) if bands else _with_rare(own, parts, small)
    return {**(found if len(found) > 1 else own), **rest}


def has_small(row: Sequence[int], parts: Sequence[int], small: Small) -> bool:
    """Whether some part's count of a category is small."""
    return any(small(row[part]) for part in parts)


def _runs(own: Cells, parts: Sequence[int], small: Small) -> dict[str, tuple[int, ...]]:
    runs = [
        (int(key), int(key), row) for key, row in sorted(own.items(), key=lambda pair: int(pair[0]))
    ]
    while len(runs) > 1:
        few = [place for place, (_, _, row) in enumerate(runs) if has_small(row, parts, small)]
        if not few:
            break
        place = min(few, key=lambda place: (sum(runs[place][2]), place))
        beside = [near for near in (place - 1, place + 1) if 0 <= near < len(runs)]
        near = min(beside, key=lambda near: (sum(runs[near][2]), near))
        first, last = sorted((place, near))
        joined = (runs[first][0], runs[last][1], _sum([runs[first][2], runs[last][2]]))
        runs[first : last + 1] = [joined]
    return {str(a) if a == b else f"{a}-{b}": row for a, b, row in runs}


def _with_rare(own: Cells, parts: Sequence[int], small: Small) -> dict[str, tuple[int, ...]]:
    order = sorted(own, key=lambda key: (min((own[key][part] for part in parts), default=0), key))
    rare = [key for key in order if sum(own[key]) < RARE or has_small(own[key], parts, small)]
    if not rare or (len(rare) == 1 and sum(own[rare[0]]) >= RARE and len(own) == 2):
        return dict(own)
    others = [key for key in order if key not in rare]
    while others and (len(rare) < 2 or has_small(_sum([own[key] for key in rare]), parts, small)):
        rare.append(others.pop(0))
    kept = {key: row for key, row in own.items() if key not in rare}
    return {**kept, RARE_ONES: _sum([own[key] for key in rare])}


def _sum(rows: Sequence[tuple[int, ...]]) -> tuple[int, ...]:
    return tuple(sum(column) for column in zip(*rows, strict=True))


def _width(cells: Cells) -> int:
    return max((len(row) for row in cells.values()), default=0)
