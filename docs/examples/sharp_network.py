r"""Multitasking with P-body interactions: what the network is.

.. math:: H(s) = -\frac N2 \sum_{\mu=1}^K m_\mu^P, \qquad
          P(\xi = 0) = d,\ P(\xi = \pm 1) = (1 - d)/2,

the literal power, K finite: there is no load, and several patterns may be retrieved at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from hebbian import Memory, Model, domain, patterns
from hebbian.dense import lower_dense

__all__ = ["Sharp"]


@dataclass(frozen=True, kw_only=True)
class Sharp(Model):
    """Network of a few diluted patterns with interactions of `order` spins.

    Parameters
    ----------
    order : int
        Even number P of spins in an interaction, 2 to 8.
    n_patterns : int
        Number K of patterns, 1 to 8.
    dilution : float
        Probability d in [0, 1) of a blank entry.
    rule : Storing
    """

    order: int = 4
    n_patterns: int = 2
    dilution: float = 0.3

    retrieves_several: ClassVar[bool] = True

    def __post_init__(self) -> None:
        super().__post_init__()
        domain.integer("order", self.order, "[2, 8]")
        domain.integer("n_patterns", self.n_patterns, "[1, 8]")
        domain.real("dilution", self.dilution, "[0, 1)")
        if self.order % 2 or self.rule.has_examples:
            raise ValueError(f"{self!r}: the order is even, and patterns are stored")

    def count(self, alpha: float | None, n_spins: int) -> int:
        """Return K; there is no load."""
        if alpha is not None:
            raise ValueError(f"alpha = {alpha} is not a parameter of Sharp: use n_patterns")
        return self.n_patterns

    @property
    def drawable(self) -> bool:
        """True: the law that devices know as `patterns.diluted`."""
        return True

    def draw(self, key: np.ndarray, n_patterns: int, n_spins: int) -> np.ndarray:
        """Draw archetypes of independent entries."""
        return patterns.diluted(key, n_patterns, n_spins, self.dilution)

    def lower(self, rows: np.ndarray) -> Memory:
        """Lower to rows and an interaction."""
        return lower_dense(self.rule, self.order, "all", rows)

    def example_overlap_scale(self) -> float:
        """Return 1: n = m for stored patterns."""
        return 1.0
