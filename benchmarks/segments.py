"""Many segments at once, one count while a rule is written, and a count with attrition.

    python -m benchmarks.segments [--people 1000000] [--large 10000000]

The customers are made by the engine from hashes: sixty fields of every kind and grain, three in ten
not known, events of three kinds; the other columns of the wide table are there and empty, because the
footer of a wide file costs as well. Each rule exists twice, as text of our language and as SQL that a
person would write; both must count the same before anything is timed.
"""

from __future__ import annotations

import argparse
import datetime as dt
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.report import Goal, machine, print_table, write
from rooftree.catalogue import load
from rooftree.catalogue.model import Attribute, Catalogue
from rooftree.catalogue.segment import SegmentDefinition
from rooftree.segments.attrition import attrition
from rooftree.segments.check import check
from rooftree.segments.definition import Segment
from rooftree.segments.fields import scope
from rooftree.segments.judging import parts_of, truths_sql
from rooftree.segments.nodes import And, Node
from rooftree.segments.parse import parse
from rooftree.segments.schema import columns_of, event_table, fields_of, unit_table
from rooftree.segments.sql import counted_sql
from rooftree.segments.values_sql import Context
from rooftree.segments.workbench import ROW, Workbench
from rooftree.storage.engine import Engine
from rooftree.storage.parquet import ROW_GROUP
from rooftree.vocabulary.states import Grain

AS_OF = dt.date(2026, 3, 31)
CATALOGUE = load()
EVENTS = {"contact": 6, "repair": 4, "case": 1}  # rows for each person


@dataclass(frozen=True, slots=True)
class Field:
    """One field that is filled: how a value comes from a hash of the row, and how a term about it reads."""

    key: str
    value: str
    term: Callable[[random.Random], tuple[str, str]]


def _fields(catalogue: Catalogue) -> list[Field]:
    """The first sixty fields that can be compared, so that every kind and grain is among them."""
    found: list[Field] = []
    for key, thing in fields_of(Grain.PERSON, catalogue).items():
        named = len(columns_of(thing)) == (2 if isinstance(thing, Attribute) else 1)
        if not named or len([f for f in found if f.key.startswith(key[:3])]) > 3:
            continue
        made = _field(key, thing.type, thing.codes, catalogue)
        if made is not None:
            found.append(made)
    return found[:60]


def _field(key: str, kind: str, codes: str | None, catalogue: Catalogue) -> Field | None:
    h = f"hash(i, '{key}')"
    if kind == "code" and codes is not None:
        words = catalogue.code_lists[codes].keys[:12]
        listed = ", ".join(f"'{word}'" for word in words)
        value = f"list_extract([{listed}], CAST({h} % {len(words)} AS INTEGER) + 1)"

        def of_code(draw: random.Random) -> tuple[str, str]:
            some = sorted(draw.sample(words, min(len(words), draw.randint(1, 3))))
            ours = ", ".join(f"'{word}'" for word in some)
            return f"{key} in ({ours})", f'"{key}" IN ({ours})'

        return Field(key, value, of_code)
    if kind == "number":

        def of_number(draw: random.Random) -> tuple[str, str]:
            n = draw.randint(5, 95)
            return f"{key} > {n}", f'"{key}" > {n}'

        return Field(key, f"CAST({h} % 100 AS DOUBLE)", of_number)
    if kind == "boolean":
        return Field(key, f"{h} % 3 = 0", lambda _: (key, f'"{key}"'))
    if kind == "money":

        def of_money(draw: random.Random) -> tuple[str, str]:
            n = draw.randint(1, 900)
            return f"{key} <= £{n}", f'"{key}" <= {n * 100}'

        return Field(key, f"CAST({h} % 100000 AS BIGINT)", of_money)
    return None


def make_people(engine: Engine, path: Path, *, people: int, fields: Sequence[Field]) -> None:
    """The wide table of people as the snapshot holds it, with the fields filled."""
    filled = {field.key: field for field in fields}
    columns = []
    for column in unit_table(Grain.PERSON, CATALOGUE):
        key = column.name.removesuffix("__k")
        unknown = f"hash(i, '{key}', 1) % 10 < 3"
        if column.name == "person_id":
            value = "format('P{:09d}', i)"
        elif column.name == "household_id":
            value = "format('H{:09d}', i // 3)"
        elif column.name == "tenancy_id":
            value = "format('T{:09d}', i // 3)"
        elif column.name == "home_id":
            value = "format('M{:09d}', i // 3)"
        elif column.name.startswith("is_") and column.required:
            value = "hash(i, 'base') % 10 < 6"
        elif column.name.endswith("__k"):
            value = f"CASE WHEN {unknown} THEN 3 ELSE 0 END" if key in filled else "3"
        elif key in filled:
            value = f"CASE WHEN NOT ({unknown}) THEN {filled[key].value} END"
        else:
            value = "NULL"
        columns.append(f'CAST({value} AS {column.type}) AS "{column.name}"')
    _copy(engine, f"SELECT {', '.join(columns)} FROM range({people}) AS r(i)", path)


def make_events(engine: Engine, folder: Path, *, people: int) -> None:
    """Events of three kinds over three years, each in the order of its table."""
    for key, each in EVENTS.items():
        event = CATALOGUE.events[key]
        columns = []
        for column in event_table(event):
            one = event.field(column.name)
            h = f"hash(i, '{column.name}')"
            if column.name == "on_date":
                value = f"DATE '{AS_OF}' - CAST({h} % 1096 AS INTEGER)"
            elif column.name in ("person_id", "tenancy_id", "home_id"):
                of = f"i // {each}" if column.name == "person_id" else f"i // {each} // 3"
                value = f"format('{column.name[0].upper()}{{:09d}}', {of})"
                value = value.replace("'H", "'M")
            elif one is not None and one.type == "code":
                words = (
                    CATALOGUE.code_lists[one.codes].keys
                    if one.codes
                    else [v.key for v in one.values]
                )
                listed = ", ".join(f"'{word}'" for word in words)
                value = f"list_extract([{listed}], CAST({h} % {len(words)} AS INTEGER) + 1)"
            else:
                value = {"VARCHAR": "'f'", "BIGINT": "i"}.get(column.type, "NULL")
            columns.append(f'CAST({value} AS {column.type}) AS "{column.name}"')
        _copy(
            engine,
            f"SELECT {', '.join(columns)} FROM range({people * each}) AS r(i)",
            folder / f"event_{key}.parquet",
        )


def _copy(engine: Engine, sql: str, path: Path) -> None:
    engine.execute("SET preserve_insertion_order = true")
    engine.execute(
        f"COPY ({sql}) TO '{path}' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {ROW_GROUP})"
    )
    engine.execute("SET preserve_insertion_order = false")


def rules(fields: Sequence[Field], n: int, *, seed: int = 1) -> list[tuple[Segment, str]]:
    """Random segments of two to six terms, each with the SQL that a person would write."""
    draw = random.Random(seed)
    found = []
    for number in range(n):
        terms = [field.term(draw) for field in draw.sample(list(fields), draw.randint(2, 6))]
        join = draw.choice(["and", "or"])
        ours = f" {join} ".join(text for text, _ in terms)
        sql = f" {join.upper()} ".join(text for _, text in terms)
        found.append((segment(f"seg_{number:03d}", ours), f"is_customer AND ({sql})"))
    return found


def segment(key: str, rule: str) -> Segment:
    """A rule as a segment of customers."""
    made = SegmentDefinition(
        key, key, "bench", Grain.PERSON, "customers", "research_and_insight", "count", rule, "", "", "", AS_OF,
        AS_OF, (), key,
    )  # fmt: skip
    return Segment(made, placed(rule), frozenset(), "")


def placed(rule: str) -> Node:
    """A rule read and checked."""
    return check(parse(rule), scope(CATALOGUE, Grain.PERSON), text=rule)


def _opened(folder: Path) -> Engine:
    engine = Engine(threads=2, memory_limit="4GB")
    engine.execute("SET parquet_metadata_cache = true")
    for path in sorted(folder.glob("*.parquet")):
        engine.attach(f"segments.{path.stem}", path)
    return engine


def _timed(act: Callable[[], object]) -> tuple[float, float]:
    clock, cpu = time.perf_counter(), time.process_time()
    act()
    return time.perf_counter() - clock, time.process_time() - cpu


def many_at_once(folder: Path, made: Sequence[tuple[Segment, str]]) -> dict[str, float]:
    """All segments in one pass, written as boolean columns; and the same columns by hand. Best of two."""
    context = Context(CATALOGUE, AS_OF)
    by_hand = ", ".join(f'({sql}) AS "{one.key}"' for one, sql in made)
    segments = [one for one, _ in made]
    hand = f"SELECT person_id, {by_hand} FROM segments.person"
    with _opened(folder) as engine:
        ours = truths_sql(segments, Grain.PERSON, context)
        _check_equal(engine, ours, hand, [one.key for one in segments])
        found: dict[str, list[tuple[float, float]]] = {"ours": [], "hand": []}
        for _ in range(2):
            for name, make in (
                ("ours", lambda: truths_sql(segments, Grain.PERSON, context)),
                ("hand", lambda: hand),
            ):
                found[name].append(_timed(lambda make=make: _copy(engine, make(), folder / "out")))
        (folder / "out").unlink()
    return {
        "ours_s": min(clock for clock, _ in found["ours"]), "hand_s": min(clock for clock, _ in found["hand"]),
        "ours_cpu": min(cpu for _, cpu in found["ours"]), "hand_cpu": min(cpu for _, cpu in found["hand"]),
    }  # fmt: skip


def _check_equal(engine: Engine, ours: str, hand: str, keys: Sequence[str]) -> None:
    sums = ", ".join(f'count(*) FILTER ("{key}")' for key in keys)
    if engine.rows(f"SELECT {sums} FROM ({ours})") != engine.rows(f"SELECT {sums} FROM ({hand})"):
        raise AssertionError("the two do not say the same")


def previews(folder: Path, made: Sequence[tuple[Segment, str]]) -> dict[str, float]:
    """One count while a rule is written: read, checked, compiled and run, on a connection that is open."""
    times, worked, compiled = [], [], []
    with _opened(folder) as engine:
        for warm in (True, False):
            for one, _ in made[: 20 if warm else None]:
                start, cpu = time.perf_counter(), time.process_time()
                node = placed(one.definition.rule)
                sql = counted_sql(node, Grain.PERSON, "customers", Context(CATALOGUE, AS_OF))
                compiled.append(time.process_time() - cpu)
                engine.rows(sql)
                if not warm:
                    times.append(time.perf_counter() - start)
                    worked.append(time.process_time() - cpu)
    cuts = statistics.quantiles(times, n=20)
    return {
        "p50_ms": statistics.median(times) * 1e3,
        "p95_ms": cuts[-1] * 1e3,
        "p95_cpu_ms": statistics.quantiles(worked, n=20)[-1] * 1e3,
        "compile_p95_ms": statistics.quantiles(compiled, n=20)[-1] * 1e3,
    }


def attrition_of_ten(folder: Path, fields: Sequence[Field]) -> dict[str, float]:
    """Ten parts, three over events: on a connection that has just been opened, and again on the same one."""
    draw = random.Random(7)
    seven = [field.term(draw)[0] for field in draw.sample(list(fields), 7)]
    three = [
        "at least 2 contacts where (direction = inbound) in the last 12 months",
        "fewer than 9 repairs in the last 24 months",
        "no case where (kind = complaint) in the last 6 months",
    ]
    node = placed(
        " and ".join(f"not ({term})" if i % 2 else term for i, term in enumerate(seven))
        + " and "
        + " and ".join(three)
    )
    context = Context(CATALOGUE, AS_OF)

    with _opened(folder) as engine:
        plain, plain_cpu = _timed(
            lambda: attrition(engine, node, unit=Grain.PERSON, base="customers", context=context)
        )
    with _opened(folder) as engine:
        _number(engine, folder / "person.parquet")
        made: list[Workbench] = []

        def first() -> None:
            made.append(Workbench(engine, Grain.PERSON, context))
            made[0].attrition(node, base="customers")

        cold, cold_cpu = _timed(first)
        again = [_timed(lambda: made[0].attrition(node, base="customers")) for _ in range(9)]
        changed = [
            _timed(
                lambda part=part: made[0].attrition(
                    And((*parts_of(node)[:-1], part)), base="customers"
                )
            )
            for part in (placed(field.term(draw)[0]) for field in draw.sample(list(fields), 9))
        ]
    return {
        "plain_s": plain,
        "plain_cpu_s": plain_cpu,
        "cold_s": cold,
        "cold_cpu_s": cold_cpu,
        "warm_ms": statistics.median(clock for clock, _ in again) * 1e3,
        "warm_cpu_ms": statistics.median(cpu for _, cpu in again) * 1e3,
        "changed_ms": statistics.median(clock for clock, _ in changed) * 1e3,
        "changed_cpu_ms": statistics.median(cpu for _, cpu in changed) * 1e3,
    }


def _number(engine: Engine, path: Path) -> None:
    engine.execute(
        "CREATE OR REPLACE VIEW segments.person AS SELECT * EXCLUDE (file_row_number), "
        f"file_row_number AS {ROW} FROM read_parquet('{path}', file_row_number = true)"
    )


def run(people: int = 1_000_000, *, large: int | None = None) -> dict[str, float]:
    """Make the customers, and measure."""
    fields = _fields(CATALOGUE)
    made = rules(fields, 200)
    found: dict[str, float] = {"people": people}
    with tempfile.TemporaryDirectory(prefix="segments-") as name:
        folder = Path(name)
        with Engine(threads=2, memory_limit="4GB") as engine:
            make_people(engine, folder / "person.parquet", people=people, fields=fields)
            make_events(engine, folder, people=people)
        found |= many_at_once(folder, made)
        found |= previews(folder, made)
        found |= attrition_of_ten(folder, fields)
    if large:
        with tempfile.TemporaryDirectory(prefix="segments-") as name:
            with Engine(threads=2, memory_limit="4GB") as engine:
                make_people(engine, Path(name) / "person.parquet", people=large, fields=fields)
            found |= {f"large_{key}": value for key, value in previews(Path(name), made).items()}
    return found


def goals(found: dict[str, float]) -> list[Goal]:
    """The figures beside what is asked of them."""
    n = f"{found['people']:,.0f} people"
    told = [
        Goal(f"200 segments of {n} written / by hand (processor)", found["ours_cpu"] / found["hand_cpu"], at_most=1.2),
        Goal("the same by the clock", found["ours_s"] / found["hand_s"], at_most=1.2),
        Goal("200 segments written", found["ours_s"], unit="s"),
        Goal(f"one count while a rule is written, {n}: 95th", found["p95_ms"], at_most=60, unit="ms"),
        Goal("its processor time: 95th", found["p95_cpu_ms"], unit="ms"),
        Goal("of that, reading, checking and compiling: 95th", found["compile_p95_ms"], at_most=5, unit="ms"),
        Goal("count with attrition, ten parts, three over events: first", found["cold_s"], at_most=1, unit="s"),
        Goal("its processor time", found["cold_cpu_s"], unit="s"),
        Goal("the same again, conditions remembered", found["warm_ms"], at_most=100, unit="ms"),
        Goal("its processor time", found["warm_cpu_ms"], unit="ms"),
        Goal("again with one condition changed", found["changed_ms"], unit="ms"),
        Goal("its processor time", found["changed_cpu_ms"], unit="ms"),
        Goal("with nothing remembered, processor time", found["plain_cpu_s"], unit="s"),
    ]  # fmt: skip
    if "large_p95_ms" in found:
        told.append(
            Goal("one count at ten million: 95th", found["large_p95_ms"], at_most=250, unit="ms")
        )
        told.append(Goal("its processor time: 95th", found["large_p95_cpu_ms"], unit="ms"))
    return told


def main() -> None:
    """Measure at the sizes given and keep the page of results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--large", type=int, default=None)
    asked = parser.parse_args()
    told = goals(run(asked.people, large=asked.large))
    print_table(told)
    lines = ["# Segments", "", f"{machine()}", "", *Goal.table(told), ""]
    write("segments", "\n".join(lines))


if __name__ == "__main__":
    main()
