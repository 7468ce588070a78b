"""Puts categories together where that leaves more to read than hiding cells would.

A table is scored by the cells a reader can see, less the cells that have people and are hidden. Of all
ways to put categories together that the caller allows, the one with the best score is taken, again and
again, while the score rises; so a table is only made coarser when it gains.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence

from rooftree.catalogue.model import CodeList, DisclosurePolicy
from rooftree.disclosure.counting import NOT_KNOWN, Counted
from rooftree.disclosure.primary import is_small

_FEWEST = 2  # a dimension of one category says nothing

Parents = Mapping[str, Mapping[str, str] | CodeList]


def parents_of(given: Mapping[str, str] | CodeList) -> dict[str, str]:
    """From each code to its coarser group, of a code list or of a plain mapping."""
    if isinstance(given, CodeList):
        return {code.key: code.parent for code in given.codes if code.parent}
    return dict(given)


def roll_up(
    policy: DisclosurePolicy,
    counted: Counted,
    *,
    parents: Parents,
    ordered: Sequence[str],
    others: Mapping[str, str],
) -> tuple[Counted, dict[str, dict[str, str]]]:
    """The cells after categories are put together, and for each dimension concerned what became of them.

    `parents`: a dimension may be replaced by its coarser groups. `ordered`: neighbours may be joined, as
    age bands may. `others`: categories below the threshold in the whole table may be joined under this
    label.
    """
    done: dict[str, dict[str, str]] = {}
    best = _score(policy, counted)
    while policy.threshold:
        tried = [
            (_score(policy, coarser), -place, name, into, coarser)
            for place, (name, into, coarser) in enumerate(
                _coarser(policy, counted, parents, ordered, others)
            )
        ]
        if not tried:
            break
        score, _, name, into, coarser = max(tried, key=lambda each: each[:2])
        if score <= best:
            break
        best, counted = score, coarser
        so_far = done.get(name, {})
        done[name] = {old: into.get(new, new) for old, new in so_far.items()} | {
            old: new for old, new in into.items() if old not in so_far
        }
    return counted, done


def _score(policy: DisclosurePolicy, counted: Counted) -> int:
    small = is_small(policy, counted.n)
    people = counted.n > 0
    return int((people & ~small).sum()) - int((people & small).sum())


def _coarser(
    policy: DisclosurePolicy,
    counted: Counted,
    parents: Parents,
    ordered: Sequence[str],
    others: Mapping[str, str],
) -> Iterator[tuple[str, dict[str, str], Counted]]:
    for axis, name in enumerate(counted.names):
        labels = counted.labels[axis]
        ways: list[dict[str, str]] = []
        if name in parents:
            ways.append(parents_of(parents[name]))
        if name in ordered:
            bands = [label for label in labels if label != NOT_KNOWN]
            ways += [dict.fromkeys(pair, joined(pair)) for pair in itertools.pairwise(bands)]
        if name in others:
            axes = tuple(at for at in range(counted.n.ndim) if at != axis)
            totals = counted.n.sum(axis=axes)
            few = [
                label
                for label, total in zip(labels, totals, strict=True)
                if total < policy.threshold
            ]
            ways.append(dict.fromkeys(few, others[name]))
        for into in ways:
            coarser = counted.merged(axis, into)
            if _FEWEST <= len(coarser.labels[axis]) < len(labels):
                yield name, into, coarser


def joined(labels: Sequence[str]) -> str:
    """The label of bands put together: the first and the last of them."""
    first = labels[0].split(" … ")[0]
    return f"{first} … {labels[-1].split(' … ')[-1]}"
