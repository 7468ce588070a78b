"""The example on the page about found groups runs as it stands."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pyarrow as pa

PAGE = Path(__file__).resolve().parents[2] / "docs" / "explanation" / "found-groups.md"


def test_the_example_of_the_page_finds_groups_and_places_people():
    rng = np.random.default_rng(1)
    older = rng.random(600) < 0.4
    same = rng.random((2, 600)) < 0.9
    table = pa.table({
        "person_id": [f"P{n}" for n in range(600)],
        "tenure": np.where(older == same[0], "secure", "introductory"),
        "digital_access": np.where(older == same[1], "none", "daily"),
        "age": np.where(older, rng.integers(66, 90, 600), rng.integers(18, 65, 600)),
    })  # fmt: skip
    (example,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(), flags=re.S)
    scope = {"table": table, "new_customers": table.slice(0, 10)}
    exec(compile(example, PAGE.name, "exec"), scope)
    assert scope["found"].chosen == 4
    placed = scope["found"].assign(table.slice(0, 10), keep=("person_id",))
    assert placed["person_id"].to_pylist() == [f"P{n}" for n in range(10)]
