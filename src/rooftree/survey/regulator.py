"""The Regulator's file of Tenant Satisfaction Measures, as tables that can be counted with.

The file is one sheet to a population, a row to a landlord and a column to a figure, under headings of a
whole sentence. A figure belongs to the measure named in brackets in its heading, whatever the sentence
says: in 2023-24 the counts of TP05 stand under the sentence of TP06.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from rooftree.catalogue.fields import did_you_mean
from rooftree.statistics.proportions import wilson_bounds, z_value
from rooftree.survey.definitions import Layout, SizeRule
from rooftree.survey.sample_size import achieved_margin, by_rule
from rooftree.survey.tables import as_table
from rooftree.vocabulary.errors import DataError, NotFound, Problem

#: The five answers in order, and the sixth that is none, as `answers` names them.
ANSWERS = (
    "very_satisfied", "fairly_satisfied", "neither", "fairly_dissatisfied", "very_dissatisfied",
    "not_applicable",
)  # fmt: skip

_WORDS = ("very satisfied", "fairly satisfied", "neither satisfied", "fairly dissatisfied",
          "very dissatisfied", "not applicable")  # fmt: skip
_COUNT = re.compile(r"^number of respondents who report .*\((TP\d\d)\)$", re.I)
_SHARE = re.compile(r"^proportion of respondents who report .*\((TP\d\d)\)$", re.I)

#: Percentages in the file are given to so many points at worst.
PERCENT_AGREES = 0.06


@dataclass(frozen=True, slots=True)
class RegulatorFile:
    """One population of one year's file.

    `landlords`: a row for each, with the columns of the layout (`landlord`, `landlord_code`, numbers
    such as `population`, `required`, `achieved`, null where not given). `answers`: landlord_code,
    measure, answer, n (weighted counts, with decimals, where the landlord weighted). `shares`:
    landlord_code, measure, percent as published. `notes` are the file's own. `not_given` and
    `not_required` count the cells that say so.
    """

    population: str
    layout: Layout
    landlords: pa.Table
    answers: pa.Table
    shares: pa.Table
    notes: tuple[str, ...]
    not_given: int
    not_required: int

    def code_of(self, landlord: str) -> str:
        """The code of a landlord by its name or code; NotFound names the nearest."""
        names = self.landlords["landlord"].to_pylist()
        codes = self.landlords["landlord_code"].to_pylist()
        wanted = landlord.strip().casefold()
        for name, code in zip(names, codes, strict=True):
            if wanted in (name.casefold(), code.casefold()):
                return code
        raise NotFound(
            f"There is no landlord {landlord!r} in the file. {did_you_mean(landlord, names)}"
        )

    def measures(self, landlord: str, *, level: float = 0.95) -> pa.Table:
        """A landlord's measures from its counts: measure, estimate, low, high, n, published percent.

        Shares are of the five answers. The interval is Wilson's, as of a simple random sample: the
        file says nothing about design effects, and weights make it wider.
        """
        code = self.code_of(landlord)
        counts: dict[str, dict[str, float]] = {}
        for row in self.answers.to_pylist():
            if row["landlord_code"] == code and row["n"] is not None:
                counts.setdefault(row["measure"], {})[row["answer"]] = row["n"]
        said = {
            row["measure"]: row["percent"]
            for row in self.shares.to_pylist()
            if row["landlord_code"] == code
        }
        rows = [
            _measured(measure, counts[measure], said.get(measure), level)
            for measure in sorted(counts)
            if sum(counts[measure].get(answer, 0) for answer in ANSWERS[:5]) > 0
        ]
        return pa.Table.from_pylist(rows)


def _measured(
    measure: str, counts: Mapping[str, float], published: float | None, level: float
) -> dict[str, Any]:
    n = sum(counts.get(answer, 0) for answer in ANSWERS[:5])
    share = sum(counts.get(answer, 0) for answer in ANSWERS[:2]) / n
    low, high = wilson_bounds(share, n, z=z_value(level))
    return {
        "variable": measure.lower(), "estimate": share, "low": float(low), "high": float(high),
        "n": n, "n_missing": counts.get("not_applicable", 0), "published_percent": published,
    }  # fmt: skip


def read_regulator(table: Any, *, population: str, layout: Layout) -> RegulatorFile:
    """The tables of one sheet. `table` has the sheet's headings as column names and text as values.

    Raises DataError naming each heading of the layout that is not there, each figure that is no
    number with its landlord's code, and a landlord that stands twice.
    """
    read = as_table(table)
    headings = {_plain(name): name for name in read.column_names}
    problems: list[Problem] = []
    where = layout.sheets.get(population, population)
    found = {
        ours: _heading(heading, headings, where, problems)
        for ours, heading in {**layout.landlord, **layout.numbers}.items()
    }
    if problems:
        raise DataError(problems, f"{where} is not laid out as {layout.label}")
    codes = read.column(found["landlord_code"]).to_pylist()
    rows = [n for n, code in enumerate(codes) if code]
    notes = [
        text
        for n, text in enumerate(read.column(found["landlord"]).to_pylist())
        if text and not codes[n] and _plain(text) != "notes:"
    ]
    kept = read.take(pa.array(rows, pa.int64()))
    reader = _Cells(kept, [codes[n] for n in rows], layout, where, problems)
    reader.check_codes()
    landlords = {ours: reader.text(found[ours]) for ours in layout.landlord}
    numbers = {ours: reader.numbers(found[ours]) for ours in layout.numbers}
    answers, shares = reader.answers(), reader.shares()
    if problems:
        raise DataError(problems[:50])
    return RegulatorFile(
        population, layout,
        pa.table({**landlords, **{k: pa.array(v, pa.float64()) for k, v in numbers.items()}}),
        answers, shares, tuple(notes),
        reader.marked(layout.not_given), reader.marked(layout.not_required),
    )  # fmt: skip


def _plain(heading: str) -> str:
    """A heading for comparison: no zero-width signs, one blank between words, small letters."""
    return re.sub(r"\s+", " ", re.sub(r"[\u200b\u200c\ufeff]", "", heading)).strip().casefold()


def _heading(wanted: str, headings: Mapping[str, str], where: str, problems: list[Problem]) -> str:
    """The column of a heading, which may go on with footnote figures, a unit or a population."""
    plain = _plain(wanted)
    if plain in headings:
        return headings[plain]
    rest = re.compile(re.escape(plain) + r"[\d, ]*\s*(%|\([a-z]+\))?$")
    near = [name for heading, name in headings.items() if rest.fullmatch(heading)]
    if len(near) == 1:
        return near[0]
    what = f"the heading {wanted!r} is not there." if not near else f"{wanted!r} is there twice."
    remedy = "Correct survey/tsm_file.toml for this year's file, or read the sheet it names."
    problems.append(Problem(where, what, remedy))
    return ""


@dataclass(slots=True)
class _Cells:
    """The cells of the landlords, read by column; problems are noted with the landlord's code."""

    table: pa.Table
    codes: Sequence[str]
    layout: Layout
    where: str
    problems: list[Problem]

    def check_codes(self) -> None:
        for code in sorted({code for code in self.codes if self.codes.count(code) > 1}):
            what = f"landlord {code} stands in more than one row."
            self.problems.append(
                Problem(self.where, what, "Keep the row that the Regulator means.")
            )

    def text(self, name: str) -> pa.Array:
        empty = {*self.layout.not_given, *self.layout.not_required}
        values = self.table.column(name).to_pylist()
        return pa.array([None if value in empty else value for value in values], pa.string())

    def numbers(self, name: str) -> list[float | None]:
        empty = {*self.layout.not_given, *self.layout.not_required, None, ""}
        found: list[float | None] = []
        for code, value in zip(self.codes, self.table.column(name).to_pylist(), strict=True):
            try:
                found.append(None if value in empty else float(str(value).replace(",", "")))
            except ValueError:
                what = "is no number."
                remedy = "Correct the cell, or name its sign in not_given of the layout."
                self.problems.append(Problem(f"{self.where}: {code}: {name}", what, remedy))
                found.append(None)
        return found

    def answers(self) -> pa.Table:
        unclear = {_plain(heading): place for heading, place in self.layout.unclear.items()}
        columns: dict[str, list[Any]] = {"landlord_code": [], "measure": [], "answer": [], "n": []}
        for name in self.table.column_names:
            match = _COUNT.match(_plain(name))
            if match is None:
                continue
            plain = _plain(name)
            places = [n for n, word in enumerate(_WORDS) if f" {word}" in plain.replace("'", " ")]
            place = int(unclear[plain]) - 1 if plain in unclear else (places or [None])[0]
            if place is None:
                if "landlord has" not in plain:  # whether the question applied is no answer to it
                    what = f"the heading {name!r} does not say which answer it counts."
                    remedy = "Add it to unclear in survey/tsm_file.toml."
                    self.problems.append(Problem(self.where, what, remedy))
                continue
            columns["landlord_code"] += self.codes
            columns["measure"] += [match[1].upper()] * len(self.codes)
            columns["answer"] += [ANSWERS[place]] * len(self.codes)
            columns["n"] += self.numbers(name)
        types = (pa.string(), pa.string(), pa.string(), pa.float64())
        return pa.table(
            {
                key: pa.array(values, kind)
                for (key, values), kind in zip(columns.items(), types, strict=True)
            }
        )

    def shares(self) -> pa.Table:
        columns: dict[str, list[Any]] = {"landlord_code": [], "measure": [], "percent": []}
        for name in self.table.column_names:
            match = _SHARE.match(_plain(name))
            if match is not None:
                columns["landlord_code"] += self.codes
                columns["measure"] += [match[1].upper()] * len(self.codes)
                columns["percent"] += self.numbers(name)
        types = (pa.string(), pa.string(), pa.float64())
        return pa.table(
            {
                key: pa.array(values, kind)
                for (key, values), kind in zip(columns.items(), types, strict=True)
            }
        )

    def marked(self, signs: Sequence[str]) -> int:
        return sum(
            column.to_pylist().count(sign) for column in self.table.columns for sign in signs
        )


def reconcile(file: RegulatorFile, rule: SizeRule) -> pa.Table:
    """Where the file's figures do not follow from one another: landlord_code, figure, published, computed.

    The required size by the rule, the margin achieved by its formula, and each measure as the share of
    its own counts. An empty table says that all agree.
    """
    rows: list[dict[str, Any]] = []

    def note(code: str, figure: str, published: float, computed: float) -> None:
        rows.append(
            {"landlord_code": code, "figure": figure, "published": published, "computed": computed}
        )

    for row in file.landlords.to_pylist():
        size, n = row["population"], row["achieved"]
        if not size:
            continue
        if row["required"] is not None and by_rule(int(size), rule).n != row["required"]:
            note(row["landlord_code"], "required", row["required"], by_rule(int(size), rule).n)
        if row["margin_percent"] is not None and n and n <= size:
            margin = 100 * achieved_margin(int(n), population=int(size))
            if abs(margin - row["margin_percent"]) > PERCENT_AGREES:
                note(row["landlord_code"], "margin_percent", row["margin_percent"], margin)
    for code, measure, published, computed in _computed(file):
        if abs(published - computed) > PERCENT_AGREES:
            note(code, measure, published, computed)
    schema = pa.schema(
        [("landlord_code", pa.string()), ("figure", pa.string()),
         ("published", pa.float64()), ("computed", pa.float64())]
    )  # fmt: skip
    return pa.Table.from_pylist(rows, schema=schema)


def _computed(file: RegulatorFile) -> list[tuple[str, str, float, float]]:
    """Each published percentage beside the one that its counts make."""
    counts: dict[tuple[str, str], np.ndarray] = {}
    for row in file.answers.to_pylist():
        if row["answer"] in ANSWERS[:5] and row["n"] is not None:
            key = (row["landlord_code"], row["measure"])
            counts.setdefault(key, np.zeros(5))[ANSWERS.index(row["answer"])] = row["n"]
    found = []
    for row in file.shares.to_pylist():
        n = counts.get((row["landlord_code"], row["measure"]))
        if n is not None and n.sum() > 0 and row["percent"] is not None:
            computed = 100 * float(n[:2].sum() / n.sum())
            found.append((row["landlord_code"], row["measure"], row["percent"], computed))
    return found
