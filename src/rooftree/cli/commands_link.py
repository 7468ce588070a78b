"""`rooftree link`: doubtful pairs, what people decided about them, and taking a decision back."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer

from rooftree.cli import show
from rooftree.cli.console import err, print_json
from rooftree.cli.main import app
from rooftree.cli.options import Json, SnapshotId, Workspace, open_workspace
from rooftree.vocabulary.errors import UserError

HERE = Path()
group = typer.Typer(
    no_args_is_help=True, help="Which records are one person: pairs to review, and decisions."
)
app.add_typer(group, name="link", rich_help_panel="Look")

Record = Annotated[str, typer.Argument(help="A record, as SYSTEM:REFERENCE.")]


@group.command()
def review(
    workspace: Workspace = HERE,
    limit: Annotated[int, typer.Option(min=1, help="How many pairs.")] = 20,
    all_pairs: Annotated[
        bool, typer.Option("--all", help="Those that somebody has looked at, too.")
    ] = False,
    snapshot: SnapshotId = None,
    json: Json = False,
) -> None:
    """The pairs that the model doubts, most likely first, with the evidence for and against.

    A pair that somebody has decided on, or could not tell, is off the list; it comes back when new
    evidence changes its weight noticeably.
    """
    from rooftree.pipeline import read

    found = read.pairs_to_review(
        open_workspace(workspace), snapshot=snapshot, limit=limit, decided=all_pairs
    )
    return print_json({"pairs": found}) if json else show.pairs(found)


@group.command()
def decide(
    first: Record,
    second: Record,
    decision: Annotated[str, typer.Argument(help="same, different or cannot-tell.")],
    by: Annotated[str, typer.Option("--by", help="Who decided: your user name.")],
    reason: Annotated[str, typer.Option(help="Why, for whoever looks later. No personal details.")],
    workspace: Annotated[Path, typer.Option(help="The workspace.")] = HERE,
    json: Json = False,
) -> None:
    """Say whether two records are one person. It holds in every run from the next one on."""
    from rooftree.pipeline import decide as decisions

    done = decisions.decide(
        open_workspace(workspace), _record(first), _record(second), decision.replace("-", "_"),
        by=by, reason=reason, at=dt.datetime.now(dt.UTC),
    )  # fmt: skip
    if json:
        return print_json(done)
    return err.print(f"Decision {done.number} is kept: it holds from the next run on.")


@group.command()
def undo(
    number: Annotated[int, typer.Argument(help="The number of the decision.")],
    by: Annotated[str, typer.Option("--by", help="Who takes it back.")],
    reason: Annotated[str, typer.Option(help="Why.")],
    workspace: Annotated[Path, typer.Option(help="The workspace.")] = HERE,
    json: Json = False,
) -> None:
    """Take a decision back. It stays on record that it was made."""
    from rooftree.pipeline import decide as decisions

    decisions.undo(
        open_workspace(workspace), number, by=by, reason=reason, at=dt.datetime.now(dt.UTC)
    )
    if json:
        return print_json({"undone": number})
    return err.print(f"Decision {number} no longer holds.")


@group.command("list")
def list_all(workspace: Workspace = HERE, json: Json = False) -> None:
    """The decisions that hold, newest first."""
    from rooftree.pipeline import decide as decisions

    found = decisions.standing(open_workspace(workspace))
    return print_json({"decisions": found}) if json else show.decisions(found)


def _record(text: str) -> tuple[str, str]:
    system, colon, reference = text.partition(":")
    if not (system and colon and reference):
        raise UserError(
            f"'{text}' is not a record. Write SYSTEM:REFERENCE, as rooftree link review shows it."
        )
    return system, reference
