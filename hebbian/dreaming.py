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
from .elimination import quadratic_form
from .layout import Layout
from .memory import COUPLING_BITS, Memory
from .packed import Packed, take

__all__ = ["Dreaming"]


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
        return super().layout(n_patterns, n_spins)._replace(coupling_bits=COUPLING_BITS)

    def lower(self, rows: np.ndarray | Packed) -> Memory:
        """Lower to couplings; see `Model.lower`."""
        scale = lower_dense(self.rule, 2, "distinct", rows).weight
        return Memory(
            rows=rows, couplings=_slept(take(rows, slice(None)), scale, self.sleep), weight=1.0
        )


def _slept(rows: np.ndarray, scale: float, t: float) -> np.ndarray:
    r"""Return :math:`(1 + t) J^0 (1 + t J^0)^{-1}` of :math:`J^0` = scale rows^T rows.

    The smaller one of the two Gram matrices of the rows, whole numbers, is inverted.
    """
    Y = rows.astype(np.float64)
    if math.isinf(t):
        return _projector(Y)
    few = len(Y) <= Y.shape[1]
    gram = Y @ Y.T if few else Y.T @ Y
    ridged = t * scale * gram
    np.fill_diagonal(ridged, ridged.diagonal() + 1)
    if few:
        J = quadratic_form(ridged, Y)[0]
        J *= (1 + t) * scale
    elif t < 1:
        J = scale * gram - t * scale**2 * quadratic_form(ridged, gram)[0]
        J *= 1 + t
    else:
        J = np.eye(len(gram)) - quadratic_form(ridged, np.eye(len(gram)))[0]
        J *= (1 + t) / t
    return J


def _projector(Y: np.ndarray) -> np.ndarray:
    """Return the projector onto the rows, whole numbers."""
    if len(Y) <= Y.shape[1]:
        return quadratic_form(Y @ Y.T, Y)[0]
    gram = Y.T @ Y
    kept = quadratic_form(gram, np.zeros((len(gram), 0)))[1]
    return np.eye(len(gram)) if kept.all() else _projector(gram[kept])
