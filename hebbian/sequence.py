r"""Sequences: every pattern recalls the next one.

.. math:: h_i = \frac P2 \sum_{\mu=1}^K \xi_i^{\mu+1} m_\mu^{P-1}, \qquad \xi^{K+1} = \xi^1,

all spins at once (H. Sompolinsky, I. Kanter, Phys. Rev. Lett. 57, 2861 (1986),
doi:10.1103/PhysRevLett.57.2861; A. During, A. C. C. Coolen, D. Sherrington,
arXiv:cond-mat/9805073; H. T. Chaudhry et al., arXiv:2306.04532).  The patterns form a cycle of
length K.  For P >= 3 and ``indices="distinct"`` the power leaves out the updated site and
repeated ones, for P = 2 nothing.  The couplings are not symmetric and there is no energy: an
overlap is taken with the pattern that is due, :math:`\xi^{\mu + t}` after t steps from
:math:`\xi^\mu`.  Loads are those of `hebbian.Dense`, :math:`\alpha = (P!/2) K/N^{P-1}`.

`ExponentialSequence` has :math:`h_i = \sum_\mu \xi_i^{\mu+1} e^{\lambda N (m_\mu - 1)}` and
:math:`\alpha = \ln K/N`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from . import domain
from .calling import checked
from .dense import PBody
from .exponential import ManyPatterns
from .layout import Layout
from .memory import Memory
from .packed import Packed, pack, take

__all__ = ["ExponentialSequence", "Sequence"]


class _Replay:
    """What both kinds of sequences have: a pattern that is due, and no energy."""

    @property
    def replays(self) -> bool:
        """True."""
        return True

    @property
    def parallel_only(self) -> bool:
        """True: there is no energy that single spins could follow."""
        return True

    @property
    def polynomial(self) -> bool:
        """False: patterns are answered by others."""
        return False

    @property
    def drawable(self) -> bool:
        """False: a device knows of no successors."""
        return False

    def due(self, patterns: np.ndarray, n_patterns: int, t: int) -> np.ndarray:
        """Return the patterns t places further in the cycle."""
        return np.asarray((patterns + t) % n_patterns)


@checked
@dataclass(frozen=True, kw_only=True)
class Sequence(_Replay, PBody):
    """Memory of a cycle of patterns, each of which recalls the next.

    Parameters
    ----------
    order : int
        P, 2 to 8: the field is of degree P - 1 in the overlaps.
    indices : {"distinct", "all"}
        Whether for P >= 3 the sites of a term are distinct.
    rule : Storing

    Raises
    ------
    ValueError
        If a parameter is outside its range.

    Examples
    --------
    The third pattern, three steps after the start:

    >>> import montecarlo
    >>> run = montecarlo.simulate(Sequence(order=2), alpha=0.05, T=0.0, n_spins=400, n_samples=1,
    ...     dynamics="parallel", schedule=montecarlo.Schedule(warmup=2, sweeps=1, stride=1))
    >>> bool(run.m.mean > 0.95)
    True
    """

    order: int = 2
    indices: str = "distinct"

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "order", domain.integer("order", self.order, "[2, 8]"))
        domain.choice("indices", self.indices, ("distinct", "all"))
        if self.rule.has_examples:
            raise ValueError(
                f"rule = {self.rule!r}: a sequence stores its patterns; learning it from examples "
                "is not derived"
            )

    def __repr__(self) -> str:
        return f"Sequence(order={self.order}, indices={self.indices!r})"

    def layout(self, n_patterns: int, n_spins: int) -> Layout:
        """Return what is known of the rows and of their successors."""
        return super().layout(n_patterns, n_spins)._replace(value_bits=1)

    def lower(self, rows: np.ndarray | Packed) -> Memory:
        """Lower to rows and the rows that answer them; see `Model.lower`."""
        weight = 0.5 * self.order * float(rows.shape[1]) ** (1 - self.order)
        if self.indices == "distinct":
            weight *= math.factorial(self.order - 1)
        return Memory(
            rows=rows,
            order=self.order,
            indices=self.indices,
            weight=weight,
            values=_successors(rows),
        )


@checked
@dataclass(frozen=True, kw_only=True)
class ExponentialSequence(_Replay, ManyPatterns):
    r"""Memory of a cycle of exponentially many patterns.

    Parameters
    ----------
    sharpness : float
        :math:`\lambda`, in [1e-6, 1e3].
    rule : Storing

    Raises
    ------
    ValueError
        If a parameter is outside its range.

    Notes
    -----
    Fields are :math:`e^{-\lambda N (1 - m)}` small away from the patterns: in practice T = 0,
    where their sign counts.

    Examples
    --------
    >>> ExponentialSequence(sharpness=1.0).count(alpha=0.4, n_spins=24)
    14765
    """

    sharpness: float = 1.0

    def __post_init__(self) -> None:
        super().__post_init__()
        sharpness = domain.real("sharpness", self.sharpness, "[1e-06, 1000]")
        object.__setattr__(self, "sharpness", sharpness)

    def __repr__(self) -> str:
        return f"ExponentialSequence(sharpness={self.sharpness})"

    def layout(self, n_patterns: int, n_spins: int) -> Layout:
        """Return what is known of the rows and of their successors."""
        return super().layout(n_patterns, n_spins)._replace(value_bits=1)

    def lower(self, rows: np.ndarray | Packed) -> Memory:
        """Lower to rows, their successors and the exponentials; see `Model.lower`."""
        N = rows.shape[1]
        overlaps = np.arange(-N, N + 1, 2)
        slopes = np.exp(self.sharpness * (overlaps - N))
        return Memory(rows=rows, slopes=slopes, values=_successors(rows), weight=1.0)


def _successors(rows: np.ndarray | Packed) -> Packed:
    """Return the next row of every row, the first after the last."""
    return Packed(pack(np.roll(take(rows, slice(None)), -1, axis=0)), rows.shape[0])
