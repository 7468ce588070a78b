"""Turns one file `segments/<key>.toml` into a SegmentDefinition, noting every problem of it but those of its rule."""

from __future__ import annotations

from rooftree.catalogue.documents import Entry
from rooftree.catalogue.fields import Fields
from rooftree.catalogue.read import key_of
from rooftree.catalogue.segment import BASES, RESULTS, USES, Example, SegmentDefinition
from rooftree.vocabulary.errors import Problem
from rooftree.vocabulary.states import Grain

FACTS = ("given", "members", "lead", "events", "segments", "as_of")


def read_segment(entry: Entry, problems: list[Problem]) -> SegmentDefinition:
    """The segment that a file `segments/<key>.toml` defines; its rule is not read yet."""
    fields = Fields(entry.table, entry.where, problems)
    unit = fields.choice("unit", Grain)
    segment = SegmentDefinition(
        key=key_of(fields, entry),
        label=fields.text("label"),
        topic=fields.text("topic"),
        unit=unit,
        base=fields.one_of("base", BASES[unit], default=BASES[unit][0]),
        purpose=fields.text("purpose"),
        use=fields.one_of("use", USES, default="select"),
        rule=fields.text("rule"),
        why=fields.text("why"),
        owner=fields.text("owner"),
        checked_by=fields.text("checked_by"),
        reviewed_on=fields.date("reviewed_on"),
        next_review_on=fields.date("next_review_on"),
        examples=_examples(fields),
        where=entry.where,
        action=fields.text("action", required=False),
        sources=fields.texts("sources", required=False),
    )
    if segment.owner and segment.owner == segment.checked_by:
        fields.problem("checked_by", "is the owner.", "A second person checks a segment.")
    if segment.next_review_on <= segment.reviewed_on:
        fields.problem(
            "next_review_on", "is not after reviewed_on.", "Say when it is looked at again."
        )
    fields.finish()
    return segment


def _examples(fields: Fields) -> tuple[Example, ...]:
    found = []
    rows = fields.table.get("example", [])
    fields.listed("example")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        fields.problem("example", "is not a list.", "Begin each with [[example]].")
        return ()
    for n, row in enumerate(rows, 1):
        inner = Fields(row, fields.where, fields.problems, f"example {n}.")
        says, result = inner.text("says"), inner.one_of("is", RESULTS)
        facts = {key: row[key] for key in FACTS if key in row}
        for key in facts:
            inner.listed(key)
        inner.finish()
        found.append(Example(says, result, facts))
    if not found:
        fields.problem(
            "example",
            "is missing.",
            "Add [[example]] with one subject that is in and one that is out.",
        )
    return tuple(found)
