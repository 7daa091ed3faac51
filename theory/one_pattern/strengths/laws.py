r"""Laws of strengths in units of the strength g of pattern 0.

Everything is told in the reduced load :math:`w = \alpha \langle v^2 \rangle`, of which the noise
of one step is that of the uniform network: numbers are a law of their own at every load, and a
palimpsest has ages a that are uniform in :math:`[0, \alpha]` and strengths :math:`v = e^{-La}`, so
that

.. math:: w = \frac{1 - e^{-2L\alpha}}{2L}, \qquad
          \alpha \langle f(v) \rangle = \frac1L \int_{e^{-L\alpha}}^1 f(u) \frac{du}{u},

both with a limit of infinitely many patterns.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np

from .quadrature import NODES, compressed

__all__ = ["Fading", "Law", "Numbers", "law_of", "points_of_ages"]

#: Intervals of ages; states have their poles beyond the last.
_HALVINGS = 18


class Law(ABC):
    """A law of strengths in units of `unit`, the strength of pattern 0."""

    unit: float
    #: Whether it is the same at all loads.
    fixed: bool

    @abstractmethod
    def reduced(self, alpha: np.ndarray) -> np.ndarray:
        """Return the reduced loads w."""

    @abstractmethod
    def loads(self, reduced: np.ndarray) -> np.ndarray:
        """Return the loads alpha of reduced ones; infinite where no load is large enough."""

    @abstractmethod
    def mean(self, alpha: np.ndarray) -> np.ndarray:
        """Return the mean strength at loads."""

    @abstractmethod
    def points(self, alpha: float) -> tuple[np.ndarray, np.ndarray]:
        """Return masses and strengths, the largest first, of the noise of one unit of w."""


class Numbers(Law):
    """The law of given numbers.

    Examples
    --------
    >>> law = Numbers(np.array([2.0, 4.0]))
    >>> law.unit, law.reduced(np.array(0.1)), law.points(0.1)
    (2.0, array(0.25), (array([0.2, 0.2]), array([2., 1.])))
    """

    fixed = True

    def __init__(self, strengths: np.ndarray) -> None:
        if not strengths[0] > 0:
            raise ValueError(
                "weights: the strength of pattern 0 is 0, there is nothing to retrieve"
            )
        self.unit = float(strengths[0])
        self._v = strengths / self.unit
        self._power = float(np.mean(self._v**2))

    def reduced(self, alpha: np.ndarray) -> np.ndarray:
        """Return alpha <v^2>."""
        return np.asarray(alpha * self._power)

    def loads(self, reduced: np.ndarray) -> np.ndarray:
        """Return w / <v^2>."""
        return np.asarray(reduced / self._power)

    def mean(self, alpha: np.ndarray) -> np.ndarray:
        """Return <v>."""
        return np.full(alpha.shape, np.mean(self._v))

    def points(self, alpha: float) -> tuple[np.ndarray, np.ndarray]:
        """Return the numbers, or what stands for many of them."""
        mass, v = compressed(self._v)
        return mass / (self._v.size * self._power), v


class Fading(Law):
    """The law of a palimpsest of rate L > 0, of which pattern 0 is the newest.

    Examples
    --------
    >>> law = Fading(2.0)
    >>> law.reduced(np.array([0.0, 0.1, np.inf])).round(6)
    array([0.     , 0.08242, 0.25   ])
    """

    fixed = False
    unit = 1.0

    def __init__(self, rate: float) -> None:
        self.rate = rate

    def reduced(self, alpha: np.ndarray) -> np.ndarray:
        """Return (1 - exp(-2 L alpha)) / 2L."""
        return np.asarray(-np.expm1(-2 * self.rate * alpha) / (2 * self.rate))

    def loads(self, reduced: np.ndarray) -> np.ndarray:
        """Return -ln(1 - 2 L w) / 2L."""
        left = np.asarray(-2 * self.rate * reduced)
        found = np.log1p(left, where=~(left <= -1), out=np.full(left.shape, -np.inf))
        return -found / (2 * self.rate)

    def mean(self, alpha: np.ndarray) -> np.ndarray:
        """Return (1 - exp(-L alpha)) / (L alpha)."""
        exponent = self.rate * np.asarray(alpha)
        return np.where(exponent > 0, -np.expm1(-exponent) / np.where(exponent > 0, exponent, 1), 1)

    def points(self, alpha: float) -> tuple[np.ndarray, np.ndarray]:
        """Return points of Gauss in intervals of u."""
        reduced = float(self.reduced(np.array(alpha)))
        if reduced == 0:
            return np.ones(1), np.ones(1)
        mass, u = points_of_ages(float(np.exp(-self.rate * alpha)))
        return mass / (self.rate * reduced), u


def points_of_ages(oldest: float) -> tuple[np.ndarray, np.ndarray]:
    """Return masses and strengths for integrals du/u from `oldest` to 1, the largest first.

    Of functions f(u) of order u, in intervals that halve towards 1 as those of `compressed`.
    """
    ends = np.concatenate([-np.exp2(-np.arange(0.0, _HALVINGS)), [0.0]])
    ends = 1 + np.maximum(ends, oldest - 1)
    low, high = ends[:-1][::-1], ends[1:][::-1]
    low, high = low[high > low], high[high > low]
    x, weight = np.polynomial.legendre.leggauss(NODES)
    half = 0.5 * (high - low)[:, None]
    u = (0.5 * (high + low)[:, None] + half * x[::-1]).ravel()
    return (half * weight[::-1]).ravel() / u, u


def law_of(weights: str | tuple[float, ...]) -> Law | None:
    """Return the law of the strengths of a model; None where they turn out to be one.

    Raises
    ------
    ValueError
        For a law of ranks, which depends on the number of patterns.
    """
    if not isinstance(weights, str):
        return Numbers(np.array(weights))
    name, _, parameter = weights.partition(":")
    if name == "palimpsest":
        return Fading(float(parameter)) if float(parameter) > 0 else None
    raise ValueError(
        f"weights = {weights!r} has no limit of many patterns: theory.by_rank(model, alpha=..., "
        "n_spins=...), or the model of one size, model.sized(alpha, n_spins)"
    )
