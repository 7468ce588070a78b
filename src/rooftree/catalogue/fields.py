"""Reads one table of a definition field by field, noting every problem instead of stopping at the first."""

from __future__ import annotations

import datetime as dt
import difflib
import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any, TypeVar

from rooftree.vocabulary.errors import Problem

_KEY = re.compile(r"[a-z][a-z0-9_]*")
_E = TypeVar("_E", bound=StrEnum)

#: What a TOML value is, in words that the writer of a definition uses.
_WORDS: tuple[tuple[type, str], ...] = (
    (bool, "true or false"),
    (int, "a whole number"),
    (float, "a number"),
    (str, "a text"),
    (dt.datetime, "a date with a time"),
    (dt.date, "a date"),
    (list, "a list"),
    (dict, "a table"),
)


def did_you_mean(word: str, known: Iterable[str], *, otherwise: str = "") -> str:
    """A remedy that names the nearest known word; else `otherwise`, else the first few known words."""
    known = sorted(known)
    near = difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    if near:
        return f"Did you mean {near[0]}?"
    if otherwise:
        return otherwise
    shown = ", ".join(known[:12]) + (", ..." if len(known) > 12 else "")
    return f"Use one of: {shown}." if known else "None is defined."


def is_key(word: str) -> bool:
    """Whether the word can name a definition: small letters, digits and underscores, a letter first."""
    return _KEY.fullmatch(word) is not None


def in_words(value: object) -> str:
    """The kind of a TOML value, for a message: "a text", "a list"."""
    return next((words for kind, words in _WORDS if isinstance(value, kind)), "something else")


class Fields:
    """One table being read. Each reader method names a field once; `finish` reports fields nobody named.

    A reader that finds a problem notes it and returns a placeholder, so that reading goes on. Nobody
    sees the placeholder: the loader raises when any problem was noted.
    """

    def __init__(
        self, table: Mapping[str, Any], where: str, problems: list[Problem], prefix: str = ""
    ) -> None:
        self.table = table
        self.where = where
        self.problems = problems
        self._prefix = prefix
        self._named: set[str] = set()

    def problem(self, field: str, what: str, remedy: str = "") -> None:
        """Note one problem of one field."""
        place = f"{self.where}: {self._prefix}{field}" if field else self.where
        self.problems.append(Problem(place, what, remedy))

    def _get(self, name: str, kind: type | tuple[type, ...], want: str, required: bool) -> Any:
        self._named.add(name)
        if name not in self.table:
            if required:
                self.problem(name, "is missing.", f"Add it: {want}.")
            return None
        value = self.table[name]
        wrong = not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool)
        if wrong or (isinstance(value, dt.datetime) and kind is dt.date):
            self.problem(name, f"is {in_words(value)}.", f"It must be {want}.")
            return None
        return value

    def text(
        self, name: str, *, required: bool = True, default: str = "", want: str = "a text"
    ) -> str:
        """A text that is not blank."""
        value = self._get(name, str, want, required)
        if value is None:
            return default
        if required and not value.strip():
            self.problem(name, "is blank.", "Write it in plain words.")
        return value.strip()

    def key(self, name: str = "key") -> str:
        """A key: small letters, digits and underscores."""
        value = self.text(name)
        if value and not is_key(value):
            self.problem(
                name,
                f"{value!r} cannot be a key.",
                "Use small letters, digits and underscores, a letter first.",
            )
        return value

    def one_of(self, name: str, known: Iterable[str], *, default: str = "") -> str:
        """One of the known words."""
        known = list(known)
        want = f"one of {', '.join(known)}"
        value = self.text(name, required=not default, default=default, want=want)
        if value and value not in known:
            self.problem(name, f"{value!r} is not known.", did_you_mean(value, known))
        return value

    def choice(self, name: str, enum: type[_E], *, default: _E | None = None) -> _E:
        """One of the words of an enumeration."""
        members = [member.value for member in enum]
        value = self.one_of(name, members, default=default.value if default else "")
        return enum(value) if value in members else next(iter(enum))

    def flag(self, name: str, *, default: bool | None = None) -> bool:
        """True or false."""
        value = self._get(name, bool, "true or false", default is None)
        return bool(default) if value is None else value

    def number(self, name: str) -> float | None:
        """A number, where given."""
        return self._get(name, (int, float), "a number", False)

    def months(self, name: str, *, never: bool = False) -> int | None:
        """A whole number of months, more than 0; None for the word "never" where that is allowed."""
        want = 'a whole number of months, or "never"' if never else "a whole number of months"
        if never and self.table.get(name) == "never":
            self._named.add(name)
            return None
        value = self._get(name, int, want, True)
        if value is not None and value < 1:
            self.problem(name, f"is {value}.", "It must be 1 or more.")
        return value or 1

    def date(self, name: str) -> dt.date:
        """A date, written without quotation marks."""
        want = "a date such as 2026-11-01, without quotation marks"
        return self._get(name, dt.date, want, True) or dt.date.min

    def texts(self, name: str, *, required: bool = True) -> tuple[str, ...]:
        """A list of texts, none of them twice."""
        value = self._get(name, list, "a list of texts", required)
        if value is None:
            return ()
        wrong = [item for item in value if not isinstance(item, str)]
        if wrong:
            self.problem(name, f"holds {in_words(wrong[0])}.", "It must be a list of texts.")
        texts = [item for item in value if isinstance(item, str)]
        for word in sorted({word for word in texts if texts.count(word) > 1}):
            self.problem(name, f"names {word} twice.", "Leave one of them out.")
        return tuple(texts)

    def mapping(self, name: str) -> dict[str, str]:
        """A table from text to text; empty where not given."""
        value = self._get(name, dict, "a table of texts", False) or {}
        for key, item in value.items():
            if not isinstance(item, str):
                self.problem(f"{name}.{key}", f"is {in_words(item)}.", "It must be a text.")
        return {key: item for key, item in value.items() if isinstance(item, str)}

    def tables(self, name: str, *, required: bool = False) -> dict[str, Any]:
        """A table whose entries are read one by one."""
        return self._get(name, dict, "a table", required) or {}

    def inner(self, name: str) -> Fields | None:
        """The fields of a table within this one; None where it is not given."""
        value = self._get(name, dict, "a table", False)
        if value is None:
            return None
        return Fields(value, self.where, self.problems, f"{self._prefix}{name}.")

    def listed(self, name: str) -> None:
        """A field that the caller reads itself."""
        self._named.add(name)

    def finish(self) -> None:
        """Report every field that no reader named."""
        for name in self.table:
            if name not in self._named:
                self.problem(name, "is not a known field.", did_you_mean(name, self._named))
