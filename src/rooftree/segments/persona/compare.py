"""Two groups side by side, and each against everyone."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from rooftree.catalogue.model import Catalogue, DisclosurePolicy
from rooftree.segments.persona import counting, numbers
from rooftree.segments.persona.countable import find_countable
from rooftree.segments.persona.counting import NOT_APPLICABLE, NOT_KNOWN, Tally
from rooftree.segments.persona.describe import in_order, is_by_definition
from rooftree.segments.persona.model import Group, Terms
from rooftree.segments.persona.numbers import Interval
from rooftree.segments.persona.safe import Safe, find_policy, make_safe, safe_parts
from rooftree.storage.engine import Engine
from rooftree.vocabulary.errors import PolicyDenied
from rooftree.vocabulary.states import Grain

#: The parts of a base with two groups: neither, the first only, the second only, both.
_FIRST, _SECOND = (1, 3), (2, 3)


@dataclass(frozen=True, slots=True)
class Contrast:
    """One category in both groups and among everyone; nothing but labels where it may not be shown.

    `difference`: the standardised difference of the first from the second. `against_all`: that of each
    from everyone. `index`: of each, 100 being everyone. `finding`: the two differ beyond chance.
    """

    attribute: str
    attribute_label: str
    category: str
    label: str
    shares: tuple[float, float] | None = None
    share_all: float | None = None
    difference: Interval | None = None
    against_all: tuple[Interval, Interval] | None = None
    index: tuple[Interval | None, Interval | None] = (None, None)
    probability: float | None = None
    finding: bool = False
    equality: bool = False
    by_definition: bool = False

    @property
    def hidden(self) -> bool:
        """Whether disclosure control keeps it back."""
        return self.shares is None


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two groups against each other; `contrasts` in the order of the catalogue's keys and codes.

    `n`: the sizes of the two groups; `n_both`: in both, None where that is kept back.
    """

    groups: tuple[Group, Group]
    n: tuple[int, int]
    n_both: int | None
    n_all: int
    contrasts: tuple[Contrast, ...]
    n_tests: int

    def findings(self) -> tuple[Contrast, ...]:
        """What differs beyond chance, the clearest difference first."""
        found = [one for one in self.contrasts if one.finding]
        return tuple(
            sorted(found, key=lambda one: (-abs(_clear(one)), one.attribute, one.category))
        )


def compare(
    engine: Engine,
    members: tuple[str, str],
    base: str,
    catalogue: Catalogue,
    *,
    groups: tuple[Group, Group],
    as_of: dt.date,
    unit: Grain = Grain.PERSON,
    terms: Terms | None = None,
) -> Comparison:
    """Two groups of one base, over every attribute and feature that the terms let be counted.

    The groups may overlap: who is in both is counted apart, and the intervals allow for it. Every
    number comes from counts that may be shown for each part of the base, so that the difference of two
    groups that differ by a few people tells nothing of those few.

    Raises PolicyDenied where a group, or what sets the two apart, is too small; NotFound for an unknown
    base or purpose.
    """
    terms = terms or Terms()
    policy = find_policy(catalogue, terms.disclosure)
    where = counting.base_condition(unit, base)
    counted = counting.count_parts(engine, members, unit=unit, where=where)
    wholes = [counted.get(part, 0) for part in range(4)]
    shown = _check_sizes(wholes, groups, terms, policy)
    countable, _ = find_countable(
        engine, unit=unit, where=where, catalogue=catalogue, terms=terms, as_of=as_of
    )
    contrasts: list[Contrast] = []
    for tally in counting.count(engine, members, countable, unit=unit, where=where):
        if not set(tally.cells) <= {NOT_KNOWN, NOT_APPLICABLE}:
            contrasts += _contrasts(tally, make_safe(tally, wholes, policy=policy), groups, terms)
    tested = [place for place, one in enumerate(contrasts) if one.probability is not None]
    adjusted = numbers.adjusted([contrasts[place].probability or 0.0 for place in tested])
    for place, probability in zip(tested, adjusted, strict=True):
        finding = probability <= terms.false_finds and _clear(contrasts[place]) != 0
        contrasts[place] = replace(contrasts[place], probability=probability, finding=finding)
    return Comparison(
        groups=groups, n=(_sum(shown, _FIRST), _sum(shown, _SECOND)), n_both=shown[3], n_all=sum(shown),
        contrasts=tuple(contrasts), n_tests=len(tested),
    )  # fmt: skip


def _check_sizes(
    wholes: Sequence[int], groups: tuple[Group, Group], terms: Terms, policy: DisclosurePolicy
) -> tuple[int, ...]:
    shown = safe_parts(wholes, policy=policy)
    sizes = _sum(wholes, _FIRST), _sum(wholes, _SECOND)
    if shown is None or min(sizes) < terms.least_members:
        raise PolicyDenied(
            f"{groups[0].key} and {groups[1].key} cannot be compared: one has fewer than {terms.least_members} "
            "members, or only a few are in one and not in the other. Compare groups that are further apart."
        )
    return shown


def _contrasts(
    tally: Tally, safe: Safe, groups: tuple[Group, Group], terms: Terms
) -> list[Contrast]:
    one = tally.countable
    known = _known(safe)
    made = any(is_by_definition(one, group) for group in groups)
    found = []
    for key in in_order(one, safe):
        label = one.label(key)
        contrast = Contrast(
            one.key, one.thing.label, key, label, equality=one.equality, by_definition=made
        )
        row = safe.shown(key)
        if (
            row is not None
            and known is not None
            and min(_sum(known, _FIRST), _sum(known, _SECOND)) >= safe.least
        ):
            contrast = _measured(contrast, row, known, terms)
            if made or (one.thing.type == "boolean" and key == "0"):
                contrast = replace(contrast, probability=None)
        found.append(contrast)
    return found


def _known(safe: Safe) -> tuple[int, ...] | None:
    """How many in each part the shares are of: those known, or all where that is kept back."""
    wholes = tuple(whole for whole in safe.wholes if whole is not None)
    if len(wholes) != len(safe.wholes):
        return None
    less = [safe.shown(key) for key in (NOT_KNOWN, NOT_APPLICABLE)]
    if any(row is None for row in less):
        return wholes
    return tuple(
        max(0, whole - sum(row[part] for row in less if row)) for part, whole in enumerate(wholes)
    )


def _measured(
    contrast: Contrast, row: Sequence[int], known: Sequence[int], terms: Terms
) -> Contrast:
    row = [min(k, n) for k, n in zip(row, known, strict=True)]
    k_all, n_all = sum(row), sum(known)
    shares, against, index = [], [], []
    for parts in (_FIRST, _SECOND):
        k, n = _sum(row, parts), _sum(known, parts)
        shares.append(k / n)
        against.append(numbers.difference(k, n, k_all - k, n_all - n, level=terms.level))
        index.append(numbers.index(k, n, k_all - k, n_all - n, level=terms.level))
    apart = shares[0] - shares[1]
    variances, covariance = _variances(row, known)
    squared = variances[0] + variances[1] - 2 * covariance
    enough = all(
        _sum(known, parts) >= terms.least_known for parts in (_FIRST, _SECOND)
    ) and max(_sum(row, _FIRST), _sum(row, _SECOND)) >= terms.least_cell  # fmt: skip
    probability = math.erfc(abs(apart) / math.sqrt(2 * squared)) if squared > 0 else 1.0
    return replace(
        contrast, shares=(shares[0], shares[1]), share_all=k_all / n_all,
        difference=numbers.standardised(shares[0], shares[1], variances=variances, covariance=covariance,
                                        level=terms.level),
        against_all=(against[0], against[1]), index=(index[0], index[1]),
        probability=probability if enough else None,
    )  # fmt: skip


def _variances(row: Sequence[int], known: Sequence[int]) -> tuple[tuple[float, float], float]:
    """Of the two shares, and what they have in common: each part is a sample of its own."""
    first, second = _sum(known, _FIRST), _sum(known, _SECOND)
    parts = [numbers.variance(k, n) for k, n in zip(row, known, strict=True)]
    one = (known[1] ** 2 * parts[1] + known[3] ** 2 * parts[3]) / first**2
    other = (known[2] ** 2 * parts[2] + known[3] ** 2 * parts[3]) / second**2
    return (one, other), known[3] ** 2 * parts[3] / (first * second)


def _sum(values: Sequence[int], parts: Sequence[int]) -> int:
    return sum(values[part] for part in parts)


def _clear(one: Contrast) -> float:
    return one.difference.clear if one.difference else 0.0
