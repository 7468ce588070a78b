"""Random rules over random customers: the engine and the slow reference agree on every one, unknowns included."""

from __future__ import annotations

import datetime as dt
import os
import random

import pytest
import sqlglot

from rooftree.catalogue import load
from rooftree.catalogue.segment import SegmentDefinition
from rooftree.segments.builder import from_json, to_json
from rooftree.segments.check import check, reads
from rooftree.segments.definition import Segment
from rooftree.segments.english import to_english
from rooftree.segments.errors import RuleError
from rooftree.segments.fields import Other, Scope, scope
from rooftree.segments.lint import walk
from rooftree.segments.nodes import PREDICATES, Arithmetic, Node
from rooftree.segments.parse import parse
from rooftree.segments.reference import evaluate
from rooftree.segments.sql import Context, columns_sql, counted_sql, members_sql
from rooftree.segments.subject import subject
from rooftree.segments.text import to_text
from rooftree.segments.why import why
from rooftree.storage.engine import Engine
from rooftree.vocabulary.states import Grain
from tests.lib.customers import FIELDS, Customers
from tests.lib.rules import AS_OF, RuleMaker

CATALOGUE = load()
EVENTS = dict(CATALOGUE.events)
WORLDS = 100 if os.environ.get("ROOFTREE_FUZZ") else 6
RULES = 16
VISIBLE = tuple(key for key in FIELDS if key != "mobile")
BASES = {Grain.PERSON: ["customers", "tenants", "everyone"]}


def segment(key: str, unit: Grain, base: str, node: Node, where: Scope) -> Segment:
    definition = SegmentDefinition(
        key, key, "test", unit, base, "tenancy_management", "select", to_text(node, events=EVENTS), "", "a", "b", AS_OF,
        AS_OF + dt.timedelta(365), (), key,
    )  # fmt: skip
    return Segment(definition, node, reads(node, where), "1")


def others(draw: random.Random) -> dict[str, Segment]:
    """One segment of each unit, the later ones free to name the earlier."""
    found: dict[str, Segment] = {}
    for unit in (Grain.HOME, Grain.TENANCY, Grain.HOUSEHOLD, Grain.PERSON):
        where = scope(
            CATALOGUE, unit, segments={k: Other(s.definition.unit) for k, s in found.items()}
        )
        base = draw.choice(BASES.get(unit, ["current", "all"]))
        found[f"s_{unit.value}"] = segment(
            f"s_{unit.value}", unit, base, RuleMaker(draw, where, VISIBLE).rule(2), where
        )
    return found


def make(
    seed: int,
) -> tuple[Customers, dict[str, Segment], dict[Grain, tuple[Scope, dict[str, Node]]]]:
    draw = random.Random(seed)
    segments = others(draw)
    rules = {}
    for unit in Grain:
        known = {k: Other(s.definition.unit, s.reads) for k, s in segments.items()}
        where = scope(CATALOGUE, unit, segments=known)
        rules[unit] = (
            where,
            {
                f"r{n}": RuleMaker(draw, where, FIELDS if n % 5 == 0 else VISIBLE).rule()
                for n in range(RULES)
            },
        )
    return Customers(CATALOGUE, draw), segments, rules


@pytest.fixture(scope="module")
def engine():
    with Engine(threads=1) as opened:
        yield opened


@pytest.mark.parametrize("seed", range(WORLDS))
def test_the_engine_and_the_reference_agree(seed, engine):
    customers, segments, rules = make(seed)
    customers.fill(engine)
    context = Context(CATALOGUE, AS_OF, segments)
    for unit, (where, nodes) in rules.items():
        checked = {name: check(node, where) for name, node in nodes.items() if passes(node, where)}
        found = engine.rows(columns_sql(checked, unit, context))
        assert len(found) == len(customers.tables()[unit])
        for key, *truths in found:
            case = customers.case(unit, key, segments)
            for (name, node), truth in zip(checked.items(), truths, strict=True):
                expected = evaluate(node, case)
                assert truth is expected, (
                    f"seed {seed}, {unit} {key}, {name}: {to_text(node, events=EVENTS)}"
                )


def passes(node: Node, where: Scope) -> bool:
    """A rule that asks which telephone number somebody has is refused, and is no rule for an engine."""
    try:
        check(node, where)
    except RuleError as error:
        return not all(
            "says who somebody is" in fault.what or "searched" in fault.what
            for fault in error.faults
        )
    return True


@pytest.mark.parametrize("seed", range(WORLDS))
def test_text_json_and_english_hold_for_any_rule(seed):
    _, _, rules = make(seed)
    for where, nodes in rules.values():
        for node in nodes.values():
            if not passes(node, where):
                continue
            assert check(parse(to_text(node, events=EVENTS)), where) == node
            assert check(from_json(to_json(node)), where) == node
            assert to_english(node, where)


@pytest.mark.parametrize("seed", range(3))
def test_counts_members_and_the_nearest_change_agree_with_the_reference(seed, engine):
    customers, segments, rules = make(1_000 + seed)
    customers.fill(engine)
    context = Context(CATALOGUE, AS_OF, segments)
    for unit, (where, nodes) in rules.items():
        base = "adults" if unit == Grain.PERSON else "current"
        for node in list(nodes.values())[1:5]:
            rows = customers.tables()[unit]
            truths = {
                k: evaluate(node, customers.case(unit, k, segments))
                for k, row in rows.items()
                if customers.base(unit, base, row)
            }
            counted = engine.rows(counted_sql(node, unit, base, context))
            assert counted == [
                (len(truths), list(truths.values()).count(True), list(truths.values()).count(None))
            ]
            for truth in (True, False, None):
                found = [
                    row[0]
                    for row in engine.rows(members_sql(node, unit, base, context, truth=truth))
                ]
                assert found == sorted(k for k, t in truths.items() if t is truth)
            for key in list(rows)[:3]:
                told = why(node, customers.case(unit, key, segments), where)
                assert bool(told.change) or told.truth is None or told.change == ()


@pytest.mark.parametrize("seed", range(WORLDS))
def test_the_same_tree_is_written_for_spark(seed):
    _, segments, rules = make(seed)
    context = Context(CATALOGUE, AS_OF, segments, engine="spark")
    for unit, (where, nodes) in rules.items():
        sql = columns_sql(
            {name: node for name, node in nodes.items() if passes(node, where)}, unit, context
        )
        assert sqlglot.parse_one(sql, read="spark") is not None


def test_every_kind_of_predicate_is_made():
    seen = {
        type(part)
        for seed in range(12)
        for _, nodes in make(seed)[2].values()
        for node in nodes.values()
        for part in walk(node)
    }
    assert set(PREDICATES) <= seen
    assert Arithmetic not in seen  # an operand, and no condition


@pytest.mark.parametrize("seed", range(2))
def test_a_subject_read_from_the_tables_turns_out_as_the_reference_says(seed, engine):
    customers, segments, rules = make(2_000 + seed)
    customers.fill(engine)
    context = Context(CATALOGUE, AS_OF, segments)
    for unit, (_, nodes) in rules.items():
        for node in list(nodes.values())[1:4]:
            for key in list(customers.tables()[unit])[:4]:
                found = subject(engine, node, key, unit=unit, base="all", context=context)
                assert evaluate(node, found.case) is evaluate(
                    node, customers.case(unit, key, segments)
                )
