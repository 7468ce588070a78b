"""A table that a stage made is held to its declaration: required values and a key that occurs once."""

from __future__ import annotations

import pytest

from rooftree.storage import tables, verify
from rooftree.storage.engine import Engine
from rooftree.storage.tables import Column, Table
from rooftree.vocabulary.errors import RooftreeError

LINK = Table(
    "identity",
    "link",
    "links",
    (Column("system", "VARCHAR", "system", True), Column("ref", "VARCHAR", "reference")),
    key=("system", "ref"),
)


def checked(*rows: tuple[str | None, str | None]) -> None:
    with Engine() as engine:
        engine.create(LINK)
        engine.con.executemany("INSERT INTO identity.link VALUES (?, ?)", rows)
        engine.check(LINK)


def test_keys_that_differ_in_any_column_are_fine():
    checked(("crm", "1"), ("crm", "2"), ("housing", "1"), ("housing", None))


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([("crm", "1"), ("crm", "1"), ("crm", "2")], "1 keys"),
        ([("crm", "1"), ("crm", "1"), ("crm", "1"), ("crm", "2"), ("crm", "2")], "2 keys"),
        ([("crm", None), ("crm", None)], "1 keys"),
        ([(None, "1"), ("crm", "1")], "system is null in 1 rows"),
    ],
)
def test_a_key_twice_and_a_missing_value_are_counted(rows: list, said: str):
    with pytest.raises(RooftreeError, match=said):
        checked(*rows)


def test_every_type_of_a_column_is_known_where_a_snapshot_is_verified():
    assert set(verify._ARROW) == set(tables.TYPES)
