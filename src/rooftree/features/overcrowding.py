"""Statutory overcrowding: the legal floor of the Housing Act 1985 Part X, which counts living rooms too.

Much lower than either bedroom rule: a home can be short of two bedrooms and lawful.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

SQUARE_METRES_PER_SQUARE_FOOT = 0.09290304
COUNTS_FROM_AGE = 10  # a whole unit of the space standard, and counted by the room standard
INFANT_BELOW = 1

#: Table I of section 326: rooms to people.
BY_ROOMS = (0.0, 2.0, 3.0, 5.0, 7.5)
PER_FURTHER_ROOM = 2.0

#: Table II: floor area of a room in square feet, from, and the people it counts for.
BY_AREA = ((110.0, 2.0), (90.0, 1.5), (70.0, 1.0), (50.0, 0.5))


@dataclass(frozen=True, slots=True)
class Occupant:
    """One person sleeping in the home. `couple`: two people with the same key live as a couple."""

    age: int | None
    sex: str | None
    couple: str | None = None


@dataclass(frozen=True, slots=True)
class Overcrowding:
    """The two standards. None where a missing age or sex leaves it open."""

    permitted: float
    persons_min: float
    persons_max: float
    space_contravened: bool | None
    room_contravened: bool | None

    @property
    def overcrowded(self) -> bool | None:
        """Either standard is contravened (section 324); None where it cannot be told."""
        either = (self.space_contravened, self.room_contravened)
        if True in either:
            return True
        return None if None in either else False


def permitted_number(room_areas: Sequence[float], *, square_metres: bool = False) -> float:
    """How many persons may sleep in rooms of these floor areas: the lesser of Tables I and II.

    `room_areas` are the rooms normally used locally as bedroom or living room; those under 50 square
    feet are left out of both tables.
    """
    factor = 1 / SQUARE_METRES_PER_SQUARE_FOOT if square_metres else 1.0
    # Rounded to a ten-thousandth, so that a room entered as 10.2193 m2 is one of 110 square feet.
    areas = [round(area * factor, 4) for area in room_areas]
    counted = [next((n for least, n in BY_AREA if area >= least), 0.0) for area in areas]
    rooms = sum(1 for n in counted if n > 0)
    table_1 = BY_ROOMS[rooms] if rooms < len(BY_ROOMS) else rooms * PER_FURTHER_ROOM
    return min(table_1, sum(counted))


def overcrowding(
    room_areas: Sequence[float], occupants: Sequence[Occupant], *, square_metres: bool = False
) -> Overcrowding:
    """Is the home statutorily overcrowded? Areas in square feet unless `square_metres`.

    Sources: Housing Act 1985 sections 324 to 326. Under one year counts nothing, under ten half.
    """
    permitted = permitted_number(room_areas, square_metres=square_metres)
    least = sum(0.0 if person.age is None else _unit(person.age) for person in occupants)
    most = sum(1.0 if person.age is None else _unit(person.age) for person in occupants)
    space = True if least > permitted else False if most <= permitted else None
    return Overcrowding(permitted, least, most, space, _room_standard(len(room_areas), occupants))


def _unit(age: int) -> float:
    if age < INFANT_BELOW:
        return 0.0
    return 0.5 if age < COUNTS_FROM_AGE else 1.0


def _room_standard(n_rooms: int, occupants: Sequence[Occupant]) -> bool | None:
    """Must two people of opposite sex, not a couple, share a room? With two rooms each sex can have one."""
    if n_rooms >= 2:
        return False
    known = [p for p in occupants if p.age is not None and p.age >= COUNTS_FROM_AGE]
    pairs = [(a, b) for i, a in enumerate(known) for b in known[i + 1 :] if not _together(a, b)]
    if any(a.sex and b.sex and a.sex != b.sex for a, b in pairs):
        return True
    open_sex = any(a.sex is None or b.sex is None for a, b in pairs)
    open_age = any(p.age is None for p in occupants) and len(occupants) > 1
    return None if open_sex or open_age else False


def _together(one: Occupant, other: Occupant) -> bool:
    return one.couple is not None and one.couple == other.couple
