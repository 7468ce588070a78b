"""Look-up in a snapshot of a million people: one record by id, and search by what somebody types.

    python -m benchmarks.lookup [PEOPLE]

Names are invented: as many distinct surnames and given names as a real register of that size has,
with the few that are common held by many.
"""

from __future__ import annotations

import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa

from rooftree.storage.engine import Engine
from rooftree.storage.lookup import Lookup
from rooftree.storage.lookup_build import build_lookup

QUERIES = 300
STARTS = (
    "ba be bi bo bra ca che cla da de dra ea ed fa fi ga gra ha he ja jo ka la le ma mo na pa "
    "ra sa sha ta wa wi"
)
MIDDLES = "n r l m t rr nd ll st ck th mb rt nn ss v rd ng"
ENDS = "er on ley ton son man a y ie ard ford well ings worth e o en is us"

PEOPLE_SQL = """
    CREATE TABLE person AS
    SELECT 'P' || lpad(CAST(d.i AS VARCHAR), 12, '0') AS id, g.text AS given, s.text AS family, d.i
    FROM (SELECT i, CAST(floor(120000 * power((hash(i, 1) % 1000003) / 1000003.0, 4)) AS BIGINT) AS si,
                 CAST(floor(20000 * power((hash(i, 2) % 1000003) / 1000003.0, 4)) AS BIGINT) AS gi
          FROM range({people}) t(i)) d
    JOIN surname s ON s.i = si JOIN given g ON g.i = gi"""

DOCUMENT_SQL = """
    CREATE TABLE document AS
    SELECT id, CAST(to_json({
        'person_id': id, 'given_name': given, 'family_name': family,
        'values': [{'attribute': 'attribute_' || k,
                    'state': ['answered', 'not_asked', 'refused'][1 + CAST(hash(i, k) % 3 AS BIGINT)],
                    'value': CAST(hash(i, k, 3) % 9 AS VARCHAR),
                    'recorded_on': DATE '2020-01-01' + CAST(hash(i, k) % 2000 AS INTEGER)}
                   for k in range(15)]}) AS VARCHAR) AS document
    FROM person"""

KEY_SQL = """
    CREATE TABLE key AS
    SELECT id, 'name' AS kind, given || ' ' || family AS text FROM person
    UNION ALL
    SELECT id, 'postcode', 'IP' || hash(i, 4) % 40 || ' ' || hash(i, 5) % 9
           || chr(CAST(65 + hash(i, 6) % 26 AS INTEGER)) || chr(CAST(65 + hash(i, 7) % 26 AS INTEGER))
    FROM person
    UNION ALL
    SELECT id, 'phone', '07700' || lpad(CAST(hash(i, 8) % 1000000 AS VARCHAR), 6, '0') FROM person
    UNION ALL
    SELECT id, 'tenancy_ref', 'T' || lpad(CAST(i // 2 AS VARCHAR), 9, '0') FROM person
    UNION ALL
    SELECT id, 'payment_ref', CAST(7000000000 + i // 2 AS VARCHAR) FROM person
    UNION ALL
    SELECT id, 'email', given || '.' || family || i || '@example.org' FROM person
    UNION ALL
    SELECT id, 'address', hash(i, 9) % 200 || ' ' || family || ' street' FROM person"""


def invented(count: int, *, seed: int) -> list[str]:
    """So many distinct invented words."""
    starts, middles, ends = STARTS.split(), MIDDLES.split(), ENDS.split()
    draw = random.Random(seed)
    found: dict[str, None] = {}
    while len(found) < count:
        pairs = (draw.choice(middles) + draw.choice("aeiou") for _ in range(draw.randint(1, 2)))
        found[draw.choice(starts) + "".join(pairs) + draw.choice(ends)] = None
    return list(found)


def people_tables(engine: Engine, people: int) -> None:
    """Documents of about 1.5 kB and seven keys each, in the engine."""
    for name, count, seed in (("surname", 120_000, 1), ("given", 20_000, 2)):
        words = pa.table({"i": range(count), "text": invented(count, seed=seed)})
        engine.con.register("words", words)
        engine.execute(f"CREATE TABLE {name} AS SELECT * FROM words")
        engine.con.unregister("words")
    # The rank of a name is drawn so that the commonest has several people in a hundred.
    engine.execute(PEOPLE_SQL.format(people=people))
    engine.execute(DOCUMENT_SQL)
    engine.execute(KEY_SQL)


def batches(engine: Engine, sql: str) -> Iterator[pa.RecordBatch]:
    """A result as Arrow batches."""
    yield from engine.execute(sql).to_arrow_reader(100_000)


def timed(run: Callable[[object], object], arguments: list) -> dict[str, float]:
    """Milliseconds of each call: middle, 95th of a hundred, slowest."""
    taken = []
    for argument in arguments:
        started = time.perf_counter()
        run(argument)
        taken.append((time.perf_counter() - started) * 1000)
    ranked = sorted(taken)
    p95 = ranked[int(len(ranked) * 0.95)]
    return {
        "p50": round(statistics.median(taken), 2),
        "p95": round(p95, 2),
        "max": round(ranked[-1], 2),
    }


def misspell(word: str, draw: random.Random) -> str:
    """One slip: a letter missing, doubled, changed, or two swapped."""
    at = draw.randrange(1, len(word) - 1)
    return draw.choice(
        [
            word[:at] + word[at + 1 :],
            word[:at] + word[at] + word[at:],
            word[:at] + draw.choice("aeioulrst") + word[at + 1 :],
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
        ]
    )


def run(people: int = 1_000_000) -> dict[str, object]:
    """Build once, ask a few hundred questions of each sort, print and answer the figures."""
    draw = random.Random(3)
    with (
        tempfile.TemporaryDirectory() as folder,
        Engine(temp_directory=Path(folder) / "s") as engine,
    ):
        people_tables(engine, people)
        path = Path(folder) / "lookup.sqlite"
        started = time.perf_counter()
        build_lookup(
            path,
            batches(engine, "SELECT id, document FROM document ORDER BY id"),
            batches(engine, "SELECT id, kind, text FROM key"),
            temp_directory=Path(folder) / "spill",
        )
        built = time.perf_counter() - started
        sample = engine.rows(
            f"SELECT id, given, family, i FROM person ORDER BY hash(i, 99) LIMIT {QUERIES}"
        )
        found: dict[str, object] = {
            "people": people,
            "build_seconds": round(built, 1),
            "mebibytes": round(path.stat().st_size / 2**20),
        }
        with Lookup.open(path) as lookup:
            search, fresh = lookup.search, [s[2] for s in sample]
            misspelt = [misspell(word, draw) for word in fresh if len(word) > 4]
            both = [
                f"{misspell(s[1], draw)} {misspell(s[2], draw)}"
                for s in sample
                if min(len(s[1]), len(s[2])) > 4
            ]
            found["record by id, ms"] = timed(lookup.document, [s[0] for s in sample])
            found["surname, ms"] = timed(search, fresh)
            found["given name and surname, ms"] = timed(search, [f"{s[1]} {s[2]}" for s in sample])
            found["prefix of 3 letters, ms"] = timed(search, [word[:3] for word in fresh])
            found["prefix of 1 letter, twice, ms"] = timed(
                search, [f"{s[1][0]} {s[2][0]}" for s in sample]
            )
            found["misspelt surname, ms"] = timed(search, misspelt)
            found["both names misspelt, ms"] = timed(search, both)
            found["nobody, ms"] = timed(search, ["xqzwv" + word for word in fresh])
            found["postcode prefix, ms"] = timed(
                search, [f"IP{s[3] % 40} {s[3] % 9}" for s in sample]
            )
            found["telephone, ms"] = timed(search, [f"07700 {s[3] % 1000000:06}" for s in sample])
            found["payment reference, ms"] = timed(
                search, [str(7000000000 + s[3] // 2) for s in sample]
            )
    for name, figure in found.items():
        print(f"{name:32} {figure}")
    return found


if __name__ == "__main__":
    run(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
