r"""Exponential memory: the logarithm of a sum of exponentials of the overlaps.

.. math:: H(s) = -\frac1\lambda \ln \sum_{\mu=1}^K e^{\lambda \sum_i \xi_i^\mu s_i}

with the sharpness :math:`\lambda > 0`, which is no inverse temperature, and the load
:math:`\alpha = \ln K / N` (H. Ramsauer et al., *Hopfield Networks is All You Need*,
arXiv:2008.02217; C. Lucibello, M. Mezard, Phys. Rev. Lett. 132, 077301 (2024),
doi:10.1103/PhysRevLett.132.077301).  One pattern makes independent spins in a unit field,
H = -N m; a large sharpness makes the nearest pattern alone count.

Parallel dynamics takes the fields :math:`-\partial H/\partial s_i = \sum_\mu p_\mu \xi_i^\mu` with
the softmax :math:`p_\mu \propto e^{\lambda M_\mu}` of the overlaps: the update of attention.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from . import domain, patterns
from .calling import checked
from .dense import MOST_PATTERNS
from .memory import Memory
from .model import Model
from .packed import Packed

__all__ = ["Exponential", "ManyPatterns", "exponential_count", "exponential_load"]


class ManyPatterns(Model):
    """Networks that store exponentially many fair binary patterns and are no polynomial of them."""

    entries: ClassVar[str] = "signs"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.rule.has_examples:
            raise ValueError(
                f"rule = {self.rule!r}: {type(self).__name__} stores its patterns; learning them "
                "from examples is not derived"
            )

    def count(self, alpha: float | None, n_spins: int) -> int:
        """Return K, the whole number nearest to exp(alpha N)."""
        return exponential_count(alpha, n_spins)

    def load(self, n_patterns: int, n_spins: int) -> float:
        """Return ln K / N."""
        return exponential_load(n_patterns, n_spins)

    @property
    def polynomial(self) -> bool:
        """False: the interaction is tabulated."""
        return False

    @property
    def reversible(self) -> bool:
        """False: the reversal of a pattern is not retrieved."""
        return False

    @property
    def drawable(self) -> bool:
        """True: fair signs of independent entries."""
        return True

    def draw(self, key: np.ndarray, n_patterns: int, n_spins: int) -> Packed:
        """Draw fair binary archetypes."""
        return Packed(patterns.rademacher_bits(key, n_patterns, n_spins), n_patterns)

    def example_overlap_scale(self) -> float:
        """Return 1: n = m for stored patterns."""
        return 1.0


@checked
@dataclass(frozen=True, kw_only=True)
class Exponential(ManyPatterns):
    r"""Exponential memory of fair binary archetypes (arXiv:2008.02217).

    Parameters
    ----------
    sharpness : float
        :math:`\lambda`, in [1e-6, 1e3].
    rule : Storing
        Examples are refused: which law their sums give the exponentials is not derived.

    Raises
    ------
    ValueError
        If a parameter is outside its range.

    Examples
    --------
    >>> Exponential(sharpness=1.0).count(alpha=0.4, n_spins=24)
    14765
    """

    sharpness: float = 1.0

    def __post_init__(self) -> None:
        super().__post_init__()
        sharpness = domain.real("sharpness", self.sharpness, "[1e-06, 1000]")
        object.__setattr__(self, "sharpness", sharpness)

    def __repr__(self) -> str:
        return f"Exponential(sharpness={self.sharpness})"

    @property
    def logarithmic(self) -> bool:
        """True: of exponentials."""
        return True

    def lower(self, rows: np.ndarray | Packed) -> Memory:
        """Lower to rows and the logarithm of a sum of exponentials; see `Model.lower`."""
        overlaps = np.arange(-rows.shape[1], rows.shape[1] + 1, 2)
        return Memory(
            rows=rows,
            table=self.sharpness * overlaps,
            outer="log",
            slopes=np.full(overlaps.shape, self.sharpness),
            weight=1 / self.sharpness,
        )


def exponential_count(alpha: float | None, n_spins: int) -> int:
    """Return the whole K nearest to exp(alpha N), at least 1.

    Raises
    ------
    ValueError
        If `alpha` is absent, negative, not finite, or asks for more than 1e10 patterns.

    Examples
    --------
    >>> exponential_count(0.0, 50), exponential_count(0.3, 40)
    (1, 162755)
    """
    if alpha is None:
        raise ValueError("alpha is missing: this model needs a load ln K / N in [0, inf)")
    load, most = domain.real("alpha", alpha, "[0, inf)"), math.log(MOST_PATTERNS)
    if load * n_spins > most:
        largest = int(most / load)
        hint = f": it takes n_spins up to {largest}" if largest else ""
        raise ValueError(
            f"alpha = {load:g} is outside the allowed range [0, {most / n_spins:.6g}] of "
            f"exp(alpha N) patterns of {n_spins} spins, {MOST_PATTERNS:g} at most{hint}"
        )
    return max(1, domain.nearest(math.exp(load * n_spins)))


def exponential_load(n_patterns: int, n_spins: int) -> float:
    """Return ln K / N.

    Examples
    --------
    >>> round(exponential_load(162755, 40), 6)
    0.3
    """
    return math.log(n_patterns) / n_spins
