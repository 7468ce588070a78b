"""The identity stage: from every system's records to people, households, tenancies and homes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa

from rooftree.identity import graph, people, persistent, references, schema
from rooftree.identity.linking import PRECISION, threshold_for
from rooftree.identity.model import Model
from rooftree.identity.scoring import score
from rooftree.identity.training import train
from rooftree.staging import schema as staging
from rooftree.storage.engine import Engine
from rooftree.storage.portable import compile_sql
from rooftree.vocabulary.errors import Problem
from rooftree.vocabulary.progress import NoProgress, Progress

READS = (staging.PERSON, staging.HOUSEHOLD_MEMBER, staging.TENANCY, staging.PROPERTY)

#: Columns of `decisions`: a pair of records, same or not (null: could not tell), who decided and when. One
#: more is read where it is there: `model_weight`, the match weight that the person was shown.
DECISION_COLUMNS = (
    "system_l", "person_ref_l", "system_r", "person_ref_r", "same", "decided_by", "decided_on",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Result:
    """What the stage tells beside its tables: the model (to save), counts, and problems to report."""

    model: Model
    counts: Mapping[str, int]
    problems: tuple[Problem, ...]


def build(
    engine: Engine,
    *,
    as_of: dt.date,
    previous: Any = None,
    decisions: Any = None,
    model: Model | str | None = None,
    precision: float = PRECISION,
    private_refs: references.PrivateRefs | None = None,
    progress: Progress | None = None,
) -> Result:
    """Make every table of identity.schema from staging.person, household_member, tenancy, property.

    previous: the last run's identity.record (anything Arrow can read, or a table's name): people
        keep their ids. decisions: DECISION_COLUMNS; the newest on a pair counts. Same or not
        always wins over keys and model; a pair on which somebody could not tell is set aside until its
        weight moves by linking.NEWS_FROM. model: a saved model; without it one is
        learnt. precision: share of the pairs linked by the model that should be right.
    private_refs: system → references that no other system shares, as its source definition says.

    A staging table that is not there counts as empty. Decisions that contradict one another are
    reported in `Result.problems`; the one that keeps records apart holds.
    """
    listen, private = progress or NoProgress(), private_refs or {}
    for table in READS:
        if not engine.has(table.full_name):
            engine.create(table)
    with listen.step("Finding tenancies and homes", unit="steps"):
        _references(engine, as_of, private)
    with listen.step("Making records comparable", unit="steps"):
        people.records(engine, private=private)
        _register_decisions(engine, decisions)
        people.exact_links(engine)
    with listen.step("Linking records of people", unit="steps"):
        chosen = _linked(engine, model, precision)
    with listen.step("Giving people their ids", unit="steps"):
        _register_previous(engine, previous)
        _everyone(engine)
        persistent.assign(engine)
    with listen.step("Drawing people, households, tenancies and homes", unit="steps"):
        _graph(engine, as_of, private)
    result = Result(chosen, _counts(engine), tuple(_problems(engine)))
    _tidy(engine)
    return result


def _scratch(engine: Engine, name: str, sql: str, as_of: dt.date) -> None:
    """A temporary table from portable SQL."""
    compiled = compile_sql(sql, where=name, parameters={"as_of": as_of})
    engine.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {compiled}")


def _references(engine: Engine, as_of: dt.date, private: references.PrivateRefs) -> None:
    references.tenancies(engine, private=private)
    references.homes(engine, private=private)
    references.homes_of_tenancies(engine, private=private)
    key = f"concat({references.scope_sql('tenancy_ref', private)}, '|', tenancy_ref)"
    engine.execute(
        f"""CREATE OR REPLACE TEMP TABLE _tmp_identity_tenancy_row AS
        SELECT i.id AS tenancy_id, t.* EXCLUDE (source_file, source_row),
            concat({references.STANDING}, system, source_file, lpad(CAST(source_row AS VARCHAR), 12,
                '0')) AS standing,
            TRUE AS is_stated, FALSE AS open_member
        FROM staging.tenancy AS t JOIN _tmp_identity_tenancy_id AS i ON i.key = {key}
        UNION ALL BY NAME
        SELECT i.id AS tenancy_id, tenancy_ref, system, concat('8', system) AS standing, FALSE AS is_stated,
            bool_or(to_on IS NULL OR to_on >= DATE '{as_of.isoformat()}') AS open_member
        FROM staging.household_member JOIN _tmp_identity_tenancy_id AS i ON i.key = {key} GROUP BY ALL
        UNION ALL BY NAME
        SELECT DISTINCT i.id AS tenancy_id, tenancy_ref, system, concat('9', system) AS standing,
            FALSE AS is_stated, FALSE AS open_member
        FROM staging.person JOIN _tmp_identity_tenancy_id AS i ON i.key = {key}"""
    )
    _scratch(engine, "_tmp_identity_tenancy_best", graph.TENANCY_BEST, as_of)


def _register_decisions(engine: Engine, decisions: Any) -> None:
    """Scratch `_tmp_identity_decision` and `_tmp_identity_undecided`: one row for each pair of records here."""
    empty = ", ".join(
        f"CAST(NULL AS {'BOOLEAN' if c == 'same' else 'VARCHAR'}) AS {c}" for c in DECISION_COLUMNS
    )
    source = (
        _registered(engine, decisions, "_identity_decisions") or f"(SELECT {empty} WHERE FALSE)"
    )
    engine.execute(
        f"""CREATE OR REPLACE TEMP TABLE _tmp_identity_said AS
        WITH given AS (SELECT * FROM {source}
            UNION ALL BY NAME SELECT CAST(NULL AS DOUBLE) AS model_weight WHERE FALSE),
        said AS (SELECT concat(system_l, ':', person_ref_l) AS a, concat(system_r, ':', person_ref_r) AS b,
            CASE WHEN same THEN '1 same' WHEN NOT same THEN '2 different' ELSE '0 cannot tell' END AS word,
            concat(coalesce(CAST(decided_by AS VARCHAR), 'unknown'), ' on ', CAST(decided_on AS VARCHAR)) AS who,
            coalesce(CAST(decided_on AS VARCHAR), '') AS decided_on, coalesce(model_weight, 'nan') AS weight
            FROM given),
        ordered AS (SELECT least(a, b) AS unique_id_l, greatest(a, b) AS unique_id_r, word, who, weight,
            concat(decided_on, word) AS newest FROM said WHERE a <> b)
        SELECT unique_id_l, unique_id_r, arg_max(word, newest) AS word, arg_max(who, newest) AS who,
            arg_max(weight, newest) AS weight
        FROM ordered WHERE unique_id_l IN (SELECT unique_id FROM _tmp_identity_person)
            AND unique_id_r IN (SELECT unique_id FROM _tmp_identity_person) GROUP BY ALL"""
    )
    engine.execute(
        """CREATE OR REPLACE TEMP TABLE _tmp_identity_decision AS
        SELECT unique_id_l, unique_id_r, word = '1 same' AS same, concat('decided by ', who) AS reason
        FROM _tmp_identity_said WHERE word <> '0 cannot tell'"""
    )
    engine.execute(
        """CREATE OR REPLACE TEMP TABLE _tmp_identity_undecided AS
        SELECT unique_id_l, unique_id_r, concat('nobody could tell: ', who) AS reason, nullif(weight, 'nan') AS weight
        FROM _tmp_identity_said WHERE word = '0 cannot tell'"""
    )


def _linked(engine: Engine, model: Model | str | None, precision: float) -> Model:
    """Score the records and cluster them; gives back the model with the threshold that was used."""
    chosen = Model.from_json(model) if isinstance(model, str) else model
    if chosen is None:
        chosen, _ = train(engine, people.RECORDS, households=True)
    score(engine, people.RECORDS, people.PAIRS, chosen)
    threshold = chosen.threshold
    if threshold is None:
        threshold = threshold_for(engine, people.PAIRS, precision)
    chosen = replace(chosen, threshold=threshold)
    people.resolve(engine, model=chosen, threshold=threshold)
    return chosen


def _register_previous(engine: Engine, previous: Any) -> None:
    source = _registered(engine, previous, "_identity_previous")
    rows = (
        f"SELECT concat(system, ':', person_ref) AS unique_id, person_id FROM {source}"
        if source
        else "SELECT CAST(NULL AS VARCHAR) AS unique_id, CAST(NULL AS VARCHAR) AS person_id WHERE FALSE"
    )
    engine.execute(f"CREATE OR REPLACE TEMP TABLE _tmp_identity_previous AS {rows}")


def _registered(engine: Engine, table: Any, name: str) -> str | None:
    if table is None or isinstance(table, str):
        return table
    engine.con.register(name, table if isinstance(table, pa.Table) else pa.table(table))
    return name


def _everyone(engine: Engine) -> None:
    """Scratch `_tmp_identity_all`: every record with its cluster; organisations stand alone."""
    engine.execute(
        """CREATE OR REPLACE TEMP TABLE _tmp_identity_all AS
        SELECT p.unique_id, coalesce(c.cluster_id, p.unique_id) AS cluster_id
        FROM _tmp_identity_person AS p LEFT JOIN _tmp_identity_cluster AS c USING (unique_id)"""
    )


def _graph(engine: Engine, as_of: dt.date, private: references.PrivateRefs) -> None:
    _named_records(engine)
    _held(engine)
    for model in (graph.RECORD, graph.LINK, graph.EVENT, graph.PERSON):
        engine.build(model)
    _member_rows(engine)
    _scratch(engine, "_tmp_identity_member", graph.MEMBER_BEST, as_of)
    _home_rows(engine, private)
    for model in (
        graph.TENANCY,
        graph.TENANCY_REF,
        graph.HOME,
        graph.HOME_REF,
        graph.MEMBER,
        graph.HOUSEHOLD,
    ):
        engine.build(model)


def _named_records(engine: Engine) -> None:
    """Scratch: every record with its person, and with the name as a person would write it."""
    engine.execute(
        """CREATE OR REPLACE TEMP TABLE _tmp_identity_all_named AS
        SELECT a.unique_id, p.system, p.person_ref, s.person_id, coalesce(p.is_organisation,
            FALSE) AS is_organisation,
            count(*) OVER (PARTITION BY s.person_id) AS n
        FROM _tmp_identity_all AS a JOIN _tmp_identity_assigned AS s USING (cluster_id)
        JOIN _tmp_identity_person AS p USING (unique_id)"""
    )

    def titled(column: str) -> str:
        capital = "concat(upper(left(w, 1)), substring(w, 2))"
        words = f"list_transform(string_split({column}, ' '), lambda w: {capital})"
        return f"array_to_string({words}, ' ')"

    parts = "p.given_name IS NULL AND p.family_name IS NULL"
    engine.execute(
        f"""CREATE OR REPLACE TEMP TABLE _tmp_identity_name AS
        SELECT a.person_id, a.unique_id, a.system, a.is_organisation,
            {references.STANDING.replace("source_kind", "p.source_kind")} AS standing,
            coalesce(CAST(p.updated_on AS VARCHAR), '0') AS updated_text,
            coalesce(p.title, CASE WHEN {parts} THEN {titled("r.title")} END) AS title,
            CASE WHEN {parts} THEN {titled("r.given")} ELSE split_part(trim(p.given_name), ' ',
                1) END AS given_name,
            CASE WHEN {parts} THEN {titled("r.middle")} ELSE nullif(trim(concat_ws(' ',
                nullif(substring(trim(p.given_name), length(split_part(trim(p.given_name), ' ', 1)) + 2), ''),
                    p.middle_name)), '')
                END AS middle_name,
            CASE WHEN {parts} AND a.is_organisation THEN p.full_name
                WHEN {parts} THEN {titled("r.family_written")} ELSE p.family_name END AS family_name,
            p.preferred_name, p.date_of_birth, p.date_of_death, concat(r.given, ' ', r.family) AS name_key,
            coalesce(length(r.given) = 1, FALSE) AS is_initial
        FROM _tmp_identity_all_named AS a JOIN _tmp_identity_person AS p USING (unique_id)
        LEFT JOIN {people.RECORDS} AS r USING (unique_id)"""
    )


def _held(engine: Engine) -> None:
    """Scratch `_tmp_identity_held`: the strongest link that holds each record where it is."""
    engine.execute(
        """CREATE OR REPLACE TEMP TABLE _tmp_identity_held AS
        WITH holding AS (
            SELECT j.*, CASE outcome WHEN 'decided_same' THEN 3 ELSE CASE reason WHEN 'model' THEN 1
                ELSE 2 END END AS strength
            FROM _tmp_identity_judged AS j WHERE outcome IN ('linked', 'decided_same') AND NOT left_out
        ), ends AS (SELECT unique_id_l AS unique_id, strength, probability FROM holding
            UNION ALL SELECT unique_id_r, strength, probability FROM holding)
        SELECT unique_id, max(strength) AS strength,
            CASE WHEN max(strength) > 1 THEN 1.0 ELSE max(probability) END AS probability FROM ends
                GROUP BY unique_id"""
    )


def _member_rows(engine: Engine) -> None:
    """Scratch `_tmp_identity_member_row`: every statement that a person belongs to a tenancy."""
    standing = references.STANDING
    engine.execute(
        f"""CREATE OR REPLACE TEMP TABLE _tmp_identity_member_row AS
        SELECT i.id AS tenancy_id, a.person_id, m.role, m.relationship, m.is_responsible, m.from_on, m.to_on,
            {standing} AS standing, 1 AS said
        FROM staging.household_member AS m JOIN _tmp_identity_all_named AS a USING (system, person_ref)
        JOIN _tmp_identity_tenancy_node AS n ON n.system = m.system AND n.ref = m.tenancy_ref AND n.standing = 8
        JOIN _tmp_identity_tenancy_id AS i ON i.key = n.key"""
    )
    engine.execute(
        """INSERT INTO _tmp_identity_member_row
        SELECT DISTINCT b.tenancy_id, a.person_id, 'other', NULL, NULL, NULL, CAST(NULL AS DATE), 9, 0
        FROM _tmp_identity_belongs AS b JOIN _tmp_identity_all_named AS a USING (unique_id)
        WHERE b.way > 1 AND NOT EXISTS (SELECT 1 FROM _tmp_identity_member_row AS m
            WHERE m.tenancy_id = b.tenancy_id AND m.person_id = a.person_id)"""
    )


def _home_rows(engine: Engine, private: references.PrivateRefs) -> None:
    """Scratch `_tmp_identity_home_row`: every statement about a home, with its parent's id."""
    scope = references.scope_sql("property_ref", private)
    engine.execute(
        f"""CREATE OR REPLACE TEMP TABLE _tmp_identity_home_row AS
        SELECT i.id AS home_id, h.home_id AS parent_home_id, p.* EXCLUDE (parent_ref, source_kind, source_file,
            source_row),
            concat({references.HOME_STANDING}, p.system, source_file, lpad(CAST(source_row AS VARCHAR), 12,
                '0')) AS standing
        FROM (SELECT *, {scope} AS scope FROM staging.property) AS p
        JOIN _tmp_identity_home_id AS i ON i.key = concat(p.scope, '|', p.property_ref)
        LEFT JOIN _tmp_identity_home_ref AS h ON h.ref_kind = 'property_ref' AND h.ref = p.parent_ref
            AND h.system = p.scope"""
    )


def _problems(engine: Engine) -> list[Problem]:
    """Decisions of people that cannot all hold: ids of the records only."""
    found = engine.rows(
        """SELECT unique_id_l, unique_id_r FROM _tmp_identity_decision AS d
        JOIN _tmp_identity_all AS l ON l.unique_id = d.unique_id_l JOIN _tmp_identity_all AS r
            ON r.unique_id = d.unique_id_r
        WHERE d.same <> (l.cluster_id = r.cluster_id) ORDER BY 1, 2"""
    )
    return [
        Problem(
            f"decision on {a} and {b}",
            "it contradicts other decisions about these records, and could not be kept.",
            "Look at the decisions of this group again and withdraw one.",
        )
        for a, b in found
    ]


def _counts(engine: Engine) -> dict[str, int]:
    """Figures for the run's record and the command line."""
    questions = {
        "records": "SELECT count(*) FROM identity.record",
        "people": "SELECT count(*) FROM identity.person",
        "households": "SELECT count(*) FROM identity.household",
        "tenancies": "SELECT count(*) FROM identity.tenancy",
        "tenancies_with_home": "SELECT count(home_id) FROM identity.tenancy",
        "homes": "SELECT count(*) FROM identity.home",
        "members_total": "SELECT count(*) FROM staging.household_member",
        "members_linked": """SELECT count(*) FROM staging.household_member AS m JOIN identity.record AS r
            USING (system, person_ref) JOIN identity.person AS p USING (person_id) WHERE p.n_systems > 1""",
        "pairs_in_review": "SELECT count(*) FROM identity.link WHERE outcome = 'review'",
        "pairs_set_aside": "SELECT count(*) FROM identity.link WHERE outcome = 'set_aside'",
        "pairs_guarded": "SELECT count(*) FROM identity.link WHERE outcome = 'guarded'",
    }
    return {name: int(engine.value(sql) or 0) for name, sql in questions.items()}


def _tidy(engine: Engine) -> None:
    for (name,) in engine.rows(
        "SELECT table_name FROM information_schema.tables "
        "WHERE table_name LIKE '\\_tmp\\_identity%' ESCAPE '\\' ORDER BY 1"
    ):
        kind = engine.value(
            "SELECT table_type FROM information_schema.tables WHERE table_name = ?", [name]
        )
        engine.execute(f"DROP {'VIEW' if kind == 'VIEW' else 'TABLE'} IF EXISTS {name}")


__all__ = ["DECISION_COLUMNS", "READS", "Result", "build", "schema"]
