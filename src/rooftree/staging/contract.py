"""Source definitions held against the canonical tables and the catalogue, before any file is opened."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from rooftree.catalogue.model import Catalogue, CodeList
from rooftree.sources.definition import read_definitions
from rooftree.sources.expressions import column_names, compile_expression, suggestion
from rooftree.sources.model import AnswerMap, Extract, SourceDefinition, TableMap, ValueMap
from rooftree.staging.plan import LINEAGE_NAMES
from rooftree.staging.schema import BY_NAME
from rooftree.staging.values import CLOSED
from rooftree.storage.tables import Column, Table
from rooftree.vocabulary.errors import DefinitionError, Problem
from rooftree.vocabulary.states import Method, State


def load_definitions(
    folder: Path, *, catalogue: Catalogue | None = None
) -> tuple[SourceDefinition, ...]:
    """Read and check all source definitions of a workspace's `sources` folder.

    Raises DefinitionError with every problem of every file at once. Without a catalogue, names of
    attributes, code lists and frames are not checked.
    """
    definitions, problems = read_definitions(folder)
    problems = [*problems, *check_definitions(definitions, catalogue=catalogue)]
    if not definitions and not problems:
        problems = [
            Problem(
                folder.name, "there is no source definition.", "Add one: sources/<system>.toml."
            )
        ]
    if problems:
        raise DefinitionError(problems)
    return definitions


def check_definitions(
    definitions: Iterable[SourceDefinition], *, catalogue: Catalogue | None = None
) -> list[Problem]:
    """Everything in the definitions that the canonical tables or the catalogue do not know."""
    problems: list[Problem] = []
    for definition in definitions:
        refs = {c.name for table in BY_NAME.values() for c in table if c.name.endswith("_ref")}
        for ref in definition.private_refs:
            if ref not in refs:
                problems.append(
                    Problem(f"{definition.place}: private_refs", f"{ref} is no reference.", suggestion(ref, refs))
                )  # fmt: skip
        for extract in definition.extracts:
            problems += _extract(extract)
            for reference in extract.references:
                if reference.column not in getattr(BY_NAME.get(reference.table), "names", ()):
                    name = f"{reference.table}.{reference.column}"
                    problems.append(
                        Problem(reference.place, f"there is no canonical column {name}.",
                                suggestion(reference.table, BY_NAME) or "Write table.column.")
                    )  # fmt: skip
            for table in extract.tables:
                problems += _table(table, catalogue)
            for answer in extract.answers:
                problems += _answer(answer, catalogue)
    return problems


def _extract(extract: Extract) -> list[Problem]:
    problems = []
    for day in extract.no_date:
        try:
            dt.date.fromisoformat(day)
        except ValueError:
            problems.append(
                Problem(
                    f"{extract.place}.no_date", f"{day!r} is not a date.", "Write it as 1900-01-01."
                )
            )
    return problems


def _table(mapping: TableMap, catalogue: Catalogue | None) -> list[Problem]:
    table = BY_NAME.get(mapping.table)
    if table is None:
        what = f"there is no canonical table {mapping.table!r}."
        near = suggestion(mapping.table, BY_NAME) or f"There are {', '.join(BY_NAME)}."
        return [Problem(mapping.place, what, near)]
    problems: list[Problem] = []
    names = [name for name in table.names if name not in LINEAGE_NAMES]
    for name, said in mapping.columns.items():
        place = f"{mapping.place}.{name}"
        if name not in names:
            problems.append(
                Problem(place, f"{table.name} has no column {name}.", suggestion(name, names))
            )
            continue
        problems += _column(table, table[name], said, place, catalogue)
    for column in table:
        if column.required and column.name in names and column.name not in mapping.columns:
            problems.append(
                Problem(
                    mapping.place,
                    f"the required column {column.name} is not mapped.",
                    f"Add {column.name}.",
                )
            )
    if mapping.where:
        problems += _expression(mapping.where, f"{mapping.place}.where")
    for rule in mapping.rules:
        place = f"{mapping.place} rule {rule.key}"
        problems += _expression(rule.holds, place, known=None if rule.of_source else names)
    return problems


def _column(
    table: Table, column: Column, said: ValueMap, place: str, catalogue: Catalogue | None
) -> list[Problem]:
    problems: list[Problem] = []
    if said.sql is not None:
        problems += _expression(said.sql, place)
    if column.name.endswith("_pence"):
        if said.unit not in ("pounds", "pence"):
            problems.append(
                Problem(
                    place, "the unit of an amount is not said.", 'Say unit = "pounds" or "pence".'
                )
            )
    elif said.unit is not None:
        problems.append(Problem(place, "unit is for amounts of money only.", "Take it out."))
    if said.part == 0:
        problems.append(Problem(place, "part = 0 is nothing.", "The first part is 1, the last -1."))
    if said.code_list is not None and catalogue is not None:
        problems += _frame(said.code_list, said.frame, place, catalogue)
    closed = _closed(table, column, said, catalogue)
    targets = list((said.codes or {}).values())
    targets += [said.constant] if said.constant is not None and column.type == "VARCHAR" else []
    if said.codes is not None and said.otherwise not in ("reject", "null", "keep"):
        targets.append(said.otherwise)
    if closed:
        problems += _unknown(targets, closed, place)
    elif column.type == "BOOLEAN":
        problems += _unknown((said.codes or {}).values(), ("true", "false"), place)
    return problems


def _closed(
    table: Table, column: Column, said: ValueMap, catalogue: Catalogue | None
) -> Sequence[str]:
    """The words that a column may hold, from the schema or from the code list that is named after it."""
    closed = CLOSED.get((table.name, column.name))
    if closed:
        return closed
    if catalogue is None:
        return ()
    key = said.code_list or LISTS.get((table.name, column.name))
    codes = catalogue.code_lists.get(key or "")
    return codes.keys if codes else ()


#: Columns whose words are a code list of the catalogue.
LISTS = {
    ("tenancy", "tenure"): "tenure",
    ("tenancy", "end_reason"): "tenancy_end_reason",
    ("property", "asset_type"): "asset_type",
    ("contact", "channel"): "channel",
    ("contact", "reason"): "contact_reason",
    ("repair", "trade"): "repair_trade",
    ("service_use", "service"): "service",
    ("preference", "channel"): "channel",
}


def _answer(mapping: AnswerMap, catalogue: Catalogue | None) -> list[Problem]:
    place = mapping.place
    problems: list[Problem] = []
    for text, name in (
        (mapping.sql, "sql"), (mapping.where, "where"), (mapping.subject.sql, "subject")
    ):  # fmt: skip
        if text:
            problems += _expression(text, f"{place}.{name}")
    methods = tuple(m.value for m in Method)
    if mapping.method.constant is not None:
        problems += _unknown([mapping.method.constant], methods, f"{place}.method")
    problems += _unknown((mapping.method.codes or {}).values(), methods, f"{place}.method")
    if catalogue is None:
        return problems
    attribute = catalogue.attributes.get(mapping.attribute)
    if attribute is None:
        near = suggestion(mapping.attribute, catalogue.attributes)
        return [
            *problems,
            Problem(place, f"the catalogue has no attribute {mapping.attribute}.", near),
        ]
    if attribute.codes is None:
        if mapping.frame is not None or mapping.flags:
            problems.append(
                Problem(place, f"{attribute.key} has no codes.", "Take out frame and flags.")
            )
        return problems
    problems += _frame(attribute.codes, mapping.frame, place, catalogue)
    codes: CodeList | None = catalogue.code_lists.get(attribute.codes)
    if codes is not None:
        targets = [*(mapping.codes or {}).values(), *mapping.flags.values()]
        if mapping.otherwise not in ("reject", "null", "keep"):
            targets.append(mapping.otherwise)
        problems += _unknown(targets, codes.keys, place)
    return problems


def _frame(key: str, frame: str | None, place: str, catalogue: Catalogue) -> list[Problem]:
    codes = catalogue.code_lists.get(key)
    if codes is None:
        near = suggestion(key, catalogue.code_lists)
        return [Problem(place, f"the catalogue has no code list {key}.", near)]
    if frame is None:
        return []
    known: Mapping[str, object] = codes.frames
    if frame not in known:
        near = suggestion(frame, known) or f"It has {', '.join(known) or 'none'}."
        return [Problem(place, f"the code list {key} has no frame {frame}.", near)]
    states = {s.value for s in State}
    return [
        Problem(place, f"frame {frame} sends {code} to {state}, which is no state.", suggestion(state, states))
        for code, state in codes.frames[frame].states.items()
        if state not in states
    ]  # fmt: skip


def _unknown(words: Iterable[str], among: Sequence[str], place: str) -> list[Problem]:
    return [
        Problem(
            place,
            f"{word!r} is not a code here.",
            suggestion(word, among) or f"Use one of {', '.join(among[:20])}.",
        )
        for word in dict.fromkeys(words)
        if word not in among
    ]


def _expression(text: str, place: str, *, known: Sequence[str] | None = None) -> list[Problem]:
    """What is wrong with an expression; with `known`, also the columns that it should not read."""
    try:
        compile_expression(text, where=place, resolve=lambda name: '"x"')
        names = column_names(text, where=place)
    except DefinitionError as error:
        return list(error.problems)
    return [
        Problem(place, f"the expression reads {name}, which is no column.", suggestion(name, known))
        for name in names
        if known is not None and name not in known
    ]
