r"""The state of K equal overlaps that is learnt from noisy examples (Gaussian law).

Along y = n/T the field is y V with V the sum of the K entries of a column.  Where a of them
are +1, b are -1, V is normal with mean a - b and variance :math:`\rho (a + b)`, and by parts

.. math:: K n = E[V \tanh(y V)] = E[(a - b)\,t + \rho (a + b)\, y\, \chi],

with t and :math:`\chi` the averages of tanh and of its derivative.  Equal overlaps are stable where

.. math:: T > E\Big[\frac{K \sum_\mu (v^\mu)^2 - V^2}{K (K - 1)} (1 - \tanh^2 yV)\Big].
"""

from __future__ import annotations

from typing import Any

import numpy as np

from theory.averages.gaussian import thermal

from .zero_temperature import kinds_of_columns

__all__ = ["NoisySymmetric"]


class NoisySymmetric:
    """The state of K >= 2 equal overlaps at dilution d and noise rho > 0, along y = n/T."""

    def __init__(self, d: float, K: int, rho: float) -> None:
        self._kinds = kinds_of_columns(K, max(d, 1e-300), 1e-20)  # 0^0 = 1
        self._K, self._rho = K, rho

    def _averages(self, y: float) -> tuple[float, float]:
        """Return n and the mean on the right-hand side of the condition of stability."""
        K, rho = self._K, self._rho
        overlap = response = 0.0
        for j, mean, weight in zip(*self._kinds, strict=True):
            mu, variance = y * mean, rho * j * y * y
            t, _, chi, loss, curvature = thermal(mu, variance, 1.0)
            overlap += weight * (mean * t + rho * j * y * chi)
            # E[h^2 g(h)] of normal h, by parts, with g the derivative of tanh
            square = (mu**2 + variance) * chi - 4 * mu * variance * loss + variance**2 * curvature
            own = K * (j - mean**2 / j + rho * (j - 1))
            response += weight * ((K / j - 1) * square / y**2 + own * chi)
        return overlap / K, response / (K * (K - 1))

    def temperature(self, y: float) -> float:
        """Return T = n/y."""
        return self._averages(y)[0] / y

    def stability(self, y: Any) -> Any:
        """Return the transverse eigenvalue of the Hessian, an array for an array."""

        def one(y: float) -> float:
            overlap, response = self._averages(y)
            return 1 - y * response / overlap

        return np.vectorize(one, otypes=[float])(y)
