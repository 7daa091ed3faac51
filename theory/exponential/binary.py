r"""Patterns of independent fair signs, and spins :math:`\pm 1`.

.. math:: I(m) = \frac{1 + m}{2} \ln(1 + m) + \frac{1 - m}{2} \ln(1 - m), \qquad
          \zeta(h) = \ln \cosh h, \qquad m(h) = \tanh h .

There are :math:`2^N` configurations, and :math:`I(1) = \ln 2`.
"""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np
from scipy.special import xlog1py, xlogy

from .law import CommonLaw

__all__ = ["Binary"]

#: Below this load the overlap itself is solved for, beyond it the logarithm of what 1 lacks.
HALFWAY = 0.35

#: Steps of Newton's, quadratic from the start: the last changes nothing.
STEPS = 7


class Binary(CommonLaw):
    """Fair binary patterns; see `theory.exponential.law.PatternLaw`."""

    largest: ClassVar[float] = math.log(2)
    largest_text: ClassVar[str] = "ln 2"
    entropy: ClassVar[float] = math.log(2)

    def _rate(self, m: np.ndarray) -> np.ndarray:
        small, p = np.minimum(m, 0.5), 0.5 * (1 - m)
        near = small * np.arctanh(small) + 0.5 * np.log1p(-(small**2))
        return np.where(m < 0.5, near, math.log(2) + xlogy(p, p) + xlog1py(1 - p, -p))

    def _cumulant(self, h: np.ndarray) -> np.ndarray:
        near = np.log1p(2 * np.sinh(0.5 * np.minimum(h, 1.0)) ** 2)
        return np.where(h < 1, near, h - math.log(2) + np.log1p(np.exp(-2 * h)))

    def _mean(self, h: np.ndarray) -> np.ndarray:
        return np.tanh(h)

    def _cost(self, h: np.ndarray) -> np.ndarray:
        near = h * np.tanh(h) - self._cumulant(h)
        tail = np.exp(-2 * np.minimum(h, 400.0))
        far = math.log(2) - 2 * np.minimum(h, 400.0) * tail / (1 + tail) - np.log1p(tail)
        return np.where(h < 1, near, far)

    def _overlap(self, alpha: np.ndarray) -> np.ndarray:
        found = np.empty(alpha.shape)
        low = alpha <= HALFWAY
        found[low] = self._small_overlap(alpha[low])
        found[~low] = 1 - 2 * self._minority(alpha[~low])
        return found

    def _melting(self, alpha: np.ndarray) -> np.ndarray:
        found = np.empty(alpha.shape)
        low = alpha <= HALFWAY
        with np.errstate(divide="ignore"):
            found[low] = 1 / np.arctanh(self._small_overlap(alpha[low]))
            p = self._minority(alpha[~low])
            found[~low] = 2 / (np.log1p(-p) - np.log(p))
        return found

    def _melting_of(self, c: np.ndarray, short: np.ndarray) -> np.ndarray:
        return 2 / np.log1p(2 * c / short)

    def _shortfall(self, sharpness: np.ndarray) -> np.ndarray:
        return -np.log1p(0.5 * np.expm1(-2 * sharpness))

    def _magnetization(self, T: np.ndarray) -> np.ndarray:
        return np.tanh(_inverse(T))

    def _potential(self, T: np.ndarray) -> np.ndarray:
        beta = _inverse(T)
        cold = 1 - T * (math.log(2) - np.log1p(np.exp(-2 * beta)))
        return np.where(T <= 1, cold, T * np.log1p(2 * np.sinh(0.5 * np.minimum(beta, 1.0)) ** 2))

    def _chord(self, sharpness: np.ndarray, T: np.ndarray) -> np.ndarray:
        distance = (1 - sharpness * T) * _inverse(T)
        d, t = np.minimum(distance, 1.0), np.tanh(sharpness)
        near = np.log1p(2 * np.sinh(0.5 * d) ** 2 + t * np.sinh(d)) / d
        lacking = np.exp(-2 * sharpness) / (1 + np.exp(-2 * sharpness))
        far = 1 + np.log1p(lacking * np.expm1(-2 * distance)) / distance
        return np.where(distance < 1, near, far)

    @staticmethod
    def _small_overlap(alpha: np.ndarray) -> np.ndarray:
        """Solve I(m) = alpha from above, where I is convex."""
        m = np.sqrt(2 * alpha)
        for _ in range(STEPS):
            field = np.arctanh(m)
            excess = m * field + 0.5 * np.log1p(-(m**2)) - alpha
            m = m - np.divide(excess, field, out=np.zeros_like(m), where=field > 0)
        return m

    @staticmethod
    def _minority(alpha: np.ndarray) -> np.ndarray:
        """Solve for the part p = (1 - m)/2 of reversed sites, whose entropy is ln 2 - alpha.

        The logarithm of the entropy is nearly linear in that of p.
        """
        entropy = math.log(2) - alpha
        there = entropy > 0
        s = np.where(there, entropy, 0.5)
        p = s / (1 - np.log(s))
        for _ in range(STEPS):
            h = -p * np.log(p) - (1 - p) * np.log1p(-p)
            slope = p * (np.log1p(-p) - np.log(p)) / h
            p = p * np.exp(np.log(s / h) / slope)
        return np.where(there, p, 0.0)


def _inverse(T: np.ndarray) -> np.ndarray:
    with np.errstate(divide="ignore", over="ignore"):
        return np.asarray(1 / T)
