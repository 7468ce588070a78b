"""Of whom a segment may keep no stay: those who withdrew a value that its rule reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rooftree.segments.schema import KNOWN, STATE_BITS, STATE_NUMBER, id_of
from rooftree.storage.engine import Engine, quote
from rooftree.vocabulary.states import Grain, State

_IS_WITHDRAWN = f"& {STATE_BITS} = {STATE_NUMBER[State.WITHDRAWN]}"


@dataclass(frozen=True, slots=True)
class Reads:
    """What a segment's rule reads, through others too; `of_members`: perhaps of others in the household."""

    unit: Grain
    fields: frozenset[str]
    of_members: bool


def find(engine: Engine, name: str, reads: Mapping[str, Reads]) -> None:
    """Leave the table `name` of segment and subject_id.

    A person's value counts for the person and, where a rule may have read it as that of a member, for
    the household, tenancy or home they live in and for all who live there.
    """
    engine.execute(f"CREATE OR REPLACE TABLE {name} (segment VARCHAR, subject_id VARCHAR)")
    held = {
        grain: {column for column, _ in engine.columns(f"segments.{grain.value}")}
        for grain in Grain
    }
    withdrawn = {
        grain: {f"{row[0]}{KNOWN}" for row in _attributes(engine, grain)} & held[grain]
        for grain in Grain
    }
    for key, read in sorted(reads.items()):
        grain = read.unit
        columns = {f"{field}{KNOWN}" for field in read.fields}
        own = sorted(columns & held[grain] & set().union(*withdrawn.values()))
        of_people = sorted(columns & withdrawn[Grain.PERSON]) if read.of_members else []
        conditions = [f'(s."{column}" {_IS_WITHDRAWN})' for column in own]
        if of_people:
            some = " OR ".join(f'(p."{column}" {_IS_WITHDRAWN})' for column in of_people)
            conditions.append(
                f"s.household_id IN (SELECT household_id FROM segments.person p WHERE {some})"
            )
        if conditions:
            engine.execute(f"""INSERT INTO {name}
                SELECT {quote(key)}, s.{id_of(grain)} FROM segments.{grain.value} s WHERE {" OR ".join(conditions)}""")


def _attributes(engine: Engine, grain: Grain) -> list[tuple[str]]:
    """The attributes of a grain that anybody withdrew."""
    return engine.rows(
        "SELECT DISTINCT attribute FROM profile.value WHERE state = 'withdrawn' AND grain = ?",
        [grain.value],
    )
