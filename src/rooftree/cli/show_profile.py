"""One person's record at the terminal, in the order in which an officer needs it.

Who, where, with whom, how to reach them, what they need; then the rest, what is not known, and what
behaviour says. Labels and words only: keys, codes and every column are in `--json`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rooftree.catalogue.model import Attribute, Catalogue, Feature
from rooftree.cli.console import out, print_table
from rooftree.cli.words import code, day, pounds, said

#: Headings with the topics of the catalogue under each, in reading order.
SECTIONS = (
    ("How to reach them", ("contact", "communication", "preferences")),
    ("Needs, adjustments and safety", ("health", "support", "safety", "home")),
    ("Who they are", ("identity", "household", "equality")),
    ("Money, work and being online", ("money", "work", "digital")),
    ("What they think", ("views",)),
)

#: Attributes that the heading of the record shows already.
_IN_HEADING = {"title", "date_of_birth"}

_STATES = {
    "refused": "prefers not to say",
    "dont_know": "does not know",
    "not_applicable": "does not apply",
    "withdrawn": "withdrawn",
}

#: Features that explain others, and say nothing to an officer by themselves.
_TECHNICAL = (
    "_basis", "_scheme", "_vintage", "_delta_pence", "_delta_days", "_slope_13w_pence", "_slope_52w_pence",
    "_gap_mean_days", "_gap_sd_days", "steady_gap_share", "_min", "_max", "expected_benefit_pence",
    "collectable_arrears_week_pence", "output_area", "_length_days", "tenancy_age_days",
)  # fmt: skip


def person(found: Any, catalogue: Catalogue) -> None:
    """One record, cut to its purpose."""
    _heading(found, catalogue)
    for tenancy in found.tenancies:
        _tenancy(tenancy, found.person_id, catalogue)
    current = [tenancy for tenancy in found.tenancies if tenancy["is_current"]]
    values = [*found.values, *(v for tenancy in current for v in tenancy["values"])]
    for heading, topics in SECTIONS:
        _values(heading, topics, values, catalogue)
    _missing(found, values, catalogue)
    _features(found, current or list(found.tenancies[:1]), catalogue)
    hidden = ", ".join(f"{count} {reason}" for reason, count in found.hidden.items())
    if hidden:
        _say(f"\nNot shown: {hidden}.")


def _say(text: str) -> None:
    out.print(text, markup=False)


def _heading(found: Any, catalogue: Catalogue) -> None:
    who = found.person
    parts = (who["title"], who["given_name"], who["middle_name"], who["family_name"])
    out.print(f"[bold]{found.person_id}[/bold]", end="  ")
    text = " ".join(filter(None, parts)) or "no name"
    if who["preferred_name"] and who["preferred_name"] != who["given_name"]:
        text += f", known as {who['preferred_name']}"
    born = day(who["date_of_birth"]) if who["date_of_birth"] else "on an unknown date"
    text += f", born {born}"
    if who["date_of_death"]:
        text += f", died {day(who['date_of_death'])}"
    purpose = catalogue.purposes.get(found.purpose)
    _say(f"{text}. Shown for: {purpose.label if purpose else found.purpose}.")


def _tenancy(tenancy: Mapping[str, Any], person_id: str, catalogue: Catalogue) -> None:
    role = code(tenancy["role"], "role", catalogue)
    state = "ended " + day(tenancy["ended_on"]) if tenancy["ended_on"] else "not running"
    if tenancy["is_current"]:
        since = tenancy["from_on"] or tenancy["started_on"]
        state = "since " + day(since) if since else "now"
    tenure = code(tenancy["tenure"], "tenure", catalogue)
    _say(f"\n{role}, tenancy {tenancy['tenancy_ref'] or '–'} ({tenure}), {state}")
    home = tenancy["home"]
    facts = [home["address"] or "no address"]
    if home["bedrooms"] is not None:
        facts.append(f"{home['bedrooms']} bedroom{'' if home['bedrooms'] == 1 else 's'}")
    if home["floor_level"]:
        lift = "with a lift" if home["has_lift"] else "no lift"
        facts.append(f"floor {home['floor_level']}, {lift}")
    _say("  " + "; ".join(facts))
    shown = [
        m for m in tenancy["members"] or ()
        if m["person_id"] != person_id and (m["is_current"] or not tenancy["is_current"])
    ]  # fmt: skip
    _members("lives with", [m for m in shown if m["lives_there"]], catalogue)
    _members("others on record", [m for m in shown if not m["lives_there"]], catalogue)


def _members(heading: str, members: list[Mapping[str, Any]], catalogue: Catalogue) -> None:
    rows = [
        (
            f"  {m['name']}",
            code(m["relationship"], "relationship", catalogue),
            day(m["date_of_birth"]),
            m["person_id"],
        )
        for m in members
    ]
    if rows:
        print_table("", (f"  {heading}", "who is", "born", "person"), rows)


def _values(
    heading: str, topics: tuple[str, ...], values: list[Mapping[str, Any]], catalogue: Catalogue
) -> None:
    rows = []
    for value in values:
        declared = catalogue.attributes.get(value["attribute"])
        if declared is None or declared.topic not in topics or declared.key in _IN_HEADING:
            continue
        rows.append(
            (topics.index(declared.topic), declared.label, _row(value, declared, catalogue))
        )
    if rows:
        headings = ("", "", "says", "on", "", "")
        print_table(f"\n{heading}", headings, [row for *_, row in sorted(rows)])


def _row(value: Mapping[str, Any], declared: Attribute, catalogue: Catalogue) -> tuple[str, ...]:
    text = _STATES.get(value["state"]) or said(value["value"], declared, catalogue)
    return (
        declared.label,
        text,
        value["system"],
        day(value["recorded_on"]),
        "ask again" if value["is_stale"] else "",
        "sources disagree" if value["in_conflict"] else "",
    )


def _missing(found: Any, values: list[Mapping[str, Any]], catalogue: Catalogue) -> None:
    """What this purpose may ask of a person or household and nobody has asked, essential things first."""
    held = {value["attribute"] for value in values}
    lacking = [
        declared
        for declared in catalogue.attributes.values()
        if declared.question is not None
        and found.purpose in declared.select_for
        and not declared.equality_monitoring
        and declared.grain in ("person", "household")
        and declared.key not in held | _IN_HEADING
    ]
    if lacking:
        lacking.sort(key=lambda declared: (not declared.essential, declared.label))
        _say("\nNot asked, or not recorded: " + "; ".join(each.label for each in lacking) + ".")


def _features(found: Any, tenancies: list[Mapping[str, Any]], catalogue: Catalogue) -> None:
    told = dict(found.features)
    for tenancy in tenancies[:1]:
        told |= tenancy["features"]
    rows, topic = [], None
    for key, value in told.items():
        feature = catalogue.features.get(key)
        # A count of nothing and a "no" say the same as their absence, and would fill two screens.
        nothing = (
            value is None or value is False or (value == 0 and feature and feature.unit != "pence")
        )
        if feature is None or nothing or key.endswith(_TECHNICAL):
            continue
        name = "" if feature.topic == topic else feature.topic.capitalize()
        topic = feature.topic
        rows.append(
            (name, feature.label, _told(key, value, feature, catalogue), _window(feature.window))
        )
    if rows:
        print_table("\nWhat behaviour says", ("", "", "", "over"), rows)
        _say("Counts of nothing and answers of no are left out; --json has every column.")


def _told(key: str, value: Any, feature: Feature, catalogue: Catalogue) -> str:
    if "balance" in key and feature.unit == "pence":  # a bare sign is read either way
        return pounds(abs(value)) + (" owed" if value > 0 else " in credit" if value < 0 else "")
    return said(value, feature, catalogue)


def _window(window: str) -> str:
    text = window.replace("to as of", "").replace("to as_of", "").strip()
    return "" if text.startswith("at ") or text == "whole history" else text


def completeness(rows: Any, catalogue: Catalogue) -> None:
    """Each attribute with who is asked; every share says what it is a share of."""
    labels = {key: declared.label for key, declared in catalogue.attributes.items()}
    table = [
        (
            labels.get(r.attribute, r.attribute),
            r.population.replace("_", " "),
            r.n,
            _percent(r.recorded_outcome, r.n),
            _percent(r.answered, r.n),
            _percent(r.answered, r.answered + r.refused + r.dont_know),
            r.refused,
            r.dont_know,
            r.not_asked,
            r.stale,
            r.in_conflict,
        )
        for r in rows
    ]
    headings = (
        "attribute", "of whom", "all", "outcome, % of all", "answered, % of all", "answered, % of asked",
        "refused", "don't know", "not asked", "ask again", "in conflict",
    )  # fmt: skip
    print_table("Completeness", headings, table)
    _say(
        "Of all: everybody of whom it should be known. Of asked: who answered, refused or did not know."
    )
    _say("Outcome: answered, refused, don't know or does not apply, and not due to be asked again.")


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f}%" if whole else "–"


def why(found: Any, attribute: Attribute) -> None:
    """The explanation of one value, under the attribute's name and question."""
    out.print(f"[bold]{attribute.label}[/bold]", end="  ")
    _say(attribute.meaning)
    for sentence in found.sentences:
        _say(f"  {sentence}")
