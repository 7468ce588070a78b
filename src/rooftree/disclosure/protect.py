"""Makes a table safe to publish: rolls up, hides what is small and what gives it away, rounds, audits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np

from rooftree.catalogue import load_policies
from rooftree.catalogue.fields import did_you_mean
from rooftree.catalogue.model import DisclosurePolicy
from rooftree.disclosure import counting, measures, primary, rollup
from rooftree.disclosure.audit import audit
from rooftree.disclosure.counting import Counted
from rooftree.disclosure.cube import Cube, dimension
from rooftree.disclosure.ledger import Ledger, Note, Release
from rooftree.disclosure.primary import Primary, Reason
from rooftree.disclosure.result import (
    Decided,
    Protected,
    build_report,
    published_table,
    staff_table,
)
from rooftree.disclosure.rounding import reader_knows, rounded
from rooftree.disclosure.suppress import Suppression, suppress
from rooftree.disclosure.task import Task, build_task
from rooftree.vocabulary.errors import DataError, NotFound, PolicyDenied, Problem

#: Up to this much work, unknown cells times hidden cells, the independent audit looks at every result
#: before it leaves. Where numbers are rounded, every cell is unknown and each programme is larger.
AUDIT_WORK = 200_000
_WIDER = 10
#: How often more is hidden, where the ledger says that a difference tells, before it is refused.
_TRIES = 6


@cache
def _shipped() -> dict[str, DisclosurePolicy]:
    return load_policies()


def find_policy(policy: str | DisclosurePolicy) -> DisclosurePolicy:
    """The policy of this key among the shipped ones; a policy as it is. NotFound names the nearest key."""
    if isinstance(policy, DisclosurePolicy):
        return policy
    found = _shipped().get(policy)
    if found is None:
        remedy = did_you_mean(policy, _shipped())
        raise NotFound(f"There is no disclosure policy {policy!r}. {remedy}")
    return found


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the caller asked for, with the cells before and after roll-up."""

    table: Any
    by: tuple[str, ...]
    policy: DisclosurePolicy
    before: Counted
    counted: Counted
    into: Mapping[str, Mapping[str, str]]
    cube: Cube
    groups: Mapping[str, Mapping[str, str]]
    money: bool


def protect(
    table: Any,
    *,
    by: str | Sequence[str],
    policy: str | DisclosurePolicy = "rooftree",
    count: str | None = None,
    value: str | None = None,
    largest: Sequence[str] = (),
    unit: str | Sequence[str] = (),
    key: bytes = b"",
    order: Mapping[str, Sequence[str]] | None = None,
    parents: rollup.Parents | None = None,
    ordered: Sequence[str] = (),
    others: Mapping[str, str] | None = None,
    subtotals: Sequence[str] = (),
    shares: Sequence[str] = (),
    means: Sequence[str] = (),
    medians: Sequence[str] = (),
    released: Ledger | None = None,
    note: Note | None = None,
    differences: str = "refuse",
    seconds: float = 10.0,
) -> Protected:
    """A table by these dimensions, with margins, that is safe to publish under the policy.

    `table` is anything Arrow can read: one row per person, or with `count` a counted table without
    totals (missing combinations are zeros). `by` names its dimensions, `policy` a shipped policy (or is
    one of a landlord's catalogue). `order` gives the categories of a dimension, those nobody has too.
    Money: `value` names an amount to be summed; each row is then one contributor, or `count` says how
    many there were and `largest` names columns with the largest one or two contributions.
    Coarser categories, used only where more can be read with than without them: `parents` (a code list,
    or category to group), `ordered` (neighbours may be joined), `others` (rare ones may be joined under
    this label). `subtotals` names dimensions of `parents` that are shown with their groups instead.
    `shares` adds percentages within dimensions; `means` and `medians` those of numeric columns. A
    column is added for each, and what is hidden has none.

    `unit` names what makes a row one person (or one thing), such as person_id; with the secret `key`
    (that of the ledger, where there is one) it decides rounding by people, and what the ledger
    remembers. `released` is a ledger: the table is checked against all that was published before, and
    recorded when `note` says what it is.
    `differences`: "refuse" raises PolicyDenied where a difference would tell of a few people, "suppress"
    hides more as long as that helps.

    `seconds` bounds the search for the optimum; a quicker method that protects as well takes over.
    """
    key = key or (released.key if released is not None else b"")
    asked = _prepare(
        table, by, find_policy(policy), count, value, largest, _names(unit), key, order,
        parents or {}, ordered, others or {}, subtotals, means,
    )  # fmt: skip
    decided, method, release = _decide_with(
        asked, released, note, _names(unit), count, key, differences, seconds
    )
    extra = _extra(asked, decided, shares, means, medians)
    result = _result(asked, decided, method, extra)
    if released is not None and release is not None and note is not None:
        released.record(release)
    return result


def _names(given: str | Sequence[str]) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given)


def _prepare(
    table: Any,
    by: str | Sequence[str],
    policy: DisclosurePolicy,
    count: str | None,
    value: str | None,
    largest: Sequence[str],
    unit: tuple[str, ...],
    key: bytes,
    order: Mapping[str, Sequence[str]] | None,
    parents: rollup.Parents,
    ordered: Sequence[str],
    others: Mapping[str, str],
    subtotals: Sequence[str],
    means: Sequence[str],
) -> _Asked:
    table = counting.as_arrow(table)
    by = _names(by)
    if policy.rounding == "by_people" and not unit:
        raise DataError(
            [
                Problem(
                    "disclosure.protect",
                    f"the policy {policy.key} rounds by who is counted, and nobody says who that is.",
                    "Name the column of ids with unit=.",
                )
            ]
        )
    before = counting.count(
        table,
        by=by,
        n=count,
        amount=value,
        largest=largest,
        n_largest=max(policy.dominance_n, 2),
        unit=unit,
        key=key,
        sums=means,
        order=order,
    )
    coarse = {name: given for name, given in parents.items() if name not in subtotals}
    counted, into = before, {}
    if not policy.exact:
        counted, into = rollup.roll_up(
            policy, before, parents=coarse, ordered=ordered, others=others
        )
    groups = {name: rollup.parents_of(parents[name]) for name in subtotals if name in parents}
    cube = Cube(
        tuple(
            dimension(name, labels, groups=groups.get(name))
            for name, labels in zip(by, counted.labels, strict=True)
        )
    )
    return _Asked(table, by, policy, before, counted, into, cube, groups, value is not None)


def _decide(asked: _Asked, telling: frozenset[int], seconds: float) -> tuple[Decided, str]:
    """Which cells are hidden; `telling` are cells to be hidden because they tell with earlier tables."""
    policy, cube, counted = asked.policy, asked.cube, asked.counted
    n = cube.summed(counted.n)
    if asked.money:
        assert counted.amount is not None
        assert counted.largest is not None
        true = cube.summed(counted.amount)
        published = true
        tops = primary.largest_in_margins(cube.dimensions, counted.largest)
        first = primary.amounts(policy, n, true, tops)
    else:
        true = n
        people = _people_in_margins(cube, counted) if policy.rounding == "by_people" else None
        published = rounded(true, policy, people=people)
        first = primary.counts(policy, cube, n)
    first.reason[[cell for cell in telling if not first.reason[cell]]] = Reason.DIFFERENCE
    if policy.exact:
        hidden = np.zeros(cube.n_cells, dtype=bool)
        nothing = first.reason * 0
        return Decided(cube, true, published, hidden, nothing, n, hidden, nothing * 1.0), "nothing"
    told = (first.reason == Reason.SMALL) & (policy.small_text_tells and not asked.money)
    found, again = Suppression(first.cells, "nothing"), None
    while policy.secondary:
        task = _task(asked, true, published, first, told)
        found = suppress(
            cube, task, seconds=seconds, before=None if again is None else found, again=again
        )
        if not found.failed:
            break
        # "Fewer than 5" four times in a row whose total is fewer than 5 is 1 four times. Such cells and
        # those beside them say no more than that they are hidden; in the end all do.
        untold = told & _beside(cube, found.failed)
        untold = untold if untold.any() else told
        told = told & ~untold
        again = untold.copy()
        again[list(found.failed)] = True
    decided = Decided(cube, true, published, found.hidden, first.reason, n, told, first.protection)
    return decided, found.method


def _beside(cube: Cube, cells: frozenset[int]) -> np.ndarray:
    """The cells that share an equation with these, themselves among them."""
    marked = np.zeros(cube.n_cells)
    marked[list(cells)] = 1.0
    sums = abs(cube.equations)
    return (sums.T @ (sums @ marked)) > 0


def _people_in_margins(cube: Cube, counted: Counted) -> np.ndarray:
    assert counted.people is not None
    cells = counted.people
    for axis, each in enumerate(cube.dimensions):
        nodes = []
        for node in range(len(each.nodes)):
            inside = [leaf for leaf in range(each.n_leaves) if node in each.above(leaf)]
            nodes.append(np.bitwise_xor.reduce(cells.take(inside, axis=axis), axis=axis))
        cells = np.stack(nodes, axis=axis)
    return cells.ravel()


def _task(
    asked: _Asked, true: np.ndarray, published: np.ndarray, first: Primary, told: np.ndarray
) -> Task:
    policy, cells = asked.policy, first.cells
    low, high = reader_knows(published, policy, counts=not asked.money)
    below, above = true.copy(), np.full(len(true), float(true.max(initial=1.0)) * 2 + 100)
    least = 0.0 if policy.zeros == "small" else 1.0
    below[told] = true[told] - least
    above[told] = policy.threshold - 1 - true[told]
    # Loose money is measured in units of the least protection asked for, so that the linear
    # programmes deal in numbers of a sensible size.
    asked_for = first.protection[cells & (first.protection > 0)]
    unit = float(asked_for.min()) if asked.money and len(asked_for) else 1.0
    return build_task(
        asked.cube.equations,
        true / unit,
        primary=cells,
        cost=np.where(first.may_be_hidden, true + 1, np.inf),
        protection=first.protection / unit,
        shown_below=np.where(cells, 0.0, true - low) / unit,
        shown_above=np.where(cells, 0.0, high - true) / unit,
        hidden_below=below / unit,
        hidden_above=above / unit,
        told=told,
    )


def _decide_with(
    asked: _Asked,
    ledger: Ledger | None,
    note: Note | None,
    unit: tuple[str, ...],
    count: str | None,
    key: bytes,
    differences: str,
    seconds: float,
) -> tuple[Decided, str, Release | None]:
    """As `_decide`; with a ledger, hiding what tells together with earlier releases, or refusing."""
    if ledger is None or asked.policy.exact:  # what staff see of their own people is no release
        return *_decide(asked, frozenset(), seconds), None
    if not unit:
        raise DataError(
            [
                Problem(
                    "disclosure.protect",
                    "a table cannot be checked against earlier ones without knowing who is counted.",
                    "Name the columns that make a row unique with unit=.",
                )
            ]
        )
    found = counting.units(asked.table, by=asked.by, unit=unit, n=count, key=key)
    telling: frozenset[int] = frozenset()
    for _ in range(_TRIES):
        decided, method = _decide(asked, telling, seconds)
        release = _release(asked, decided, found, note or Note(), unit)
        if differences == "refuse":
            ledger.check(release)
            return decided, method, release
        findings = ledger.findings(release)
        if not findings:
            return decided, method, release
        more = frozenset(cell for each in findings for cell in each.cells)
        if more <= telling:  # nothing is left that could be hidden
            break
        telling |= more
    raise PolicyDenied(
        "The table would tell of a few people together with what was published before, and hiding more "
        "cells of it does not help. Publish it for the same people as before, or with fewer dimensions."
    )


def _release(
    asked: _Asked, decided: Decided, found: counting.Units, note: Note, unit: tuple[str, ...]
) -> Release:
    low, high = reader_knows(decided.published, asked.policy, counts=not asked.money)
    policy = asked.policy
    low = np.where(decided.hidden, 0.0, low)
    high = np.where(decided.hidden, np.inf, high)
    low[decided.told] = 0.0 if policy.zeros == "small" else 1.0
    high[decided.told] = policy.threshold - 1
    axes = []
    for each, name, labels in zip(asked.cube.dimensions, asked.by, found.labels, strict=True):
        merged = asked.into.get(name, {})
        place = {node: at for at, node in enumerate(each.nodes[: each.n_leaves])}
        axes.append(np.array([place[merged.get(label, label)] for label in labels], dtype=np.int64))
    return Release(
        note=replace(note, policy=policy.key),
        grain=", ".join(unit),
        cube=asked.cube,
        key=found.key,
        n=found.n,
        leaf=np.asarray(np.ravel_multi_index(axes, asked.cube.leaf_shape), dtype=np.int64),
        low=low,
        high=high,
        least=policy.threshold or policy.base,  # a policy that hides nothing rounds
        protection=policy.protection,
    )


def _extra(
    asked: _Asked,
    decided: Decided,
    shares: Sequence[str],
    means: Sequence[str],
    medians: Sequence[str],
) -> dict[str, np.ndarray]:
    extra: dict[str, np.ndarray] = {}
    for name in shares:
        if name not in asked.by:
            raise DataError(
                [Problem("disclosure.protect", f"{name} is no dimension.", "Name one of by=.")]
            )
        axis = asked.by.index(name)
        extra[f"percent_of_{name}"] = measures.shares(decided, asked.policy, axis)
    for name in means:
        assert asked.counted.sums is not None
        extra[f"mean_{name}"] = measures.means(decided, asked.policy, asked.counted.sums[name])
    for name in medians:
        extra[f"median_{name}"] = measures.medians(
            decided,
            asked.policy,
            asked.table,
            by=asked.by,
            of=name,
            before=asked.before,
            into=asked.into,
        )
    return extra


def _result(
    asked: _Asked, decided: Decided, method: str, extra: Mapping[str, np.ndarray]
) -> Protected:
    policy = asked.policy
    table = published_table(decided, policy, extra=extra, money=asked.money)
    audited = False
    n_hidden = int(decided.hidden.sum())
    unknown = decided.cube.n_cells * _WIDER if policy.rounding != "none" else n_hidden
    if (decided.reason > 0).any() and policy.secondary and unknown * n_hidden <= AUDIT_WORK:
        _refuse_unprotected(asked, decided, table)
        audited = True
    rolled = {
        name: f"{len(old)} categories put together to {len(new)}"
        for name, old, new in zip(asked.by, asked.before.labels, asked.counted.labels, strict=True)
        if name in asked.into
    }
    report = build_report(decided, rolled_up=rolled, method=method, audited=audited)
    return Protected(table, staff_table(decided, policy), policy, report, asked.groups)


def _refuse_unprotected(asked: _Asked, decided: Decided, table: Any) -> None:
    """The last word before a table leaves: the independent audit must not get near a primary cell."""
    policy = asked.policy
    money = asked.money
    found = audit(table, by=asked.by, policy=policy, groups=asked.groups, whole=not money)
    hidden = np.flatnonzero(decided.hidden)
    low = np.array(found.column("low"))
    high = np.array(found.column("high").fill_null(np.inf))
    true, reason, told = decided.true[hidden], decided.reason[hidden], decided.told[hidden]
    need = decided.protection[hidden]
    slack = 1e-6 * max(1.0, float(decided.true.max(initial=1.0)))
    near = (low > true - np.minimum(need, true) + slack) | (high < true + need - slack)
    # Within a range that the text tells, a reader must not know the number; more there is not to ask.
    room = np.minimum(need, policy.threshold - 1 - (0.0 if policy.zeros == "small" else 1.0))
    bad = (reason > 0) & np.where(told, high - low < room - slack, near)
    if bad.any():
        raise PolicyDenied(
            f"The audit found {int(bad.sum())} cells of the table that could be worked out. Nothing was "
            "published. Use fewer dimensions or coarser categories, and report this: it is a defect."
        )
