"""Intervals for estimates of a survey, whose standard errors know of weights and design."""

from __future__ import annotations

import numpy as np
from scipy import stats

from rooftree.statistics.proportions import wilson_bounds, z_value

INTERVALS = ("t", "wilson", "logit", "korn_graubard")


def bounds(
    estimates: np.ndarray,
    errors: np.ndarray,
    *,
    kind: str,
    degrees: int,
    level: float,
    kish_n: np.ndarray,
    rows: int,
) -> tuple[np.ndarray, np.ndarray]:
    """Low and high of each estimate; not a number where there are no degrees of freedom.

    t: estimate plus and minus so many standard errors; for a proportion it may leave 0 to 1.
    wilson: the score interval with the effective sample size p(1 - p) / variance.
    logit: symmetrical on the scale of log odds.
    korn_graubard: Clopper-Pearson with the effective sample size, careful (Korn and Graubard 1998).
    Where all or none say yes the variance is 0 and tells nothing: then the effective sample size is
    the number of answers over Kish's design effect, and `logit` gives way to `korn_graubard`.
    """
    if degrees < 1:
        nothing = np.full(len(estimates), np.nan)
        return nothing, nothing.copy()
    quantile = float(stats.t.ppf(0.5 + level / 2, degrees))
    if kind == "t":
        return estimates - quantile * errors, estimates + quantile * errors
    shares = np.clip(estimates, 0.0, 1.0)
    spread = shares * (1 - shares)
    certain = (spread < 1e-12) | (errors <= 0)
    effective = np.where(certain, kish_n, spread / np.where(certain, 1.0, np.square(errors)))
    if kind == "wilson":
        z = np.where(certain, z_value(level), quantile)
        return wilson_bounds(shares, effective, z=z)
    if kind == "logit":
        return _logit(shares, errors, spread, certain, effective, quantile, level)
    # Korn and Graubard take off for few degrees of freedom against those of a simple sample.
    simple = float(stats.t.ppf(0.5 + level / 2, max(rows - 1, 1)))
    return _exact(shares, effective * (simple / quantile) ** 2, level)


def _exact(
    shares: np.ndarray, effective: np.ndarray, level: float
) -> tuple[np.ndarray, np.ndarray]:
    tail = (1 - level) / 2
    yes, no = shares * effective, (1 - shares) * effective
    low = np.where(yes > 1e-12, stats.beta.ppf(tail, np.maximum(yes, 1e-12), no + 1), 0.0)
    high = np.where(no > 1e-12, stats.beta.ppf(1 - tail, yes + 1, np.maximum(no, 1e-12)), 1.0)
    return low, high


def _logit(
    shares: np.ndarray,
    errors: np.ndarray,
    spread: np.ndarray,
    certain: np.ndarray,
    effective: np.ndarray,
    quantile: float,
    level: float,
) -> tuple[np.ndarray, np.ndarray]:
    low, high = _exact(shares, effective, level)
    inner = np.where(certain, 0.5, shares)
    centre = np.log(inner / (1 - inner))
    half = quantile * errors / np.where(certain, 1.0, spread)
    return (
        np.where(certain, low, 1 / (1 + np.exp(-(centre - half)))),
        np.where(certain, high, 1 / (1 + np.exp(-(centre + half)))),
    )
