"""The commands, each a few lines: read the options, call a function of the pipeline, show the answer."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path
from typing import Annotated

import typer

from rooftree.cli import show
from rooftree.cli.console import Watcher, err, print_json
from rooftree.cli.main import app
from rooftree.cli.options import AsOf, Json, Memory, SnapshotId, Workspace, a_date, open_workspace

HERE = Path()


@app.command(rich_help_panel="Begin")
def demo(
    directory: Annotated[Path, typer.Argument(help="Where to make it.")] = Path("demo-landlord"),
    homes: Annotated[int, typer.Option(min=20, max=2_000_000, help="How many homes.")] = 5000,
    kind: Annotated[str, typer.Option(help="council, association or supported.")] = "council",
    setting: Annotated[str, typer.Option(help="rural or city.")] = "rural",
    seed: Annotated[int, typer.Option(help="Another number, another landlord.")] = 1,
    run_it: Annotated[
        bool, typer.Option("--run/--no-run", help="Run it too, or only make its files.")
    ] = True,
    json: Json = False,
) -> None:
    """Make a landlord that does not exist, and run it.

    Three systems that disagree as real ones do, five years of rent accounts, contacts, repairs, cases
    and a survey. All names are invented. An existing demonstration is run again, not made again.
    """
    from rooftree.pipeline.demonstrate import make
    from rooftree.pipeline.run import run

    watcher = Watcher()
    made = make(directory, homes=homes, kind=kind, setting=setting, seed=seed, progress=watcher)
    if not run_it:
        return print_json(made) if json else show.made(made)
    if not json:
        show.made(made)
    result = run(made.workspace(), as_of=made.as_of, environment=os.environ, progress=watcher)
    return print_json(result) if json else show.run(result, directory, first_time=True)


@app.command(rich_help_panel="Begin")
def init(
    directory: Annotated[Path, typer.Argument(help="The new workspace.")],
    name: Annotated[str, typer.Option(help="The landlord's name.")] = "Our homes",
    kind: Annotated[str, typer.Option(help="council, association or supported.")] = "association",
    json: Json = False,
) -> None:
    """Make a workspace for your own extracts: settings, and folders with a page each on what goes in."""
    from rooftree.storage.workspace import init as make

    workspace = make(directory, name=name, kind=kind)
    if json:
        return print_json({"workspace": str(workspace.directory)})
    return show.initialised(workspace)


@app.command(rich_help_panel="Begin")
def check(
    workspace: Workspace = HERE,
    purposes: Annotated[bool, typer.Option("--purposes", help="List the purposes too.")] = False,
    json: Json = False,
) -> None:
    """Check definitions and sources without running: every problem at once, with its place and remedy."""
    from rooftree.pipeline.check import check as look

    found = look(open_workspace(workspace), environment=os.environ)
    return print_json(found) if json else show.checked(found, purposes=purposes)


@app.command(rich_help_panel="Run")
def run(
    workspace: Workspace = HERE,
    as_of: AsOf = None,
    engine: Annotated[
        str, typer.Option(help="duckdb. (Spark, for a whole sector, is not built yet.)")
    ] = "duckdb",
    memory: Memory = None,
    again: Annotated[
        bool, typer.Option("--again", help="Run even if nothing has changed.")
    ] = False,
    json: Json = False,
) -> None:
    """Read the extracts as they are now and publish one snapshot of every customer.

    Stop it at any time: nothing is published until the end, and the next run goes on from there.
    """
    from rooftree.pipeline.run import run as go
    from rooftree.vocabulary.errors import UserError

    if engine != "duckdb":
        raise UserError(f"There is no engine '{engine}' yet. Leave --engine out, or say duckdb.")
    opened = open_workspace(workspace)
    day = a_date(as_of) or opened.settings.as_of or dt.datetime.now(dt.UTC).date()
    result = go(
        opened, as_of=day, environment=os.environ, memory=memory, again=again, progress=Watcher()
    )
    return print_json(result) if json else show.run(result, workspace)


@app.command(rich_help_panel="Look")
def quality(
    workspace: Workspace = HERE,
    snapshot: SnapshotId = None,
    out: Annotated[
        Path | None, typer.Option(help="Also write page, workbook and JSON to this folder.")
    ] = None,
    json: Json = False,
) -> None:
    """What is odd in the data, how often, and what to do: completeness, validity, reconciliation, drift."""
    from rooftree.pipeline import read

    found = read.quality(open_workspace(workspace), snapshot=snapshot, out=out)
    return print_json(found) if json else show.quality(found, out)


@app.command(rich_help_panel="Look")
def export(
    file: Annotated[
        Path, typer.Argument(help="What to write: its ending says how (csv, xlsx, parquet, jsonl).")
    ],
    purpose: Annotated[str, typer.Option("--purpose", help="What the rows are for.")],
    workspace: Annotated[Path, typer.Option(help="The workspace.")] = HERE,
    attribute: Annotated[
        list[str] | None, typer.Option(help="An attribute to add; may be given again.")
    ] = None,
    feature: Annotated[
        list[str] | None, typer.Option(help="A feature to add; may be given again.")
    ] = None,
    names: Annotated[
        bool, typer.Option("--names", help="With names, birth dates and addresses.")
    ] = False,
    snapshot: SnapshotId = None,
    json: Json = False,
) -> None:
    """Write customers as rows, for a stated purpose, with the attributes that may serve it."""
    from rooftree.pipeline import read

    done = read.export(
        open_workspace(workspace), file, purpose=purpose, attributes=attribute or [], features=feature or [],
        with_names=names, snapshot=snapshot,
    )  # fmt: skip
    if json:
        return print_json(done)
    err.print(
        f"Wrote {done.rows:,} rows, {len(done.columns)} columns, to {done.path}.", markup=False
    )
    return None


@app.command(rich_help_panel="Keep")
def doctor(workspace: Workspace = HERE, json: Json = False) -> None:
    """See whether this machine and this workspace are well, and say what to do where they are not."""
    from rooftree.pipeline.doctor import examine

    found = examine(workspace)
    if json:
        print_json(found)
    else:
        show.examined(found)
    if not found.well:
        raise typer.Exit(code=6)


from rooftree.cli import (  # noqa: E402
    commands_link,  # noqa: F401
    commands_profile,  # noqa: F401
    commands_rejects,  # noqa: F401
    commands_segment,  # noqa: F401
    commands_snapshot,  # noqa: F401
    commands_survey,  # noqa: F401
    commands_web,  # noqa: F401
)
