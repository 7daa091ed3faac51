r"""Dense (P-body) Hebbian networks.

.. math:: H(s) = -\frac{N}{2} \sum_\mu m_\mu^P, \qquad
          m_\mu = \frac1N \sum_i \xi_i^\mu s_i,

where with ``indices="distinct"`` the power stands for
:math:`(P!/N^P) \sum_{i_1 < ... < i_P}` (no self-interaction: Gardner's model and that of
arXiv:2212.00606), and with ``indices="all"`` for the literal power of the overlap.  The
two differ in their crosstalk at :math:`K \sim N^{P-1}` for P >= 3 and by a constant for
P = 2.  Load: :math:`\alpha = (P!/2) K / N^{P-1}` (E. Gardner, J. Phys. A 20, 3453 (1987),
doi:10.1088/0305-4470/20/11/046).  Weight :math:`e^{-H/T}`: this inverse temperature is
:math:`\beta' = 2 \beta / P!` of arXiv:2212.00606.

Patterns may be of unequal strengths :math:`g_\mu` (`hebbian.strengths`), the summands of H.

With examples, in the units of the archetypes: the row of an archetype is its example
mean divided by :math:`\sqrt R` per slot, :math:`R = r^2 + (1 - r^2)/M`.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from . import domain, patterns
from .calling import checked
from .memory import Memory
from .model import Model
from .packed import Packed
from .rules import Rule
from .strengths import (
    check_number,
    checked_weights,
    shown_weights,
    strengths,
    whole_strengths,
)

__all__ = ["Dense", "PBody", "archetype_count", "archetype_load", "lower_dense"]

MOST_PATTERNS = 1e10


class PBody(Model):
    """Networks of binary archetypes under a load, with interactions of `order` spins."""

    entries: ClassVar[str] = "signs"

    #: Strengths of the patterns: None where all are 1; see `hebbian.strengths`.
    weights: Any = None

    @property
    @abstractmethod
    def order(self) -> int:
        """Number P of spins in an interaction."""

    @property
    @abstractmethod
    def indices(self) -> str:
        """Whether the sites of a term are ``"distinct"`` or ``"all"`` are summed."""

    def count(self, alpha: float | None, n_spins: int) -> int:
        """Return K, the whole number nearest to 2 alpha N^(P-1) / P!, halves upwards.

        At least the one pattern to retrieve.
        """
        return archetype_count(alpha, n_spins, self.order)

    def load(self, n_patterns: int, n_spins: int) -> float:
        """Return (P!/2) K / N^(P-1).

        Examples
        --------
        >>> from hebbian import Hopfield
        >>> Hopfield().load(Hopfield().count(0.29, 50), 50)
        0.3
        """
        return archetype_load(n_patterns, n_spins, self.order)

    def strengths(self, n_patterns: int, n_spins: int) -> np.ndarray | None:
        """Return the strengths of the patterns, (n_patterns,) float64; None where all are 1.

        Examples
        --------
        >>> Dense(order=3, weights="zipf:1").strengths(4, 100)
        array([1.        , 0.5       , 0.33333333, 0.25      ])
        """
        if self.weights is None:
            return None
        return strengths(self.weights, n_patterns, lambda k: self.load(k, n_spins))

    def sized(self, alpha: float | None, n_spins: int) -> PBody:
        """Return the model of one size, its law of strengths as as many numbers as patterns."""
        found = self.strengths(self.count(alpha, n_spins), n_spins)
        if found is None:
            return self
        sized = Model.build({**self.describe(), "weights": found.tolist()})
        assert isinstance(sized, PBody)
        return sized

    def check_number(self, n_patterns: int, n_spins: int) -> None:
        """Refuse another number of patterns than that of given strengths."""
        check_number(self.weights, n_patterns, lambda k: self.load(k, n_spins))

    def stream_key(self) -> dict[str, Any]:
        """Return the description, without the numbers of given strengths: there may be many."""
        key = super().stream_key()
        return key | {"weights": "given"} if isinstance(self.weights, tuple) else key

    @property
    def uniform(self) -> bool:
        """Whether all patterns are of one strength."""
        return self.weights is None

    @property
    def drawable(self) -> bool:
        """True: fair signs of independent entries."""
        return True

    def draw(self, key: np.ndarray, n_patterns: int, n_spins: int) -> Packed:
        """Draw fair binary archetypes."""
        return Packed(patterns.rademacher_bits(key, n_patterns, n_spins), n_patterns)

    def lower(self, rows: np.ndarray | Packed) -> Memory:
        """Lower to rows and an interaction; see `Model.lower`."""
        found = None
        if not self.uniform:
            found = self.strengths(rows.shape[0] // self.rule.rows_per_pattern, rows.shape[1])
        return lower_dense(self.rule, self.order, self.indices, rows, found)

    def example_overlap_scale(self) -> float:
        r"""Return r / (R M): :math:`n = \frac{r}{R N} \sum_i \bar\eta_i s_i`, 1 at r = 1."""
        return self.rule.quality / (self.rule.second_moment * self.rule.n_examples)


@checked
@dataclass(frozen=True, kw_only=True)
class Dense(PBody):
    r"""Dense Hebbian network with P-body interactions (arXiv:2212.00606).

    Parameters
    ----------
    order : int
        Number P of spins in an interaction, 2 to 8.
    indices : {"distinct", "all"}
        Whether the P sites of a term are distinct; the two are different models.
    weights : str or array_like, optional
        Strengths of the patterns: ``"zipf:a"``, ``"palimpsest:L"`` or as many numbers as there
        are patterns (`hebbian.strengths`); by default all 1.
    rule : Rule
        How the archetypes reach the couplings.

    Raises
    ------
    ValueError
        If a parameter is outside its range.

    Examples
    --------
    >>> Dense(order=4).count(alpha=0.1, n_spins=100)
    8333
    """

    order: int = 4
    indices: str = "distinct"
    weights: Any = None

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "order", domain.integer("order", self.order, "[2, 8]"))
        domain.choice("indices", self.indices, ("distinct", "all"))
        object.__setattr__(self, "weights", checked_weights(self.weights))

    def __repr__(self) -> str:
        return (
            f"Dense(order={self.order}, indices={self.indices!r}, {shown_weights(self.weights)}"
            f"rule={self.rule!r})"
        )


def archetype_count(alpha: float | None, n_spins: int, order: int) -> int:
    """Return Gardner's K, the whole number nearest to 2 alpha N^(P-1) / P!, at least 1.

    Raises
    ------
    ValueError
        If `alpha` is absent, negative, not finite, or asks for more than 1e10 patterns.
    """
    if alpha is None:
        raise ValueError("alpha is missing: this model needs a load in [0, inf)")
    per_load = 2 * float(n_spins) ** (order - 1) / math.factorial(order)
    load = domain.real("alpha", alpha, "[0, inf)")
    if load * per_load > MOST_PATTERNS:
        domain.real("alpha", alpha, f"[0, {MOST_PATTERNS / per_load:.6g}]")
    return max(1, domain.nearest(load * per_load))


def archetype_load(n_patterns: int, n_spins: int, order: int) -> float:
    """Return Gardner's load (P!/2) K / N^(P-1)."""
    return n_patterns * math.factorial(order) / (2 * float(n_spins) ** (order - 1))


def lower_dense(
    rule: Rule,
    order: int,
    indices: str,
    rows: np.ndarray | Packed,
    strengths: np.ndarray | None = None,
) -> Memory:
    """Lower a P-body network: H = -(N/2) sum_mu g_mu m_mu^P in units of the rows."""
    weight = 0.5 * float(rows.shape[1]) ** (1 - order) / rule.second_moment ** (order / 2)
    if indices == "distinct":
        weight *= math.factorial(order)
    weight /= rule.rows_per_pattern * rule.largest**order
    whole = None
    if strengths is not None:
        whole, unit = whole_strengths(np.repeat(strengths, rule.rows_per_pattern))
        weight *= unit
    return Memory(rows=rows, order=order, indices=indices, weight=weight, strengths=whole)
