"""The perception measures from responses: the share satisfied, with what it may be wrong by.

Three rules of the Regulator are kept here. One response of a household counts. Low cost rental and low
cost home ownership are reported apart. The share is of those who gave one of the five answers: "not
applicable" and "don't know" are counted and left out.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa

from rooftree.catalogue.fields import did_you_mean
from rooftree.catalogue.model import CodeList
from rooftree.survey.definitions import Measure, SurveyDefinitions
from rooftree.survey.estimate import estimate
from rooftree.survey.tables import (
    CODES_AT_MOST,
    SHOWN,
    as_table,
    check_columns,
    coded,
    rows_in_words,
)
from rooftree.survey.weighting import Weighting
from rooftree.vocabulary.errors import DataError, Problem, UserError

#: How an answer that is none may stand in a file, beside what the code list's own frame says.
NO_ANSWER = frozenset({
    "not_applicable", "not applicable", "dont_know", "don't know", "refused", "unable to answer",
    "not applicable/don't know", "not applicable / don't know", "unable to answer/refused",
})  # fmt: skip

#: Those of them that only some measures offer.
_NOT_OFFERED = NO_ANSWER - {"refused", "unable to answer", "unable to answer/refused"}

#: Answers to the question that decides who is asked a measure.
_YES = frozenset({"yes", "y", "true", "1", "1.0"})


@dataclass(frozen=True, slots=True)
class Perception:
    """The measures of one population.

    `table`: the fields of `by`, `variable` (tp01), `code` (TP01), `label`, `estimate` (the share that
    counts as satisfied), `standard_error`, `low`, `high`, `design_effect`, `effective_n`, `n` (gave one
    of the five answers), `n_missing` (did not: not applicable, don't know, not asked, blank). What
    leaves the building goes through disclosure control first: give it as `protect`.
    """

    table: pa.Table
    population: str
    n_responses: int
    level: float
    warnings: tuple[Problem, ...]


def measures(
    responses: Any,
    *,
    on: dt.date,
    definitions: SurveyDefinitions,
    population: str = "lcra",
    population_column: str | None = None,
    columns: Mapping[str, str] | None = None,
    household: str | None = None,
    by: str | Sequence[str] = (),
    weight: str | None = None,
    strata: str | None = None,
    cluster: str | None = None,
    fpc: str | None = None,
    level: float = 0.95,
    protect: Callable[[pa.Table], pa.Table] | None = None,
) -> Perception:
    """The perception measures of a population on a day, from one row for each response.

    responses: a table, or a Weighting made of the responses of this population alone.
    population_column: the column that says lcra or lcho; rows of the other are left out.
    columns: the column of each measure, {"tp01": "Q1"}; left out, the columns named like the measure.
        Answers are codes or labels of its code list.
    household: the column that says whose response it is; two of one household are refused. See
        `one_per_household`.
    by and the design: as for `estimate`.

    Raises DataError for answers that no code list knows, for two responses of one household, and for
    an answer to a measure from somebody who said that the question does not apply to them.
    """
    asked = definitions.measures_on(on, population=population)
    data = _of_population(responses, population, population_column)
    table = data.table if isinstance(data, Weighting) else data
    warnings: list[Problem] = []
    if household is None:
        what = "no column says whose response it is, so one per household was not checked."
        warnings.append(Problem("responses", what, "Name the column of the household."))
    else:
        _check_households(table, household)
    found = {m: name for m in asked if (name := _column(m, table, columns)) is not None}
    if not found:
        remedy = "Name the columns of the measures tp01 to tp12, or say columns={'tp01': ...}."
        raise DataError([Problem("responses", "hold none of the measures.", remedy)])
    warnings += [
        Problem("responses", f"{m.code} is not among the columns.", "Every measure is published.")
        for m in asked
        if m not in found
    ]
    warnings += [w for m, name in found.items() if (w := _not_offered(m, table, name)) is not None]
    data = _coded(data, table, found, definitions.code_lists)
    design: dict[str, Any] = {"weight": weight, "strata": strata, "cluster": cluster, "fpc": fpc}
    made = [
        (m, estimate(data, _ours(m), statistic="proportion", counts=m.counts, by=by, level=level, **design))
        for m in found
    ]  # fmt: skip
    result = pa.concat_tables([_labelled(each.table, m) for m, each in made])
    warnings += list(dict.fromkeys(w for _, each in made for w in each.warnings))
    return Perception(
        protect(result) if protect else result, population, table.num_rows, level, tuple(warnings)
    )


def one_per_household(
    responses: Any, household: str, *, keep: str, answered_on: str
) -> tuple[pa.Table, int]:
    """The first or the last response of each household, and how many others were left out.

    Ties of date are settled by the order of the rows. Rows without a household stay.
    """
    if keep not in ("first", "last"):
        raise UserError("Keep the `first` or the `last` response of a household.")
    table = as_table(responses)
    check_columns(table, [household, answered_on], where="responses")
    order = np.argsort(
        np.array(table[answered_on].to_pylist(), dtype="datetime64[s]"), kind="stable"
    )
    ids = table[household].to_pylist()
    chosen: dict[Any, int] = {}
    alone = []
    for row in order if keep == "last" else order[::-1]:
        if ids[row] is None:
            alone.append(int(row))
        else:
            chosen[ids[row]] = int(row)
    kept = table.take(pa.array(sorted([*chosen.values(), *alone]), pa.int64()))
    return kept, table.num_rows - kept.num_rows


def _of_population(responses: Any, population: str, column: str | None) -> pa.Table | Weighting:
    table = responses.table if isinstance(responses, Weighting) else as_table(responses)
    if column is None:
        return responses if isinstance(responses, Weighting) else table
    check_columns(table, [column], where="responses")
    said = [str(value).strip().casefold() for value in table[column].to_pylist()]
    inside = pa.array([word == population for word in said])
    if isinstance(responses, Weighting):
        if not all(inside.to_pylist()):
            raise UserError(
                "The weights were made of both populations together. Take the responses of one, "
                "weight them to the tenants of that one, and ask again."
            )
        return responses
    kept = table.filter(inside)
    if not kept.num_rows:
        what = f"no response is of {population}."
        raise DataError([Problem(f"responses: {column}", what, "It must say lcra or lcho.")])
    return kept


def _check_households(table: pa.Table, household: str) -> None:
    found = coded(table, household, where="responses")
    counts = np.bincount(found.codes[found.codes >= 0], minlength=len(found.levels))
    problems = []
    twice = int((counts > 1).sum())
    if twice:
        again = (counts > 1)[found.codes] & (found.codes >= 0)
        what = f"{twice:,} households answered more than once ({rows_in_words(again)} one of them)."
        remedy = "One response counts: choose it with one_per_household, and say how."
        problems.append(Problem(f"responses: {household}", what, remedy))
    if (found.codes < 0).any():
        what = f"{rows_in_words(found.codes < 0)} no household."
        remedy = "Give each response its household, or leave those out and say so."
        problems.append(Problem(f"responses: {household}", what, remedy))
    if problems:
        raise DataError(problems)


def _ours(measure: Measure) -> str:
    """The name of a measure in the result, whatever its entry is called."""
    return measure.code.lower()


def _column(measure: Measure, table: pa.Table, columns: Mapping[str, str] | None) -> str | None:
    if columns is not None:
        named = {key.lower(): name for key, name in columns.items()}.get(_ours(measure))
        if named is not None:
            check_columns(table, [named], where="responses")
        return named
    return next((n for n in table.column_names if n.strip().lower() == _ours(measure)), None)


def _not_offered(measure: Measure, table: pa.Table, name: str) -> Problem | None:
    """Whether some gave an answer that the measure does not offer: it is left out, and told."""
    if measure.not_applicable_offered:
        return None
    words = [
        str(value).strip().casefold() for value in table[name].to_pylist() if value is not None
    ]
    count = sum(word in _NOT_OFFERED for word in words)
    if not count:
        return None
    what = f"{count:,} did not know or said that it does not apply, which {measure.code} does not offer."
    remedy = (
        "They are left out. Only a refusal on the telephone may be recorded so: check the form."
    )
    return Problem(f"responses: {name}", what, remedy)


def _coded(
    data: pa.Table | Weighting,
    table: pa.Table,
    found: Mapping[Measure, str],
    lists: Mapping[str, CodeList],
) -> pa.Table | Weighting:
    """The responses with a column of codes for each measure; null where there is no answer."""
    problems: list[Problem] = []
    result = table
    for measure, name in found.items():
        codes = _codes(table[name].to_pylist(), name, lists[measure.answers], problems)
        _check_filter(table, measure, name, codes, problems)
        array = pa.array(codes, pa.string())
        ours = _ours(measure)
        if ours in result.column_names:
            result = result.set_column(result.column_names.index(ours), ours, array)
        else:
            result = result.append_column(ours, array)
    if problems:
        raise DataError(problems, f"{len(problems)} problems in the responses")
    return replace(data, table=result) if isinstance(data, Weighting) else result


def _codes(
    values: Sequence[Any], name: str, codes: CodeList, problems: list[Problem]
) -> list[str | None]:
    known = {code.label.casefold(): code.key for code in codes.codes}
    known |= {code.key.casefold(): code.key for code in codes.codes}
    frame = codes.frames.get("tsm")
    none = set(NO_ANSWER)
    if frame is not None:
        known |= {raw.casefold(): ours for raw, ours in frame.to_ours.items()}
        none |= {raw.casefold() for raw in (*frame.states, *frame.ambiguous)}
    words = [None if value is None else str(value).strip().casefold() for value in values]
    strange = {word for word in words if word and word not in known and word not in none}
    if len(strange) > CODES_AT_MOST:
        what = f"holds {len(strange):,} values that are no answer."
        problems.append(Problem(f"responses: {name}", what, "Check that it is the right column."))
        strange = set()
    for word in sorted(strange)[:SHOWN]:
        rows = np.array([each == word for each in words])
        what = f"{rows_in_words(rows)} the answer {word!r}, which {codes.label} does not have."
        remedy = did_you_mean(word, [code.key for code in codes.codes])
        problems.append(Problem(f"responses: {name}", what, remedy))
    return [known.get(word) if word else None for word in words]


def _check_filter(
    table: pa.Table,
    measure: Measure,
    name: str,
    codes: Sequence[str | None],
    problems: list[Problem],
) -> None:
    """An answer from somebody who said that the question does not apply contradicts itself."""
    if measure.filter is None or measure.filter not in table.column_names:
        return
    said = table[measure.filter].to_pylist()
    wrong = np.array(
        [
            code is not None and value is not None and str(value).strip().casefold() not in _YES
            for code, value in zip(codes, said, strict=True)
        ]
    )
    if wrong.any():
        what = f"{rows_in_words(wrong)} an answer, and no to {measure.filter}."
        remedy = f"{measure.code} is asked only of those who said yes: correct one of the two."
        problems.append(Problem(f"responses: {name}", what, remedy))


def _labelled(table: pa.Table, measure: Measure) -> pa.Table:
    place = table.column_names.index("variable") + 1
    rows = table.num_rows
    result = table.drop_columns(["category"])
    result = result.add_column(place, "label", pa.array([measure.label] * rows))
    return result.add_column(place, "code", pa.array([measure.code] * rows))
