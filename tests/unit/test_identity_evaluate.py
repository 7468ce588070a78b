"""The strict measure of linkage on a handful of records."""

from __future__ import annotations

import pyarrow as pa
import pytest

from rooftree.identity.evaluate import evaluate, wilson
from rooftree.storage.engine import Engine


def judged(engine: Engine, predicted: str, truth: str):
    """Compare two groupings, written as one letter for each record in turn."""
    refs = [str(i) for i in range(len(truth))]
    engine.con.register("predicted", pa.table({"unique_id": refs, "cluster_id": list(predicted)}))
    engine.con.register("truth", pa.table({"unique_id": refs, "person": list(truth)}))
    return evaluate(engine, "predicted", "truth")


def test_a_cluster_is_right_only_if_it_is_whole(engine: Engine) -> None:
    """Of clusters aa, bb, ccc one was found whole, one not at all, and one lost a record."""
    result = judged(engine, "xxpqyyz", "aabbccc")
    assert (result.clusters.precision.value, result.clusters.recall.value) == (1 / 2, 1 / 3)
    assert (result.pairs.precision.value, result.pairs.recall.value) == (1.0, 2 / 5)


def test_a_wrong_merge_spoils_two(engine: Engine) -> None:
    result = judged(engine, "xxxx", "aabb")
    assert result.clusters.f1 == 0
    assert result.pairs.precision.value == pytest.approx(1 / 3)


def test_records_that_stand_alone_do_not_flatter(engine: Engine) -> None:
    assert judged(engine, "abcdxx", "abcdef").clusters.precision.value == 0


def test_wilson_interval() -> None:
    """81 of 263: 0.2553 to 0.3662, the example of Newcombe (1998)."""
    share = wilson(81, 263)
    assert (round(share.low, 4), round(share.high, 4)) == (0.2553, 0.3662)
    assert wilson(0, 0).value == 1
