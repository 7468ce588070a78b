"""Random extracts with random dirt: every line is accounted for, and what is accepted is what a slow reader reads."""

from __future__ import annotations

import csv
import io
import os
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rooftree.sources.definition import parse_definition
from rooftree.sources.read import read_file
from rooftree.sources.reading import Limits
from rooftree.staging.store import stage_all
from rooftree.storage.engine import Engine
from rooftree.vocabulary.progress import NoProgress

FUZZ = bool(os.environ.get("ROOFTREE_FUZZ"))
WIDTH = 4
HEADER = ["ID", "Name", "Town", "Note"]
DEFINITION = """
system = "x"
[[extract]]
key = "x"
files = "x.csv"
[[extract.table]]
table = "person"
repeats = "keep"
[extract.table.columns]
person_ref = "ID"
family_name = "Name"
address_line_1 = "Town"
address_line_2 = "Note"
"""

# no blank first cell and no outer blanks, so that a row is neither passed over nor trimmed
word = st.text("abcXYZé£0123'-;", min_size=1, max_size=6)
cell = st.one_of(
    word, st.just(""), st.builds("{}, {}".format, word, word), st.builds('{}"{}'.format, word, word)
)
broken = st.builds("{}\n{}".format, word, word)
record = st.tuples(word, st.one_of(cell, broken), cell, st.one_of(cell, broken)).map(list)
line = st.one_of(
    record,
    record,
    record,
    st.lists(word, min_size=1, max_size=7).filter(
        lambda row: len(row) != WIDTH
    ),  # a field too many or too few
    st.just([]),  # a blank line
    st.just(HEADER),  # the header again
)


def as_text(rows: list[list[str]], end: str) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator=end)
    for row in [HEADER, *rows]:
        if row:
            writer.writerow(row)
        else:
            out.write(end)
    return out.getvalue()


@settings(
    max_examples=2000 if FUZZ else 25,
    deadline=None,
    derandomize=not FUZZ,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(
    rows=st.lists(line, max_size=25),
    end=st.sampled_from(["\n", "\r\n"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig"]),
    cut=st.booleans(),
)
def test_every_line_is_accounted_for_and_values_are_the_slow_readers(
    rows: list[list[str]], end: str, encoding: str, cut: bool
) -> None:
    text = as_text(rows, end)
    if cut and text.endswith(end) and rows and rows[-1]:
        text = text.removesuffix(end)  # the last line without its end
    good = [row for row in rows if len(row) == WIDTH and row != HEADER]
    definition, _ = parse_definition(DEFINITION)
    with tempfile.TemporaryDirectory() as name, Engine() as engine:
        folder = Path(name)
        path = folder / "x.csv"
        path.write_bytes(text.encode(encoding))
        extract = definition.extracts[0]
        # tiny blocks, so that records lie across their borders
        limits = Limits(line_bytes=400, block_bytes=1024)
        reading = read_file(
            path, folder / "t.parquet", extract=extract, progress=NoProgress(), limits=limits
        )
        assert reading.account is not None
        assert reading.account.holds, reading.account
        stage_all(
            [definition],
            extracts_dir=folder,
            staged_dir=folder / "s",
            corrections_dir=folder / "c",
            engine=engine,
        )
        found = engine.rows(
            "SELECT person_ref, family_name, address_line_1, address_line_2 FROM staging.person ORDER BY source_row"
        )
        slow = [
            tuple(value.strip() or None for value in row)
            for row in csv.reader(io.StringIO(text, newline=""))
            if len(row) == WIDTH and row != HEADER
        ]
        assert found == slow
        assert len(slow) == len(good)
        read, accepted, rejected = engine.rows(
            "SELECT rows_read, rows_accepted, rows_rejected FROM staging.file"
        )[0]
        assert read == accepted + rejected
        assert accepted == len(good)
        assert rejected == sum(len(row) not in (0, WIDTH) for row in rows)
