"""Statutory overcrowding (Housing Act 1985 Part X): rooms, floor areas and people."""

from __future__ import annotations

import pytest

from rooftree.features.overcrowding import Occupant, overcrowding, permitted_number

COUPLE = [Occupant(40, "female", "a"), Occupant(41, "male", "a")]
FAMILY = [*COUPLE, Occupant(12, "male"), Occupant(8, "female"), Occupant(0, "male")]


def test_three_rooms_and_a_family_at_the_limit():
    result = overcrowding([120, 80, 52], FAMILY)
    assert (result.permitted, result.persons_min, result.persons_max) == (3.5, 3.5, 3.5)
    assert result.overcrowded is False


def test_one_more_person_of_ten_or_over_is_too_many():
    assert overcrowding([120, 80, 52], [*FAMILY, Occupant(10, "female")]).space_contravened is True


@pytest.mark.parametrize(
    ("areas", "permitted"),
    [
        ([], 0),
        ([200], 2),
        ([110, 110], 3),  # Table I is the lesser
        ([110, 110, 110, 110], 7.5),
        ([110] * 5, 10),
        ([109.9], 1.5),
        ([90], 1.5),
        ([70], 1),
        ([50], 0.5),
        ([49.9], 0),
    ],
)
def test_permitted_number(areas, permitted):
    assert permitted_number(areas) == permitted


def test_areas_may_be_given_in_square_metres():
    assert permitted_number([10.22], square_metres=True) == 2
    assert permitted_number([10.21], square_metres=True) == 1.5


def test_room_standard_bites_in_one_room():
    mother_and_son = [Occupant(40, "female"), Occupant(10, "male")]
    assert overcrowding([200], mother_and_son).room_contravened is True
    assert (
        overcrowding([200], [Occupant(40, "female"), Occupant(9, "male")]).room_contravened is False
    )
    assert overcrowding([200], COUPLE).room_contravened is False
    assert overcrowding([200, 200], mother_and_son).room_contravened is False


def test_what_is_not_known_stays_open():
    assert overcrowding([110], [*COUPLE, Occupant(None, "male")]).space_contravened is None
    assert overcrowding([110], [Occupant(40, "female"), Occupant(20, None)]).overcrowded is None
    # three adults are too many for the room, whoever the fourth is
    assert (
        overcrowding([110], [*COUPLE, Occupant(20, "male"), Occupant(None, None)]).overcrowded
        is True
    )
