"""Errors of a reading by hard neurons, averaged over how many of them are active.

Formulas: `theory.sparse_distributed.first_step`.
"""

from __future__ import annotations

import math

import numpy as np
from scipy.special import ndtr

from .addresses import Addresses

__all__ = ["misread"]

#: Numbers of neurons that are summed over, spread evenly where there are more.
_NODES = 120

#: Probability that is left out on either side.
_RARE = 1e-12


def misread(
    near: Addresses, n_patterns: int, n_neurons: int, x: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the probability that a site is wrong, where query and pattern agree and where not.

    Parameters
    ----------
    near : Addresses
    n_patterns, n_neurons : int
        K and r.
    x : numpy.ndarray
        Distances of the query from the pattern.
    """
    pairs = [_at(near, n_patterns, n_neurons, each) for each in x.ravel().tolist()]
    wrong = np.reshape(pairs, (*x.shape, 2))
    return wrong[..., 0], wrong[..., 1]


def _at(near: Addresses, K: int, r: int, x: int) -> tuple[float, float]:
    from scipy.stats import binom  # takes longer to import than all theory

    p, share = math.exp(near.log_share), float(np.exp(near.log_shared[x]))
    bias = math.exp(near.log_bias)
    # Mean of a_i xi_i of the neurons near both, and of those near the query alone.
    agree = float(near.agreeing[x]) if x < near.n_sites else 0.0
    both = (agree / share if share else 0.0, 0.0)
    alone = (bias / p - agree, -bias / p)
    square = math.exp(near.log_mean(2 * near.log_shared))
    k = _numbers(r, p * share)[:, None]
    rest = _numbers(r, p * (1 - share))
    weights = binom.pmf(k, r, p * share)
    weights = weights * binom.pmf(rest, r - k, p * (1 - share) / (1 - p * share))
    weights /= weights.sum()
    active = k + rest
    wrong = []
    for site, keeps in ((0, 1.0), (1, -1.0)):
        one, two = both[site], alone[site] / (1 - share) if share < 1 else 0.0
        A = k * one + rest * two
        spread = k * (1 - one**2) + rest * (1 - two**2)
        votes = active * p + active * (active - 1) * square
        variance = (K - 1) * (votes - bias**2 * (A**2 + spread))
        variance = np.maximum(variance + ((K - 1) * bias) ** 2 * spread, 0.0)
        error = _tied(k + (K - 1) * bias * A, np.sqrt(variance), keeps)
        wrong.append(float((weights * error).sum()))
    return wrong[0], wrong[1]


def _tied(mean: np.ndarray, noise: np.ndarray, keeps: float) -> np.ndarray:
    """Return P(u < 0) for whole u of either parity where a tie keeps the site, +1 right, -1 wrong.

    Values of one parity are two apart: the boundary is 0 where they are odd, where they are even
    -1 if a tie is no error and +1 if it is.
    """
    sure = (mean < 0) | ((mean == 0) & (keeps < 0))
    scale = np.where(noise > 0, noise, 1.0)
    error = 0.5 * (ndtr(-mean / scale) + ndtr(-(mean + keeps) / scale))
    return np.where(noise > 0, error, sure)


def _numbers(trials: int, share: float) -> np.ndarray:
    """Return the numbers of successes that happen, or some of them, evenly spread."""
    from scipy.stats import binom

    low, high = (int(end) for end in binom.interval(1 - _RARE, trials, share))
    return np.arange(max(low, 0), high + 1, 1 + (high - low) // _NODES, dtype=float)
