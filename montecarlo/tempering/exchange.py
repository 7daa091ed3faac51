r"""The rule of replica exchange: which walkers swap their temperatures, and how far they get.

Neighbours i, i + 1 of the ladder exchange their temperatures with probability

.. math:: \min(1, e^{D}), \qquad D = (\beta_i - \beta_{i+1}) (E_i - E_{i+1}),

which leaves the product of the Boltzmann laws unchanged [1]_.  Exchange number e tries
the pairs that begin at e mod 2: even and odd pairs in turn, the schedule whose walkers
drift along the ladder instead of diffusing [2]_.  A walker keeps its spins and its stream
of random numbers; only its temperature moves.

References
----------
.. [1] K. Hukushima, K. Nemoto, J. Phys. Soc. Jpn 65, 1604 (1996),
   doi:10.1143/JPSJ.65.1604.
.. [2] S. Syed, A. Bouchard-Cote, G. Deligiannidis, A. Doucet, J. R. Stat. Soc. B 84, 321
   (2022), doi:10.1111/rssb.12464.
"""

from __future__ import annotations

import numpy as np

from hebbian import streams

__all__ = ["BUFFER", "exchange", "logarithms", "round_trips"]

BUFFER = 256  # exchanges whose random numbers are made at a time


def logarithms(key: np.ndarray, n_pairs: int, first: int) -> np.ndarray:
    """Random log(u) of the exchanges first..first + BUFFER - 1, shape (BUFFER, >= n_pairs).

    Pair k of exchange e has word k % 4 of the counter (k // 4, e mod 2**32, e >> 32).
    """
    number = np.arange(first, first + BUFFER)[:, None]
    group = np.arange(-(-n_pairs // 4))
    words = streams.philox(key, group, number & 0xFFFFFFFF, number >> 32)
    return np.log((words.reshape(BUFFER, -1) + 0.5) / 2.0**32)


def exchange(
    number: int, at: np.ndarray, beta: np.ndarray, energies: np.ndarray, logs: np.ndarray
) -> tuple[int, np.ndarray]:
    """Do exchange `number`: swap walkers in place.

    Parameters
    ----------
    number : int
        Its parity chooses the pairs.
    at : (..., n_T) int
        Walker at each temperature of some ladders, changed.
    beta : (n_T,) float64
        Inverse temperatures.
    energies : (..., n_T) float64
        What is found there.
    logs : (..., >= n_T - 1) float64
        Random log(u) of each pair.

    Returns
    -------
    first : int
        Pairs first, first + 2, ... were tried.
    swapped : (..., n_pairs) numpy.ndarray of bool
        Which of them swapped.
    """
    first = number % 2
    lower, upper = slice(first, len(beta) - 1, 2), slice(first + 1, None, 2)
    drive = (beta[lower] - beta[upper]) * (energies[..., lower] - energies[..., upper])
    swapped = logs[..., lower] <= drive
    cold, hot = at[..., lower].copy(), at[..., upper].copy()
    at[..., lower] = np.where(swapped, hot, cold)
    at[..., upper] = np.where(swapped, cold, hot)
    return first, swapped


def round_trips(visits: np.ndarray, n_T: int) -> np.ndarray:
    """Count the journeys of every walker from one end of the ladder to the other and back.

    Parameters
    ----------
    visits : (n_walkers, n_times) int
        Temperature index of every walker.
    n_T : int
        Number of temperatures, at least 2.

    Returns
    -------
    numpy.ndarray
        Shape (n_walkers,), int64: returns to the end that the walker touched first, with
        the other end in between.

    Examples
    --------
    >>> round_trips(np.array([[0, 1, 2, 1, 0, 1, 2], [1, 0, 1, 0, 1, 1, 1]]), 3)
    array([1, 0])
    """
    trips = np.zeros(len(visits), np.int64)
    for walker, path in enumerate(visits):
        ends = path[(path == 0) | (path == n_T - 1)]
        trips[walker] = np.count_nonzero(np.diff(ends)) // 2
    return trips
