r"""Finite networks with the couplings of the infinite one, and the transition expected of them.

With distinct indices a network of N spins has the couplings of the infinite one at load
:math:`\alpha` and temperature t where its own are :math:`\alpha \Pi` and :math:`t \Pi`,
:math:`\Pi = \prod_{k<P} (1 - k/N)`.  Everything here is in units of the infinite network.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import theory
from hebbian import Model
from phase_diagrams.loads import of_network
from theory.conventions import weakness

__all__ = ["Network", "network", "pairs"]


class Network(NamedTuple):
    """A finite network that stands for the infinite one of a load.

    Parameters
    ----------
    model : Model
    order : int
    alpha : float
        Load of the infinite network.
    n_spins, n_patterns : int
    scale : float
        Pi: its own load and temperature are those of the infinite network times this.
    n_states : int
        States of retrieval that compete with one state without.
    """

    model: Model
    order: int
    alpha: float
    n_spins: int
    n_patterns: int
    scale: float
    n_states: int

    @property
    def own_load(self) -> float:
        """Load asked for in its own units."""
        return self.alpha * self.scale

    @property
    def effective_load(self) -> float:
        """Load in its own units that a whole number of patterns has."""
        return of_network(self.model, self.own_load, self.n_spins)[1]

    @property
    def entropy(self) -> float:
        r"""Entropy per spin of the choice among all patterns, :math:`\ln(2K)/N`, odd order ln K."""
        return math.log(self.n_states) / self.n_spins

    def expected(self, law: str) -> float:
        """Return the transition temperature that theory expects; NaN where there is none.

        It is that of the load of K patterns.
        """
        own = theory.transition_temperature(
            self.model, self.effective_load, law=law, n_spins=self.n_spins
        )
        return float(own) / self.scale


def network(model: Model, alpha: float, n_spins: int) -> Network:
    """Return the network of a size that stands for the infinite one.

    Raises
    ------
    ValueError
        If the model has no load or no order, or its patterns are not retrieved all alike.
    """
    order = getattr(model, "order", None)
    if order is None or model.unstored or not model.uniform:
        raise ValueError(
            f"model = {model!r} is no network whose first-order transition is located: Hopfield or "
            "Dense, of equal patterns"
        )
    scale = weakness(model, n_spins)
    n_patterns = model.count(alpha * scale, n_spins)
    n_states = n_patterns if order % 2 else 2 * n_patterns
    return Network(model, order, alpha, n_spins, n_patterns, scale, n_states)


def pairs(model: Model) -> bool:
    """Return whether spins interact in pairs, so that the disordered branch is a glass."""
    return getattr(model, "order", 2) == 2
