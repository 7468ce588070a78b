"""What changed from one snapshot to another: rows added, removed and changed, table by table."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from rooftree.storage.engine import Engine, quote
from rooftree.storage.manifest import TableEntry
from rooftree.storage.parquet import LINEAGE
from rooftree.storage.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class TableDiff:
    """The differences of one table.

    With a key, a row is changed when its key is in both and a compared column differs (null differs
    from every value); `columns` counts the changed rows by column. Without a key, a changed row is
    one removed and one added. `keys` holds up to the asked number of keys as text, by `added`,
    `removed` and `changed`. `before` or `after` None: the table is only in the other snapshot.
    """

    name: str
    before: int | None
    after: int | None
    added: int = 0
    removed: int = 0
    changed: int = 0
    columns: Mapping[str, int] = field(default_factory=dict)
    columns_added: tuple[str, ...] = ()
    columns_removed: tuple[str, ...] = ()
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def is_same(self) -> bool:
        """Nothing compared differs."""
        return not (
            self.added + self.removed + self.changed
            or self.columns_added
            or self.columns_removed
            or self.before is None
            or self.after is None
        )


def diff(
    before: Snapshot,
    after: Snapshot,
    *,
    engine: Engine,
    sample: int = 0,
    ignore: Collection[str] = LINEAGE,
) -> list[TableDiff]:
    """Compare two snapshots, every table of either, by name.

    `ignore` names columns whose change does not count; by default those of lineage, which move
    whenever a file is sent again. `sample` asks for so many keys of each kind of difference; keys are
    ids and references. The engine is used for reading; nothing is left in it.
    """
    names = sorted({*before.manifest.tables, *after.manifest.tables})
    return [_table(name, before, after, engine, sample, set(ignore)) for name in names]


def _table(
    name: str, before: Snapshot, after: Snapshot, engine: Engine, sample: int, ignore: set[str]
) -> TableDiff:
    old, new = before.manifest.tables.get(name), after.manifest.tables.get(name)
    if old is None or new is None:
        return TableDiff(
            name,
            old.rows if old else None,
            new.rows if new else None,
            added=new.rows if new else 0,
            removed=old.rows if old else 0,
        )
    had, have = dict(old.columns), dict(new.columns)
    columns_added = tuple(column for column in have if had.get(column) != have[column])
    columns_removed = tuple(column for column in had if had[column] != have.get(column))
    if [file.sha256 for file in old.files] == [file.sha256 for file in new.files]:
        return TableDiff(name, old.rows, new.rows)
    shared = [c for c in have if had.get(c) == have[c] and c not in ignore]
    compare = _by_key if new.key and set(new.key) <= set(shared) else _by_row
    counts = compare(engine, new, _read(before, name), _read(after, name), shared, sample)
    return TableDiff(
        name,
        old.rows,
        new.rows,
        columns_added=columns_added,
        columns_removed=columns_removed,
        **counts,
    )


def _by_key(
    engine: Engine, table: TableEntry, old: str, new: str, shared: list[str], sample: int
) -> dict:
    # The presence marks tell an absent row from a row of nulls, and keys may be null (IS NOT DISTINCT).
    compared = [column for column in shared if column not in table.key]
    on = " AND ".join(f'o."{k}" IS NOT DISTINCT FROM n."{k}"' for k in table.key)
    key = ", ".join(f'coalesce(o."{k}", n."{k}") AS "k{i}"' for i, k in enumerate(table.key))
    differs = [f'o."{c}" IS DISTINCT FROM n."{c}"' for c in compared] or ["false"]
    flags = "".join(f", ({d}) AS d{i}" for i, d in enumerate(differs))
    joined = f"""
        SELECT {key}, CASE WHEN o._here IS NULL THEN 'added' WHEN n._here IS NULL THEN 'removed'
               WHEN {" OR ".join(differs)} THEN 'changed' END AS kind{flags}
        FROM (SELECT *, true AS _here FROM {old}) o
        FULL JOIN (SELECT *, true AS _here FROM {new}) n ON {on}"""
    each = "".join(f", count(*) FILTER (kind = 'changed' AND d{i})" for i in range(len(differs)))
    kinds = ("added", "removed", "changed")
    totals = ", ".join(f"count(*) FILTER (kind = '{kind}')" for kind in kinds)
    row = engine.rows(f"SELECT {totals}{each} FROM ({joined})")[0]
    counts = dict(zip(kinds, row, strict=False))
    columns = {c: n for c, n in zip(compared, row[3:], strict=False) if n}
    keys = {}
    if sample:
        text = " || ' ' || ".join(
            f"coalesce(CAST(\"k{i}\" AS VARCHAR), '-')" for i in range(len(table.key))
        )
        for kind in kinds:
            sql = f"SELECT {text} AS k FROM ({joined}) WHERE kind = '{kind}' ORDER BY k LIMIT {int(sample)}"
            keys[kind] = tuple(found for (found,) in engine.rows(sql))
    return counts | {"columns": columns, "keys": keys}


def _by_row(
    engine: Engine, table: TableEntry, old: str, new: str, shared: list[str], sample: int
) -> dict:
    columns = ", ".join(f'"{c}"' for c in shared)
    counted = f"""
        SELECT sum(n) AS n FROM (
            SELECT {columns}, 1 AS n FROM {new} UNION ALL SELECT {columns}, -1 FROM {old}
        ) GROUP BY {columns}"""
    row = engine.rows(
        "SELECT coalesce(sum(n) FILTER (n > 0), 0), coalesce(-sum(n) FILTER (n < 0), 0) "
        f"FROM ({counted})"
    )[0]
    return {"added": int(row[0]), "removed": int(row[1])}


def _read(snapshot: Snapshot, name: str) -> str:
    files = ", ".join(quote(str(path)) for path in snapshot.files(name))
    return f"read_parquet([{files}], hive_partitioning = false)"
