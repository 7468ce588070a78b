"""Linkage on published data, without labels and without the national number."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from rooftree.identity import link

pytestmark = pytest.mark.realdata


def test_febrl_4(real_data: Path) -> None:
    """5,000 true links of 10,000 records; a published baseline is precision 1.000, recall 0.648."""
    left, right = (
        pd.read_csv(real_data / "linkage" / f"dataset4{side}.csv", dtype=str, skipinitialspace=True)
        for side in "ab"
    )
    found = link(left, right).links.to_pandas()
    number = r"rec-(\d+)-"
    right_ones = (
        found.unique_id_l.str.extract(number)[0] == found.unique_id_r.str.extract(number)[0]
    )
    precision, recall = right_ones.mean(), right_ones.sum() / 5000
    assert precision >= 0.999
    assert 2 * precision * recall / (precision + recall) >= 0.995


def test_fake_1000(real_data: Path) -> None:
    """Duplicates within one table that holds a name, a birth date, a town and an e-mail, much spoilt."""
    people = pd.read_csv(real_data / "linkage" / "fake_1000.csv", dtype=str)
    truth = people.rename(columns={"cluster": "person"})[["unique_id", "person"]]
    judged = link(people, truth=truth).diagnostics.evaluation
    assert judged is not None
    assert judged.pairs.precision.value >= 0.99
    assert judged.pairs.f1 >= 0.86
