"""The reference pages of code lists, with every loss between frames, and of purposes."""

from __future__ import annotations

from rooftree.catalogue.markdown import code, codes, facts, link, links, page, table
from rooftree.catalogue.model import Catalogue, Code, CodeList, FrameMap, Purpose
from rooftree.catalogue.read import READ_ONLY

LOST = "†"


def code_lists(catalogue: Catalogue) -> str:
    """The page of code lists: codes, maps to outside frames, what the maps cannot say."""
    intro = (
        f"The {len(catalogue.code_lists)} code lists, in their order, and how outside frames map to them.\n"
        f"A code marked {LOST} loses meaning on its way out, or has no word there; the reason stands below "
        "its table.\n"
        "An outside code that would need a guess is never mapped: it is kept as it came."
    )
    blocks = [_code_list(code_list, catalogue) for code_list in catalogue.code_lists.values()]
    return page("Code lists", intro, *blocks)


def _code_list(code_list: CodeList, catalogue: Catalogue) -> str:
    things = [*catalogue.attributes.values(), *catalogue.features.values()]
    used_by = [thing.key for thing in things if thing.codes == code_list.key]
    used_by += [
        f"{event.key}.{one.key}"
        for event in catalogue.events.values()
        for one in event.fields
        if one.codes == code_list.key
    ]
    frames = [frame for frame in code_list.frames.values() if frame.from_ours]
    has_parents = any(entry.parent for entry in code_list.codes)
    has_flags = any(entry.flags for entry in code_list.codes)
    has_notes = any(entry.note for entry in code_list.codes)
    heads = ["code", "label"]
    heads += ["group"] * has_parents + ["flags"] * has_flags + ["note"] * has_notes
    heads += [frame.frame for frame in frames]

    def row(entry: Code) -> list[str]:
        cells = [code(entry.key), entry.label]
        cells += [entry.parent or ""] * has_parents + [", ".join(entry.flags)] * has_flags
        cells += [entry.note] * has_notes
        return cells + [_outward(frame, entry.key) for frame in frames]

    top = facts(
        [
            ("label", code_list.label),
            ("from", code_list.source),
            ("groups", link(code_list.parents, "") if code_list.parents else ""),
            ("used by", codes(sorted(used_by))),
        ]
    )
    blocks = [f"## {code_list.key}", top, table(heads, map(row, code_list.codes))]
    blocks += [_frame(frame) for frame in code_list.frames.values()]
    return "\n\n".join(blocks)


def _outward(frame: FrameMap, key: str) -> str:
    mark = LOST if key in frame.lossy else ""
    return f"{code(frame.from_ours.get(key, ''))} {mark}".strip()


def _frame(frame: FrameMap) -> str:
    """What the table of codes cannot show: states, codes that only come in, guesses refused, losses."""
    back = {ours: raw for ours, raw in frame.from_ours.items() if ours not in frame.lossy}
    rows = [(code(raw), code(ours)) for raw, ours in frame.to_ours.items() if back.get(ours) != raw]
    rows += [
        (code(raw), f"state: {state.replace('_', ' ')}") for raw, state in frame.states.items()
    ]
    rows += [(code(raw), f"not mapped: {why}") for raw, why in frame.ambiguous.items()]
    read_only = set(frame.lossy.values()) == {READ_ONLY}
    lossy = {} if read_only else frame.lossy
    losses = [(code(ours), why) for ours, why in lossy.items()]
    parts = [
        f"**{frame.frame}**: {frame.source}." + (f"\n{READ_ONLY}" if read_only else ""),
        table(("coming in", "becomes"), rows),
        table(("going out", f"what is lost {LOST}"), losses),
    ]
    return "\n\n".join(part for part in parts if part)


def purposes(catalogue: Catalogue) -> str:
    """The page of purposes: why data may be used, on what basis, and which attributes serve each."""
    intro = (
        "No value is read without a stated purpose.\n"
        "A purpose either may pick people out, or may only count them.\n"
        "Lawful bases and conditions are defaults: the landlord's data protection officer confirms or "
        "changes them in the landlord's own definitions."
    )
    blocks = [_purpose(purpose, catalogue) for purpose in catalogue.purposes.values()]
    return page("Purposes", intro, *blocks)


def _purpose(purpose: Purpose, catalogue: Catalogue) -> str:
    attributes = catalogue.attributes.values()
    select = [thing.key for thing in attributes if purpose.key in thing.select_for]
    count = [thing.key for thing in attributes if purpose.key in thing.count_for]
    pairs = [
        ("label", purpose.label),
        ("may pick people out", "yes" if purpose.selects else "no, counts only"),
        ("basis, council", purpose.basis_council),
        ("basis, association", purpose.basis_association),
        ("condition for special category data", purpose.special_category_condition or "none: it may not use them"),
        ("attributes that may pick out", links(select, "attributes.md")),
        ("attributes that may be counted", links(count, "attributes.md")),
    ]  # fmt: skip
    return f"## {purpose.key}\n\n{purpose.why}\n\n{facts(pairs)}"
