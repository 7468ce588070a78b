"""Progress on long work, without knowing who watches.

The core calls `Progress`; the command line draws a bar from it, a test records it, and by default
nobody listens.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol


class Step(Protocol):
    """One piece of work under way."""

    def advance(self, done: int = 1) -> None:
        """So many more units (rows, files, bytes: what `unit` said) are done."""


class Progress(Protocol):
    """Somebody who wants to know how far the work is."""

    def step(
        self, what: str, *, total: int | None = None, unit: str = "rows"
    ) -> AbstractContextManager[Step]:
        """Begin a piece of work; leave the context when it is over. `total` None: not known."""
        ...

    def note(self, message: str) -> None:
        """Tell the person one thing. Ids and counts only, never a personal value."""
        ...


class _Nothing:
    def advance(self, done: int = 1) -> None:
        """Nobody listens."""


class NoProgress:
    """The listener that does not listen."""

    @contextmanager
    def step(self, what: str, *, total: int | None = None, unit: str = "rows") -> Iterator[Step]:
        yield _Nothing()

    def note(self, message: str) -> None:
        """Nobody listens."""
