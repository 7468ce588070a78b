"""What of a group may be counted for a purpose, and into which categories each thing falls.

Codes keep their categories; yes and no are two; numbers, money and dates fall into bands. Text, names
and numbers of people are never counted, nor what belongs to crime or safeguarding: a portrait is
passed around.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from rooftree.catalogue.model import Attribute, Catalogue, Feature
from rooftree.governance import may_count
from rooftree.segments.fields import all_fields
from rooftree.segments.persona.bands import Bands, age_bands, bands_of, year_bands
from rooftree.segments.persona.model import Terms
from rooftree.segments.persona.rollup import RARE_ONES
from rooftree.segments.schema import id_of
from rooftree.storage.engine import Engine
from rooftree.vocabulary.errors import NotFound
from rooftree.vocabulary.states import Grain, Sensitivity

#: Bands are laid by this many of the base, chosen by a digest of their ids: the same every time.
SAMPLE = 5_000
_NEVER = {
    Sensitivity.CRIMINAL: "about crime or anti-social behaviour",
    Sensitivity.SAFEGUARDING: "about safeguarding",
}
#: Finer or coarser twins. Both together could be subtracted from one another, so one is left out.
TWINS: Mapping[str, str] = {
    "age_band": "age",
    "core_household_type": "household_type",
    "ethnic_group": "ethnic_group_5",
    "tenancy_age_days": "tenancy_age_years",
    "tenancy_length_days": "tenancy_age_years",
    "tenancy_started_on": "tenancy_age_years",
    "imd_rank": "imd_decile",
    "collectable_arrears_week_pence": "collectable_arrears_pence",
}
_AGES = ("age", "oldest_age", "youngest_age")


@dataclass(frozen=True, slots=True)
class Countable:
    """One attribute or feature with its categories.

    `sql`: over the wide table, the category's key (a number for bands and for yes and no). `labels`: by
    key, in order. `several`: the value may hold several keys, joined by ';'. `bands`: of a number.
    """

    thing: Attribute | Feature
    sql: str
    labels: Mapping[str, str]
    several: bool = False
    bands: Bands | None = None

    def label(self, category: str) -> str:
        """The label of a category, or of several that were put together."""
        if category == RARE_ONES:
            return "All others together"
        return self.bands.label(category) if self.bands else self.labels.get(category, category)

    @property
    def key(self) -> str:
        """The key in the catalogue."""
        return self.thing.key

    @property
    def stateful(self) -> bool:
        """Whether a state of knowledge stands beside the value."""
        return isinstance(self.thing, Attribute)

    @property
    def equality(self) -> bool:
        """Whether it is held for equality monitoring."""
        return isinstance(self.thing, Attribute) and self.thing.equality_monitoring


def find_countable(
    engine: Engine,
    *,
    unit: Grain,
    where: str,
    catalogue: Catalogue,
    terms: Terms,
    as_of: dt.date,
) -> tuple[list[Countable], dict[str, str]]:
    """All that may be counted of this unit, and why the rest is left out, by key.

    `where`: SQL condition of the base, over the unit's wide table. Raises NotFound for a purpose that
    the catalogue does not have.
    """
    purpose = catalogue.purposes.get(terms.purpose)
    if purpose is None:
        raise NotFound(f"There is no purpose {terms.purpose}. See: docs/reference/purposes.md")
    columns = {name for name, _ in engine.columns(f"segments.{unit.value}")}
    left: dict[str, str] = {}
    things: list[Attribute | Feature] = []
    for key, known in sorted(all_fields(catalogue).items()):
        if known.grain == Grain.PERSON and unit != Grain.PERSON:
            continue
        why = _why_not(known.thing, terms, columns)
        if why is None and not may_count(known.thing, purpose):
            why = f"may not be counted for {purpose.key}"
        if why is None:
            things.append(known.thing)
        else:
            left[key] = why
    for key, twin in TWINS.items():
        if {key, twin} <= {thing.key for thing in things}:
            things = [thing for thing in things if thing.key != key]
            left[key] = f"says the same as {twin}"
    samples = _samples(engine, unit=unit, where=where, things=things, as_of=as_of)
    found = []
    for thing in things:
        one = _countable(thing, catalogue, samples.get(thing.key, ()), as_of)
        if one is None:
            left[thing.key] = "is not known, or is the same for everybody"
        else:
            found.append(one)
    return found, dict(sorted(left.items()))


def _why_not(thing: Attribute | Feature, terms: Terms, columns: set[str]) -> str | None:
    if thing.sensitivity in _NEVER:
        return f"{_NEVER[thing.sensitivity]}: never part of a description"
    if thing.type == "text":
        return "is text"
    if thing.type == "date" and thing.sensitivity == Sensitivity.IDENTIFYING:
        return "is a date that identifies people"
    if isinstance(thing, Attribute) and thing.equality_monitoring and not terms.equality:
        return "is held for equality monitoring; the terms leave it out"
    if thing.key not in columns:
        return "is not in the tables of this run"
    return None


def _countable(
    thing: Attribute | Feature, catalogue: Catalogue, sample: tuple[float, ...], as_of: dt.date
) -> Countable | None:
    column = f'"{thing.key}"'
    if thing.type in ("code", "codes"):
        code_list = catalogue.code_lists.get(thing.codes or "")
        labels = {code.key: code.label for code in code_list.codes} if code_list else {}
        return Countable(thing, column, labels, several=thing.type == "codes")
    if thing.type == "boolean":
        return Countable(thing, f"CAST({column} AS TINYINT)", {"1": "Yes", "0": "No"})
    bands = _bands(thing, sample)
    if bands is None:
        return None
    value = _number(thing, as_of)
    labels = {str(n): label for n, label in enumerate(bands.labels)}
    return Countable(thing, bands.sql(value), labels, bands=bands)


def _bands(thing: Attribute | Feature, sample: tuple[float, ...]) -> Bands | None:
    if not sample:
        return None
    if thing.type == "date":
        return year_bands()
    if thing.key in _AGES:
        return age_bands()
    unit = thing.unit.removeprefix("pence").strip() if thing.type == "money" else thing.unit
    return bands_of(sample, unit=unit, money=thing.type == "money")


def _number(thing: Attribute | Feature, as_of: dt.date) -> str:
    column = f'"{thing.key}"'
    if thing.type == "date":
        return f"((DATE '{as_of.isoformat()}' - {column}) / 365.25)"
    return f"CAST({column} AS DOUBLE)"


def _samples(
    engine: Engine,
    *,
    unit: Grain,
    where: str,
    things: list[Attribute | Feature],
    as_of: dt.date,
) -> dict[str, tuple[float, ...]]:
    """The known values of each number, money and date, of a fair sample of the base."""
    numbers = [thing for thing in things if thing.type in ("number", "money", "date")]
    if not numbers:
        return {}
    table, key = f"segments.{unit.value}", id_of(unit)
    size = int(engine.value(f"SELECT count(*) FROM {table} WHERE {where}") or 0)
    every = max(1, size // SAMPLE)
    some = f"AND md5_number_lower({key}) % {every} = 0" if every > 1 else ""
    columns = ", ".join(f"{_number(thing, as_of)} AS x{n}" for n, thing in enumerate(numbers))
    rows = engine.rows(f"SELECT {columns} FROM {table} WHERE {where} {some}")
    values = zip(*rows, strict=True) if rows else [()] * len(numbers)
    return {
        thing.key: tuple(float(value) for value in column if value is not None)
        for thing, column in zip(numbers, values, strict=True)
    }
