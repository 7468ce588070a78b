"""Finds the definition files of a folder and lays a landlord's own over the shipped ones, by key."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rooftree.catalogue.fields import did_you_mean
from rooftree.vocabulary.errors import Problem

#: What a definitions folder holds: folders of files, and files of several entries each.
FOLDERS = ("attributes", "code_lists", "events", "features", "segments")
PURPOSES = "purposes.toml"
DISCLOSURE = "disclosure.toml"

#: Folders that other packages read for themselves.
READ_ELSEWHERE = ("survey",)


@dataclass(frozen=True, slots=True)
class Entry:
    """One definition as written: its table, the file that says it, and the name it must have."""

    where: str
    table: dict[str, Any]
    stem: str | None = None  # the file's name, where it must be the key


@dataclass(slots=True)
class Documents:
    """All entries of one folder, by kind, and the bytes they came from."""

    attributes: list[Entry] = field(default_factory=list)
    code_lists: list[Entry] = field(default_factory=list)
    purposes: list[Entry] = field(default_factory=list)
    features: list[Entry] = field(default_factory=list)
    events: list[Entry] = field(default_factory=list)
    segments: list[Entry] = field(default_factory=list)
    policies: list[Entry] = field(default_factory=list)
    bytes_of: dict[str, bytes] = field(default_factory=dict)


def read_folder(folder: Path, problems: list[Problem], *, label: str = "") -> Documents:
    """Every definition in a folder. `label` stands before the file names in messages.

    A folder that does not exist holds nothing. A file or folder with a name that Rooftree does not
    read is a problem: it is nearly always a slip, and its content would silently not count.
    """
    documents = Documents()
    if not folder.is_dir():
        return documents
    for path in sorted(folder.iterdir()):
        if path.name.startswith((".", "__")) or path.suffix in (".md", ".py"):
            continue
        if path.is_dir() and path.name in READ_ELSEWHERE:
            continue
        if path.is_dir() and path.name in FOLDERS:
            for name, table in _tables(path, documents, problems, f"{label}{path.name}/"):
                _take(documents, path.name, name, table, problems)
        elif path.name in (PURPOSES, DISCLOSURE):
            _take_file(documents, path, problems, label)
        else:
            problems.append(
                Problem(
                    f"{label}{path.name}",
                    "is not read by Rooftree.",
                    did_you_mean(path.name, [*FOLDERS, *READ_ELSEWHERE, PURPOSES, DISCLOSURE]),
                )
            )
    return documents


def read_entries(path: Path, name: str, problems: list[Problem], *, label: str = "") -> list[Entry]:
    """The `[[name]]` entries of one file; none where the file does not exist."""
    if not path.is_file():
        return []
    where = f"{label}{path.name}"
    return _several(where, _parse(path, Documents(), problems, where), name, problems)


def read_file(folder: Path, name: str, problems: list[Problem], *, label: str = "") -> Documents:
    """The entries of one file of several entries, PURPOSES or DISCLOSURE; none where it is not there."""
    documents = Documents()
    if (folder / name).is_file():
        _take_file(documents, folder / name, problems, label)
    return documents


def _take_file(documents: Documents, path: Path, problems: list[Problem], label: str) -> None:
    where = f"{label}{path.name}"
    entry, into = {
        PURPOSES: ("purpose", documents.purposes),
        DISCLOSURE: ("policy", documents.policies),
    }[path.name]
    into += _several(where, _parse(path, documents, problems, where), entry, problems)


def _take(
    documents: Documents, kind: str, where: str, table: dict[str, Any], problems: list[Problem]
) -> None:
    stem = where.rsplit("/", 1)[-1].removesuffix(".toml")
    if kind == "features":
        documents.features += _several(where, table, "feature", problems)
    else:
        one_each = {
            "attributes": documents.attributes,
            "code_lists": documents.code_lists,
            "events": documents.events,
            "segments": documents.segments,
        }
        one_each[kind].append(Entry(where, table, stem))


def _tables(
    folder: Path, documents: Documents, problems: list[Problem], label: str
) -> Iterator[tuple[str, dict[str, Any]]]:
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or path.suffix == ".md":
            continue
        where = f"{label}{path.name}"
        if path.suffix != ".toml" or not path.is_file():
            problems.append(Problem(where, "is not a TOML file.", "Name it <key>.toml."))
            continue
        table = _parse(path, documents, problems, where)
        if table is not None:
            yield where, table


def _parse(
    path: Path, documents: Documents, problems: list[Problem], where: str
) -> dict[str, Any] | None:
    try:
        data = path.read_bytes()
    except OSError as error:
        what = f"cannot be read: {error.strerror}."
        problems.append(Problem(where, what, "Check the file and who may read it."))
        return None
    documents.bytes_of[where] = data
    try:
        return tomllib.loads(data.decode("utf-8"))
    except RecursionError:
        problems.append(Problem(where, "is nested too deeply.", "Write fewer lists in lists."))
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        problems.append(
            Problem(f"{where}: line {line}", "is not UTF-8.", "Save the file as UTF-8 text.")
        )
    except tomllib.TOMLDecodeError as error:
        # The message ends in "(at line 3, column 7)"; the line belongs to the place, where people look.
        what, _, place = str(error).partition(" (at ")
        place = place.rstrip(")") or "the end"
        problems.append(Problem(f"{where}: {place}", f"is not TOML: {what}.", "Correct the line."))
    return None


def _several(
    where: str, table: dict[str, Any] | None, name: str, problems: list[Problem]
) -> list[Entry]:
    """The entries of a file that holds several, each under a `[[name]]` heading."""
    if table is None:
        return []
    for other in table:
        if other != name:
            problems.append(
                Problem(f"{where}: {other}", "is not read here.", f"Entries begin with [[{name}]].")
            )
    rows = table.get(name, [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        problems.append(Problem(where, f"{name} is not a list.", f"Entries begin with [[{name}]]."))
        return []
    return [Entry(_row_name(where, row, place), row) for place, row in enumerate(rows, 1)]


def _row_name(where: str, row: dict[str, Any], place: int) -> str:
    key = row.get("key")
    return f"{where}: {key}" if isinstance(key, str) and key else f"{where}: entry {place}"


def overlay(
    shipped: Sequence[Entry], own: Sequence[Entry], problems: list[Problem]
) -> tuple[list[Entry], tuple[str, ...]]:
    """The entries after the landlord's are laid over the shipped ones, and the keys concerned.

    An entry of the landlord's replaces the shipped one of the same key or adds a new one. With
    `extends = true` it changes only the fields it gives; tables within it, such as the question,
    are changed field by field too.
    """
    result = _by_key(shipped, problems)
    for key, entry in _by_key(own, problems).items():
        table = dict(entry.table)
        place = f"{entry.where}: extends"
        extends = table.pop("extends", False)
        if not isinstance(extends, bool):
            problems.append(Problem(place, "is not true or false.", "Write true or false."))
        elif extends and key not in result:
            remedy = did_you_mean(key, result, otherwise="Take the line out to define it anew.")
            problems.append(Problem(place, f"there is no shipped {key} to extend.", remedy))
            continue
        elif extends:
            table = _merged(result[key].table, table)
        result[key] = Entry(entry.where, table, entry.stem)
    return list(result.values()), tuple(sorted({_key(entry) for entry in own}))


def _key(entry: Entry) -> str:
    """The key of an entry; where it gives none, its place, so that each such entry stands alone."""
    key = entry.table.get("key", entry.stem)
    return key if isinstance(key, str) and key else entry.where


def _by_key(entries: Sequence[Entry], problems: list[Problem]) -> dict[str, Entry]:
    result: dict[str, Entry] = {}
    for entry in entries:
        key = _key(entry)
        if key in result:
            problems.append(
                Problem(
                    f"{entry.where}: key",
                    f"{key!r} is defined already in {result[key].where}.",
                    "Rename or remove one of the two.",
                )
            )
            continue
        result[key] = entry
    return result


def _merged(base: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
    result = dict(base)
    for key, value in change.items():
        both = isinstance(value, dict) and isinstance(base.get(key), dict)
        result[key] = _merged(base[key], value) if both else value
    return result
