r"""How far a query may be, and the radius that lets it be farthest.

**Critical distance.**  Readings that are iterated lead to the pattern from distances whose new
distance is smaller, and away from it from the first one whose new distance is not.

**Radius.**  With r neurons a small radius leaves few active, a large one makes every pattern vote.
At the pattern itself, with :math:`E \varphi^2` at its smallest, :math:`p^4` in shares of all
addresses, the square of signal over noise is

.. math:: \frac{p^2}{K (p^4 + p^2/r) + p/r} = \frac{p\,r}{1 + p K + p^3 K r},

largest where :math:`1/p + K + p^2 K r` is smallest: :math:`p^* = (2 K r)^{-1/3}` (T. Bricken,
C. Pehlevan, arXiv:2111.05498).  d is a whole number, and the largest value at whole d is not always
that nearest to :math:`p^*`: as K or r grow, it jumps.
"""

from __future__ import annotations

import math

import numpy as np

from hebbian import SparseDistributed, domain
from hebbian.calling import checked

from .addresses import addresses
from .first_step import Reading, reading_of

__all__ = ["critical_distance", "optimal_distance"]

CRITERIA = ("signal", "critical_distance")

#: Distances at a time on the way to the first that is not corrected.
_BLOCK = 128


@checked
def critical_distance(
    model: SparseDistributed,
    *,
    n_spins: int,
    n_patterns: int | None = None,
    alpha: float | None = None,
    own_vote: bool = True,
    neurons: str = "mean",
) -> float:
    """Return the smallest distance of a query from a pattern that a reading does not make smaller.

    Parameters
    ----------
    model : SparseDistributed
    n_spins, n_patterns, alpha, own_vote, neurons
        As for `theory.sparse_distributed.one_step`.

    Returns
    -------
    float
        A whole number in [1, n_spins]: the first x >= 1 whose new distance is x or more; NaN if
        there is none.

    Raises
    ------
    ValueError
        If a parameter is outside its range.

    Examples
    --------
    >>> from hebbian import SparseDistributed
    >>> memory = SparseDistributed(radius=0.451, n_neurons=1_000_000)
    >>> critical_distance(memory, n_spins=1000, n_patterns=10_000)
    235.0
    >>> critical_distance(memory, n_spins=1000, n_patterns=10_000, own_vote=False)
    153.0
    """
    reading = reading_of(model, n_spins, n_patterns, alpha, neurons)
    own = reading.checked_vote(own_vote, neurons)
    return _critical(reading, own, neurons)


def _critical(reading: Reading, own_vote: bool, neurons: str) -> float:
    N = reading.n_spins
    for first in range(1, N + 1, _BLOCK):
        x = np.arange(first, min(first + _BLOCK, N + 1))
        stuck = np.flatnonzero(reading.step(x, own_vote, neurons).distance >= x)
        if stuck.size:
            return float(x[stuck[0]])
    return math.nan


@checked
def optimal_distance(
    n_spins: int, *, n_patterns: int, n_neurons: int | None = None, criterion: str = "signal"
) -> int:
    """Return the Hamming radius d that reads best.

    Parameters
    ----------
    n_spins : int
        N, in [2, 10000].
    n_patterns : int
        K, at least 1.
    n_neurons : int, optional
        r, at least 1; default: infinitely many.
    criterion : {"signal", "critical_distance"}
        The largest ratio of signal and noise of the literature, or the largest
        `critical_distance`.

    Returns
    -------
    int
        In [0, n_spins/2]; the smallest of equally good ones.  With infinitely many neurons the
        signal is best for d = 0, which reads patterns alone.

    Raises
    ------
    ValueError
        If a parameter is outside its range.

    Notes
    -----
    Formula and source: `theory.sparse_distributed.basins`.

    Examples
    --------
    >>> [optimal_distance(64, n_patterns=K, n_neurons=2**64) for K in (1024, 60_000)]
    [11, 10]
    >>> optimal_distance(64, n_patterns=1024, n_neurons=2**64, criterion="critical_distance")
    19
    """
    N = domain.integer("n_spins", n_spins, "[2, 10000]")
    K = domain.integer("n_patterns", n_patterns, "[1, 1e+300]")
    r = None if n_neurons is None else domain.integer("n_neurons", n_neurons, "[1, 1e+300]")
    if domain.choice("criterion", criterion, CRITERIA) == "critical_distance":
        radii = range(N // 2 + 1)
        reach = [_critical(Reading(N, d, K, r), True, "mean") for d in radii]
        return int(np.argmax(np.nan_to_num(reach, nan=N + 1)))
    log_r = 0.0 if r is None else math.log(r)
    p = np.array([addresses(N, d).log_share for d in range(N // 2 + 1)])
    noise = np.array([-p - log_r, np.full(p.shape, math.log(K) - log_r), 2 * p + math.log(K)])
    return int(np.argmin(np.logaddexp.reduce(noise if r is not None else noise[2:])))
