"""How long linkage takes, against plain Splink with the same keys and comparisons.

    python -m benchmarks.linkage [records]

Both sides start from the same normalised records in the same process. Plain Splink estimates chance
agreement from a million random pairs (its default), learns on three keys, predicts and clusters; it
has no guard, no frequency of names and no second look at groups. Times depend on the machine, so
ratios are what counts; results/linkage.md says which machine.
"""

from __future__ import annotations

import logging
import resource
import sys
import time
from collections.abc import Callable
from typing import Any

import pyarrow as pa
from splink import DuckDBAPI, Linker

from rooftree.identity.clustering import cluster
from rooftree.identity.evaluate import evaluate
from rooftree.identity.linking import PRECISION, threshold_for
from rooftree.identity.model import Model
from rooftree.identity.normalise import RAW, comparison_table
from rooftree.identity.scoring import score, score_new
from rooftree.identity.training import train
from rooftree.storage.engine import Engine
from tests.lib.households import make

N_NEW = 5_000


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    begun = time.perf_counter()
    result = work()
    return time.perf_counter() - begun, result


def _raw(engine: Engine, table: pa.Table) -> None:
    engine.con.register("made", table)
    columns = ", ".join(
        f"CAST({name} AS VARCHAR) AS {name}"
        if name in table.column_names
        else f"CAST(NULL AS VARCHAR) AS {name}"
        for name in RAW
    )
    engine.execute(f"CREATE TEMP TABLE raw AS SELECT {columns} FROM made")
    engine.execute("CREATE TEMP TABLE truth AS SELECT unique_id, person FROM made")


def _links(engine: Engine, threshold: float) -> None:
    engine.execute(
        "CREATE OR REPLACE TEMP TABLE links AS SELECT unique_id_l, unique_id_r, weight FROM pairs "
        f"WHERE guard IS NULL AND weight >= {threshold}"
    )


def _ours(engine: Engine) -> tuple[dict[str, float], Model]:
    trained, (model, _) = _timed(lambda: train(engine, "records"))
    scored, _ = _timed(lambda: score(engine, "records", "pairs", model))
    _links(engine, threshold_for(engine, "pairs", PRECISION))
    clustered, _ = _timed(lambda: cluster(engine, "records", "links", "clusters", model=model))
    return {"train": trained, "score": scored, "cluster": clustered}, model


def _plain(engine: Engine, model: Model) -> dict[str, float]:
    """Splink alone: same comparisons and keys, its own training, prediction and clustering."""
    settings = model.settings(link_type="dedupe_only")
    settings["retain_intermediate_calculation_columns"] = False
    api = DuckDBAPI(engine.con)
    linker = Linker(api.register("records"), settings)

    def learn() -> None:
        linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
        for key in ("l.dob = r.dob AND l.given = r.given", "l.email = r.email AND l.given = r.given",
                    "l.postcode = r.postcode AND l.family = r.family AND l.given = r.given"):  # fmt: skip
            linker.training.estimate_parameters_using_expectation_maximisation(key)

    learnt, _ = _timed(learn)
    predicted, pairs = _timed(lambda: linker.inference.predict(threshold_match_probability=0.5))
    clustered, groups = _timed(
        lambda: linker.clustering.cluster_pairwise_predictions_at_threshold(
            pairs, threshold_match_probability=0.95
        )
    )
    engine.execute(
        "CREATE TEMP TABLE plain AS SELECT unique_id, CAST(cluster_id AS VARCHAR) AS cluster_id "
        f"FROM {groups.physical_name}"
    )
    linker.table_management.delete_tables_created_by_splink_from_db()
    return {"train": learnt, "score": predicted, "cluster": clustered}


def _incremental(engine: Engine, model: Model) -> float:
    """So many new records against all the others."""
    engine.execute(
        f"CREATE TEMP TABLE new AS SELECT * FROM records ORDER BY hash(unique_id) LIMIT {N_NEW}"
    )
    engine.execute(
        "CREATE TEMP TABLE existing AS SELECT * FROM records ANTI JOIN new USING (unique_id)"
    )
    return _timed(lambda: score_new(engine, "existing", "new", "new_pairs", model))[0]


def run(n_records: int = 1_000_000) -> dict[str, float]:
    """Measure, print and give back seconds, ratios and accuracy."""
    logging.disable(logging.WARNING)  # Splink tells its iterations
    with Engine(memory_limit="10GB") as engine:
        _raw(engine, make(n_records, seed=3))
        normalised, _ = _timed(lambda: comparison_table(engine, "raw", "records"))
        ours, model = _ours(engine)
        accuracy = evaluate(engine, "clusters", "truth")
        plain = _plain(engine, model)
        plain_accuracy = evaluate(engine, "plain", "truth")
        new = _incremental(engine, model)
    mine, theirs = sum(ours.values()), sum(plain.values())
    result = {
        "records": float(n_records), "normalise_s": normalised,
        **{f"{name}_s": seconds for name, seconds in ours.items()}, "link_s": mine,
        "total_s": normalised + mine, "plain_splink_s": theirs,
        "ratio_to_plain_splink": mine / theirs, "new_records_s": new,
        "new_records_share_of_full_run": new / (normalised + mine),
        "cluster_precision": accuracy.clusters.precision.value, "cluster_f1": accuracy.clusters.f1,
        "plain_cluster_precision": plain_accuracy.clusters.precision.value,
        "plain_cluster_f1": plain_accuracy.clusters.f1,
        "peak_gib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20,
    }  # fmt: skip
    for name, value in result.items():
        print(f"{name:32} {value:12.4f}")
    return result


if __name__ == "__main__":
    run(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
