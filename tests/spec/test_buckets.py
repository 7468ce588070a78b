"""A very large table is cut into files by the hash of what its rows are about."""

from __future__ import annotations

from pathlib import Path

from rooftree.storage.engine import Engine
from rooftree.storage.parquet import write_table
from rooftree.storage.tables import Column, Table

ENTRY = Table(
    "staging",
    "entry",
    "entries of accounts",
    (Column("tenancy_ref", "VARCHAR", "tenancy"), Column("payment_ref", "VARCHAR", "account")),
    buckets_by=("tenancy_ref", "payment_ref"),
)


def test_rows_that_lack_the_first_reference_are_cut_by_the_next(tmp_path: Path):
    with Engine() as engine:
        engine.create(ENTRY)
        engine.execute("INSERT INTO staging.entry SELECT NULL, 'A' || i FROM range(2000) t(i)")
        written = write_table(engine, ENTRY, into=tmp_path, bucket_from_rows=100)
    assert len(written) == 16
    assert sum(rows for _, rows in written) == 2000
    assert max(rows for _, rows in written) < 250


def test_rows_without_any_reference_are_kept_together(tmp_path: Path):
    with Engine() as engine:
        engine.create(ENTRY)
        engine.execute("INSERT INTO staging.entry SELECT NULL, NULL FROM range(200)")
        written = write_table(engine, ENTRY, into=tmp_path, bucket_from_rows=100)
        files = [str(path) for path, _ in written]
        assert engine.value("SELECT count(*) FROM read_parquet(?)", [files]) == 200
