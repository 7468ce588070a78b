"""What a reader can work out of a published table."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from rooftree.disclosure import audit, find_policy
from rooftree.disclosure.brute import feasible, with_margins


def published(rows: str) -> pa.Table:
    """A table with its margins as it would be printed: rows apart by strokes, c for what is suppressed."""
    lines = [line.split() for line in rows.split("/")]
    names = [*map(str, range(1, 9))]
    records = [
        {
            "a": "Total" if i == len(lines) - 1 else names[i],
            "b": "Total" if j == len(line) - 1 else names[j],
            "value": int(word) if word.isdigit() else None,
            "text": {"c": "c", "<5": "fewer than 5"}.get(word, word),
        }
        for i, line in enumerate(lines)
        for j, word in enumerate(line)
    ]
    return pa.Table.from_pylist(records)


def attack(rows: str, **options: object) -> list[tuple[float, float | None]]:
    found = audit(published(rows), by=("a", "b"), **options).to_pylist()
    return [(row["low"], row["high"]) for row in found]


def test_a_single_hidden_cell_is_the_total_less_the_rest():
    assert attack("c 40 43 / 50 60 110 / 53 100 153") == [(3, 3)]


def test_four_hidden_cells_move_together():
    assert attack("c c 43 / c c 110 / 53 100 153") == [(0, 43), (0, 43), (10, 53), (57, 100)]


def test_two_hidden_cells_of_a_row_are_still_known_when_each_is_alone_in_its_column():
    assert attack("c c 43 / 50 60 110 / 53 100 153") == [(3, 3), (40, 40)]


def test_a_hidden_total_has_no_upper_bound():
    assert attack("c c / c c")[0] == (0, None)


def test_rounding_leaves_room_around_what_is_shown():
    ofqual = find_policy("ofqual")
    assert attack("<5 40 45 / 50 60 110 / 55 100 155", policy=ofqual) == [(1, 4)]
    assert attack("<5 40 45 / 50 60 110 / 55 100 155") == [(5, 5)], "read as exact"


def test_three_dimensions_are_attacked_alike_and_whole_numbers_only_come_no_wider():
    leaves = np.array([[[1, 2], [2, 0]], [[2, 1], [1, 1]]], dtype=float)
    cells = with_margins(leaves[None])[0]
    names = ["1", "2", "Total"]
    rows = []
    for place in np.ndindex(cells.shape):
        value = None if max(place) < 2 else int(cells[place])
        rows.append(
            {"a": names[place[0]], "b": names[place[1]], "c": names[place[2]], "value": value}
        )
    loose = audit(pa.Table.from_pylist(rows), by=("a", "b", "c")).to_pylist()
    tight = audit(pa.Table.from_pylist(rows), by=("a", "b", "c"), exact=True).to_pylist()
    low, high = cells.copy(), cells.copy()
    low[:2, :2, :2], high[:2, :2, :2] = 0, np.inf
    found = feasible(low, high)
    assert found is not None
    least, most = found
    assert [(r["low"], r["high"]) for r in tight] == [
        (a, b) for a, b in zip(least[:2, :2, :2].ravel(), most[:2, :2, :2].ravel(), strict=True)
    ]
    for wide, narrow in zip(loose, tight, strict=True):
        assert wide["low"] <= narrow["low"] <= narrow["high"] <= wide["high"]


def test_a_table_that_does_not_add_up_is_no_published_table():
    with pytest.raises(ValueError, match="do not add up"):
        attack("c c 43 / c c 110 / 53 100 999")
