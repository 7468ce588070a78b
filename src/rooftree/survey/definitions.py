"""What a survey asks and how it counts, as data: measures, sample sizes, the layout of the Regulator's file.

The shipped definitions are in `definitions/survey`; a landlord's own folder is laid over them by key, as
for the rest of the catalogue. Rules carry dates: the one that held on a day is the one that is used.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

from rooftree.catalogue import load as load_catalogue
from rooftree.catalogue.documents import Entry, overlay, read_entries
from rooftree.catalogue.fields import Fields, did_you_mean
from rooftree.catalogue.load import SHIPPED
from rooftree.catalogue.model import CodeList
from rooftree.vocabulary.errors import DefinitionError, Problem, UserError

POPULATIONS = ("lcra", "lcho")

#: The files of the folder, and what their entries begin with.
FILES = {"perception.toml": "measure", "sample_size.toml": "rule", "tsm_file.toml": "layout"}


@dataclass(frozen=True, slots=True)
class Measure:
    """One perception measure: its question, its answers, which of them count, and of whom it is asked."""

    key: str
    code: str  # TP01
    label: str
    wording: str
    answers: str  # key of the code list
    counts: tuple[str, ...]
    not_applicable_offered: bool
    populations: tuple[str, ...]
    valid_from: dt.date
    source: str
    filter: str | None = None  # the column of the question that decides who is asked
    filter_wording: str = ""


@dataclass(frozen=True, slots=True)
class SizeRule:
    """How many answers a survey must have: the margin allowed from so many tenants on."""

    key: str
    label: str
    valid_from: dt.date
    z: float
    census_up_to: float
    margins: tuple[tuple[int, float], ...]  # from this many, this margin; by size
    source: str


@dataclass(frozen=True, slots=True)
class Layout:
    """Where things stand in one year's file of the Regulator."""

    key: str
    label: str
    header_row: int
    not_given: tuple[str, ...]
    not_required: tuple[str, ...]
    sheets: Mapping[str, str]
    landlord: Mapping[str, str]
    numbers: Mapping[str, str]
    unclear: Mapping[str, str]
    source: str


@dataclass(frozen=True, slots=True)
class SurveyDefinitions:
    """All of them, and the code lists that the measures name."""

    measures: tuple[Measure, ...]
    size_rules: tuple[SizeRule, ...]
    layouts: Mapping[str, Layout]
    code_lists: Mapping[str, CodeList]

    def measures_on(self, on: dt.date, *, population: str = "lcra") -> tuple[Measure, ...]:
        """The measures of a population on a day, by code: of each code the latest that had begun."""
        if population not in POPULATIONS:
            raise UserError(f"There is no population {population!r}. Use lcra or lcho.")
        latest: dict[str, Measure] = {}
        for measure in sorted(self.measures, key=lambda measure: measure.valid_from):
            if measure.valid_from <= on and population in measure.populations:
                latest[measure.code] = measure
        if not latest:
            raise UserError(f"No perception measure was defined on {on.isoformat()}.")
        return tuple(latest[code] for code in sorted(latest))

    def size_rule_on(self, on: dt.date) -> SizeRule:
        """The rule on sample sizes that held on a day."""
        begun = [rule for rule in self.size_rules if rule.valid_from <= on]
        if not begun:
            raise UserError(f"No rule on sample sizes held on {on.isoformat()}.")
        return max(begun, key=lambda rule: rule.valid_from)


class _Keyed(Protocol):
    @property
    def key(self) -> str: ...


_K = TypeVar("_K", bound=_Keyed)


def load(own: Path | None = None, *, shipped: Path = SHIPPED) -> SurveyDefinitions:
    """The definitions, a landlord's own folder (the one with `survey` in it) laid over the shipped ones.

    Raises DefinitionError with every problem of every file.
    """
    problems: list[Problem] = []
    measures = _read("perception.toml", own, shipped, _measure, problems)
    rules = _read("sample_size.toml", own, shipped, _rule, problems)
    layouts = _read("tsm_file.toml", own, shipped, _layout, problems)
    lists = load_catalogue(own, shipped=shipped).code_lists
    for measure in measures:
        problems += _answers(measure, lists)
    if problems:
        raise DefinitionError(sorted(set(problems)))
    used = {measure.answers for measure in measures}
    return SurveyDefinitions(
        tuple(measures), tuple(rules), {layout.key: layout for layout in layouts},
        {key: lists[key] for key in used},
    )  # fmt: skip


def _read(
    file: str,
    own: Path | None,
    shipped: Path,
    reader: Callable[[Entry, list[Problem]], _K],
    problems: list[Problem],
) -> list[_K]:
    name = FILES[file]
    base = read_entries(shipped / "survey" / file, name, problems, label="survey/")
    landlord: Sequence[Entry] = ()
    if own is not None:
        landlord = read_entries(own / "survey" / file, name, problems, label="definitions/survey/")
    entries, _ = overlay(base, landlord, problems)
    return [reader(entry, problems) for entry in entries]


def _answers(measure: Measure, lists: Mapping[str, CodeList]) -> list[Problem]:
    where = f"survey/perception.toml: {measure.key}"
    if measure.answers not in lists:
        what = f"{measure.answers!r} is not a code list."
        return [Problem(f"{where}: answers", what, did_you_mean(measure.answers, lists))]
    known = lists[measure.answers].keys
    return [
        Problem(f"{where}: counts", f"{code!r} is not an answer.", did_you_mean(code, known))
        for code in measure.counts
        if code not in known
    ]


def _measure(entry: Entry, problems: list[Problem]) -> Measure:
    fields = Fields(entry.table, entry.where, problems)
    populations = fields.texts("populations")
    for word in populations:
        if word not in POPULATIONS:
            fields.problem(
                "populations", f"{word!r} is not known.", did_you_mean(word, POPULATIONS)
            )
    measure = Measure(
        key=fields.key(),
        code=fields.text("code"),
        label=fields.text("label"),
        wording=fields.text("wording"),
        answers=fields.text("answers"),
        counts=fields.texts("counts"),
        not_applicable_offered=fields.flag("not_applicable_offered"),
        populations=populations,
        valid_from=fields.date("valid_from"),
        source=fields.text("source"),
        filter=fields.text("filter", required=False) or None,
        filter_wording=fields.text("filter_wording", required=False),
    )
    fields.finish()
    return measure


def _rule(entry: Entry, problems: list[Problem]) -> SizeRule:
    fields = Fields(entry.table, entry.where, problems)
    margins: list[tuple[int, float]] = []
    for start, margin in fields.tables("margins", required=True).items():
        if not start.isdigit() or not isinstance(margin, float) or not 0 < margin < 1:
            fields.problem(
                f"margins.{start}", "is no size and margin.", 'Write "2500" = 0.04, a share.'
            )
            continue
        margins.append((int(start), margin))
    if margins and min(margins)[0] != 0:
        fields.problem("margins", "does not begin at 0.", 'Add "0" = the margin of the smallest.')
    rule = SizeRule(
        key=fields.key(),
        label=fields.text("label"),
        valid_from=fields.date("valid_from"),
        z=fields.number("z") or 1.96,
        census_up_to=fields.number("census_up_to") or 0,
        margins=tuple(sorted(margins)),
        source=fields.text("source"),
    )
    fields.finish()
    return rule


def _layout(entry: Entry, problems: list[Problem]) -> Layout:
    fields = Fields(entry.table, entry.where, problems)
    header_row = fields.number("header_row")
    layout = Layout(
        key=fields.key(),
        label=fields.text("label"),
        header_row=int(header_row or 1),
        not_given=fields.texts("not_given", required=False),
        not_required=fields.texts("not_required", required=False),
        sheets=fields.mapping("sheets"),
        landlord=fields.mapping("landlord"),
        numbers=fields.mapping("numbers"),
        unclear=fields.mapping("unclear"),
        source=fields.text("source"),
    )
    fields.finish()
    return layout
