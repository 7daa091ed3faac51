r"""Patterns and spins of real entries: closed forms, and nothing here simulates them.

On the sphere :math:`|s|^2 = |\xi|^2 = N` (up to the surface of the sphere, which is common to all
configurations)

.. math:: I(m) = -\tfrac12 \ln(1 - m^2), \qquad m(h) = \frac{\sqrt{1 + 4 h^2} - 1}{2 h}, \qquad
          \zeta(h) = h\, m(h) - I(m(h)) .

**Gaussian overlaps** with the other patterns, :math:`I = m^2/2, \zeta = h^2/2`, beside states
that stay those of the sphere: a Gaussian approximation of the sphere, and the law of patterns
of Gaussian entries, typical ones, of length :math:`\sqrt N`.  (Some of exponentially many are
longer, and are retrieved beyond these lines.)  At T = 0 it gives :math:`\lambda - \lambda^2/2` for
:math:`\lambda \le 1` and 1/2 beyond: 0.5 at :math:`\lambda = 1`, the capacity at T = 0 that
arXiv:2603.13350 and arXiv:2604.07401 state for patterns on the sphere, whose own law gives
0.622572.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from .law import CommonLaw, PatternLaw

__all__ = ["Gaussian", "Sphere"]


class _OnSphere(PatternLaw):
    """The states of spins on the sphere near a pattern on it."""

    def _own_rate(self, m: np.ndarray) -> np.ndarray:
        with np.errstate(divide="ignore"):
            return np.asarray(-0.5 * np.log1p(-(m**2)))

    def _magnetization(self, T: np.ndarray) -> np.ndarray:
        return 2 / (T + np.hypot(T, 2.0))

    def _potential(self, T: np.ndarray) -> np.ndarray:
        m = self._magnetization(T)
        ratio = np.divide(m, T, out=np.zeros_like(m), where=T > 0)
        return m - 0.5 * T * np.log1p(ratio)

    def _melting_of(self, c: np.ndarray, short: np.ndarray) -> np.ndarray:
        return short * (1 + c) / c


class Sphere(_OnSphere, CommonLaw):
    """Patterns on the sphere; see `theory.exponential.law.PatternLaw`."""

    def _rate(self, m: np.ndarray) -> np.ndarray:
        return self._own_rate(m)

    def _cumulant(self, h: np.ndarray) -> np.ndarray:
        u = _work(h)
        return u - 0.5 * np.log1p(u)

    def _mean(self, h: np.ndarray) -> np.ndarray:
        return 2 * h / (1 + np.hypot(1.0, 2 * h))

    def _cost(self, h: np.ndarray) -> np.ndarray:
        return np.asarray(0.5 * np.log1p(_work(h)))

    def _overlap(self, alpha: np.ndarray) -> np.ndarray:
        return np.sqrt(-np.expm1(-2 * alpha))

    def _melting(self, alpha: np.ndarray) -> np.ndarray:
        with np.errstate(divide="ignore"):
            return np.exp(-2 * alpha) / self._overlap(alpha)

    def _shortfall(self, sharpness: np.ndarray) -> np.ndarray:
        root = np.hypot(1.0, 2 * sharpness)
        more = 2 * sharpness * (1 + 2 * sharpness / (1 + root))
        return np.asarray(0.5 * more / (1 + more) + 0.5 * np.log1p(_work(sharpness)))

    def _chord(self, sharpness: np.ndarray, T: np.ndarray) -> np.ndarray:
        slope = 2 * (1 + sharpness * T) / (np.hypot(T, 2.0) + T * np.hypot(1.0, 2 * sharpness))
        with np.errstate(divide="ignore", invalid="ignore"):
            distance = (1 - sharpness * T) / T
            fall = np.log1p(distance * slope / (1 + _work(sharpness))) / distance
        return slope - 0.5 * np.where(np.isfinite(distance), fall, 0.0)


class Gaussian(_OnSphere):
    r"""Gaussian overlaps with the others; see `theory.exponential.law.PatternLaw`.

    Own states and floor have different laws, and typical retrieval states alone are counted: with
    p(T) of the sphere :math:`\alpha_1 = (\lambda p - \lambda^2/2)/(1 - \lambda T)` where that is
    above :math:`\lambda^2/2`, and :math:`\alpha_1 + p/T = \sqrt{2\alpha_1}/T` where the floor is
    condensed.

    Examples
    --------
    >>> from theory.exponential import gaussian
    >>> gaussian.transition_load([0.25, 1.0, 4.0], 0.0).round(6)
    array([0.21875, 0.5    , 0.5    ])
    """

    overlaps: ClassVar[str] = "(-inf, inf)"

    def _rate(self, m: np.ndarray) -> np.ndarray:
        return 0.5 * m**2

    def _cumulant(self, h: np.ndarray) -> np.ndarray:
        return 0.5 * h**2

    def _mean(self, h: np.ndarray) -> np.ndarray:
        return h

    def _cost(self, h: np.ndarray) -> np.ndarray:
        return 0.5 * h**2

    def _overlap(self, alpha: np.ndarray) -> np.ndarray:
        return np.sqrt(2 * alpha)

    def _melting(self, alpha: np.ndarray) -> np.ndarray:
        m = self._overlap(alpha)
        with np.errstate(divide="ignore"):
            return np.where(m <= 1, self._melting_of(m, 1 - m), np.nan)

    def _shortfall(self, sharpness: np.ndarray) -> np.ndarray:
        return sharpness - 0.5 * sharpness**2

    def _transition(self, sharpness: np.ndarray, T: np.ndarray) -> np.ndarray:
        p = self._potential(T)
        with np.errstate(divide="ignore", invalid="ignore"):
            free = (sharpness * p - 0.5 * sharpness**2) / (1 - sharpness * T)
        condensed = 2 * p / (1 + np.sqrt(1 - 2 * T * p))
        there = (sharpness * T < 1) & (free >= 0.5 * sharpness**2)
        return np.where(there, free, 0.5 * condensed**2)


def _work(h: np.ndarray) -> np.ndarray:
    """Return h m(h) on the sphere."""
    return np.asarray(2 * h * (h / (1 + np.hypot(1.0, 2 * h))))
