"""Linking plain tables: which records are the same person, with the evidence.

links = rooftree.identity.link(left, right)         # two tables: one record of each to a link
links = rooftree.identity.link(table)               # one table: its duplicates
links.links       unique_id_l, unique_id_r, weight, probability, and each comparison's level
links.clusters    unique_id, source, cluster_id
links.review      pairs that a person should look at, and why they were not linked
links.model       to be saved (`to_json`) and given to the next run
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa

from rooftree.identity.clustering import cluster
from rooftree.identity.columns import find_columns, raw_select
from rooftree.identity.evaluate import Evaluation, evaluate
from rooftree.identity.model import LEAST_THRESHOLD, Model
from rooftree.identity.normalise import comparison_table
from rooftree.identity.rules import COMPARISONS
from rooftree.identity.scoring import score, score_new
from rooftree.identity.training import Block, train
from rooftree.storage.engine import Engine
from rooftree.vocabulary.errors import UserError

#: Of the pairs that are linked, the share that should be right by the model's own probabilities,
#: before groups are checked whole (which makes it better).
PRECISION = 0.99

#: Pairs down to this weight are written out for review.
REVIEW_FROM = -1.0

#: A pair on which somebody could not tell is shown again when its weight has moved by so many bits: its
#: odds are then four times, or a quarter of, what that person saw.
NEWS_FROM = 2.0


@dataclass(frozen=True, slots=True)
class Diagnostics:
    """How the linkage went: records and candidates, the keys used, and the precision expected."""

    n_records: int
    n_candidates: int
    n_guarded: int
    blocks: tuple[Block, ...]
    expected_precision: float | None
    evaluation: Evaluation | None = None


@dataclass(frozen=True, slots=True)
class Links:
    """The result of a linkage: Arrow tables, the model and how it went."""

    links: pa.Table
    clusters: pa.Table
    review: pa.Table
    model: Model
    diagnostics: Diagnostics


def link(
    left: Any,
    right: Any = None,
    *,
    model: Model | str | None = None,
    threshold: float | None = None,
    precision: float = PRECISION,
    columns: Mapping[str, str] | None = None,
    truth: Any = None,
    one_to_one: bool = True,
    memory_limit: str = "4GB",
) -> Links:
    """Find the records of one person, in two tables or within one.

    left, right: anything Arrow can read (pandas, Polars, DuckDB, PyArrow). Columns are found by
        name (columns.NAMES) or said with `columns`, for example {"family_name": "SN"}; a national
        number is read only when `columns` names it as `ni_number`. Dates are yyyymmdd, ISO or
        dd/mm/yyyy. Every table needs a unique id column; without one, row numbers from 0 are used.
    model: a model, or its JSON, from an earlier run; without it one is trained on these records,
        without labels.
    threshold: match probability from which pairs are linked. Without it, the lowest threshold at
        which `precision` of the linked pairs are expected to be right, by the model's own
        probabilities.
    one_to_one: with two tables, each record links to at most one of the other table.
    truth: unique_id and person, where known; fills `diagnostics.evaluation` and nothing else.

    Where the records show that several people share homes, the guards of scoring.GUARDS hold apart
    twins, namesakes and members of one household. The same records give the same result, in
    whatever order they come. Raises UserError where the tables cannot be read or ids repeat.
    """
    if threshold is not None and not 0 < threshold <= 1:
        raise UserError("The threshold is a match probability: more than 0 and at most 1.")
    if not 0 < precision < 1:
        raise UserError("The precision is a share of linked pairs: between 0 and 1, such as 0.99.")
    two = right is not None
    with Engine(memory_limit=memory_limit) as engine:
        _read(engine, left, right, columns)
        comparison_table(engine, "_tmp_identity_raw", "_tmp_identity_record")
        given = Model.from_json(model) if isinstance(model, str) else model
        blocks: list[Block] = []
        if given is None:
            given, blocks = train(engine, "_tmp_identity_record", link_only=two)
        score(engine, "_tmp_identity_record", "_tmp_identity_pair", given, link_only=two)
        chosen = replace(given, threshold=_threshold(engine, given, threshold, precision))
        return _result(engine, chosen, blocks, truth, one_to_one=two and one_to_one)


def link_new(
    existing: Any,
    new: Any,
    model: Model | str,
    *,
    columns: Mapping[str, str] | None = None,
    memory_limit: str = "4GB",
) -> Links:
    """Link new records to existing ones and to each other, without comparing the existing again.

    Takes what `link` takes. The model must have been saved by a full run: it carries the threshold.
    The result's clusters hold new records and the existing ones that they link to.
    """
    known = Model.from_json(model) if isinstance(model, str) else model
    with Engine(memory_limit=memory_limit) as engine:
        _read(engine, existing, new, columns)
        comparison_table(engine, "_tmp_identity_raw", "_tmp_identity_record")
        for side, source in (("known", "left"), ("new", "right")):
            engine.execute(
                f"CREATE OR REPLACE TEMP TABLE _tmp_identity_{side} AS "
                f"SELECT * FROM _tmp_identity_record WHERE source = '{source}'"
            )
        score_new(engine, "_tmp_identity_known", "_tmp_identity_new", "_tmp_identity_pair", known)
        threshold = LEAST_THRESHOLD if known.threshold is None else known.threshold
        engine.execute(
            "DELETE FROM _tmp_identity_record WHERE source = 'left' AND unique_id NOT IN "
            "(SELECT unique_id_l FROM _tmp_identity_pair UNION SELECT unique_id_r FROM _tmp_identity_pair)"
        )
        return _result(engine, replace(known, threshold=threshold), [], None, one_to_one=False)


def _read(engine: Engine, left: Any, right: Any, columns: Mapping[str, str] | None) -> None:
    """The tables' columns as text, under one name, with ids that do not repeat."""
    selects = []
    for side, table in (("left", left), ("right", right)):
        if table is None:
            continue
        arrow = _arrow(table)
        name = f"_identity_{side}"
        found = find_columns(arrow.column_names, columns)
        if "unique_id" not in found:
            arrow = arrow.append_column(
                "_row", pa.array([f"{side}-{i:09}" for i in range(len(arrow))])
            )
            found["unique_id"] = "_row"
        engine.con.register(name, arrow)
        selects.append(raw_select(found, source=side, table=name))
    engine.execute(
        f"CREATE OR REPLACE TEMP TABLE _tmp_identity_raw AS {' UNION ALL '.join(selects)}"
    )
    twice = engine.value("SELECT count(*) - count(DISTINCT unique_id) FROM _tmp_identity_raw")
    if twice:
        raise UserError(
            f"{twice} unique ids are empty or occur more than once in the tables together. "
            "Give every record its own, for example with a prefix for each table."
        )


def _arrow(table: Any) -> pa.Table:
    if isinstance(table, pa.Table):
        return table
    if hasattr(table, "__arrow_c_stream__") or isinstance(table, pa.RecordBatch):
        return pa.table(table)
    raise UserError(
        "This is not a table that Arrow can read. Give a pandas or Polars frame, a DuckDB relation "
        "or a PyArrow table."
    )


def _threshold(engine: Engine, model: Model, threshold: float | None, precision: float) -> float:
    """The match weight from which pairs are linked."""
    if threshold is not None:
        odds = threshold / max(1 - threshold, 1e-12)
        return float(engine.value("SELECT log2(?)", [odds]))
    if model.threshold is not None:  # saved by an earlier run, or shipped for few records
        return model.threshold
    return threshold_for(engine, "_tmp_identity_pair", precision)


def threshold_for(engine: Engine, pairs: str, precision: float) -> float:
    """The lowest match weight at which the pairs above are expected to be right so often."""
    found = engine.value(
        f"""SELECT min(weight) FROM (SELECT weight, avg(mean) OVER (ORDER BY weight DESC) AS above FROM (
            SELECT round(weight, 2) AS weight, probability AS mean FROM {pairs}
            WHERE guard IS NULL AND weight >= {LEAST_THRESHOLD}))
        WHERE above >= ?""",
        [precision],
    )
    # Nothing reaches that precision: link only what is all but certain.
    return float(found) if found is not None else 30.0


def levels_sql(alias: str = "p") -> str:
    """The evidence as columns: each comparison's level, by name."""
    columns = []
    for one in COMPARISONS:
        cases = " ".join(
            f"WHEN {one.gamma(level.name)} THEN '{level.name}'" for level in one.levels
        )
        columns.append(f"CASE {alias}.gamma_{one.name} {cases} END AS {one.name}")
    return ", ".join(columns)


def _result(
    engine: Engine, model: Model, blocks: list[Block], truth: Any, *, one_to_one: bool
) -> Links:
    assert model.threshold is not None
    engine.execute(
        "CREATE OR REPLACE TEMP TABLE _tmp_identity_link AS SELECT unique_id_l, unique_id_r, weight "
        f"FROM _tmp_identity_pair WHERE guard IS NULL AND weight >= {model.threshold}"
    )
    cluster(
        engine, "_tmp_identity_record", "_tmp_identity_link", "_tmp_identity_cluster",
        model=model, one_to_one=one_to_one,
    )  # fmt: skip
    weights = ", ".join(f"p.weight_{one.name}" for one in COMPARISONS)
    followed = engine.execute(
        f"""SELECT p.unique_id_l, p.unique_id_r, p.weight, p.probability, {levels_sql()}, {weights}
        FROM _tmp_identity_pair AS p JOIN _tmp_identity_link USING (unique_id_l, unique_id_r)
        ANTI JOIN _tmp_identity_cluster_left_out USING (unique_id_l, unique_id_r) ORDER BY ALL"""
    ).to_arrow_table()
    review = engine.execute(
        f"""SELECT p.unique_id_l, p.unique_id_r, p.weight, p.probability, CASE
                WHEN p.guard IS NOT NULL THEN p.guard WHEN o.unique_id_l IS NOT NULL THEN 'fits two people'
                ELSE 'below the threshold' END AS reason, {levels_sql()}, {weights}
        FROM _tmp_identity_pair AS p LEFT JOIN _tmp_identity_cluster_left_out AS o USING (unique_id_l, unique_id_r)
        WHERE p.weight >= {REVIEW_FROM} AND (p.guard IS NOT NULL OR o.unique_id_l IS NOT NULL
            OR p.weight < {model.threshold})
        ORDER BY ALL"""
    ).to_arrow_table()
    clusters = engine.execute(
        "SELECT c.unique_id, r.source, c.cluster_id FROM _tmp_identity_cluster AS c "
        "JOIN _tmp_identity_record AS r USING (unique_id) ORDER BY c.cluster_id, c.unique_id"
    ).to_arrow_table()
    return Links(followed, clusters, review, model, _diagnostics(engine, blocks, followed, truth))


def _diagnostics(
    engine: Engine, blocks: list[Block], followed: pa.Table, truth: Any
) -> Diagnostics:
    judged = None
    if truth is not None:
        engine.con.register("_identity_truth", _arrow(truth))
        engine.execute(
            "CREATE OR REPLACE TEMP TABLE _tmp_identity_truth AS SELECT CAST(unique_id AS VARCHAR) AS unique_id, "
            "CAST(person AS VARCHAR) AS person FROM _identity_truth"
        )
        judged = evaluate(engine, "_tmp_identity_cluster", "_tmp_identity_truth")
    candidates, guarded = engine.rows("SELECT count(*), count(guard) FROM _tmp_identity_pair")[0]
    engine.con.register("_identity_followed", followed)
    expected = engine.value("SELECT round(avg(probability), 6) FROM _identity_followed")
    n_records = int(engine.value("SELECT count(*) FROM _tmp_identity_record"))
    return Diagnostics(n_records, int(candidates), int(guarded), tuple(blocks), expected, judged)
