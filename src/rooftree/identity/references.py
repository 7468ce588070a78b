"""Tenancies and homes across systems: which references mean the same one.

A reference is shared by a landlord's systems unless its source keeps it private. Two references
become one tenancy (or home) when systems give them the same rent account (or UPRN), and no system
uses that account (or UPRN) for two: then it tells nothing, and they stay apart.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np
import pyarrow as pa

from rooftree.identity.clustering import components
from rooftree.storage.engine import Engine

#: system → columns (tenancy_ref, payment_ref, property_ref) that no other system shares.
PrivateRefs = Mapping[str, Collection[str]]


def scope_sql(column: str, private: PrivateRefs, *, system: str = "system") -> str:
    """The system whose private reference a column holds, or '*' for a shared one."""
    owners = sorted(name for name, columns in private.items() if column in columns)
    if not owners:
        return "'*'"
    listed = ", ".join("'" + name.replace("'", "''") + "'" for name in owners)
    return f"CASE WHEN {system} IN ({listed}) THEN {system} ELSE '*' END"


def unite(engine: Engine, nodes: str, target: str, *, letter: str) -> None:
    """Make `target` (key, id): one id for all keys that stand for one thing.

    `nodes`: system, key, alias (null where there is none), standing (lower is better). The id is
    made from the best-standing, then smallest, key, so it stays while that key does.
    """
    keys = engine.execute(
        f"SELECT key, min(standing) AS standing FROM {nodes} GROUP BY key ORDER BY standing, key"
    ).to_arrow_table()
    engine.con.register("_identity_keys", pa.table({"key": keys["key"], "i": np.arange(len(keys))}))
    edges = engine.execute(
        f"""WITH telling AS (
            SELECT alias FROM (SELECT alias, system, count(DISTINCT key) AS k FROM {nodes}
                WHERE alias IS NOT NULL GROUP BY alias, system) GROUP BY alias HAVING max(k) = 1
        ), first AS (SELECT alias, min(key) AS first FROM {nodes} WHERE alias IN (SELECT alias FROM telling)
            GROUP BY alias)
        SELECT DISTINCT a.i AS l, b.i AS r FROM {nodes} AS n JOIN first AS f ON f.alias = n.alias
            AND f.first <> n.key
        JOIN _identity_keys AS a ON a.key = f.first JOIN _identity_keys AS b ON b.key = n.key ORDER BY l, r"""
    ).fetchnumpy()
    label = components(
        np.asarray(edges["l"], np.int64), np.asarray(edges["r"], np.int64), len(keys)
    )
    engine.con.register("_identity_united", pa.table({"i": np.arange(len(keys)), "c": label}))
    engine.execute(
        f"CREATE OR REPLACE TEMP TABLE {target} AS SELECT a.key, concat('{letter}', left(sha256(b.key), "
        f"12)) AS id "
        "FROM _identity_united AS u JOIN _identity_keys AS a ON a.i = u.i JOIN _identity_keys AS b ON b.i = u.c"
    )
    engine.con.unregister("_identity_keys")
    engine.con.unregister("_identity_united")


#: Where a fact about a tenancy or a home is best known: the housing system first.
STANDING = (
    "CASE source_kind WHEN 'housing' THEN 1 WHEN 'lettings' THEN 2 WHEN 'asset' THEN 3 ELSE 4 END"
)
HOME_STANDING = (
    "CASE source_kind WHEN 'asset' THEN 1 WHEN 'housing' THEN 2 WHEN 'lettings' THEN 3 ELSE 4 END"
)


def tenancies(engine: Engine, *, private: PrivateRefs) -> None:
    """Make scratch tables: tenancy rows with their id, and every reference with its tenancy.

    A tenancy that only members or people's records name is one too: nothing is lost.
    """
    scope, account = scope_sql("tenancy_ref", private), scope_sql("payment_ref", private)
    key = f"concat({scope}, '|', tenancy_ref)"
    engine.execute(
        f"""CREATE OR REPLACE TEMP TABLE _tmp_identity_tenancy_node AS
        SELECT system, {key} AS key, {scope} AS scope, tenancy_ref AS ref, {account} AS account_scope, payment_ref,
            concat({account}, '|', payment_ref) AS account, {STANDING} AS standing FROM staging.tenancy
        UNION SELECT system, {key}, {scope}, tenancy_ref, NULL, NULL, NULL, 8 FROM staging.household_member
        UNION SELECT system, {key}, {scope}, tenancy_ref, NULL, NULL, NULL, 9 FROM staging.person
            WHERE tenancy_ref IS NOT NULL"""
    )
    engine.execute("UPDATE _tmp_identity_tenancy_node SET account = NULL WHERE payment_ref IS NULL")
    engine.execute(
        "CREATE OR REPLACE TEMP VIEW _tmp_identity_tenancy_alias AS "
        "SELECT system, key, account AS alias, standing FROM _tmp_identity_tenancy_node"
    )
    unite(engine, "_tmp_identity_tenancy_alias", "_tmp_identity_tenancy_id", letter="T")
    # A rent account that went on to a next tenancy belongs to the newest.
    engine.execute(
        f"""CREATE OR REPLACE TEMP TABLE _tmp_identity_tenancy_ref AS
        SELECT DISTINCT 'tenancy_ref' AS ref_kind, scope AS system, ref, id AS tenancy_id
        FROM _tmp_identity_tenancy_node JOIN _tmp_identity_tenancy_id USING (key)
        UNION ALL
        SELECT 'payment_ref', {account}, payment_ref,
            arg_max(id, concat(coalesce(CAST(started_on AS VARCHAR), '0'), id))
        FROM staging.tenancy AS t JOIN _tmp_identity_tenancy_id AS i ON i.key = {key}
        WHERE payment_ref IS NOT NULL GROUP BY ALL"""
    )


def homes(engine: Engine, *, private: PrivateRefs) -> None:
    """Make scratch tables: property rows with their id, and every reference with its home."""
    scope, account = scope_sql("property_ref", private), scope_sql("payment_ref", private)
    key = f"concat({scope}, '|', property_ref)"
    engine.execute(
        f"CREATE OR REPLACE TEMP TABLE _tmp_identity_home_node AS SELECT DISTINCT system, {key} AS key, "
        f"{scope} AS scope, property_ref AS ref, uprn AS alias, {HOME_STANDING} AS standing FROM staging.property"
    )
    unite(engine, "_tmp_identity_home_node", "_tmp_identity_home_id", letter="M")
    joined = f"staging.property AS p JOIN _tmp_identity_home_id AS i ON i.key = {key}"
    engine.execute(
        f"""CREATE OR REPLACE TEMP TABLE _tmp_identity_home_ref AS
        SELECT DISTINCT 'property_ref' AS ref_kind, scope AS system, ref, id AS home_id
        FROM _tmp_identity_home_node JOIN _tmp_identity_home_id USING (key)
        UNION ALL
        SELECT 'uprn', '*', uprn, min(id) FROM {joined} WHERE uprn IS NOT NULL
        GROUP BY uprn HAVING count(DISTINCT id) = 1
        UNION ALL
        SELECT 'payment_ref', {account}, payment_ref, min(id) FROM {joined} WHERE payment_ref IS NOT NULL
        GROUP BY ALL HAVING count(DISTINCT id) = 1"""
    )


def homes_of_tenancies(engine: Engine, *, private: PrivateRefs) -> None:
    """Make scratch `_tmp_identity_tenancy_home`: by property reference, then UPRN, then account."""
    tenancy_key = (
        f"concat({scope_sql('tenancy_ref', private, system='t.system')}, '|', t.tenancy_ref)"
    )
    property_scope = scope_sql("property_ref", private, system="t.system")
    account = scope_sql("payment_ref", private, system="t.system")
    engine.execute(
        f"""CREATE OR REPLACE TEMP TABLE _tmp_identity_tenancy_home AS
        WITH said AS (
            SELECT i.id AS tenancy_id, t.system, {STANDING} AS standing, coalesce(a.home_id, b.home_id,
                c.home_id) AS home_id,
                CASE WHEN a.home_id IS NOT NULL THEN 1 WHEN b.home_id IS NOT NULL THEN 2 ELSE 3 END AS way
            FROM staging.tenancy AS t JOIN _tmp_identity_tenancy_id AS i ON i.key = {tenancy_key}
            LEFT JOIN _tmp_identity_home_ref AS a ON a.ref_kind = 'property_ref' AND a.ref = t.property_ref
                AND a.system = {property_scope}
            LEFT JOIN _tmp_identity_home_ref AS b ON b.ref_kind = 'uprn' AND b.ref = t.uprn
            LEFT JOIN _tmp_identity_home_ref AS c ON c.ref_kind = 'payment_ref' AND c.ref = t.payment_ref
                AND c.system = {account}
        )
        SELECT tenancy_id, arg_min(home_id, concat(way, standing, home_id)) AS home_id
        FROM said WHERE home_id IS NOT NULL GROUP BY tenancy_id"""
    )
