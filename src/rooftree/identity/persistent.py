"""Ids that survive: which person of the last run each group of records is, and what changed."""

from __future__ import annotations

import pyarrow as pa

from rooftree.storage.engine import Engine


def assign(engine: Engine) -> None:
    """Make scratch `_tmp_identity_assigned` (cluster_id, person_id) and `_tmp_identity_event`.

    Reads `_tmp_identity_all` (unique_id, cluster_id: every record, organisations too),
    `_tmp_identity_previous` (unique_id, person_id) and `_tmp_identity_judged`. A group keeps the id
    that most of its records had, of those for which no other group has more (the smallest id where
    records are equally many); other groups get a new one, made from the keys of their records.
    """
    engine.execute(
        """CREATE OR REPLACE TEMP TABLE _tmp_identity_flow AS
        SELECT a.cluster_id, p.person_id, count(*) AS n FROM _tmp_identity_all AS a
        JOIN _tmp_identity_previous AS p USING (unique_id) GROUP BY ALL"""
    )
    kept = _keep(engine)
    engine.con.register("_identity_kept", kept)
    engine.execute(
        """CREATE OR REPLACE TEMP TABLE _tmp_identity_assigned AS
        SELECT c.cluster_id, coalesce(k.person_id, concat('P', left(sha256(c.keys), 12))) AS person_id,
            k.person_id IS NULL AS is_new
        FROM (SELECT cluster_id, string_agg(unique_id, chr(10) ORDER BY unique_id) AS keys
            FROM _tmp_identity_all GROUP BY cluster_id) AS c
        LEFT JOIN _identity_kept AS k USING (cluster_id)"""
    )
    engine.con.unregister("_identity_kept")
    _settle_repeats(engine)
    _events(engine)


def _keep(engine: Engine) -> pa.Table:
    """Which group keeps which id: plain cases at once, contested ones strongest first."""
    plain = engine.execute(
        """SELECT cluster_id, person_id FROM (SELECT *, count(*) OVER (PARTITION BY cluster_id) AS a,
            count(*) OVER (PARTITION BY person_id) AS b FROM _tmp_identity_flow) WHERE a = 1 AND b = 1"""
    ).to_arrow_table()
    contested = engine.rows(
        """SELECT cluster_id, person_id FROM (SELECT *, count(*) OVER (PARTITION BY cluster_id) AS a,
            count(*) OVER (PARTITION BY person_id) AS b FROM _tmp_identity_flow) WHERE a > 1 OR b > 1
        ORDER BY n DESC, person_id, cluster_id"""
    )
    by_cluster: dict[str, str] = {}
    taken: set[str] = set()
    for cluster_id, person_id in contested:
        if cluster_id not in by_cluster and person_id not in taken:
            by_cluster[cluster_id] = person_id
            taken.add(person_id)
    more = pa.table(
        {
            "cluster_id": pa.array(list(by_cluster), pa.string()),
            "person_id": pa.array(list(by_cluster.values()), pa.string()),
        }
    )
    return pa.concat_tables([plain.cast(more.schema), more])


def _settle_repeats(engine: Engine) -> None:
    """A new id that was somebody's before is made again with a mark, until nobody has it."""
    for mark in range(1, 100):
        repeated = """SELECT cluster_id FROM _tmp_identity_assigned WHERE is_new AND (
            person_id IN (SELECT person_id FROM _tmp_identity_previous)
            OR person_id IN (SELECT person_id FROM _tmp_identity_assigned
                GROUP BY person_id HAVING count(*) > 1))"""
        if not engine.value(f"SELECT count(*) FROM ({repeated})"):
            return
        engine.execute(
            f"UPDATE _tmp_identity_assigned SET person_id = concat('P', left(sha256(concat(cluster_id, "
            f"'#{mark}')), 12)) "
            f"WHERE cluster_id IN ({repeated})"
        )


def _events(engine: Engine) -> None:
    """Created, merged, split and ended, with reasons in plain words."""
    engine.execute(
        """CREATE OR REPLACE TEMP TABLE _tmp_identity_event AS
        WITH moved AS (
            SELECT f.person_id AS was, a.person_id AS now, f.n FROM _tmp_identity_flow AS f
            JOIN _tmp_identity_assigned AS a USING (cluster_id) WHERE f.person_id <> a.person_id
        ), alive AS (SELECT DISTINCT person_id FROM _tmp_identity_assigned),
        why AS (
            SELECT x.person_id AS was, s.person_id AS now, min(CASE j.outcome
                WHEN 'decided_same' THEN '1a decision joins them'
                WHEN 'linked' THEN CASE j.reason WHEN 'model' THEN '3their records agree well enough'
                    ELSE concat('2', j.reason) END
                END) AS reason
            FROM _tmp_identity_judged AS j JOIN _tmp_identity_all AS l ON l.unique_id = j.unique_id_l
            JOIN _tmp_identity_all AS r ON r.unique_id = j.unique_id_r AND r.cluster_id = l.cluster_id
            JOIN _tmp_identity_assigned AS s ON s.cluster_id = l.cluster_id
            JOIN _tmp_identity_previous AS x ON x.unique_id IN (l.unique_id, r.unique_id)
                AND x.person_id <> s.person_id
            WHERE x.person_id IN (SELECT was FROM moved) AND NOT j.left_out AND j.outcome IN ('linked',
                'decided_same')
            GROUP BY ALL
        )
        SELECT 'merged' AS event, m.now AS person_id, m.was AS other_person_id,
            concat('two people turned out to be one: ', coalesce(substring(w.reason, 2),
                'through a third record')) AS reason, m.n AS n_records
        FROM moved AS m LEFT JOIN why AS w ON w.was = m.was AND w.now = m.now
        WHERE m.was NOT IN (SELECT person_id FROM alive)
        UNION ALL
        SELECT 'split', m.was, m.now, CASE WHEN m.now IN (SELECT person_id FROM _tmp_identity_previous)
            THEN 'records belong to another person who was already known'
            ELSE 'records of one person turned out to be of two' END, m.n
        FROM moved AS m WHERE m.was IN (SELECT person_id FROM alive)
        UNION ALL
        SELECT 'created', a.person_id, NULL, 'no record of this person was known before', count(*)
        FROM _tmp_identity_assigned AS a JOIN _tmp_identity_all AS r USING (cluster_id)
        WHERE a.is_new AND a.person_id NOT IN (SELECT now FROM moved) GROUP BY a.person_id
        UNION ALL
        SELECT 'ended', p.person_id, NULL, 'no source holds a record of this person any more', count(*)
        FROM _tmp_identity_previous AS p WHERE p.person_id NOT IN (SELECT person_id FROM alive)
            AND p.person_id NOT IN (SELECT was FROM moved) GROUP BY p.person_id"""
    )
