r"""The Hopfield network: pairwise Hebbian couplings.

:math:`H(s) = -\sum_{i<j} J_{ij} s_i s_j`,
:math:`J_{ij} = \frac1N \sum_\mu \xi_i^\mu \xi_j^\mu`: `Dense` with order 2, whose theory
(D. J. Amit, H. Gutfreund, H. Sompolinsky, Ann. Phys. 173, 30 (1987),
doi:10.1016/0003-4916(87)90092-3) is a case of its own.  Load alpha = K/N, no
self-interaction.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from . import patterns
from .dense import archetype_count, lower_dense
from .memory import Memory
from .model import Model
from .packed import Packed

__all__ = ["Hopfield"]


@dataclass(frozen=True, kw_only=True)
class Hopfield(Model):
    """Hopfield network; the same network as ``Dense(order=2)``.

    Parameters
    ----------
    rule : Rule
        How the archetypes reach the couplings.

    Examples
    --------
    >>> Hopfield().count(alpha=0.05, n_spins=2000)
    100
    """

    entries: ClassVar[str] = "signs"

    @property
    def order(self) -> int:
        """Number of spins in an interaction: 2."""
        return 2

    def __repr__(self) -> str:
        return f"Hopfield(rule={self.rule!r})"

    def count(self, alpha: float | None, n_spins: int) -> int:
        """Return K = round(alpha N), at least 1."""
        return archetype_count(alpha, n_spins, 2)

    @property
    def drawable(self) -> bool:
        """True: fair signs of independent entries."""
        return True

    def draw(self, key: np.ndarray, n_patterns: int, n_spins: int) -> Packed:
        """Draw fair binary archetypes."""
        return Packed(patterns.rademacher_bits(key, n_patterns, n_spins), n_patterns)

    def lower(self, rows: np.ndarray | Packed) -> Memory:
        """Lower to rows and an interaction; see `Model.lower`."""
        return lower_dense(self.rule, 2, "distinct", rows)

    def example_overlap_scale(self) -> float:
        """Return r / (R M), as for `Dense`."""
        return self.rule.quality / (self.rule.second_moment * self.rule.n_examples)
