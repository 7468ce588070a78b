"""Turns one entry of a definition file into one value of the model, noting every problem of it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from rooftree.catalogue.documents import Entry
from rooftree.catalogue.fields import Fields
from rooftree.catalogue.model import (
    Attribute,
    Code,
    CodeList,
    Feature,
    FrameMap,
    Purpose,
    Question,
)
from rooftree.catalogue.precedence import read_precedence
from rooftree.vocabulary.errors import Problem
from rooftree.vocabulary.states import Grain, Origin, Sensitivity, State

ATTRIBUTE_TYPES = ("code", "codes", "text", "number", "money", "date", "boolean")
FEATURE_TYPES = ("code", "number", "money", "date", "boolean", "text")

#: Who should have a value, so that completeness has a denominator.
#: The profile stage says who exactly is in each.
POPULATIONS: Mapping[str, Grain] = {
    "customers": Grain.PERSON,
    "everyone": Grain.PERSON,
    "adults": Grain.PERSON,
    "household_members": Grain.PERSON,
    "tenants": Grain.PERSON,
    "lead_tenants": Grain.PERSON,
    "households": Grain.HOUSEHOLD,
    "tenancies": Grain.TENANCY,
    "homes": Grain.HOME,
}
#: The population of an attribute that does not name one.
_OWN = {
    Grain.PERSON: "customers",
    Grain.HOUSEHOLD: "households",
    Grain.TENANCY: "tenancies",
    Grain.HOME: "homes",
}

#: Why a code does not go out to a frame that is read only.
READ_ONLY = "This frame is read and never written."

# Published lists keep their own codes ("MED1.01"), so capitals and stops are allowed in a code. A
# semicolon is not: it joins several codes of one answer.
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.+-]*")


def read_attribute(entry: Entry, problems: list[Problem]) -> Attribute:
    """The attribute that a file `attributes/<key>.toml` defines."""
    fields = Fields(entry.table, entry.where, problems)
    grain = fields.choice("grain", Grain)
    attribute = Attribute(
        key=key_of(fields, entry),
        label=fields.text("label"),
        topic=fields.text("topic"),
        grain=grain,
        type=fields.one_of("type", ATTRIBUTE_TYPES),
        meaning=fields.text("meaning"),
        sensitivity=fields.choice("sensitivity", Sensitivity),
        select_for=fields.texts("select_for"),
        count_for=fields.texts("count_for"),
        fresh_months=fields.months("fresh_months", never=True),
        keep_months=fields.months("keep_months") or 1,
        precedence=read_precedence(fields),
        owner=fields.text("owner"),
        reviewed_on=fields.date("reviewed_on"),
        codes=fields.text("codes", required=False) or None,
        question=_question(fields.inner("question")),
        minimum=fields.number("minimum"),
        maximum=fields.number("maximum"),
        usual_minimum=fields.number("usual_minimum"),
        usual_maximum=fields.number("usual_maximum"),
        population=_population(fields, grain),
        origin=fields.choice("origin", Origin, default=Origin.TOLD),
        derived_from=fields.texts("derived_from", required=False),
        essential=fields.flag("essential", default=False),
        unit=fields.text("unit", required=False),
        equality_monitoring=fields.flag("equality_monitoring", default=False),
        sources=fields.texts("sources"),
    )
    serves_something(fields)
    fields.finish()
    return attribute


def key_of(fields: Fields, entry: Entry) -> str:
    """The key, which must be the name of the file where the file holds one definition."""
    key = fields.key()
    if key and entry.stem is not None and key != entry.stem:
        fields.problem(
            "key",
            f"{key!r} is not the name of the file.",
            f"Name the file {key}.toml, or the key {entry.stem}.",
        )
    return key


def _population(fields: Fields, grain: Grain) -> str:
    """Who should have a value; left out, everybody or everything of the attribute's grain."""
    own = _OWN[grain]
    population = fields.one_of("population", POPULATIONS, default=own)
    if population in POPULATIONS and POPULATIONS[population] != grain:
        fields.problem(
            "population",
            f"{population} counts by {POPULATIONS[population].value}, the attribute by {grain.value}.",
            f"Use {own}, or another that counts by {grain.value}.",
        )
    return population


def serves_something(fields: Fields) -> None:
    """Note a definition that may be used for nothing."""
    if fields.table.get("select_for") == [] and fields.table.get("count_for") == []:
        fields.problem(
            "count_for", "serves no purpose.", "What serves no purpose may not be kept: name one."
        )


def _question(fields: Fields | None) -> Question | None:
    if fields is None:
        return None
    question = Question(
        wording=fields.text("wording"),
        source=fields.text("source"),
        help=fields.text("help", required=False),
        why_we_ask=fields.text("why_we_ask", required=False),
        ask_if=fields.text("ask_if", required=False),
        refusal=fields.text("refusal", required=False, default="Prefer not to say"),
    )
    fields.finish()
    return question


def read_code_list(entry: Entry, problems: list[Problem]) -> CodeList:
    """The code list that a file `code_lists/<key>.toml` defines, with its maps to outside frames."""
    fields = Fields(entry.table, entry.where, problems)
    codes = tuple(
        read_code(fields, key, value)
        for key, value in fields.tables("codes", required=True).items()
    )
    keys = [code.key for code in codes]
    frames = {
        frame: _frame(fields, frame, value, keys)
        for frame, value in fields.tables("frames").items()
    }
    code_list = CodeList(
        key=key_of(fields, entry),
        label=fields.text("label"),
        source=fields.text("source"),
        codes=codes,
        frames=frames,
        parents=fields.text("parents", required=False) or None,
    )
    fields.finish()
    return code_list


def read_code(fields: Fields, key: str, value: Any) -> Code:
    """One code: a label alone, or a table with label, parent, note and flags."""
    if not _CODE.fullmatch(key):
        fields.problem(
            f"codes.{key}",
            "cannot be a code.",
            "Use letters, digits, underscores, stops, plus and minus signs.",
        )
    if isinstance(value, str):
        return Code(key, value)
    if not isinstance(value, dict):
        fields.problem(f"codes.{key}", "is not a label.", 'Write a text, or { label = "..." }.')
        return Code(key, "")
    inner = Fields(value, fields.where, fields.problems, f"codes.{key}.")
    code = Code(
        key,
        label=inner.text("label"),
        parent=inner.text("parent", required=False) or None,
        note=inner.text("note", required=False),
        flags=inner.texts("flags", required=False),
    )
    inner.finish()
    return code


def _frame(fields: Fields, frame: str, value: Any, codes: Sequence[str]) -> FrameMap:
    """One map: `same` holds in both directions, `inward` and `outward` in one.

    With `inward_only = true` the frame is read and never written: nothing need be said of the way out.
    """
    if not isinstance(value, dict):
        fields.problem(f"frames.{frame}", "is not a table.", f"Begin with [frames.{frame}].")
        value = {}
    inner = Fields(value, fields.where, fields.problems, f"frames.{frame}.")
    inward_only = inner.flag("inward_only", default=False)
    same, inward = inner.mapping("same"), inner.mapping("inward")
    outward = inner.mapping("outward")
    states = inner.mapping("states")
    known = [state.value for state in State if state is not State.ANSWERED]
    for raw, state in states.items():
        if state not in known:
            inner.problem(
                f"states.{raw}", f"{state!r} is not a state.", f"Use one of: {', '.join(known)}."
            )
    for raw in sorted(same.keys() & inward.keys()):
        inner.problem(f"inward.{raw}", "is in `same` already.", "Leave one of them out.")
    result = FrameMap(
        frame=frame,
        source=inner.text("source"),
        to_ours=same | inward,
        from_ours=_turned(inner, {} if inward_only else same) | outward,
        states=states,
        ambiguous=inner.mapping("ambiguous"),
        lossy=dict.fromkeys(codes, READ_ONLY) if inward_only else inner.mapping("lossy"),
    )
    inner.finish()
    return result


def _turned(fields: Fields, same: Mapping[str, str]) -> dict[str, str]:
    """A map in the other direction. Two outside codes for one of ours leave its way back open."""
    result: dict[str, str] = {}
    for raw, ours in same.items():
        if ours in result:
            fields.problem(
                f"same.{raw}",
                f"{ours!r} is the meaning of {result[ours]!r} already.",
                "Keep one of them in `same` and move the other to `inward`.",
            )
        result.setdefault(ours, raw)
    return result


def read_purpose(entry: Entry, problems: list[Problem]) -> Purpose:
    """The purpose that one [[purpose]] entry of purposes.toml defines."""
    fields = Fields(entry.table, entry.where, problems)
    purpose = Purpose(
        key=key_of(fields, entry),
        label=fields.text("label"),
        why=fields.text("why"),
        selects=fields.flag("selects"),
        basis_council=fields.text("basis_council"),
        basis_association=fields.text("basis_association"),
        special_category_condition=fields.text("special_category_condition", required=False),
    )
    fields.finish()
    return purpose


def read_feature(entry: Entry, problems: list[Problem]) -> Feature:
    """The feature that one [[feature]] entry of features/<topic>.toml defines."""
    fields = Fields(entry.table, entry.where, problems)
    feature = Feature(
        key=key_of(fields, entry),
        label=fields.text("label"),
        topic=fields.text("topic"),
        table=fields.text("table"),
        grain=fields.choice("grain", Grain),
        type=fields.one_of("type", FEATURE_TYPES),
        unit=fields.text("unit", required=False),
        window=fields.text("window"),
        meaning=fields.text("meaning"),
        owner=fields.text("owner"),
        reviewed_on=fields.date("reviewed_on"),
        sensitivity=fields.choice("sensitivity", Sensitivity),
        select_for=fields.texts("select_for"),
        count_for=fields.texts("count_for"),
        reads=fields.texts("reads"),
        codes=fields.text("codes", required=False) or None,
        sources=fields.texts("sources", required=False),
        column=fields.text("column", required=False),
    )
    serves_something(fields)
    fields.finish()
    return feature
