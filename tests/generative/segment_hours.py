"""The engines of segments against the reference, for as long as is wished:

    python -m tests.generative.segment_hours --minutes 60 [--first 1000000]

Ends with 0 when nothing disagreed, and says how many rules and subjects were compared.
"""

from __future__ import annotations

import argparse
import time

from rooftree.segments.check import check
from rooftree.segments.reference import evaluate
from rooftree.segments.sql import Context, columns_sql
from rooftree.segments.text import to_text
from rooftree.storage.engine import Engine
from tests.generative.test_segment_engines import CATALOGUE, EVENTS, make, passes
from tests.lib.rules import AS_OF


def compare(seed: int, engine: Engine) -> tuple[int, int, list[str]]:
    """One world: how many rules and truths were compared, and what disagreed."""
    customers, segments, rules = make(seed)
    customers.fill(engine)
    context = Context(CATALOGUE, AS_OF, segments)
    n_rules = n_truths = 0
    wrong: list[str] = []
    for unit, (where, nodes) in rules.items():
        checked = {name: check(node, where) for name, node in nodes.items() if passes(node, where)}
        n_rules += len(checked)
        for key, *truths in engine.rows(columns_sql(checked, unit, context)):
            case = customers.case(unit, key, segments)
            for node, truth in zip(checked.values(), truths, strict=True):
                n_truths += 1
                if truth is not evaluate(node, case):
                    wrong.append(f"seed {seed}, {unit.value} {key}: {to_text(node, events=EVENTS)}")
    return n_rules, n_truths, wrong


def main() -> int:
    """Compare until the time is over; 1 where anything disagreed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--first", type=int, default=1_000_000, help="the first seed")
    options = parser.parse_args()
    end, seed = time.monotonic() + options.minutes * 60, options.first
    n_rules = n_truths = 0
    wrong: list[str] = []
    while time.monotonic() < end:
        with Engine(threads=1) as engine:
            for _ in range(20):
                rules, truths, found = compare(seed, engine)
                n_rules, n_truths, wrong, seed = (
                    n_rules + rules,
                    n_truths + truths,
                    wrong + found,
                    seed + 1,
                )
                for line in found:
                    print(line, flush=True)
    print(
        f"{seed - options.first:,} worlds, {n_rules:,} rules, {n_truths:,} truths, {len(wrong):,} disagreements"
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
