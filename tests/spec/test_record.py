"""What a purpose may see of one person."""

from __future__ import annotations

import pytest

from rooftree.catalogue import load
from rooftree.catalogue.model import Catalogue
from rooftree.pipeline.record import check_purpose, visible
from rooftree.vocabulary.errors import PolicyDenied


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load()


def _value(attribute: str, value: str = "x") -> dict[str, object]:
    return {"attribute": attribute, "state": "answered", "value": value}


def _document(**more: object) -> dict[str, object]:
    return {"person_id": "P1", "given_name": "Ada", "family_name": "Invented"} | more


def test_a_need_is_shown_to_those_who_must_meet_it(catalogue: Catalogue):
    document = _document(held=[_value("evacuation_need", "needs_assistance")])
    seen = visible(document, purpose="fire_safety", catalogue=catalogue)
    assert [value["attribute"] for value in seen.values] == ["evacuation_need"]


@pytest.mark.parametrize("attribute", ["ethnic_group", "religion", "sexual_orientation"])
def test_answers_for_equality_monitoring_are_shown_to_nobody(catalogue: Catalogue, attribute: str):
    for purpose in (p.key for p in catalogue.purposes.values() if p.selects):
        seen = visible(_document(held=[_value(attribute)]), purpose=purpose, catalogue=catalogue)
        assert seen.values == ()
        assert seen.hidden == {"equality monitoring: counted, never shown": 1}


def test_what_serves_another_purpose_is_counted_and_not_shown(catalogue: Catalogue):
    marketing = [
        a.key for a in catalogue.attributes.values() if "repairs_and_safety" not in a.select_for
    ]
    document = _document(held=[_value(key) for key in marketing])
    seen = visible(document, purpose="repairs_and_safety", catalogue=catalogue)
    assert seen.values == ()
    assert sum(seen.hidden.values()) == len(marketing)


def test_an_attribute_that_left_the_catalogue_is_shown_to_nobody(catalogue: Catalogue):
    seen = visible(
        _document(held=[_value("shoe_size")]), purpose="tenancy_management", catalogue=catalogue
    )
    assert (seen.values, seen.hidden) == ((), {"not in the catalogue": 1})


def test_features_follow_the_same_rule(catalogue: Catalogue):
    money = next(
        f
        for f in catalogue.features.values()
        if "income_collection" in f.select_for and f.grain == "tenancy"
    )
    tenancy = {"tenancy_id": "T1", "home": None, money.table: {money.key: 1, "not_declared": 2}}
    document = _document(tenancies=[tenancy])
    for purpose, expected in (("income_collection", {money.key: 1}), ("marketing", {})):
        seen = visible(document, purpose=purpose, catalogue=catalogue)
        assert seen.tenancies[0]["features"] == expected
        assert money.table not in seen.tenancies[0]


@pytest.mark.parametrize(
    ("purpose", "message"),
    [
        ("equality_monitoring", "may count people and never look at one"),
        ("curiosity", "There is no purpose"),
    ],
)
def test_a_purpose_must_exist_and_may_have_to_count_only(
    catalogue: Catalogue, purpose: str, message: str
):
    with pytest.raises(PolicyDenied, match=message):
        check_purpose(purpose, catalogue)
