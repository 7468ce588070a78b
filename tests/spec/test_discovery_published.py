"""Latent class fits that were published, to their last digit.

Carcinoma: Agresti 2002 and poLCA (Linzer and Lewis 2011). Role conflict: Goodman 1974.
"""

from __future__ import annotations

import os

import numpy as np
import pyarrow.csv as pc
import pytest

from rooftree.segments.discovery import Discovery, discover
from tests.lib.classes import CARCINOMA, ROLE_CONFLICT, published, quickly, repeated

PATHOLOGISTS = list("ABCDEFG")
REPLICATES = 199 if os.environ.get("ROOFTREE_FUZZ") else 19


@pytest.fixture(scope="module")
def carcinoma() -> Discovery:
    table = published(CARCINOMA, "ABCDEFG")
    return discover(table, PATHOLOGISTS, classes=range(1, 5), weight="n", **quickly())


@pytest.mark.parametrize(
    ("classes", "parameters", "log_likelihood", "aic", "bic"),
    [
        (1, 7, -524.4648, 1062.930, 1082.324),
        (2, 15, -317.2568, 664.514, 706.074),
        (3, 23, -293.7050, 633.410, 697.136),
        (4, 31, -289.2858, 640.572, 726.463),
    ],
)
def test_carcinoma(
    carcinoma: Discovery,
    classes: int,
    parameters: int,
    log_likelihood: float,
    aic: float,
    bic: float,
):
    evidence = carcinoma.choose(classes).model.evidence
    assert evidence.parameters == parameters
    assert evidence.log_likelihood == pytest.approx(log_likelihood, abs=1e-4)
    assert evidence.aic == pytest.approx(aic, abs=1e-3)
    assert evidence.bic == pytest.approx(bic, abs=1e-3)


def test_three_classes_of_carcinoma(carcinoma: Discovery):
    three = carcinoma.choose(3)
    assert three.shares == pytest.approx([0.4447, 0.3736, 0.1817], abs=5e-5)
    assert three.model.evidence.g2 == pytest.approx(15.26171, abs=1e-5)
    assert three.model.evidence.x2 == pytest.approx(20.50336, abs=1e-5)
    says_no = [
        row["probability"]
        for row in three.profiles.to_pylist()
        if (row["item"], row["code"]) == ("A", "1")
    ]
    assert says_no == pytest.approx([0.0, 0.9427, 0.4872], abs=5e-5)


def test_modal_shares_of_carcinoma(carcinoma: Discovery):
    everybody = repeated(published(CARCINOMA, "ABCDEFG"), "n")
    placed = carcinoma.choose(3).assign(everybody)["class"].to_numpy()
    shares = np.bincount(placed, minlength=4)[1:] / len(everybody)
    assert shares == pytest.approx([0.4322, 0.3729, 0.1949], abs=5e-5)


def test_the_best_of_four_classes_is_not_the_local_maximum_in_the_manual(carcinoma: Discovery):
    """poLCA's manual prints an AIC of 641.6, which some starts come to as well."""
    evidence = carcinoma.choose(4).model.evidence
    assert evidence.aic < 640.6
    assert 3 <= evidence.reached < evidence.starts


@pytest.mark.slow
def test_three_classes_of_carcinoma_are_tested_and_stable():
    """Three classes say more than two by the bootstrap test, and four no more than three."""
    table = published(CARCINOMA, "ABCDEFG")
    found = discover(
        table, PATHOLOGISTS, classes=range(2, 5), weight="n", replicates=REPLICATES, resamples=10
    )
    p = {one.classes: one.ratio_test.p for one in found.evidence if one.ratio_test}
    assert p[2] == p[3] == pytest.approx(1 / (1 + REPLICATES))
    assert p[4] > 0.05
    assert found.verdict.suggested == 3


@pytest.mark.parametrize(("classes", "g2", "df"), [(1, 81.08, 11), (2, 2.72, 6)])
def test_role_conflict(classes: int, g2: float, df: int):
    """Goodman 1974: the four situations do not hang together by chance, and two classes suffice."""
    table = published(ROLE_CONFLICT, "ABCD")
    found = discover(table, list("ABCD"), classes=classes, weight="n", **quickly())
    assert found.model.evidence.g2 == pytest.approx(g2, abs=5e-3)
    assert found.model.evidence.df == df


@pytest.mark.realdata
def test_admissions_to_berkeley_fall_into_groups_of_departments(real_data):
    """4,526 applicants in 24 cells. One class has a closed form; with more, departments part."""
    table = pc.read_csv(real_data / "UCBAdmissions.csv")
    found = discover(
        table, ["Admit", "Gender", "Dept"], classes=range(1, 4), weight="Freq", **quickly()
    )
    one = found.choose(1)
    expected = 0.0
    for item in ("Admit", "Gender", "Dept"):
        counts = table.group_by(item).aggregate([("Freq", "sum")])["Freq_sum"].to_numpy()
        expected += float(counts @ np.log(counts / counts.sum()))
    assert one.n == 4526
    assert one.log_likelihood == pytest.approx(expected, abs=1e-6)
    two = found.choose(2)
    assert two.bic < one.bic
    men = [
        row["probability"]
        for row in two.profiles.to_pylist()
        if (row["item"], row["code"]) == ("Gender", "Male")
    ]
    assert abs(men[0] - men[1]) > 0.3
