"""Builds the wide tables: what is known of every person, household, tenancy and home, one row each.

Values are resolved long (profile.value). They are turned once per grain, some attributes at a time,
so that the cost grows with the values that there are and not with attributes times values; what
belongs to a household, tenancy or home is joined to those who belong to it at the very end, where the
table is written. Until then the unit tables are views, because in memory they would be as large as
all of the profile.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

from rooftree.catalogue.model import Attribute, Catalogue, Feature
from rooftree.profile.populations import POPULATIONS
from rooftree.segments import events
from rooftree.segments.schema import (
    FIRST,
    IN_CONFLICT,
    KNOWN,
    SEEN,
    STALE,
    STATE_NUMBER,
    columns_of,
    fields_of,
    id_of,
    tables,
    unit_table,
)
from rooftree.storage.engine import Engine, quote
from rooftree.storage.portable import Parameter, compile_sql
from rooftree.storage.tables import Table
from rooftree.vocabulary.progress import NoProgress, Progress
from rooftree.vocabulary.states import Grain, State

#: Attributes that are turned in one pass: each pass reads only their values.
AT_ONCE = 16

_NUMBER = " ".join(f"WHEN '{state}' THEN {number}" for state, number in STATE_NUMBER.items())
_KNOWN = f"""CAST(CASE state {_NUMBER} END
    + CASE WHEN is_stale THEN {STALE} ELSE 0 END
    + CASE WHEN in_conflict THEN {IN_CONFLICT} ELSE 0 END AS UTINYINT)"""
_NOT_ASKED = f"CAST({STATE_NUMBER[State.NOT_ASKED]} AS UTINYINT)"
_NO_SUCH = f"CAST({STATE_NUMBER[State.NOT_APPLICABLE]} AS UTINYINT)"

_FLAGS = {
    "is_customer": "customers", "is_adult": "adults", "is_tenant": "tenants",
    "is_lead_tenant": "lead_tenants", "is_household_member": "household_members",
}  # fmt: skip

#: The part of a person in one current tenancy: where they live before where they only stand by.
_PART = """
    SELECT m.person_id, m.role, m.from_on, h.household_id, h.tenancy_id, h.home_id,
      row_number() OVER (PARTITION BY m.person_id ORDER BY CASE WHEN h.household_id IS NULL THEN 1 ELSE 0 END,
        CASE WHEN m.is_responsible THEN 0 ELSE 1 END,
        CASE WHEN m.from_on IS NULL THEN 1 ELSE 0 END, m.from_on DESC, m.household_id, m.tenancy_id) AS place
    FROM identity.member m
    LEFT JOIN (SELECT * FROM identity.household WHERE is_current) h
      ON h.household_id = CASE WHEN m.lives_there THEN m.household_id END
    WHERE m.is_current"""

_PERSON = f"""
    SELECT p.person_id, k.household_id, k.tenancy_id, k.home_id, h.patch, k.role, k.from_on,
      {", ".join(f"{key}.subject_id IS NOT NULL AS {flag}" for flag, key in _FLAGS.items())}
    FROM identity.person p
    LEFT JOIN (SELECT * FROM ({_PART}) part WHERE part.place = 1) k ON k.person_id = p.person_id
    LEFT JOIN identity.home h ON h.home_id = k.home_id
    {" ".join(f"LEFT JOIN ({POPULATIONS[key].sql}) {key} ON {key}.subject_id = p.person_id"
              for key in _FLAGS.values())}
    WHERE NOT p.is_organisation AND (p.date_of_death IS NULL OR p.date_of_death > :as_of)"""  # fmt: skip

_HOUSEHOLD = """
    SELECT k.household_id, k.tenancy_id, k.home_id, k.lead_person_id, k.is_current, h.patch
    FROM identity.household k LEFT JOIN identity.home h ON h.home_id = k.home_id"""

_TENANCY = """
    SELECT t.tenancy_id, t.household_id, t.home_id, k.lead_person_id, t.is_current, h.patch
    FROM identity.tenancy t LEFT JOIN identity.household k ON k.household_id = t.household_id
    LEFT JOIN identity.home h ON h.home_id = t.home_id
    WHERE coalesce(t.tenure, '') <> 'application'"""

# A home of a kind that no system says, or of a kind that is none, is one if a household is in it.
_HOME = """
    WITH current_one AS (
      SELECT home_id, tenancy_id, household_id, row_number() OVER (PARTITION BY home_id
        ORDER BY CASE WHEN started_on IS NULL THEN 1 ELSE 0 END, started_on DESC, tenancy_id) AS place
      FROM identity.tenancy WHERE is_current AND home_id IS NOT NULL
    )
    SELECT h.home_id, t.tenancy_id, t.household_id, k.lead_person_id, t.tenancy_id IS NOT NULL AS is_let, h.patch
    FROM identity.home h
    LEFT JOIN current_one t ON t.home_id = h.home_id AND t.place = 1
    LEFT JOIN identity.household k ON k.household_id = t.household_id
    LEFT JOIN (SELECT DISTINCT home_id FROM identity.household) lived ON lived.home_id = h.home_id
    WHERE h.asset_type IN ({homes}) OR lived.home_id IS NOT NULL"""

_SUBJECTS = {
    Grain.PERSON: _PERSON,
    Grain.HOUSEHOLD: _HOUSEHOLD,
    Grain.TENANCY: _TENANCY,
    Grain.HOME: _HOME,
}


def build(
    engine: Engine, *, as_of: dt.date, catalogue: Catalogue, progress: Progress | None = None
) -> tuple[Table, ...]:
    """Leave the tables of `schema.tables` in the engine, as views and tables, and answer them.

    Reads the tables of staging, identity, profile and features that are in the engine. `clean` removes
    the working tables when the result is written. Raises DefinitionError for an event whose table or
    column does not exist.
    """
    with (progress or NoProgress()).step("Segment tables", total=8, unit="tables") as step:
        for grain in Grain:
            _make_own(engine, grain, as_of=as_of, catalogue=catalogue)
            step.advance()
        for unit in Grain:
            table = unit_table(unit, catalogue)
            sql = compile_sql(_unit_sql(engine, unit, catalogue), where=table.full_name)
            columns = ", ".join(f'CAST("{c.name}" AS {c.type}) AS "{c.name}"' for c in table)
            engine.schema(table.stage)
            engine.execute(
                f"CREATE OR REPLACE VIEW {table.full_name} AS SELECT {columns} FROM ({sql})"
            )
            step.advance()
        events.build(engine, as_of=as_of, catalogue=catalogue)
    return tables(catalogue)


def clean(engine: Engine) -> None:
    """Drop the working tables, once the unit tables are written and read from there."""
    for grain in Grain:
        engine.execute(
            f"DROP TABLE IF EXISTS {_own(grain)}; DROP TABLE IF EXISTS {_subject(grain)}"
        )


def _own(grain: Grain) -> str:
    return f"_tmp_segments_{grain.value}"


def _subject(grain: Grain) -> str:
    return f"_tmp_segments_{grain.value}_id"


def _make(engine: Engine, name: str, sql: str, as_of: dt.date) -> None:
    parameters: dict[str, Parameter] = {"as_of": as_of}
    compiled = compile_sql(sql, where=name, parameters=parameters)
    engine.execute(f"CREATE OR REPLACE TABLE {name} AS {compiled}")


def _make_own(engine: Engine, grain: Grain, *, as_of: dt.date, catalogue: Catalogue) -> None:
    """Leave who the subjects of a grain are, and what is known of each of its own."""
    homes = [code.key for code in catalogue.code_lists["asset_type"].codes if "home" in code.flags]
    sql = _SUBJECTS[grain].replace("{homes}", ", ".join(quote(key) for key in homes))
    _make(engine, _subject(grain), sql, as_of)
    _make(engine, _own(grain), _own_sql(engine, grain, catalogue), as_of)


def _things(grain: Grain, catalogue: Catalogue) -> list[Attribute | Feature]:
    return [thing for thing in fields_of(grain, catalogue).values() if thing.grain == grain]


def _own_sql(engine: Engine, grain: Grain, catalogue: Catalogue) -> str:
    """One row per subject, with the attributes that anybody has and the features of this grain."""
    things = _things(grain, catalogue)
    held = _held(engine, grain, things)
    passes = [held[start : start + AT_ONCE] for start in range(0, len(held), AT_ONCE)]
    columns, joins = [f"s.{id_of(grain)}"], []
    for number, some in enumerate(passes):
        columns += [f'v{number}."{column.name}"' for thing in some for column in columns_of(thing)]
        joins.append(
            f"LEFT JOIN ({_turned(grain, some)}) v{number} ON v{number}.subject_id = s.{id_of(grain)}"
        )
    for alias, name, features in _sources(engine, things):
        columns += [f'{alias}."{feature.place[1]}" AS "{feature.key}"' for feature in features]
        if name != "identity.member":  # whose rows are found already, one for each person
            joins.append(f"LEFT JOIN {name} {alias} ON {alias}.{id_of(grain)} = s.{id_of(grain)}")
    return f"SELECT {', '.join(columns)} FROM {_subject(grain)} s {' '.join(joins)}"


def _held(engine: Engine, grain: Grain, things: Sequence[Attribute | Feature]) -> list[Attribute]:
    """The attributes of which anybody has a row."""
    rows = engine.rows(
        "SELECT DISTINCT attribute FROM profile.value WHERE grain = ?", [grain.value]
    )
    found = {row[0] for row in rows}
    return [thing for thing in things if isinstance(thing, Attribute) and thing.key in found]


def _turned(grain: Grain, attributes: Sequence[Attribute]) -> str:
    columns = []
    for attribute in attributes:
        mine = f"CASE WHEN attribute = {quote(attribute.key)} THEN"
        for column in columns_of(attribute):
            if column.name.endswith(KNOWN):
                columns.append(f'max({mine} known END) AS "{column.name}"')
            else:
                value = f"max({mine} value END)"
                typed = value if column.type == "VARCHAR" else f"TRY_CAST({value} AS {column.type})"
                columns.append(f'{typed} AS "{column.name}"')
    keys = ", ".join(quote(attribute.key) for attribute in attributes)
    return f"""SELECT subject_id, {", ".join(columns)} FROM (
        SELECT subject_id, attribute, value, {_KNOWN} AS known FROM profile.value
        WHERE grain = {quote(grain.value)} AND attribute IN ({keys})) each_value
      GROUP BY subject_id"""


def _sources(
    engine: Engine, things: Sequence[Attribute | Feature]
) -> Iterator[tuple[str, str, list[Feature]]]:
    """The tables that hold the features, each with an alias and the features whose column it has."""
    features = [thing for thing in things if isinstance(thing, Feature)]
    for number, name in enumerate(sorted({feature.place[0] for feature in features})):
        if not engine.has(name):
            continue
        there = {column for column, _ in engine.columns(name)}
        found = [f for f in features if f.place[0] == name and f.place[1] in there]
        if found:
            yield "s" if name == "identity.member" else f"f{number}", name, found


def _unit_sql(engine: Engine, unit: Grain, catalogue: Catalogue) -> str:
    """The wide table of a unit: its own fields, and those of what it belongs to."""
    present = {grain: {name for name, _ in engine.columns(_own(grain))} for grain in SEEN[unit]}
    columns = [f"s.{column.name}" for column in FIRST[unit]]
    for thing in fields_of(unit, catalogue).values():
        for column in columns_of(thing):
            there = column.name in present[thing.grain]
            value = f'{thing.grain.value}."{column.name}"' if there else "NULL"
            if column.name.endswith(KNOWN) and isinstance(thing, Attribute):
                absent = _NOT_ASKED
                if thing.grain != unit:
                    absent = f"CASE WHEN s.{id_of(thing.grain)} IS NULL THEN {_NO_SUCH} ELSE {_NOT_ASKED} END"
                value = f"coalesce({value}, {absent})" if there else absent
            columns.append(f'{value} AS "{column.name}"')
    joins = [
        f"LEFT JOIN {_own(grain)} {grain.value} ON {grain.value}.{id_of(grain)} = s.{id_of(grain)}"
        for grain in SEEN[unit]
    ]
    return f"SELECT {', '.join(columns)} FROM {_subject(unit)} s {' '.join(joins)}"
