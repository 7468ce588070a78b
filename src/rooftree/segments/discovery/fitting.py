"""Fitting a latent class model: many random starts, each climbing as far as it goes.

One start of EM is a coin toss. Starts climb on a sample where there are many patterns, and the best
goes on with everybody. Climbing is EM with SQUAREM (Varadhan and Roland 2008): two steps show where
the third, fourth … would lead, and the leap is taken back where the likelihood would fall.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rooftree.segments.discovery.blocks import Likelihood, Parameters
from rooftree.segments.discovery.collapse import thin

#: Starts climb on all patterns up to this many, and on a sample of so many people beyond.
SAMPLE = 20_000
HALF_WAY = 200_000
#: Fewer starts than this say nothing about whether the best was found.
FEWEST_STARTS = 10
#: The starts go on until the best was reached so often …
ENOUGH = 3
#: … or up to so many times the number asked for; less where there are more patterns than `FEW`.
PATIENCE, PATIENCE_WITH_MANY, FEW = 5, 2, 5_000
#: Steps of EM at most, for one climb; and in a resample, which hardly rises any more by then.
MOST_STEPS, MOST_STEPS_AGAIN = 50_000, 500
#: What a leap leaves of a probability at least.
LEAST_LEFT = 0.1
#: How far parameters from a sample move towards everybody before they climb on.
LIFT = 0.01


@dataclass(frozen=True, slots=True, eq=False)
class Climb:
    """Where one climb ended. `trace`: the log-likelihood at each cycle, never falling."""

    at: Parameters
    log_likelihood: float
    steps: int
    converged: bool
    trace: tuple[float, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """The best of many starts. `reached`: how many of the starts came to the same height."""

    at: Parameters
    log_likelihood: float
    starts: int
    reached: int
    converged: bool


def tolerance(n: float) -> float:
    """How much log-likelihood may still be missing at the end of a climb, for so many people.

    A ten-thousand-millionth for few people, so that published figures come out to their last digit. A
    hundred-millionth per person for very many, where the best parameters differ from the true ones by
    thousands of times as much.
    """
    return max(1e-10, min(1e-14 * n * n, 1e-8 * n))


def climb(
    likelihood: Likelihood, start: Parameters, *, within: float, most: int = MOST_STEPS
) -> Climb:
    """Climb until less than `within` of log-likelihood is expected to be missing."""
    trace: list[float] = []
    steps, base = 0, start
    while True:
        height, one = likelihood.step(base)
        higher, two = likelihood.step(one)
        trace += [height, higher]
        steps += 2
        gap, bend = _difference(one, base), _difference(two, one)
        converged = _missing(higher - height, gap, bend) < within
        if converged or steps >= most:
            return Climb(one, higher, steps, converged, tuple(trace))
        base = two
        leap = _leap(start=one, gap=gap, bend=bend)
        if leap is not None:
            reached, after = likelihood.step(normalised(likelihood, leap))
            steps += 1
            if reached >= higher:
                trace.append(reached)
                base = after


def _missing(gain: float, gap: np.ndarray, bend: np.ndarray) -> float:
    """The log-likelihood that EM would still gain: the gains of a slow climb fall geometrically."""
    length = float(gap @ gap)
    if length == 0.0:
        return 0.0
    rate = min(float(bend @ bend) / length, 1 - 1e-9)  # the square of the shortening of a step
    return abs(gain) / (1 - rate)


def _difference(new: Parameters, old: Parameters) -> np.ndarray:
    return np.concatenate([new.shares - old.shares, (new.theta - old.theta).ravel()])


def _leap(*, start: Parameters, gap: np.ndarray, bend: np.ndarray) -> Parameters | None:
    """Where the two steps point to (scheme S3). None where they point no further than they went.

    start: the parameters after the first step; gap: that step; bend: the second step. What is held
    at its least makes the sums pass 1: normalise before use.
    """
    curve = bend - gap
    size = float(curve @ curve)
    if size == 0.0:
        return None
    length = np.sqrt(float(gap @ gap) / size)
    if length <= 1.0:
        return None
    # base + 2·length·gap + length²·curve, with base = start - gap
    move = (2 * length - 1) * gap + length**2 * curve
    k = start.k
    # A probability that leaps to nought would take EM, which multiplies, for ever to come back.
    return Parameters(
        np.maximum(start.shares + move[:k], start.shares * LEAST_LEFT),
        np.maximum(start.theta + move[k:].reshape(start.theta.shape), start.theta * LEAST_LEFT),
    )


def normalised(likelihood: Likelihood, at: Parameters) -> Parameters:
    """The same with the categories of each item summing to 1."""
    return Parameters(at.shares / at.shares.sum(), at.theta / likelihood.item_sums(at.theta))


def lifted(likelihood: Likelihood, at: Parameters) -> Parameters:
    """The same moved a little towards everybody, for a climb on more people than before.

    An answer that nobody of a class gave in the sample stands at nought, and EM, which multiplies,
    would leave it there though somebody among the others gives it.
    """
    marginal = (at.theta @ at.shares)[:, None]
    return normalised(likelihood, Parameters(at.shares, (1 - LIFT) * at.theta + LIFT * marginal))


def random_start(likelihood: Likelihood, k: int, rng: np.random.Generator) -> Parameters:
    """Parameters drawn evenly over all that are possible."""
    theta = rng.exponential(size=(likelihood.n_theta, k)) + 1e-3
    return normalised(likelihood, Parameters(rng.dirichlet(np.full(k, 5.0)), theta))


def fit(whole: Likelihood, k: int, *, starts: int, seed: int) -> Fit:
    """The best latent class model of `k` classes that so many starts find."""
    patterns, n = whole.patterns, whole.n
    if k == 1:
        only = climb(whole, random_start(whole, 1, np.random.default_rng(seed)), within=1e-9)
        return Fit(only.at, only.log_likelihood, 1, 1, only.converged)
    small = len(patterns) <= SAMPLE * 3 // 2
    sample = whole if small else Likelihood(thin(patterns, SAMPLE))
    best, climbs = _best_of_starts(sample, k, starts, seed)
    near = 10 * _start_tolerance(sample.n)
    reached = sum(best.log_likelihood - one < near for one in climbs)
    if len(patterns) > 3 * HALF_WAY:  # a stop half-way saves steps with everybody
        middle = Likelihood(thin(patterns, HALF_WAY))
        best = climb(middle, lifted(middle, best.at), within=_start_tolerance(middle.n))
    best = climb(whole, best.at if small else lifted(whole, best.at), within=tolerance(n))
    return Fit(best.at, best.log_likelihood, len(climbs), reached, best.converged)


def _start_tolerance(n: float) -> float:
    return max(1e-5, 1e-6 * n)


def _best_of_starts(
    likelihood: Likelihood, k: int, starts: int, seed: int
) -> tuple[Climb, list[float]]:
    """The highest of the climbs, and how high each came."""
    best: Climb | None = None
    heights: list[float] = []
    within = _start_tolerance(likelihood.n)
    patience = PATIENCE if len(likelihood.patterns) <= FEW else PATIENCE_WITH_MANY
    while len(heights) < starts * patience:
        rng = np.random.default_rng([seed, k, len(heights)])
        one = climb(likelihood, random_start(likelihood, k, rng), within=within)
        heights.append(one.log_likelihood)
        if best is None or one.log_likelihood > best.log_likelihood:
            best = one
        near = sum(best.log_likelihood - height < 10 * within for height in heights)
        if len(heights) >= starts and near >= ENOUGH:
            break
    assert best is not None
    return best, heights


def fit_quickly(
    likelihood: Likelihood,
    k: int,
    rng: np.random.Generator,
    *,
    starts: int = 5,
    warm: Parameters | None = None,
) -> Climb:
    """A fit for resampling: each start takes a few steps, and the best of them climbs on.

    warm: one more start, where a good one is known.
    """
    within = _start_tolerance(likelihood.n)
    begun = [random_start(likelihood, k, rng) for _ in range(starts)]
    begun += [] if warm is None else [warm]
    short = [climb(likelihood, one, within=within, most=18) for one in begun]
    best = max(short, key=lambda one: one.log_likelihood)
    return climb(likelihood, best.at, within=within, most=MOST_STEPS_AGAIN)
