"""Statements about one attribute out of an extract, as a plan for the table `answer`."""

from __future__ import annotations

from rooftree.catalogue.model import Attribute, Catalogue
from rooftree.sources.model import AnswerMap, Extract, ValueMap
from rooftree.sources.reading import Reading
from rooftree.staging import conversions as to
from rooftree.staging.plan import Builder, Check, Names, Plan, without_sentinels
from rooftree.staging.schema import ANSWER
from rooftree.storage.engine import quote
from rooftree.vocabulary.states import Grain, Method, Origin, State

_ANSWERED = quote(State.ANSWERED.value)


def plan_answer(
    mapping: AnswerMap, *, extract: Extract, reading: Reading, catalogue: Catalogue | None
) -> Plan | None:
    """The plan of one attribute over one file; None where an optional column is not there.

    A cell becomes a state first (blank, refused, don't know, not applicable) and a value only where
    it is answered. A code that the frame calls ambiguous is kept raw with the state `not_asked`:
    nothing is known in our codes, and nothing is guessed. A blank that means `not_asked` is no
    statement at all.
    """
    names = Names(reading, unnest=mapping.unnest)
    builder = Builder(mapping.place, extract, names, catalogue)
    attribute = catalogue.attributes.get(mapping.attribute) if catalogue else None
    raw = _raw(mapping, builder)
    subject = builder.raw(mapping.subject)
    if raw is None and mapping.optional:
        return None
    recorded_on = builder.raw(ValueMap(source=mapping.recorded_on)) if mapping.recorded_on else None
    recorded_by = builder.raw(ValueMap(source=mapping.recorded_by)) if mapping.recorded_by else None
    method = _method(mapping, builder)
    where = builder.condition(mapping.where) if mapping.where else None
    builder.stop_if_missing()
    assert subject is not None
    builder.values += [
        ("r_value", raw or "NULL"),
        ("r_subject_ref", subject),
        ("r_recorded_on", recorded_on or "CAST(NULL AS VARCHAR)"),
        ("r_method", method),
    ]
    ambiguous = _add_meaning(mapping, attribute, builder, catalogue)
    _add_columns(mapping, attribute, builder, recorded_by)
    return Plan(
        table=ANSWER,
        place=mapping.place,
        where=where,
        unnest=mapping.unnest,
        values=tuple(builder.values),
        columns=tuple(builder.columns),
        checks=tuple(_checks(mapping, attribute, ambiguous)),
        emit='"m_state" IS NOT NULL',
        used=tuple(names.used),
    )


def _add_meaning(
    mapping: AnswerMap, attribute: Attribute | None, builder: Builder, catalogue: Catalogue | None
) -> tuple[str, ...]:
    """The values `m_state` and `m_value`; returns the codes that would need a guess."""
    states, codes, ambiguous = _meanings(mapping, attribute, catalogue)
    answer = '"r_value"'
    if attribute is not None and attribute.type == "date":
        said = ValueMap(source=mapping.source, sql=mapping.sql)
        builder.values.append(("p_value", builder.parsed(ANSWER["recorded_on"], said, answer)))
        known = without_sentinels('"p_value"', builder.extract.no_date)
        answer = f'CASE WHEN "p_value" IS NULL OR {known} IS NOT NULL THEN "r_value" END'
    builder.values += [
        ("m_answer", answer),
        ("m_state", _state(mapping, states, ambiguous)),
        (
            "m_value",
            f'CASE WHEN "m_state" = {_ANSWERED} THEN {_value(mapping, attribute, codes)} END',
        ),
    ]
    return ambiguous


def _add_columns(
    mapping: AnswerMap, attribute: Attribute | None, builder: Builder, recorded_by: str | None
) -> None:
    """The columns of the table `answer`, over the values."""
    nothing = "CAST(NULL AS VARCHAR)"
    grain = attribute.grain if attribute else Grain.PERSON
    origin = mapping.origin or (attribute.origin.value if attribute else Origin.TOLD.value)
    said_on = ValueMap(source=mapping.recorded_on)
    parsed = builder.parsed(ANSWER["recorded_on"], said_on, '"r_recorded_on"')
    recorded_on = builder.day("recorded_on", parsed)
    if recorded_by:
        builder.values.append(("r_recorded_by", recorded_by))
    confidence = "CAST(NULL AS DOUBLE)" if mapping.confidence is None else str(mapping.confidence)
    builder.columns += [
        ("attribute", quote(mapping.attribute)),
        ("grain", quote(grain.value)),
        ("subject_ref", '"r_subject_ref"'),
        ("state", '"m_state"'),
        ("value", '"m_value"'),
        ("raw_value", '"r_value"'),
        ("frame", quote(mapping.frame) if mapping.frame else nothing),
        ("origin", quote(origin)),
        ("method", '"r_method"'),
        ("recorded_by", '"r_recorded_by"' if recorded_by else nothing),
        ("recorded_on", recorded_on if mapping.recorded_on else "CAST(NULL AS DATE)"),
        ("confidence", confidence),
    ]


def _raw(mapping: AnswerMap, builder: Builder) -> str | None:
    """The cell's text; for flags, the codes of the columns that say yes, joined."""
    if not mapping.flags:
        return builder.raw(
            ValueMap(source=mapping.source, sql=mapping.sql, optional=mapping.optional)
        )
    yes = ", ".join(quote(word) for word in mapping.flag_yes)
    parts = []
    for column, code in mapping.flags.items():
        cell = builder.raw(ValueMap(source=column, optional=mapping.optional))
        if cell is not None:
            parts.append(f"CASE WHEN {cell} IN ({yes}) THEN {quote(code)} END")
    return f"NULLIF(concat_ws(';', {', '.join(parts)}), '')" if parts else None


def _method(mapping: AnswerMap, builder: Builder) -> str:
    said = mapping.method
    raw = builder.raw(said) or quote(Method.SYSTEM.value)
    return to.mapped(raw, dict(said.codes), otherwise=quote(Method.SYSTEM.value)) if said.codes else raw  # fmt: skip


def _meanings(
    mapping: AnswerMap, attribute: Attribute | None, catalogue: Catalogue | None
) -> tuple[dict[str, str], dict[str, str] | None, tuple[str, ...]]:
    """What raw codes mean: states of knowledge, our codes, and codes that would need a guess."""
    states = dict.fromkeys(mapping.refused, State.REFUSED.value)
    states |= dict.fromkeys(mapping.dont_know, State.DONT_KNOW.value)
    states |= dict.fromkeys(mapping.not_applicable, State.NOT_APPLICABLE.value)
    codes = dict(mapping.codes) if mapping.codes is not None else None
    ambiguous: tuple[str, ...] = ()
    if attribute is not None and attribute.codes and catalogue is not None:
        code_list = catalogue.code_lists[attribute.codes]
        if mapping.frame:
            frame = code_list.frames[mapping.frame]
            states = dict(frame.states) | states
            codes = dict(frame.to_ours) if codes is None else codes
            ambiguous = tuple(code for code in frame.ambiguous if code not in (codes or {}))
        elif codes is None:
            codes = {key: key for key in code_list.keys}
    return states, codes, ambiguous


def _state(mapping: AnswerMap, states: dict[str, str], ambiguous: tuple[str, ...]) -> str:
    blank = "NULL" if mapping.blank == State.NOT_ASKED.value else quote(mapping.blank)
    known = {**states, **dict.fromkeys(ambiguous, State.NOT_ASKED.value)}
    inner = to.mapped('"r_value"', known, otherwise=_ANSWERED) if known else _ANSWERED
    return f'CASE WHEN "m_answer" IS NULL THEN {blank} ELSE {inner} END'


def _value(mapping: AnswerMap, attribute: Attribute | None, codes: dict[str, str] | None) -> str:
    kind = attribute.type if attribute else "text"
    raw = '"r_value"'
    if mapping.flags:
        return f"array_to_string(list_sort(list_distinct(string_split({raw}, ';'))), ';')"
    if kind == "codes" and codes is not None:
        return _several(raw, mapping.separator, codes, mapping.otherwise)
    if codes is not None:
        other = None if mapping.otherwise in ("reject", "null") else quote(mapping.otherwise)
        raw = to.mapped(raw, codes, otherwise=raw if mapping.otherwise == "keep" else other)
        if kind in ("code", "codes", "text"):
            return raw
    if kind == "date":
        return 'CAST("p_value" AS VARCHAR)'
    if kind == "money":
        return f"CAST({to.pence(raw, unit=mapping.unit or 'pence')} AS VARCHAR)"
    if kind == "number":
        return f"rtrim(rtrim(CAST({to.decimal(raw)} AS VARCHAR), '0'), '.')"
    if kind == "boolean":
        return f"CAST({to.boolean(raw)} AS VARCHAR)"
    return raw


def _several(raw: str, separator: str | None, codes: dict[str, str], otherwise: str) -> str:
    """Several codes in one cell, each mapped, sorted, joined; null where one is not known."""
    parts = f"string_split({raw}, {quote(separator or ';')})"
    one = to.mapped("NULLIF(trim(part), '')", codes)
    kept = (
        f"list_transform(list_filter({parts}, lambda part: trim(part) <> ''), lambda part: {one})"
    )
    joined = f"array_to_string(list_sort(list_distinct({kept})), ';')"
    if otherwise == "null":
        return f"NULLIF({joined}, '')"
    return f"CASE WHEN len(list_filter({kept}, lambda code: code IS NULL)) = 0 THEN {joined} END"


def _checks(
    mapping: AnswerMap, attribute: Attribute | None, ambiguous: tuple[str, ...]
) -> list[Check]:
    field = mapping.attribute
    kind = attribute.type if attribute else "text"
    rule = "unknown_code" if kind in ("code", "codes") else f"not_a_{kind}"
    checks = [
        Check('"r_subject_ref" IS NULL', "required", field, f"{field}: whose answer it is, is missing.",
              "Fill in the reference at the source."),
        Check(f"\"m_state\" = {_ANSWERED} AND \"m_value\" IS NULL", rule, field,
              f"An answer to {field} is not a {'known code' if rule == 'unknown_code' else kind}.",
              "Add the code to the frame or map, or correct it in the source.", mapping.otherwise != "null"),
        Check('"r_recorded_on" IS NOT NULL AND "p_recorded_on" IS NULL', "not_a_date", field,
              f"The date on which {field} was recorded is not a date.",
              "Correct it in the source, or add its format to the definition."),
    ]  # fmt: skip
    if ambiguous:
        words = ", ".join(quote(code) for code in ambiguous)
        checks.append(
            Check(f'"r_value" IN ({words})', "ambiguous_code", field,
                  f"An outside code of {field} would need a guess; it is kept as it is and counts as not asked.",
                  "Ask the question in today's words when you next speak to the person.", False)
        )  # fmt: skip
    if attribute is not None and kind in ("number", "money"):
        for bound, sign in ((attribute.minimum, "<"), (attribute.maximum, ">")):
            if bound is not None:
                checks.append(
                    Check(f'TRY_CAST("m_value" AS DOUBLE) {sign} {bound}', "out_of_range", field,
                          f"An answer to {field} is outside its range.", "Correct it in the source.")
                )  # fmt: skip
    return checks
