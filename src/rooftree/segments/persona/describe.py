"""What is over- and under-represented in a group, against everyone in its base."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

from rooftree.catalogue.model import Catalogue, DisclosurePolicy
from rooftree.segments.persona import counting, numbers
from rooftree.segments.persona.countable import TWINS, Countable, find_countable
from rooftree.segments.persona.counting import NOT_APPLICABLE, NOT_KNOWN, Tally
from rooftree.segments.persona.model import About, Description, Group, Line, Terms
from rooftree.segments.persona.safe import Safe, find_policy, make_safe, safe_parts
from rooftree.storage.engine import Engine
from rooftree.vocabulary.errors import PolicyDenied
from rooftree.vocabulary.states import Grain

#: Ages in all their forms: a rule about one decides the others.
_AGES = frozenset({"age", "age_band", "date_of_birth", "oldest_age", "youngest_age"})


def describe(
    engine: Engine,
    members: str,
    base: str,
    catalogue: Catalogue,
    *,
    group: Group,
    as_of: dt.date,
    unit: Grain = Grain.PERSON,
    terms: Terms | None = None,
) -> Description:
    """A group against everyone in its base, over every attribute and feature that the terms let be counted.

    `members`: a table or view in the engine whose column subject_id holds the members' ids; members
    outside the base are not counted. `base`: one of the unit's (docs/design/segments.md). Reads the
    wide table of the unit, once. Shares, indices and intervals are computed from counts that disclosure
    control lets be shown. Index and interval: numbers.index; evidence: a score test, adjusted by
    Benjamini and Hochberg over all lines that rest on enough people (`Line.finding`).

    Raises PolicyDenied for a group too small to describe, NotFound for an unknown base or purpose.
    """
    terms = terms or Terms()
    policy = find_policy(catalogue, terms.disclosure)
    where = counting.base_condition(unit, base)
    parts = counting.count_parts(engine, [members], unit=unit, where=where)
    wholes = [parts.get(0, 0), parts.get(1, 0)]
    n_out, n_in = _check_size(wholes, group, terms, policy)
    countable, left = find_countable(
        engine, unit=unit, where=where, catalogue=catalogue, terms=terms, as_of=as_of
    )
    tallies = counting.count(engine, [members], countable, unit=unit, where=where)
    about = []
    for tally in tallies:
        if set(tally.cells) <= {NOT_KNOWN, NOT_APPLICABLE}:
            left[tally.countable.key] = "is not known of anybody"
        else:
            about.append(_about(tally, make_safe(tally, wholes, policy=policy), group, terms))
    about, tests = _find(about, terms)
    return Description(
        group=group, unit=unit, base=base, as_of=as_of, terms=terms, n_in=n_in, n_all=n_in + n_out,
        about=tuple(about), left_out=dict(sorted(left.items())), n_tests=tests,
    )  # fmt: skip


def _check_size(
    wholes: Sequence[int], group: Group, terms: Terms, policy: DisclosurePolicy
) -> tuple[int, int]:
    """The sizes outside and inside as they may be shown; refuses a group that is too small."""
    shown = safe_parts(wholes, policy=policy)
    if wholes[1] < terms.least_members or shown is None:
        raise PolicyDenied(
            f"{group.key} has fewer than {terms.least_members} members, or all but a few of the base: "
            "a picture of it would be a picture of persons. Widen its rule, or describe another."
        )
    return shown[0], shown[1]


def _about(tally: Tally, safe: Safe, group: Group, terms: Terms) -> About:
    one = tally.countable
    known, of = _known(safe)
    unknown, none = safe.shown(NOT_KNOWN), safe.shown(NOT_APPLICABLE)
    lines = tuple(_line(one, key, safe, known, terms) for key in in_order(one, safe))
    return About(
        key=one.key, label=one.thing.label, topic=one.thing.topic, grain=one.thing.grain,
        type=one.thing.type, lines=lines, of=of,
        n_known_in=known[1] if known else None, n_known_all=sum(known) if known else None,
        not_known_in=_share(unknown, safe, inside=True), not_known_all=_share(unknown, safe, inside=False),
        not_applicable_in=_share(none, safe, inside=True), not_applicable_all=_share(none, safe, inside=False),
        equality=one.equality, by_definition=is_by_definition(one, group), feature=not one.stateful,
    )  # fmt: skip


def _known(safe: Safe) -> tuple[tuple[int, int] | None, str]:
    """How many outside and inside the shares are of: those known, or all where that is kept back."""
    wholes = _pair(safe.wholes)
    if wholes is None:
        return None, "known"
    less = [safe.shown(key) for key in (NOT_KNOWN, NOT_APPLICABLE)]
    if any(row is None for row in less):
        return wholes, "all"
    outside, inside = (
        max(0, whole - sum(row[part] for row in less if row)) for part, whole in enumerate(wholes)
    )
    return (outside, inside), "known"


def _line(
    one: Countable, key: str, safe: Safe, known: tuple[int, int] | None, terms: Terms
) -> Line:
    label = one.label(key)
    row = _pair(safe.shown(key) or ())
    if row is None or known is None or known[1] < safe.least:
        return Line(key, label)
    # Rounded counts may add up to more than their whole.
    (n_out, n_in), (k_out, k_in) = known, (min(row[0], known[0]), min(row[1], known[1]))
    return Line(
        key, label, n_in=k_in, n_all=k_in + k_out,
        share_in=k_in / n_in, share_all=(k_in + k_out) / (n_in + n_out),
        index=numbers.index(k_in, n_in, k_out, n_out, level=terms.level),
        difference=numbers.difference(k_in, n_in, k_out, n_out, level=terms.level),
        probability=numbers.evidence(k_in, n_in, k_out, n_out) if _enough(row, known, terms) else None,
    )  # fmt: skip


def _enough(row: tuple[int, int], known: tuple[int, int], terms: Terms) -> bool:
    """Whether a line rests on enough people to be spoken of: those who have it, or who should."""
    (n_out, n_in), (k_out, k_in) = known, row
    expected = n_in * (k_in + k_out) / (n_in + n_out)
    return n_in >= terms.least_known and max(k_in, expected) >= terms.least_cell


def _find(about: Sequence[About], terms: Terms) -> tuple[list[About], int]:
    """Mark the lines that differ beyond chance, counting how many were looked at."""
    tests = [
        (place, number, line.probability)
        for place, one in enumerate(about)
        for number, line in enumerate(one.lines)
        if line.probability is not None
        and not one.by_definition
        # Yes and no are one question.
        and not (one.type == "boolean" and line.key == "0" and one.line("1"))
    ]
    adjusted = numbers.adjusted([probability for _, _, probability in tests])
    lines = [list(one.lines) for one in about]
    for (place, number, _), probability in zip(tests, adjusted, strict=True):
        line = lines[place][number]
        apart = line.index is not None and not line.index.low <= 100 <= line.index.high
        finding = probability <= terms.false_finds and apart
        lines[place][number] = replace(line, probability=probability, finding=finding)
    for place, one in enumerate(about):
        tested = {number for where, number, _ in tests if where == place}
        for number, line in enumerate(one.lines):
            if number not in tested:
                lines[place][number] = replace(line, probability=None)
    found = [replace(one, lines=tuple(lines[place])) for place, one in enumerate(about)]
    return found, len(tests)


def is_by_definition(one: Countable, group: Group) -> bool:
    """Whether the group differs in this because its rule says so, or something that it follows from."""
    key, reads = one.key, group.reads
    if reads & _AGES:
        reads = reads | _AGES
    if key in reads or TWINS.get(key) in reads or any(TWINS.get(read) == key for read in reads):
        return True
    return bool(set(getattr(one.thing, "reads", ())) & reads)


def in_order(one: Countable, safe: Safe) -> list[str]:
    """The categories of a thing in the order of its codes, what was put together last."""
    place = {key: number for number, key in enumerate(one.labels)}
    place |= {key: place.get(key.partition("-")[0], len(place)) for key in safe.cells if one.bands}
    keys = [key for key in safe.cells if key not in (NOT_KNOWN, NOT_APPLICABLE)]
    return sorted(keys, key=lambda key: (key.startswith("~"), place.get(key, len(place)), key))


def _pair(cells: Sequence[int | None]) -> tuple[int, int] | None:
    if len(cells) != 2 or cells[0] is None or cells[1] is None:
        return None
    return cells[0], cells[1]


def _share(row: tuple[int, ...] | None, safe: Safe, *, inside: bool) -> float | None:
    wholes = _pair(safe.wholes)
    if row is None or wholes is None:
        return None
    part, whole = (row[1], wholes[1]) if inside else (sum(row), sum(wholes))
    return min(1.0, part / whole) if whole else None
