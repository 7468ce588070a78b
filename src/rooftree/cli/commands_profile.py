"""`rooftree profile`: how complete the picture is, and one person's record."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rooftree.cli import show, show_profile
from rooftree.cli.console import print_json
from rooftree.cli.main import app
from rooftree.cli.options import Json, Purpose, SnapshotId, Workspace, a_date, open_workspace

if TYPE_CHECKING:
    from rooftree.catalogue.model import Catalogue

HERE = Path()
group = typer.Typer(
    no_args_is_help=True, help="How complete the picture is; one person, for a stated purpose."
)
app.add_typer(group, name="profile", rich_help_panel="Look")

In = Annotated[Path, typer.Option("--workspace", help="The workspace.")]
LookBack = Annotated[
    str | None,
    typer.Option(
        "--as-of",
        metavar="DATE",
        help="What stood on an earlier day, as 2026-03-31.",
        show_default="the snapshot's day",
    ),
]
Person = Annotated[str, typer.Argument(help="The person's id, as rooftree profile find shows it.")]


def _catalogue(workspace: Path) -> Catalogue:
    """The definitions of this workspace, for labels and units."""
    from rooftree.catalogue.load import load

    return load(open_workspace(workspace).definitions)


@group.command()
def completeness(
    workspace: Workspace = HERE, snapshot: SnapshotId = None, json: Json = False
) -> None:
    """Each attribute: answered, refused, don't know, not asked, stale, in conflict; of all and of asked."""
    from rooftree.pipeline import read

    found = read.completeness(open_workspace(workspace), snapshot=snapshot)
    if json:
        return print_json({"completeness": found})
    return show_profile.completeness(found, _catalogue(workspace))


@group.command()
def find(
    text: Annotated[
        str,
        typer.Argument(help="A name (also misspelt), postcode, telephone, address or reference."),
    ],
    workspace: In = HERE,
    limit: Annotated[int, typer.Option(min=1, max=200, help="How many.")] = 20,
    snapshot: SnapshotId = None,
    json: Json = False,
) -> None:
    """Find people; the answer is ids and what matched, never a value."""
    from rooftree.pipeline import read

    found = read.find(open_workspace(workspace), text, snapshot=snapshot, limit=limit)
    return print_json({"people": found}) if json else show.hits(found)


@group.command()
def person(
    person_id: Person,
    purpose: Purpose,
    workspace: In = HERE,
    snapshot: SnapshotId = None,
    json: Json = False,
) -> None:
    """One record: who, where, household, needs, values with their state and source, features."""
    from rooftree.pipeline import read

    found = read.person(open_workspace(workspace), person_id, purpose=purpose, snapshot=snapshot)
    return print_json(found) if json else show_profile.person(found, _catalogue(workspace))


@group.command()
def why(
    person_id: Person,
    attribute: Annotated[str, typer.Argument(help="The attribute's key.")],
    purpose: Purpose,
    workspace: In = HERE,
    as_of: LookBack = None,
    snapshot: SnapshotId = None,
    json: Json = False,
) -> None:
    """Why a value stands: every statement, which rule decided, and the file and row of each."""
    from rooftree.pipeline import read

    day = a_date(as_of)
    found = read.why(
        open_workspace(workspace),
        person_id,
        attribute,
        purpose=purpose,
        as_of=day,
        snapshot=snapshot,
    )
    if json:
        return print_json(found)
    return show_profile.why(found, _catalogue(workspace).attributes[attribute])
