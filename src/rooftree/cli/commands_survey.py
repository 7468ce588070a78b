"""`rooftree survey`: how many to ask, weights, estimates, one year beside another; on files, without a workspace."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rooftree.cli import show_survey as show
from rooftree.cli.console import print_json
from rooftree.cli.main import app
from rooftree.cli.options import Json, a_date
from rooftree.vocabulary.errors import UserError

if TYPE_CHECKING:
    import pyarrow as pa

    from rooftree.survey import Weighting

group = typer.Typer(
    no_args_is_help=True,
    help="Surveys: how many to ask, weights, what the answers say and how sure that is.",
)
app.add_typer(group, name="survey", rich_help_panel="Look")

File = Annotated[Path, typer.Argument(help="The answers: csv, xlsx or parquet, a row each.")]
Columns = Annotated[list[str], typer.Argument(help="The columns asked about.")]
Sheet = Annotated[
    str | None, typer.Option(help="The sheet of a workbook.", show_default="the first")
]
WeightColumn = Annotated[str | None, typer.Option(help="The column of design weights.")]
By = Annotated[
    list[str] | None, typer.Option(help="A column that makes groups; may be given again.")
]
Counts = Annotated[
    list[str] | None,
    typer.Option(help="A category that counts; may be given again. Left out: each by itself."),
]
NotCounted = Annotated[
    list[str] | None,
    typer.Option(help="A category that is no answer, such as not_applicable; may be given again."),
]
Strata = Annotated[str | None, typer.Option(help="The column of the stratum.")]
Cluster = Annotated[str | None, typer.Option(help="The column of the unit that was drawn.")]
Fpc = Annotated[
    str | None, typer.Option(help="The column with how many units the stratum has in all.")
]
MarginsFile = Annotated[
    Path | None,
    typer.Option(help="Weight to these margins first: a file of field, category, target."),
]


@group.command()
def size(
    tenants: Annotated[int, typer.Argument(min=1, help="How many tenants the survey is of.")],
    answers: Annotated[
        int | None, typer.Option(min=1, help="How many answers came in: what margin they give.")
    ] = None,
    on: Annotated[
        str | None,
        typer.Option(metavar="DATE", help="The day whose rule holds.", show_default="today"),
    ] = None,
    definitions: Annotated[
        Path | None, typer.Option(help="Your own definitions folder, laid over the shipped rules.")
    ] = None,
    json: Json = False,
) -> None:
    """How many answers the Regulator requires of so many tenants, and what margin those you have give."""
    from rooftree.survey.definitions import load
    from rooftree.survey.sample_size import achieved_margin, required

    if answers is not None and answers > tenants:
        raise UserError("There cannot be more answers than tenants: one of a household counts.")
    day = a_date(on) or dt.datetime.now(dt.UTC).date()
    found = required(tenants, on=day, definitions=load(definitions))
    margin = None if answers is None else achieved_margin(answers, population=tenants)
    if json:
        return print_json({"required": found, "answers": answers, "margin": margin})
    return show.size(found, answers, margin)


@group.command()
def weigh(
    file: File,
    margins: Annotated[
        Path, typer.Argument(help="A file of field, category, target. sex × age is a joint margin.")
    ],
    out: Annotated[
        Path | None, typer.Option(help="Write the answers with their weights: csv, xlsx, parquet.")
    ] = None,
    weight: WeightColumn = None,
    shares: Annotated[
        bool, typer.Option("--shares", help="The targets are shares that add up to 1.")
    ] = False,
    linear: Annotated[
        bool, typer.Option("--linear", help="Linear calibration instead of raking.")
    ] = False,
    trim: Annotated[
        str | None,
        typer.Option(
            metavar="LOW,HIGH", help="Bounds of a weight as multiples of the mean: 0.3,3."
        ),
    ] = None,
    sheet: Sheet = None,
    json: Json = False,
) -> None:
    """Weight answers to what is known of everybody, and say what the weights cost.

    An unknown category, an empty cell or margins that do not add up stop it, with row, field and remedy.
    """
    from rooftree.pipeline.export import check_ending, write_table

    if out is not None:
        check_ending(out)
    found = _weighted(
        _read(file, sheet), margins, weight, shares=shares, linear=linear, trim=_bounds(trim)
    )
    if out is not None:
        write_table(found.table, out)
    return print_json(show.weighting(found)) if json else show.weighed(found, out)


@group.command()
def estimate(
    file: File,
    columns: Columns,
    statistic: Annotated[
        str, typer.Option(help="mean, total, ratio or proportion.")
    ] = "proportion",
    over: Annotated[
        str | None, typer.Option(help="For a ratio: the column below the line.")
    ] = None,
    counts: Counts = None,
    not_counted: NotCounted = None,
    by: By = None,
    weight: WeightColumn = None,
    margins: MarginsFile = None,
    strata: Strata = None,
    cluster: Cluster = None,
    fpc: Fpc = None,
    interval: Annotated[
        str | None,
        typer.Option(
            help="t, wilson, logit or korn_graubard.", show_default="wilson for shares, else t"
        ),
    ] = None,
    level: Annotated[float, typer.Option(min=0.5, max=0.999, help="The confidence level.")] = 0.95,
    sheet: Sheet = None,
    json: Json = False,
) -> None:
    """What the answers say, and how sure that is: with weights, strata and clusters.

    Small numbers are not protected: the answer is for those who may see the file.
    """
    from rooftree import survey

    data = _data(file, sheet, weight, margins)
    found = survey.estimate(
        data, columns, statistic=statistic, over=over, counts=counts or None,
        not_counted=not_counted or (), by=by or (), weight=None if margins else weight,
        strata=strata, cluster=cluster, fpc=fpc, interval=interval, level=level,
    )  # fmt: skip
    return print_json(show.estimates(found)) if json else show.estimated(found)


@group.command()
def compare(
    this: Annotated[Path, typer.Argument(help="This year's answers.")],
    last: Annotated[Path, typer.Argument(help="Last year's answers, with the same columns.")],
    columns: Columns,
    counts: Counts = None,
    not_counted: NotCounted = None,
    by: By = None,
    weight: WeightColumn = None,
    margins: MarginsFile = None,
    last_margins: Annotated[
        Path | None, typer.Option(help="Weight last year's answers to these margins first.")
    ] = None,
    strata: Strata = None,
    cluster: Cluster = None,
    sheet: Sheet = None,
    json: Json = False,
) -> None:
    """Two surveys side by side: what rose, what fell, and where a difference is no difference.

    All lines asked for make one family: chance findings among them are held to 5%.
    """
    from rooftree import survey
    from rooftree.survey.comparison import compare_years

    if not counts:
        raise UserError("Say which answers count as one share, with --counts.")

    def shares(file: Path, targets: Path | None) -> pa.Table:
        return survey.estimate(
            _data(file, sheet, weight, targets), columns, statistic="proportion", counts=counts,
            not_counted=not_counted or (), by=by or (), weight=None if targets else weight,
            strata=strata, cluster=cluster,
        ).table  # fmt: skip

    lines = (*(by or ()), "variable")
    found = compare_years(shares(this, margins), shares(last, last_margins), on=lines)
    return print_json(show.comparison(found)) if json else show.compared(found)


@group.command()
def regulator(
    file: Annotated[Path, typer.Argument(help="The Regulator's workbook of all landlords.")],
    landlord: Annotated[str, typer.Argument(help="A landlord's name or code.")],
    population: Annotated[str, typer.Option(help="lcra, lcho or combined.")] = "lcra",
    beside: Annotated[
        str | None, typer.Option(metavar="LANDLORD", help="Compare with this landlord.")
    ] = None,
    json: Json = False,
) -> None:
    """A landlord's figures in the Regulator's Tenant Satisfaction Measures, recounted, with intervals."""
    from rooftree.pipeline.plain_file import read_tsm
    from rooftree.survey.comparison import compare_years

    files = read_tsm(file)
    if population not in files:
        raise UserError(f"There is no population {population!r}. Use one of: {', '.join(files)}.")
    found = files[population]
    code = found.code_of(landlord)
    (about,) = [r for r in found.landlords.to_pylist() if r["landlord_code"] == code]
    measured = found.measures(code)
    both = compare_years(measured, found.measures(beside), than="there") if beside else None
    if json:
        answer: dict[str, Any] = {"landlord": about, "measures": measured.to_pylist()}
        return print_json(answer | ({"comparison": both.table.to_pylist()} if both else {}))
    return show.regulator(about, measured, both)


def _read(file: Path, sheet: str | None) -> pa.Table:
    from rooftree.pipeline.plain_file import read_plain

    return read_plain(file, sheet=sheet)


def _data(
    file: Path, sheet: str | None, weight: str | None, margins: Path | None
) -> pa.Table | Weighting:
    table = _read(file, sheet)
    return table if margins is None else _weighted(table, margins, weight)


def _weighted(
    table: pa.Table,
    margins: Path,
    weight: str | None,
    *,
    shares: bool = False,
    linear: bool = False,
    trim: tuple[float, float] | None = None,
) -> Weighting:
    from rooftree import survey
    from rooftree.survey.tables import long_targets

    targets = long_targets(_read(margins, None), where=margins.name)
    kind = "shares" if shares else "counts"
    if linear:
        return survey.calibrate(table, targets, weight=weight, targets=kind, trim=trim)
    return survey.rake(table, targets, weight=weight, targets=kind, trim=trim)


def _bounds(text: str | None) -> tuple[float, float] | None:
    if text is None:
        return None
    try:
        low, high = (float(part) for part in text.split(","))
    except ValueError as error:
        raise UserError(f"'{text}' is not two bounds. Write them with a comma: 0.3,3.") from error
    return low, high
