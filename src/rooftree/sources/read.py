"""Reading any extract, by the format that its definition names."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

from rooftree.sources.model import Extract
from rooftree.sources.read_csv import read_csv
from rooftree.sources.read_excel import read_excel
from rooftree.sources.read_jsonl import read_jsonl
from rooftree.sources.read_parquet import read_parquet
from rooftree.sources.reading import Limits, Reading
from rooftree.sources.text_stream import TextStream
from rooftree.vocabulary.progress import NoProgress, Progress

_READERS: dict[str, Callable[..., Reading]] = {
    "csv": read_csv,
    "excel": read_excel,
    "jsonl": read_jsonl,
    "parquet": read_parquet,
}


_BLOCK = 8 << 20
_LARGE = 64 << 20  # bytes: a smaller file is read before anybody would wait
_SLOW = 1 << 30  # bytes whose digest takes a second or two


def read_file(
    path: Path, out: Path, *, extract: Extract, progress: Progress, limits: Limits | None = None
) -> Reading:
    """Read one file of an extract into Parquet at `out`. Raises DataError where it cannot be read."""
    with progress.step(f"Reading {path.name}", total=path.stat().st_size, unit="bytes") as step:
        return _READERS[extract.format](
            path, out, extract=extract, limits=limits or Limits(), step=step
        )


def glance(path: Path, extract: Extract, *, limits: Limits | None = None) -> None:
    """Look at the beginning of a large text file, so that one that is no extract is answered at once.

    Without it a file of ten gigabytes without a line break would be read whole, for its digest, before
    anybody looked into it. Raises DataError as reading would.
    """
    if extract.format not in ("csv", "jsonl") or path.stat().st_size < _LARGE:
        return
    with TextStream(path, encoding=extract.encoding, limits=limits or Limits()) as stream:
        for _ in range(_LARGE // _BLOCK):
            stream.read(_BLOCK)


def file_sha256(path: Path, *, progress: Progress | None = None) -> str:
    """The SHA-256 of a file's bytes, in hexadecimal."""
    sha = hashlib.sha256()
    size = path.stat().st_size
    listener = progress if progress is not None and size > _SLOW else NoProgress()
    with (
        path.open("rb") as file,
        listener.step(f"Recognising {path.name}", total=size, unit="bytes") as step,
    ):
        while block := file.read(_BLOCK):
            sha.update(block)
            step.advance(len(block))
    return sha.hexdigest()
