"""Attributes, statements and small landlords for tests of the profile."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import fields
from typing import Any

from rooftree.catalogue.model import Attribute, Catalogue
from rooftree.identity import schema as identity
from rooftree.profile.ordering import Statement
from rooftree.staging import schema as staging
from rooftree.storage.engine import Engine
from rooftree.storage.tables import Table
from rooftree.vocabulary.states import Grain, Sensitivity

AS_OF = dt.date(2026, 3, 31)


def attribute(key: str = "tenure_wish", **changes: Any) -> Attribute:
    """An attribute of a person, fresh for two years, kept for six, housing before contact."""
    made: dict[str, Any] = {
        "key": key,
        "label": key.replace("_", " ").capitalize(),
        "topic": "test",
        "grain": Grain.PERSON,
        "type": "text",
        "meaning": "made up for a test",
        "sensitivity": Sensitivity.ORDINARY,
        "select_for": (),
        "count_for": (),
        "fresh_months": 24,
        "keep_months": 72,
        "precedence": ("register", "housing", "contact"),
        "owner": "Testers",
        "reviewed_on": AS_OF,
    }
    return Attribute(**(made | changes))


def catalogue(*attributes: Attribute) -> Catalogue:
    """A catalogue of these attributes and nothing else."""
    return Catalogue({a.key: a for a in attributes}, {}, {}, {}, version="test")


def said(value: str | None = None, on: str | None = "2026-01-01", **changes: Any) -> Statement:
    """Something told to the housing system: `said("tenant", "2025-05-03")`."""
    made: dict[str, Any] = {
        "state": "answered" if value is not None else "refused",
        "value": value,
        "raw_value": value,
        "system": "northgate",
        "source_kind": "housing",
        "recorded_on": dt.date.fromisoformat(on) if on else None,
        "source_file": "f1",
        "source_row": 1,
    }
    return Statement(**(made | changes))


def fill(engine: Engine, table: Table, rows: Iterable[dict[str, Any]]) -> None:
    """Make the declared table with these rows; columns that are not given are null."""
    engine.execute(f"DROP TABLE IF EXISTS {table.full_name}")
    engine.create(table)
    listed = [tuple(row.get(name) for name in table.names) for row in rows]
    if listed:
        marks = ", ".join("?" for _ in table.names)
        engine.con.executemany(f"INSERT INTO {table.full_name} VALUES ({marks})", listed)


def nobody(engine: Engine) -> None:
    """The tables that the profile reads, all empty."""
    for table in (*identity.ALL, staging.ANSWER):
        fill(engine, table, ())


def answers(engine: Engine, rows: Sequence[tuple[str, str, Statement]]) -> None:
    """Fill staging.answer with (attribute, person_ref, statement)."""
    fill(
        engine,
        staging.ANSWER,
        (
            {"attribute": key, "grain": "person", "subject_ref": ref}
            | {field.name: getattr(statement, field.name) for field in fields(statement)}
            for key, ref, statement in rows
        ),
    )


def records(engine: Engine, pairs: Iterable[tuple[str, str, str]]) -> None:
    """Fill identity.record and identity.person with (system, person_ref, person_id)."""
    listed = list(pairs)
    fill(
        engine,
        identity.RECORD,
        ({"system": s, "person_ref": r, "person_id": p, "reason": "alone"} for s, r, p in listed),
    )
    fill(
        engine,
        identity.PERSON,
        (
            {"person_id": p, "is_organisation": False, "n_records": 1, "n_systems": 1}
            for p in sorted({p for _, _, p in listed})
        ),
    )
