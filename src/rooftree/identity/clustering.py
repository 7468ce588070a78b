"""From pairs to people: groups of linked records, checked again for what no pair can show.

Links chain: A with B, B with C. So each group is looked at whole. Where two of its records cannot
be one person (forenames or dates of birth disagree, two members of one tenancy, a decision), the
group is put together again from its strongest link down, leaving out each link that would join the
two. A record that fits two such people about equally well ("J Smith" in the home of John and of
Jane) joins neither: it is left for a person to decide.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import numpy as np
import pyarrow as pa

from rooftree.identity.model import Model
from rooftree.identity.rules import COMPARISONS
from rooftree.identity.scoring import guard_sql
from rooftree.identity.training import gamma_sql
from rooftree.storage.engine import Engine

#: Weight, in bits, of links that are certain: an exact key, a decision by a person.
EXACT, DECIDED = 500.0, 1000.0

#: A record whose second-best person is within so many bits of the best belongs to neither.
AMBIGUOUS_WITHIN = 3.0

#: No person has more records than this without somebody having looked.
MOST_RECORDS = 40

#: How many records of a group are compared with one another; in a larger one only linked pairs are.
_MOST_COMPARED = 400

COLUMNS = (
    "given", "formal", "middle_first", "family", "family_first", "family_last", "dob", "email",
    "phones", "postcode", "numbers", "street", "locality", "home", "home_ref", "member_of", "uprn", "ni",
    "sex_of_title", "source",
)  # fmt: skip


def components(left: np.ndarray, right: np.ndarray, n: int) -> np.ndarray:
    """The smallest node number of each node's connected group; nodes are 0 to n - 1."""
    label = np.arange(n, dtype=np.int64)
    while len(left):
        low = np.minimum(label[left], label[right])
        np.minimum.at(label, label[left], low)
        np.minimum.at(label, label[right], low)
        while True:
            shorter = label[label]
            if np.array_equal(shorter, label):
                break
            label = shorter
        open_ends = label[left] != label[right]
        left, right = left[open_ends], right[open_ends]
    return label


def cluster(
    engine: Engine,
    table: str,
    links: str,
    target: str,
    *,
    model: Model,
    apart: str | None = None,
    one_to_one: bool = False,
) -> None:
    """Make `target` (unique_id, cluster_id) and `<target>_left_out` (links that were not followed).

    `links`: unique_id_l, unique_id_r, weight. `apart`: a table of pairs that must not be joined.
    `one_to_one`: no group holds two records of one source. A cluster's id is its smallest unique_id.
    """
    ids = engine.execute(f"SELECT unique_id FROM {table} ORDER BY unique_id").to_arrow_table()[
        "unique_id"
    ]
    engine.con.register("_identity_ids", pa.table({"unique_id": ids, "i": np.arange(len(ids))}))
    edges = engine.execute(
        f"SELECT a.i AS l, b.i AS r, e.weight AS w FROM {links} AS e JOIN _identity_ids AS a "
        f"ON a.unique_id = e.unique_id_l "
        f"JOIN _identity_ids AS b ON b.unique_id = e.unique_id_r ORDER BY w DESC, l, r"
    ).fetchnumpy()
    left, right = np.asarray(edges["l"], np.int64), np.asarray(edges["r"], np.int64)
    weight = np.asarray(edges["w"], float)
    label = components(left, right, len(ids))
    certain = components(left[weight >= EXACT], right[weight >= EXACT], len(ids))
    conflicts = _conflicts(engine, table, label, certain, model, apart, one_to_one)
    left_out: list[tuple[int, int]] = []
    big = _too_big(label)
    if conflicts or big:
        troubled = {int(label[a]) for a, _ in conflicts} | big
        kept = _rebuild(left, right, weight, label, conflicts, troubled, left_out)
        label = components(left[kept], right[kept], len(ids))
    engine.con.register("_identity_labels", pa.table({"i": np.arange(len(ids)), "c": label}))
    engine.execute(
        f"CREATE OR REPLACE TEMP TABLE {target} AS SELECT a.unique_id, c.unique_id AS cluster_id "
        "FROM _identity_labels AS x JOIN _identity_ids AS a ON a.i = x.i JOIN _identity_ids AS c ON c.i = x.c "
        "ORDER BY 1"
    )
    out = np.array(sorted(left_out), dtype=np.int64).reshape(len(left_out), 2)
    engine.con.register("_identity_out", pa.table({"l": out[:, 0], "r": out[:, 1]}))
    engine.execute(
        f"CREATE OR REPLACE TEMP TABLE {target}_left_out AS SELECT a.unique_id AS unique_id_l, "
        f"b.unique_id AS unique_id_r "
        "FROM _identity_out AS o JOIN _identity_ids AS a ON a.i = o.l JOIN _identity_ids AS b ON b.i = o.r "
        "ORDER BY 1, 2"
    )
    for name in ("_identity_ids", "_identity_labels", "_identity_out"):
        engine.con.unregister(name)


def _too_big(label: np.ndarray) -> set[int]:
    groups, counts = np.unique(label, return_counts=True)
    return {int(group) for group in groups[counts > MOST_RECORDS]}


def _bare(side: str) -> str:
    """The record says nothing of its own: it came by a reference (a log, a score), and parts nobody."""
    return f"(given_{side} IS NULL AND family_{side} IS NULL AND dob_{side} IS NULL)"


def _conflicts(
    engine: Engine,
    table: str,
    label: np.ndarray,
    certain: np.ndarray,
    model: Model,
    apart: str | None,
    one_to_one: bool,
) -> list[tuple[int, int]]:
    """Pairs of records of one group that cannot be one person.

    What an exact key or a person's decision joins, no guard parts; a decision can.
    """
    engine.con.register("_identity_groups", pa.table({"i": np.arange(len(label)), "c": label}))
    engine.execute(
        f"""CREATE OR REPLACE TEMP TABLE _tmp_identity_grouped AS
        SELECT t.*, x.i, x.c FROM {table} AS t JOIN _identity_ids AS a USING (unique_id)
            JOIN _identity_groups AS x ON x.i = a.i
        WHERE x.c IN (SELECT c FROM _identity_groups GROUP BY c HAVING count(*) BETWEEN 2 AND {_MOST_COMPARED})"""
    )
    wide = ", ".join(f"l.{c} AS {c}_l, r.{c} AS {c}_r" for c in COLUMNS)
    gammas = ", ".join(f"{gamma_sql(one)} AS gamma_{one.name}" for one in COMPARISONS)
    also = "OR source_l = source_r" if one_to_one else ""
    found = engine.rows(
        f"""SELECT a, b FROM (SELECT *, {gammas} FROM (SELECT l.i AS a, r.i AS b, {wide}
            FROM _tmp_identity_grouped AS l JOIN _tmp_identity_grouped AS r ON l.c = r.c AND l.i < r.i))
        WHERE ({guard_sql(model)} IS NOT NULL AND NOT {_bare("l")} AND NOT {_bare("r")}) {also}
        ORDER BY a, b"""
    )
    engine.execute("DROP TABLE _tmp_identity_grouped")
    engine.con.unregister("_identity_groups")
    found = [(a, b) for a, b in found if certain[a] != certain[b]]
    if apart is not None:
        found += engine.rows(
            f"SELECT a.i, b.i FROM {apart} AS d JOIN _identity_ids AS a ON a.unique_id = d.unique_id_l "
            "JOIN _identity_ids AS b ON b.unique_id = d.unique_id_r ORDER BY 1, 2"
        )
    return [(int(a), int(b)) for a, b in found if label[a] == label[b]]


def _rebuild(
    left: np.ndarray,
    right: np.ndarray,
    weight: np.ndarray,
    label: np.ndarray,
    conflicts: Iterable[tuple[int, int]],
    troubled: set[int],
    left_out: list[tuple[int, int]],
) -> np.ndarray:
    """Which links to follow once every troubled group has been put together again."""
    kept = ~np.isin(label[left], np.fromiter(troubled, np.int64, len(troubled)))
    by_group: dict[int, list[int]] = defaultdict(list)
    for edge in np.flatnonzero(~kept):
        by_group[int(label[left[edge]])].append(int(edge))
    enemies: dict[int, set[int]] = defaultdict(set)
    for a, b in conflicts:
        enemies[a].add(b)
        enemies[b].add(a)
    for group in sorted(by_group):
        edges = [(int(left[e]), int(right[e]), float(weight[e]), e) for e in by_group[group]]
        for edge in _agglomerate(edges, enemies, left_out):
            kept[edge] = True
    return kept


_Edge = tuple[int, int, float, int]


def _agglomerate(
    edges: list[_Edge], enemies: dict[int, set[int]], left_out: list[tuple[int, int]]
) -> list[int]:
    """Join from the strongest link down, never two records that cannot be one person."""
    followed, refused = _join(edges, enemies)
    doubtful = _torn(followed, refused)
    if doubtful:
        sure = [e for e in edges if e[2] >= EXACT or not (e[0] in doubtful or e[1] in doubtful)]
        followed, _ = _join(sure, enemies)
    chosen = {edge[3] for edge in followed}
    left_out.extend((a, b) for a, b, _, e in edges if e not in chosen)
    return sorted(chosen)


def _join(edges: list[_Edge], enemies: dict[int, set[int]]) -> tuple[list[_Edge], list[_Edge]]:
    members: dict[int, set[int]] = {}
    of: dict[int, int] = {}
    followed: list[_Edge] = []
    refused: list[_Edge] = []
    for edge in edges:  # strongest first
        a, b = edge[0], edge[1]
        for node in (a, b):
            if node not in of:
                of[node], members[node] = node, {node}
        here, there = of[a], of[b]
        if here == there:
            followed.append(edge)
            continue
        mine, theirs = members[here], members[there]
        too_many = len(mine) + len(theirs) > MOST_RECORDS
        if too_many or any(
            not enemies[node].isdisjoint(theirs) for node in mine if node in enemies
        ):
            refused.append(edge)
            continue
        followed.append(edge)
        low, high = min(here, there), max(here, there)
        members[low] |= members.pop(high)
        for node in members[low]:
            of[node] = low
    return followed, refused


def _torn(followed: list[_Edge], refused: list[_Edge]) -> set[int]:
    """Records whose best link was followed by hardly more than a refused one weighed."""
    best: dict[int, float] = defaultdict(lambda: -1.0)
    for a, b, weight, _ in followed:
        best[a], best[b] = max(best[a], weight), max(best[b], weight)
    return {
        node
        for a, b, weight, _ in refused
        for node in (a, b)
        if best[node] < EXACT and 0 <= best[node] <= weight + AMBIGUOUS_WITHIN
    }
