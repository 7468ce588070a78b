"""Our figures under the names that tests/oracles/survey.R prints, for a sample of tests/lib/survey_data.py."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from rooftree import survey
from rooftree.survey import Weighting
from tests.lib.survey_data import MARGINS, Sample

#: How each design of the R script is said to `estimate`.
DESIGNS: dict[str, dict[str, str]] = {
    "clustered": {"strata": "area", "cluster": "building"},
    "finite": {"strata": "area", "cluster": "building", "fpc": "n_buildings"},
    "rows": {"strata": "area"},
}
SATISFIED = ("very_satisfied", "fairly_satisfied")


def figures(sample: Sample) -> dict[str, float]:
    """Every figure, by name."""
    table = sample.table
    found: dict[str, float] = {}
    _plain(table, found)
    for kind, design in DESIGNS.items():
        raked = survey.rake(table, sample.margins, weight="weight")
        _weights(f"raked.{kind}", raked, found)
        _estimates(f"raked.{kind}", raked, design, found)
        by_sex = survey.estimate(raked, "rent", by="sex", **design).rows()
        found[f"raked.{kind}.by.f.se"] = by_sex[0]["standard_error"]
    _weights("sweeps", survey.rake(table, sample.margins, weight="weight"), found)
    two = {field: sample.margins[field] for field in ("sex", "age")}
    linear = survey.calibrate(table, two, totals={"rooms": sample.rooms}, weight="weight")
    _weights("linear", linear, found)
    _estimates("linear", linear, DESIGNS["clustered"], found, statistics=("mean", "total"))
    post = survey.poststratify(table, ("sex", "age"), sample.cells, weight="weight")
    _weights("post", post, found)
    _estimates("post", post, DESIGNS["clustered"], found, statistics=("mean", "total", "ratio"))
    _replicates(sample, found)
    _lonely(table, found)
    return found


def _one(found: dict[str, float], name: str, data: Any, target: str, **how: Any) -> dict[str, Any]:
    row = survey.estimate(data, target, **how).rows()[0]
    found[name], found[f"{name}.se"] = row["estimate"], row["standard_error"]
    return row


def _plain(table: pa.Table, found: dict[str, float]) -> None:
    clustered: dict[str, Any] = {"weight": "weight", **DESIGNS["clustered"]}
    mean = _one(found, "clustered.mean", table, "rent", **clustered)
    found["clustered.mean.low"], found["clustered.mean.high"] = mean["low"], mean["high"]
    found["clustered.mean.deff"] = mean["design_effect"]
    total = _one(found, "clustered.total", table, "rent", statistic="total", **clustered)
    found["clustered.total.deff"] = total["design_effect"]
    _one(found, "clustered.ratio", table, "rent", statistic="ratio", over="rooms", **clustered)
    _one(found, "clustered.score", table, "score", **clustered)
    found["clustered.df"] = survey.estimate(table, "rent", **clustered).degrees_of_freedom
    for kind in ("finite", "rows"):
        _one(found, f"{kind}.mean", table, "rent", weight="weight", **DESIGNS[kind])
    for row in survey.estimate(table, "answer", statistic="proportion", **clustered).rows():
        found[f"answer{row['category']}"] = row["estimate"]
        found[f"answer{row['category']}.se"] = row["standard_error"]
    # R's interval is made from a design of the rows that answered: the rest are taken out before.
    answered = table.filter(table["answer"].is_valid())
    for ours, theirs in (("logit", "logit"), ("korn_graubard", "beta")):
        yes = survey.estimate(
            answered, "answer", statistic="proportion", counts=SATISFIED, interval=ours, **clustered
        ).rows()[0]
        found[f"yes.{theirs}"] = yes["estimate"]
        found[f"yes.{theirs}.low"], found[f"yes.{theirs}.high"] = yes["low"], yes["high"]
    for row in survey.estimate(table, "rent", by="sex", **clustered).rows():
        found[f"by.{row['sex']}"] = row["estimate"]
        found[f"by.{row['sex']}.se"] = row["standard_error"]


def _weights(name: str, weighting: Weighting, found: dict[str, float]) -> None:
    for place in (1, 2, 50, 101, 240):
        found[f"{name}.w{place}"] = float(weighting.weights[place - 1])
    found[f"{name}.sum_squares"] = float(np.square(weighting.weights).sum())


def _estimates(
    name: str,
    weighting: Weighting,
    design: dict[str, str],
    found: dict[str, float],
    *,
    statistics: tuple[str, ...] = ("mean", "total", "score"),
) -> None:
    for statistic in statistics:
        over = "rooms" if statistic == "ratio" else None
        target = "score" if statistic == "score" else "rent"
        kind = "mean" if statistic == "score" else statistic
        _one(found, f"{name}.{statistic}", weighting, target, statistic=kind, over=over, **design)


def _replicates(sample: Sample, found: dict[str, float]) -> None:
    table, clustered = sample.table, DESIGNS["clustered"]
    jack = survey.jackknife(table, weight="weight", **clustered)
    plain: dict[str, Any] = {"weight": "weight", **clustered, "replicates": jack}
    _one(found, "jackknife.mean", table, "rent", **plain)
    _one(found, "jackknife.ratio", table, "rent", statistic="ratio", over="rooms", **plain)
    finite = survey.jackknife(table, weight="weight", **DESIGNS["finite"])
    _one(found, "jackknife.finite.mean", table, "rent", weight="weight", replicates=finite)
    raked = survey.rake(table, {field: sample.margins[field] for field in MARGINS}, weight="weight")
    again = survey.jackknife(raked, **clustered)
    _one(found, "jackknife.raked.mean", raked, "rent", replicates=again)
    _one(found, "jackknife.raked.total", raked, "rent", statistic="total", replicates=again)


def _lonely(table: pa.Table, found: dict[str, float]) -> None:
    alone = table.filter(
        pa.array(
            [
                not (area == "N" and building != "b0")
                for area, building in zip(
                    table["area"].to_pylist(), table["building"].to_pylist(), strict=True
                )
            ]
        )
    )
    for how in ("adjust", "certainty"):
        for statistic in ("mean", "total"):
            _one(
                found, f"lonely.{how}.{statistic}", alone, "rent",
                statistic=statistic, weight="weight", lonely=how, **DESIGNS["clustered"],
            )  # fmt: skip
