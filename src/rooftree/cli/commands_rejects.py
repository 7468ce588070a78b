"""`rooftree rejects`: rows that were refused, written out to be put right and replayed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rooftree.cli import show
from rooftree.cli.console import err, print_json
from rooftree.cli.main import app
from rooftree.cli.options import Json, SnapshotId, Workspace, open_workspace

HERE = Path()
group = typer.Typer(
    no_args_is_help=True, help="Rows that a rule refused: why, and how to put them right."
)
app.add_typer(group, name="rejects", rich_help_panel="Look")


@group.command("list")
def list_all(workspace: Workspace = HERE, snapshot: SnapshotId = None, json: Json = False) -> None:
    """How many rows each rule refused, where, and what to do."""
    from rooftree.pipeline import read

    found = read.rejects(open_workspace(workspace), snapshot=snapshot)
    return print_json({"rejects": found}) if json else show.rejects(found)


@group.command()
def export(
    workspace: Workspace = HERE,
    out: Annotated[
        Path | None,
        typer.Option(help="The folder to write to.", show_default="corrections/ of the workspace"),
    ] = None,
    snapshot: SnapshotId = None,
    json: Json = False,
) -> None:
    """Write the refused rows as CSV, one file per extract, with the reasons beside.

    Put the cells right, leave the files in corrections/, and run again: the rows are replayed.
    The files hold personal data.
    """
    from rooftree.pipeline import read

    done = read.export_rejects(open_workspace(workspace), out=out, snapshot=snapshot)
    if json:
        return print_json({"files": done})
    for path, rows in done.items():
        err.print(f"{rows:,} rows in {path}", markup=False)
    return (
        err.print("Put the cells right and run again.")
        if done
        else err.print("No row was refused.")
    )
