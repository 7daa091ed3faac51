r"""Addresses near a query, near a pattern, and near both: counted, in logarithms.

Of the :math:`2^N` addresses a share :math:`p = \varphi(0)` is within Hamming distance d of a query
s, and :math:`\varphi(x)` within d of both the query and a pattern at distance x.  Over all
patterns, and by the same sum over addresses,

.. math:: E\,\varphi = p^2, \qquad
          \epsilon = E\,\varphi(x)\,(1 - 2x/N) = \Bigl[2^{-N} \binom{N - 1}{d}\Bigr]^2,

because both are squares of a mean over the addresses near the query, 1 and
:math:`a_i s_i`: a site of an address agrees with the query more often than not, by
:math:`\binom{N-1}{d}` addresses, those at distance d on the other sites.

With one address a fixed site is where query and pattern agree, :math:`\varphi` splits into
addresses that agree there, within d of both on the other N - 1 sites, and that do not, within
d - 1: their difference is the mean of :math:`a_i s_i` over the shared ones.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.special import gammaln, logsumexp

from hebbian.sparse_distributed import shared_addresses

__all__ = ["Addresses", "addresses"]


@dataclass(frozen=True, eq=False)
class Addresses:
    r"""Shares of addresses of N sites with radius d.

    Parameters
    ----------
    n_sites, radius : int
        N and d.
    log_share : float
        :math:`\ln p`.
    log_bias : float
        :math:`\ln 2^{-N} \binom{N-1}{d}`, the mean of :math:`a_i s_i` over all addresses near s.
    log_shared : numpy.ndarray
        :math:`\ln \varphi(x)/\varphi(0)` at x = 0, ..., N; -inf where there are none.
    log_binomial : numpy.ndarray
        :math:`\ln 2^{-N} \binom{N}{x}`, the law of the distance of a random pattern.
    agreeing : numpy.ndarray
        Mean of :math:`a_i s_i` over the addresses near both, on a site where both agree, times
        :math:`\varphi(x)/\varphi(0)`; at x = 0, ..., N - 1.
    """

    n_sites: int
    radius: int
    log_share: float
    log_bias: float
    log_shared: np.ndarray
    log_binomial: np.ndarray
    agreeing: np.ndarray

    def log_mean(self, logarithms: np.ndarray) -> float:
        """Return the logarithm of a mean over random patterns of what has these logarithms."""
        return float(logsumexp(logarithms + self.log_binomial))


@lru_cache(maxsize=16)
def addresses(n_sites: int, radius: int) -> Addresses:
    r"""Count the addresses of N sites within d of a query.

    Examples
    --------
    >>> near = addresses(256, 105)
    >>> f"{np.exp(near.log_share):.8f} {np.exp(2 * near.log_bias):.6e}"
    '0.00240946 2.193792e-07'
    """
    N, d = n_sites, radius
    shared = shared_addresses(N, d)
    whole, all_of_them = shared[0], N * math.log(2)
    within = (shared_addresses(N - 1, min(d, N - 1)), (0,) * N)
    if d:
        within = (within[0], shared_addresses(N - 1, d - 1))
    x = np.arange(N + 1)
    return Addresses(
        n_sites=N,
        radius=d,
        log_share=math.log(whole) - all_of_them,
        log_bias=_log(math.comb(N - 1, d)) - all_of_them,
        log_shared=np.array([_log(count) for count in shared]) - math.log(whole),
        log_binomial=gammaln(N + 1) - gammaln(x + 1) - gammaln(N - x + 1) - all_of_them,
        agreeing=np.array([(a - b) / whole for a, b in zip(*within, strict=True)]),
    )


def _log(count: int) -> float:
    return math.log(count) if count else -math.inf
