"""Made-up samples for the survey tests, and the same samples as the files that R reads."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

AGES = ("16-34", "35-54", "55-64", "65+")
TENURES = ("general", "sheltered", "supported")
ANSWERS = (
    "very_satisfied",
    "fairly_satisfied",
    "neither",
    "fairly_dissatisfied",
    "very_dissatisfied",
)

#: Fields that the samples are weighted on.
MARGINS = ("sex", "age", "tenure")


@dataclass(frozen=True, slots=True)
class Sample:
    """A stratified sample of buildings with their answers, and margins of its population."""

    table: pa.Table
    margins: Mapping[str, Mapping[str, float]]
    cells: Mapping[tuple[str, str], float]  # sex × age
    rooms: float  # total of the column rooms in the population


class Draws:
    """Numbers that look random and are the same on every machine and in every version of numpy."""

    def __init__(self, seed: int) -> None:
        self.state = seed * 2_654_435_761 % 2**32

    def next(self) -> float:
        self.state = (1_664_525 * self.state + 1_013_904_223) % 2**32
        return (self.state >> 8) / 2**24

    def pick(self, weights: list[float]) -> int:
        at = self.next() * sum(weights)
        for place, weight in enumerate(weights):
            at -= weight
            if at < 0:
                return place
        return len(weights) - 1


def make(seed: int, *, rows: int = 240) -> Sample:
    """A sample of `rows` answers in 4 areas of 6 buildings, with uneven weights and 1 in 12 answers unknown."""
    draws = Draws(seed)
    columns: dict[str, list] = {name: [] for name in (
        "area", "building", "n_buildings", "weight", "sex", "age", "tenure", "rooms", "rent", "answer", "score",
    )}  # fmt: skip
    for row in range(rows):
        area, building = row % 4, row // 4 % 6
        young = draws.pick([0.15 + 0.05 * area, 0.3, 0.2, 0.35])
        tenure = draws.pick([0.7, 0.2, 0.1])
        mood = draws.pick([0.3 + 0.08 * young, 0.3, 0.12, 0.14, 0.14 + 0.02 * building])
        rooms = 1 + draws.pick([0.3, 0.4, 0.3])
        columns["area"].append("NSEW"[area])
        columns["building"].append(f"b{building}")
        columns["n_buildings"].append(float(20 + 15 * area))
        columns["weight"].append(round(10 + 6 * area + 8 * draws.next(), 3))
        columns["sex"].append("f" if draws.next() < 0.61 else "m")
        columns["age"].append(AGES[young])
        columns["tenure"].append(TENURES[tenure])
        columns["rooms"].append(rooms)
        columns["rent"].append(round(70 + 18 * rooms + 5 * building + 20 * draws.next(), 2))
        known = draws.next() > 1 / 12
        columns["answer"].append(ANSWERS[mood] if known else None)
        columns["score"].append(float(5 - mood) if known else None)
    table = pa.table(columns)
    weights = np.array(columns["weight"])
    total = round(float(weights.sum()) * 1.07)

    def margin(keys: list, lean: float) -> dict:
        """The sample's own shares bent a little, as whole numbers that add up to the population."""
        order = sorted(set(keys))
        shares = np.array(
            [float(weights[[k == key for k in keys]].sum()) * (1 + lean * (-1) ** n) for n, key in enumerate(order)]
        )  # fmt: skip
        counts = np.floor(shares / shares.sum() * total)
        counts[0] += total - counts.sum()
        return dict(zip(order, counts.tolist(), strict=True))

    margins = {field: margin(columns[field], 0.15 + 0.05 * n) for n, field in enumerate(MARGINS)}
    cells = margin(list(zip(columns["sex"], columns["age"], strict=True)), 0.2)
    rooms_total = round(float(weights @ np.array(columns["rooms"])) * 1.09)
    return Sample(table, margins, cells, float(rooms_total))


def write(sample: Sample, folder: Path) -> None:
    """The files that tests/oracles/survey.R reads."""
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / "sample.csv", sample.table.column_names, sample.table.to_pylist())
    rows = [
        {"field": field, "category": category, "target": target}
        for field, targets in sample.margins.items()
        for category, target in targets.items()
    ]
    _write(folder / "margins.csv", ["field", "category", "target"], rows)
    cells = [{"sex": s, "age": a, "Freq": n} for (s, a), n in sample.cells.items()]
    _write(folder / "cells.csv", ["sex", "age", "Freq"], cells)
    _write(folder / "totals.csv", ["rooms"], [{"rooms": sample.rooms}])


def _write(path: Path, names: list[str], rows: list[dict]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, names)
        writer.writeheader()
        writer.writerows({n: "NA" if row[n] is None else row[n] for n in names} for row in rows)
