"""One EM step of a latent class model, slow and plain: person by person, item by item.

It is what the fast one (blocks.py) must agree with. Nothing but the tests calls it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence


def reference_step(
    rows: Sequence[Sequence[int | None]],
    weights: Sequence[float],
    shares: Sequence[float],
    theta: Sequence[Sequence[Sequence[float]]],
) -> tuple[float, list[float], list[list[list[float]]]]:
    """The log-likelihood at these parameters, then shares and probabilities one step on.

    rows: for each person the code of each item, None where not known. A person of whom nothing is
    known is passed over. theta: `theta[item][category][class]`.
    """
    n_classes = len(shares)
    log_likelihood = 0.0
    in_class = [0.0] * n_classes
    counts = [[[0.0] * n_classes for _ in categories] for categories in theta]
    for row, weight in zip(rows, weights, strict=True):
        if all(code is None for code in row):
            continue
        joint = []
        for k in range(n_classes):
            probability = shares[k]
            for item, code in enumerate(row):
                if code is not None:
                    probability *= theta[item][code][k]
            joint.append(probability)
        log_likelihood += weight * math.log(sum(joint))
        for k in range(n_classes):
            responsibility = weight * joint[k] / sum(joint)
            in_class[k] += responsibility
            for item, code in enumerate(row):
                if code is not None:
                    counts[item][code][k] += responsibility
    new_theta = [[list(of_code) for of_code in categories] for categories in theta]
    for item, categories in enumerate(counts):
        for k in range(n_classes):
            answered = sum(of_code[k] for of_code in categories)
            if answered > 0:
                for code, of_code in enumerate(categories):
                    new_theta[item][code][k] = of_code[k] / answered
    return log_likelihood, [part / sum(in_class) for part in in_class], new_theta
