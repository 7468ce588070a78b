"""The reference pages of attributes and features: every fact that their definitions declare."""

from __future__ import annotations

from rooftree.catalogue.markdown import code, facts, link, links, page, table
from rooftree.catalogue.model import Attribute, Catalogue, Feature

LISTS, PURPOSES = "code-lists.md", "purposes.md"


def attributes(catalogue: Catalogue) -> str:
    """The page of everything that can be known."""
    things = list(catalogue.attributes.values())
    intro = (
        "Everything that can be known about a person, household, tenancy or home: "
        f"{len(things)} attributes.\n"
        "Each says in what words it is asked, what it may be used for, how long it stays fresh and how "
        "long it is kept.\n"
        "A landlord changes or adds any of them in the `definitions` folder of its workspace."
    )
    blocks = [intro]
    for topic in sorted({thing.topic for thing in things}):
        members = [thing for thing in things if thing.topic == topic]
        overview = table(
            ("attribute", "label", "belongs to", "sensitivity"),
            [
                (
                    f"[{thing.key}](#{thing.key})",
                    thing.label,
                    thing.grain,
                    _words(thing.sensitivity),
                )
                for thing in members
            ],
        )
        blocks += [f"## {topic.capitalize()}", overview, *map(_attribute, members)]
    return page("Attributes", *blocks)


def _words(key: str) -> str:
    return key.replace("_", " ")


def _attribute(thing: Attribute) -> str:
    question = thing.question
    pairs = [
        ("belongs to", thing.grain),
        ("type", _type(thing)),
        ("unit", thing.unit),
        ("plausible", _range(thing.minimum, thing.maximum)),
        ("usual", _range(thing.usual_minimum, thing.usual_maximum)),
        ("sensitivity", _words(thing.sensitivity)),
        ("equality monitoring", "counts only, never picks out a person" if thing.equality_monitoring else ""),
        ("may pick people out for", links(thing.select_for, PURPOSES) or "nothing"),
        ("may be counted for", links(thing.count_for, PURPOSES) or "only what it may pick out for"),
        ("stays fresh", f"{thing.fresh_months} months" if thing.fresh_months else "for ever"),
        ("kept", f"{thing.keep_months} months after the last tenancy ends"),
        ("sources, strongest first", ", ".join(map(_words, thing.precedence)) or "all alike"),
        ("who should have a value", _words(thing.population)),
        ("needed to run the tenancy", "yes" if thing.essential else ""),
        ("who says so, as a rule", "" if thing.origin == "told" else thing.origin),
        ("worked out from", links(thing.derived_from, "")),
        ("question", question.wording if question else "never asked"),
        ("help", question.help if question else ""),
        ("why we ask", question.why_we_ask if question else ""),
        ("asked if", question.ask_if if question else ""),
        ("refusal", question.refusal if question else ""),
        ("wording from", question.source if question else ""),
        ("definition from", "; ".join(thing.sources)),
        ("owner", thing.owner),
        ("reviewed on", thing.reviewed_on.isoformat()),
    ]  # fmt: skip
    return f"### {thing.key}\n\n**{thing.label}.** {thing.meaning}\n\n{facts(pairs)}"


def _type(thing: Attribute | Feature) -> str:
    words = {"code": "one code", "codes": "several codes"}.get(thing.type, thing.type)
    return f"{words} of {link(thing.codes, LISTS)}" if thing.codes else words


def _range(low: float | None, high: float | None) -> str:
    parts = [
        f"from {low:,g}" if low is not None else "",
        f"to {high:,.0f}" if high is not None else "",
    ]
    return " ".join(part for part in parts if part)


def features(catalogue: Catalogue) -> str:
    """The page of what behaviour says."""
    things = list(catalogue.features.values())
    intro = (
        f"What behaviour says at the date of a run, and facts that systems agree on: {len(things)} "
        "features.\n"
        "Each is a column of a table: of the features stage, unless the table's name says another."
    )
    blocks = [intro]
    for topic in sorted({thing.topic for thing in things}):
        blocks.append(f"## {topic.capitalize()}")
        blocks += [_feature(thing) for thing in things if thing.topic == topic]
    return page("Features", *blocks)


def _feature(thing: Feature) -> str:
    pairs = [
        ("table", code(thing.table)),
        ("column", code(thing.column)),
        ("belongs to", thing.grain),
        ("type", _type(thing)),
        ("unit", thing.unit),
        ("window", thing.window),
        ("sensitivity", _words(thing.sensitivity)),
        ("may pick people out for", links(thing.select_for, PURPOSES) or "nothing"),
        ("may be counted for", links(thing.count_for, PURPOSES) or "only what it may pick out for"),
        ("computed from", ", ".join(code(word) for word in thing.reads)),
        ("definition from", "; ".join(thing.sources)),
        ("owner", thing.owner),
        ("reviewed on", thing.reviewed_on.isoformat()),
    ]
    return f"### {thing.key}\n\n**{thing.label}.** {thing.meaning}\n\n{facts(pairs)}"
