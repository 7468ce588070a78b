"""Turns one file `events/<key>.toml` into an Event, noting every problem of it."""

from __future__ import annotations

from typing import Any

from rooftree.catalogue.documents import Entry
from rooftree.catalogue.fields import Fields, is_key
from rooftree.catalogue.model import Event, EventField
from rooftree.catalogue.read import FEATURE_TYPES, key_of, read_code, serves_something
from rooftree.vocabulary.errors import Problem
from rooftree.vocabulary.states import Grain, Sensitivity


def read_event(entry: Entry, problems: list[Problem]) -> Event:
    """The kind of event that a file `events/<key>.toml` defines, with its fields."""
    fields = Fields(entry.table, entry.where, problems)
    event = Event(
        key=key_of(fields, entry),
        label=fields.text("label"),
        singular=fields.key("singular"),
        plural=fields.key("plural"),
        meaning=fields.text("meaning"),
        table=fields.text("table"),
        date=fields.key("date"),
        grain=fields.choice("grain", Grain),
        fields=tuple(
            _field(fields, key, value)
            for key, value in fields.tables("fields", required=True).items()
        ),
        sensitivity=fields.choice("sensitivity", Sensitivity),
        select_for=fields.texts("select_for"),
        count_for=fields.texts("count_for"),
        owner=fields.text("owner"),
        reviewed_on=fields.date("reviewed_on"),
        only=_only(fields),
        above_zero=fields.text("above_zero", required=False) or None,
        sources=fields.texts("sources", required=False),
    )
    serves_something(fields)
    fields.finish()
    return event


def _field(fields: Fields, key: str, value: Any) -> EventField:
    """One field: a table of its own, whose column has the field's name unless it says another."""
    if not isinstance(value, dict):
        fields.problem(f"fields.{key}", "is not a table.", f"Begin with [fields.{key}].")
        value = {"label": key, "type": "text"}
    if not is_key(key):
        fields.problem(
            f"fields.{key}",
            "cannot be a key.",
            "Use small letters, digits and underscores, a letter first.",
        )
    inner = Fields(value, fields.where, fields.problems, f"fields.{key}.")
    read = EventField(
        key=key,
        label=inner.text("label"),
        type=inner.one_of("type", FEATURE_TYPES),
        column=inner.text("column", required=False) or key,
        codes=inner.text("codes", required=False) or None,
        values=tuple(
            read_code(inner, code, label) for code, label in inner.tables("values").items()
        ),
        unit=inner.text("unit", required=False),
        known_from=inner.text("known_from", required=False) or None,
        negated=inner.flag("negated", default=False),
    )
    inner.finish()
    return read


def _only(fields: Fields) -> dict[str, tuple[str, ...]]:
    inner = fields.inner("only")
    return {column: inner.texts(column) for column in inner.table} if inner else {}
