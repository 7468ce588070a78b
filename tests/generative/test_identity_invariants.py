"""What must hold of any landlord's records, however they come."""

from __future__ import annotations

import datetime as dt
import os
import random

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from rooftree.identity.build import build
from rooftree.storage.engine import Engine
from tests.lib.households import make
from tests.lib.staged import people

EXAMPLES = 40 if os.environ.get("ROOFTREE_FUZZ") else 2
AS_OF = dt.date(2026, 3, 31)

seeds = st.integers(0, 10_000)


def rows_of(seed: int, n: int) -> list[dict]:
    """Rows of staging.person, made from a seed."""
    rows = make(n, seed=seed).to_pylist()
    return [
        {
            "system": row["source"], "person_ref": row["unique_id"], "given_name": row["given_name"],
            "family_name": row["family_name"], "address_line_1": row["address_1"],
            "postcode": row["postcode"], "phone": row["phone"], "email": row["email"],
            "date_of_birth": row["date_of_birth"] and dt.date.fromisoformat(row["date_of_birth"]),
        }
        for row in rows
    ]  # fmt: skip


def ids(rows: list[dict], **more) -> dict[str, str]:
    """Build in an engine of its own: reference to person."""
    with Engine(memory_limit="1GB") as engine:
        people(engine, *rows)
        build(engine, as_of=AS_OF, **more)
        return dict(engine.rows("SELECT person_ref, person_id FROM identity.record"))


def previous(rows: list[dict], found: dict[str, str]) -> pa.Table:
    system = {row["person_ref"]: row["system"] for row in rows}
    refs = sorted(found)
    return pa.table(
        {
            "system": [system[r] for r in refs],
            "person_ref": refs,
            "person_id": [found[r] for r in refs],
        }
    )


@settings(max_examples=EXAMPLES, deadline=None, derandomize=True)
@given(seeds)
def test_order_does_not_matter_and_a_second_run_changes_nothing(seed: int) -> None:
    rows = rows_of(seed, 500)
    first = ids(rows)
    random.Random(seed).shuffle(rows)
    assert ids(rows, previous=previous(rows, first)) == first


@settings(max_examples=EXAMPLES, deadline=None, derandomize=True)
@given(seeds)
def test_decisions_always_win(seed: int) -> None:
    """Any two records, joined or parted by a person, are so in the result."""
    rows = rows_of(seed, 200)
    rng = random.Random(seed)
    # Pairs that share no record cannot contradict one another.
    chosen = rng.sample(range(len(rows)), 20)
    made = [
        {
            "system_l": rows[a]["system"], "person_ref_l": rows[a]["person_ref"],
            "system_r": rows[b]["system"], "person_ref_r": rows[b]["person_ref"],
            "same": k % 2 == 0, "decided_by": "u7", "decided_on": AS_OF,
        }
        for k, (a, b) in enumerate(zip(chosen[::2], chosen[1::2], strict=True))
    ]  # fmt: skip
    found = ids(rows, decisions=pa.Table.from_pylist(made))
    for decision in made:
        same = found[decision["person_ref_l"]] == found[decision["person_ref_r"]]
        assert same == decision["same"]


@settings(max_examples=EXAMPLES, deadline=None, derandomize=True)
@given(seeds)
def test_every_record_is_exactly_one_person_with_one_date_of_birth(seed: int) -> None:
    """No person's records hold two clearly different dates of birth."""
    rows = rows_of(seed, 600)
    found = ids(rows)
    assert sorted(found) == sorted(row["person_ref"] for row in rows)
    births: dict[str, set] = {}
    for row in rows:
        births.setdefault(found[row["person_ref"]], set()).add(row["date_of_birth"])
    for dates in births.values():
        years = {date.year for date in dates if date}
        assert not years or max(years) - min(years) <= 1
