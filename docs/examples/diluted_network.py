r"""Dense network of diluted patterns: what the network is.

.. math:: H(s) = -\frac N2 \sum_{\mu=1}^K m_\mu^P, \qquad
          P(\xi = 0) = d,\ P(\xi = \pm 1) = (1 - d)/2,

the power a sum over distinct sites as in `hebbian.dense`, the load
:math:`\alpha = (P!/2) K / N^{P-1}`, P >= 3.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from hebbian import Memory, Model, domain, patterns
from hebbian.dense import archetype_count, lower_dense

__all__ = ["Diluted"]


@dataclass(frozen=True, kw_only=True)
class Diluted(Model):
    """Dense network of patterns with blanks.

    Parameters
    ----------
    order : int
        Number P of spins in an interaction, 3 to 8.
    dilution : float
        Probability d in [0, 1) of a blank entry.
    rule : Storing
    """

    order: int = 3
    dilution: float = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        domain.integer("order", self.order, "[3, 8]")
        domain.real("dilution", self.dilution, "[0, 1)")
        if self.rule.has_examples:
            raise ValueError(f"rule = {self.rule!r}: diluted patterns are stored, not learnt")

    def count(self, alpha: float | None, n_spins: int) -> int:
        """Return the whole K nearest to 2 alpha N^(P-1) / P!, at least 1."""
        return archetype_count(alpha, n_spins, self.order)

    def load(self, n_patterns: int, n_spins: int) -> float:
        """Return the load of K patterns, with which simulations are compared."""
        return n_patterns * math.factorial(self.order) / (2 * float(n_spins) ** (self.order - 1))

    @property
    def drawable(self) -> bool:
        """True: the law that devices know as `patterns.diluted`."""
        return True

    def draw(self, key: np.ndarray, n_patterns: int, n_spins: int) -> np.ndarray:
        """Draw archetypes of independent entries."""
        return patterns.diluted(key, n_patterns, n_spins, self.dilution)

    def lower(self, rows: np.ndarray) -> Memory:
        """Lower to rows and an interaction; blanks are entries 0."""
        return lower_dense(self.rule, self.order, "distinct", rows)

    def example_overlap_scale(self) -> float:
        """Return 1: n = m for stored patterns."""
        return 1.0
