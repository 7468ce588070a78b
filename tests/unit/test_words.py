"""How values are said at the terminal."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest

from rooftree.catalogue.load import load
from rooftree.cli.words import code, day, pounds, said

CATALOGUE = load()


@pytest.mark.parametrize(
    ("value", "words"),
    [("2024-05-03", "3 May 2024"), (dt.date(2024, 12, 31), "31 December 2024"), (None, "–")],
)
def test_a_date(value, words):
    assert day(value) == words


@pytest.mark.parametrize(
    ("pence", "words"), [(123_456, "£1,234.56"), ("-8880", "−£88.80"), (0, "£0.00")]
)
def test_money(pence, words):
    assert pounds(pence) == words


def test_codes_have_their_labels_and_unknown_ones_stay_readable():
    assert code("secure", "tenure", CATALOGUE) == "Secure tenancy"
    assert code("vision;hearing", "impairment", CATALOGUE).count(",") >= 1
    assert code("no_such_code", "tenure", CATALOGUE) == "no such code"
    assert code(None, "tenure", CATALOGUE) == "–"


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("weekly_charge_pence", 11124, "£111.24 per week"),
        ("cases_12m", 1, "1 case"),
        ("cases_12m", 3, "3 cases"),
        ("n_residents", 1, "1 person"),
        ("weeks_behind", -0.798, "−0.8 weeks"),
        ("steady_gap_share", 0.874, "87%"),
        ("in_arrears", False, "no"),
        ("last_payment_on", "2026-03-05", "5 March 2026"),
    ],
)
def test_a_feature_is_said_with_its_unit(key, value, words):
    feature = CATALOGUE.features[key]
    if key == "weekly_charge_pence":
        feature = dataclasses.replace(feature, unit="pence per week")
    assert said(value, feature, CATALOGUE) == words
