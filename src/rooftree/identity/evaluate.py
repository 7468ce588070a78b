"""How right a linkage is, when the truth is known: precision, recall and F1 with intervals.

Two counts, both over what was predicted and what is true:

- pairs: two records are a pair when they are in one cluster (of the prediction, of the truth);
- clusters: a predicted cluster counts as right only if it holds exactly the records of a true one.
  Clusters of two records or more are counted, so that the many records that stand alone, which are
  easy, do not flatter the figure. This is the strict measure, and the one that gates quote.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from rooftree.storage.engine import Engine


@dataclass(frozen=True, slots=True)
class Share:
    """A share with its 95% Wilson interval; all three are 1 where nothing could be wrong."""

    value: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Precision, recall and F1 of one kind of thing. F1's interval follows from the other two."""

    precision: Share
    recall: Share
    f1: float
    f1_low: float
    f1_high: float


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What was right: by pairs, and by whole clusters of two records or more."""

    pairs: Accuracy
    clusters: Accuracy


def wilson(hits: float, n: float) -> Share:
    """A share of n and its 95% Wilson interval (E. B. Wilson, 1927)."""
    if n == 0:
        return Share(1.0, 1.0, 1.0, 0)
    z, p = 1.959964, hits / n
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return Share(p, max(middle - half, 0.0), min(middle + half, 1.0), int(n))


def _f1(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def _accuracy(hits: int, predicted: int, true: int) -> Accuracy:
    precision, recall = wilson(hits, predicted), wilson(hits, true)
    return Accuracy(
        precision, recall, _f1(precision.value, recall.value),
        _f1(precision.low, recall.low), _f1(precision.high, recall.high),
    )  # fmt: skip


def evaluate(engine: Engine, predicted: str, truth: str) -> Evaluation:
    """Compare `predicted` (unique_id, cluster_id) with `truth` (unique_id, person)."""
    engine.execute(
        f"CREATE OR REPLACE TEMP TABLE _tmp_identity_judged AS SELECT p.cluster_id AS c, t.person AS t, "
        f"count(*) AS k "
        f"FROM {predicted} AS p JOIN {truth} AS t ON p.unique_id = t.unique_id GROUP BY ALL"
    )
    in_both = _pairs(engine, "SELECT k FROM _tmp_identity_judged")
    by_cluster = "SELECT sum(k) AS k FROM _tmp_identity_judged GROUP BY c"
    by_person = "SELECT sum(k) AS k FROM _tmp_identity_judged GROUP BY t"
    exact = engine.value(
        """SELECT count(*) FROM _tmp_identity_judged AS j
        JOIN (SELECT c, sum(k) AS k FROM _tmp_identity_judged GROUP BY c) AS c ON c.c = j.c AND c.k = j.k
        JOIN (SELECT t, sum(k) AS k FROM _tmp_identity_judged GROUP BY t) AS t ON t.t = j.t AND t.k = j.k
        WHERE j.k >= 2"""
    )
    made, real = (
        engine.value(f"SELECT count(*) FROM ({one}) WHERE k >= 2")
        for one in (by_cluster, by_person)
    )
    result = Evaluation(
        pairs=_accuracy(in_both, _pairs(engine, by_cluster), _pairs(engine, by_person)),
        clusters=_accuracy(int(exact), int(made), int(real)),
    )
    engine.execute("DROP TABLE _tmp_identity_judged")
    return result


def _pairs(engine: Engine, sizes: str) -> int:
    return int(engine.value(f"SELECT coalesce(sum(k * (k - 1) / 2), 0) FROM ({sizes})"))
