"""Source definitions: the landlord's own words on where its extracts are and what they mean.

One TOML file per system. This module reads their shape; `rooftree.staging.contract` checks them
against the canonical tables and the catalogue, so that every problem of all files is told at once.
"""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute

from rooftree.sources.model import (
    DATE_FORMATS,
    ENCODINGS,
    FORMATS,
    AnswerMap,
    Extract,
    Reference,
    Rule,
    SourceDefinition,
    TableMap,
    ValueMap,
)
from rooftree.sources.toml_block import Block
from rooftree.vocabulary.errors import Problem
from rooftree.vocabulary.ids import digest
from rooftree.vocabulary.states import Method, Origin, SourceKind, State

pc: Any = pyarrow.compute  # its functions are made when it is imported: no type checker sees them

_KEY = re.compile(r"^[a-z][a-z0-9_]*$")
_BLANKS = tuple(state.value for state in State if state is not State.ANSWERED)


def read_definitions(folder: Path) -> tuple[tuple[SourceDefinition, ...], list[Problem]]:
    """The definitions of all `*.toml` in the folder, by file name, and everything wrong with their shape."""
    problems: list[Problem] = []
    found: list[SourceDefinition] = []
    for path in sorted(folder.glob("*.toml")):
        place = f"{folder.name}/{path.name}"
        try:
            values = tomllib.loads(path.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            problems.append(Problem(place, f"this is not valid TOML: {error}."))
            continue
        except RecursionError:
            problems.append(Problem(place, "this is not valid TOML: it is nested too deeply."))
            continue
        found.append(_definition(Block(values, place, problems)))
    seen: dict[str, str] = {}
    for definition in found:
        if definition.system in seen:
            problems.append(
                Problem(
                    definition.place,
                    f"the system {definition.system} is already defined in {seen[definition.system]}.",
                    "Put its extracts in one file, or give it another key.",
                )
            )
        seen.setdefault(definition.system, definition.place)
    return tuple(found), problems


def parse_definition(text: str, *, place: str = "source") -> tuple[SourceDefinition, list[Problem]]:
    """One definition from its text, and everything wrong with its shape."""
    problems: list[Problem] = []
    return _definition(Block(tomllib.loads(text), place, problems)), problems


def _definition(block: Block) -> SourceDefinition:
    system = block.text("system", required=True) or ""
    if system and not _KEY.match(system):
        block.problem(
            f"system = {system!r} is not a key.", "Use small letters, digits and underscores."
        )
    kind = block.choice("kind", [k.value for k in SourceKind], SourceKind.HOUSING.value)
    title, owner = block.text("title", system), block.text("owner", "")
    private = block.texts("private_refs")
    extracts: list[Extract] = []
    raw = block.values.get("extract", [])
    for n, part in enumerate(block.blocks("extract", f"{block.place}: extract")):
        extracts.append(_extract(part, system, kind, raw[n], block.place))
    if not extracts:
        block.problem("there is no extract.", "Add an [[extract]] block.")
    for key in {e.key for e in extracts if [x.key for x in extracts].count(e.key) > 1}:
        block.problem(f"the extract key {key} is used twice.", "Give each extract its own key.")
    block.finish()
    return SourceDefinition(
        system, kind, title or system, owner or "", private, tuple(extracts), block.place
    )


def _extract(block: Block, system: str, kind: str, raw: Any, file: str) -> Extract:
    key = block.text("key", required=True) or ""
    if key:
        block.place = f"{file}: {key}"
    if key and not _KEY.match(key):
        block.problem(f"key = {key!r} is not a key.", "Use small letters, digits and underscores.")
    form = block.choice("format", FORMATS, "csv")
    options = _file_options(block, form)
    tables = [t for part in block.blocks("table", f"{block.place}.table") for t in _tables(part)]
    answers = [
        a for part in block.blocks("answer", f"{block.place}.answer") for a in _answers(part)
    ]
    references = [_reference(r) for r in block.blocks("reference", f"{block.place}.reference")]
    if not tables and not answers:
        block.problem(
            "the extract feeds no table.", "Add an [[extract.table]] or an [[extract.answer]]."
        )
    if form != "jsonl" and any(m.unnest for m in (*tables, *answers, *references)):
        block.problem("unnest works on JSON lines only.", 'Set format = "jsonl", or drop unnest.')
    block.finish()
    said = digest(system, kind, json.dumps(raw, sort_keys=True, default=str))
    return Extract(
        system=system, kind=kind, key=key, format=form, tables=tuple(tables), answers=tuple(answers),
        references=tuple(references), place=block.place, digest=said, **options,
    )  # fmt: skip


def _file_options(block: Block, form: str) -> dict[str, Any]:
    skip = block.mapping("skip_lines_with")
    dates = block.texts("dates", ("yyyy-mm-dd",))
    for name in dates:
        if name not in DATE_FORMATS:
            block.problem(
                f"the date format {name!r} is not known.", f"Use some of {', '.join(DATE_FORMATS)}."
            )
    pivot = block.number("pivot_year")
    if pivot is None and any(re.search(r"(?<!y)yy$", name) for name in dates):
        block.problem(
            "a date format has a year of two digits, and no pivot_year is given.",
            "Say pivot_year = 30 where 00 to 30 are 20xx.",
        )
    if pivot is not None and not 0 <= pivot <= 99:
        block.problem(
            "pivot_year is not from 0 to 99.", "Say pivot_year = 30 where 00 to 30 are 20xx."
        )
    trailer = block.text("trailer")
    if trailer is not None and not _is_pattern(trailer):
        block.problem("trailer is not a valid pattern.")
    header_row = block.number("header_row", 1)
    if header_row is None or header_row < 1:
        header_row = 1
        block.problem("header_row is less than 1.", "The first line of a file is row 1.")
    delimiter = {"tab": "\t", "\\t": "\t"}.get(d := block.text("delimiter", ",") or ",", d)
    if (
        len(delimiter) != 1
        or not delimiter.isascii()
        or delimiter.isalnum()
        or delimiter in '"\r\n\0'
    ):
        block.problem(
            "delimiter is not one character that can stand between fields.",
            'Write "," or ";" or "tab".',
        )
        delimiter = ","
    query, database = block.text("query"), block.text("database")
    files = block.text("files", required=form != "sql") or ""
    if form == "sql" and not (query and database):
        block.problem("an extract by SQL needs both query and database.")
    return {
        "files": files,
        "take": block.choice("take", ("all", "latest"), "all"),
        "encoding": block.choice("encoding", ENCODINGS, "utf-8"),
        "delimiter": delimiter,
        "header_row": header_row,
        "sheet": block.text("sheet"),
        "skip_lines_with": (skip or {}).get("key"),
        "query": query,
        "database": database,
        "trailer": trailer,
        "renamed": block.mapping("renamed") or {},
        "dates": dates,
        "pivot_year": pivot,
        "no_date": block.texts("no_date"),
        "no_value": block.texts("no_value"),
        "optional": block.flag("optional"),
    }


def _tables(block: Block) -> list[TableMap]:
    """The table maps of one block: one, or one for each value of `repeat`."""
    return [_table(part) for part in _repeated(block)]


def _answers(block: Block) -> list[AnswerMap]:
    return [_answer(part) for part in _repeated(block)]


def _repeated(block: Block) -> list[Block]:
    repeat = block.values.get("repeat")
    if repeat is None:
        return [block]
    if (
        not isinstance(repeat, dict)
        or len(repeat) != 1
        or not all(isinstance(values, list) for values in repeat.values())
    ):
        block.problem("repeat is not one name with a list.", "Write repeat = { n = [1, 2, 3] }.")
        return []
    ((name, values),) = repeat.items()
    rest = {key: value for key, value in block.values.items() if key != "repeat"}
    return [
        Block(
            _filled(rest, "{" + name + "}", str(value)),
            f"{block.place}({name}={value})",
            block.problems,
        )
        for value in values
    ]


def _filled(value: Any, mark: str, by: str) -> Any:
    if isinstance(value, str):
        return value.replace(mark, by)
    if isinstance(value, dict):
        return {_filled(k, mark, by): _filled(v, mark, by) for k, v in value.items()}
    if isinstance(value, list):
        return [_filled(item, mark, by) for item in value]
    return value


def _table(block: Block) -> TableMap:
    name = block.text("table", required=True) or ""
    block.place = f"{block.place} {name}"
    columns: dict[str, ValueMap] = {}
    raw = block.raw("columns")
    if not isinstance(raw, dict) or not raw:
        block.problem("the table has no columns.", "Add [extract.table.columns].")
        raw = {}
    for column, said in raw.items():
        columns[column] = _value(said, f"{block.place}.{column}", block)
    rules = tuple(_rule(part) for part in block.blocks("rule", f"{block.place} rule"))
    for key in {r.key for r in rules if [x.key for x in rules].count(r.key) > 1}:
        block.problem(f"the rule key {key} is used twice.", "Give each rule its own key.")
    result = TableMap(
        table=name,
        columns=columns,
        where=block.text("where"),
        unnest=block.text("unnest") or None,
        rules=rules,
        repeats=block.choice("repeats", ("reject", "keep"), "reject"),
        place=block.place,
    )
    block.finish()
    return result


def _rule(block: Block) -> Rule:
    key = block.text("key", required=True) or ""
    holds, source_holds = block.text("holds"), block.text("source_holds")
    if (holds is None) == (source_holds is None):
        block.problem("exactly one of holds and source_holds is needed.")
    rule = Rule(
        key=key,
        holds=holds or source_holds or "true",
        of_source=source_holds is not None,
        on_failure=block.choice("on_failure", ("reject", "issue"), "reject"),
        message=block.text("message", required=True) or "",
        remedy=block.text("remedy", required=True) or "",
    )
    block.finish()
    return rule


def _reference(block: Block) -> Reference:
    key = block.text("key", required=True) or ""
    block.place = f"{block.place} {key}"
    table, _, column = (block.text("to", required=True) or "").partition(".")
    reference = Reference(
        key=key,
        source=block.text("from", required=True) or "",
        table=table,
        column=column,
        system=block.text("system"),
        message=block.text("message", required=True) or "",
        remedy=block.text("remedy", required=True) or "",
        unnest=block.text("unnest"),
        place=block.place,
    )
    block.finish()
    return reference


def _value(said: Any, place: str, parent: Block) -> ValueMap:
    if isinstance(said, str):
        return ValueMap(source=said)
    if not isinstance(said, dict):
        parent.problem(f"{place} is neither a column's name nor a table.", 'Write x = "Column".')
        return ValueMap(constant="")
    block = Block(said, place, parent.problems)
    constant = block.raw("constant")
    value = ValueMap(
        source=block.text("from"),
        sql=block.text("sql"),
        constant=None if constant is None else _as_text(constant),
        codes=block.mapping("map"),
        code_list=block.text("list"),
        frame=block.text("frame"),
        otherwise=block.text("otherwise", "reject") or "reject",
        unit=block.text("unit"),
        negate=block.flag("negate"),
        split=block.text("split"),
        part=block.number("part", 1) or 1,
        optional=block.flag("optional"),
    )
    said_by = {"from": value.source, "sql": value.sql, "constant": value.constant}
    given = [name for name, found in said_by.items() if found is not None]
    if len(given) != 1:
        block.problem(
            "exactly one of from, sql and constant is needed; "
            + (f"{' and '.join(given)} are given." if given else "none is given.")
        )
    if value.frame and not value.code_list:
        block.problem("frame is given without list.", 'Say which code list: list = "tenure".')
    block.finish()
    return value


def _as_text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _answer(block: Block) -> AnswerMap:
    attribute = block.text("attribute", required=True) or ""
    block.place = f"{block.place} {attribute}"
    method = block.raw("method")
    if isinstance(method, str):
        method = {"constant": method}
    source, sql, flags = block.text("from"), block.text("sql"), block.mapping("flags") or {}
    if sum((source is not None, sql is not None, bool(flags))) != 1:
        block.problem("exactly one of from, sql and flags is needed.")
    confidence = block.raw("confidence")
    if confidence is not None and not (
        isinstance(confidence, int | float) and 0 <= confidence <= 1
    ):
        block.problem("confidence is not a number from 0 to 1.")
        confidence = None
    result = AnswerMap(
        attribute=attribute,
        subject=_subject(block),
        source=source,
        sql=sql,
        flags=flags,
        flag_yes=block.texts("flag_yes", AnswerMap.__dataclass_fields__["flag_yes"].default),
        frame=block.text("frame"),
        codes=block.mapping("map"),
        otherwise=block.text("otherwise", "reject") or "reject",
        refused=block.texts("refused"),
        dont_know=block.texts("dont_know"),
        not_applicable=block.texts("not_applicable"),
        blank=block.choice("blank", _BLANKS, State.NOT_ASKED.value),
        separator=block.text("separator"),
        unit=block.text("unit"),
        recorded_on=block.text("recorded_on"),
        method=_value(method, f"{block.place}.method", block) if method else ValueMap(constant=Method.SYSTEM.value),
        recorded_by=block.text("recorded_by"),
        origin=block.choice("origin", [o.value for o in Origin], "") if "origin" in block.values else None,
        confidence=confidence,
        where=block.text("where"),
        unnest=block.text("unnest") or None,
        optional=block.flag("optional"),
        place=block.place,
    )  # fmt: skip
    block.finish()
    return result


def _subject(block: Block) -> ValueMap:
    """Whom an answer is about: a column, or an expression where the extract has no such column."""
    said = block.raw("subject")
    if said is None:
        block.problem(
            "subject is missing.", "Name the column with the reference of whom it is about."
        )
        return ValueMap(constant="")
    return _value(said, f"{block.place}.subject", block)


def _is_pattern(text: str) -> bool:
    """Is it a pattern for RE2, which the engine matches by? It knows no look-ahead and no back reference."""
    try:
        pc.match_substring_regex(pa.array([""]), text)
    except pa.ArrowInvalid:
        return False
    return True
