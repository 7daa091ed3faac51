r"""Exponential memories of independent patterns of any law: the formulas.

The overlap of a configuration with :math:`e^{\alpha N}` independent patterns has large deviations
:math:`P(M = N m) \sim e^{-N I(m)}`, and the logarithm of :math:`E\, e^{h M}` is N times the
Legendre transform :math:`\zeta(h) = \max_m [h m - I(m)]`, reached at the overlap
:math:`m(h) = \zeta'(h)`.

**The floor.**  All patterns but the retrieved one give :math:`\sum_\mu e^{\lambda M_\mu} \sim
e^{N \phi}` to a typical configuration.  There are :math:`e^{N (\alpha - I(m))}` patterns at the
overlap m, and none beyond :math:`m^*(\alpha) = I^{-1}(\alpha)`: a random energy model (B. Derrida,
Phys. Rev. B 24, 2613 (1981), doi:10.1103/PhysRevB.24.2613; C. Lucibello, M. Mezard, Phys. Rev.
Lett. 132, 077301 (2024), doi:10.1103/PhysRevLett.132.077301), condensed on few patterns below
:math:`\alpha_d = I(m(\lambda))`,

.. math:: \phi(\alpha, \lambda) = \alpha + \zeta(\lambda) \;\; (\alpha \ge \alpha_d), \qquad
          \lambda\, m^*(\alpha) \;\; (\alpha \le \alpha_d).

A typical configuration has the energy -c N, :math:`c(\alpha) = \phi/\lambda`.

**The states.**  Near a pattern :math:`e^{\lambda M_1}` exceeds the floor where its overlap is above
c, and the spins are independent in a unit field: overlap m(1/T), free energy :math:`-T S - p(T)`,
S the entropy of free spins and :math:`p(T) = T \zeta(1/T)`.  The paramagnet has
:math:`-T S - c(\alpha)`.  So every line is a slope: its load is the one at which c is

* m(1/T) on the spinodal, the slope of :math:`\zeta` at b = 1/T;
* :math:`[\zeta(b) - \zeta(\lambda)]/(b - \lambda)` where all the :math:`e^{\alpha N}` retrieval
  states together have the weight of the paramagnet, for :math:`T < 1/\lambda`; from there on the
  spinodal itself, beyond which the states overlap;
* p(T) where one of them has.

The three are ordered by the convexity of :math:`\zeta`.  The first two meet the condensation of
the floor in one point, :math:`T = 1/\lambda, \alpha = I(m(\lambda))`.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from typing import Any, ClassVar

import numpy as np

from hebbian import domain

__all__ = ["CommonLaw", "PatternLaw"]


class PatternLaw(ABC):
    """Law of the overlaps, and the lines of the exponential memory that it makes.

    Methods take numbers or arrays, broadcast against each other, and return arrays: `field` h
    and `sharpness` in (0, inf), `T` in [0, inf), `alpha` in [0, `largest`].  They raise a
    ValueError for a value outside.
    """

    #: Largest load that can be asked for, and how it is written.
    largest: ClassVar[float] = math.inf
    largest_text: ClassVar[str] = "inf"

    #: Entropy of a free spin; 0 where configurations are counted as parts of the sphere.
    entropy: ClassVar[float] = 0.0

    #: Interval of the overlaps.
    overlaps: ClassVar[str] = "[-1, 1]"

    @abstractmethod
    def _rate(self, m: np.ndarray) -> np.ndarray:
        """I(m), m >= 0."""

    @abstractmethod
    def _cumulant(self, h: np.ndarray) -> np.ndarray:
        """zeta(h)."""

    @abstractmethod
    def _mean(self, h: np.ndarray) -> np.ndarray:
        """m(h)."""

    @abstractmethod
    def _cost(self, h: np.ndarray) -> np.ndarray:
        """I(m(h))."""

    @abstractmethod
    def _overlap(self, alpha: np.ndarray) -> np.ndarray:
        """I^-1(alpha)."""

    @abstractmethod
    def _own_rate(self, m: np.ndarray) -> np.ndarray:
        """Rate at which a configuration has the overlap m with a given, typical pattern."""

    @abstractmethod
    def _magnetization(self, T: np.ndarray) -> np.ndarray:
        """Overlap of a pattern's own state, m(1/T)."""

    @abstractmethod
    def _potential(self, T: np.ndarray) -> np.ndarray:
        """p(T) of a pattern's own state."""

    @abstractmethod
    def _transition(self, sharpness: np.ndarray, T: np.ndarray) -> np.ndarray:
        """Load at which all retrieval states together have the weight of the paramagnet."""

    @abstractmethod
    def _melting(self, alpha: np.ndarray) -> np.ndarray:
        """Temperature at which m(1/T) is the overlap m*(alpha) of a condensed floor."""

    @abstractmethod
    def _melting_of(self, c: np.ndarray, short: np.ndarray) -> np.ndarray:
        """Temperature at which m(1/T) is c = 1 - `short`."""

    @abstractmethod
    def _shortfall(self, sharpness: np.ndarray) -> np.ndarray:
        """Sharpness minus its cumulant."""

    def rate(self, m: Any) -> Any:
        """Return I(m), the rate at which an overlap m with a random pattern is rare.

        Examples
        --------
        >>> from theory.exponential import binary, sphere
        >>> float(binary.rate(1.0).round(6)), float(sphere.rate(0.6).round(6))
        (0.693147, 0.223144)
        """
        return self._rate(np.abs(domain.real_array("m", m, self.overlaps)))[()]

    def cumulant(self, field: Any) -> Any:
        r"""Return :math:`\zeta(h) = \lim \ln E\, e^{h M}/N` at a field h."""
        return self._cumulant(_positive("field", field))[()]

    def mean(self, field: Any) -> Any:
        r"""Return m(h), the overlap that :math:`E\, e^{h M}` is dominated by."""
        return self._mean(_positive("field", field))[()]

    def overlap(self, alpha: Any) -> Any:
        r"""Return :math:`m^*(\alpha) = I^{-1}(\alpha)`: with the nearest of the patterns.

        Examples
        --------
        >>> from theory.exponential import binary
        >>> binary.overlap([0.0, 0.4, binary.largest]).round(6)
        array([0.      , 0.828031, 1.      ])
        """
        return self._overlap(self.load(alpha))[()]

    def magnetization(self, T: Any) -> Any:
        """Return m(1/T), the overlap of a retrieved pattern."""
        return self._magnetization(_temperature(T))[()]

    def potential(self, T: Any) -> Any:
        r"""Return :math:`p(T) = T \zeta(1/T)`: a retrieved pattern has :math:`f = -T S - p`."""
        return self._potential(_temperature(T))[()]

    def condensation_load(self, sharpness: Any) -> Any:
        r"""Return :math:`\alpha_d = I(m(\lambda))`: below it few patterns make the floor."""
        return self._cost(_positive("sharpness", sharpness))[()]

    def floor(self, alpha: Any, sharpness: Any) -> Any:
        r"""Return :math:`\phi`: the sum over all patterns at a typical configuration.

        Examples
        --------
        >>> from theory.exponential import binary
        >>> binary.floor([0.2, 0.4], 1.0).round(6)
        array([0.610346, 0.833781])
        """
        return self._floor(*_together(self.load(alpha), _positive("sharpness", sharpness)))[()]

    def spinodal_load(self, sharpness: Any, T: Any) -> Any:
        r"""Return :math:`\alpha_M(T)`, up to which a pattern is retrieved.

        Examples
        --------
        >>> from theory.exponential import binary
        >>> binary.spinodal_load(1.0, [0.0, 0.5, 1.0, 2.0]).round(6)
        array([0.566219, 0.530247, 0.327813, 0.110944])
        """
        sharp, T = _together(_positive("sharpness", sharpness), _temperature(T))
        return self._reached(self._magnetization(T), sharp)[()]

    def single_transition_load(self, sharpness: Any, T: Any) -> Any:
        """Return the load at which one retrieval state has the weight of the paramagnet.

        Examples
        --------
        >>> from theory.exponential import binary
        >>> binary.single_transition_load(1.0, [0.0, 0.2, 1.0]).round(6)
        array([0.566219, 0.427599, 0.097281])
        """
        sharp, T = _together(_positive("sharpness", sharpness), _temperature(T))
        return self._reached(self._potential(T), sharp)[()]

    def transition_load(self, sharpness: Any, T: Any) -> Any:
        r"""Return :math:`\alpha_1(T)`: all retrieval states together weigh as the paramagnet.

        Examples
        --------
        >>> from theory.exponential import binary, sphere
        >>> binary.transition_load(1.0, [0.0, 0.5, 1.0, 2.0]).round(6)
        array([0.566219, 0.457441, 0.327813, 0.110944])
        >>> sphere.transition_load(1.0, [0.0, 0.1, 0.5, 1.0]).round(6)
        array([0.622572, 0.506881, 0.33639 , 0.240606])
        """
        sharp, T = _together(_positive("sharpness", sharpness), _temperature(T))
        return self._transition(sharp, T)[()]

    def spinodal_temperature(self, alpha: Any, sharpness: Any) -> Any:
        r"""Return :math:`T_M`, the inverse of `spinodal_load`; NaN beyond its largest load."""
        load, sharp = _together(self.load(alpha), _positive("sharpness", sharpness))
        found = np.full(load.shape, np.nan)
        condensed = load <= self._cost(sharp)
        found[condensed] = self._melting(load[condensed])
        load, sharp = load[~condensed], sharp[~condensed]
        short = (self._shortfall(sharp) - load) / sharp
        # Equal up to the rounding of the load of T = 0, where the state is still there.
        short = np.where(np.abs(short) < 1e-15, 0.0, short)
        c = (load + self._cumulant(sharp)) / sharp
        with np.errstate(divide="ignore", invalid="ignore"):
            found[~condensed] = np.where(short >= 0, self._melting_of(c, short), np.nan)
        return found[()]

    def transition_temperature(self, alpha: Any, sharpness: Any) -> Any:
        """Return T_c, the inverse of `transition_load`; NaN beyond its largest load."""
        from scipy.optimize.elementwise import find_root

        load, sharp = _together(self.load(alpha), _positive("sharpness", sharpness))
        found = np.array(self.spinodal_temperature(load, sharp))
        inside = np.asarray((found > 0) & np.isfinite(found))
        there = np.where(inside, found, 0.0)
        inside = inside & np.asarray(self.transition_load(sharp, there) < load)
        if inside.any():
            search: Any = find_root  # typed for functions of one array
            root = search(
                lambda T, load, sharp: self.transition_load(sharp, T) - load,
                (np.zeros(inside.sum()), found[inside]),
                args=(load[inside], sharp[inside]),
            )
            found[inside] = np.where(root.success, root.x, np.nan)
        return found[()]

    def barrier(self, alpha: Any, sharpness: Any, T: Any) -> Any:
        r"""Return the free-energy barrier per spin that keeps a pattern retrieved.

        At fixed overlap m the free energy is :math:`T I(m) - \max(m, c)`, up to a constant: its
        maximum next to retrieval is the kink at m = c, :math:`T I(c) - c + p(T)` above retrieval,
        and closes like :math:`(\alpha_M - \alpha)^2`.  NaN beyond the spinodal.
        """
        values = _together(self.load(alpha), _positive("sharpness", sharpness), _temperature(T))
        load, sharp, T = values
        c = self._floor(load, sharp) / sharp
        exists = c <= self._magnetization(T)
        # At T = 0 the kink may be at the pattern itself, whose rate is infinite on the sphere.
        cost = np.where(exists & (T > 0), self._own_rate(np.where(exists & (T > 0), c, 0.0)), 0.0)
        height = np.maximum(T * cost - c + self._potential(T), 0.0)
        return np.where(exists, height, np.nan)[()]

    def free_energy(self, alpha: Any, sharpness: Any, T: Any) -> Any:
        """Return the free energy per spin of the equilibrium, all patterns at its disposal.

        Examples
        --------
        >>> from theory.exponential import binary
        >>> float((-2 * binary.free_energy(0.4, 1.0, 0.5)).round(6))
        2.41815
        """
        values = _together(self.load(alpha), _positive("sharpness", sharpness), _temperature(T))
        load, sharp, T = values
        c = self._floor(load, sharp) / sharp
        together = T * load + self._potential(T)
        retrieved = (c <= self._magnetization(T)) & (together > c)
        return (-T * self.entropy - np.where(retrieved, together, c))[()]

    def load(self, alpha: Any) -> np.ndarray:
        """Return loads as an array, all within [0, `largest`].

        Raises
        ------
        ValueError
            Naming the first that is not.
        """
        loads = domain.real_array("alpha", alpha, "[0, inf)")
        # ln K / N of all 2^N patterns may be rounded up.
        for value in loads[loads > self.largest * (1 + 1e-12)][:1]:
            raise ValueError(
                f"alpha = {value:.12g} is outside the allowed range [0, {self.largest_text}] of "
                "ln K / N: the theory has no more patterns than there are configurations"
            )
        return np.minimum(loads, self.largest)

    def _floor(self, alpha: np.ndarray, sharpness: np.ndarray) -> np.ndarray:
        condensed = alpha < self._cost(sharpness)
        found = np.asarray(alpha + self._cumulant(sharpness))
        found[condensed] = sharpness[condensed] * self._overlap(alpha[condensed])
        return found

    def _reached(self, c: np.ndarray, sharpness: np.ndarray) -> np.ndarray:
        """Return the load whose floor is c per unit of sharpness."""
        free = sharpness * c - self._cumulant(sharpness)
        return np.where(c <= self._mean(sharpness), self._rate(c), free)


class CommonLaw(PatternLaw):
    """Patterns whose own states follow the law of the overlaps with the others.

    As where spins and patterns are points of the same space.
    """

    @abstractmethod
    def _chord(self, sharpness: np.ndarray, T: np.ndarray) -> np.ndarray:
        """Slope of the chord of zeta from the sharpness to 1/T, which is larger."""

    def _own_rate(self, m: np.ndarray) -> np.ndarray:
        return self._rate(m)

    def _transition(self, sharpness: np.ndarray, T: np.ndarray) -> np.ndarray:
        cold = sharpness * T < 1
        found = np.asarray(self._rate(self._magnetization(T)))
        slope = self._chord(sharpness[cold], T[cold])
        found[cold] = self._reached(slope, sharpness[cold])
        return found


def _positive(name: str, values: Any) -> np.ndarray:
    return domain.real_array(name, values, "(0, inf)")


def _temperature(values: Any) -> np.ndarray:
    return domain.real_array("T", values, "[0, inf)")


def _together(*arrays: np.ndarray) -> list[np.ndarray]:
    """Broadcast arrays to one shape."""
    return [np.array(array) for array in np.broadcast_arrays(*arrays)]
