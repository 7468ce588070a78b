"""Small snapshots for the tests of storage: one keyed table, one without a key, invented rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa

from rooftree.storage.engine import Engine
from rooftree.storage.manifest import Input, inputs_digest
from rooftree.storage.snapshot import Published, Writer
from rooftree.storage.tables import Column, Table

HOME = Table(
    "identity",
    "home",
    "homes",
    (
        Column("home_id", "VARCHAR", "id", True),
        Column("bedrooms", "INTEGER", "bedrooms"),
        Column("estate", "VARCHAR", "estate"),
    ),
    key=("home_id",),
    buckets_by=("home_id",),
)
REPAIR = Table(
    "staging",
    "repair",
    "repairs",
    (
        Column("source_file", "VARCHAR", "file"),
        Column("source_row", "BIGINT", "row"),
        Column("trade", "VARCHAR", "trade"),
    ),
    order=("trade",),
)
HOMES = (("M1", 2, "Ash"), ("M2", 3, None), ("M3", None, "Oak"))
REPAIRS = (("f1", 1, "heating"), ("f1", 2, "heating"), ("f1", 3, "plumbing"))


def fill(engine: Engine, table: Table, rows: Sequence[tuple]) -> None:
    """Put a few rows in a declared table."""
    engine.create(table)
    if rows:
        columns = zip(*rows, strict=True)
        given = pa.table({c.name: list(v) for c, v in zip(table, columns, strict=True)})
        engine.con.register("given", given)
        engine.execute(f"INSERT INTO {table.full_name} SELECT * FROM given")
        engine.con.unregister("given")


def publish(
    root: Path,
    *,
    as_of: dt.date = dt.date(2026, 3, 31),
    homes: Sequence[tuple] = HOMES,
    repairs: Sequence[tuple] = REPAIRS,
    seed: str = "one",
    threads: int = 2,
    bucket_from_rows: int = 1_000_000,
) -> Published:
    """Publish a snapshot of the two tables; `seed` stands for the bytes of the inputs."""
    inputs = [Input("homes.csv", seed, rows=len(homes), system="asset", extract="homes")]
    with (
        Engine(threads=threads) as engine,
        Writer(
            root,
            as_of=as_of,
            inputs=inputs,
            digest=inputs_digest(inputs),
            software="0.1.0",
            definitions="d1",
            bucket_from_rows=bucket_from_rows,
        ) as writer,
    ):
        fill(engine, HOME, homes)
        fill(engine, REPAIR, repairs)
        writer.write(engine, HOME)
        writer.write(engine, REPAIR)
        return writer.publish(engine, totals={"homes": len(homes)})
