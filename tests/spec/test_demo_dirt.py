"""How records go wrong, one mistake at a time."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from rooftree.demo import dirt
from rooftree.demo.draws import NO_DAY, date, day, stream, words

MANY = 4_000


def test_a_typo_changes_one_place_of_a_word() -> None:
    names = words(["Margaret"] * MANY)
    said, hit = dirt.typos(stream(1, "t"), names, rate=0.5)
    assert 0.4 < hit.mean() < 0.55
    assert ((said != names) == hit).all()
    assert {abs(len(s) - 8) for s in said[hit]} <= {0, 1}


def test_short_words_are_left_alone() -> None:
    said, hit = dirt.typos(stream(1, "t"), words(["Li"] * 50), rate=1.0)
    assert set(said) == {"Li"}
    assert not hit.any()


def test_nicknames_only_where_there_is_one() -> None:
    said, hit = dirt.with_nicknames(stream(1, "n"), words(["William", "Xanthippe"] * 50), rate=1.0)
    assert hit.tolist() == [True, False] * 50
    assert set(said[::2]) <= {"Bill", "Will", "Billy"}


def test_swapped_dates_have_day_and_month_exchanged() -> None:
    days = np.array([day(dt.date(1980, 2, 11)), day(dt.date(1980, 2, 25)), NO_DAY])
    said, hit = dirt.swapped_dates(stream(1, "d"), days, rate=1.0)
    assert hit.tolist() == [True, False, False]
    assert date(said[0]) == dt.date(1980, 11, 2)
    assert said[1:].tolist() == days[1:].tolist()


@pytest.mark.parametrize("rate", [0.0, 1.0])
def test_blanks_and_missing_dates_follow_the_rate(rate: float) -> None:
    texts = dirt.blanked(stream(1, "b"), words(["x"] * 10), rate=rate)
    days = dirt.no_dates(stream(1, "b"), np.arange(10), rate=rate)
    assert (texts == "").mean() == rate
    assert (days == NO_DAY).mean() == rate
