"""Margins: how many of each category there are, checked against themselves and against the sample.

Every check that fails would make the weights wrong without a sign of it, so each is an error that names
the margin, the category or the row, and what to do.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa

from rooftree.catalogue.fields import did_you_mean
from rooftree.survey.tables import CODES_AT_MOST, SHOWN, Coded, coded, rows_in_words
from rooftree.vocabulary.errors import DataError, Problem

#: What a caller may give: a field, or several for a joint margin, and the target of each category.
Given = Mapping[str, Mapping[Any, float]] | Mapping[tuple[str, ...], Mapping[Any, float]]

#: Margins may differ by this share of their sum: published counts are rounded, and rounding adds up.
SUMS_AGREE = 1e-6

#: The signs that join fields of a joint margin in a file.
_JOINED = (" × ", "×", "*")


@dataclass(frozen=True, slots=True)
class Margin:
    """One margin: its fields, its categories (one word to a field), and how many of each there are."""

    fields: tuple[str, ...]
    levels: tuple[tuple[str, ...], ...]
    targets: np.ndarray

    @property
    def name(self) -> str:
        """`sex`, or `sex × age`."""
        return " × ".join(self.fields)

    def label(self, place: int) -> str:
        """The category at a place, as a message says it."""
        return " × ".join(self.levels[place])


def read_margins(
    given: Given, *, targets: str = "counts", total: float | None = None
) -> list[Margin]:
    """The margins, checked against themselves.

    targets: `counts` of the population, which must have one sum; or `shares`, each margin adding up to
        1, brought to `total`.
    Raises DataError for a target below 0 or missing, a category without a name in a field, shares that
    do not add up to 1 and margins that do not add up to one number.
    """
    if targets not in ("counts", "shares"):
        what = f"targets are said to be {targets!r}."
        raise DataError([Problem("margins", what, "Say counts or shares.")])
    problems: list[Problem] = []
    found = [_margin(fields, values, problems) for fields, values in given.items()]
    if not found:
        problems.append(Problem("margins", "there are none.", "Name a field and its targets."))
    if not problems:
        problems += _sums(found, targets)
    if problems:
        raise DataError(problems, f"{len(problems)} problems in the margins")
    if targets == "shares":
        scale = 1.0 if total is None else total
        found = [replace(m, targets=m.targets / m.targets.sum() * scale) for m in found]
    return found


def _margin(
    fields: str | tuple[str, ...], values: Mapping[Any, float], problems: list[Problem]
) -> Margin:
    names = _names(fields)
    margin = Margin(names, tuple(_level(key, len(names)) for key in values), _targets(values))
    where = f"margin {margin.name}"
    if not values:
        problems.append(Problem(where, "has no category.", "Give each category its target."))
    for place, target in enumerate(margin.targets):
        if len(margin.levels[place]) != len(names):
            what = f"{margin.label(place)!r} does not name one category of each field."
            problems.append(Problem(where, what, f"Write {len(names)} words, as the fields stand."))
        if not math.isfinite(target) or target < 0:
            what = f"the target of {margin.label(place)!r} is {target:g}."
            remedy = "A target is the number of people or homes: 0 or more."
            problems.append(Problem(where, what, remedy))
    return margin


def _names(fields: str | tuple[str, ...]) -> tuple[str, ...]:
    if not isinstance(fields, str):
        return tuple(fields)
    return _split(fields)


def _split(text: str) -> tuple[str, ...]:
    sign = next((sign for sign in _JOINED if sign in text), None)
    return tuple(part.strip() for part in text.split(sign)) if sign else (text,)


def _level(key: Any, width: int) -> tuple[str, ...]:
    if isinstance(key, tuple):
        return tuple(str(part) for part in key)
    return _split(str(key)) if width > 1 else (str(key),)


def _targets(values: Mapping[Any, float]) -> np.ndarray:
    return np.array(
        [math.nan if value is None else float(value) for value in values.values()], float
    )


def _sums(margins: Sequence[Margin], targets: str) -> Iterator[Problem]:
    first = 1.0 if targets == "shares" else float(margins[0].targets.sum())
    if first <= 0:
        yield Problem(f"margin {margins[0].name}", "adds up to 0.", "Give at least one target.")
        return
    for margin in margins:
        total = float(margin.targets.sum())
        if abs(total - first) <= SUMS_AGREE * first:
            continue
        if targets == "shares":
            what = f"adds up to {total:.6g}, not to 1."
            remedy = "Write shares such as 0.48, or say that the targets are counts."
        else:
            what = f"adds up to {total:,.10g}, margin {margins[0].name} to {first:,.10g}."
            remedy = "All margins must count the same people: take them from one table of one day."
        yield Problem(f"margin {margin.name}", what, remedy)


def coded_margins(
    table: pa.Table, margins: Sequence[Margin], *, base: np.ndarray, where: str = "sample"
) -> list[np.ndarray]:
    """For each margin, the place of each row's category. Raises DataError with everything that does not fit.

    A row whose category is unknown (null), a category that the margin does not have, a category of
    the margin that nobody in the sample has (weights cannot stand for nobody), and a target of 0 with
    rows (they would be weighted to nothing).
    """
    problems: list[Problem] = []
    result = [
        _placed(coded(table, margin.fields, where=where), margin, base, where, problems)
        for margin in margins
    ]
    if problems:
        count = len(problems)
        heading = f"{count} problem{'s' if count > 1 else ''} between the sample and its margins"
        raise DataError(problems, heading)
    return result


def _placed(
    column: Coded, margin: Margin, base: np.ndarray, where: str, problems: list[Problem]
) -> np.ndarray:
    places = {level: place for place, level in enumerate(margin.levels)}
    translated = np.array([places.get(level, -2) for level in column.levels] + [-1], int)
    codes = translated[column.codes]
    # Counted once by category, so that a million rows are not looked through for each question.
    n_of = np.bincount(column.codes + 1, minlength=len(column.levels) + 1)
    if (n_of[np.append(translated[-1:], translated[:-1]) < 0]).any():
        _unknown(codes, column, margin, where, problems)
        held = np.bincount(codes[codes >= 0], base[codes >= 0], minlength=len(margin.levels))
    else:
        held = np.bincount(codes, base, minlength=len(margin.levels))
    for place, target in enumerate(margin.targets):
        label = margin.label(place)
        if target > 0 and held[place] <= 0:
            what = f"{label!r} has a target of {target:,.10g} and nobody in the sample."
            remedy = "Join it with the category nearest to it, in the sample and in the margin."
            problems.append(Problem(f"margin {margin.name}", what, remedy))
        elif target == 0 and held[place] > 0:
            rows = int((codes == place).sum())
            what = f"{label!r} has a target of 0 and {rows:,} rows of the sample."
            remedy = "Correct the target, or take those rows out of the sample and say so."
            problems.append(Problem(f"margin {margin.name}", what, remedy))
    return codes


def _unknown(
    codes: np.ndarray, column: Coded, margin: Margin, where: str, problems: list[Problem]
) -> None:
    if (codes == -1).any():
        what = f"{rows_in_words(codes == -1)} no value."
        remedy = (
            "Nothing is guessed: give those rows a category of their own with a target, "
            "or take them out of the sample and say so."
        )
        problems.append(Problem(f"{where}: {column.name}", what, remedy))
    strange = sorted({int(code) for code in np.unique(column.codes[codes == -2])})
    if len(strange) > CODES_AT_MOST:
        what = f"holds {len(strange):,} values that the margin does not know."
        problems.append(
            Problem(f"{where}: {column.name}", what, "Check that it is the right field.")
        )
        return
    known = [margin.label(place) for place in range(len(margin.levels))]
    for code in strange[:SHOWN]:
        word = " × ".join(column.levels[code])
        what = f"{rows_in_words(column.codes == code)} the category {word!r}, which the margin does not know."
        remedy = did_you_mean(word, known)
        problems.append(Problem(f"{where}: {column.name}", what, remedy))
    if len(strange) > SHOWN:
        what = f"{len(strange) - SHOWN} more categories are not in the margin."
        problems.append(Problem(f"{where}: {column.name}", what, "Check the codes of the field."))
