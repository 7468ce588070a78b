"""A landlord's records of people: made comparable, linked by exact keys, by model and by decision."""

from __future__ import annotations

from rooftree.identity.clustering import COLUMNS, DECIDED, EXACT, cluster
from rooftree.identity.linking import NEWS_FROM, REVIEW_FROM
from rooftree.identity.model import Model
from rooftree.identity.normalise import RAW, comparison_table
from rooftree.identity.references import PrivateRefs, scope_sql
from rooftree.identity.rules import BORN, COMPARISONS, GIVEN
from rooftree.identity.scoring import holds
from rooftree.identity.training import gamma_sql
from rooftree.storage.engine import Engine

RECORDS = "_tmp_identity_record"
PAIRS = "_tmp_identity_pair"


def records(engine: Engine, *, private: PrivateRefs) -> None:
    """Make scratch `_tmp_identity_person` (one row for each system and reference) and `RECORDS`.

    Where a system's files repeat a person, the newest row that says something counts, field by field.
    """
    columns = [
        name for name, _ in engine.columns("staging.person") if name not in ("system", "person_ref")
    ]
    row = "lpad(CAST(source_row AS VARCHAR), 12, '0')"
    newest = f"concat(coalesce(CAST(updated_on AS VARCHAR), '0'), source_file, {row})"
    repeated = engine.value(
        "SELECT count(*) - count(DISTINCT (system, person_ref)) FROM staging.person"
    )
    latest = ", ".join(
        f'arg_max("{name}", {newest}) AS "{name}"' if repeated else f'"{name}"' for name in columns
    )
    group = "GROUP BY system, person_ref" if repeated else ""
    engine.execute(
        "CREATE OR REPLACE TEMP TABLE _tmp_identity_person AS "
        f"SELECT concat(system, ':', person_ref) AS unique_id, system, person_ref, {latest} "
        f"FROM staging.person {group}"
    )
    _places(engine, private)
    texts = {
        "unique_id": "p.unique_id", "source": "p.system", "date_of_birth": "CAST(p.date_of_birth AS VARCHAR)",
        "address_1": "p.address_line_1", "address_2": "p.address_line_2", "locality": "p.address_line_3",
        "house_number": "NULL", "home": "h.tenancy_id", "member_of": "h.member_of", "ref": "p.person_ref",
    }  # fmt: skip
    select = ", ".join(f"CAST({texts.get(name, 'p.' + name)} AS VARCHAR) AS {name}" for name in RAW)
    engine.execute(
        f"""CREATE OR REPLACE TEMP TABLE _tmp_identity_raw AS SELECT {select}
        FROM _tmp_identity_person AS p LEFT JOIN _tmp_identity_place AS h USING (unique_id)
        WHERE NOT coalesce(p.is_organisation, FALSE)"""
    )
    comparison_table(engine, "_tmp_identity_raw", RECORDS)
    engine.execute("DROP TABLE _tmp_identity_raw")
    # Without a surname or a forename there is nobody to compare.
    engine.execute(f"DELETE FROM {RECORDS} WHERE given IS NULL AND family IS NULL")


def _places(engine: Engine, private: PrivateRefs) -> None:
    """Scratch `_tmp_identity_place`: the tenancy in whose context a record is compared, the newest.

    `member_of`: the same where the system lists the tenancy's members, so that two of them are two
    people. The contact centre's note of a tenancy is no such list: it may hold a person twice.
    """
    scope = scope_sql("tenancy_ref", private, system="m.system")
    account = scope_sql("payment_ref", private, system="m.system")
    engine.execute(
        f"""CREATE OR REPLACE TEMP TABLE _tmp_identity_belongs AS
        SELECT concat(m.system, ':', m.person_ref) AS unique_id, r.tenancy_id, 1 AS way, TRUE AS is_member
        FROM staging.household_member AS m JOIN _tmp_identity_tenancy_ref AS r
            ON r.ref_kind = 'tenancy_ref' AND r.ref = m.tenancy_ref AND r.system = {scope}
        UNION SELECT m.unique_id, r.tenancy_id, 2, m.source_kind = 'housing' FROM _tmp_identity_person AS m
        JOIN _tmp_identity_tenancy_ref AS r ON r.ref_kind = 'tenancy_ref' AND r.ref = m.tenancy_ref
            AND r.system = {scope}
        UNION SELECT m.unique_id, r.tenancy_id, 3, FALSE FROM _tmp_identity_person AS m
        JOIN _tmp_identity_tenancy_ref AS r ON r.ref_kind = 'payment_ref' AND r.ref = m.payment_ref
            AND r.system = {account}"""
    )
    engine.execute(
        """CREATE OR REPLACE TEMP TABLE _tmp_identity_place AS
        WITH ranked AS (
            SELECT b.unique_id, b.tenancy_id, b.is_member, concat(CASE WHEN t.is_current THEN '1' ELSE '0' END,
                coalesce(CAST(t.started_on AS VARCHAR), '0'), b.tenancy_id) AS newest
            FROM _tmp_identity_belongs AS b LEFT JOIN _tmp_identity_tenancy_best AS t USING (tenancy_id))
        SELECT unique_id, arg_max(tenancy_id, newest) AS tenancy_id,
            arg_max(tenancy_id, newest) FILTER (is_member) AS member_of FROM ranked GROUP BY unique_id"""
    )


def exact_links(engine: Engine) -> None:
    """Make scratch `_tmp_identity_exact`: pairs that a key joins, with the key's name.

    A National Insurance number alone is not enough: couples give each other's.
    """
    compatible = (
        f"({holds(GIVEN, 'same', 'swapped with surname', 'nickname', 'initial', 'close', 'middle name')})"
        f" AND (gamma_{BORN.name} = -1 OR {holds(BORN, 'same', 'day and month swapped', 'one slip')})"
    )
    wide = ", ".join(f"l.{c} AS {c}_l, r.{c} AS {c}_r" for c in COLUMNS)
    gammas = ", ".join(f"{gamma_sql(one)} AS gamma_{one.name}" for one in (GIVEN, BORN))
    ordered = "l.unique_id AS a, r.unique_id AS b"
    engine.execute(
        f"""CREATE OR REPLACE TEMP TABLE _tmp_identity_exact AS
        WITH found AS (
            SELECT least(p.unique_id, o.unique_id) AS a, greatest(p.unique_id, o.unique_id) AS b, 1 AS way,
                'the source says they are the same' AS reason
            FROM _tmp_identity_person AS p JOIN _tmp_identity_person AS o ON o.unique_id = p.same_as
            WHERE p.unique_id <> o.unique_id AND NOT coalesce(p.is_organisation, FALSE)
                AND NOT coalesce(o.is_organisation, FALSE)
            UNION ALL
            SELECT a, b, 2, 'same National Insurance number' FROM (SELECT *, {gammas} FROM (
                SELECT {ordered}, {wide} FROM {RECORDS} AS l JOIN {RECORDS} AS r
                ON l.ni = r.ni AND l.unique_id < r.unique_id)) WHERE {compatible}
            UNION ALL
            SELECT {ordered}, 3, 'same tenancy, name and date of birth' FROM {RECORDS} AS l JOIN {RECORDS} AS r
            ON l.home_ref = r.home_ref AND l.given = r.given AND l.family = r.family AND l.dob = r.dob
                AND l.unique_id < r.unique_id
        )
        SELECT a AS unique_id_l, b AS unique_id_r, arg_min(reason, way) AS reason FROM found GROUP BY a, b"""
    )


def resolve(engine: Engine, *, model: Model, threshold: float) -> None:
    """Make scratch `_tmp_identity_cluster` and `_tmp_identity_judged`: every pair with its outcome."""
    engine.execute(
        f"""CREATE OR REPLACE TEMP TABLE _tmp_identity_link AS
        SELECT unique_id_l, unique_id_r, max(weight) AS weight FROM (
            SELECT unique_id_l, unique_id_r, weight FROM {PAIRS} WHERE guard IS NULL AND weight >= {threshold}
            UNION ALL SELECT unique_id_l, unique_id_r, {EXACT} FROM _tmp_identity_exact
            UNION ALL SELECT unique_id_l, unique_id_r, {DECIDED} FROM _tmp_identity_decision WHERE same)
        ANTI JOIN (SELECT unique_id_l, unique_id_r FROM _tmp_identity_decision
            WHERE NOT same) USING (unique_id_l, unique_id_r)
        GROUP BY ALL"""
    )
    engine.execute(
        "CREATE OR REPLACE TEMP TABLE _tmp_identity_apart AS "
        "SELECT unique_id_l, unique_id_r FROM _tmp_identity_decision WHERE NOT same"
    )
    # A decision may name a record that the model had too little to compare.
    engine.execute(
        f"""CREATE OR REPLACE TEMP TABLE _tmp_identity_compared AS SELECT * FROM {RECORDS}
        UNION ALL BY NAME SELECT unique_id, system AS source, [] AS phones FROM _tmp_identity_person
        WHERE NOT coalesce(is_organisation, FALSE) AND unique_id NOT IN (SELECT unique_id FROM {RECORDS})"""
    )
    cluster(
        engine, "_tmp_identity_compared", "_tmp_identity_link", "_tmp_identity_cluster",
        model=model, apart="_tmp_identity_apart",
    )  # fmt: skip
    engine.execute("DROP TABLE _tmp_identity_compared")
    _judge(engine, threshold)


def _judge(engine: Engine, threshold: float) -> None:
    evidence = ", ', ', ".join(
        f'\'"{one.name}": \', coalesce(concat(\'{{"level": "\', {_level_name(one.name)}, '
        f"'\", \"weight\": ', CAST(round(p.weight_{one.name}, 2) AS VARCHAR), '}}'), 'null')"
        for one in COMPARISONS
    )
    engine.execute(
        f"""CREATE OR REPLACE TEMP TABLE _tmp_identity_judged AS
        WITH judged AS (WITH pair AS (SELECT unique_id_l, unique_id_r FROM {PAIRS} WHERE weight >= {REVIEW_FROM}
            UNION SELECT unique_id_l, unique_id_r FROM _tmp_identity_exact
            UNION SELECT unique_id_l, unique_id_r FROM _tmp_identity_decision)
        SELECT k.unique_id_l, k.unique_id_r, p.probability, p.weight,
            CASE WHEN d.same THEN 'decided_same' WHEN NOT d.same THEN 'decided_different'
                WHEN o.unique_id_l IS NOT NULL THEN 'review' WHEN e.reason IS NOT NULL THEN 'linked'
                WHEN p.guard IS NOT NULL THEN 'guarded' WHEN p.weight >= {threshold} THEN 'linked'
                    ELSE 'review' END AS outcome,
            CASE WHEN d.same IS NOT NULL THEN d.reason
                WHEN o.unique_id_l IS NOT NULL THEN 'fits two people, or a group that would hold two'
                WHEN e.reason IS NOT NULL THEN e.reason WHEN p.guard IS NOT NULL THEN p.guard
                WHEN p.weight >= {threshold} THEN 'model' ELSE 'below the threshold' END AS reason,
            CASE WHEN p.weight IS NOT NULL THEN concat('{{', {evidence}, '}}') END AS evidence,
            o.unique_id_l IS NOT NULL AS left_out
        FROM pair AS k LEFT JOIN {PAIRS} AS p USING (unique_id_l, unique_id_r)
        LEFT JOIN _tmp_identity_exact AS e USING (unique_id_l, unique_id_r)
        LEFT JOIN _tmp_identity_decision AS d USING (unique_id_l, unique_id_r)
        LEFT JOIN _tmp_identity_cluster_left_out AS o USING (unique_id_l, unique_id_r))
        SELECT j.* REPLACE (CASE WHEN u.reason IS NOT NULL THEN 'set_aside' ELSE j.outcome END AS outcome,
            coalesce(u.reason, j.reason) AS reason)
        FROM judged AS j LEFT JOIN _tmp_identity_undecided AS u ON u.unique_id_l = j.unique_id_l
            AND u.unique_id_r = j.unique_id_r AND j.outcome = 'review'
            AND NOT coalesce(abs(j.weight - u.weight) >= {NEWS_FROM}, FALSE)"""
    )


def _level_name(comparison: str) -> str:
    (one,) = (one for one in COMPARISONS if one.name == comparison)
    cases = " ".join(f"WHEN {one.gamma(level.name)} THEN '{level.name}'" for level in one.levels)
    return f"CASE p.gamma_{one.name} {cases} END"
