"""What may be counted for a purpose, and into which categories each thing falls.

Codes keep their categories; yes and no are two; numbers, money and dates fall into bands that are laid
by everybody of the unit, whatever the filter, so that two questions have the same bands.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from rooftree.catalogue.model import Catalogue, Purpose
from rooftree.governance import may_count
from rooftree.segments.fields import Known, all_fields
from rooftree.segments.nodes import Kind
from rooftree.segments.persona.bands import Bands, age_bands, bands_of, year_bands
from rooftree.segments.schema import KNOWN, SEEN, STATE_BITS, STATE_NUMBER, id_of
from rooftree.storage.engine import Engine
from rooftree.vocabulary.states import Grain, State

NOT_KNOWN, NOT_APPLICABLE = "Not known", "Does not apply"
#: Beside the answers: what is left out of the share of those with an answer.
ASIDE = (NOT_KNOWN, NOT_APPLICABLE)
_COUNTED = (Kind.CODE, Kind.BOOLEAN, Kind.NUMBER, Kind.MONEY, Kind.DATE)
_NAMED = ("patch",)  # texts that name an area, and so may be counted
_AGES = ("age", "oldest_age", "youngest_age")
_SAMPLE = 5_000


@dataclass(frozen=True, slots=True)
class Characteristic:
    """One thing to count by. `sql`: its category over the unit's wide table, as a label. `labels`: in order."""

    key: str
    label: str
    sql: str
    labels: tuple[str, ...]


def countable(catalogue: Catalogue, purpose: Purpose, unit: Grain) -> dict[str, Known]:
    """The fields that may be counted for the purpose and that the unit can see, by key."""
    return {
        key: known
        for key, known in sorted(all_fields(catalogue).items(), key=lambda pair: pair[1].label)
        if known.grain in SEEN[unit]
        and (known.kind in _COUNTED or key in _NAMED)
        and may_count(known.thing, purpose)
    }


def characteristic(
    engine: Engine, known: Known, *, unit: Grain, as_of: dt.date
) -> Characteristic | None:
    """The categories of a field; None where a number is the same for everybody, or known of nobody."""
    column = f'"{known.key}"'
    if known.key in _NAMED:
        rows = engine.rows(
            f"SELECT DISTINCT {column} FROM segments.{unit.value} WHERE {column} IS NOT NULL ORDER BY 1"
        )
        return _made(known, unit, column, {str(row[0]): str(row[0]) for row in rows})
    if known.kind == Kind.BOOLEAN:
        return _made(known, unit, f"CAST({column} AS TINYINT)", {"1": "Yes", "0": "No"})
    if known.kind == Kind.CODE:
        codes = known.codes.codes if known.codes else ()
        return _made(known, unit, column, {code.key: code.label for code in codes})
    bands = _bands(engine, known, unit, as_of)
    if bands is None:
        return None
    labels = {str(n): label for n, label in enumerate(bands.labels)}
    return _made(known, unit, bands.sql(_number(known, as_of)), labels)


def _made(known: Known, unit: Grain, value: str, labels: Mapping[str, str]) -> Characteristic:
    cases = " ".join(f"WHEN {_quoted(key)} THEN {_quoted(label)}" for key, label in labels.items())
    named = (
        f"CASE CAST({value} AS VARCHAR) {cases} ELSE {_quoted(NOT_KNOWN)} END"
        if cases
        else _quoted(NOT_KNOWN)
    )
    none = _quoted(NOT_APPLICABLE)
    if known.stateful:
        state = f'"{known.key}{KNOWN}" & {STATE_BITS}'
        sql = (
            f"CASE {state} WHEN {STATE_NUMBER[State.NOT_APPLICABLE]} THEN {none} "
            f"WHEN {STATE_NUMBER[State.ANSWERED]} THEN {named} ELSE {_quoted(NOT_KNOWN)} END"
        )
    else:
        sql = f"CASE WHEN {id_of(known.grain)} IS NULL THEN {none} ELSE {named} END"
    # Two codes may bear one label; a category is what a reader can tell apart.
    return Characteristic(known.key, known.label, sql, tuple(dict.fromkeys(labels.values())))


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _number(known: Known, as_of: dt.date) -> str:
    column = f'"{known.key}"'
    if known.kind == Kind.DATE:
        return f"((DATE '{as_of.isoformat()}' - {column}) / 365.25)"
    return f"CAST({column} AS DOUBLE)"


def _bands(engine: Engine, known: Known, unit: Grain, as_of: dt.date) -> Bands | None:
    if known.kind == Kind.DATE:
        return year_bands()
    if known.key in _AGES:
        return age_bands()
    rows = engine.rows(
        f"""SELECT {_number(known, as_of)} FROM segments.{unit.value}
        WHERE "{known.key}" IS NOT NULL ORDER BY md5({id_of(unit)}) LIMIT {_SAMPLE}"""
    )
    money = known.kind == Kind.MONEY
    unit_name = "" if money else known.unit
    return bands_of([float(row[0]) for row in rows], unit=unit_name, money=money)
