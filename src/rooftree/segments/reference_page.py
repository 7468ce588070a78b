"""The reference page of segments: each with its rule, in text and in English, its purpose and its signatures."""

from __future__ import annotations

from rooftree.catalogue.markdown import codes, facts, link, page, table
from rooftree.catalogue.model import Catalogue
from rooftree.segments.definition import Segment, Segments, load_segments
from rooftree.segments.english import to_english
from rooftree.segments.text import to_text

PURPOSES = "purposes.md"
_RESULTS = {"in": "in", "out": "out", "unknown": "cannot be told"}


def segments(catalogue: Catalogue) -> str:
    """The page of shipped segments."""
    found = load_segments(catalogue)
    intro = (
        f"The {len(found.ready)} segments that come with Rooftree.\n"
        "A landlord changes one, or adds its own, in `definitions/segments/<key>.toml`; "
        "[write a segment](../how-to/write-a-segment.md) shows how.\n"
        "The examples are run as tests."
    )
    rows = [(link(one.key, ""), one.definition.label, one.definition.unit.value) for one in found]
    listed = table(("segment", "label", "of"), sorted(rows))
    return page(
        "Segments",
        intro,
        listed,
        *(_segment(one, found) for one in sorted(found, key=lambda s: s.key)),
    )


def _segment(one: Segment, found: Segments) -> str:
    d = one.definition
    scope = found.scope(one)
    pairs = [
        ("of", d.unit.value),
        ("among", d.base.replace("_", " ")),
        ("purpose", link(d.purpose, PURPOSES)),
        ("its members may be", "listed and written to" if d.use == "select" else "counted only"),
        ("reads", codes(key.removeprefix("event:") for key in sorted(one.reads))),
        ("what to do", d.action),
        ("from", "; ".join(d.sources)),
        ("owner", d.owner),
        ("checked by", d.checked_by),
        ("reviewed on", d.reviewed_on.isoformat()),
        ("next review", d.next_review_on.isoformat()),
    ]
    rule = f"```text\n{to_text(one.node, events=dict(found.catalogue.events))}\n```"
    says = f"In words: {to_english(one.node, scope)}."
    examples = table(("example", "result"), [(e.says, _RESULTS[e.result]) for e in d.examples])
    return f"## {one.key}\n\n**{d.label}.** {d.why}\n\n{rule}\n\n{says}\n\n{facts(pairs)}\n\n{examples}"
