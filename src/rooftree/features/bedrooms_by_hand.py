"""The two bedroom rules applied to one household, person by person, as an officer would on paper.

Slow and obvious on purpose: it tries everything that an unknown person could be. The set-based rule
in `bedrooms` must agree with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product

from rooftree.features.bedrooms import (
    MIXED_SHARING_BELOW,
    OLDEST,
    PARTNER_FROM,
    SIZE_CRITERIA_ADULT_AGE,
    STANDARD_ADULT_AGE,
)


@dataclass(frozen=True, slots=True)
class Person:
    """One member of a household; the fields are those of `bedrooms.required`."""

    age: int | None = None
    sex: str | None = None
    relationship: str | None = None
    couple: str | None = None
    cannot_share: bool = False
    overnight_carer: bool = False
    foster_carer: bool = False
    lodger: bool = False
    non_dependant: bool = False
    age_min: int | None = None
    age_max: int | None = None


def rooms_needed(
    people: Sequence[Person], *, rule: str = "bedroom_standard", benefit: str = "hb"
) -> tuple[int, int]:
    """The least and the most rooms over every way of filling in what is not known."""
    counts = [
        _standard(case) if rule == "bedroom_standard" else _size_criteria(case, benefit=benefit)
        for arrangement in _arrangements(people)
        for case in product(*(_possibilities(person) for person in arrangement))
    ]
    return min(counts), max(counts)


def _arrangements(people: Sequence[Person]) -> Iterator[list[Person]]:
    """The household as recorded, and with each person of unknown relationship as the lead's partner."""
    couples = [
        person
        if person.couple or person.relationship not in ("lead", "partner")
        else replace(person, couple=" lead")
        for person in people
    ]
    yield couples
    partners = [person for person in couples if person.couple == " lead"]
    if (
        len(partners) != 1
        or partners[0].relationship != "lead"
        or _oldest(partners[0]) < PARTNER_FROM
    ):
        return
    for place, person in enumerate(couples):
        unknown = person.couple is None and person.relationship in (None, "unknown")
        if unknown and not person.lodger and _oldest(person) >= PARTNER_FROM:
            yield [*couples[:place], replace(person, couple=" lead"), *couples[place + 1 :]]


def _oldest(person: Person) -> int:
    if person.age is not None:
        return person.age
    return OLDEST if person.age_max is None else person.age_max


def _youngest(person: Person) -> int:
    return person.age if person.age is not None else person.age_min or 0


def _possibilities(person: Person) -> list[Person]:
    """One copy for each sex and age band the person could be; one age stands for each band."""
    lines = (0, MIXED_SHARING_BELOW, SIZE_CRITERIA_ADULT_AGE, STANDARD_ADULT_AGE)
    low, high = _youngest(person), _oldest(person)
    ages = sorted({low, *(line for line in lines if low <= line <= high)})
    sexes = [person.sex] if person.sex in ("male", "female") else ["male", "female"]
    return [replace(person, age=age, sex=sex) for age in ages for sex in sexes]


def _split(people: Sequence[Person]) -> tuple[list[list[Person]], list[Person]]:
    """The couples (always two), and everybody else."""
    by_key: dict[str, list[Person]] = {}
    others = []
    for person in people:
        if person.couple is None:
            others.append(person)
        else:
            by_key.setdefault(person.couple, []).append(person)
    couples = []
    for group in by_key.values():
        if len(group) < 2:
            others += group
        else:
            couples.append(group[:2])
            others += group[2:]
    return couples, others


def _standard(people: Sequence[Person]) -> int:
    """The ladder of the ONS: couples, adults of 21, then pairs from the eldest down."""
    couples, others = _split(people)
    adults = [person for person in others if (person.age or 0) >= STANDARD_ADULT_AGE]
    return len(couples) + len(adults) + _children([p for p in others if p not in adults])


def _size_criteria(people: Sequence[Person], *, benefit: str) -> int:
    """Regulation B13(5) and (6); Schedule 4 where the benefit is Universal Credit."""
    universal_credit = benefit == "uc"
    lodger = [p.lodger or p.relationship == "lodger" for p in people]
    at_home = [
        p for p, lodges in zip(people, lodger, strict=True) if not (universal_credit and lodges)
    ]
    couples, others = _split(at_home)
    rooms = 0
    for couple in couples:
        apart = any(p.cannot_share or (universal_credit and p.non_dependant) for p in couple)
        rooms += 2 if apart else 1
    own = [p for p in others if (p.age or 0) >= SIZE_CRITERIA_ADULT_AGE or p.cannot_share]
    rooms += len(own) + _children([p for p in others if p not in own])
    rooms += any(p.overnight_carer for p in people)
    rooms += any(p.foster_carer for p in people)
    return rooms


def _children(people: Sequence[Person]) -> int:
    """Rooms for those too young for one of their own by right."""
    rooms = 0
    youngsters: list[Person] = []
    for sex in ("male", "female"):
        older = [p for p in people if p.sex == sex and (p.age or 0) >= MIXED_SHARING_BELOW]
        young = [p for p in people if p.sex == sex and (p.age or 0) < MIXED_SHARING_BELOW]
        while older:
            older.pop()
            rooms += 1
            if older:
                older.pop()
            elif young:
                young.pop()
        youngsters += young
    while youngsters:
        rooms += 1
        youngsters.pop()
        if youngsters:
            youngsters.pop()
    return rooms
