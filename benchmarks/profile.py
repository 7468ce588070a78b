"""Resolving answers: the profile stage against SQL written by hand, and one record in memory.

`python -m benchmarks.profile [persons]`. The hand-written SQL knows the rule by heart: no packing
generated from data, no checks, no lineage of its own; it leaves the same rows.
"""

from __future__ import annotations

import datetime as dt
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from rooftree.profile.build import build
from rooftree.profile.resolve import resolve
from rooftree.storage.engine import Engine
from tests.lib.profiles import attribute, catalogue, nobody, said

AS_OF = dt.date(2026, 3, 31)
PER_PERSON = 15
ATTRIBUTES = tuple(
    attribute(f"attribute_{n:02d}", fresh_months=(24, 12, None)[n % 3], population="everyone")
    for n in range(12)
)

_MAKE = """
    INSERT INTO identity.record
        SELECT s.system, 'R' || i, 'P' || lpad(to_hex(hash(i) % 281474976710656), 12, '0'), 'alone', 1
        FROM range({persons}) AS p(i), (VALUES ('crm'), ('housing'), ('portal')) AS s(system);
    INSERT INTO identity.person (person_id, is_organisation, n_records, n_systems)
        SELECT DISTINCT person_id, false, 1, 1 FROM identity.record;
    INSERT INTO staging.answer
        BY NAME
        SELECT list_value('crm', 'housing', 'portal')[1 + (h % 3)::INT] AS system,
            list_value('contact', 'housing', 'self_service')[1 + (h % 3)::INT] AS source_kind,
            'file' || (h % 3) AS source_file, i AS source_row,
            'attribute_' || lpad(((h // 7) % 12)::VARCHAR, 2, '0') AS "attribute",
            'person' AS grain, 'R' || (hash(i + 1) % {persons}) AS subject_ref,
            CASE WHEN (h // 91) % 20 = 0 THEN 'refused' WHEN (h // 91) % 20 = 1 THEN 'dont_know'
                WHEN (h // 91) % 400 = 2 THEN 'withdrawn' ELSE 'answered' END AS state,
            CASE WHEN (h // 91) % 20 > 1 AND (h // 91) % 400 <> 2 THEN 'code' || ((h // 7919) % 4) END AS value,
            'raw' || ((h // 7919) % 4) AS raw_value, 'core_2026' AS frame,
            CASE WHEN (h // 104729) % 10 = 0 THEN 'derived' ELSE 'told' END AS origin,
            'telephone' AS method, 'u' || (h % 50) AS recorded_by,
            DATE '2020-01-01' + ((h // 1299709) % 2300)::INT AS recorded_on,
            NULL::DOUBLE AS confidence
        FROM (SELECT i, hash(i) AS h FROM range({answers}) AS r(i));
"""

_BY_HAND = """
    CREATE OR REPLACE TABLE hand_attribute AS SELECT * FROM _tmp_profile_attribute;
    CREATE OR REPLACE VIEW hand_placed AS
        SELECT a.*, r.person_id AS subject_id, t.fresh_months,
            CASE t.fresh_months WHEN 24 THEN DATE '2024-04-01' WHEN 12 THEN DATE '2025-04-01' END AS fresh_from,
            CASE a.source_kind WHEN 'register' THEN 3 WHEN 'housing' THEN 2 WHEN 'contact' THEN 1 ELSE 0 END AS p
        FROM staging.answer AS a LEFT JOIN identity.record AS r
            ON r.system = a.system AND r.person_ref = a.subject_ref
        LEFT JOIN hand_attribute AS t ON t."attribute" = a."attribute";
    CREATE OR REPLACE TABLE hand_unplaced AS
        SELECT "attribute", grain, system, subject_ref, source_file, source_row FROM hand_placed
        WHERE subject_id IS NULL;
    CREATE OR REPLACE TABLE hand_statement AS
        WITH gone AS (SELECT "attribute", subject_id, max(recorded_on) AS day FROM hand_placed
            WHERE state = 'withdrawn' AND recorded_on <= DATE '2026-03-31' GROUP BY ALL)
        SELECT * EXCLUDE (value, raw_value), CASE WHEN standing <> 2 THEN value END AS value,
            CASE WHEN standing <> 2 THEN raw_value END AS raw_value, row_number() OVER (
            PARTITION BY "attribute", subject_id ORDER BY strength DESC,
            system, source_file, source_row,
            k.value, k.raw_value, source_kind, method, frame, recorded_by) AS statement_no
        FROM (SELECT s.*,
            CASE WHEN s.recorded_on > DATE '2026-03-31' THEN 0 WHEN state = 'withdrawn' OR g.day IS NULL THEN 3
                WHEN origin = 'told' AND s.recorded_on > g.day THEN 3 ELSE 2 END AS standing,
            (fresh_from IS NULL OR s.recorded_on >= fresh_from)::INT AS fresh,
            (standing * 3 + CASE state WHEN 'withdrawn' THEN 1 ELSE 2 END) * 8
                + CASE origin WHEN 'told' THEN 3 WHEN 'observed' THEN 2 WHEN 'derived' THEN 1 ELSE 0 END * 2
                + fresh AS top,
            ((top * 4 + CASE state WHEN 'answered' THEN 3 WHEN 'refused' THEN 2 WHEN 'dont_know' THEN 1 ELSE 0 END)
                * 16 + p) * 1000000::BIGINT + (s.recorded_on - DATE '0001-01-01') AS strength
            FROM hand_placed AS s LEFT JOIN gone AS g ON g."attribute" = s."attribute" AND g.subject_id = s.subject_id
            WHERE s.subject_id IS NOT NULL) AS k;
    CREATE OR REPLACE TABLE hand_conflict AS
        WITH best AS (SELECT "attribute", subject_id, system, min(statement_no) AS n FROM hand_statement
            WHERE standing = 3 AND statement_no > 1 GROUP BY ALL)
        SELECT w."attribute", w.subject_id, w.system, o.system AS other_system,
            w.recorded_on, o.recorded_on AS other_on, o.source_file, o.source_row
        FROM hand_statement AS w JOIN hand_statement AS o USING ("attribute", subject_id, origin)
        JOIN best AS b ON b."attribute" = o."attribute" AND b.subject_id = o.subject_id AND b.n = o.statement_no
        WHERE w.statement_no = 1 AND o.statement_no > 1 AND w.standing = 3 AND o.standing = 3
            AND w.state = 'answered' AND o.state = 'answered' AND w.fresh = 1 AND o.fresh = 1
            AND w.system <> o.system AND w.value <> o.value;
    CREATE OR REPLACE TABLE hand_value AS
        WITH rest AS (SELECT "attribute", subject_id, max(statement_no) AS n,
                max(strength) FILTER (statement_no = 2) AS r FROM hand_statement
            WHERE statement_no > 1 AND standing = 3 GROUP BY ALL),
        torn AS (SELECT DISTINCT "attribute", subject_id FROM hand_conflict)
        SELECT w."attribute", w.grain, w.subject_id, w.state, w.value, w.origin, w.method, w.system,
            w.source_kind, w.recorded_on, (w.recorded_on + to_months(w.fresh_months))::DATE AS stale_on,
            w.fresh = 0 AND w.state <> 'withdrawn' AS is_stale, w.confidence, coalesce(rest.n, 1) AS n_statements,
            torn."attribute" IS NOT NULL AS in_conflict,
            CASE WHEN w.state = 'withdrawn' THEN 'withdrawn' WHEN r IS NULL THEN 'only'
                WHEN w.strength // 512000000 <> r // 512000000 THEN 'said or origin'
                WHEN w.strength // 64000000 <> r // 64000000 THEN 'fresh or state'
                WHEN w.strength // 1000000 <> r // 1000000 THEN 'precedence'
                WHEN w.strength <> r THEN 'latest' ELSE 'tie' END AS why,
            w.source_file, w.source_row
        FROM hand_statement AS w LEFT JOIN rest USING ("attribute", subject_id)
        LEFT JOIN torn USING ("attribute", subject_id)
        WHERE w.statement_no = 1 AND w.standing = 3;
    CREATE OR REPLACE TABLE hand_completeness AS
        SELECT "attribute", state, is_stale, in_conflict, count(*) AS n FROM hand_value
        SEMI JOIN identity.person ON person_id = subject_id GROUP BY ALL;
"""

# Each of the two runs with nothing of the other in memory.
_PUT_ASIDE = """
    CREATE TABLE ours AS SELECT "attribute", subject_id, source_row, state, value, is_stale, stale_on,
        n_statements, in_conflict FROM profile.value;
    DROP TABLE profile.statement; DROP TABLE profile.value; DROP TABLE profile.conflict;
"""

_SAME = """
    SELECT count(*) FROM ours AS v FULL JOIN hand_value AS h
        ON h."attribute" = v."attribute" AND h.subject_id = v.subject_id
    WHERE v.source_row IS DISTINCT FROM h.source_row OR v.state <> h.state OR v.value IS DISTINCT FROM h.value
        OR v.is_stale <> h.is_stale OR v.stale_on IS DISTINCT FROM CASE WHEN h.state <> 'withdrawn' THEN h.stale_on END
        OR v.n_statements <> h.n_statements OR v.in_conflict <> h.in_conflict
"""


def run(persons: int = 1_000_000) -> dict[str, float]:
    """Seconds and ratios; fails where the two do not give the same rows."""
    with (
        tempfile.TemporaryDirectory() as folder,
        Engine(temp_directory=Path(folder), memory_limit="6GB", threads=2) as engine,
    ):
        nobody(engine)
        engine.execute(_MAKE.format(persons=persons, answers=persons * PER_PERSON))
        ours = _seconds(lambda: build(engine, as_of=AS_OF, catalogue=catalogue(*ATTRIBUTES)))
        engine.execute(_PUT_ASIDE)
        by_hand = _seconds(lambda: engine.execute(_BY_HAND))
        different = engine.value(_SAME)
        assert different == 0, f"{different} values differ"
        rows = engine.value("SELECT count(*) FROM ours")
        engine.execute("DROP TABLE hand_statement; DROP TABLE hand_value")
        scan = _seconds(
            lambda: engine.execute("CREATE TABLE copied AS SELECT * FROM staging.answer")
        )
    result = {
        "persons": persons,
        "answers": persons * PER_PERSON,
        "values": rows,
        "stage_cpu_s": ours,
        "by_hand_cpu_s": by_hand,
        "stage_to_by_hand": ours / by_hand,
        "stage_to_copy_of_answers": ours / scan,
        "one_record_ms": _one_record() * 1000,
    }
    for name, value in result.items():
        print(
            f"{name:28} {value:>14,.3f}" if isinstance(value, float) else f"{name:28} {value:>14,}"
        )
    print(f"{platform.machine()}, Python {platform.python_version()}, 2 threads, 6 GB")
    return result


def _seconds(work: Callable[[], object]) -> float:
    """Seconds of processor time, all threads together: what others do on the machine is not in it."""
    started = time.process_time()
    work()
    return time.process_time() - started


def _one_record() -> float:
    """Median seconds for one customer: 70 attributes of 15 statements each, all resolved."""
    statements = [
        said(
            f"v{n % 4}",
            f"20{20 + n % 6}-0{1 + n % 9}-11",
            system=("crm", "housing", "portal")[n % 3],
            source_row=n,
        )
        for n in range(PER_PERSON)
    ]
    attributes = [attribute(f"a{n}") for n in range(70)]
    times = [
        _seconds(lambda: [resolve(statements, one, as_of=AS_OF) for one in attributes])
        for _ in range(20)
    ]
    return statistics.median(times)


if __name__ == "__main__":
    run(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
