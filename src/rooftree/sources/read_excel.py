"""Excel workbooks: one sheet, every cell as text, after a look at what the file asks of the machine."""

from __future__ import annotations

import struct
import zipfile
import zlib
from pathlib import Path
from typing import IO

import fastexcel
import pyarrow as pa
import pyarrow.parquet as pq

from rooftree.sources.header import clean_name, named_columns
from rooftree.sources.model import Extract
from rooftree.sources.reading import Limits, Reading
from rooftree.vocabulary.errors import DataError, Problem
from rooftree.vocabulary.progress import Step

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # the container of old and of encrypted workbooks
_AT_A_TIME = 1 << 20
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


def read_excel(
    path: Path, out: Path, *, extract: Extract, limits: Limits, step: Step | None = None
) -> Reading:
    """Read one sheet into Parquet of text; rows after the header are numbered from 1.

    Dates arrive as ISO text and numbers without ".0", so leading zeros that the sheet shows as text
    stay. Raises DataError for a workbook with a password, a broken one, one that unpacks to too much,
    and a sheet that is not there.
    """
    check_workbook(path, limits)
    try:
        workbook = fastexcel.read_excel(path)
    except fastexcel.FastExcelError as error:
        raise _damaged(path) from error
    name = extract.sheet or (workbook.sheet_names[0] if workbook.sheet_names else "")
    if name not in workbook.sheet_names:
        raise _problem(
            path,
            f"there is no sheet {name!r}.",
            f"Set sheet to one of: {', '.join(workbook.sheet_names)}.",
        )
    try:
        sheet = workbook.load_sheet(name, header_row=None, skip_rows=0, dtypes="string")
    except fastexcel.FastExcelError as error:
        raise _damaged(path) from error
    table = pa.table(sheet.to_arrow())
    if step is not None:
        step.advance(path.stat().st_size)
    if table.num_rows < extract.header_row:
        what = f"the sheet has {table.num_rows} rows; the header is said to be in row {extract.header_row}."
        raise _problem(path, what, "Correct header_row or sheet, or ask for the extract again.")
    cells = [column[extract.header_row - 1].as_py() for column in table.columns]
    keep = _used(cells, table, extract.header_row)
    columns, notes = named_columns(
        [cells[n] for n in keep], renamed=extract.renamed, where=path.name
    )
    data = table.slice(extract.header_row)
    numbers = pa.array(range(1, data.num_rows + 1), pa.int64())
    arrays = [data.column(n).cast(pa.string()) for n in keep]
    named = pa.table([numbers, *arrays], names=["_row", *(c.physical for c in columns)])
    pq.write_table(named, out, compression="lz4")
    return Reading(
        path=out, shape="columns", columns=columns, records=data.num_rows, notes=notes
    )  # fmt: skip


def check_workbook(path: Path, limits: Limits) -> None:
    """Refuse a workbook that has a password, is none, or would unpack to more than a machine should hold."""
    with path.open("rb") as file:
        start = file.read(8)
        if not start:
            raise _problem(path, "the file is empty.", "Ask for the extract again, or remove it.")
        if start == _OLE:
            if _ENCRYPTED in file.read():
                raise _problem(
                    path,
                    "the workbook has a password.",
                    "Open it, take the password off and save it.",
                )
            return
    if not zipfile.is_zipfile(path):
        raise _problem(path, "this is no Excel workbook.", "Check its format in the definition.")
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(item.file_size for item in archive.infolist())
    except zipfile.BadZipFile as error:
        raise _damaged(path) from error
    packed = max(path.stat().st_size, 1)
    if unpacked > limits.unpacked_bytes or (
        unpacked > 64 << 20 and unpacked > limits.unpacked_ratio * packed
    ):
        raise _problem(
            path,
            f"the workbook unpacks from {packed:,} to {unpacked:,} bytes, as an attack would.",
            "Export it again, or send it as CSV.",
        )
    try:
        honest = _unpacks_as_said(path)
    except (zlib.error, struct.error) as error:
        raise _damaged(path) from error
    if not honest:
        raise _problem(
            path,
            "a part of the workbook unpacks to more than the workbook says, as an attack would.",
            "Export it again, or send it as CSV.",
        )


def _unpacks_as_said(path: Path) -> bool:
    """Does every part unpack to no more bytes than the directory of the archive says?

    The library that reads the workbook believes the packed bytes, not the directory: a few kilobytes
    that say little of themselves could fill the memory.
    """
    with zipfile.ZipFile(path) as archive, path.open("rb") as file:
        return all(_inflated(file, item) <= item.file_size for item in archive.infolist())


def _inflated(file: IO[bytes], item: zipfile.ZipInfo) -> int:
    """The bytes that one part unpacks to; counting stops beyond what it says of itself."""
    if item.compress_type == zipfile.ZIP_STORED:
        return item.compress_size
    file.seek(item.header_offset + 26)
    name, extra = struct.unpack("<HH", file.read(4))
    file.seek(name + extra, 1)
    inflate, left, done = zlib.decompressobj(-zlib.MAX_WBITS), item.compress_size, 0
    while done <= item.file_size and not inflate.eof:
        packed = inflate.unconsumed_tail
        if not packed:
            packed = file.read(min(left, _AT_A_TIME))
            left -= len(packed)
        if not packed:
            break
        done += len(inflate.decompress(packed, _AT_A_TIME))
    return done


def _used(cells: list[str | None], table: pa.Table, header_row: int) -> list[int]:
    """The columns up to the last that has a name: what stands to the right of them is no data."""
    last = max((n for n, cell in enumerate(cells) if clean_name(cell or "")), default=-1)
    return list(range(last + 1))


def _damaged(path: Path) -> DataError:
    what = "the workbook cannot be opened; it is damaged or no workbook."
    return _problem(path, what, "Save it again.")


def _problem(path: Path, what: str, remedy: str) -> DataError:
    return DataError([Problem(path.name, what, remedy)])
