"""A single number, as a page or a command may show it."""

from __future__ import annotations

import pytest

from rooftree.disclosure import door
from rooftree.vocabulary.errors import DataError


@pytest.mark.parametrize(
    ("n", "policy", "text", "status"),
    [
        (1234, "rooftree", "1,234", "shown"),
        (5, "rooftree", "5", "shown"),
        (4, "rooftree", "c", "suppressed"),
        (0, "rooftree", "0", "zero"),
        (4, "ofqual", "fewer than 5", "suppressed"),
        (7, "ofqual", "5", "rounded"),
        (8, "ofqual", "10", "rounded"),
        (0, "ofqual", "0", "zero"),
        (7, "nhs_new", "*", "suppressed"),
        (0, "ons_households", "c", "suppressed"),
        (2, "hesa", "0", "rounded"),
        (3, "hesa", "5", "rounded"),
        (9, "acro", "c", "suppressed"),
        (6, "by_people", "5", "rounded"),
        (1, "exact", "1", "shown"),
    ],
)
def test_a_count(n: int, policy: str, text: str, status: str):
    figure = door.count(n, policy)
    assert (figure.text, figure.status, str(figure)) == (text, status, text)
    assert (figure.value is None) == (status == "suppressed")


def test_a_share_has_its_part_its_rest_and_its_whole_to_hide():
    assert door.share(40, 100, "rooftree").text == "40.0%"
    assert door.share(4, 100, "rooftree").text == "c"
    assert door.share(97, 100, "rooftree").text == "c", "three are the rest"
    assert door.share(0, 3, "rooftree").text == "c"
    assert door.share(0, 0, "rooftree").text == "–"


def test_a_share_comes_from_rounded_counts_where_the_policy_says_so():
    assert door.share(12, 54, "ofqual").text == "22.2%"
    assert door.share(12, 54, "nhs_new").text == "18.2%"


def test_a_share_of_a_few_people_is_not_shown():
    assert door.share(10, 22, "hesa").status == "suppressed"
    assert door.share(10, 23, "hesa").text == "43.5%"


def test_an_average_of_a_few_people_is_not_shown():
    assert door.average(12.34, 7, "hesa").status == "suppressed"
    assert door.average(12.34, 8, "hesa").text == "12.3"
    assert door.average(12.34, 0, "hesa").text == "–"


def test_an_index_is_one_share_over_another():
    assert door.index(30, 100, 200, 1000, "rooftree").text == "150"
    assert door.index(3, 100, 200, 1000, "rooftree").status == "suppressed"
    assert door.index(30, 100, 0, 1000, "rooftree").text == "–"


def test_a_short_list_hides_a_second_number_where_its_total_is_known():
    found = door.counts({"yes": 40, "no": 30, "refused": 3}, "rooftree")
    assert {label: figure.text for label, figure in found.items()} == {
        "yes": "40", "no": "c", "refused": "c", "Total": "73",
    }  # fmt: skip
    alone = door.counts({"yes": 40, "no": 30, "refused": 3}, "rooftree", total=False)
    assert [figure.text for figure in alone.values()] == ["40", "30", "c"]


def test_staff_who_may_list_the_people_see_exact_numbers():
    assert door.counts({"yes": 1, "no": 2}, "exact")["yes"].text == "1"


@pytest.mark.parametrize(
    "call", [lambda: door.count(-1, "ofqual"), lambda: door.share(5, 3, "ofqual")]
)
def test_what_is_no_count_is_refused(call):
    with pytest.raises(DataError):
        call()
