"""The reference page of events: what may be counted in a rule, and by which of its fields."""

from __future__ import annotations

from rooftree.catalogue.markdown import code, codes, facts, link, links, page, table
from rooftree.catalogue.model import Catalogue, Event, EventField

LISTS, PURPOSES = "code-lists.md", "purposes.md"


def events(catalogue: Catalogue) -> str:
    """The page of kinds of events."""
    things = list(catalogue.events.values())
    intro = (
        f"Things that happen on a day and can be counted in a rule: {len(things)} kinds.\n"
        "A rule names them by either word, with their own fields: "
        "`at least 3 contacts where (direction = inbound) in the last 90 days`.\n"
        "Each is a table of the segments stage, `segments.event_<key>`."
    )
    return page("Events", intro, *map(_event, things))


def _event(thing: Event) -> str:
    only = "; ".join(f"{code(column)} is {codes(words)}" for column, words in thing.only.items())
    above = f"{code(thing.above_zero)} is more than nothing" if thing.above_zero else ""
    pairs = [
        ("words", codes(thing.words)),
        ("belongs to", thing.grain),
        ("from", code(thing.table)),
        ("day", code(thing.date)),
        ("only where", "; ".join(part for part in (only, above) if part)),
        ("sensitivity", thing.sensitivity.replace("_", " ")),
        ("may pick people out for", links(thing.select_for, PURPOSES) or "nothing"),
        ("may be counted for", links(thing.count_for, PURPOSES) or "only what it may pick out for"),
        ("definition from", "; ".join(thing.sources)),
        ("owner", thing.owner),
        ("reviewed on", thing.reviewed_on.isoformat()),
    ]
    rows = [
        (code(one.key), one.label, _type(one), one.unit, code(one.column) if one.column != one.key else "")
        for one in thing.fields
    ]  # fmt: skip
    held = table(("field", "label", "type", "unit", "column"), rows)
    return f"## {thing.key}\n\n**{thing.label}.** {thing.meaning}\n\n{facts(pairs)}\n\n{held}"


def _type(one: EventField) -> str:
    if one.codes:
        return f"one code of {link(one.codes, LISTS)}"
    if one.values:
        return f"one of {codes(value.key for value in one.values)}"
    return one.type
