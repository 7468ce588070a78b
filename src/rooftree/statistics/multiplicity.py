"""Many comparisons at once: adjusted p-values, so that chance findings do not pass for results.

The family of comparisons is declared before anyone looks. Sources: Benjamini and Hochberg 1995 (share
of false findings among the findings); Holm 1979 (chance of any false finding).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rooftree.vocabulary.errors import UserError


def benjamini_hochberg(p_values: Sequence[float] | np.ndarray) -> np.ndarray:
    """Adjusted p-values in the order given. Those at most 0.05 hold about 5% false findings."""
    p = _checked(p_values)
    order = np.argsort(p)[::-1]
    ranks = np.arange(len(p), 0, -1)
    return _placed(np.minimum.accumulate(p[order] * len(p) / ranks), order)


def holm(p_values: Sequence[float] | np.ndarray) -> np.ndarray:
    """Adjusted p-values in the order given. With those at most 0.05, one false finding in 20 families."""
    p = _checked(p_values)
    order = np.argsort(p)
    factors = np.arange(len(p), 0, -1)
    return _placed(np.maximum.accumulate(p[order] * factors), order)


def bonferroni(p_values: Sequence[float] | np.ndarray) -> np.ndarray:
    """Each p-value times their number: the plainest rule, and the one that misses most."""
    p = _checked(p_values)
    return np.minimum(p * len(p), 1.0)


def _placed(adjusted: np.ndarray, order: np.ndarray) -> np.ndarray:
    result = np.empty_like(adjusted)
    result[order] = np.minimum(adjusted, 1.0)
    return result


def _checked(p_values: Sequence[float] | np.ndarray) -> np.ndarray:
    p = np.asarray(p_values, float)
    if p.ndim != 1 or not bool(np.all((p >= 0) & (p <= 1))):
        raise UserError(
            "A p-value lies between 0 and 1. Leave out the comparisons that could not be made."
        )
    return p
