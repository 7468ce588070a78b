"""How many bedrooms does a household need? The two rules, household by household.

BS is the Bedroom Standard (adult from 21), HB regulation B13 and UC Schedule 4 (adult from 16).
"""

from __future__ import annotations

import pyarrow as pa
import pytest

from rooftree.features import bedrooms
from rooftree.features.bedrooms_by_hand import Person, rooms_needed
from rooftree.vocabulary.errors import DataError

COUPLE = [
    {"age": 40, "sex": "female", "relationship": "lead"},
    {"age": 41, "sex": "male", "relationship": "partner"},
]


def lead(age: int, sex: str = "female", **more: object) -> dict:
    return {"age": age, "sex": sex, "relationship": "lead", **more}


def boy(age: int, **more: object) -> dict:
    return {"age": age, "sex": "male", "relationship": "child", **more}


def girl(age: int, **more: object) -> dict:
    return {"age": age, "sex": "female", "relationship": "child", **more}


# name, household, Bedroom Standard, Housing Benefit, Universal Credit (None: as Housing Benefit)
VECTORS = [
    ("A: single 45", [lead(45)], 1, 1, None),
    ("B: couple, boy 14, girl 12", [*COUPLE, boy(14), girl(12)], 3, 3, None),
    ("C: couple, boy 9, girl 7", [*COUPLE, boy(9), girl(7)], 2, 2, None),
    ("D: lone parent 35, boys 15, 12", [lead(35), boy(15), boy(12)], 2, 2, None),
    ("E: lone parent 40, sons 17, 15", [lead(40), boy(17), boy(15)], 2, 3, None),
    ("F: couple, daughters 19, 17", [*COUPLE, girl(19), girl(17)], 2, 3, None),
    ("G: couple, son 22", [*COUPLE, boy(22)], 2, 2, None),
    ("H: couple, girl 11, boy 8, girl 6", [*COUPLE, girl(11), boy(8), girl(6)], 3, 3, None),
    ("I: couple, girl 11, boys 8, 5", [*COUPLE, girl(11), boy(8), boy(5)], 3, 3, None),
    ("J: lone parent 30, girl 8, boys 6, 2", [lead(30), girl(8), boy(6), boy(2)], 3, 3, None),
    ("K: couple, boy 10, girls 9, 3", [*COUPLE, boy(10), girl(9), girl(3)], 3, 3, None),
    ("L: couple, disabled boy 8, boy 6", [*COUPLE, boy(8, cannot_share=True), boy(6)], 2, 3, None),
    ("M: single 50, overnight carer", [lead(50, overnight_carer=True)], 1, 2, None),
    ("N: foster couple, no child placed", [{**COUPLE[0], "foster_carer": True}, COUPLE[1]], 1, 2, None),
    ("O: couple, daughter 30, boy 4, girl 2", [*COUPLE, girl(30), boy(4), girl(2)], 3, 3, None),
    ("P: lone parent 19, girl 0", [lead(19), girl(0)], 1, 2, None),
    ("Q: lone parent 34, boys 16, 15, girls 13, 9", [lead(34), boy(16), boy(15), girl(13), girl(9)], 3, 4, None),
    ("R: couple, lodger 30", [*COUPLE, {"age": 30, "sex": "male", "lodger": True, "relationship": "lodger"}], 2, 2, 1),
    ("S: couple who cannot share", [{**COUPLE[0], "cannot_share": True}, COUPLE[1]], 1, 2, None),
    ("T: two sisters 20, 20", [lead(20), {"age": 20, "sex": "female", "relationship": "sibling"}], 1, 2, None),
]  # fmt: skip


def rooms(people: list[dict], **options: str) -> tuple[int, int]:
    table = bedrooms.required([{"household_id": "H", **person} for person in people], **options)
    row = table.to_pylist()[0]
    slow = rooms_needed([Person(**person) for person in people], **options)
    assert (row["rooms_min"], row["rooms_max"]) == slow, "the set-based rule and the one by hand"
    return slow


@pytest.mark.parametrize(
    ("people", "standard", "benefit", "uc"), [v[1:] for v in VECTORS], ids=[v[0] for v in VECTORS]
)
def test_worked_household(people, standard, benefit, uc):
    assert rooms(people) == (standard, standard)
    assert rooms(people, rule="size_criteria", benefit="hb") == (benefit, benefit)
    expected = benefit if uc is None else uc
    assert rooms(people, rule="size_criteria", benefit="uc") == (expected, expected)


def test_the_two_rules_keep_their_own_adult_age():
    brothers = [lead(45), boy(16), boy(20)]
    assert rooms(brothers) == (2, 2)
    assert rooms(brothers, rule="size_criteria") == (3, 3)
    assert rooms([lead(45), boy(16), boy(21)]) == (3, 3)


def test_universal_credit_gives_each_non_dependant_adult_a_room_couple_or_not():
    people = [
        lead(60),
        {"age": 30, "sex": "male", "relationship": "child", "couple": "son", "non_dependant": True},
        {
            "age": 29,
            "sex": "female",
            "relationship": "other",
            "couple": "son",
            "non_dependant": True,
        },
    ]
    assert rooms(people) == (2, 2)
    assert rooms(people, rule="size_criteria", benefit="hb") == (2, 2)
    assert rooms(people, rule="size_criteria", benefit="uc") == (3, 3)


def test_care_and_fostering_add_a_room_each_but_never_two_of_one_kind():
    people = [
        lead(50, overnight_carer=True, foster_carer=True),
        boy(12, overnight_carer=True),
    ]
    assert rooms(people, rule="size_criteria") == (4, 4)


# --- what is not known is an interval, not a guess ------------------------------------------------


def test_a_child_whose_sex_is_refused_may_or_may_not_share():
    unknown = {"age": 12, "sex": None, "relationship": "child"}
    assert rooms([lead(35), boy(14), unknown]) == (2, 3)
    # below ten it makes no difference, so there is nothing to doubt
    assert rooms([lead(35), boy(8), {"age": 6, "sex": None, "relationship": "child"}]) == (2, 2)


def test_a_third_value_of_sex_is_not_known_rather_than_unable_to_share():
    two = [{"age": 13, "sex": "nonbinary", "relationship": "child"}] * 2
    assert rooms([lead(40), *two]) == (2, 3)


def test_a_person_without_an_age_may_be_any_age():
    assert rooms([lead(35), girl(8), {"sex": "female", "relationship": "child"}]) == (2, 3)


def test_bounds_of_age_narrow_the_interval():
    adult = {"sex": "female", "relationship": "child", "age_min": 21}
    assert rooms([lead(45), girl(8), adult]) == (3, 3)


def test_a_missing_relationship_never_halves_the_rooms():
    four = [lead(50), *({"age": age, "sex": "male"} for age in (30, 40, 60))]
    assert rooms(four) == (3, 4)  # one of them may be the partner; the others each need a room
    assert rooms([lead(50), {"age": 12, "sex": "male"}]) == (2, 2)  # a child is nobody's partner


def test_a_couple_is_two_whatever_the_number_of_partners_recorded():
    people = [lead(50), *({"age": 50, "sex": "male", "relationship": "partner"} for _ in range(2))]
    assert rooms(people) == (2, 2)


def test_beyond_six_unknown_people_the_interval_is_wider_but_still_true():
    people = [lead(50), *({"sex": None, "relationship": "other"} for _ in range(8))]
    row = bedrooms.required([{"household_id": 1, **p} for p in people]).to_pylist()[0]
    assert (row["rooms_min"], row["rooms_max"]) == (4, 9)


# --- the table ------------------------------------------------------------------------------------


def test_any_arrow_table_with_one_row_per_person():
    table = pa.table(
        {"home": ["b", "a", "a"], "age": [45, 30, 3], "sex": ["male", "female", "female"]}
    )
    result = bedrooms.required(table, household="home")
    assert result.to_pylist() == [
        {"home": "a", "rooms_min": 2, "rooms_max": 2, "n_people": 2},
        {"home": "b", "rooms_min": 1, "rooms_max": 1, "n_people": 1},
    ]


def test_all_that_is_wrong_with_the_arguments_is_said_at_once():
    with pytest.raises(DataError) as error:
        bedrooms.required([{"household_id": 1}], rule="bedrooms", benefit="esa")
    assert len(error.value.problems) == 2
    with pytest.raises(DataError, match="household_id"):
        bedrooms.required([{"age": 1}])


# --- money and ratings ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rent", "spare", "liable", "taken", "left"),
    [
        (120_00, 0, 1, 0, 120_00),
        (120_00, 1, 1, 16_80, 103_20),
        (120_00, 2, 1, 30_00, 90_00),
        (120_00, 5, 1, 30_00, 90_00),
        (520_00, 1, 2, 36_40, 223_60),  # joint tenants, half each
    ],
)
def test_reduction_for_spare_bedrooms(rent, spare, liable, taken, left):
    result = bedrooms.reduction(rent, spare=spare, liable=liable)
    assert (result.reduction_pence, result.maximum_rent_pence) == (taken, left)


def test_joint_tenants_on_universal_credit_who_are_not_a_couple_lose_nothing():
    assert bedrooms.reduction(520_00, spare=1, liable=2, benefit="uc").percent == 0
    assert (
        bedrooms.reduction(520_00, spare=1, liable=2, benefit="uc", liable_are_couple=True).percent
        == 14
    )


@pytest.mark.parametrize(
    ("bedrooms_had", "rooms_required", "ons", "ehs"),
    [
        (1, 2, "overcrowded", "overcrowded"),
        (2, 2, "at_standard", "at_standard"),
        (3, 2, "under_occupied", "at_standard"),
        (4, 2, "under_occupied", "under_occupied"),
        (0, 1, "at_standard", "at_standard"),  # a bedsit
    ],
)
def test_both_thresholds_of_under_occupation(bedrooms_had, rooms_required, ons, ehs):
    value = bedrooms.rating(bedrooms_had, rooms_required)
    assert bedrooms.occupation(value, under_from=1) == ons
    assert bedrooms.occupation(value, under_from=2) == ehs
