"""Who makes up a household, and how it fits its home. Ages are full years at as_of."""

from __future__ import annotations

import datetime as dt

import pytest

from rooftree.features import household
from rooftree.features.build import build
from rooftree.features.schema import HOUSEHOLD, HOUSEHOLD_OCCUPANCY
from tests.spec.world import AS_OF, one, world


def born(age: int) -> dt.date:
    return dt.date(AS_OF.year - age, 1, 15)


def home(
    *people: tuple, bedrooms: int | None = 2, as_of: dt.date = AS_OF, sexes: bool = True,
    tenure: str = "secure", answers: tuple[tuple[str, str, str], ...] = (), **asset: object,
):  # fmt: skip
    """People are (age, sex, relationship) or (age, sex, relationship, role); the first leads."""
    members, persons, values = [], [], []
    for number, (age, sex, relationship, *role) in enumerate(people):
        pid = f"P{number}"
        persons.append({"person_id": pid, "date_of_birth": None if age is None else born(age)})
        members.append({
            "tenancy_id": "T", "household_id": "H", "person_id": pid, "relationship": relationship,
            "role": role[0] if role else "tenant" if number == 0 else "household_member",
            "is_responsible": number == 0, "lives_there": True, "is_current": True,
        })  # fmt: skip
        if sex and sexes:
            values.append(("sex_at_birth", pid, sex))
    engine = world(
        identity_person=persons,
        identity_member=members,
        identity_household=[
            {
                "household_id": "H",
                "tenancy_id": "T",
                "home_id": "M",
                "lead_person_id": "P0",
                "is_current": True,
            }
        ],
        identity_home=[{"home_id": "M", "bedrooms": bedrooms, **asset}],
        identity_tenancy=[{"tenancy_id": "T", "tenure": tenure}],
        profile_value=[
            {
                "attribute": a,
                "grain": "household" if p == "H" else "person",
                "subject_id": p,
                "state": "answered",
                "value": v,
            }
            for a, p, v in (*values, *answers)
        ],
    )
    build(engine, as_of=as_of, models=household.MODELS)
    return engine


def of(*people: tuple, columns: str | tuple = "core_household_type", **more):
    columns = (columns,) if isinstance(columns, str) else columns
    return one(home(*people, **more), HOUSEHOLD, *columns)


def fit(*people: tuple, columns: str | tuple, **more):
    columns = (columns,) if isinstance(columns, str) else columns
    return one(home(*people, **more), HOUSEHOLD_OCCUPANCY, *columns)


@pytest.mark.parametrize(
    ("ages", "kind"),
    [
        ((60,), "one_elder"), ((60, 60), "two_adults_elder"), ((60, 59), "two_adults_elder"),
        ((59,), "one_adult"), ((59, 16), "two_adults"), ((59, 15), "one_adult_children"),
        ((30, 3, 5), "one_adult_children"), ((30, 30, 3), "adults_children"), ((30, 30, 17, 3), "adults_children"),
        ((30, 30, 30), "other"), ((60, 10), "other"), ((60, 30, 10), "other"), ((30, None), None),
    ],
)  # fmt: skip
def test_household_type_of_core(ages, kind):
    assert (
        of(*((age, "female", "lead" if n == 0 else "other") for n, age in enumerate(ages))) == kind
    )


def test_until_march_2025_a_child_of_17_was_a_child():
    family = [(40, "female", "lead"), (18, "male", "child")]  # 17 a year earlier
    assert of(*family) == "two_adults"
    assert of(*family, as_of=dt.date(2025, 3, 31)) == "one_adult_children"
    assert (
        of((40, "female", "lead"), (18, "male", "other"), as_of=dt.date(2025, 3, 31))
        == "two_adults"
    )


def test_counts_and_ages():
    columns = (
        "n_residents",
        "n_adults",
        "n_children",
        "n_elders",
        "n_under_5",
        "oldest_age",
        "youngest_age",
    )
    family = [
        (40, "female", "lead"),
        (62, "female", "parent"),
        (4, "male", "child"),
        (5, "male", "child"),
    ]
    assert of(*family, columns=columns) == (4, 1, 2, 1, 1, 62, 4)


def test_a_birthday_counts_from_the_day():
    engine = home((30, "female", "lead"), (0, "male", "child"))
    engine.execute(
        "UPDATE identity.person SET date_of_birth = DATE '2021-03-31' WHERE person_id = 'P1'"
    )
    build(engine, as_of=AS_OF, models=household.MODELS)
    assert one(engine, HOUSEHOLD, "youngest_age", "n_under_5") == (5, 0)
    build(engine, as_of=AS_OF - dt.timedelta(days=1), models=household.MODELS)
    assert one(engine, HOUSEHOLD, "youngest_age", "n_under_5") == (4, 1)


def test_lone_parent():
    assert of((30, "female", "lead"), (3, "male", "child"), columns="is_lone_parent") is True
    assert of((30, "female", "lead"), (16, "male", "child"), columns="is_lone_parent") is False
    assert of((30, "female", "lead"), (None, "male", "child"), columns="is_lone_parent") is None
    assert of((30, "female", "lead"), columns="is_lone_parent") is False


@pytest.mark.parametrize(
    ("relationships", "three"),
    [
        (("lead", "child", "parent"), True), (("lead", "child", "grandchild"), True),
        (("lead", "partner", "child"), False),
        (("lead", "parent", "unknown"), None), (("lead", "child", "grandchild", "unknown"), True),
    ],
)  # fmt: skip
def test_three_generations(relationships, three):
    assert (
        of(*((40, "female", word) for word in relationships), columns="is_multi_generational")
        is three
    )


def test_next_of_kin_and_people_who_left_are_not_of_the_household():
    engine = home((40, "female", "lead"), (70, "female", "parent"), (20, "male", "child"))
    engine.execute("UPDATE identity.member SET lives_there = false WHERE person_id = 'P1'")
    engine.execute("UPDATE identity.member SET is_current = false WHERE person_id = 'P2'")
    build(engine, as_of=AS_OF, models=household.MODELS)
    assert one(engine, HOUSEHOLD, "n_residents", "core_household_type") == (1, "one_adult")


# --- the home ------------------------------------------------------------------------------------

COUPLE = [(40, "female", "lead"), (41, "male", "partner")]
ROOMS = ("standard_rooms_min", "standard_rooms_max", "size_rooms_min", "size_rooms_max")


def test_rooms_by_both_rules_from_the_profile_and_the_graph():
    assert fit(*COUPLE, (19, "female", "child"), (17, "female", "child"), columns=ROOMS) == (
        2,
        2,
        3,
        3,
    )


def test_without_any_answer_about_sex_the_rooms_are_an_interval():
    family = [*COUPLE, (14, "male", "child"), (12, "male", "child")]
    assert fit(*family, columns=ROOMS) == (2, 2, 2, 2)
    assert fit(*family, sexes=False, columns=ROOMS) == (2, 3, 2, 3)
    assert fit(
        *family, sexes=False, bedrooms=2, columns=("occupancy_ons", "size_reduction_percent")
    ) == ("unknown", 0)


@pytest.mark.parametrize(
    ("bedrooms", "ons", "ehs", "percent"),
    [
        (0, "at_standard", "at_standard", 0), (1, "at_standard", "at_standard", 0),
        (2, "under_occupied", "at_standard", 14), (3, "under_occupied", "under_occupied", 25),
        (None, "unknown", "unknown", None),
    ],
)  # fmt: skip
def test_a_single_person_in_homes_of_every_size(bedrooms, ons, ehs, percent):
    columns = ("occupancy_ons", "occupancy_ehs", "size_reduction_percent")
    assert fit((45, "female", "lead"), bedrooms=bedrooms, columns=columns) == (ons, ehs, percent)


def test_overcrowded():
    family = [*COUPLE, (14, "male", "child"), (12, "female", "child")]
    columns = ("standard_rating_min", "standard_rating_max", "occupancy_ons", "spare_bedrooms_max")
    assert fit(*family, bedrooms=2, columns=columns) == (-1, -1, "overcrowded", 0)


@pytest.mark.parametrize(
    ("people", "more", "exemption", "percent"),
    [
        ([(66, "female", "lead")], {}, "pension_age", 0),
        ([(50, "female", "lead"), (66, "male", "partner")], {}, "pension_age", 0),
        ([(50, "female", "lead"), (80, "male", "parent")], {"bedrooms": 3}, "none", 14),
        ([(45, "female", "lead")], {"tenure": "temporary"}, "temporary", 0),
        ([(45, "female", "lead")], {"tenure": "shared_ownership"}, "shared_ownership", 0),
        ([(45, "female", "lead")], {"is_supported": True}, "supported", 0),
        ([(None, "female", "lead")], {}, "unknown", None),
        ([(45, "female", "lead")], {"tenure": "leasehold"}, "none", None),
    ],
)
def test_exemptions_from_the_size_criteria(people, more, exemption, percent):
    columns = ("size_exemption", "size_reduction_percent")
    assert fit(*people, columns=columns, **more) == (exemption, percent)


def test_a_lodger_has_a_room_in_housing_benefit_and_none_in_universal_credit():
    people = [*COUPLE, (30, "male", "lodger")]
    assert fit(*people, columns="size_rooms_max") == 2
    claim = (("housing_benefit", "H", "uc_housing"),)
    assert fit(*people, answers=claim, columns="size_rooms_max") == 1


def test_fostering_and_overnight_care_are_read_from_the_profile():
    answers = (("foster_carer", "P0", "true"), ("overnight_carer", "H", "true"))
    assert fit(*COUPLE, answers=answers, columns=ROOMS) == (1, 1, 3, 3)


@pytest.mark.parametrize(
    ("people", "exempt"),
    [
        ([(56, "female", "lead")], True), ([(55, "female", "lead")], False),
        ([(56, "female", "lead"), (56, "male", "partner")], True),
        ([(56, "female", "lead"), (40, "male", "partner")], False),
        ([(56, "female", "lead"), (56, "male", "sibling")], False), ([(None, "female", "lead")], None),
    ],
)  # fmt: skip
def test_over_55_is_never_disqualified_for_lack_of_room_need(people, exempt):
    assert fit(*people, columns="register_exempt") is exempt
