r"""Dreaming: a Hebbian network whose couplings have slept.

.. math:: J = \frac1N \xi^T (1 + t)(1 + t C)^{-1} \xi, \qquad C = \xi \xi^T / N, \qquad
          H(s) = -\sum_{i<j} J_{ij} s_i s_j,

with the sleep :math:`t \ge 0`: t = 0 is the Hopfield network, :math:`t \to \infty` the projector
onto the patterns, the pseudo-inverse rule (L. Personnaz, I. Guyon, G. Dreyfus, J. Phys. Lett. 46,
L359 (1985), doi:10.1051/jphyslet:01985004608035900), and 1/t the ridge of a regression
(A. Fachechi, E. Agliari, A. Barra, arXiv:1810.12217; E. Agliari, F. Alemanno, M. Aquaro,
A. Fachechi, arXiv:2308.01421).  In terms of the Hebbian couplings :math:`J^0`, their diagonal
included, it is :math:`(1 + t) J^0 (1 + t J^0)^{-1}`; with examples :math:`J^0` is that of the
class means or of the single examples.  Load alpha = K/N.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from . import domain
from .calling import checked
from .dense import PBody, lower_dense
from .layout import Layout
from .memory import Memory
from .packed import Packed, take

__all__ = ["Dreaming"]

#: Eigenvalues of the correlations, relative to the largest, that count as zero.
_RANK = 1e-10


@checked
@dataclass(frozen=True, kw_only=True)
class Dreaming(PBody):
    """Pairwise network that has slept; the pseudo-inverse rule for infinitely long.

    Parameters
    ----------
    sleep : float
        t, in [0, inf]: ``math.inf`` (or ``"inf"``) is the pseudo-inverse.
    rule : Rule
        How the archetypes reach the couplings.

    Raises
    ------
    ValueError
        If a parameter is outside its range.

    Examples
    --------
    Five patterns of the projector are its eigenvectors:

    >>> from hebbian import draw
    >>> data = draw(Dreaming(sleep=math.inf), n_spins=50, alpha=0.1)
    >>> bool(np.allclose(data.archetypes @ data.memory.couplings, data.archetypes))
    True
    """

    sleep: Any = 1.0

    order: ClassVar[int] = 2
    indices: ClassVar[str] = "distinct"

    def __post_init__(self) -> None:
        super().__post_init__()
        sleep = math.inf if self.sleep == "inf" else self.sleep
        object.__setattr__(self, "sleep", domain.real("sleep", sleep, "[0, inf]"))

    def __repr__(self) -> str:
        return f"Dreaming(sleep={self.sleep}, rule={self.rule!r})"

    def describe(self) -> dict[str, Any]:
        """Return plain data; an infinite sleep is a word there, which JSON has no number for."""
        return super().describe() | ({} if math.isfinite(self.sleep) else {"sleep": "inf"})

    @property
    def polynomial(self) -> bool:
        """False: kernels see couplings."""
        return False

    @property
    def drawable(self) -> bool:
        """False: a device does not sleep."""
        return False

    @property
    def self_coupled(self) -> bool:
        """True: the projector has a diagonal."""
        return True

    def layout(self, n_patterns: int, n_spins: int) -> Layout:
        """Return what is known of the rows, and of the couplings made of them."""
        return super().layout(n_patterns, n_spins)._replace(coupling_bits=64)

    def lower(self, rows: np.ndarray | Packed) -> Memory:
        """Lower to couplings; see `Model.lower`."""
        scale = math.sqrt(lower_dense(self.rule, 2, "distinct", rows).weight)
        return Memory(rows=rows, couplings=_slept(rows, scale, self.sleep), weight=1.0)


def _slept(rows: np.ndarray | Packed, scale: float, t: float) -> np.ndarray:
    """Return (1 + t) Y^T Y (1 + t Y^T Y)^-1 of Y = scale rows, by its smaller Gram matrix."""
    Y = scale * take(rows, slice(None)).astype(np.float64)
    few = len(Y) <= Y.shape[1]
    gram = Y @ Y.T if few else Y.T @ Y
    if math.isinf(t):
        values, vectors = np.linalg.eigh(gram)
        kept = values > _RANK * values[-1]
        basis = vectors[:, kept]
        if few:
            basis = Y.T @ basis / np.sqrt(values[kept])
        return np.asarray(basis @ basis.T)
    filtered = np.linalg.solve(np.eye(len(gram)) + t * gram, Y if few else gram)
    J = (1 + t) * (Y.T @ filtered if few else filtered)
    return np.asarray((J + J.T) / 2)
