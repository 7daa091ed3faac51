r"""The transition of a finite network, which may retrieve any of its patterns.

The free energy of retrieval is lowered by :math:`T \ln(2K)/N`: K patterns and, at even order,
as many negatives.  With distinct indices the couplings are weaker by
:math:`\Pi = \prod_{k<P}(1 - k/N)`, which is the infinite network at the load and the temperature
divided by :math:`\Pi`.
"""

from __future__ import annotations

import math

import numpy as np

from hebbian import Model, domain
from theory.conventions import finite_size_factor, n_patterns

from .inversion import largest_temperatures
from .transitions import Landscape, line

__all__ = ["FiniteNetwork"]


class FiniteNetwork:
    """The network of a model with `n_spins` spins, more than its order.

    Raises
    ------
    ValueError
        If there are not as many spins.
    """

    def __init__(self, model: Model, n_spins: int) -> None:
        self.order: int = model.order
        self.n_spins = domain.integer("n_spins", n_spins, f"[{self.order}, inf)")
        self.weakness = 1.0
        if model.indices == "distinct":
            self.weakness = float(finite_size_factor(n_spins, order=self.order))

    def choices(self, alpha: np.ndarray) -> np.ndarray:
        """Return the entropy per spin of the states to retrieve, K not rounded but at least 1."""
        number = np.maximum(n_patterns(alpha, n_spins=self.n_spins, order=self.order), 1)
        return np.log(number * (2 - self.order % 2)) / self.n_spins

    def temperatures(self, landscape: Landscape, alpha: np.ndarray) -> np.ndarray:
        """Return the temperatures of the transition."""
        out = np.empty(alpha.size)
        for i, choices in enumerate(self.choices(alpha).tolist()):
            own = landscape._replace(choices=choices)
            out[i] = largest_temperatures(own, True, alpha[i : i + 1] / self.weakness)[0]
        return self.weakness * out

    def loads(self, landscape: Landscape, T: np.ndarray) -> np.ndarray:
        """Return the largest loads of the transition, 0 where there is none.

        More patterns help retrieval: from the entropy at the spinodal, which is too large,
        the load falls towards the largest that is consistent with its own.
        """
        loads = self.weakness * line(landscape, False, T / self.weakness)[0]
        for i, temperature in enumerate((T / self.weakness).tolist()):
            at, last = np.array([temperature]), math.inf
            while loads[i] < (1 - 1e-14) * last and loads[i] > 0:
                last = loads[i]
                own = landscape._replace(choices=float(self.choices(np.array(last))))
                loads[i] = self.weakness * line(own, True, at)[0][0]
        return loads
