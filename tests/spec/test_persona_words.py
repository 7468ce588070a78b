"""Words for sizes, bands for numbers, and names that a group may have."""

from __future__ import annotations

import pytest

from rooftree.catalogue import load
from rooftree.segments.names import stigma
from rooftree.segments.persona.bands import age_bands, bands_of, year_bands
from rooftree.segments.persona.phrases import PHRASES, phrase
from rooftree.segments.persona.words import (
    NAMES,
    check_name,
    name_for,
    percent,
    size,
    small,
)
from rooftree.storage.engine import Engine
from rooftree.vocabulary.errors import UserError

CATALOGUE = load()

SIZES = [
    (0.0, "none"), (0.01, "very few"), (0.05, "about one in twenty"), (0.1, "about one in ten"),
    (0.2, "about one in five"), (0.25, "about a quarter"), (0.3, "about three in ten"),
    (0.33, "about a third"), (0.4, "about four in ten"), (0.5, "about half"), (0.6, "about six in ten"),
    (0.66, "about two thirds"), (0.7, "about seven in ten"), (0.75, "about three quarters"),
    (0.8, "about eight in ten"), (0.9, "about nine in ten"), (0.99, "almost all"), (1.0, "all"),
]  # fmt: skip


@pytest.mark.parametrize(("share", "words"), SIZES)
def test_a_share_in_words(share, words):
    assert size(share) == words


def test_per_cent_never_says_none_or_all_where_it_is_not_so():
    assert [percent(share) for share in (0, 0.001, 0.624, 0.999, 1)] == [
        "0%", "under 1%", "62%", "over 99%", "100%",
    ]  # fmt: skip


def test_a_label_inside_a_sentence_begins_small_unless_it_is_a_name():
    assert small("Large print") == "large print"
    assert small("GP letter") == "GP letter"
    assert small("Universal Credit") == "Universal Credit"


def test_every_phrase_is_of_an_attribute_and_a_code_that_exist():
    known = {**CATALOGUE.features, **CATALOGUE.attributes}
    for key, phrases in PHRASES.items():
        thing = known[key]
        if isinstance(phrases, str) or thing.type in ("boolean", "number"):
            continue
        codes = set(CATALOGUE.code_lists[thing.codes].keys)
        assert set(phrases) <= codes, key


def test_no_phrase_is_of_equality_monitoring_and_none_stigmatises():
    for key, phrases in PHRASES.items():
        attribute = CATALOGUE.attributes.get(key)
        assert attribute is None or not attribute.equality_monitoring
        for words in [phrases] if isinstance(phrases, str) else phrases.values():
            assert not stigma(words), words


def test_what_nobody_should_be_told_has_no_phrase():
    assert phrase("contents_insurance", "none", "No") == "have no contents insurance"
    assert phrase("information_format_need", "none", "No specific format needed") is None
    assert phrase("support_needs", "~rare", "All others together") is None
    assert phrase("weeks_behind", "1", "2 weeks") is None


def test_numbers_fall_into_bands_with_plain_edges():
    bands = bands_of([float(n) for n in range(1, 1001)], unit="days")
    assert bands.edges == (100.0, 200.0, 400.0, 600.0, 800.0, 900.0)
    assert bands.labels[0] == "Under 100 days"
    assert bands.labels[1] == "100 to 199 days"
    assert bands.labels[-1] == "900 days or more"


def test_a_number_with_few_values_has_a_band_for_each():
    bands = bands_of([0, 1, 1, 2, 3], unit="children")
    assert bands.labels == ("0 children", "1 child", "2 children", "3 children")


def test_nought_is_a_band_of_its_own_where_many_have_it():
    bands = bands_of([0] * 50 + [100 * n for n in range(1, 51)], money=True)
    assert bands.labels[0] == "Nothing"
    assert bands.labels[1].startswith("1p to under £")


def test_money_on_both_sides_of_nought():
    bands = bands_of([-5_000 + 100 * n for n in range(200)], money=True)
    assert bands.labels[0] == "Under −£31"
    assert bands.labels[-1] == "£130 or more"


@pytest.mark.parametrize("values", [[], [3.0, 3.0], [float("nan")]])
def test_no_bands_where_all_are_alike(values):
    assert bands_of(values) is None


def test_an_edge_is_seldom_anybody_s_own_value():
    bands = bands_of([1234.5 + 3.7 * n for n in range(1000)])
    assert all(edge == float(f"{edge:.2g}") for edge in bands.edges)


def test_bands_hold_what_their_labels_say():
    with Engine() as engine:
        for bands, value, label in [
            (age_bands(), "64", "55 to 64"), (age_bands(), "65", "65 to 74"), (age_bands(), "15", "Under 16"),
            (age_bands(), "101", "85 or over"), (year_bands(), "-0.1", "Still to come"),
            (year_bands(), "0.5", "In the last year"), (year_bands(), "20", "20 years ago or more"),
        ]:  # fmt: skip
            assert bands.labels[engine.value(f"SELECT {bands.sql(value)}")] == label
        assert engine.value(f"SELECT {age_bands().sql('NULL')}") is None


def test_neutral_names():
    assert name_for(3) == "Group 3"
    assert name_for(3, trees=True) == "Birch"
    assert name_for(None) == "This group"
    for name in NAMES:
        check_name(name, CATALOGUE)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("Problem tenants", "Say what is needed"),
        ("Muslim elders", "religion"),
        ("Gay men in flats", "sexual_orientation"),
        ("White retired couples", "ethnic_group"),
    ],
)
def test_a_name_that_stigmatises_or_makes_an_equality_answer_the_trait_is_refused(name, says):
    with pytest.raises(UserError, match=says):
        check_name(name, CATALOGUE)


@pytest.mark.parametrize(
    "name", ["Letters in Welsh", "Hearing loops needed", "Long-standing tenants"]
)
def test_a_name_may_say_what_is_needed(name):
    check_name(name, CATALOGUE)


def test_a_landlord_adds_its_own_words():
    with pytest.raises(UserError, match="Say where"):
        check_name("Bottom-enders", CATALOGUE, own={"bottom[ -]enders?": "Say where."})


@pytest.mark.parametrize(
    ("label", "words"),
    [("2 repairs", "had 2 repairs in the last year"), ("none", "had no repairs in the last year"),
     ("0 repairs", "had no repairs in the last year")],
)  # fmt: skip
def test_a_number_that_is_none_has_words_of_its_own(label, words):
    assert phrase("repairs_12m", "0", label) == words


@pytest.mark.parametrize(
    ("run", "label"),
    [("0-1", "Under 25"), ("2-4", "25 to 54"), ("7-8", "75 or over"), ("3", "35 to 44")],
)
def test_bands_that_were_joined_have_one_label(run, label):
    assert age_bands().label(run) == label


def test_joined_bands_of_money_and_of_years():
    money = bands_of([float(n) for n in range(0, 100_000, 100)], money=True)
    assert money.label("1-2") == "£99 to under £400"
    assert year_bands().label("1-2") == "In the last year or 1 to 2 years ago"
