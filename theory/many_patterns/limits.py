r"""Parallel retrieval of many patterns: the Poisson limit and finite connectivity."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from hebbian import domain
from theory.labelled import labelled, pointwise
from theory.roots import root

__all__ = [
    "finite_connectivity_energy",
    "finite_connectivity_load",
    "poisson_parallel_temperature",
]


@labelled
def poisson_parallel_temperature(crowding: Any) -> Any:
    r"""Return the lower limit of parallel retrieval for K -> infinity, K (1 - d) = lambda.

    In this limit a spin of one pattern sees the difference Y of two Poisson numbers of mean
    :math:`\lambda/2` of others.  With :math:`m = (1-d) \mu`, :math:`T = (1-d) \tau` and
    :math:`y = \mu/\tau` the state of equal overlaps is :math:`\mu = E \tanh(y (1 + Y))`, and it
    is stable for :math:`\tau > E[1 - \tanh^2(y (1 + Y))]`.  The cross-talk that destroys it at low
    temperature is that of arXiv:1405.2454.

    Parameters
    ----------
    crowding : float or array_like
        lambda in (0, 1000].

    Returns
    -------
    float or numpy.ndarray
        tau = T/(1 - d).

    Raises
    ------
    ValueError
        If lambda is outside its range.

    Examples
    --------
    >>> float(poisson_parallel_temperature(1.0).round(9))
    0.211477005
    """
    mean = domain.real_array("crowding", crowding, "(0, 1000]")
    return pointwise(_poisson_parallel_temperature, mean)


def _poisson_parallel_temperature(mean: float) -> float:
    from scipy.special import ive

    # P(Y = k) = exp(-lambda) I_k(lambda); beyond ten standard deviations it is below 1e-16
    reach = int(10 * np.sqrt(mean) + 30)
    k = np.arange(-reach, reach + 1)
    weight = ive(np.abs(k), mean)

    def overlap(y: float) -> float:
        return float(weight @ np.tanh(y * (1 + k)))

    def stability(y: float) -> float:
        return 1 - y * float(weight @ (1 - np.tanh(y * (1 + k)) ** 2)) / overlap(y)

    # for y -> infinity only Y = -1 responds, which bounds y from above
    silent = float(ive(1, mean))
    y = root(stability, 1e-3, 2 * overlap(1e3) / silent + 10)
    return overlap(y) / float(y)


@labelled
def finite_connectivity_load(connectivity: Any, T: Any) -> Any:
    r"""Return the load up to which patterns of finite size are retrieved without cross-talk.

    :math:`P = \alpha N` patterns with entries that are present with probability c/N and
    :math:`H = -\frac12 \sum_\mu (\sum_i \xi_i^\mu s_i)^2`, on a sparse random graph of spins and
    patterns (arXiv:1305.5936, arXiv:1404.3654).  A bias of one spin reaches the others of a
    pattern with n spins by their correlation :math:`t_n`, and it spreads through the graph
    above

    .. math:: \alpha c^2\, E_k[t_{k+2}^2] = 1, \qquad k \sim {\rm Poisson}(c), \qquad
              t_n = \frac{\langle M^2 \rangle - n}{n (n - 1)},

    with M the sum of n spins of weight :math:`e^{M^2/2T}`.  At T = 0 this is percolation,
    :math:`\alpha c^2 = 1`.  To simulate it: `hebbian.Multitasking` with
    ``n_patterns = alpha N`` and ``dilution = 1 - c/N``, at the temperature T/N.

    Parameters
    ----------
    connectivity : float or array_like
        c in (0, 1000].
    T : float or array_like
        Temperature in [0, inf).

    Returns
    -------
    float or numpy.ndarray

    Raises
    ------
    ValueError
        If a parameter is outside its range.

    Examples
    --------
    >>> float(finite_connectivity_load(2.0, 0.5).round(9))
    0.252601912
    """
    return _over(_load, connectivity, T)


@labelled
def finite_connectivity_energy(connectivity: Any, T: Any) -> Any:
    r"""Return the energy of one pattern of finite size, below the load that mixes them.

    Up to `finite_connectivity_load` the graph of spins and patterns is as good as a tree on
    which no pattern hears of another, and every pattern has the energy that it would have
    by itself, :math:`-\frac12 E_n \langle M^2 \rangle_n` with n a Poisson number of mean c.

    Parameters
    ----------
    connectivity : float or array_like
        c in (0, 1000].
    T : float or array_like
        Temperature in [0, inf).

    Returns
    -------
    float or numpy.ndarray
        H/P: the energy per spin is alpha times this.

    Raises
    ------
    ValueError
        If a parameter is outside its range.

    Examples
    --------
    All spins of a pattern agree at T = 0, :math:`E n^2 = c + c^2`:

    >>> float(finite_connectivity_energy(2.0, 0.0).round(9))
    -3.0
    """
    return _over(_energy, connectivity, T)


def _over(function: Callable[[float, float], float], connectivity: Any, T: Any) -> Any:
    c = domain.real_array("connectivity", connectivity, "(0, 1000]")
    temperature = domain.real_array("T", T, "[0, inf)")
    return pointwise(function, c, temperature)


def _poisson(c: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the numbers that are not negligible, and their probabilities."""
    from scipy.special import gammaln

    k = np.arange(int(c + 12 * np.sqrt(c) + 40))
    return k, np.exp(k * np.log(c) - c - gammaln(k + 1))


def _mean_square(n: int, T: float) -> float:
    r"""Return the mean of M^2 of n spins of weight :math:`e^{M^2/2T}`."""
    from scipy.special import gammaln, logsumexp

    if T == 0:
        return float(n * n)
    up = np.arange(n + 1)
    square = (2 * up - n) ** 2.0
    with np.errstate(over="ignore"):
        # relative to M^2 = n^2, which keeps T -> 0 finite
        energy = np.minimum((n**2 - square) / (2 * T), 1e6)
    log_weight = gammaln(n + 1) - gammaln(up + 1) - gammaln(n - up + 1) - energy
    return float(np.exp(log_weight - logsumexp(log_weight)) @ square)


def _load(c: float, T: float) -> float:
    if T == 0:
        return 1 / c / c
    k, chance = _poisson(c)
    correlation = np.array([(_mean_square(n, T) - n) / (n * (n - 1)) for n in k + 2])
    return 1 / c / c / float(chance @ correlation**2)


def _energy(c: float, T: float) -> float:
    n, chance = _poisson(c)
    return float(-0.5 * chance @ [_mean_square(size, T) for size in n])
