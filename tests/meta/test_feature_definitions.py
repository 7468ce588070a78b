"""Every column of the features stage is defined, and every definition is a column."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from rooftree.features import schema

FOLDER = Path(schema.__file__).parent.parent / "definitions"
FILES = sorted((FOLDER / "features").glob("*.toml"))
DEFINED = [entry for file in FILES for entry in tomllib.loads(file.read_text("utf-8"))["feature"]]

#: Counts by channel and reason, and the account of what did not join, are tables but not features.
LONG = (schema.PERSON_CONTACT_REASON, schema.UNMATCHED)
TYPES = {
    "number": ("INTEGER", "DOUBLE"), "money": ("BIGINT", "DOUBLE"), "code": ("VARCHAR",), "text": ("VARCHAR",),
    "date": ("DATE",), "boolean": ("BOOLEAN",),
}  # fmt: skip


@pytest.mark.parametrize("table", [t for t in schema.ALL if t not in LONG], ids=lambda t: t.name)
def test_columns_are_the_definitions(table):
    columns = [name for name in table.names if name not in table.key]
    defined = [entry for entry in DEFINED if entry["table"] == table.name]
    assert [entry["key"] for entry in defined] == columns
    for entry in defined:
        assert f"{entry['grain']}_id" == table.key[0]
        assert table[entry["key"]].type in TYPES[entry["type"]]
        assert table[entry["key"]].sensitivity == entry["sensitivity"]


def test_keys_are_unique_across_tables():
    keys = [entry["key"] for entry in DEFINED]
    assert len(keys) == len(set(keys))


def test_code_lists_of_features_exist():
    lists = {entry["codes"] for entry in DEFINED if entry["type"] == "code"}
    assert [
        key for key in sorted(lists) if not (FOLDER / "code_lists" / f"{key}.toml").exists()
    ] == []
