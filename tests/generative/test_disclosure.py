"""Random tables: the audit agrees with writing every table down, and nothing protected comes apart."""

from __future__ import annotations

import os

import numpy as np
import pyarrow as pa
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from rooftree.catalogue import load_policies
from rooftree.disclosure import audit, protect
from rooftree.disclosure.boxes import protect_by_boxes
from rooftree.disclosure.brute import feasible, with_margins
from rooftree.disclosure.cube import Cube, dimension
from rooftree.disclosure.moves import protect_by_moves
from rooftree.disclosure.optimal import solve
from rooftree.disclosure.task import build_task
from tests.lib.tables import table

LONG = os.environ.get("ROOFTREE_FUZZ") == "1"
POLICIES = load_policies()
SETTINGS = settings(
    max_examples=1000 if LONG else 25,
    deadline=None,
    derandomize=not LONG,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)

#: Counts as they are: many small ones and zeros, a few large.
COUNTS = st.one_of(st.integers(0, 6), st.integers(0, 6), st.integers(5, 200))
SHAPES = st.one_of(
    st.tuples(st.integers(1, 8)),
    st.tuples(st.integers(1, 6), st.integers(1, 6)),
    st.tuples(st.integers(1, 4), st.integers(1, 4), st.integers(2, 3)),
)


@st.composite
def leaves(draw: st.DrawFn) -> np.ndarray:
    """Counts of one, two or three dimensions."""
    return draw(arrays.arrays(np.int64, draw(SHAPES), elements=COUNTS))


@st.composite
def tiny(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """A table small enough to write all tables down, with margins, and which of its cells are hidden."""
    shape = draw(st.sampled_from([(2, 2), (2, 3), (3, 2), (2, 2, 2)]))
    largest = 4 if len(shape) == 2 else 2
    numbers = draw(arrays.arrays(np.int64, shape, elements=st.integers(0, largest)))
    full = with_margins(numbers[None].astype(float))[0]
    secret = draw(arrays.arrays(np.bool_, full.shape))
    secret[tuple(slice(size - 1) for size in full.shape)] |= secret.sum() == 0
    # A hidden total has no upper bound, which no list of tables shows.
    secret[(-1,) * full.ndim] = False
    return full, secret


def printed(full: np.ndarray, secret: np.ndarray) -> pa.Table:
    """The table as it is published."""
    names = "abc"[: full.ndim]
    rows = []
    for place in np.ndindex(full.shape):
        labels = [
            "Total" if at == size - 1 else str(at)
            for at, size in zip(place, full.shape, strict=True)
        ]
        value = None if secret[place] else int(full[place])
        rows.append({**dict(zip(names, labels, strict=True)), "value": value})
    return pa.Table.from_pylist(
        rows, schema=pa.schema([*((n, pa.string()) for n in names), ("value", pa.int64())])
    )


@SETTINGS
@given(tiny())
def test_the_audit_finds_what_writing_every_table_down_finds(case: tuple[np.ndarray, np.ndarray]):
    full, secret = case
    low, high = np.where(secret, 0, full), np.where(secret, np.inf, full)
    try:
        found = feasible(low, high)
    except ValueError:  # too many tables to write down
        reject()
    assert found is not None
    names = "abc"[: full.ndim]
    rows = audit(printed(full, secret), by=names, exact=True).to_pylist()
    least, most = found[0][secret], found[1][secret]
    assert [row["low"] for row in rows] == least.tolist()
    assert [row["high"] for row in rows] == most.tolist()
    loose = audit(printed(full, secret), by=names).to_pylist()
    for row, a, b in zip(loose, least, most, strict=True):
        assert row["low"] <= a
        assert row["high"] is None or row["high"] >= b


@SETTINGS
@given(leaves(), st.sampled_from(sorted(POLICIES.keys() - {"exact", "hesa", "by_people"})))
def test_no_hidden_count_can_be_narrowed_to_less_than_the_policy_allows(
    numbers: np.ndarray, key: str
):
    policy = POLICIES[key]
    given_table = table(numbers)
    by = given_table.column_names[:-1]
    result = protect(given_table, by=by, count="n", policy=policy)
    inside = result.cells.to_pylist()
    found = iter(audit(result.table, by=by, policy=policy).to_pylist())
    for cell, published in zip(inside, result.table.to_pylist(), strict=True):
        if published["value"] is not None:
            assert not 0 < cell["true_value"] < policy.threshold
            assert cell["true_value"] != 0 or published["text"] == "0"
            continue
        attacked = next(found)
        n, low, high = cell["true_value"], attacked["low"], attacked["high"]
        high = float("inf") if high is None else high
        assert low <= n <= high
        if cell["status"] != "suppressed_primary":
            continue
        if policy.small_text_tells:  # the text gives a range, and within it one side is enough
            assert high - low >= policy.protection
        else:
            assert low <= n - min(policy.protection, n)
            assert high >= n + policy.protection


@SETTINGS
@given(leaves())
def test_what_is_shown_adds_up(numbers: np.ndarray):
    given_table = table(numbers)
    by = given_table.column_names[:-1]
    result = protect(given_table, by=by, count="n", policy="exact")
    full = with_margins(numbers[None])[0]
    assert result.table["value"].to_pylist() == full.ravel().tolist()


@SETTINGS
@given(leaves())
def test_every_method_protects_and_none_is_cheaper_than_the_optimum(numbers: np.ndarray):
    cube = Cube(
        tuple(
            dimension(name, [str(at) for at in range(size)])
            for name, size in zip("abc", numbers.shape, strict=False)
        )
    )
    value = cube.summed(numbers.astype(float))
    primary = (value > 0) & (value < 5)
    task = build_task(
        cube.equations,
        value,
        primary=primary,
        cost=np.where(value > 0, value + 1, np.inf),
    )
    boxes, failed = protect_by_boxes(cube, task)
    assert failed == []
    moves = protect_by_moves(task, seconds=60)
    best = solve(task, seconds=60)
    assert moves is not None
    assert best is not None
    cost = [(value + 1)[hidden & ~primary].sum() for hidden in (best, moves, boxes)]
    assert cost[0] <= min(cost[1:]) + 1e-6
    for hidden in (best, moves, boxes):
        shown = printed(value.reshape(cube.shape), hidden.reshape(cube.shape))
        rows = audit(shown, by="abc"[: numbers.ndim]).to_pylist()
        for row, cell in zip(rows, np.flatnonzero(hidden), strict=True):
            if primary[cell]:
                assert row["low"] <= value[cell] - 1
                assert row["high"] is None or row["high"] >= value[cell] + 1
