"""Makes `lookup.sqlite`: everything about one subject by id, and the ids by what people type.

The tables are prepared set-based in the engine and arrive in SQLite in the order of their keys, so
that the same rows give the same bytes and pages fill one after the other. Documents pass through as
they come and are kept a few to a block: documents have much in common, and compress three times
better together than alone.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from itertools import count, islice, pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa

from rooftree.storage.engine import Engine
from rooftree.storage.files import disk_trouble, sync_file
from rooftree.storage.words import AS_CODE_SQL, AS_DIGITS_SQL, FOLD_ASCII_SQL, HEAD, fold
from rooftree.vocabulary.errors import RooftreeError

FORMAT = 3
BATCH = 50_000
#: Documents to a block: more of them take less room, and longer to read one.
BLOCK = 16
_BETWEEN = "\x1e"  # the record separator, which JSON text cannot hold
_CODEC = pa.Codec("zstd", compression_level=1)
#: How each kind of key is compared: word by word with misspellings (one kind only), as text from its
#: beginning, as a code without spaces, or as a telephone number.
KINDS: Mapping[str, str] = {
    "name": "words",
    "address": "text",
    "postcode": "code",
    "phone": "digits",
    "person_ref": "code",
    "tenancy_ref": "code",
    "payment_ref": "code",
    "email": "code",
}

Batches = Iterable[pa.RecordBatch]

_SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE document (n INTEGER PRIMARY KEY, id TEXT NOT NULL);
CREATE TABLE document_block (b INTEGER PRIMARY KEY, bytes INTEGER NOT NULL, body BLOB NOT NULL);
CREATE TABLE part (n INTEGER PRIMARY KEY, id TEXT NOT NULL);
CREATE TABLE part_block (b INTEGER PRIMARY KEY, bytes INTEGER NOT NULL, body BLOB NOT NULL);
CREATE TABLE word (w INTEGER PRIMARY KEY, text TEXT NOT NULL, subjects INTEGER NOT NULL);
CREATE TABLE word_subject (w INTEGER, n INTEGER, PRIMARY KEY (w, n)) WITHOUT ROWID;
CREATE TABLE subject_word (n INTEGER, w INTEGER, PRIMARY KEY (n, w)) WITHOUT ROWID;
CREATE TABLE variant (text TEXT, w INTEGER, PRIMARY KEY (text, w)) WITHOUT ROWID;
CREATE TABLE code (kind INTEGER, text TEXT, n INTEGER, PRIMARY KEY (kind, text, n)) WITHOUT ROWID;
CREATE TABLE grouped (g INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);
CREATE TABLE subject_grouped (n INTEGER, g INTEGER, PRIMARY KEY (n, g)) WITHOUT ROWID;
"""

# One temporary table per step; `_tmp_lookup_document` (the ids) and `_tmp_lookup_key` come from the caller's batches.
_STEPS = (
    """CREATE TEMP TABLE _tmp_lookup_folded AS
       SELECT d.n, k.kind, coalesce(o.folded, {fold}) AS folded
       FROM _tmp_lookup_key k JOIN _tmp_lookup_document d USING (id)
       LEFT JOIN _tmp_lookup_other o USING (text)""",
    """CREATE TEMP TABLE _tmp_lookup_subject AS
       SELECT DISTINCT n, unnest(string_split(folded, ' ')) AS text
       FROM _tmp_lookup_folded WHERE kind IN ({words}) AND folded <> ''""",
    """CREATE TEMP TABLE _tmp_lookup_word AS
       SELECT row_number() OVER (ORDER BY text) AS w, text, count(*) AS subjects
       FROM _tmp_lookup_subject GROUP BY text""",
    """CREATE TEMP TABLE _tmp_lookup_posting AS
       SELECT w, n FROM _tmp_lookup_subject JOIN _tmp_lookup_word USING (text)""",
    # The variants of rooftree.storage.words.variants, for all words at once.
    """CREATE TEMP TABLE _tmp_lookup_one AS
       SELECT DISTINCT w, length(text) AS long, left(head, i - 1) || substring(head, i + 1) AS text
       FROM (SELECT w, text, left(text, {head}) AS head, unnest(range(1, length(left(text, {head})) + 1)) AS i
             FROM _tmp_lookup_word WHERE length(text) >= 3)""",
    """CREATE TEMP TABLE _tmp_lookup_variant AS
       SELECT w, left(text, {head}) AS text FROM _tmp_lookup_word WHERE length(text) >= 3
       UNION SELECT w, text FROM _tmp_lookup_one
       UNION SELECT w, left(text, i - 1) || substring(text, i + 1)
             FROM (SELECT w, text, unnest(range(1, length(text) + 1)) AS i
                   FROM _tmp_lookup_one WHERE long >= 6)""",
)


def build_lookup(
    path: Path,
    documents: Batches,
    keys: Batches,
    *,
    parts: Batches = (),
    groups: Batches = (),
    kinds: Mapping[str, str] = KINDS,
    temp_directory: Path | None = None,
    memory_limit: str = "2GB",
    threads: int = 2,
) -> None:
    """Write the look-up file of a snapshot.

    `documents` has the columns `id` and `document` (JSON text), one row per subject, in order of id;
    `parts` likewise, for what several documents share: found by id only, never by search. `keys` has
    `id`, `kind` (one of `kinds`) and `text`, as many rows as there are ways to be found, in any
    order; nulls and keys without a document are passed over. `groups` has `id` and `text`: the groups
    (patches) that a subject belongs to, within which a search may be kept. They are read one after the
    other, documents first, and none is held whole. RooftreeError when ids are not in order, each once, or a
    kind is not known; MachineError when the disk is full.
    """
    path.unlink(missing_ok=True)
    with (
        disk_trouble("the look-up file was being written"),
        Engine(temp_directory=temp_directory, memory_limit=memory_limit, threads=threads) as engine,
    ):
        con = sqlite3.connect(path, isolation_level=None)
        try:
            # Nobody reads the file before it is whole, so a journal would protect nothing.
            con.executescript(
                "PRAGMA page_size = 4096; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"
                "PRAGMA cache_size = -64000;" + _SCHEMA
            )
            con.execute("BEGIN")
            ids = _store(con, "document", documents)
            _store(con, "part", parts)
            _prepare(engine, ids, keys, kinds)
            _fill(con, engine, kinds)
            _fill_groups(con, engine, groups)
            con.execute("COMMIT")
        finally:
            con.close()
        sync_file(path)


def _store(con: sqlite3.Connection, name: str, batches: Batches) -> pa.Array:
    """Keep documents block by block; returns their ids, numbered from 1 in this order."""
    ids: list[str] = []
    con.executemany(f"INSERT INTO {name}_block VALUES (?, ?, ?)", _blocks(batches, ids))
    if None in ids or not all(one < other for one, other in pairwise(ids)):
        raise RooftreeError(f"the {name}s for the look-up are not in order of id, each once")
    con.executemany(f"INSERT INTO {name} VALUES (?, ?)", enumerate(ids, start=1))
    con.execute(f"CREATE UNIQUE INDEX {name}_id ON {name} (id)")
    return pa.array(ids, pa.string())


def _blocks(batches: Batches, ids: list[str]) -> Iterator[tuple[int, int, bytes]]:
    """The blocks with their numbers; the ids of the documents are put into `ids` on the way."""

    def each() -> Iterator[str]:
        for batch in batches:
            ids.extend(batch.column("id").to_pylist())
            yield from batch.column("document").to_pylist()

    documents = each()
    for number in count():
        few = list(islice(documents, BLOCK))
        if not few:
            return
        yield number, *pack(few)


def _prepare(engine: Engine, ids: pa.Array, keys: Batches, kinds: Mapping[str, str]) -> None:
    numbered = pa.table({"n": pa.array(range(1, len(ids) + 1), pa.int64()), "id": ids})
    engine.con.register("_tmp_lookup_ids", numbered)
    engine.execute("CREATE TEMP TABLE _tmp_lookup_document AS SELECT n, id FROM _tmp_lookup_ids")
    engine.con.unregister("_tmp_lookup_ids")
    _take(engine, "_tmp_lookup_key", keys, ("id", "kind", "text"))
    used = {row[0] for row in engine.rows("SELECT DISTINCT kind FROM _tmp_lookup_key")}
    if used - set(kinds):
        raise RooftreeError(
            f"kinds of look-up key that are not known: {sorted(map(str, used - set(kinds)))}"
        )
    other = engine.rows(
        "SELECT DISTINCT text FROM _tmp_lookup_key WHERE strlen(text) <> length(text)"
    )
    texts = pa.array([row[0] for row in other], pa.string())
    folded = pa.array([fold(row[0]) for row in other], pa.string())
    engine.con.register("_tmp_lookup_other", pa.table({"text": texts, "folded": folded}))
    words = ", ".join(f"'{kind}'" for kind, shape in kinds.items() if shape == "words") or "''"
    folded_sql = FOLD_ASCII_SQL.replace("text", "k.text")
    for step in _STEPS:
        for mark, sql in (("{fold}", folded_sql), ("{words}", words), ("{head}", str(HEAD))):
            step = step.replace(mark, sql)
        engine.execute(step)
    engine.con.unregister("_tmp_lookup_other")


def _take(engine: Engine, name: str, batches: Batches, columns: tuple[str, ...]) -> None:
    """Copy batches into a temporary table, rows without a null only."""
    stream = iter(batches)
    first = next(stream, None)
    empty = pa.schema([(column, pa.string()) for column in columns])
    if first is None:
        reader = pa.RecordBatchReader.from_batches(empty, [])
    else:
        reader = pa.RecordBatchReader.from_batches(first.schema, _chain(first, stream))
    engine.con.register("_given_batches", reader)
    wanted = ", ".join(f'CAST("{column}" AS VARCHAR) AS "{column}"' for column in columns)
    held = " AND ".join(f'"{column}" IS NOT NULL' for column in columns)
    engine.execute(f"CREATE TEMP TABLE {name} AS SELECT {wanted} FROM _given_batches WHERE {held}")
    engine.con.unregister("_given_batches")


def _chain(first: pa.RecordBatch, rest: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    yield first
    yield from rest


def _fill(con: sqlite3.Connection, engine: Engine, kinds: Mapping[str, str]) -> None:
    order = list(kinds)
    con.executemany(
        "INSERT INTO meta VALUES (?, ?)",
        [("format", FORMAT), ("kinds", json.dumps([[kind, kinds[kind]] for kind in order]))],
    )
    for target, sql in (
        ("word", "SELECT w, text, subjects FROM _tmp_lookup_word ORDER BY w"),
        ("word_subject", "SELECT w, n FROM _tmp_lookup_posting ORDER BY w, n"),
        ("subject_word", "SELECT n, w FROM _tmp_lookup_posting ORDER BY n, w"),
        ("variant", "SELECT text, w FROM _tmp_lookup_variant ORDER BY text, w"),
    ):
        marks = "?, ?, ?" if target == "word" else "?, ?"
        con.executemany(f"INSERT INTO {target} VALUES ({marks})", _rows(engine, sql))
    con.execute("CREATE UNIQUE INDEX word_text ON word (text)")
    shape_sql = {"text": "folded", "code": AS_CODE_SQL, "digits": AS_DIGITS_SQL}
    for number, kind in enumerate(order):
        if kinds[kind] in shape_sql:
            sql = (
                f"SELECT DISTINCT {number} AS kind, {shape_sql[kinds[kind]]} AS code, n "
                f"FROM _tmp_lookup_folded WHERE kind = '{kind}' AND code <> '' ORDER BY code, n"
            )
            con.executemany("INSERT INTO code VALUES (?, ?, ?)", _rows(engine, sql))


def _fill_groups(con: sqlite3.Connection, engine: Engine, groups: Batches) -> None:
    _take(engine, "_tmp_lookup_group", groups, ("id", "text"))
    engine.execute(
        """CREATE TEMP TABLE _tmp_lookup_grouped AS
        SELECT row_number() OVER (ORDER BY text) AS g, text FROM (SELECT DISTINCT text FROM _tmp_lookup_group)"""
    )
    con.executemany(
        "INSERT INTO grouped VALUES (?, ?)",
        _rows(engine, "SELECT g, text FROM _tmp_lookup_grouped ORDER BY g"),
    )
    con.executemany(
        "INSERT INTO subject_grouped VALUES (?, ?)",
        _rows(
            engine,
            """SELECT DISTINCT n, g FROM _tmp_lookup_group JOIN _tmp_lookup_document USING (id)
            JOIN _tmp_lookup_grouped USING (text) ORDER BY n, g""",
        ),
    )


def _rows(engine: Engine, sql: str) -> Iterator[tuple[Any, ...]]:
    # Through Arrow, column by column: several times quicker than row by row.
    for batch in engine.execute(sql).to_arrow_reader(BATCH):
        yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)


def pack(documents: list[str]) -> tuple[int, bytes]:
    """A block as it is kept: its bytes when open, and the compressed bytes."""
    text = _BETWEEN.join(documents).encode()
    return len(text), _CODEC.compress(text, asbytes=True)


def unpack(size: int, body: bytes, place: int) -> str:
    """The document at a place of a block again."""
    text = _CODEC.decompress(body, decompressed_size=size, asbytes=True)
    return text.decode().split(_BETWEEN)[place]
