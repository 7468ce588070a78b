"""Finding groups in a table: from columns to models of several numbers of classes.

found = rooftree.segments.discover(table, ["tenure", "digital", Item("age", bands=[25, 65])])
found.verdict        is there anything stable, how many groups, and why
found.evidence       BIC, stability, tests of each number of classes
found.profiles       what marks each group, against everybody (100)
found.choose(4)      a person decides
found.assign(table)  places people, and says of whom too little is known
found.to_json()      to publish with a definition
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from rooftree.segments.discovery.blocks import Likelihood, Parameters
from rooftree.segments.discovery.coding import as_arrow, encode, learn, weights_of
from rooftree.segments.discovery.collapse import Patterns, collapse, thin
from rooftree.segments.discovery.description import describe
from rooftree.segments.discovery.evidence import judge, seen_codes
from rooftree.segments.discovery.fitting import FEWEST_STARTS, fit
from rooftree.segments.discovery.items import Item, Scale, items_of
from rooftree.segments.discovery.model import ClassModel, Discovery
from rooftree.segments.discovery.resampling import ratio_test, stability
from rooftree.segments.discovery.verdict import Thresholds, weigh
from rooftree.vocabulary.errors import UserError
from rooftree.vocabulary.progress import NoProgress, Progress

#: What a weight says: that a row stands for so many people, or for a share of a population.
WEIGHT_IS = ("count", "sampling")
#: People on whom the describing rules are grown.
DESCRIBED = 50_000
MOST_CLASSES = 20


def discover(
    table: Any,
    items: Iterable[str | Item] | Mapping[str, Any],
    *,
    classes: int | Iterable[int] = range(2, 9),
    weight: str | None = None,
    weight_is: str = "count",
    seed: int = 1,
    starts: int = 20,
    resamples: int = 20,
    replicates: int = 49,
    thresholds: Thresholds | None = None,
    progress: Progress | None = None,
) -> Discovery:
    """Find groups of people who answer alike, by a latent class model.

    table: anything Arrow can read (pandas, Polars, DuckDB, PyArrow), a row for each person.
    items: columns; or `Item`s, which say bands, order and codes for not known; or a mapping of
        column to bands. Missing answers stay missing: every person counts with what is known of
        them (full information; right where answers are missing at random, given the known ones).
    classes: numbers of classes to fit. One class, that is no groups, is always fitted beside them.
    weight: a column of weights. weight_is: `count`, a row stands for so many people, so n in BIC is
        the sum; `sampling`, weights are brought to sum to the number of rows first.
    starts: random starts, at least ten; up to five times as many where the best is seldom reached.
    resamples: for the stability of each number of classes; 0 leaves it out.
    replicates: of the bootstrap likelihood-ratio test against one class fewer; 0 leaves it out.
    thresholds: from where a number of classes is held to be usable.

    The same people give the same classes under the same seed, whatever their order. Raises
    UserError where a column cannot be an item, the table is empty, or nothing can be fitted.
    """
    progress = progress or NoProgress()
    wanted = _numbers_of_classes(classes)
    _check_effort(starts, resamples, replicates)
    scales, patterns = read_patterns(table, items, weight=weight, weight_is=weight_is)
    skipped = _not_possible(patterns, wanted)
    if all(k in skipped for k in wanted):
        raise UserError("Nothing can be fitted. " + " ".join(skipped[k] for k in wanted))
    models: dict[int, ClassModel] = {}
    fitted = [k for k in sorted({1, *wanted}) if k not in skipped]
    with progress.step("fitting classes", total=len(fitted), unit="models") as step:
        whole = Likelihood(patterns)
        for k in fitted:
            models[k] = _fit_one(whole, scales, k, starts=starts, seed=seed)
            step.advance()
    for k in fitted:
        if k > 1:
            models[k] = _test_one(
                patterns, models[k], seed=seed, progress=progress,
                resamples=resamples, replicates=replicates,
            )  # fmt: skip
    verdict = weigh([one.evidence for one in models.values()], thresholds or Thresholds())
    offered = [k for k in wanted if k in models]
    lowest = min(offered, key=lambda k: (models[k].evidence.bic, k))
    return Discovery(
        models=models, verdict=verdict, chosen=verdict.suggested or lowest,
        n=patterns.n, n_blank=patterns.n_blank, seed=seed, skipped=skipped,
    )  # fmt: skip


def read_patterns(
    table: Any,
    items: Iterable[str | Item] | Mapping[str, Any],
    *,
    weight: str | None = None,
    weight_is: str = "count",
) -> tuple[tuple[Scale, ...], Patterns]:
    """The items' scales on this table, and its patterns. Raises UserError where it cannot be read."""
    if weight_is not in WEIGHT_IS:
        raise UserError(f"weight_is is one of {', '.join(WEIGHT_IS)}; not {weight_is!r}.")
    wanted = items_of(items)
    names = [item.name for item in wanted]
    if weight in names:
        raise UserError(f"{weight!r} is the weight and an item. It can be one of them.")
    arrow = as_arrow(table, [*names, *([weight] if weight else [])])
    if not len(arrow):
        raise UserError("The table has no rows, so there is nobody to group.")
    weights = None
    if weight:
        weights = weights_of(arrow, weight)
        if (weights == 0).any():  # nobody: no code of theirs may enter a scale
            arrow, weights = arrow.filter(weights > 0), weights[weights > 0]
        if weight_is == "sampling":
            weights = weights * (len(weights) / weights.sum())
    scales = tuple(learn(arrow[item.name], item, weights) for item in wanted)
    sizes = tuple(scale.size for scale in scales)
    columns = (encode(arrow[scale.name], scale) for scale in scales)
    patterns = collapse(columns, sizes, weights)
    if not len(patterns):
        raise UserError("No answer is known to any of the items, so there is nothing to group by.")
    found = zip(scales, seen_codes(patterns), strict=True)
    return tuple(
        replace(scale, absent=tuple(code for code in range(scale.size) if code not in seen))
        for scale, seen in found
    ), patterns


def _numbers_of_classes(classes: int | Iterable[int]) -> list[int]:
    wanted = sorted({classes} if isinstance(classes, int) else set(classes))
    if not wanted or wanted[0] < 1 or wanted[-1] > MOST_CLASSES:
        raise UserError(
            f"The numbers of classes are from 1 to {MOST_CLASSES}, such as range(2, 9). "
            "More groups than that cannot be told apart by those who are to serve them."
        )
    return wanted


def _check_effort(starts: int, resamples: int, replicates: int) -> None:
    if starts < FEWEST_STARTS:
        raise UserError(
            f"{starts} starts cannot tell the best result from an accident. Ask for at least "
            f"{FEWEST_STARTS}."
        )
    if min(resamples, replicates) < 0:
        raise UserError("Resamples and replicates are numbers from 0 on.")


def _not_possible(patterns: Patterns, wanted: list[int]) -> dict[int, str]:
    most = len(patterns)
    return {
        k: f"{k} classes are more than the {most} different patterns of answers."
        for k in wanted
        if k > most
    }


def _fit_one(
    whole: Likelihood, scales: tuple[Scale, ...], k: int, *, starts: int, seed: int
) -> ClassModel:
    found = fit(whole, k, starts=starts, seed=seed)
    at = _in_order(found.at)
    evidence = judge(
        whole, at, starts=found.starts, reached=found.reached, converged=found.converged
    )
    description = None
    if k > 1:
        many = len(whole.patterns) > DESCRIBED
        people = Likelihood(thin(whole.patterns, DESCRIBED)) if many else whole
        description = describe(people.patterns, people.modal(at), scales, k)
    shares = tuple(float(share) for share in at.shares)
    return ClassModel(scales, shares, at.theta, evidence, None, description)


def _in_order(at: Parameters) -> Parameters:
    """The largest class first, and equal ones by their profile: names do not hang on chance."""
    keys = [
        (-round(float(share), 6), *(-np.round(profile, 4)).tolist())
        for share, profile in zip(at.shares, at.theta.T, strict=True)
    ]
    order = sorted(range(at.k), key=keys.__getitem__)
    return Parameters(at.shares[order], at.theta[:, order])


def _test_one(
    patterns: Patterns, model: ClassModel, *, seed: int, progress: Progress,
    resamples: int, replicates: int,
) -> ClassModel:  # fmt: skip
    """The same model with the evidence that takes resampling."""
    at = Parameters(np.array(model.shares), model.theta)
    evidence, spread = model.evidence, None
    if resamples:
        with progress.step(
            f"stability of {at.k} classes", total=resamples, unit="resamples"
        ) as step:
            found, thetas = stability(patterns, at, resamples=resamples, seed=seed, step=step)
        evidence = replace(evidence, stability=found)
        # Fewer people than all in a resample scatter more than all would.
        if resamples > 1:
            spread = thetas.std(axis=0, ddof=1) * np.sqrt(min(found.n / patterns.n, 1.0))
    if replicates:
        with progress.step(f"test of {at.k} classes", total=replicates, unit="replicates") as step:
            test = ratio_test(patterns, more=at, replicates=replicates, seed=seed, step=step)
        evidence = replace(evidence, ratio_test=test)
    return replace(model, evidence=evidence, spread=spread)
