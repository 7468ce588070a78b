"""What is remembered between two looks at a rule counts the same as asking the tables anew."""

from __future__ import annotations

import pytest

from rooftree.segments.attrition import attrition
from rooftree.segments.nodes import And
from rooftree.segments.sql import Context, counted_sql
from rooftree.segments.workbench import ROW, Workbench
from rooftree.storage.engine import Engine
from rooftree.vocabulary.states import Grain
from tests.generative.test_segment_engines import CATALOGUE, make, passes
from tests.lib.rules import AS_OF


def numbered(engine: Engine, unit: Grain) -> None:
    """Number the rows of a table, as they are in the file of a snapshot, but in no order of ids."""
    engine.execute(f"ALTER TABLE segments.{unit.value} RENAME TO bare")
    engine.execute(
        f"CREATE VIEW segments.{unit.value} AS SELECT *, "
        f"row_number() OVER (ORDER BY hash({unit.value}_id)) - 1 AS {ROW} FROM segments.bare"
    )


@pytest.mark.parametrize("unit", [Grain.PERSON, Grain.HOUSEHOLD])
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("room", [10, 1_000_000])
def test_it_counts_as_the_tables_do_whether_it_remembers_or_forgets(seed, unit, room):
    customers, segments, rules = make(900 + seed)
    context = Context(CATALOGUE, AS_OF, segments)
    base = "customers" if unit == Grain.PERSON else "current"
    with Engine(threads=1) as engine:
        customers.fill(engine)
        numbered(engine, unit)
        bench = Workbench(engine, unit, context, room=room)
        where, made = rules[unit]
        nodes = [node for node in made.values() if passes(node, where)][:8]
        for node in (*nodes, *reversed(nodes)):
            found = bench.count(node, base=base)
            row = engine.rows(counted_sql(node, unit, base, context))[0]
            assert (found.n_base, found.n_in, found.n_unknown) == row
        for start in range(0, 6, 2):
            whole = And(tuple(nodes[start : start + 3]))
            expected = attrition(engine, whole, unit=unit, base=base, context=context)
            assert bench.attrition(whole, base=base) == expected


def test_a_condition_is_asked_once():
    customers, segments, rules = make(910)
    context = Context(CATALOGUE, AS_OF, segments)
    with Engine(threads=1) as engine:
        customers.fill(engine)
        numbered(engine, Grain.PERSON)
        bench = Workbench(engine, Grain.PERSON, context)
        one, two = list(rules[Grain.PERSON][1].values())[:2]
        expected = bench.attrition(And((one, two)), base="everyone")
        engine.execute("DROP VIEW segments.person")
        assert bench.attrition(And((one, two)), base="everyone") == expected
        assert bench.count(two, base="everyone").n_base == len(customers.people)
