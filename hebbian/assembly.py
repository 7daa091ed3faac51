r"""Assemblies of Hebbian networks: layers that store patterns together.

.. math:: H(s) = -\frac{\bar N}{2} \sum_\mu \sum_{A, B} G_{AB}\, g_A g_B\, m_A^\mu m_B^\mu, \qquad
          m_A^\mu = \frac{1}{N_A} \sum_{i \in A} \xi_i^\mu s_i,

without the interaction of a spin with itself.  Layer A has :math:`N_A = g_A \bar N` spins,
:math:`\prod_A g_A = 1`, and archetypes of its own: pattern mu is a set of L words, one a layer.
Load: :math:`\alpha = K/\bar N`.  Two layers coupled to each other are the bidirectional
associative memory `BAM` (B. Kosko, IEEE Trans. Syst. Man Cybern. 18, 49 (1988),
doi:10.1109/21.87054; A. Barra, G. Catania, A. Decelle, B. Seoane, arXiv:2211.09694), three the
`TAM` (E. Agliari et al., arXiv:2409.08151), any number are networks of networks
(arXiv:2501.16789); one layer with G = 1 is the Hopfield network.

Papers also count K over all spins, :math:`K/\sum_A N_A = \alpha / \sum_A g_A`: for two equal
layers half of this load.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar

import numpy as np

from . import domain, patterns
from .calling import checked
from .dense import MOST_PATTERNS, lower_dense
from .memory import Memory
from .model import Model
from .packed import Packed
from .rules import Rule, Storing

__all__ = ["BAM", "TAM", "Assembly"]

#: Layers of an assembly, at most.
MOST_LAYERS = 16
#: Entries of G that are no multiples of one fraction are rounded to this part of the largest.
_FINEST = 1 << 20


@checked
@dataclass(frozen=True, kw_only=True)
class Assembly(Model):
    """Layers of spins with archetypes of their own, coupled pattern by pattern.

    Parameters
    ----------
    couplings : tuple of tuple of float
        G, shape (L, L), symmetric, L from 1 to 16; not all zero.
    sizes : tuple of float
        Sizes of the layers relative to each other, positive; default: all equal.
    rule : Rule
        How the archetypes reach the couplings, alike in all layers.

    Raises
    ------
    ValueError
        If a parameter is outside its range.

    Notes
    -----
    ``n_spins`` is the number of spins of all layers together, shared out by the sizes.

    Examples
    --------
    >>> model = Assembly(couplings=((0, 1), (1, 0)), sizes=(1, 3))
    >>> model.layers(400), model.count(alpha=0.1, n_spins=400)
    ((100, 300), 17)
    """

    couplings: tuple[tuple[float, ...], ...] = ((0.0, 1.0), (1.0, 0.0))
    sizes: tuple[float, ...] = ()

    entries: ClassVar[str] = "signs"

    def __post_init__(self) -> None:
        super().__post_init__()
        G = domain.real_array("couplings", self.couplings, "(-inf, inf)")
        if G.ndim != 2 or G.shape[0] != G.shape[1] or not 1 <= len(G) <= MOST_LAYERS:
            raise ValueError(
                f"couplings: shape {G.shape}, but (L, L) with L in [1, {MOST_LAYERS}] is needed"
            )
        if not np.array_equal(G, G.T) or not G.any():
            raise ValueError(f"couplings = {domain.shown(G.tolist())}: not symmetric, or all zero")
        given = (1.0,) * len(G) if np.size(self.sizes) == 0 else self.sizes
        sizes = domain.real_array("sizes", given, "(0, inf)")
        if sizes.shape != (len(G),):
            raise ValueError(
                f"sizes = {domain.shown(self.sizes)}: not one of each of {len(G)} layers"
            )
        if sizes.max() / sizes.min() > 1e3:
            raise ValueError(
                f"sizes = {sizes.tolist()}: the largest is over 1000 times the smallest"
            )
        object.__setattr__(self, "couplings", tuple(map(tuple, G.tolist())))
        object.__setattr__(self, "sizes", tuple(sizes.tolist()))

    def __repr__(self) -> str:
        return f"Assembly(couplings={self.couplings}, sizes={self.sizes}, rule={self.rule!r})"

    def stream_key(self) -> dict[str, Any]:
        """Return the description, arrays as text."""
        key = super().stream_key()
        return key | {name: repr(getattr(self, name)) for name in ("couplings", "sizes")}

    @property
    def n_layers(self) -> int:
        """Number L of layers."""
        return len(self.sizes)

    @property
    def shares(self) -> np.ndarray:
        r"""Sizes over their geometric mean: :math:`g_A`, shape (L,)."""
        sizes = np.array(self.sizes)
        return np.asarray(sizes / np.exp(np.log(sizes).mean()))

    @property
    def matrix(self) -> np.ndarray:
        """G as an array, shape (L, L)."""
        return np.array(self.couplings)

    @property
    def layered(self) -> bool:
        """Whether no layer is coupled to itself: then one at a time is drawn as a whole."""
        return not np.diagonal(self.matrix).any()

    def layers(self, n_spins: int) -> tuple[int, ...]:
        """Return the sites of every layer: in proportion to the sizes, at least one each."""
        exact = np.array(self.sizes) / sum(self.sizes) * n_spins
        found = np.maximum(np.floor(exact + 1e-9).astype(int), 1)
        while found.sum() > n_spins:
            found[np.argmax(found)] -= 1
        rest = np.argsort(found - exact, kind="stable")[: n_spins - found.sum()]
        found[rest] += 1
        return tuple(found.tolist())

    def mean_size(self, n_spins: int) -> float:
        r"""Return :math:`\bar N`, the geometric mean of the sizes of the layers."""
        return math.exp(np.log(self.layers(n_spins)).mean())

    @property
    def polynomial(self) -> bool:
        """False: a row has an overlap with each layer."""
        return False

    @property
    def drawable(self) -> bool:
        """True: fair signs of independent entries."""
        return True

    def count(self, alpha: float | None, n_spins: int) -> int:
        r"""Return K, the whole number nearest to :math:`\alpha \bar N`, at least 1."""
        if alpha is None:
            raise ValueError("alpha is missing: this model needs a load in [0, inf)")
        size = self.mean_size(n_spins)
        load = domain.real("alpha", alpha, "[0, inf)")
        if load * size > MOST_PATTERNS:
            domain.real("alpha", alpha, f"[0, {MOST_PATTERNS / size:.6g}]")
        return max(1, domain.nearest(load * size))

    def load(self, n_patterns: int, n_spins: int) -> float:
        r"""Return :math:`K/\bar N`."""
        return n_patterns / self.mean_size(n_spins)

    def draw(self, key: np.ndarray, n_patterns: int, n_spins: int) -> Packed:
        """Draw fair binary archetypes, of all layers."""
        return Packed(patterns.rademacher_bits(key, n_patterns, n_spins), n_patterns)

    def lower(self, rows: np.ndarray | Packed) -> Memory:
        """Lower to rows of all layers and the mixing of their overlaps; see `Model.lower`."""
        n_spins = rows.shape[1]
        mixing, unit = _whole(self.matrix)
        of_hopfield = lower_dense(self.rule, 2, "distinct", rows).weight * n_spins
        return Memory(
            rows=rows,
            order=2,
            indices="distinct",
            weight=unit * of_hopfield / self.mean_size(n_spins),
            layers=self.layers(n_spins),
            mixing=mixing,
        )

    def example_overlap_scale(self) -> float:
        """Return that of `hebbian.Dense`, of the examples in every layer."""
        return self.rule.quality / (self.rule.second_moment * self.rule.n_examples)


def _whole(G: np.ndarray) -> tuple[np.ndarray, float]:
    """Return whole numbers and the unit that makes G of them, rounded if they would be large."""
    parts = [Fraction(x).limit_denominator(1000) for x in G.ravel().tolist()]
    common = math.lcm(*(part.denominator for part in parts))
    exact = np.array([float(part) for part in parts]).reshape(G.shape)
    if np.allclose(exact, G, rtol=1e-15, atol=0) and common * np.abs(G).max() <= _FINEST:
        return np.rint(G * common).astype(np.int64), 1 / common
    unit = float(np.abs(G).max()) / _FINEST
    return np.rint(G / unit).astype(np.int64), unit


#: Couplings of each layer to all others.
_TWO = ((0, 1), (1, 0))
_THREE = ((0, 1, 1), (1, 0, 1), (1, 1, 0))


@checked
def BAM(sizes: Sequence[float] = (1, 1), *, rule: Rule | None = None) -> Assembly:
    """Return the bidirectional associative memory: two layers coupled to each other.

    Examples
    --------
    >>> BAM().count(alpha=0.1, n_spins=2000)
    100
    """
    return Assembly(couplings=_TWO, sizes=tuple(sizes), rule=rule or Storing())


@checked
def TAM(sizes: Sequence[float] = (1, 1, 1), *, rule: Rule | None = None) -> Assembly:
    """Return the three-directional associative memory: each layer coupled to the other two.

    Examples
    --------
    >>> TAM().n_layers
    3
    """
    return Assembly(couplings=_THREE, sizes=tuple(sizes), rule=rule or Storing())


Model.named.update(
    bam=(Assembly, {"couplings": _TWO}),
    tam=(Assembly, {"couplings": _THREE}),
)
