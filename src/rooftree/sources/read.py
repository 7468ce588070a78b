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
from rooftree.vocabulary.progress import Progress

_READERS: dict[str, Callable[..., Reading]] = {
    "csv": read_csv,
    "excel": read_excel,
    "jsonl": read_jsonl,
    "parquet": read_parquet,
}


def read_file(
    path: Path, out: Path, *, extract: Extract, progress: Progress, limits: Limits | None = None
) -> Reading:
    """Read one file of an extract into Parquet at `out`. Raises DataError where it cannot be read."""
    with progress.step(f"Reading {path.name}", total=path.stat().st_size, unit="bytes") as step:
        return _READERS[extract.format](
            path, out, extract=extract, limits=limits or Limits(), step=step
        )


def file_sha256(path: Path) -> str:
    """The SHA-256 of a file's bytes, in hexadecimal."""
    sha = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(8 << 20):
            sha.update(block)
    return sha.hexdigest()
