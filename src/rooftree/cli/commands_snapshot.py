"""`rooftree snapshot`: list, show, diff, verify, pin, release, prune."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rooftree.cli import show
from rooftree.cli.console import err, print_json
from rooftree.cli.main import app
from rooftree.cli.options import Json, Workspace

HERE = Path()
group = typer.Typer(
    no_args_is_help=True, help="Published snapshots: what is there, what changed, is it whole."
)
app.add_typer(group, name="snapshot", rich_help_panel="Keep")

One = Annotated[
    str | None,
    typer.Argument(help="A snapshot's id, or the beginning of it.", show_default="the newest"),
]


def _root(directory: Path) -> Path:
    from rooftree.storage.workspace import Workspace as Opened

    return Opened.open(directory).snapshots


@group.command("list")
def list_all(workspace: Workspace = HERE, json: Json = False) -> None:
    """The snapshots that are kept, newest first."""
    from rooftree.storage.retention import list_snapshots

    found = sorted(list_snapshots(_root(workspace)), key=lambda one: -one.sequence)
    return print_json({"snapshots": found}) if json else show.snapshots(found)


@group.command("show")
def show_one(workspace: Workspace = HERE, snapshot: One = None, json: Json = False) -> None:
    """What one snapshot was made of, and what it holds."""
    from rooftree.storage.snapshot import Snapshot

    opened = Snapshot.open(_root(workspace), id=snapshot)
    return print_json(opened.manifest) if json else show.snapshot(opened)


@group.command()
def diff(
    workspace: Annotated[Path, typer.Argument(help="The workspace.")],
    before: Annotated[str, typer.Argument(help="The earlier snapshot.")],
    after: One = None,
    json: Json = False,
) -> None:
    """What changed from one snapshot to another: rows added, removed and changed, table by table."""
    from rooftree.storage.compare import diff as compare
    from rooftree.storage.engine import Engine
    from rooftree.storage.snapshot import Snapshot

    root = _root(workspace)
    with Engine() as engine:
        found = compare(
            Snapshot.open(root, id=before), Snapshot.open(root, id=after), engine=engine
        )
    return print_json(found) if json else show.differences(found)


@group.command()
def verify(workspace: Workspace = HERE, snapshot: One = None, json: Json = False) -> None:
    """Read every byte of a snapshot again and see that it is what was published."""
    from rooftree.storage.snapshot import locate
    from rooftree.storage.verify import verify as look
    from rooftree.vocabulary.errors import DataError

    directory = locate(_root(workspace), id=snapshot)
    problems = look(directory)
    if problems:
        raise DataError(problems, heading=f"Snapshot {directory.name} is not whole")
    if json:
        print_json({"snapshot": directory.name, "ok": True})
    else:
        err.print(f"Snapshot {directory.name} is whole: every file is as it was published.")


@group.command()
def pin(
    workspace: Annotated[Path, typer.Argument(help="The workspace.")],
    snapshot: Annotated[str, typer.Argument(help="The snapshot to keep.")],
    reason: Annotated[str, typer.Option(help="Why: it is shown in the list.")],
    json: Json = False,
) -> None:
    """Keep a snapshot whatever the rule for old ones says (a board paper stands on it)."""
    from rooftree.storage.retention import pin as keep

    kept = keep(_root(workspace), snapshot, reason=reason)
    return print_json({"pinned": kept}) if json else err.print(f"Snapshot {kept} is kept.")


@group.command()
def release(
    workspace: Annotated[Path, typer.Argument(help="The workspace.")],
    snapshot: Annotated[str, typer.Argument(help="The snapshot that was pinned.")],
    json: Json = False,
) -> None:
    """Let a pinned snapshot go by the rule again; the next run or prune may remove it."""
    from rooftree.storage.retention import release as let_go

    freed = let_go(_root(workspace), snapshot)
    return (
        print_json({"released": freed})
        if json
        else err.print(f"Snapshot {freed} goes by the rule again.")
    )


@group.command()
def prune(workspace: Workspace = HERE, json: Json = False) -> None:
    """Remove the snapshots that the rule in rooftree.toml no longer keeps."""
    from rooftree.storage.retention import prune as remove
    from rooftree.storage.workspace import Workspace as Opened

    opened = Opened.open(workspace)
    with opened.lock():
        removed = remove(opened.snapshots, opened.settings.keep)
    return print_json({"removed": removed}) if json else err.print(f"{len(removed)} removed.")
