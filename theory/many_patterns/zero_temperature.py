r"""Multitasking networks at T = 0: where the hierarchy exists, is best, and is learnt.

The hierarchy :math:`m_\mu = (1-d) d^{\mu-1}` follows the first pattern wherever it is not
blank, else the second, and so on (arXiv:1111.5191).  A state of T = 0 is stable where no
column that is not blank is without field; the smallest field of the hierarchy is
:math:`1 - 2d + d^K`, on the columns (1, -1, ..., -1).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from hebbian import domain
from theory.labelled import labelled, pointwise
from theory.roots import root, root_beyond

__all__ = ["critical_dilution", "ground_state_dilution", "parallel_dataset_entropy"]

#: Range of rho that is searched, from above.
LARGEST, SMALLEST = 1e6, 1e-24


def critical_dilution(n_patterns: int) -> float:
    r"""Return the dilution d_c up to which the hierarchy of T = 0 exists and is stable.

    The root of :math:`1 - 2d + d^K = 0`, or :math:`\sum_{k=1}^{K-1} d^k = 1`: the inverse
    of the golden ratio for K = 3.

    Parameters
    ----------
    n_patterns : int
        K in [1, 200].

    Returns
    -------
    float
        1 for K <= 2: stable at every d.

    Raises
    ------
    ValueError
        If K is outside its range.

    Examples
    --------
    >>> round(critical_dilution(3), 12)
    0.61803398875
    """
    K = domain.integer("n_patterns", n_patterns, "[1, 200]")
    if K <= 2:
        return 1.0
    lowest_field = (2 / K) ** (1 / (K - 1))
    return root(lambda d: 1 - 2 * d + d**K, 0.5, lowest_field)


def ground_state_dilution(n_patterns: int) -> float:
    r"""Return the dilution d* above which the hierarchy is not the ground state of T = 0.

    The state that replaces it sides with the majority on the columns
    :math:`(0, ..., 0, 1, -1, ..., -1)` with at least two -1 (and their negatives); a search
    of the stable states finds no lower one for K <= 7.  For K = 3
    :math:`d^* = (1 + 2 \sqrt 2)/7`.

    Parameters
    ----------
    n_patterns : int
        K in [1, 30].

    Returns
    -------
    float
        1 for K <= 2: the only stable state.

    Raises
    ------
    ValueError
        If K is outside its range.

    Examples
    --------
    >>> round(ground_state_dilution(4), 9)
    0.518679725
    """
    K = domain.integer("n_patterns", n_patterns, "[1, 30]")
    if K <= 2:
        return 1.0
    columns = np.eye(K) - np.triu(np.ones((K, K)), 1)
    columns = columns[: K - 2]

    def gain(d: float) -> float:
        """Energy of the majority state minus that of the hierarchy, -(|m'|^2 - |m|^2)/2."""
        mu = np.arange(K)
        ladder = (1 - d) * d**mu
        weight = 2 * d ** mu[: K - 2] * ((1 - d) / 2) ** (K - mu[: K - 2])
        change = -2 * weight @ columns
        # in units of the smallest weight: d* is as close to 1/2 as that weight is to 0
        return float(-0.5 * change @ (2 * ladder + change)) / weight[0]

    return root(gain, 0.5, critical_dilution(K))


@labelled
def parallel_dataset_entropy(dilution: Any, n_patterns: int) -> Any:
    r"""Return the noise of the examples above which, at T = 0, retrieval is parallel.

    With the Gaussian law of the example mean and V the sum of the K entries of a column,
    K equal overlaps are stable where

    .. math:: E|V| > \frac{2K}{K - 1} E\Big[\sum_\mu (v^\mu)^2 \delta(V)\Big],

    that is for rho above the value returned (and for an odd K on an island of smaller rho at
    weak dilution).  Below it the hierarchy is learnt: rho = (1 - r^2)/(M r^2) decreases with the
    number of examples.  The exact law of M examples has no such line: V = 0 has a chance at
    every M, and equal overlaps are unstable as T -> 0.  There is one at T > 0, the lower end of
    `theory.many_patterns.parallel.parallel_temperature` with a ``rule``.

    Parameters
    ----------
    dilution : float or array_like
        d in (0, 1).
    n_patterns : int
        K in [2, 200].

    Returns
    -------
    float or numpy.ndarray
        inf where it is above 1e6 (d -> 0), NaN where it is below 1e-24 (d -> 1).

    Raises
    ------
    ValueError
        If a parameter is outside its range.

    Examples
    --------
    >>> float(parallel_dataset_entropy(0.3, 2).round(9))
    0.368452951
    """
    K = domain.integer("n_patterns", n_patterns, "[2, 200]")
    d = domain.real_array("dilution", dilution, "(0, 1)")
    return pointwise(_parallel_dataset_entropy, d, K)


def _parallel_dataset_entropy(d: float, K: int) -> float:
    from scipy.special import erf

    j, mean, weight = kinds_of_columns(K, d, 1e-25)

    def stability(rho: float) -> float:
        """Return the transverse eigenvalue of the Hessian."""
        density = np.exp(-(mean**2) / (2 * rho * j)) / np.sqrt(2 * np.pi * rho * j)
        size = weight @ (mean * erf(mean / np.sqrt(2 * rho * j)) + 2 * rho * j * density)
        squares = weight @ (density * (j - mean**2 / j + rho * (j - 1)))
        return float(1 - 2 * K / (K - 1) * squares / size)

    if stability(LARGEST) <= 0:
        return np.inf
    return root_beyond(stability, LARGEST, 0.5, SMALLEST)


def kinds_of_columns(K: int, d: float, rare: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    r"""Return a + b, a - b and the probability of a entries +1 and b entries -1 among K.

    Not all blank, and none below `rare`.  The sum V of a column has mean a - b and variance
    :math:`\rho (a + b)`.
    """
    from scipy.special import gammaln

    a, b = np.indices((K + 1, K + 1)).reshape(2, -1)
    possible = (a + b > 0) & (a + b <= K)
    a, b = a[possible], b[possible]
    blank = K - a - b
    log_ways = gammaln(K + 1) - gammaln(a + 1) - gammaln(b + 1) - gammaln(blank + 1)
    weight = np.exp(log_ways + (a + b) * np.log((1 - d) / 2) + blank * np.log(d))
    common = weight > rare
    return (a + b)[common], (a - b)[common].astype(float), weight[common]
