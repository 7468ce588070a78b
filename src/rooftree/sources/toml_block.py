"""Reading a block of TOML while keeping every problem: unknown keys, wrong types, missing values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rooftree.sources.expressions import suggestion
from rooftree.vocabulary.errors import Problem


class Block:
    """One table of a TOML file; remembers which keys were asked for, so that the others can be named."""

    def __init__(self, values: Mapping[str, Any], place: str, problems: list[Problem]) -> None:
        self.values = values
        self.place = place
        self.problems = problems
        self._known: set[str] = set()

    def problem(self, what: str, remedy: str = "") -> None:
        """Note one thing that is wrong with this block."""
        self.problems.append(Problem(self.place, what, remedy))

    def text(self, key: str, default: str | None = None, *, required: bool = False) -> str | None:
        """A text, or the default."""
        value = self._take(key, required=required)
        if value is None:
            return default
        if not isinstance(value, str):
            self.problem(f"{key} is not a text.", 'Write it in quotation marks: "...".')
            return default
        return value

    def choice(self, key: str, allowed: Sequence[str], default: str) -> str:
        """One of a closed set of words."""
        value = self.text(key, default) or default
        if value not in allowed:
            near = suggestion(value, allowed) or f"Use one of {', '.join(allowed)}."
            self.problem(f"{key} = {value!r} is not known.", near)
            return default
        return value

    def number(self, key: str, default: int | None = None) -> int | None:
        """A whole number."""
        value = self._take(key)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int):
            self.problem(f"{key} is not a whole number.")
            return default
        return value

    def flag(self, key: str) -> bool:
        """True or false; false where nothing is said."""
        value = self._take(key)
        if value is not None and not isinstance(value, bool):
            self.problem(f"{key} is not true or false.", "Write it without quotation marks.")
        return value is True

    def texts(self, key: str, default: tuple[str, ...] = ()) -> tuple[str, ...]:
        """A list of texts; one text counts as a list of one."""
        value = self._take(key)
        if value is None:
            return default
        value = [value] if isinstance(value, str) else value
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            self.problem(f"{key} is not a list of texts.", 'Write it so: ["...", "..."].')
            return default
        return tuple(value)

    def mapping(self, key: str) -> dict[str, str] | None:
        """Texts by text; numbers and booleans are taken as they are written."""
        value = self._take(key)
        if value is None:
            return None
        if not isinstance(value, dict) or any(isinstance(v, dict | list) for v in value.values()):
            self.problem(f"{key} is not a map of texts.", 'Write it so: { A = "b" }.')
            return None
        return {str(k): str(v).lower() if isinstance(v, bool) else str(v) for k, v in value.items()}

    def raw(self, key: str) -> Any:
        """Whatever is there, for the caller to look at."""
        return self._take(key)

    def blocks(self, key: str, place: str) -> list[Block]:
        """The blocks of an array of tables."""
        value = self._take(key)
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            self.problem(f"{key} is not a list of blocks.", f"Write [[{key}]].")
            return []
        return [Block(v, f"{place}[{n}]", self.problems) for n, v in enumerate(value, start=1)]

    def finish(self) -> None:
        """Name the keys that nobody asked for."""
        for key in self.values:
            if key not in self._known:
                self.problem(f"the key {key} is not known.", suggestion(key, self._known))

    def _take(self, key: str, *, required: bool = False) -> Any:
        self._known.add(key)
        value = self.values.get(key)
        if value is None and required:
            self.problem(f"{key} is missing.")
        return value
