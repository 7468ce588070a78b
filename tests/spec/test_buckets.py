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


CODED = Table(
    "staging",
    "coded",
    "entries with a code",
    (
        Column("account", "VARCHAR", "many rows share each"),
        Column("code", "VARCHAR", "one of few words"),
        Column("amount", "BIGINT", "the rest"),
    ),
    order=("account", "code"),
    buckets_by=("account",),
    coded=("code",),
)

_ODD = ["b", "B", "é", "it's", "", "a b", None, "10", "9"]


def _stored(tmp_path: Path, name: str, *, turned: bool) -> Path:
    """Odd words in a table of the engine, in one order or the other, then stored."""
    with Engine() as engine:
        engine.create(CODED)
        engine.con.executemany(
            "INSERT INTO staging.coded VALUES (?, ?, ?)",
            [(a, c, n) for n, a in enumerate(_ODD) for c in _ODD][:: -1 if turned else 1],
        )
        [(path, rows)] = write_table(engine, CODED, into=tmp_path / name)
    assert rows == len(_ODD) ** 2
    return path


def test_numbers_and_codes_in_place_of_text_leave_order_and_types_as_they_are(tmp_path: Path):
    path = _stored(tmp_path, "one", turned=False)
    with Engine() as engine:
        stored = engine.rows(f"SELECT account, code FROM read_parquet('{path}')")
        types = dict(engine.rows(f"SELECT name, type FROM parquet_schema('{path}')"))
        described = {row[0]: row[1] for row in engine.rows(f"DESCRIBE FROM read_parquet('{path}')")}
    last = chr(0x10FFFF)
    pairs = [(a, c) for a in _ODD for c in _ODD]
    assert stored == sorted(pairs, key=lambda pair: tuple(last if w is None else w for w in pair))
    assert described == {"account": "VARCHAR", "code": "VARCHAR", "amount": "BIGINT"}
    assert types["code"] == types["account"] == "BYTE_ARRAY"


def test_the_same_coded_rows_give_the_same_bytes_in_any_order(tmp_path: Path):
    one, other = (_stored(tmp_path, name, turned=name == "b") for name in ("a", "b"))
    assert one.read_bytes() == other.read_bytes()


def test_a_coded_column_of_very_many_words_is_stored_as_text(tmp_path: Path):
    with Engine() as engine:
        engine.create(CODED)
        engine.execute("INSERT INTO staging.coded SELECT 'A', 'W' || i, i FROM range(3000) t(i)")
        [(path, _)] = write_table(engine, CODED, into=tmp_path)
        assert engine.value(f"SELECT count(DISTINCT code) FROM read_parquet('{path}')") == 3000
