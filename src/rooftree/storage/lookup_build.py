"""Makes `lookup.sqlite`: everything about one subject by id, and the ids by what people type.

The tables are prepared set-based in the engine and arrive in SQLite in the order of their keys, so
that the same rows give the same bytes and pages fill one after the other.
"""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from rooftree.storage.engine import Engine
from rooftree.storage.files import disk_trouble, sync_file
from rooftree.storage.words import AS_CODE_SQL, AS_DIGITS_SQL, FOLD_ASCII_SQL, HEAD, fold
from rooftree.vocabulary.errors import RooftreeError

FORMAT = 1
BATCH = 50_000
#: How each kind of key is compared: word by word with misspellings (one kind only), as text from its
#: beginning, as a code without spaces, or as a telephone number.
KINDS: Mapping[str, str] = {
    "name": "words",
    "address": "text",
    "postcode": "code",
    "phone": "digits",
    "tenancy_ref": "code",
    "payment_ref": "code",
    "email": "code",
}

Batches = Iterable[pa.RecordBatch]

_SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE document (n INTEGER PRIMARY KEY, id TEXT NOT NULL, body BLOB NOT NULL);
CREATE TABLE word (w INTEGER PRIMARY KEY, text TEXT NOT NULL, subjects INTEGER NOT NULL);
CREATE TABLE word_subject (w INTEGER, n INTEGER, PRIMARY KEY (w, n)) WITHOUT ROWID;
CREATE TABLE subject_word (n INTEGER, w INTEGER, PRIMARY KEY (n, w)) WITHOUT ROWID;
CREATE TABLE variant (text TEXT, w INTEGER, PRIMARY KEY (text, w)) WITHOUT ROWID;
CREATE TABLE code (kind INTEGER, text TEXT, n INTEGER, PRIMARY KEY (kind, text, n)) WITHOUT ROWID;
"""

# One temporary table per step; `_tmp_lookup_document` and `_tmp_lookup_key` come from the caller's batches.
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
    kinds: Mapping[str, str] = KINDS,
    temp_directory: Path | None = None,
    memory_limit: str = "2GB",
    threads: int = 2,
) -> None:
    """Write the look-up file of a snapshot.

    `documents` has the columns `id` and `document` (JSON text), one row per subject; `keys` has `id`,
    `kind` (one of `kinds`) and `text`, as many rows as there are ways to be found; nulls and keys
    without a document are passed over. Rows may come in any order: the same rows give the same bytes.
    RooftreeError when an id comes twice or a kind is not known; MachineError when the disk is full.
    """
    path.unlink(missing_ok=True)
    with (
        disk_trouble("the look-up file was being written"),
        Engine(temp_directory=temp_directory, memory_limit=memory_limit, threads=threads) as engine,
    ):
        _prepare(engine, documents, keys, kinds)
        con = sqlite3.connect(path, isolation_level=None)
        try:
            # Nobody reads the file before it is whole, so a journal would protect nothing.
            con.executescript(
                "PRAGMA page_size = 4096; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"
                "PRAGMA cache_size = -64000;" + _SCHEMA
            )
            con.execute("BEGIN")
            _fill(con, engine, kinds)
            con.execute("COMMIT")
        finally:
            con.close()
        sync_file(path)


def _prepare(engine: Engine, documents: Batches, keys: Batches, kinds: Mapping[str, str]) -> None:
    _take(engine, "_tmp_lookup_given", documents, ("id", "document"))
    twice = engine.value("SELECT count(*) - count(DISTINCT id) FROM _tmp_lookup_given")
    if twice:
        raise RooftreeError(f"{twice} documents for the look-up have the id of another, or none")
    engine.execute(
        "CREATE TEMP TABLE _tmp_lookup_document AS "
        "SELECT row_number() OVER (ORDER BY id) AS n, id FROM _tmp_lookup_given"
    )
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
    dictionary = _dictionary(engine)
    con.executemany(
        "INSERT INTO meta VALUES (?, ?)",
        [
            ("dictionary", dictionary),
            ("format", FORMAT),
            ("kinds", json.dumps([[kind, kinds[kind]] for kind in order])),
        ],
    )
    documents = _rows(
        engine, "SELECT n, id, document FROM _tmp_lookup_document JOIN _tmp_lookup_given USING (id) ORDER BY n"
    )  # fmt: skip
    con.executemany(
        "INSERT INTO document VALUES (?, ?, ?)",
        ((n, id, pack(document, dictionary)) for n, id, document in documents),  # noqa: A001
    )
    con.execute("CREATE UNIQUE INDEX document_id ON document (id)")
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


def _rows(engine: Engine, sql: str) -> Iterator[tuple[Any, ...]]:
    # Through Arrow, column by column: several times quicker than row by row.
    for batch in engine.execute(sql).to_arrow_reader(BATCH):
        yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)


def _dictionary(engine: Engine) -> bytes:
    """What documents have in common, from a spread of them: short documents pack four times smaller."""
    spread = engine.rows(
        "SELECT document FROM _tmp_lookup_document JOIN _tmp_lookup_given USING (id) "
        "WHERE (n - 1) % greatest((SELECT count(*) FROM _tmp_lookup_given) // 16, 1) = 0 ORDER BY n LIMIT 16"
    )
    return "".join(row[0] for row in spread).encode()[-8000:]


def pack(document: str, dictionary: bytes) -> bytes:
    """A document as it is kept: deflated against the file's own dictionary."""
    packer = zlib.compressobj(1, zlib.DEFLATED, -13, 6, zlib.Z_DEFAULT_STRATEGY, dictionary)
    return packer.compress(document.encode()) + packer.flush()


def unpack(body: bytes, dictionary: bytes) -> str:
    """The document again."""
    return zlib.decompressobj(-15, zdict=dictionary).decompress(body).decode()
