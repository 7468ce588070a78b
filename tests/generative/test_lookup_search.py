"""Search against slow scans, on invented names and codes."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path

import pyarrow as pa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rooftree.storage.engine import Engine
from rooftree.storage.lookup import Lookup
from rooftree.storage.lookup_build import build_lookup
from rooftree.storage.words import (
    AS_CODE_SQL,
    AS_DIGITS_SQL,
    FOLD_ASCII_SQL,
    as_code,
    as_digits,
    distance,
    fold,
    slips_forgiven,
    variants,
)

EXAMPLES = 300 if os.environ.get("ROOFTREE_FUZZ") else 25
steady = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=not os.environ.get("ROOFTREE_FUZZ"),
    suppress_health_check=[HealthCheck.too_slow],
)
# Few letters, so that words meet often.
word = st.text("abcd", min_size=1, max_size=9)
people = st.lists(st.lists(word, min_size=1, max_size=3).map(" ".join), min_size=1, max_size=30)
ascii_text = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=12)


def slow_distance(one: str, other: str) -> int:
    """The definition, by the book: the whole table, no short cut."""
    table = {(i, 0): i for i in range(len(one) + 1)} | {(0, j): j for j in range(len(other) + 1)}
    for i in range(1, len(one) + 1):
        for j in range(1, len(other) + 1):
            costs = [
                table[i - 1, j] + 1,
                table[i, j - 1] + 1,
                table[i - 1, j - 1] + (one[i - 1] != other[j - 1]),
            ]
            if i > 1 and j > 1 and one[i - 1] == other[j - 2] and one[i - 2] == other[j - 1]:
                costs.append(table[i - 2, j - 2] + 1)
            table[i, j] = min(costs)
    return table[len(one), len(other)]


@settings(max_examples=EXAMPLES * 20, deadline=None, derandomize=True)
@given(word, word)
def test_the_quick_distance_is_the_slow_one_up_to_where_it_gives_up(one: str, other: str):
    for most in (0, 1, 2):
        assert distance(one, other, most=most) == min(slow_distance(one, other), most + 1)


@settings(max_examples=EXAMPLES * 20, deadline=None, derandomize=True)
@given(word, word)
def test_words_within_the_forgiven_slips_share_a_variant(one: str, other: str):
    most = slips_forgiven(one, other)
    if most and slow_distance(one, other) <= most:
        assert variants(one) & variants(other)


@steady
@given(st.lists(ascii_text, min_size=1, max_size=40))
def test_folding_a_column_is_folding_each_text(texts: list[str]):
    with Engine(threads=1) as engine:
        engine.con.register("given", pa.table({"text": texts}))
        rows = engine.rows(
            f"SELECT text, folded, {AS_CODE_SQL}, {AS_DIGITS_SQL} "
            f"FROM (SELECT text, {FOLD_ASCII_SQL} AS folded FROM given)"
        )
    for text, folded, code, digits in rows:
        assert folded == fold(text)
        assert code == as_code(fold(text))
        assert digits == as_digits(fold(text))


@steady
@given(st.lists(st.from_regex(r"\A(00440?|440?|0)?[0-9]{7,11}\Z"), min_size=1, max_size=40))
def test_a_column_of_telephone_numbers_is_each_number(numbers: list[str]):
    with Engine(threads=1) as engine:
        engine.con.register("given", pa.table({"folded": numbers}))
        for number, digits in engine.rows(f"SELECT folded, {AS_DIGITS_SQL} FROM given"):
            assert digits == as_digits(number)


@steady
@given(people, st.lists(word, min_size=1, max_size=2))
def test_search_by_name_finds_exactly_what_a_slow_scan_finds(names: list[str], asked: list[str]):
    ids = [f"P{n:03}" for n in range(len(names))]

    def fits(name: str, near: bool) -> bool:
        return all(
            any(
                own.startswith(one)
                or (near and slow_distance(one, own) <= slips_forgiven(one, own))
                for own in name.split()
            )
            for one in asked
        )

    documents = pa.record_batch({"id": ids, "document": [json.dumps({"id": i}) for i in ids]})
    keys = pa.record_batch({"id": ids, "kind": ["name"] * len(ids), "text": names})
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "lookup.sqlite"
        build_lookup(path, [documents], [keys], threads=1)
        with Lookup.open(path) as lookup:
            hits = lookup.search(" ".join(asked), limit=1000)
            few = lookup.search(" ".join(asked), limit=3)
    found = {hit.id for hit in hits}
    assert found == {i for i, name in zip(ids, names, strict=True) if fits(name, near=True)}
    begun = {hit.id for hit in hits if hit.how != "misspelt"}
    assert begun == {i for i, name in zip(ids, names, strict=True) if fits(name, near=False)}
    assert len(few) == min(3, len(hits))
    assert {hit.id for hit in few} <= found
