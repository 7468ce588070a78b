"""Tables for the discovery of groups: published ones, and made-up ones whose classes are known."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

#: Seven pathologists on 118 slides: is it carcinoma (2) or not (1)? Agresti 2002, table 13.1.
CARCINOMA = (
    "1111111:34 1111211:2 1211111:6 1211112:1 1211211:4 1211212:5 2111111:2 2121212:1 2211111:2 "
    "2211112:1 2211211:2 2211212:7 2211222:1 2212112:1 2212212:2 2212222:3 2221212:13 2221222:5 "
    "2222212:10 2222222:16"
)
#: Stouffer and Toby 1951, four situations of role conflict, 216 people, as in Goodman 1974.
ROLE_CONFLICT = (
    "1111:42 1112:23 1121:6 1122:25 1211:6 1212:24 1221:7 1222:38 "
    "2111:1 2112:4 2121:1 2122:6 2211:2 2212:9 2221:2 2222:20"
)


def published(patterns: str, names: str) -> pa.Table:
    """A row for each pattern, its items as whole numbers, and its count as `n`."""
    parts = [part.split(":") for part in patterns.split()]
    columns = {name: [int(codes[at]) for codes, _ in parts] for at, name in enumerate(names)}
    return pa.table({**columns, "n": [int(count) for _, count in parts]})


def repeated(table: pa.Table, weight: str) -> pa.Table:
    """The same with each row as often as its weight says, without the weight."""
    times = np.repeat(np.arange(len(table)), table[weight].to_numpy())
    return table.drop_columns([weight]).take(pa.array(times))


def made(
    n: int,
    *,
    shares: tuple[float, ...] = (0.5, 0.3, 0.2),
    sizes: tuple[int, ...] = (2, 2, 3, 3, 4, 5),
    sharpness: float = 0.9,
    missing: float = 0.0,
    seed: int = 1,
) -> tuple[pa.Table, np.ndarray]:
    """People of known classes, and the class of each (from 0).

    A class gives one answer to each item with the probability `sharpness`, any with the rest. Answers
    are missing by chance.
    """
    rng = np.random.default_rng(seed)
    classes = rng.choice(len(shares), size=n, p=shares)
    columns = {}
    for item, size in enumerate(sizes):
        usual = (np.arange(len(shares)) * (1 + item % 2) + item) % size
        code = np.where(rng.random(n) < sharpness, usual[classes], rng.integers(size, size=n))
        lost = rng.random(n) < missing
        columns[f"item_{item + 1}"] = pa.array([f"code {c}" for c in code], mask=lost)
    return pa.table(columns), classes


def noise(n: int, *, items: int = 6, size: int = 3, seed: int = 1) -> pa.Table:
    """People whose answers have nothing to do with one another."""
    rng = np.random.default_rng(seed)
    return pa.table({f"item_{i + 1}": rng.integers(size, size=n) for i in range(items)})


def quickly(**more: object) -> dict:
    """Options of `discover` that leave out what takes resampling."""
    return {"resamples": 0, "replicates": 0, **more}
