r"""Retrieval at T = 0 among patterns some of which are much stronger than the others.

Replica theory averages over the overlaps of a state with all other patterns: their crosstalk is
Gaussian and the same in every sample.  It is not where few strong patterns make most of it, as
with :math:`g_\nu = \nu^{-a}` and a > 1/2, of which :math:`\sum g_\nu^2` converges.  Here the
overlaps :math:`M_\nu` of the n strongest are those of one sample, and all others are crosstalk.
A pattern :math:`\mu` that is retrieved has in the 2^n classes of sites with the signs
:math:`\sigma_\nu = \xi_\nu \xi_\mu`

.. math:: h_\sigma = g_\mu m + \sum_{\nu \le n} g_\nu M_\nu \sigma_\nu, \qquad
          m = E_\sigma\, \mathrm{erf}\frac{h_\sigma}{\sqrt{2\rho}}, \qquad
          M_\nu = \frac{z_\nu}{\sqrt N}
                  + E_\sigma\, \sigma_\nu\, \mathrm{erf}\frac{h_\sigma}{\sqrt{2\rho}},

where :math:`z_\nu` is normal: the overlap of two patterns, to which the spins that err add; and

.. math:: \rho = \frac1N \sum_{\nu > n} \frac{g_\nu^2}{(1 - g_\nu \chi)^2}, \qquad
          \chi = E_\sigma \sqrt{\frac{2}{\pi\rho}}\, e^{-h_\sigma^2/2\rho}.
"""

from __future__ import annotations

import itertools
import math

import numpy as np
from scipy.special import erf

__all__ = ["KEPT", "kept_fraction"]

#: Overlap of a state with its pattern from which on it is kept.
KEPT = 0.8

#: Strength times susceptibility at which a weak pattern would be retrieved as well.
MOST_RESPONSE = 0.98
STEPS, DAMPING, PRECISION = 400, 0.5, 1e-9


def kept_fraction(
    strengths: np.ndarray, rank: int, n_spins: int, *, n_strong: int, n_draws: int, seed: int
) -> float:
    """Return the fraction of samples that keep the pattern of a rank.

    Parameters
    ----------
    strengths : numpy.ndarray
        In falling order, shape (n_patterns,).
    rank : int
        From 1.
    n_spins, n_strong, n_draws, seed : int
    """
    own, others = strengths[rank - 1], np.delete(strengths, rank - 1)
    strong, rest = others[:n_strong], others[n_strong:]
    chis = np.linspace(0, MOST_RESPONSE / rest[0], 400)
    crosstalk = (rest**2 / (1 - chis[:, None] * rest) ** 2).sum(axis=1) / n_spins
    signs = np.array(list(itertools.product((1.0, -1.0), repeat=n_strong)))
    z = np.random.default_rng([seed, rank]).normal(size=(n_draws, n_strong)) / math.sqrt(n_spins)
    m, M, chi = np.ones(n_draws), z, np.zeros(n_draws)
    for _ in range(STEPS):
        spread = np.sqrt(2 * np.interp(chi, chis, crosstalk))[:, None]
        y = (own * m[:, None] + (M * strong) @ signs.T) / spread
        e, before = erf(y), m
        slope = 2 / math.sqrt(math.pi) * np.exp(-(y**2)) / spread
        m, M, chi = (
            old + DAMPING * (new - old)
            for old, new in (
                (m, e.mean(axis=1)),
                (M, z + e @ signs / len(signs)),
                (chi, slope.mean(axis=1)),
            )
        )
        if np.abs(m - before).max() < PRECISION:
            break
    return float((m > KEPT).mean())
