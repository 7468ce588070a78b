"""Who should have a value: the populations over which completeness is counted, as portable SQL.

Organisations and people who have died are in none of them. A person whose age is not known is
counted as old enough: somebody left out of the population would never be asked.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from rooftree.catalogue.model import Attribute
from rooftree.storage.engine import Engine
from rooftree.storage.portable import compile_sql
from rooftree.vocabulary.errors import DefinitionError, Problem
from rooftree.vocabulary.states import Grain

POPULATION = "_tmp_profile_population"

_AGREEMENT = "'tenant', 'joint_tenant', 'licensee', 'leaseholder', 'shared_owner', 'freeholder'"

_LIVING = """
    SELECT p.person_id, years_full(p.date_of_birth, :as_of) AS age
    FROM identity.person AS p
    WHERE NOT p.is_organisation AND (p.date_of_death IS NULL OR p.date_of_death > :as_of)
"""

_OF_MEMBERS = """
    SELECT DISTINCT m.person_id AS subject_id
    FROM identity.member AS m JOIN (""" + _LIVING + """) AS p ON p.person_id = m.person_id
    WHERE m.is_current AND ({which})
"""  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Population:
    """A named set of subjects of one grain; `sql` gives their ids in the column subject_id."""

    key: str
    grain: Grain
    meaning: str
    sql: str


def _people(key: str, meaning: str, which: str) -> Population:
    sql = _OF_MEMBERS.replace("{which}", which)
    return Population(key=key, grain=Grain.PERSON, meaning=meaning, sql=sql)


_ALL = (
    Population(
        key="everyone",
        grain=Grain.PERSON,
        meaning="every living person known, former tenants, next of kin and advocates too",
        sql=f"SELECT p.person_id AS subject_id FROM ({_LIVING}) AS p",
    ),
    _people(
        "customers",
        "current tenants, leaseholders and other owners, members of their households of 16 or over, "
        "and applicants",
        f"m.role IN ({_AGREEMENT}, 'applicant') OR m.is_responsible "
        "OR (m.lives_there AND coalesce(p.age, 16) >= 16)",
    ),
    _people(
        "adults",
        "people of 18 or over who live in a current household",
        "m.lives_there AND coalesce(p.age, 18) >= 18",
    ),
    _people(
        "tenants",
        "people named on a current agreement",
        f"m.role IN ({_AGREEMENT}) OR m.is_responsible",
    ),
    _people("household_members", "everybody who lives in a current household", "m.lives_there"),
    Population(
        key="lead_tenants",
        grain=Grain.PERSON,
        meaning="the lead tenant of each current household",
        sql=f"""SELECT DISTINCT h.lead_person_id AS subject_id
            FROM identity.household AS h JOIN ({_LIVING}) AS p ON p.person_id = h.lead_person_id
            WHERE h.is_current""",
    ),
    Population(
        key="households",
        grain=Grain.HOUSEHOLD,
        meaning="current households",
        sql="SELECT household_id AS subject_id FROM identity.household WHERE is_current",
    ),
    Population(
        key="tenancies",
        grain=Grain.TENANCY,
        meaning="current agreements",
        sql="SELECT tenancy_id AS subject_id FROM identity.tenancy WHERE is_current",
    ),
    Population(
        key="homes",
        grain=Grain.HOME,
        meaning="homes with a current agreement",
        sql="""SELECT DISTINCT home_id AS subject_id FROM identity.tenancy
            WHERE is_current AND home_id IS NOT NULL""",
    ),
)

POPULATIONS: Mapping[str, Population] = MappingProxyType({p.key: p for p in _ALL})

#: The population of an attribute that names people but belongs to their household, tenancy or home.
_OWN = {Grain.HOUSEHOLD: "households", Grain.TENANCY: "tenancies", Grain.HOME: "homes"}


def population_of(attribute: Attribute) -> Population:
    """Who should have a value of this attribute.

    A population of people, of an attribute that belongs to a household, tenancy or home, means
    theirs. Raises DefinitionError where the population does not exist or is of another grain.
    """
    where = f"attributes/{attribute.key}.toml"
    found = POPULATIONS.get(attribute.population)
    if found is None:
        what = f"the population {attribute.population!r} does not exist."
        raise DefinitionError([Problem(where, what, f"Use one of {', '.join(POPULATIONS)}.")])
    if found.grain == attribute.grain:
        return found
    if found.grain == Grain.PERSON:
        return POPULATIONS[_OWN[attribute.grain]]
    what = f"the population {found.key} is of the grain {found.grain}, the attribute of {attribute.grain}."
    raise DefinitionError([Problem(where, what, "Change one of the two.")])


def populations_of(attributes: Iterable[Attribute]) -> dict[str, Population]:
    """Attribute key to population, all problems of all attributes reported at once."""
    found: dict[str, Population] = {}
    problems: list[Problem] = []
    for attribute in attributes:
        try:
            found[attribute.key] = population_of(attribute)
        except DefinitionError as error:
            problems += error.problems
    if problems:
        raise DefinitionError(problems)
    return found


def register_populations(engine: Engine, keys: Iterable[str], *, as_of: dt.date) -> None:
    """Leave the ids of these populations in the engine, one row per population and subject."""
    wanted = sorted(set(keys))
    engine.execute(
        f"CREATE OR REPLACE TABLE {POPULATION} (population VARCHAR, grain VARCHAR, subject_id VARCHAR)"
    )
    for key in wanted:
        population = POPULATIONS[key]
        sql = compile_sql(population.sql, where=f"population {key}", parameters={"as_of": as_of})
        engine.execute(
            f"INSERT INTO {POPULATION} SELECT '{key}', '{population.grain}', subject_id FROM ({sql})"
        )
