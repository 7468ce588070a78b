"""Placing people in classes: how probable each class is, given what is known of them.

Nobody is placed on too little. Where the answers hardly move the probabilities from what they are
for a person of whom nothing is known, the state is `too_little_known` and the class is empty.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from rooftree.segments.discovery.blocks import FLOOR
from rooftree.segments.discovery.coding import as_arrow, encode
from rooftree.segments.discovery.items import Scale

#: Bits of information about the class (Kullback-Leibler, posterior from shares) below which nobody
#: is placed. With two equal classes 0.05 bits is 63 against 37; with four, 40 against 20, 20, 20.
LEAST_BITS = 0.05
#: Joint categories of one look-up table.
LARGEST_TABLE = 4096
CHUNK = 65_536

PLACED, TOO_LITTLE = "placed", "too_little_known"


def place(
    table: Any,
    scales: Sequence[Scale],
    shares: np.ndarray,
    theta: np.ndarray,
    *,
    keep: Sequence[str] = (),
    unseen: str = "error",
    least_bits: float = LEAST_BITS,
) -> pa.Table:
    """One row for each of the table's, in its order.

    Columns: those in `keep` (such as an id), `class` (from 1; null where too little is known),
    `probability` of that class, `state` (placed, too_little_known), `known` (items that have an
    answer), `bits` (what the answers say about the class), and `p_1` … `p_k`.

    unseen: `error` stops at a code that nobody had when the model was fitted and names item and
    code; `missing` takes it for not known.
    """
    arrow = as_arrow(table, list(dict.fromkeys([*(scale.name for scale in scales), *keep])))
    columns = [encode(arrow[scale.name], scale, unseen=unseen) for scale in scales]
    groups = _tables(scales, theta)
    n, k = len(arrow), len(shares)
    probability, bits = np.empty((n, k)), np.empty(n)
    prior = np.log(np.maximum(shares, FLOOR))
    for start in range(0, n, CHUNK):
        part = slice(start, min(start + CHUNK, n))
        logs = np.broadcast_to(prior, (part.stop - part.start, k)).copy()
        for items, look in groups:
            key = np.zeros(part.stop - part.start, np.int32)
            for item in items:
                key *= scales[item].size + 1
                key += columns[item][part]
            logs += look[key]
        found = np.exp(logs - logs.max(axis=1, keepdims=True))
        found /= found.sum(axis=1, keepdims=True)
        probability[part] = found
        bits[part] = (found * (np.log2(np.maximum(found, FLOOR)) - prior / np.log(2))).sum(axis=1)
    known = np.zeros(n, np.int16)
    for scale, column in zip(scales, columns, strict=True):
        known += column < scale.size
    return _result(arrow, keep, probability, np.maximum(bits, 0.0), known, least_bits)


def _result(
    arrow: pa.Table, keep: Sequence[str], probability: np.ndarray, bits: np.ndarray,
    known: np.ndarray, least_bits: float,
) -> pa.Table:  # fmt: skip
    k = probability.shape[1]
    # With one class there is nothing to know; but of whom nothing is known, nobody is placed.
    placed = (bits >= least_bits) | ((k == 1) & (known > 0))
    modal = probability.argmax(axis=1)
    state = pa.DictionaryArray.from_arrays(
        pa.array((~placed).astype(np.int8)), pa.array([PLACED, TOO_LITTLE])
    )
    top = probability[np.arange(len(modal)), modal]
    return pa.table({
        **{name: arrow[name] for name in keep},
        "class": pa.array((modal + 1).astype(np.int16), mask=~placed),
        "probability": pa.array(top, mask=~placed),
        "state": state.cast(pa.string()),
        "known": known,
        "bits": bits,
        **{f"p_{j + 1}": probability[:, j] for j in range(k)},
    })  # fmt: skip


def _tables(scales: Sequence[Scale], theta: np.ndarray) -> list[tuple[list[int], np.ndarray]]:
    """Items in groups, each with the summed logarithms of every joint category. Not known adds 0."""
    starts = np.concatenate(([0], np.cumsum([scale.size for scale in scales])))
    logs = np.log(np.maximum(theta, FLOOR))
    groups: list[tuple[list[int], np.ndarray]] = []
    items: list[int] = []
    look = np.zeros((1, theta.shape[1]))
    for item in range(len(scales)):
        own = np.vstack([logs[starts[item] : starts[item + 1]], np.zeros((1, theta.shape[1]))])
        if items and len(look) * len(own) > LARGEST_TABLE:
            groups.append((items, look))
            items, look = [], np.zeros((1, theta.shape[1]))
        look = (look[:, None, :] + own[None, :, :]).reshape(-1, theta.shape[1])
        items = [*items, item]
    return [*groups, (items, look)]
