"""How many groups, if any: the evidence weighed by stated rules, for a person to decide.

No criterion decides alone. BIC grows with the number of people, so among a million every further
class "wins"; a class that does not come back in a resample, or that is too small to serve, is no
group, whatever BIC says.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rooftree.segments.discovery.evidence import Evidence


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From where a number of classes is held to be usable.

    least_jaccard: every class must come back at least so far in resamples. Hennig (2007): below
        0.6 a cluster should not be trusted; from 0.75 it is stable.
    least_rand: the same for the grouping as a whole.
    least_entropy: below this, too many people stand between classes to place them.
    least_share, least_people: a class smaller than this serves nobody, and may point at people.
    most_p: of the bootstrap likelihood-ratio test against one class fewer, where it was run.
    least_reached: of the random starts, how many must have come to the best; fewer and it may be
        an accident.
    enough_gain: fewer classes are preferred that bring so much of the best gain in BIC over no
        groups at all.
    """

    least_jaccard: float = 0.6
    least_rand: float = 0.6
    least_entropy: float = 0.5
    least_share: float = 0.02
    least_people: float = 10.0
    most_p: float = 0.05
    least_reached: int = 2
    enough_gain: float = 0.98


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the evidence says, and why.

    suggested: a number of classes; None where there are no stable groups here. reasons: for the
    verdict, in sentences. against: for each number of classes, what speaks against it.
    """

    suggested: int | None
    reasons: tuple[str, ...]
    against: dict[int, tuple[str, ...]]

    @property
    def has_groups(self) -> bool:
        """Whether any number of classes holds."""
        return self.suggested is not None


def weigh(evidence: Sequence[Evidence], thresholds: Thresholds) -> Verdict:
    """Weigh the evidence of several numbers of classes. The one for 1 must be among them."""
    by_k = {one.classes: one for one in evidence}
    none = by_k[1]
    against = {
        k: tuple(objections(one, none, thresholds)) for k, one in sorted(by_k.items()) if k > 1
    }
    usable = [by_k[k] for k, said in against.items() if not said]
    if not against:
        return Verdict(
            None, ("Only one class was asked for, and one class is no groups.",), against
        )
    if not usable:
        return Verdict(None, _why_none(by_k, none, against), against)
    best = min(usable, key=lambda one: one.bic)
    gain = none.bic - best.bic
    enough = [one for one in usable if none.bic - one.bic >= thresholds.enough_gain * gain]
    chosen = min(enough, key=lambda one: one.classes)
    return Verdict(chosen.classes, tuple(_why(chosen, best, thresholds, by_k)), against)


def objections(one: Evidence, none: Evidence, limits: Thresholds) -> list[str]:
    """What speaks against a number of classes, in sentences."""
    said = []
    if one.bic >= none.bic:
        said.append("No groups at all explain the answers as well (BIC is no lower than for 1).")
    if not one.identified:
        said.append("It has more parameters than the possible patterns can tell apart.")
    if not one.converged:
        said.append("The fit had not settled when it was stopped.")
    if one.reached < min(limits.least_reached, one.starts):
        said.append(f"Only {one.reached} of {one.starts} random starts came to this result.")
    if one.smallest < limits.least_share or one.smallest * one.n < limits.least_people:
        said.append(
            f"The smallest class holds {one.smallest:.1%} ({one.smallest * one.n:.0f}); "
            f"at least {limits.least_share:.0%} and {limits.least_people:.0f} are asked for."
        )
    if one.entropy < limits.least_entropy:
        said.append(
            f"Too many people stand between classes: entropy {one.entropy:.2f}, "
            f"under {limits.least_entropy:g}."
        )
    return said + _unstable(one, limits)


def _unstable(one: Evidence, limits: Thresholds) -> list[str]:
    said = []
    if one.stability is not None:
        weakest = min(one.stability.jaccard)
        if one.stability.rand < limits.least_rand:
            said.append(
                f"The groups change when other people are asked: adjusted Rand "
                f"{one.stability.rand:.2f}, under {limits.least_rand:g}."
            )
        if weakest < limits.least_jaccard:
            said.append(
                f"Class {one.stability.jaccard.index(weakest) + 1} does not come back in resamples: "
                f"Jaccard {weakest:.2f}, under {limits.least_jaccard:g}."
            )
    test = one.ratio_test
    if test is not None and test.p > limits.most_p:
        said.append(
            f"{one.classes} classes say no more than {one.classes - 1} would by chance: "
            f"p = {test.p:.2f} ({test.replicates} replicates)."
        )
    return said


def _why(
    chosen: Evidence, best: Evidence, limits: Thresholds, by_k: dict[int, Evidence]
) -> list[str]:
    said = [
        f"{chosen.classes} classes: BIC {chosen.bic:,.1f}, against {by_k[1].bic:,.1f} for none."
    ]
    if chosen.classes != best.classes:
        said.append(
            f"{best.classes} classes have a lower BIC ({best.bic:,.1f}), but {chosen.classes} bring "
            f"at least {limits.enough_gain:.0%} of the gain and are easier to serve."
        )
    if chosen.stability is not None:
        said.append(
            f"They come back in {chosen.stability.resamples} resamples: adjusted Rand "
            f"{chosen.stability.rand:.2f}, weakest class {min(chosen.stability.jaccard):.2f}."
        )
    else:
        said.append("Stability was not tested: ask for resamples before using them.")
    if chosen.ratio_test is None:
        said.append("The likelihood-ratio test was not run.")
    lower = min(by_k.values(), key=lambda one: one.bic)
    if lower.classes not in (chosen.classes, best.classes):
        said.append(
            f"{lower.classes} classes have the lowest BIC and were set aside: see `against`."
        )
    return said


def _why_none(
    by_k: dict[int, Evidence], none: Evidence, against: dict[int, tuple[str, ...]]
) -> tuple[str, ...]:
    lowest = min((one for one in by_k.values() if one.classes > 1), key=lambda one: one.bic)
    said = ["No stable groups here: every number of classes has something against it."]
    if lowest.bic >= none.bic:
        said.append(
            "The answers look as if they did not hang together: BIC is lowest without groups "
            f"({none.bic:,.1f}, against {lowest.bic:,.1f} for {lowest.classes})."
        )
    else:
        said.append(f"The best by BIC, {lowest.classes}: " + " ".join(against[lowest.classes]))
    return tuple(said)
