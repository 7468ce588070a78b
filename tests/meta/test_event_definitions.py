"""Every kind of event, and every fact, is read from a column that exists, of the type it says."""

from __future__ import annotations

from pathlib import Path

import pytest

from rooftree.catalogue import load
from rooftree.identity import schema as identity
from rooftree.staging.schema import CANONICAL
from rooftree.staging.values import CLOSED

ROOT = Path(__file__).resolve().parents[2]
CATALOGUE = load()
EVENTS = list(CATALOGUE.events.values())
FACTS = [thing for thing in CATALOGUE.features.values() if thing.table.startswith("identity.")]
TABLES = {f"{table.stage}.{table.name}": table for table in (*CANONICAL, *identity.ALL)}
TYPES = {
    "number": ("INTEGER", "DOUBLE", "BIGINT"), "money": ("BIGINT",), "code": ("VARCHAR",), "text": ("VARCHAR",),
    "date": ("DATE",), "boolean": ("BOOLEAN",),
}  # fmt: skip
each_event = pytest.mark.parametrize("event", EVENTS, ids=lambda thing: thing.key)


def test_what_happens_most_can_be_counted():
    assert {"contact", "repair", "case", "service_use", "payment"} <= CATALOGUE.events.keys()


@each_event
def test_an_event_is_read_from_a_canonical_table(event):
    table = TABLES[event.table]
    assert table[event.date].type == "DATE"
    for one in event.fields:
        assert table[one.column].type in TYPES[one.type]
        assert one.known_from is None or table[one.known_from].type == "DATE"


@each_event
def test_the_words_of_a_field_are_those_that_staging_lets_in(event):
    name = event.table.partition(".")[2]
    for column, words in event.only.items():
        assert set(words) <= set(CLOSED[name, column])
    for one in event.fields:
        if one.values and (name, one.column) in CLOSED:
            words = event.only.get(one.column, CLOSED[name, one.column])
            assert [value.key for value in one.values] == list(words)


@each_event
def test_an_event_is_on_the_reference_page(event):
    page = (ROOT / "docs/reference/events.md").read_text(encoding="utf-8")
    assert f"\n## {event.key}\n" in page


def test_what_may_be_an_offence_selects_for_the_safety_of_the_community_only():
    assert CATALOGUE.events["asb_case"].select_for == ("community_safety",)
    assert not {"asb", "safeguarding"} & set(CATALOGUE.events["case"].only["kind"])


@pytest.mark.parametrize("fact", FACTS, ids=lambda thing: thing.key)
def test_a_fact_is_read_from_a_column_of_its_type(fact):
    name, column = fact.place
    assert TABLES[name][column].type in TYPES[fact.type]
    assert name == "identity.member" or TABLES[name].key == (f"{fact.grain}_id",)
