"""`rooftree segment`: groups of customers, defined, counted, explained and compared."""

from __future__ import annotations

import datetime as dt
import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rooftree.cli import show_segment
from rooftree.cli.console import Watcher, print_json
from rooftree.cli.main import app
from rooftree.cli.options import Json, SnapshotId, a_date, open_workspace

if TYPE_CHECKING:
    from rooftree.disclosure.ledger import Note

HERE = Path()
group = typer.Typer(
    no_args_is_help=True,
    help="Groups of customers: what each means, who is in, why, since when; and groups that are found.",
)
app.add_typer(group, name="segment", rich_help_panel="Look")

In = Annotated[Path, typer.Option("--workspace", help="The workspace.")]
Key = Annotated[str, typer.Argument(help="The segment's key, as rooftree segment list shows it.")]
Rule = Annotated[
    str | None,
    typer.Option(
        "--rule", metavar="TEXT", help="A rule that is being written, in place of a segment's key."
    ),
]
Unit = Annotated[
    str, typer.Option("--unit", help="What --rule is about: person, household, tenancy or home.")
]
For = Annotated[
    str | None,
    typer.Option(
        "--purpose", metavar="PURPOSE", help="Why; needed with --rule and to see members."
    ),
]
Use = Annotated[
    str, typer.Option("--use", help="With --rule: select (members may be listed) or count.")
]
Base = Annotated[
    str,
    typer.Option("--base", help="With --rule: among whom.", show_default="the first of the unit"),
]


@group.command("list")
def list_(workspace: In = HERE, json: Json = False) -> None:
    """Every segment: its label, of what, for which purpose, and whether it loads."""
    from rooftree.pipeline import segments

    found = segments.listed(open_workspace(workspace))
    return print_json({"segments": found}) if json else show_segment.listed(found)


@group.command()
def show(key: Key, workspace: In = HERE, json: Json = False) -> None:
    """One segment: its rule in text and in English, its purpose, who signed it, and what to do for its members."""
    from rooftree.pipeline import segments

    found = segments.shown(open_workspace(workspace), key)
    return print_json({"segment": found}) if json else show_segment.shown(found)


@group.command()
def fields(
    text: Annotated[str, typer.Argument(help="Words to look for in key, label or meaning.")] = "",
    workspace: In = HERE,
    json: Json = False,
) -> None:
    """What a rule may name: fields with their type, codes and purposes."""
    from rooftree.catalogue.load import load
    from rooftree.pipeline import segments

    directory = workspace if (workspace / "rooftree.toml").exists() else None
    found = segments.fields(
        load(open_workspace(directory).definitions if directory else None), text
    )
    return print_json({"fields": found}) if json else show_segment.fields(found)


@group.command()
def lint(
    key: Key,
    workspace: In = HERE,
    without_data: Annotated[
        bool, typer.Option("--without-data", help="Do not look at the snapshot.")
    ] = False,
    json: Json = False,
) -> None:
    """What a reader would ask: contradictions, parts that do nothing, fields nobody has, names that hurt."""
    from rooftree.pipeline import segments

    found = segments.linted(open_workspace(workspace), key, with_data=not without_data)
    if json:
        print_json({"lint": found, "sound": found.sound})
    else:
        show_segment.linted(found)
    if not found.sound:
        raise typer.Exit(3)


@group.command()
def count(
    key: Annotated[
        str | None, typer.Argument(help="The segment's key; left out with --rule.")
    ] = None,
    workspace: In = HERE,
    snapshot: SnapshotId = None,
    rule: Rule = None,
    unit: Unit = "person",
    purpose: For = None,
    use: Use = "select",
    base: Base = "",
    json: Json = False,
) -> None:
    """How many are in a segment, and what each part of its rule keeps, drops, and drops alone."""
    from rooftree.pipeline import segments

    opened = open_workspace(workspace)
    with segments.asking(opened, snapshot=snapshot) as asked:
        segment = segments.chosen(
            opened, asked, key, rule=rule, unit=unit, purpose=purpose, use=use, base=base
        )
        found = segments.counted(asked, segment, note=_note(segment.key))
    return print_json({"count": found}) if json else show_segment.counted(found)


def _note(key: str) -> Note:
    """What the ledger of released tables keeps of a count: which one, by whom, and when."""
    from rooftree.disclosure.ledger import Note

    return Note(
        name=f"segment {key}", released_by=getpass.getuser(), released_at=dt.datetime.now(dt.UTC)
    )


@group.command()
def members(
    key: Key,
    purpose: Annotated[
        str, typer.Option("--purpose", metavar="PURPOSE", help="Why; must be the segment's own.")
    ],
    workspace: In = HERE,
    snapshot: SnapshotId = None,
    on: Annotated[
        str | None,
        typer.Option(
            "--on", metavar="DATE", help="Who was in at the end of that day, as kept by the runs."
        ),
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="Most ids to show.")] = 50,
    json: Json = False,
) -> None:
    """The ids of those in a segment that selects, for its own purpose."""
    from rooftree.pipeline import segments

    with segments.asking(open_workspace(workspace), snapshot=snapshot) as asked:
        found = segments.members(asked, asked.segments[key], purpose=purpose, on=a_date(on))
    return print_json({"members": found}) if json else show_segment.members(found, limit)


@group.command()
def explain(
    key: Key,
    subject: Annotated[
        str | None,
        typer.Argument(
            help="The id of a person, household, tenancy or home; left out: the whole segment."
        ),
    ] = None,
    workspace: In = HERE,
    snapshot: SnapshotId = None,
    purpose: For = None,
    json: Json = False,
) -> None:
    """Why one is in, why another is out, and what would change it; without an id, the rule and its attrition."""
    from rooftree.pipeline import segments

    opened = open_workspace(workspace)
    with segments.asking(opened, snapshot=snapshot) as asked:
        segment = asked.segments[key]
        if subject is None:
            told = segments.shown(opened, key)
            found = segments.counted(asked, segment, note=_note(key))
            return (
                print_json({"segment": told, "count": found})
                if json
                else show_segment.explained_whole(told, found)
            )
        why = segments.explained(asked, segment, subject, purpose=purpose or "")
    return print_json({"explanation": why}) if json else show_segment.explained(why)


@group.command()
def diff(
    key: Key,
    rule: Annotated[
        str | None, typer.Option("--rule", metavar="TEXT", help="The rule as it would be.")
    ] = None,
    since: Annotated[
        str | None,
        typer.Option("--since", metavar="ID", help="The rule as it was in this snapshot."),
    ] = None,
    workspace: In = HERE,
    snapshot: SnapshotId = None,
    json: Json = False,
) -> None:
    """What a change of a rule changes: in words, in meaning, and in members."""
    from rooftree.pipeline import segments

    opened = open_workspace(workspace)
    with segments.asking(opened, snapshot=snapshot) as asked:
        old, new = segments.versions(opened, asked, key, rule=rule, since=since)
        found = segments.changed(asked, old, new)
    return print_json({"diff": found}) if json else show_segment.changed(found)


@group.command()
def history(
    key: Key,
    subject: Annotated[str | None, typer.Argument(help="The id of one; left out: all.")] = None,
    workspace: In = HERE,
    snapshot: SnapshotId = None,
    json: Json = False,
) -> None:
    """Who came and went, when and for which cause; and whether the last evaluation failed."""
    from rooftree.pipeline import groups, segments

    with segments.asking(open_workspace(workspace), snapshot=snapshot) as asked:
        found = groups.history_of(asked, key, subject=subject)
    return print_json({"history": found}) if json else show_segment.history(found)


@group.command()
def flows(
    keys: Annotated[list[str], typer.Argument(help="Segments of one unit.", metavar="SEGMENT...")],
    start: Annotated[str, typer.Option("--from", metavar="DATE", help="The first day.")],
    end: Annotated[str, typer.Option("--to", metavar="DATE", help="The last day.")],
    workspace: In = HERE,
    snapshot: SnapshotId = None,
    json: Json = False,
) -> None:
    """From which segment to which: who was where on one day, and on another."""
    from rooftree.pipeline import groups, segments

    first, last = a_date(start), a_date(end)
    assert first is not None
    assert last is not None
    with segments.asking(open_workspace(workspace), snapshot=snapshot) as asked:
        found = groups.flows_of(asked, keys, start=first, end=last)
    return print_json({"flows": found}) if json else show_segment.flows(found)


@group.command()
def discover(
    items: Annotated[
        list[str], typer.Argument(help="Fields to find groups by.", metavar="FIELD...")
    ],
    workspace: In = HERE,
    snapshot: SnapshotId = None,
    unit: Annotated[
        str, typer.Option("--unit", help="person, household, tenancy or home.")
    ] = "person",
    base: Annotated[
        str, typer.Option("--base", help="Among whom.", show_default="the first of the unit")
    ] = "",
    most: Annotated[int, typer.Option("--most", min=2, max=20, help="Most groups to try.")] = 8,
    seed: Annotated[int, typer.Option("--seed", help="The same seed, the same groups.")] = 1,
    json: Json = False,
) -> None:
    """Look for groups that answer alike, with the evidence for each number of groups; or say that there are none.

    A person chooses: no number is right by itself.
    """
    from rooftree.pipeline import groups, segments

    with segments.asking(open_workspace(workspace), snapshot=snapshot) as asked:
        found = groups.discovered(
            asked,
            items,
            unit=unit,
            base=base,
            classes=range(2, most + 1),
            seed=seed,
            progress=Watcher(),
        )
    return print_json({"discovery": found}) if json else show_segment.discovered(found)


@group.command()
def persona(
    key: Key,
    folder: Annotated[Path, typer.Option("--out", help="Where to write it.")] = Path("personas"),
    name: Annotated[
        str, typer.Option("--name", help="What to call it.", show_default="the segment's label")
    ] = "",
    colour: Annotated[
        str, typer.Option("--colour", help="The landlord's colour, as #1d4f5c.")
    ] = "",
    workspace: In = HERE,
    snapshot: SnapshotId = None,
    json: Json = False,
) -> None:
    """Draw the picture of a segment's people: one page as PDF and PNG, from numbers that are safe."""
    from rooftree.pipeline import groups, segments

    opened = open_workspace(workspace)
    with segments.asking(opened, snapshot=snapshot) as asked:
        found = groups.persona_of(asked, opened, key, folder, name=name, colour=colour)
    return print_json({"persona": found}) if json else show_segment.persona(found)
