"""What chance could have made: stability by resampling, and the bootstrap likelihood-ratio test.

Both refit the model many times, on as many people as there are, or on `MOST_PEOPLE` where there are
more. Groups that show only among more people than that are too faint to serve anybody by.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import linear_sum_assignment

from rooftree.segments.discovery.blocks import Likelihood, Parameters
from rooftree.segments.discovery.collapse import Patterns, collapse, draw, thin
from rooftree.segments.discovery.evidence import RatioTest, Stability
from rooftree.segments.discovery.fitting import climb, fit_quickly, tolerance
from rooftree.vocabulary.progress import Step

MOST_PEOPLE = 10_000
#: The ratio test needs fewer to see a class that matters, and takes many more fits.
MOST_TESTED = 5_000
#: The test stops when so many replicates gained as much: p can no longer be small.
ENOUGH_AS_GREAT = 8


def stability(
    patterns: Patterns, at: Parameters, *, resamples: int, seed: int, step: Step
) -> tuple[Stability, np.ndarray]:
    """How far the classes come back in bootstrap resamples; and theta of each, classes matched.

    Each resample is fitted from random starts of its own, never from the model that is judged:
    begun there, it would come back to it too often. Both models then place the same people.
    """
    n = round(min(patterns.n, MOST_PEOPLE)) or 1
    judges = patterns if len(patterns) <= MOST_PEOPLE else thin(patterns, MOST_PEOPLE)
    on_judges = Likelihood(judges)
    found = on_judges.modal(at)
    rands, jaccards, thetas = [], [], []
    for number in range(resamples):
        rng = np.random.default_rng([seed, at.k, 1, number])
        again = fit_quickly(Likelihood(draw(patterns, n, rng)), at.k, rng).at
        other = on_judges.modal(again)
        crossed = np.zeros((at.k, at.k))
        np.add.at(crossed, (found, other), judges.weights)
        rands.append(adjusted_rand(crossed))
        overlap = _jaccard(crossed)
        jaccards.append(overlap.max(axis=1))
        thetas.append(again.theta[:, linear_sum_assignment(-overlap)[1]])
        step.advance()
    mean = tuple(float(value) for value in np.mean(jaccards, axis=0))
    return Stability(float(np.mean(rands)), mean, resamples, n), np.array(thetas)


def adjusted_rand(crossed: np.ndarray) -> float:
    """The adjusted Rand index (Hubert and Arabie 1985) of a table of two groupings."""

    def pairs(counts: np.ndarray) -> float:
        return float((counts * (counts - 1)).sum()) / 2

    together = pairs(crossed)
    rows, columns = pairs(crossed.sum(axis=1)), pairs(crossed.sum(axis=0))
    n = float(crossed.sum())
    every = n * (n - 1) / 2
    by_chance = rows * columns / every if every else 0.0
    most = (rows + columns) / 2
    return 1.0 if most == by_chance else (together - by_chance) / (most - by_chance)


def _jaccard(crossed: np.ndarray) -> np.ndarray:
    either = crossed.sum(axis=1)[:, None] + crossed.sum(axis=0)[None, :] - crossed
    return np.divide(crossed, either, out=np.zeros_like(crossed), where=either > 0)


def ratio_test(
    patterns: Patterns, *, more: Parameters, replicates: int, seed: int, step: Step
) -> RatioTest:
    """Whether `more.k` classes say more than one fewer would by chance. p is never 0.

    Where eight replicates gained as much, it stops early, and p is eight in so many (Besag and
    Clifford 1991).
    """
    k = more.k
    rng = np.random.default_rng([seed, k, 2])
    rows = _people(patterns, rng)
    sample = collapse(rows.T, patterns.sizes)
    likelihood = Likelihood(sample)
    less = fit_quickly(likelihood, k - 1, rng, starts=20)
    less = climb(likelihood, less.at, within=tolerance(sample.n))
    statistic = _gain(likelihood, less.at, rng, more)
    as_great = 0
    for number in range(replicates):
        drawn = np.random.default_rng([seed, k, 3, number])
        made = collapse(simulate(rows, patterns.sizes, less.at, drawn).T, patterns.sizes)
        as_great += _gain(Likelihood(made), less.at, drawn, None) >= statistic
        step.advance()
        if as_great == ENOUGH_AS_GREAT:
            return RatioTest(statistic, as_great / (number + 1), number + 1, len(rows))
    return RatioTest(statistic, (1 + as_great) / (1 + replicates), replicates, len(rows))


def _gain(
    likelihood: Likelihood, null: Parameters, rng: np.random.Generator, more: Parameters | None
) -> float:
    """Twice the log-likelihood that one more class adds.

    The smaller model climbs from the parameters that the people were simulated from, the larger
    from several random starts and from the smaller with its largest class split, so that a replicate
    is fitted no worse than the data and the test does not reject too often.
    """
    k = null.k
    less = fit_quickly(likelihood, k, rng, starts=2 if k > 1 else 1, warm=null)
    largest = int(less.at.shares.argmax())
    theta = np.column_stack([less.at.theta, less.at.theta[:, largest]])
    theta[:, [largest, k]] *= rng.uniform(0.5, 1.5, size=(len(theta), 2))
    shares = np.append(less.at.shares, less.at.shares[largest] / 2)
    shares[largest] /= 2
    split = Parameters(shares, theta / likelihood.item_sums(theta))
    best = fit_quickly(likelihood, k + 1, rng, starts=8, warm=split).log_likelihood
    if more is not None:
        close = climb(likelihood, more, within=tolerance(likelihood.n))
        best = max(best, close.log_likelihood)
    return max(2 * (best - less.log_likelihood), 0.0)


def _people(patterns: Patterns, rng: np.random.Generator) -> np.ndarray:
    """Person × item: everybody, where weights count people and are few; else a draw by weight."""
    size = round(min(patterns.n, MOST_TESTED)) or 1
    counts = patterns.weights
    if patterns.n <= MOST_TESTED and (counts == np.round(counts)).all():
        return np.repeat(patterns.codes, counts.astype(int), axis=0)
    drawn = draw(patterns, size, rng)
    return np.repeat(drawn.codes, drawn.weights.astype(int), axis=0)


def simulate(
    rows: np.ndarray, sizes: tuple[int, ...], at: Parameters, rng: np.random.Generator
) -> np.ndarray:
    """As many people, answering as the classes do; each lacks the answers that a real one lacks."""
    classes = rng.choice(at.k, size=len(rows), p=at.shares / at.shares.sum())
    made = np.empty_like(rows)
    start = 0
    for item, size in enumerate(sizes):
        rising = np.cumsum(at.theta[start : start + size], axis=0)
        chance = rng.random(len(rows)) * rising[-1, classes] if size else np.empty(len(rows))
        code = (chance[:, None] > rising.T[classes][:, :-1]).sum(axis=1) if size else 0
        made[:, item] = np.where(rows[:, item] == size, size, code)
        start += size
    return made
