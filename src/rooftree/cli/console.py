"""What the person at the keyboard sees: results, progress and errors; or, with --json, one object.

Results go to standard output, everything else to standard error, so that a pipe stays clean.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console

from rooftree.vocabulary.progress import Step

#: Work shorter than this shows no progress: a flash of a bar tells nobody anything.
SECONDS_BEFORE_SHOWING = 2.0

#: Where nobody watches (a pipe, a file) lines are not folded at 80 characters.
_WIDTH_OF_A_PIPE = 200


def _console(*, stderr: bool) -> Console:
    console = Console(stderr=stderr, highlight=False)
    return (
        console
        if console.is_terminal
        else Console(stderr=stderr, highlight=False, width=_WIDTH_OF_A_PIPE)
    )


out = _console(stderr=False)
err = _console(stderr=True)


class Watcher:
    """Progress drawn on standard error: a bar with rate and time left, or plain lines where there is no terminal."""

    def __init__(self, console: Console = err) -> None:
        self._console = console
        self._live = console.is_terminal

    @contextmanager
    def step(self, what: str, *, total: int | None = None, unit: str = "rows") -> Iterator[Step]:
        started = time.monotonic()
        counter = _Counter()
        if self._live:
            from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
            from rich.progress import Progress as Bars

            columns = (
                TextColumn("{task.description}", markup=False),
                BarColumn(bar_width=30),
                MofNCompleteColumn(),
                TextColumn(unit + "  {task.fields[rate]}"),
                TimeRemainingColumn(compact=True),
            )
            with Bars(*columns, console=self._console, transient=True) as bars:
                task = bars.add_task(what, total=total, rate="", visible=False)

                def moved(done: int) -> None:
                    seconds = time.monotonic() - started
                    rate = f"{done / seconds:,.0f}/s" if seconds > 0 else ""
                    visible = seconds > SECONDS_BEFORE_SHOWING
                    bars.update(task, completed=done, rate=rate, visible=visible)

                counter.moved = moved
                yield counter
        else:
            yield counter
        seconds = time.monotonic() - started
        if seconds > SECONDS_BEFORE_SHOWING:
            size = f"{counter.done:,} {unit}, " if counter.done else ""
            rate = f", {counter.done / seconds:,.0f} {unit} a second" if counter.done else ""
            self._console.print(f"  {what}: {size}{seconds:.1f} s{rate}", style="dim", markup=False)

    def note(self, message: str) -> None:
        self._console.print(f"  {message}", style="dim", markup=False)


class _Counter:
    def __init__(self) -> None:
        self.done = 0
        self.moved: Callable[[int], None] = lambda done: None

    def advance(self, done: int = 1) -> None:
        self.done += done
        self.moved(self.done)


def plain(value: Any) -> Any:
    """A result as plain JSON values: dataclasses become objects, dates ISO text."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    if isinstance(value, dt.date | dt.datetime):
        return value.isoformat()
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def print_json(value: Any) -> None:
    """One JSON object on standard output, for machines."""
    out.print(json.dumps(plain(value), indent=2, ensure_ascii=False), soft_wrap=True, markup=False)


def print_table(title: str, headings: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """A table for people; numbers are set to the right, thousands with commas."""
    from rich.table import Table

    table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False)
    for position, heading in enumerate(headings):
        numeric = all(isinstance(row[position], int | float | None) for row in rows) and rows
        table.add_column(heading, justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*(_cell(value) for value in row))
    out.print(table)


def _cell(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.1f}"
    return str(value).replace("[", "\\[")
