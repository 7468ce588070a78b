"""Any household at all: the set-based bedroom rules and the ones by hand agree.

A thousand made-up households per rule in continuous integration, two hundred thousand with ROOFTREE_FUZZ=1.
"""

from __future__ import annotations

import os
import random
from dataclasses import asdict

import pytest

from rooftree.features import bedrooms
from rooftree.features.bedrooms_by_hand import Person, rooms_needed

HOUSEHOLDS = 200_000 if os.environ.get("ROOFTREE_FUZZ") == "1" else 1_000


def made_up(draw: random.Random) -> list[Person]:
    """A household that need not make sense: the rules must agree on any."""
    unsure = draw.random() < 0.4
    people = []
    for place in range(draw.choice((1, 1, 2, 2, 3, 3, 4, 5, 6, 7))):
        age = draw.choice((0, 5, 9, 10, 12, 15, 16, 18, 20, 21, 35, 70))
        relationship = (
            "lead" if place == 0 else draw.choice(("partner", "child", "child", "child", "lodger"))
        )
        if relationship == "partner" and any(p.relationship == "partner" for p in people):
            relationship = "child"
        missing = unsure and draw.random() < 0.4
        people.append(
            Person(
                age=None if missing and draw.random() < 0.5 else age,
                age_min=draw.choice((None, 3, 16)),
                age_max=draw.choice((None, 19, 60)),
                sex=None if missing and draw.random() < 0.5 else draw.choice(("male", "female")),
                relationship=None if missing and draw.random() < 0.4 else relationship,
                cannot_share=draw.random() < 0.1,
                overnight_carer=draw.random() < 0.05,
                foster_carer=draw.random() < 0.05,
                lodger=place > 0 and draw.random() < 0.05,
                non_dependant=draw.random() < 0.2,
            )
        )
    return people


@pytest.mark.parametrize(
    ("rule", "benefit"),
    [("bedroom_standard", "hb"), ("size_criteria", "hb"), ("size_criteria", "uc")],
)
def test_set_based_and_by_hand_agree(rule, benefit):
    draw = random.Random(20260331)
    homes = [made_up(draw) for _ in range(HOUSEHOLDS)]
    rows = [
        {"household_id": number, **asdict(person)}
        for number, people in enumerate(homes)
        for person in people
    ]
    result = bedrooms.required(rows, rule=rule, benefit=benefit).to_pylist()
    differ = [
        number
        for number, people in enumerate(homes)
        if (result[number]["rooms_min"], result[number]["rooms_max"])
        != rooms_needed(people, rule=rule, benefit=benefit)
    ]
    assert differ == []
    assert any(row["rooms_min"] != row["rooms_max"] for row in result)
