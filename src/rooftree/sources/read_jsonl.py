"""JSON lines: one record per line, kept as text; fields are taken from it when the record is mapped."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute
import pyarrow.parquet as pq

from rooftree.sources.model import Extract
from rooftree.sources.reading import Limits, LineAccount, Reading, SourceColumn
from rooftree.sources.text_stream import TextStream
from rooftree.vocabulary.errors import DataError, Problem
from rooftree.vocabulary.progress import Step

pc: Any = pyarrow.compute  # its functions are made when it is imported: no type checker sees them

_SCHEMA = pa.schema([("_row", pa.int64()), ("record", pa.string())])


def read_jsonl(
    path: Path, out: Path, *, extract: Extract, limits: Limits, step: Step | None = None
) -> Reading:
    """Read JSON lines into Parquet with one column, `record`.

    Lines to pass over (`skip_lines_with`) and blank lines have no number, so the first record is row 1.
    Whether a line is valid JSON is seen when its fields are taken, in the same pass.
    """
    records = blank = skipped = 0
    with TextStream(path, encoding=extract.encoding, limits=limits, step=step) as stream:
        if not stream.peek(1):
            raise DataError(
                [
                    Problem(
                        path.name, "the file is empty.", "Ask for the extract again, or remove it."
                    )
                ]
            )
        with pq.ParquetWriter(out, _SCHEMA, compression="lz4") as writer:
            for lines in _blocks(stream):
                kept = pc.filter(lines, pc.match_substring_regex(lines, r"\S"))
                blank += len(lines) - len(kept)
                if extract.skip_lines_with:
                    passed = _is_only(kept, extract.skip_lines_with)
                    skipped += pc.sum(passed).as_py() or 0
                    kept = pc.filter(kept, pc.invert(passed))
                numbers = pa.array(range(records + 1, records + 1 + len(kept)), pa.int64())
                records += len(kept)
                writer.write_table(pa.table([numbers, kept], schema=_SCHEMA))
        account = LineAccount(
            lines=stream.lines, header=0, records=records + skipped + blank, bad=0, continuation=0
        )
        return Reading(
            path=out,
            shape="json",
            columns=(SourceColumn("record", "record"),),
            records=records,
            skipped=skipped + blank,
            encoding=stream.encoding,
            account=account,
        )


def _blocks(stream: TextStream) -> Iterator[pa.Array]:
    rest = b""
    reader = io.BufferedReader(stream, 4 << 20)
    while block := reader.read(4 << 20):
        *lines, rest = (rest + block).split(b"\n")
        yield pa.array(lines, pa.binary()).cast(pa.string())
    if rest:
        yield pa.array([rest], pa.binary()).cast(pa.string())


def _is_only(lines: pa.Array, key: str) -> pa.Array:
    """Is the record an object whose first key is this one (the action line of a bulk file)?"""
    return pc.match_substring_regex(lines, r"^\s*\{\s*" + re.escape(json.dumps(key)) + r"\s*:")
