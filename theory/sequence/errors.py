r"""Wrong spins of a replay in a network of N spins: how long it is exact.

At a pattern every site of the next one is right with the probability :math:`(1 + m_N)/2`, where
:math:`m_N = E \tanh[(S_N + \sqrt{V_N} x)/T]` has the signal and the crosstalk of the K - 1 other
patterns of the finite network,

.. math:: S_N = \tfrac P2 \frac{(P-1)!}{N^{P-1}} \binom{N-1}{P-1}, \qquad
          V_N = (K - 1) \Bigl(\tfrac P2 \frac{(P-1)!}{N^{P-1}}\Bigr)^2 \binom{N-1}{P-1}

with distinct indices, and P/2 and :math:`(K - 1) (P/2)^2\,\overline{m^{2P-2}}` with all of them,
the mean over random configurations; 1 and (K - 1)/N at P = 2, where the crosstalk is the sum of
N (K - 1) independent signs (at P >= 3 its tails are longer, by a share of K/N^(P-1)).  As long as
wrong spins are rare they are independent:

.. math:: p(n) = \Bigl(\frac{1 + m_N}2\Bigr)^{N n}

is the probability of n exact steps.  A replay ends where it meets its weakest pattern, long before
the mean over patterns does: at T = 0 the whole cycle is exact up to

.. math:: K \simeq \frac{N^{P-1}}{2P\,(2P-3)!!\,\ln N} \;\text{(all)}, \qquad
          \alpha \simeq \frac1{4 \ln N} \;\text{(distinct)}

(H. T. Chaudhry et al., arXiv:2306.04532), with corrections of relative order ln ln N/ln N.
"""

from __future__ import annotations

import math

import numpy as np
from scipy.special import gammaln

from theory.averages.gaussian import thermal

__all__ = ["exact_replay", "field_of"]


def field_of(order: int, indices: str, n_patterns: int, n_spins: int) -> tuple[float, float]:
    """Return signal and variance of the crosstalk at a pattern of a finite network.

    Examples
    --------
    >>> field_of(2, "distinct", 21, 200)
    (1.0, 0.1)
    """
    others = n_patterns - 1
    if order == 2:
        return 1.0, others / n_spins
    half = 0.5 * order
    if indices == "all":
        k = np.arange(n_spins + 1)
        law = np.exp(2 * gammaln(0.5 * n_spins + 1) - gammaln(k + 1) - gammaln(n_spins - k + 1))
        power = (2 * k / n_spins - 1) ** (2 * order - 2)
        moment = float(np.dot(law / law.sum(), power))
        return half, others * half**2 * moment
    each = half * math.factorial(order - 1) / float(n_spins) ** (order - 1)
    terms = math.comb(n_spins - 1, order - 1)
    return each * terms, others * each**2 * terms


def exact_replay(
    order: int, indices: str, n_patterns: int, n_spins: int, T: float, n_steps: int
) -> float:
    """Return the probability that so many steps are exact.

    Examples
    --------
    >>> round(exact_replay(2, "distinct", 21, 200, 0.0, 21), 4)
    0.0373
    """
    S, V = field_of(order, indices, n_patterns, n_spins)
    if T == 0:
        wrong = 0.5 * math.erfc(S / math.sqrt(2 * V)) if V > 0 else 0.0
    else:
        wrong = 0.5 * (1 - thermal(S, V, T)[0])
    return math.exp(n_spins * n_steps * math.log1p(-wrong))
