r"""Which levels of the hierarchy of T = 0 survive in a network of N spins.

Where the spins follow the first pattern that is not blank, overlap k is
:math:`m_k = (1-d) d^{k-1} + \delta_k`.  The terms :math:`\xi^k_i s_i` of the spins that earlier
patterns have decided are coins, so that for independent entries the :math:`\delta_k` are
uncorrelated Gaussian variables of variance

.. math:: \sigma_k^2 = \frac{(1-d) - (1-d)^2 d^{2(k-1)}}{N} \approx \frac{1-d}{N}.

No spin that a pattern has decided turns as long as at every level

.. math:: m_k > \sum_{\mu > k} |m_\mu|,

and for the last one :math:`m_K > 0`.  The ladder falls below :math:`\sigma` at

.. math:: k^* = 1 + \frac{\ln N (1-d)}{2 \ln 1/d}:

:math:`K = \gamma \ln N` patterns are retrieved together for :math:`\gamma < 1/(2 \ln 1/d)` and d
below 1/2.  Patterns beyond :math:`k^*` are not only lost: their :math:`\delta` add up in the
inequality of the levels above them.  Stratified columns have :math:`\delta_k` of about
:math:`3^{(k-1)/2}/N` as long as :math:`3^K \ll N`, and level k then needs no more than that many
spins of its own, :math:`N (1-d) d^{k-1} > 3^{(k-1)/2}`.
"""

from __future__ import annotations

import math

import numpy as np

from hebbian import domain

__all__ = ["deepest_level", "level_survival"]


def deepest_level(dilution: float, n_spins: int) -> float:
    r"""Return the level k* at which the ladder of T = 0 is as small as its fluctuations.

    Parameters
    ----------
    dilution : float
        d in (0, 1).
    n_spins : int
        N, at least 2.

    Returns
    -------
    float
        :math:`1 + \ln(N (1-d))/(2 \ln 1/d)`, for independent entries.

    Raises
    ------
    ValueError
        If a parameter is outside its range.

    Examples
    --------
    >>> round(deepest_level(0.4, 4000), 2)
    5.25
    """
    d = domain.real("dilution", dilution, "(0, 1)")
    N = domain.integer("n_spins", n_spins, "[2, inf)")
    return 1 + math.log(N * (1 - d)) / (2 * math.log(1 / d))


def level_survival(dilution: float, n_patterns: int, n_spins: int) -> np.ndarray:
    r"""Return the chance of every level of the ladder of T = 0 to stand.

    The probability of :math:`m_k > \sum_{\mu > k} |m_\mu|` for independent Gaussian overlaps (see
    the module), the sum taken as Gaussian with the moments of its terms.  It is exact for the
    last level, where it is :math:`\Phi(m_K/\sigma_K)`.

    Parameters
    ----------
    dilution : float
        d in [0, 1).
    n_patterns : int
        K in [1, 200].
    n_spins : int
        N, at least 2.

    Returns
    -------
    numpy.ndarray
        Shape (K,).

    Raises
    ------
    ValueError
        If a parameter is outside its range.

    Examples
    --------
    The fifth of five patterns is lost in every tenth network of 4000 spins:

    >>> level_survival(0.4, 5, 4000).round(3)
    array([1.   , 1.   , 0.979, 0.912, 0.895])
    """
    from scipy.special import ndtr

    d = domain.real("dilution", dilution, "[0, 1)")
    K = domain.integer("n_patterns", n_patterns, "[1, 200]")
    N = domain.integer("n_spins", n_spins, "[2, inf)")
    m = (1 - d) * d ** np.arange(K)
    variance = (1 - d - m**2) / N
    size = _folded_mean(m, variance)
    spread = m**2 + variance - size**2
    mean = m - _below(size)
    width = np.sqrt(variance + _below(spread))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(width > 0, ndtr(mean / width), mean > 0).astype(float)


def _folded_mean(mean: np.ndarray, variance: np.ndarray) -> np.ndarray:
    """Return E|x| of normal variables."""
    from scipy.special import erf

    with np.errstate(divide="ignore"):
        x = mean / np.sqrt(2 * variance)
    peak = np.sqrt(2 * variance / math.pi) * np.exp(-(np.minimum(x, 40.0) ** 2))
    return np.asarray(peak + mean * erf(x))


def _below(values: np.ndarray) -> np.ndarray:
    """Return the sum of the values of all later levels."""
    return np.cumsum(values[::-1])[::-1] - values
