"""The settings of a workspace, `rooftree.toml`, read strictly.

A key that nobody knows is a slip, and the nearest known one is suggested. All problems are reported
at once.
"""

from __future__ import annotations

import datetime as dt
import difflib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rooftree.storage.retention import Keep
from rooftree.vocabulary.errors import DefinitionError, Problem

CONFIGURATION = "rooftree.toml"
KINDS = ("council", "association", "supported")
_MEMORY = re.compile(r"^[1-9][0-9]*(\.[0-9]+)? ?(MB|GB|MiB|GiB)$")
_MANY = 1000  # more snapshots than anybody means


@dataclass(frozen=True, slots=True)
class Settings:
    """What `rooftree.toml` says. `as_of` None: the run must be given one."""

    name: str
    kind: str = "association"
    as_of: dt.date | None = None
    memory: str = "4GB"
    threads: int = 2
    keep: Keep = field(default_factory=Keep)
    disclosure: str = "rooftree"  # the policy for numbers that leave; the catalogue knows the keys


def read_settings(path: Path) -> Settings:
    """Read `rooftree.toml`. DefinitionError lists every unknown key, wrong type and value out of range."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError as error:
        raise DefinitionError(
            [Problem(str(path), "it is not UTF-8.", "Save it as UTF-8.")]
        ) from error
    except tomllib.TOMLDecodeError as error:
        raise DefinitionError([Problem(str(path), f"the TOML does not parse: {error}.")]) from error
    reader = _Reader(path)
    reader.known(raw, ("name", "kind", "as_of", "memory", "threads", "snapshots", "disclosure"))
    name = reader.text(raw, "name")
    kind = reader.text(raw, "kind", "association")
    reader.holds(
        kind in KINDS, "kind", f"{kind!r} is not one of {', '.join(KINDS)}.", _near(kind, KINDS)
    )
    memory = reader.text(raw, "memory", "4GB")
    reader.holds(
        bool(_MEMORY.match(memory)), "memory", f"{memory!r} is not a size.", "Write 4GB or 800MB."
    )
    as_of = reader.date(raw, "as_of")
    threads = reader.number(raw, "threads", 2, least=1, most=512)
    keep = reader.table(raw, "snapshots", "newest = 3")
    reader.known(keep, ("newest", "months"), inside="snapshots.")
    newest = reader.number(keep, "newest", Keep().newest, least=1, most=_MANY, inside="snapshots.")
    months = reader.number(keep, "months", Keep().months, least=0, most=_MANY, inside="snapshots.")
    leaving = reader.table(raw, "disclosure", 'policy = "rooftree"')
    reader.known(leaving, ("policy",), inside="disclosure.")
    policy = reader.text(leaving, "policy", "rooftree", inside="disclosure.")
    if reader.problems:
        raise DefinitionError(reader.problems)
    return Settings(name, kind, as_of, memory, threads, Keep(newest, months), policy)


class _Reader:
    """Reads one file's keys and collects what is wrong with them."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.problems: list[Problem] = []

    def wrong(self, key: str, what: str, remedy: str = "") -> None:
        self.problems.append(Problem(f"{self._path}: {key}", what, remedy))

    def holds(self, true: bool, key: str, what: str, remedy: str = "") -> None:
        if not true:
            self.wrong(key, what, remedy)

    def known(self, raw: Mapping[str, Any], keys: tuple[str, ...], *, inside: str = "") -> None:
        for key in raw:
            if key not in keys:
                remedy = _near(key, keys) or f"The keys are {', '.join(keys)}."
                self.wrong(inside + key, "there is no such setting.", remedy)

    def table(self, raw: Mapping[str, Any], key: str, example: str) -> dict[str, Any]:
        value = raw.get(key, {})
        if isinstance(value, dict):
            return value
        self.wrong(key, "it must be a table.", f"Write [{key}] and, below it, {example}.")
        return {}

    def text(
        self, raw: Mapping[str, Any], key: str, default: str | None = None, *, inside: str = ""
    ) -> str:
        value = raw.get(key, default)
        if isinstance(value, str) and value.strip():
            return value.strip()
        what = "it is missing." if value is None else "it must be a text in quotation marks."
        self.wrong(inside + key, what)
        return default or ""

    def number(
        self, raw: Mapping[str, Any], key: str, default: int, *, least: int, most: int, inside: str = ""
    ) -> int:  # fmt: skip
        value = raw.get(key, default)
        if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
            return value
        self.wrong(inside + key, f"it must be a whole number from {least} to {most}.")
        return default

    def date(self, raw: Mapping[str, Any], key: str) -> dt.date | None:
        value = raw.get(key)
        if isinstance(value, str):
            try:
                value = dt.date.fromisoformat(value)
            except ValueError:
                value = ""
        if value is None or (isinstance(value, dt.date) and not isinstance(value, dt.datetime)):
            return value
        self.wrong(key, "it is not a date.", "Write it as 2026-03-31.")
        return None


def _near(word: str, known: tuple[str, ...]) -> str:
    close = difflib.get_close_matches(word, known, n=1)
    return f"Did you mean {close[0]}?" if close else ""
