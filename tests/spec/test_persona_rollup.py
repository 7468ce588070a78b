"""Small categories are put together before anything is hidden."""

from __future__ import annotations

import pytest

from rooftree.segments.persona.rollup import RARE_ONES, roll_up


def few(n: int) -> bool:
    """Noughts tell too."""
    return n < 5


def test_a_small_band_joins_its_smaller_neighbour():
    cells = {"0": (900, 0), "1": (300, 40), "2": (500, 60)}
    assert roll_up(cells, bands=True, small=few) == {"0-1": (1200, 40), "2": (500, 60)}


def test_bands_are_joined_until_none_is_small():
    cells = {"0": (900, 0), "1": (300, 2), "2": (500, 1), "4": (200, 80), "5": (100, 90)}
    assert roll_up(cells, bands=True, small=few) == {"0-4": (1900, 83), "5": (100, 90)}


def test_where_only_one_band_would_be_left_nothing_is_joined():
    cells = {"0": (900, 0), "1": (0, 300)}
    assert roll_up(cells, bands=True, small=few) == cells


def test_rare_codes_become_one_line():
    cells = {"a": (500, 90), "b": (300, 2), "c": (80, 4), "d": (200, 70)}
    assert roll_up(cells, bands=False, small=few) == {
        "a": (500, 90),
        "d": (200, 70),
        RARE_ONES: (380, 6),
    }


def test_a_lone_rare_code_takes_the_next_smallest_with_it():
    cells = {"a": (500, 90), "b": (300, 2), "c": (80, 40)}
    assert roll_up(cells, bands=False, small=few) == {"a": (500, 90), RARE_ONES: (380, 42)}


def test_not_known_is_never_put_together_with_anything():
    cells = {"a": (500, 90), "b": (300, 2), "c": (80, 4), "~not_known": (1, 1)}
    assert roll_up(cells, bands=False, small=few)["~not_known"] == (1, 1)


def test_a_part_in_which_nobody_is_does_not_count():
    cells = {"a": (500, 90, 0), "b": (300, 20, 0)}
    assert roll_up(cells, bands=False, small=few) == cells


@pytest.mark.parametrize("bands", [True, False])
def test_nobody_is_lost(bands):
    cells = {"0": (900, 0), "1": (3, 2), "2": (500, 1), "3": (20, 80), "4": (7, 90)}
    found = roll_up(cells, bands=bands, small=few)
    assert [sum(column) for column in zip(*found.values(), strict=True)] == [1430, 173]
