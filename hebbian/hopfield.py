r"""The Hopfield network: pairwise Hebbian couplings.

:math:`H(s) = -\sum_{i<j} J_{ij} s_i s_j`,
:math:`J_{ij} = \frac1N \sum_\mu \xi_i^\mu \xi_j^\mu`: `Dense` with order 2, whose theory
(D. J. Amit, H. Gutfreund, H. Sompolinsky, Ann. Phys. 173, 30 (1987),
doi:10.1016/0003-4916(87)90092-3) is a case of its own.  Load alpha = K/N, no
self-interaction.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from .calling import checked
from .dense import PBody
from .strengths import checked_weights, shown_weights

__all__ = ["Hopfield"]


@checked
@dataclass(frozen=True, kw_only=True)
class Hopfield(PBody):
    """Hopfield network; the same network as ``Dense(order=2)``.

    Parameters
    ----------
    weights : str or array_like, optional
        Strengths of the patterns: ``"zipf:a"``, ``"palimpsest:L"`` or as many numbers as there
        are patterns (`hebbian.strengths`); by default all 1.
    rule : Rule
        How the archetypes reach the couplings.

    Examples
    --------
    >>> Hopfield().count(alpha=0.05, n_spins=2000)
    100
    >>> Hopfield(weights="palimpsest:3").strengths(3, 100).round(3)
    array([1.   , 0.97 , 0.942])
    """

    weights: Any = None

    order: ClassVar[int] = 2
    indices: ClassVar[str] = "distinct"

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "weights", checked_weights(self.weights))

    def __repr__(self) -> str:
        return f"Hopfield({shown_weights(self.weights)}rule={self.rule!r})"
