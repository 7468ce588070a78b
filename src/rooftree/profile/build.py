"""Builds the profile: answers onto their subjects, then the one current value of each, with why."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from rooftree.catalogue.model import Catalogue
from rooftree.profile import schema
from rooftree.profile.derived import derivations
from rooftree.profile.facts import Fact, facts_of
from rooftree.profile.lookup import register_catalogue
from rooftree.profile.models import (
    completeness_sql,
    conflict_model,
    statement_model,
    value_model,
)
from rooftree.profile.placing import (
    CARRIED,
    LEFT,
    LEFT_SQL,
    PLACED,
    SUBJECT_REF,
    SUBJECT_REF_SQL,
    placed_sql,
)
from rooftree.profile.populations import populations_of, register_populations
from rooftree.storage.engine import Engine, Model
from rooftree.storage.portable import compile_sql
from rooftree.vocabulary.errors import RooftreeError
from rooftree.vocabulary.progress import NoProgress, Progress

_SAID = "_tmp_profile_said"
_FACT = "_tmp_profile_fact_"

#: The stage in which derived attributes are resolved before they join the others.
_LATER = "profile_derived"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unplaced:
    """Answers of one attribute in one system that belong to nobody we know, and why."""

    attribute: str
    system: str
    problem: str
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The account of a build: n_answers + n_derived = n_statements + n_unplaced, always."""

    n_answers: int
    n_derived: int
    n_statements: int
    n_unplaced: int
    n_values: int
    n_conflicts: int
    unplaced: tuple[Unplaced, ...]


def build(
    engine: Engine,
    *,
    as_of: dt.date,
    catalogue: Catalogue,
    progress: Progress | None = None,
) -> Summary:
    """Leave the tables of `profile.schema` in the engine, as the answers stood at `as_of`.

    Reads staging.answer, the canonical tables that `profile.facts` names, and the identity stage.
    Raises DefinitionError where an attribute names a population that does not exist or fit.
    """
    listener = progress or NoProgress()
    with listener.step("Resolving answers", total=5, unit="tables") as step:
        prepare(engine, as_of=as_of, catalogue=catalogue)
        n_answers = _place(engine, as_of=as_of, catalogue=catalogue)
        engine.build(_UNPLACED)
        step.advance()
        n_derived = resolve_all(engine, _SAID, as_of=as_of, catalogue=catalogue)
        step.advance(3)
        parameters = {"as_of": as_of}
        engine.build(Model(schema.COMPLETENESS, completeness_sql()), parameters=parameters)
        step.advance()
    summary = _summary(engine, n_answers, n_derived)
    engine.execute(f"DROP VIEW {_SAID}; DROP VIEW {PLACED}; DROP TABLE {SUBJECT_REF}")
    for fact, _ in facts_of(engine, catalogue):
        engine.execute(f"DROP TABLE IF EXISTS {_FACT}{fact.attribute}")
    return summary


def prepare(engine: Engine, *, as_of: dt.date, catalogue: Catalogue) -> None:
    """Leave the small tables that every resolving reads: attributes, precedence, populations, leavers."""
    populations = populations_of(catalogue.attributes.values())
    register_catalogue(engine, catalogue, as_of=as_of)
    register_populations(engine, (p.key for p in populations.values()), as_of=as_of)
    _make(engine, "TABLE", LEFT, LEFT_SQL, as_of)


def resolve_all(
    engine: Engine, said: str, *, as_of: dt.date, catalogue: Catalogue, stage: str = "profile"
) -> int:
    """Leave statement, conflict and value in `stage`: of `said`, then of what is derived from the result.

    `said` is a relation of placed answers. Returns how many statements were derived.
    """
    rules = derivations(catalogue)
    if not rules:
        _resolve(engine, said, as_of=as_of, stage=stage)
        return 0
    listed = ", ".join(f"'{rule.attribute}'" for rule in rules)
    first, later = f"{said}_first", f"{said}_later"
    columns = f"attribute, grain, subject_id, {', '.join(CARRIED)}"
    derived = " UNION ALL ".join(
        f"SELECT {columns} FROM ({rule.statements(f'{stage}.value')}) AS one" for rule in rules
    )
    _make(engine, "VIEW", first, f"SELECT * FROM {said} WHERE attribute NOT IN ({listed})", as_of)
    _resolve(engine, first, as_of=as_of, stage=stage)
    _make(engine, "TABLE", f"{later}_derived", derived, as_of)
    told = f"SELECT {columns} FROM {said} WHERE attribute IN ({listed})"
    _make(engine, "VIEW", later, f"{told} UNION ALL SELECT * FROM {later}_derived", as_of)
    _resolve(engine, later, as_of=as_of, stage=_LATER)
    n_derived = int(engine.value(f"SELECT count(*) FROM {later}_derived"))
    for table in ("statement", "conflict", "value"):
        engine.execute(
            f"INSERT INTO {stage}.{table} BY NAME SELECT * FROM {_LATER}.{table}; DROP TABLE {_LATER}.{table}"
        )
    engine.execute(f"DROP VIEW {first}; DROP VIEW {later}; DROP TABLE {later}_derived")
    return n_derived


def _resolve(engine: Engine, said: str, *, as_of: dt.date, stage: str) -> None:
    parameters = {"as_of": as_of}
    engine.build(statement_model(said, stage=stage), parameters=parameters)
    engine.build(conflict_model(stage=stage), parameters=parameters)
    engine.build(value_model(stage=stage), parameters=parameters)


_UNPLACED = Model(
    schema.UNPLACED,
    f"""SELECT attribute, grain, system, subject_ref, problem, source_file, source_row
        FROM {PLACED} WHERE problem IS NOT NULL""",
)


def _place(engine: Engine, *, as_of: dt.date, catalogue: Catalogue) -> int:
    """Leave the placed answers; returns how many answers there are, counted before any join."""
    _make(engine, "TABLE", SUBJECT_REF, SUBJECT_REF_SQL, as_of)
    facts = [_fact(engine, fact, sql, as_of) for fact, sql in facts_of(engine, catalogue)]
    # Views: millions of answers are read through them, and copied once, when they are ranked.
    _make(engine, "VIEW", PLACED, placed_sql(facts), as_of)
    _make(engine, "VIEW", _SAID, f"SELECT * FROM {PLACED} AS p WHERE p.problem IS NULL", as_of)
    sources = ["SELECT * FROM staging.answer", *facts]
    counts = " UNION ALL ".join(f"SELECT count(*) AS n FROM ({sql}) AS one" for sql in sources)
    counted = compile_sql(
        f"SELECT sum(n) FROM ({counts}) AS each_source", where=PLACED, parameters={"as_of": as_of}
    )
    return int(engine.value(counted))


def _fact(engine: Engine, fact: Fact, sql: str, as_of: dt.date) -> str:
    """The fact's SQL; one that joins tables is made now, alone, so that no query holds all the joins at once."""
    if not fact.rows:
        return sql
    name = f"{_FACT}{fact.attribute}"
    _make(engine, "TABLE", name, sql, as_of)
    return f"SELECT * FROM {name}"


def _make(engine: Engine, what: str, name: str, sql: str, as_of: dt.date) -> None:
    compiled = compile_sql(sql, where=name, parameters={"as_of": as_of})
    engine.execute(f"CREATE OR REPLACE {what} {name} AS {compiled}")


def _summary(engine: Engine, n_answers: int, n_derived: int) -> Summary:
    def count(table: str) -> int:
        return int(engine.value(f"SELECT count(*) FROM profile.{table}"))

    unplaced = engine.rows(
        """SELECT attribute, system, problem, count(*) FROM profile.unplaced GROUP BY ALL ORDER BY ALL"""
    )
    summary = Summary(
        n_answers=n_answers,
        n_derived=n_derived,
        n_statements=count("statement"),
        n_unplaced=count("unplaced"),
        n_values=count("value"),
        n_conflicts=count("conflict"),
        unplaced=tuple(
            Unplaced(attribute=attribute, system=system, problem=problem, rows=rows)
            for attribute, system, problem, rows in unplaced
        ),
    )
    if n_answers + n_derived != summary.n_statements + summary.n_unplaced:
        raise RooftreeError(
            f"Of {n_answers} answers and {n_derived} derived, {summary.n_statements} became statements and "
            f"{summary.n_unplaced} did not: they do not add up. Please report this."
        )
    return summary
