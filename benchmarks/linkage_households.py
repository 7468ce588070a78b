"""Linkage on the made-up landlord's own records: two systems, twins, namesakes, movers, shared telephones.

    python -m benchmarks.linkage_households 100000

The truth is kept by the generator, which knows nothing of how linkage works. Reported with Wilson
intervals; a cluster counts as right only if it is exactly a true person's records.
"""

from __future__ import annotations

import sys
import time
from typing import Any

import pyarrow as pa

from rooftree.demo.linkage_set import linkage_set
from rooftree.identity import link
from rooftree.identity.evaluate import evaluate
from rooftree.storage.engine import Engine

GOALS = {"cluster precision": 0.985, "cluster F1": 0.965}


def run(homes: int = 100_000) -> dict[str, Any]:
    """Link both systems' records and hold the result against the truth."""
    housing, crm, truth = linkage_set(homes=homes)
    columns = [name for name in housing.column_names if name in crm.column_names]
    tables = [
        table.select(columns).append_column("unique_id", _key(system, table["person_ref"]))
        for system, table in (("housing", housing), ("crm", crm))
    ]
    started = time.perf_counter()
    links = link(pa.concat_tables(tables, promote_options="permissive"))
    seconds = time.perf_counter() - started
    keys = [
        f"{row['system']}:{row['person_ref']}"
        for row in truth.select(["system", "person_ref"]).to_pylist()
    ]
    with Engine() as engine:
        engine.con.register("_predicted", links.clusters)
        engine.con.register("_true", pa.table({"unique_id": keys, "person": truth["person"]}))
        found = evaluate(engine, "_predicted", "_true")
    result = {
        "records": housing.num_rows + crm.num_rows,
        "seconds": seconds,
        "cluster precision": found.clusters.precision.value,
        "cluster precision interval": (found.clusters.precision.low, found.clusters.precision.high),
        "cluster F1": found.clusters.f1,
        "cluster F1 interval": (found.clusters.f1_low, found.clusters.f1_high),
        "pair precision": found.pairs.precision.value,
        "pair F1": found.pairs.f1,
    }
    for name, value in result.items():
        goal = f"  (goal {GOALS[name]})" if name in GOALS else ""
        print(f"{name}: {value}{goal}")
    return result


def _key(system: str, references: pa.ChunkedArray) -> pa.Array:
    return pa.array([f"{system}:{reference}" for reference in references.to_pylist()])


if __name__ == "__main__":
    run(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
