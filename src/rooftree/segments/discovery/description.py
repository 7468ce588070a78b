"""A description of the classes in a few plain rules.

A small tree (at most three questions) is grown on the classes that people were placed in. It is a
way to talk about them. It is never used to place anybody: `fidelity` says how often it would agree.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from rooftree.segments.discovery.collapse import Patterns
from rooftree.segments.discovery.items import Scale

DEPTH = 3
#: A leaf of less than this share of people is not worth a rule.
LEAST = 0.01


@dataclass(frozen=True, slots=True)
class Rule:
    """People of whom all `when` holds are mostly of one class.

    share: of all people; agreement: the share of those people whom the model places in the class.
    """

    when: tuple[str, ...]
    of_class: int
    share: float
    agreement: float

    def __str__(self) -> str:
        return f"{' and '.join(self.when) or 'everybody'}: class {self.of_class} ({self.agreement:.0%})"


@dataclass(frozen=True, slots=True)
class Description:
    """Rules, and how far they agree with the model.

    fidelity: share of people for whom the rules name the class that the model places them in;
    without_rules: the same for naming the largest class every time.
    """

    rules: tuple[Rule, ...]
    fidelity: float
    without_rules: float

    note = "A description of the groups, not the rule by which anybody is placed."

    def to_dict(self) -> dict[str, Any]:
        """The description as JSON can hold it."""
        return {
            "note": self.note, "fidelity": self.fidelity, "without_rules": self.without_rules,
            "rules": [
                {"when": list(r.when), "of_class": r.of_class, "share": r.share, "agreement": r.agreement}
                for r in self.rules
            ],
        }  # fmt: skip

    @classmethod
    def from_dict(cls, body: Mapping[str, Any]) -> Description:
        """Read what `to_dict` wrote."""
        rules = tuple(Rule(**{**one, "when": tuple(one["when"])}) for one in body["rules"])
        return cls(rules, body["fidelity"], body["without_rules"])


@dataclass(frozen=True, slots=True)
class _Question:
    """Is the code of an item this one, or at most this one? Not known counts as no."""

    item: int
    code: int
    at_most: bool

    def holds(self, codes: np.ndarray) -> np.ndarray:
        column = codes[:, self.item]
        return column <= self.code if self.at_most else column == self.code


def describe(
    patterns: Patterns, classes: np.ndarray, scales: Sequence[Scale], k: int
) -> Description:
    """Grow the tree on patterns and the class of each (from 0), and write it as rules."""
    onehot = np.zeros((len(patterns), k))
    onehot[np.arange(len(patterns)), classes] = patterns.weights
    total = float(patterns.weights.sum())
    rules: list[Rule] = []

    def grow(inside: np.ndarray, when: tuple[str, ...], depth: int) -> None:
        counts = onehot[inside].sum(axis=0)
        question = None
        if depth and counts.max() < counts.sum():
            question = _best_question(patterns.codes[inside], onehot[inside], scales, LEAST * total)
        if question is None:
            best = int(counts.argmax())
            share = float(counts.sum()) / total
            rules.append(Rule(when, best + 1, share, float(counts[best] / counts.sum())))
            return
        yes = question.holds(patterns.codes[inside])
        grow(inside[yes], (*when, _words(question, scales, holds=True)), depth - 1)
        grow(inside[~yes], (*when, _words(question, scales, holds=False)), depth - 1)

    grow(np.arange(len(patterns)), (), DEPTH)
    fidelity = sum(rule.share * rule.agreement for rule in rules)
    largest = float(onehot.sum(axis=0).max()) / total
    ordered = sorted(rules, key=lambda rule: (rule.of_class, -rule.share, rule.when))
    return Description(tuple(ordered), fidelity, largest)


def _best_question(
    codes: np.ndarray, onehot: np.ndarray, scales: Sequence[Scale], least: float
) -> _Question | None:
    """The question that leaves the purest two parts, by Gini; None where none helps."""
    whole = onehot.sum(axis=0)
    best, best_score = None, _purity(whole) + 1e-9 * whole.sum()
    for item, scale in enumerate(scales):
        spread = np.array(
            [np.bincount(codes[:, item], column, minlength=scale.size + 1) for column in onehot.T]
        ).T[: scale.size]
        asked = [(spread, False)]
        if scale.is_ordered:
            asked.append((np.cumsum(spread, axis=0)[:-1], True))
        for parts, at_most in asked:
            for code, part in enumerate(parts):
                rest = whole - part
                if part.sum() < least or rest.sum() < least:
                    continue
                score = _purity(part) + _purity(rest)
                if score > best_score:
                    best, best_score = _Question(item, code, at_most), score
    return best


def _purity(counts: np.ndarray) -> float:
    total = float(counts.sum())
    return float(counts @ counts) / total if total else 0.0


def _words(question: _Question, scales: Sequence[Scale], *, holds: bool) -> str:
    scale = scales[question.item]
    label = scale.label or scale.name
    name = scale.name_of(question.code)
    if not question.at_most:
        return f"{label} is {name}" if holds else f"{label} is not {name}"
    if scale.kind == "category":
        return f"{label} is at most {name}" if holds else f"{label} is not at most {name}"
    end = _upper_end(scale, question.code)
    return f"{label} is {end}" if holds else f"{label} is not {end}"


def _upper_end(scale: Scale, code: int) -> str:
    """The upper end of a band in words: `under 65`, `before 1960-01-01`."""
    return Scale(scale.name, scale.kind, edges=(scale.edges[code],)).name_of(0)
