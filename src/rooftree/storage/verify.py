"""Is a snapshot still what was published? Every byte is covered by a hash."""

from __future__ import annotations

from pathlib import Path

from rooftree.storage import manifest as manifests
from rooftree.storage.files import list_files, sha256_of
from rooftree.storage.manifest import FileEntry, Manifest, TableEntry
from rooftree.vocabulary.errors import DataError, Problem

_REMEDY = "Restore the snapshot from a backup, or run again with the same inputs to make it anew."

# How the name of the Arrow type begins: a timestamp's ends with its unit, a list's with its element.
_ARROW = {
    "VARCHAR": "string",
    "BIGINT": "int64",
    "INTEGER": "int32",
    "UTINYINT": "uint8",
    "DOUBLE": "double",
    "BOOLEAN": "bool",
    "DATE": "date32[day]",
    "TIMESTAMP": "timestamp",
    "VARCHAR[]": "list",
}


def verify(directory: Path) -> list[Problem]:
    """What is wrong with a snapshot: one problem per bad file, none when it is as it was published.

    Looks at the manifest's own seal, at missing and extra files, at each file's size and SHA-256, and
    at each table's row counts and columns. `directory` is the snapshot's own folder
    (`snapshot.locate` finds it).
    """
    try:
        manifest = manifests.read(directory)
    except DataError as error:
        return list(error.problems)
    problems = _seal(directory) + _extra(directory, manifest)
    if manifest.snapshot != directory.name:
        what = f"the manifest is that of {manifest.snapshot}."
        problems.append(Problem(str(directory / manifests.NAME), what, _REMEDY))
    for entry in manifest.files:
        problems += _bytes(directory, entry)
    for table in manifest.tables.values():
        problems += _table(directory, table)
    return sorted(problems)


def _seal(directory: Path) -> list[Problem]:
    path = directory / manifests.SEAL
    if not path.is_file():
        return [Problem(str(path), "the file is missing.", _REMEDY)]
    text = (directory / manifests.NAME).read_text(encoding="utf-8")
    if path.read_bytes() != manifests.seal(text).encode():
        where = str(directory / manifests.NAME)
        return [Problem(where, "the manifest or its seal was changed after publication.", _REMEDY)]
    return []


def _extra(directory: Path, manifest: Manifest) -> list[Problem]:
    known = {entry.path for entry in manifest.all_files} | {manifests.NAME, manifests.SEAL}
    what, remedy = "the file is not in the manifest.", "A snapshot never changes: remove the file."
    return [
        Problem(str(directory / name), what, remedy)
        for name in list_files(directory)
        if name not in known
    ]


def _bytes(directory: Path, entry: FileEntry) -> list[Problem]:
    path = directory / entry.path
    if not path.is_file():
        return [Problem(str(path), "the file is missing.", _REMEDY)]
    size = path.stat().st_size
    if size != entry.bytes:
        return [
            Problem(str(path), f"it has {size:,} bytes, published with {entry.bytes:,}.", _REMEDY)
        ]
    if sha256_of(path) != entry.sha256:
        return [Problem(str(path), "its bytes are not those that were published.", _REMEDY)]
    return []


def _table(directory: Path, table: TableEntry) -> list[Problem]:
    problems: list[Problem] = []
    for entry in table.files:
        found = _bytes(directory, entry)
        problems += found or _shape(directory / entry.path, entry, table)
    counted = sum(entry.rows or 0 for entry in table.files)
    if counted != table.rows:
        what = f"{table.name}: the files hold {counted:,} rows, the table {table.rows:,}."
        problems.append(Problem(str(directory / manifests.NAME), what, _REMEDY))
    return problems


def _shape(path: Path, entry: FileEntry, table: TableEntry) -> list[Problem]:
    import pyarrow as pa  # a command that only lists snapshots need not wait for it
    import pyarrow.parquet as pq

    try:
        footer = pq.read_metadata(path)
        schema = pq.read_schema(path)
    except (pa.ArrowException, OSError) as error:
        return [Problem(str(path), f"it is not Parquet ({type(error).__name__}).", _REMEDY)]
    if footer.num_rows != entry.rows:
        what = f"it holds {footer.num_rows:,} rows, the manifest says {entry.rows:,}."
        return [Problem(str(path), what, _REMEDY)]
    fits = tuple(schema.names) == tuple(name for name, _ in table.columns) and all(
        str(schema.field(name).type).startswith(_ARROW[kind]) for name, kind in table.columns
    )
    return [] if fits else [Problem(str(path), "its columns are not as declared.", _REMEDY)]
