"""Options and arguments that several commands share, worded once."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rooftree.vocabulary.errors import UserError

if TYPE_CHECKING:
    from rooftree.storage import workspace as workspaces

Workspace = Annotated[
    Path,
    typer.Argument(
        help="The workspace: the folder with rooftree.toml.", show_default="this folder"
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Answer with one JSON object, for machines.")]
AsOf = Annotated[
    str | None,
    typer.Option(
        "--as-of",
        metavar="DATE",
        help="The day the run speaks of, as 2026-03-31.",
        show_default="today",
    ),
]
Memory = Annotated[
    str | None, typer.Option(help="Most memory to use, as 4GB.", show_default="from rooftree.toml")
]
SnapshotId = Annotated[
    str | None,
    typer.Option("--snapshot", metavar="ID", help="Which snapshot.", show_default="the newest"),
]
Purpose = Annotated[
    str,
    typer.Option(
        "--purpose",
        metavar="PURPOSE",
        help="Why you are looking; decides what you see. See: rooftree check --purposes",
    ),
]


def a_date(text: str | None) -> dt.date | None:
    """An ISO date from the command line, or a message that says what one looks like."""
    if text is None:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise UserError(
            f"'{text}' is not a date. Write it as year, month, day: 2026-03-31."
        ) from error


def open_workspace(directory: Path) -> workspaces.Workspace:
    """The workspace of a command, read when the command runs: imports are late so that help is fast."""
    from rooftree.storage.workspace import Workspace as Opened

    return Opened.open(directory)
