"""The portrait: sentences made from a description, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from rooftree.segments.persona.model import (
    About,
    Bar,
    Chart,
    Description,
    Line,
    Paragraph,
    Sentence,
    Trait,
)
from rooftree.segments.persona.phrases import PHRASES, phrase
from rooftree.segments.persona.rollup import RARE_ONES
from rooftree.segments.persona.words import capital, percent, size, small
from rooftree.vocabulary.states import Grain

#: The headings of a portrait, and what each may speak of, in order of weight.
SECTIONS: Mapping[str, tuple[str, ...]] = {
    "Age": ("age", "age_band", "oldest_age"),
    "Household": ("household_type", "core_household_type", "n_children", "is_lone_parent", "is_multi_generational",
                  "unpaid_care"),
    "Home": ("asset_type", "tenancy_age_years", "tenancy_is_new", "occupancy_ons", "tenure", "is_step_free",
             "has_lift", "damp_or_mould_seen"),
    "Money": ("economic_status", "in_arrears", "payment_regularity", "contents_insurance", "bank_account",
              "income_from_benefits", "on_uc_managed", "on_housing_benefit", "money_worry",
              "heating_hard_to_afford", "technical_arrears_only", "benefit_cap"),
    "What they need": ("information_format_need", "communication_support", "communication_professional",
                       "english_proficiency", "access_needs", "support_needs", "reasonable_adjustments",
                       "longer_appointment", "adaptations_wanted"),
    "What they ask for": ("main_contact_reason", "repairs_12m", "damp_mould_12m", "contacts_in_12m",
                          "complaints_12m", "uses_no_service", "satisfaction"),
    "How to reach them": ("preferred_channel", "preferred_format", "internet_access", "preferred_time",
                          "preferred_language", "digital_use", "uses_preferred_channel"),
}  # fmt: skip
PER_SECTION = 3
#: A difference smaller than this (standardised, its bound nearest to nought) is not worth a word.
WORTH = 0.1
#: A category that fewer of the group have is not typical of it.
TYPICAL = 0.05
#: What is told as usual, since nothing differs, is had by more than this.
USUAL = 0.2
#: Where less is known than this, the sentence says so.
WELL_KNOWN = 0.7
#: What is known of fewer of the group than this is not told at all.
SPOKEN_OF = 0.2
#: What is known of fewer of the group than this does not set it apart: the rest may be otherwise.
WELL_ENOUGH = 0.5
MORE, LESS, PER_TOPIC = 6, 3, 2
#: What the data are like, not the people.
_ABOUT_DATA = frozenset({
    "balance_basis", "charge_basis", "uc_claim_basis", "imd_basis", "place_basis", "place_match",
    "charge_frequency", "charge_weeks", "n_age_unknown", "role", "is_lead_tenant", "is_tenant",
    "is_household_member", "relationship_to_lead", "joint_tenancy", "register_exempt",
    "survey_consent", "sharing_consent", "marketing_consent",
})  # fmt: skip
#: What a chart may show, by its title; the first two that can be drawn are.
_CHARTS: Mapping[str, tuple[str, ...]] = {
    "How old they are": ("age", "age_band"),
    "How they like to hear from us": ("preferred_channel",),
    "The internet at home": ("internet_access",),
    "Where they live": ("asset_type",),
}
PER_PAGE, BARS = 2, 5
#: Codes that are a scale.
_IN_ORDER = frozenset({"age_band"})
_EVERYONE = {
    "customers": "all customers", "adults": "all adults", "tenants": "all tenants",
    "lead_tenants": "all lead tenants", "household_members": "all household members",
    "everyone": "everyone known to us",
}  # fmt: skip
_PLURAL = {
    Grain.PERSON: "people", Grain.HOUSEHOLD: "households", Grain.TENANCY: "tenancies", Grain.HOME: "homes",
}  # fmt: skip


def everyone(description: Description) -> str:
    """The base in words: "all customers", "all current households"."""
    if description.unit == Grain.PERSON:
        return _EVERYONE[description.base]
    if description.unit == Grain.HOME:
        return "all homes that are let" if description.base == "current" else "all homes"
    return f"all {'current ' if description.base == 'current' else ''}{_PLURAL[description.unit]}"


def summary(description: Description) -> str:
    """How many, and of whom."""
    share = description.n_in / description.n_all
    return (
        f"{description.n_in:,} {_PLURAL[description.unit]}: {percent(share)} of {everyone(description)} "
        f"({description.n_all:,})"
    )


def traits(description: Description) -> tuple[Trait, ...]:
    """What sets the group apart: most clearly more often first, then what is clearly less often.

    Ranked by the bound of the standardised difference that is nearest to nought, so that a large
    difference on few people does not come before a sure one. One category per attribute, two
    attributes per topic.
    """
    ranked = sorted(
        _candidates(description), key=lambda pair: (-abs(_clear(pair[1])), pair[0].key, pair[1].key)
    )
    more = _first([pair for pair in ranked if _clear(pair[1]) > 0], MORE, taken=set())
    taken = {about.key for about, _ in more}
    less = _first([pair for pair in ranked if _clear(pair[1]) < 0], LESS, taken=taken)
    return tuple(_trait(about, line) for about, line in [*more, *less])


def _candidates(description: Description) -> Iterator[tuple[About, Line]]:
    for about in description.about:
        if about.equality or about.by_definition or about.key in _ABOUT_DATA:
            continue
        if _held(about) < WELL_ENOUGH or (about.key == "oldest_age" and description.find("age")):
            continue
        for line in about.lines:
            if (
                line.finding
                and line.key != RARE_ONES
                and abs(_clear(line)) >= WORTH
                and _words(about, line)
            ):
                yield about, line


def _first(
    ranked: Sequence[tuple[About, Line]], most: int, *, taken: set[str]
) -> list[tuple[About, Line]]:
    found: list[tuple[About, Line]] = []
    topics: dict[str, int] = {}
    keys = set(taken)
    for about, line in ranked:
        if about.key in keys or topics.get(about.topic, 0) >= PER_TOPIC:
            continue
        keys.add(about.key)
        topics[about.topic] = topics.get(about.topic, 0) + 1
        found.append((about, line))
    return found[:most]


def _trait(about: About, line: Line) -> Trait:
    assert line.share_in is not None  # a finding is never hidden
    assert line.share_all is not None
    assert line.index is not None
    return Trait(about.key, line.key, line.label, capital(_words(about, line) or ""), line.share_in, line.share_all,
                 line.index, more=_clear(line) > 0)  # fmt: skip


def _words(about: About, line: Line) -> str | None:
    """What is said of a category; nothing where there are phrases and none for it.

    A feature without phrases is one of the workings, and is in the JSON for those who want it. An
    attribute without them, such as a landlord's own, is told by its label.
    """
    if about.key in PHRASES:
        return phrase(about.key, line.key, small(line.label))
    return None if about.feature else f"{about.label}: {small(line.label)}"


def _clear(line: Line) -> float:
    return line.difference.clear if line.difference else 0.0


def paragraphs(description: Description) -> tuple[Paragraph, ...]:
    """The portrait under its headings. A heading of which nothing can be told says so.

    A heading that is not about this unit, such as the needs of a person for a home, is left out.
    """
    found = []
    for title, keys in SECTIONS.items():
        known = [about for about in map(description.find, keys) if about and not about.equality]
        if not known and not any(key in description.left_out for key in keys):
            continue
        sentences = _sentences(known, least=description.terms.least_known)
        if not sentences:
            sentences = (_nothing(known),)
        found.append(Paragraph(title, sentences))
    return tuple(found)


def _nothing(known: Sequence[About]) -> Sentence:
    if any(about.by_definition for about in known):
        return Sentence("This is part of what puts somebody in the group: see who is in it")
    if any(_held(about) >= WELL_ENOUGH for about in known):
        return Sentence("Nothing in which this group differs clearly from everyone")
    return Sentence("We do not know enough to say")


def _sentences(known: Sequence[About], *, least: int) -> tuple[Sentence, ...]:
    found: dict[str, Sentence] = {}
    ages = {about.key for about in known} & {"age", "age_band"}
    for about in known:
        too_little = _held(about) < SPOKEN_OF or (about.n_known_in or 0) < least
        if len(found) == PER_SECTION or too_little or (ages and about.key == "oldest_age"):
            continue
        sentence = _sentence(about, first=not found)
        if sentence:
            found.setdefault(sentence.says, sentence)
    return tuple(found.values())


def _sentence(about: About, *, first: bool) -> Sentence | None:
    """The most telling thing of one attribute; of the first of a heading also what is usual."""
    if about.by_definition:
        return None
    if about.key in ("age", "oldest_age"):
        merged = _ages(about)
        if merged:
            return merged
    lines = [
        line for line in about.lines if not line.hidden and phrase(about.key, line.key, line.label)
    ]
    telling = [
        line for line in lines
        if line.finding and _clear(line) >= WORTH and (line.share_in or 0) >= TYPICAL
    ]  # fmt: skip
    if telling:
        line = max(telling, key=lambda line: (_clear(line), line.key))
    elif first and lines and about.type != "boolean" and _held(about) >= WELL_ENOUGH:
        line = max(lines, key=lambda line: (line.share_in or 0, line.key))
        if (line.share_in or 0) < USUAL:
            return None
    else:
        return None
    words = phrase(about.key, line.key, small(line.label))
    return _told(about, line.share_in or 0, line.share_all or 0, words or "", usual=not telling)


def _told(about: About, inside: float, all_: float, words: str, *, usual: bool) -> Sentence:
    held = _held(about)
    before = f"of the {percent(held)} whose answer we hold, " if held < WELL_KNOWN else ""
    after = (
        "much as everyone" if usual and abs(inside - all_) < 0.05 else f"everyone {percent(all_)}"
    )
    return Sentence(capital(f"{before}{size(inside)} {words}"), f"{percent(inside)}; {after}")


def _held(about: About) -> float:
    """The share of the group whose value is known and applies."""
    return 1 - (about.not_known_in or 0) - (about.not_applicable_in or 0)


def _ages(about: About) -> Sentence | None:
    """Neighbouring bands that are all more common than usual, told as one: "65 or over"."""
    runs: list[list[Line]] = [[]]
    for line in about.lines:
        if line.finding and _clear(line) > 0:
            runs[-1].append(line)
        elif runs[-1]:
            runs.append([])
    run = max(runs, key=lambda lines: sum(line.share_in or 0 for line in lines))
    if not run or max(_clear(line) for line in run) < WORTH:
        return None
    words = run[0].label
    if len(run) > 1:
        low, high = words.split(" ")[0], run[-1].label.rsplit(" ", 1)[-1]
        words = f"{low} or over" if run[-1].label.endswith("or over") else f"{low} to {high}"
        if low == "Under":
            words = f"under {int(high) + 1}" if high.isdigit() else "of any age"
    inside = sum(line.share_in or 0 for line in run)
    all_ = sum(line.share_all or 0 for line in run)
    return _told(about, inside, all_, phrase(about.key, "", small(words)) or "", usual=False)


def charts(description: Description) -> tuple[Chart, ...]:
    """Ages, and how people are reached; each only where its lines may be shown."""
    found = []
    for title, keys in _CHARTS.items():
        about = next((one for one in map(description.find, keys) if one), None)
        if about is None or about.by_definition or len(found) == PER_PAGE:
            continue
        lines = [line for line in about.lines if not line.hidden]
        if about.type in ("code", "codes") and about.key not in _IN_ORDER:
            lines = sorted(lines, key=lambda line: (-(line.share_in or 0), line.key))[:BARS]
        if len(lines) > 1:
            bars = tuple(Bar(line.label, line.share_in or 0, line.share_all or 0) for line in lines)
            found.append(Chart(title, bars, _chart_note(about, len(lines))))
    return tuple(found)


def _chart_note(about: About, shown: int) -> str:
    notes = []
    if about.not_known_in is not None and about.not_known_in > 0:
        notes.append(f"Not known of {percent(about.not_known_in)} of the group.")
    if about.type == "codes":
        notes.append("People may like several.")
    if any(line.hidden for line in about.lines):
        notes.append("Small numbers are held back.")
    elif shown < len(about.lines):
        notes.append("The largest are shown.")
    return " ".join(notes)


def beside(description: Description) -> tuple[Paragraph, ...]:
    """Equality monitoring, where the terms allow it: all categories alike, none singled out."""
    found = []
    for about in description.about:
        lines = [line for line in about.lines if not line.hidden]
        if about.equality and lines:
            told = "; ".join(
                f"{line.label} {percent(line.share_in or 0)} (everyone {percent(line.share_all or 0)})"
                for line in lines
            )
            found.append(Paragraph(about.label, (Sentence(told),)))
    return tuple(found)


def limits(description: Description) -> tuple[str, ...]:
    """What the portrait cannot say and must not be used for."""
    day = f"{description.as_of.day} {description.as_of:%B %Y}"
    told = {key for keys in SECTIONS.values() for key in keys}
    little = sorted(
        (
            about
            for about in description.about
            if about.key in told and (about.not_known_in or 0) >= 0.3
        ),
        key=lambda about: (-(about.not_known_in or 0), about.key),
    )
    found = [
        (
            f"Counted as of {day}. “Everyone” means {everyone(description)}. Shares are of those whose answer "
            "we hold; nothing is guessed for the rest."
        )
    ]
    if little:
        some = ", ".join(
            f"{small(about.label)} ({percent(about.not_known_in or 0)})" for about in little[:3]
        )
        found.append(f"Least known in this group: {some} not known.")
    if description.group.items:
        labels = {about.key: small(about.label) for about in description.about}
        some = ", ".join(labels.get(item, item) for item in description.group.items)
        found.append(
            f"The group was found by a model, from: {some}. In these it differs because it was made so."
        )
    q = percent(description.terms.false_finds)
    found.append(
        f"A difference is told only where it rests on {description.terms.least_cell} people or more and is "
        f"unlikely to be chance: {description.n_tests:,} were looked at, and at most about {q} of those told "
        "are chance. Small numbers are held back so that nobody can be recognised."
    )
    found.append(
        "This is a picture of many people, not of a person. Do not use it to decide about anybody, or to "
        "guess what somebody is like or needs: most differ from it in something. Ask them."
    )
    return tuple(found)
