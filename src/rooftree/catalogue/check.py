"""What must hold between definitions: words that name other definitions, and the rules of purposes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from rooftree.catalogue.fields import did_you_mean
from rooftree.catalogue.frames import normal
from rooftree.catalogue.model import (
    Attribute,
    CodeList,
    Event,
    EventField,
    Feature,
    FrameMap,
    Purpose,
)
from rooftree.vocabulary.errors import Problem
from rooftree.vocabulary.states import Sensitivity

#: Data that nobody may use without a condition of its own (UK GDPR Articles 9 and 10).
NEEDS_CONDITION = (
    Sensitivity.SPECIAL_CATEGORY,
    Sensitivity.CRIMINAL,
    Sensitivity.SAFEGUARDING,  # what could endanger a person nearly always tells of health or abuse
)


@dataclass(frozen=True, slots=True)
class Known:
    """Every definition that was read, by key, with the place of each for messages."""

    attributes: Mapping[str, Attribute]
    code_lists: Mapping[str, CodeList]
    purposes: Mapping[str, Purpose]
    features: Mapping[str, Feature]
    places: Mapping[tuple[str, str], str]  # (kind, key) → where it was written
    events: Mapping[str, Event] = field(default_factory=dict)


def check(known: Known) -> Iterator[Problem]:
    """Every problem between definitions."""
    for key, attribute in known.attributes.items():
        where = known.places["attribute", key]
        yield from _purposes(where, attribute, known)
        yield from _codes(where, attribute, known.code_lists)
        yield from _attribute(where, attribute)
        for word in attribute.derived_from:
            if word == key or word not in known.attributes:
                yield Problem(
                    f"{where}: derived_from",
                    f"{word!r} is not another attribute.",
                    did_you_mean(word, known.attributes),
                )
    for key, feature in known.features.items():
        where = known.places["feature", key]
        yield from _purposes(where, feature, known)
        yield from _codes(where, feature, known.code_lists)
        yield from _reads(where, feature, known)
        yield from _own_name(where, key, known)
    for key, event in known.events.items():
        where = known.places["event", key]
        yield from _purposes(where, event, known)
        yield from _event(where, event, known)
    yield from _event_words(known)
    for key, code_list in known.code_lists.items():
        where = known.places["code_list", key]
        yield from _parents(where, code_list, known)
        for frame in code_list.frames.values():
            yield from _frame(f"{where}: frames.{frame.frame}", code_list, frame)


def _purposes(where: str, thing: Attribute | Feature | Event, known: Known) -> Iterator[Problem]:
    for list_name, words in (("select_for", thing.select_for), ("count_for", thing.count_for)):
        place = f"{where}: {list_name}"
        for word in words:
            purpose = known.purposes.get(word)
            if purpose is None:
                remedy = did_you_mean(word, known.purposes)
                yield Problem(place, f"{word!r} is not a purpose.", remedy)
                continue
            # The slip may be in the purpose, which a landlord can have changed: so its place is named.
            origin = known.places["purpose", word]
            if list_name == "select_for" and not purpose.selects:
                yield Problem(
                    place,
                    f"{word} may count people but never pick them out ({origin}).",
                    "Move it to count_for.",
                )
            if thing.sensitivity in NEEDS_CONDITION and not purpose.special_category_condition:
                yield Problem(
                    place,
                    f"{word} has no condition for {thing.sensitivity.value} data ({origin}).",
                    "Take the purpose out, or have the data protection officer add its "
                    "special_category_condition.",
                )


def _codes(
    where: str, thing: Attribute | Feature | EventField, code_lists: Mapping[str, CodeList]
) -> Iterator[Problem]:
    place = f"{where}: codes"
    if thing.type in ("code", "codes"):
        if thing.codes is None:
            yield Problem(
                place, f"is missing for type {thing.type}.", "Name the code list of its values."
            )
        elif thing.codes not in code_lists:
            yield Problem(
                place,
                f"{thing.codes!r} is not a code list.",
                did_you_mean(
                    thing.codes, code_lists, otherwise=f"Add code_lists/{thing.codes}.toml."
                ),
            )
    elif thing.codes is not None and thing.type:
        yield Problem(
            place, f"has no meaning for type {thing.type}.", "Take it out, or use type code."
        )


def _attribute(where: str, attribute: Attribute) -> Iterator[Problem]:
    if attribute.equality_monitoring and attribute.select_for:
        yield Problem(
            f"{where}: select_for",
            "answers for equality monitoring may be counted but never pick out a person "
            "(Data Protection Act 2018, Schedule 1, paragraph 8(3)).",
            "Empty select_for; what a person needs is an attribute of its own.",
        )
    yield from _bounds(where, attribute)


def _bounds(where: str, attribute: Attribute) -> Iterator[Problem]:
    """The four bounds stand in order: minimum, usual minimum, usual maximum, maximum."""
    bounds = {
        name: bound
        for name in ("minimum", "usual_minimum", "usual_maximum", "maximum")
        if (bound := getattr(attribute, name)) is not None
    }
    if bounds and attribute.type not in ("number", "money", ""):
        yield Problem(
            f"{where}: {next(iter(bounds))}",
            f"has no meaning for type {attribute.type}.",
            "Take it out, or use type number or money.",
        )
    for (low_name, low), (high_name, high) in pairwise(bounds.items()):
        if low > high:
            words = high_name.replace("_", " ")
            yield Problem(
                f"{where}: {low_name}",
                f"{low:g} is above the {words} {high:g}.",
                "Exchange the two.",
            )


def _reads(where: str, feature: Feature, known: Known) -> Iterator[Problem]:
    for word in feature.reads:
        # A word with a stop is a table, such as staging.repair; tables are declared in later stages.
        if "." not in word and word not in known.attributes and word not in known.features:
            yield Problem(
                f"{where}: reads",
                f"{word!r} is neither an attribute nor a feature.",
                did_you_mean(
                    word,
                    [*known.attributes, *known.features],
                    otherwise="Tables are <stage>.<name>.",
                ),
            )


def _own_name(where: str, key: str, known: Known) -> Iterator[Problem]:
    """A rule names attributes and features by their keys alone, so one key is one thing."""
    if key in known.attributes:
        yield Problem(
            f"{where}: key",
            f"{key!r} is an attribute already ({known.places['attribute', key]}).",
            "Rename one of the two: a rule could not tell them apart.",
        )


def _event(where: str, event: Event, known: Known) -> Iterator[Problem]:
    for one in event.fields:
        place = f"{where}: fields.{one.key}"
        if not one.values:
            yield from _codes(place, one, known.code_lists)
        elif one.codes is not None or one.type not in ("code", ""):
            yield Problem(
                f"{place}.values",
                "stands beside codes." if one.codes else f"has no meaning for type {one.type}.",
                "Leave one of them out, or use type code.",
            )
        if one.negated and one.type not in ("number", "money", ""):
            yield Problem(
                f"{place}.negated",
                f"has no meaning for type {one.type}.",
                "Take it out, or use type number or money.",
            )
    if "." not in event.table and event.table:
        yield Problem(
            f"{where}: table", f"{event.table!r} is not a table.", "Tables are <stage>.<name>."
        )
    if event.above_zero is not None and event.field(event.above_zero) is None:
        yield Problem(
            f"{where}: above_zero",
            f"{event.above_zero!r} is not a field of this event.",
            did_you_mean(event.above_zero, [one.key for one in event.fields]),
        )


def _event_words(known: Known) -> Iterator[Problem]:
    """The words for events are their own: no two kinds share one, and no attribute or feature has it."""
    taken = {key: known.places["attribute", key] for key in known.attributes}
    taken |= {key: known.places["feature", key] for key in known.features}
    for key, event in known.events.items():
        where = known.places["event", key]
        for word in event.words:
            if word in taken:
                yield Problem(
                    where,
                    f"the word {word!r} names something else ({taken[word]}).",
                    "Give it another singular or plural.",
                )
            taken.setdefault(word, where)


def _parents(where: str, code_list: CodeList, known: Known) -> Iterator[Problem]:
    lists = known.code_lists
    if code_list.parents is not None and code_list.parents not in lists:
        yield Problem(
            f"{where}: parents",
            f"{code_list.parents!r} is not a code list.",
            did_you_mean(
                code_list.parents,
                [key for key in lists if key != code_list.key],
                otherwise=f"Add code_lists/{code_list.parents}.toml.",
            ),
        )
        return
    groups = lists[code_list.parents].keys if code_list.parents else ()
    origin = known.places["code_list", code_list.parents] if code_list.parents else "another list"
    for code in code_list.codes:
        place = f"{where}: codes.{code.key}.parent"
        if code.parent is None and groups:
            yield Problem(place, "is missing.", f"Name a code of {code_list.parents}.")
        elif code.parent is not None and code.parent not in groups:
            yield Problem(
                place,
                f"{code.parent!r} is not a code of {origin}.",
                did_you_mean(code.parent, groups, otherwise="Say which list in `parents`."),
            )


def _frame(where: str, code_list: CodeList, frame: FrameMap) -> Iterator[Problem]:
    keys = code_list.keys
    named = [(f"the meaning of {raw!r}", code) for raw, code in frame.to_ours.items()]
    named += [("in outward or same", code) for code in frame.from_ours]
    named += [("in lossy", code) for code in frame.lossy]
    unknown: dict[str, str] = {}
    for what, code in named:
        if code not in keys:
            unknown.setdefault(code, what)
    for code, what in unknown.items():
        yield Problem(where, f"{code!r}, {what}, is not a code.", did_you_mean(code, keys))
    yield from _once(where, frame)
    yield from _no_silent_loss(where, code_list, frame)


def _once(where: str, frame: FrameMap) -> Iterator[Problem]:
    """An outside code has one meaning, whatever its case."""
    seen: dict[str, str] = {}
    for part in (frame.to_ours, frame.states, frame.ambiguous):
        for raw in part:
            if normal(raw) in seen:
                yield Problem(
                    where,
                    f"outside code {raw!r} has two meanings (the other as {seen[normal(raw)]!r}).",
                    "Case and blanks around a code do not count; keep one of the two.",
                )
            seen.setdefault(normal(raw), raw)


def _no_silent_loss(where: str, code_list: CodeList, frame: FrameMap) -> Iterator[Problem]:
    """What goes out comes back the same, or the map says what is lost."""
    back = {normal(raw): code for raw, code in frame.to_ours.items()}
    for code in code_list.keys:
        if code in frame.lossy:
            continue
        raw = frame.from_ours.get(code)
        if raw is None:
            yield Problem(
                where,
                f"does not say what {code!r} becomes.",
                "Map it, or give the reason in lossy.",
            )
        elif back.get(normal(raw)) != code:
            yield Problem(
                where,
                f"{code!r} goes out as {raw!r} and does not come back.",
                "Put the pair in `same`, or give the reason in lossy.",
            )
