r"""Where retrieval is the ground state, in the infinite network and in a finite one.

A finite network may retrieve any of its patterns: their entropy lowers the free energy of
retrieval by :math:`T \ln(2K)/N`, K patterns and, at even order, as many negatives.  With
distinct indices the couplings are weaker by :math:`\Pi = \prod_{k<P}(1 - k/N)`, which is the
infinite network at the load and the temperature divided by :math:`\Pi`.
"""

from __future__ import annotations

import math
from functools import cached_property

import numpy as np

from hebbian import Dense, Hopfield
from theory.conventions import n_patterns, weakness

from .cold_transition import Choices, ColdLine, cold_end, cold_line
from .inversion import largest_temperatures
from .transitions import Landscape, line

__all__ = ["GroundState"]


class GroundState:
    """The transition of one network.

    Parameters
    ----------
    model : Dense or Hopfield
    landscape : Landscape
    broken : bool
        Whether retrieval may break replica symmetry.
    n_spins : int, optional
        At least the order; by default infinite.

    Raises
    ------
    ValueError
        If there are fewer spins.
    """

    def __init__(
        self, model: Dense | Hopfield, landscape: Landscape, broken: bool, n_spins: int | None
    ) -> None:
        self.landscape, self.broken = landscape, broken
        self.weakness, self.choices = weakness(model, n_spins), Choices()
        if n_spins is not None:
            per_load = float(n_patterns(self.weakness, n_spins=n_spins, order=model.order))
            self.choices = Choices(per_load, 2.0 - model.order % 2, float(n_spins))

    def temperatures(self, alpha: np.ndarray) -> np.ndarray:
        """Return the largest temperatures at which retrieval is the ground state, or NaN."""
        alpha = alpha / self.weakness
        if self.choices.n_spins == math.inf:
            T = largest_temperatures(self.landscape, True, alpha)
        else:
            T = np.empty(alpha.size)
            for i, own in enumerate(self._landscapes(alpha)):
                T[i] = largest_temperatures(own, True, alpha[i : i + 1])[0]
        if self.broken:
            end, most = cold_end(self.landscape)
            for i in np.flatnonzero(~(end < T) & (alpha <= most)).tolist():
                if not self._cold.end < T[i] and self._cold.T.size:
                    T[i] = self._cold.temperature(alpha[i])
        return self.weakness * T

    def loads(self, T: np.ndarray) -> np.ndarray:
        """Return the largest loads at which retrieval is the ground state, or NaN."""
        T = T / self.weakness
        if self.choices.n_spins == math.inf:
            loads = line(self.landscape, True, T)[0]
        else:
            loads = line(self.landscape, False, T)[0]
            for i in range(T.size):
                loads[i] = self._largest(T[i : i + 1], loads[i])
        if self.broken and (cold_end(self.landscape)[0] >= T).any():
            cold = self._cold.end >= T
            loads[cold] = self._cold.at(T[cold]) if cold.any() else loads[cold]
        return np.where(loads > 0, self.weakness * loads, np.nan)

    def _largest(self, T: np.ndarray, load: float) -> float:
        """Return the transition below a load.

        More patterns help retrieval: from the entropy at the spinodal, which is too large,
        the load falls towards the largest that is consistent with its own.
        """
        last = math.inf
        while 0 < load < (1 - 1e-14) * last:
            last = load
            (own,) = self._landscapes(np.array([load]))
            load = float(line(own, True, T)[0][0])
        return load

    def _landscapes(self, alpha: np.ndarray) -> list[Landscape]:
        number = self.choices.copies * np.maximum(1, self.choices.per_load * alpha)
        entropy = np.log(number) / self.choices.n_spins
        return [self.landscape._replace(choices=value) for value in entropy.tolist()]

    @cached_property
    def _cold(self) -> ColdLine:
        return cold_line(self.landscape, self.choices)
