"""Attrition adds up, and agrees with the reference for random rules and customers."""

from __future__ import annotations

import pytest

from rooftree.segments.attrition import attrition
from rooftree.segments.nodes import And
from rooftree.segments.reference import both, evaluate
from rooftree.segments.sql import Context
from rooftree.storage.engine import Engine
from rooftree.vocabulary.states import Grain
from tests.generative.test_segment_engines import CATALOGUE, make
from tests.lib.rules import AS_OF


@pytest.mark.parametrize("seed", range(4))
def test_each_step_agrees_with_the_reference(seed):
    customers, segments, rules = make(500 + seed)
    context = Context(CATALOGUE, AS_OF, segments)
    with Engine(threads=1) as engine:
        customers.fill(engine)
        for unit in (Grain.PERSON, Grain.HOUSEHOLD):
            base = "customers" if unit == Grain.PERSON else "current"
            parts = list(rules[unit][1].values())[1:5]
            found = attrition(engine, And(tuple(parts)), unit=unit, base=base, context=context)
            rows = {
                k: r for k, r in customers.tables()[unit].items() if customers.base(unit, base, r)
            }
            truths = [[evaluate(p, customers.case(unit, k, segments)) for p in parts] for k in rows]
            left = len(rows)
            assert found.n_base == left
            for n, step in enumerate(found.steps):
                assert step.kept == sum(all(t is True for t in row[: n + 1]) for row in truths)
                assert step.kept + step.dropped + step.unknown == left
                others = [[t for m, t in enumerate(row) if m != n] for row in truths]
                assert step.only_this == sum(
                    all(t is True for t in other) and row[n] is not True
                    for other, row in zip(others, truths, strict=True)
                )
                left = step.kept
            assert found.n_in == sum(both(row) is True for row in truths)


def test_a_rule_that_is_no_and_is_one_step():
    customers, segments, rules = make(7)
    node = next(n for n in rules[Grain.HOME][1].values() if not isinstance(n, And))
    with Engine(threads=1) as engine:
        customers.fill(engine)
        context = Context(CATALOGUE, AS_OF, segments)
        found = attrition(engine, node, unit=Grain.HOME, base="all", context=context)
    assert len(found.steps) == 1
    assert found.steps[0].dropped + found.steps[0].unknown == found.steps[0].only_this
