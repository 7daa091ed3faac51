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

from .calling import checked
from .dense import PBody

__all__ = ["Hopfield"]


@checked
@dataclass(frozen=True, kw_only=True)
class Hopfield(PBody):
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

    order: ClassVar[int] = 2
    indices: ClassVar[str] = "distinct"

    def __repr__(self) -> str:
        return f"Hopfield(rule={self.rule!r})"
