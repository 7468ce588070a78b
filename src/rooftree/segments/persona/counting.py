"""Counts every category of every countable thing in one pass, apart for each part of the base.

A part is a set of groups: with one group those outside (0) and inside (1); with two those in neither
(0), in the first only (1), in the second only (2) and in both (3).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from rooftree.catalogue.segment import BASES
from rooftree.segments.persona.countable import Countable
from rooftree.segments.schema import KNOWN, STATE_BITS, STATE_NUMBER, id_of
from rooftree.storage.engine import Engine
from rooftree.vocabulary.errors import NotFound, UserError
from rooftree.vocabulary.states import Grain, State

#: Things counted in one statement: each reads its own columns only, and the ids once more.
AT_ONCE = 30
NOT_KNOWN, NOT_APPLICABLE = "~not_known", "~not_applicable"

_PEOPLE = {
    "customers": "is_customer", "adults": "is_adult", "tenants": "is_tenant",
    "lead_tenants": "is_lead_tenant", "household_members": "is_household_member",
}  # fmt: skip


@dataclass(slots=True)
class Tally:
    """One thing counted: for each category how many in each part.

    Where several codes may be held, a person counts once for each; `~not_known` and `~not_applicable`
    stand beside the categories and count a person once in any case.
    """

    countable: Countable
    cells: dict[str, Counter[int]] = field(default_factory=dict)

    def add(self, category: str, part: int, number: int) -> None:
        """Count some more."""
        self.cells.setdefault(category, Counter())[part] += number


def base_condition(unit: Grain, base: str) -> str:
    """SQL: who of the unit's wide table is in a base. Raises NotFound for a base that the unit has not."""
    if base not in BASES[unit]:
        raise NotFound(f"{unit.value} has no base {base!r}. It has: {', '.join(BASES[unit])}")
    if unit == Grain.PERSON:
        return _PEOPLE.get(base, "true")
    if base == "all":
        return "true"
    return "is_let" if unit == Grain.HOME else "is_current"


def ids_of(engine: Engine, members: str) -> str:
    """SQL that gives the ids of a relation of members: its column subject_id, or its only one."""
    columns = [name for name, _ in engine.columns(members)]
    if "subject_id" not in columns and len(columns) != 1:
        raise UserError(f"{members} has no column subject_id: name the column with the ids so.")
    name = "subject_id" if "subject_id" in columns else columns[0]
    return f'SELECT DISTINCT CAST("{name}" AS VARCHAR) AS subject_id FROM {members}'


def count_parts(
    engine: Engine, groups: Sequence[str], *, unit: Grain, where: str
) -> Mapping[int, int]:
    """How many of the base are in each part."""
    rows = engine.rows(
        f"SELECT part, count(*) FROM ({_parts(engine, groups, unit, where, [])}) GROUP BY part"
    )
    return {int(part): int(number) for part, number in rows}


def count(
    engine: Engine,
    groups: Sequence[str],
    countable: Sequence[Countable],
    *,
    unit: Grain,
    where: str,
) -> list[Tally]:
    """The tally of each countable thing. `groups`: relations in the engine that hold members' ids."""
    tallies = [Tally(one) for one in countable]
    for start in range(0, len(tallies), AT_ONCE):
        some = tallies[start : start + AT_ONCE]
        for number, value, state, part, n in _rows(engine, groups, some, unit, where):
            tally = some[number]
            for category in _categories(tally.countable, value, state):
                tally.add(category, part, n)
    return tallies


def _rows(
    engine: Engine, groups: Sequence[str], some: Sequence[Tally], unit: Grain, where: str
) -> Iterator[tuple[int, str | None, int, int, int]]:
    """Per thing, value, state and part, how many. One scan; each thing is a grouping set."""
    columns, sets = [], []
    for number, tally in enumerate(some):
        columns += [
            f"{tally.countable.sql} AS x{number}",
            f"{_state(tally.countable, unit)} AS k{number}",
        ]
        sets.append(f"(x{number}, k{number}, part)")
    which = ", ".join(f"x{number}" for number in range(len(some)))
    every = ", ".join(f"x{number}, k{number}" for number in range(len(some)))
    rows = engine.rows(
        f"SELECT GROUPING_ID({which}), part, count(*), {every} "
        f"FROM ({_parts(engine, groups, unit, where, columns)}) GROUP BY GROUPING SETS ({', '.join(sets)})"
    )
    last = len(some) - 1
    for grouping, part, n, *values in rows:
        # The one bit that is 0 is the thing of this row; the first thing has the highest bit.
        number = last - ((~int(grouping)) & ((1 << len(some)) - 1)).bit_length() + 1
        value = values[2 * number]
        yield (
            number,
            None if value is None else str(value),
            int(values[2 * number + 1]),
            int(part),
            int(n),
        )


def _state(countable: Countable, unit: Grain) -> str:
    """SQL: the state of knowledge. A feature has none; it does not apply where there is no such thing."""
    if countable.stateful:
        return f'"{countable.key}{KNOWN}" & {STATE_BITS}'
    grain = countable.thing.grain
    none = STATE_NUMBER[State.NOT_APPLICABLE]
    return "0" if grain == unit else f"CASE WHEN {id_of(grain)} IS NULL THEN {none} ELSE 0 END"


def _parts(
    engine: Engine, groups: Sequence[str], unit: Grain, where: str, columns: Sequence[str]
) -> str:
    key = id_of(unit)
    joins, bits = [], []
    for number, members in enumerate(groups):
        joins.append(
            f"LEFT JOIN ({ids_of(engine, members)}) g{number} ON g{number}.subject_id = t.{key}"
        )
        bits.append(f"CASE WHEN g{number}.subject_id IS NULL THEN 0 ELSE {1 << number} END")
    part = f"CAST({' + '.join(bits)} AS TINYINT) AS part"
    return f"SELECT {', '.join([part, *columns])} FROM segments.{unit.value} t {' '.join(joins)} WHERE {where}"


def _categories(countable: Countable, value: str | None, state: int) -> list[str]:
    """The categories in which a value counts: what is neither answered nor without object is not known."""
    if state == STATE_NUMBER[State.NOT_APPLICABLE]:
        return [NOT_APPLICABLE]
    if state != STATE_NUMBER[State.ANSWERED] or value is None:
        return [NOT_KNOWN]
    if not countable.several:
        return [value]
    return sorted(set(value.split(";"))) or [NOT_KNOWN]
