"""What speaks for and against a number of classes, in figures."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from rooftree.segments.discovery.blocks import TINY, Likelihood, Parameters
from rooftree.segments.discovery.collapse import Patterns


@dataclass(frozen=True, slots=True)
class Stability:
    """How far the groups come back when other people of the same kind had been asked.

    rand: the adjusted Rand index between the groups of a resample and those found, mean over
        resamples; 1 = the same groups, 0 = no better than chance.
    jaccard: for each class, the share of people in it or in its nearest class of the resample who
        are in both, mean over resamples (Hennig 2007).
    resamples: how many; n: people in each.
    """

    rand: float
    jaccard: tuple[float, ...]
    resamples: int
    n: int


@dataclass(frozen=True, slots=True)
class RatioTest:
    """The bootstrap likelihood-ratio test of k classes against k - 1 (McLachlan 1987).

    statistic: twice the gain in log-likelihood. p: (1 + simulated gains at least as great) /
    (1 + replicates), or m / replicates where the test stopped early at m of them. People are
    simulated from the k - 1 classes, and lack the answers that real ones lack. n: people in each
    replicate; fewer than all where there are very many, and then the statistic is that of a sample
    of as many.
    """

    statistic: float
    p: float
    replicates: int
    n: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """One number of classes, judged.

    n: sum of the weights of people of whom something is known. entropy: 1 = everybody clearly in
    one class, 0 = no idea. icl: BIC with twice the entropy of placing added (Biernacki 2000).
    smallest: share of the smallest class. starts, reached: random starts, and how many of them came
    to the best. identified: no more parameters than the possible patterns can tell apart.
    g2, x2, df: likelihood-ratio and Pearson goodness of fit; None where answers are missing.
    """

    classes: int
    n: float
    log_likelihood: float
    parameters: int
    aic: float
    bic: float
    icl: float
    entropy: float
    smallest: float
    starts: int
    reached: int
    converged: bool
    identified: bool
    g2: float | None = None
    x2: float | None = None
    df: int | None = None
    stability: Stability | None = None
    ratio_test: RatioTest | None = None

    def to_dict(self) -> dict[str, Any]:
        """The evidence as JSON can hold it."""
        body = {field.name: getattr(self, field.name) for field in fields(self)}
        for name in ("stability", "ratio_test"):
            part = body[name]
            body[name] = part and {field.name: getattr(part, field.name) for field in fields(part)}
        return body

    @classmethod
    def from_dict(cls, body: dict[str, Any]) -> Evidence:
        """Read what `to_dict` wrote."""
        stability, ratio = body["stability"], body["ratio_test"]
        return cls(**{
            **body,
            "stability": stability and Stability(**{**stability, "jaccard": tuple(stability["jaccard"])}),
            "ratio_test": ratio and RatioTest(**ratio),
        })  # fmt: skip


def n_parameters(patterns: Patterns, k: int) -> int:
    """Free parameters: shares, and probabilities of the categories that occur at all."""
    return (k - 1) + k * sum(len(codes) - 1 for codes in seen_codes(patterns) if len(codes))


def seen_codes(patterns: Patterns) -> list[np.ndarray]:
    """For each item, the codes that somebody has."""
    found = [np.unique(patterns.codes[:, item]) for item in range(len(patterns.sizes))]
    return [codes[codes < size] for codes, size in zip(found, patterns.sizes, strict=True)]


def judge(
    likelihood: Likelihood, at: Parameters, *, starts: int, reached: int, converged: bool
) -> Evidence:
    """The evidence that needs no resampling."""
    patterns = likelihood.patterns
    height, _ = likelihood.step(at)
    n, k = patterns.n, at.k
    parameters = n_parameters(patterns, k)
    doubt = placing_entropy(likelihood, at)
    bic = parameters * float(np.log(n)) - 2 * height
    # As a logarithm: the number of possible patterns leaves every number type behind.
    cells = sum(float(np.log(len(codes))) for codes in seen_codes(patterns) if len(codes))
    g2, x2, df = _goodness(likelihood, at, height, parameters, cells)
    return Evidence(
        classes=k, n=n, log_likelihood=height, parameters=parameters,
        aic=2 * parameters - 2 * height, bic=bic, icl=bic + 2 * doubt,
        entropy=1.0 if k == 1 else 1 - doubt / (n * float(np.log(k))),
        smallest=float(at.shares.min()), starts=starts, reached=reached, converged=converged,
        identified=parameters == 0 or float(np.log(parameters + 1)) <= cells + 1e-12,
        g2=g2, x2=x2, df=df,
    )  # fmt: skip


def placing_entropy(likelihood: Likelihood, at: Parameters) -> float:
    """The doubt left when everybody is placed, in nats, summed over all."""
    total = 0.0
    for part, posterior in likelihood.posteriors(at):
        doubt = -(posterior * np.log(np.maximum(posterior, TINY))).sum(axis=1)
        total += float(likelihood.patterns.weights[part] @ doubt)
    return total


def _goodness(
    likelihood: Likelihood, at: Parameters, height: float, parameters: int, cells: float
) -> tuple[float | None, float | None, int | None]:
    patterns, n = likelihood.patterns, likelihood.patterns.n
    if patterns.has_missing() or cells > np.log(2.0**52):
        return None, None, None
    observed = patterns.weights
    expected = n * likelihood.probabilities(at)
    g2 = 2 * float(observed @ np.log(observed / n)) - 2 * height
    x2 = float(((observed - expected) ** 2 / expected).sum()) + max(n - float(expected.sum()), 0.0)
    return g2, x2, round(float(np.exp(cells))) - 1 - parameters
