r"""Sparse distributed memory: patterns are written to, and read from, all neurons nearby.

A query s is answered at every site by the sign of

.. math:: h_i = \sum_{\mu=1}^K \varphi(x_\mu)\, \xi_i^\mu, \qquad x_\mu = (N - M_\mu)/2,

where :math:`\varphi(x)` is the share of all addresses within Hamming distance d of both the query
and the pattern, in units of :math:`\varphi(0)` (P. Kanerva, *Sparse Distributed Memory*, MIT Press
(1988); T. Bricken, C. Pehlevan, *Attention Approximates Sparse Distributed Memory*,
arXiv:2111.05498).  With infinitely many neurons that is exact; r hard neurons at random addresses
keep integer counters :math:`c_{ji} = \sum_\mu \xi_i^\mu` over the patterns within d, and those
within d of the query add up theirs.

The query includes the site that is updated, which then votes for itself
(``own_site="included"``, the memory of the literature), or is compared with the patterns on the
other sites alone (``"excluded"``): there the fields are differences of an energy,
:math:`H = -\sum_\mu F(M_\mu)` with :math:`(F(M' + 1) - F(M' - 1))/2 = \varphi`, which single
spins can follow.  The capacities of the two differ in the exponent.  Load
:math:`\alpha = \ln K / N`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

import numpy as np

from . import domain, streams
from .calling import checked
from .exponential import ManyPatterns
from .layout import Layout
from .memory import Memory
from .packed import Packed, take

__all__ = ["SparseDistributed", "shared_addresses", "shared_share"]

_BLOCK = 1 << 21  # entries of an array on the way to the counters
COUNTER = np.int32


@checked
@dataclass(frozen=True, kw_only=True)
class SparseDistributed(ManyPatterns):
    """Sparse distributed memory of fair binary patterns.

    Parameters
    ----------
    radius : float
        Hamming radius of a neuron over N, in (0, 1/2); d is the whole number nearest to
        radius times N.
    n_neurons : int, optional
        Hard neurons at random addresses, in [1, 1e8]; default: infinitely many.
    own_site : {"included", "excluded"}
        Whether the site that is updated belongs to the query; with hard neurons it does.
    rule : Storing

    Raises
    ------
    ValueError
        If a parameter is outside its range.

    Examples
    --------
    >>> memory = SparseDistributed(radius=0.41015625)
    >>> memory.distance(256), memory.count(alpha=0.02228, n_spins=256)
    (105, 300)
    """

    radius: float = 0.2
    n_neurons: int | None = None
    own_site: str = "included"

    extensive: ClassVar[bool] = False

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "radius", domain.real("radius", self.radius, "(0, 0.5)"))
        domain.choice("own_site", self.own_site, ("included", "excluded"))
        if self.n_neurons is not None:
            n_neurons = domain.integer("n_neurons", self.n_neurons, "[1, 100000000]")
            object.__setattr__(self, "n_neurons", n_neurons)
            if self.own_site != "included":
                raise ValueError(
                    f"own_site = {self.own_site!r}: hard neurons compare the whole query; "
                    "leave n_neurons out"
                )

    def __repr__(self) -> str:
        neurons = "" if self.n_neurons is None else f", n_neurons={self.n_neurons}"
        site = "" if self.own_site == "included" else f", own_site={self.own_site!r}"
        return f"SparseDistributed(radius={self.radius}{neurons}{site})"

    def distance(self, n_spins: int) -> int:
        """Return the Hamming radius d of a neuron."""
        return domain.nearest(self.radius * n_spins)

    @property
    def parallel_only(self) -> bool:
        """Whether the query includes the site that is updated: then no energy is followed."""
        return self.own_site == "included"

    @property
    def drawable(self) -> bool:
        """Whether a device may draw the rows: they are the patterns, fair signs."""
        return self.n_neurons is None

    def layout(self, n_patterns: int, n_spins: int) -> Layout:
        """Return what is known of the rows before they are drawn: those of hard neurons, if any."""
        if self.n_neurons is None:
            return super().layout(n_patterns, n_spins)
        return Layout(self.n_neurons, n_spins, self.entries, 1, 8 * np.dtype(COUNTER).itemsize)

    def lower(self, rows: np.ndarray | Packed) -> Memory:
        """Lower given patterns; the neurons, if any, are those of the root seed 0."""
        return self.lower_sample(rows, streams.key(0, "wiring", sample=0))

    def lower_sample(self, rows: np.ndarray | Packed, key: np.ndarray) -> Memory:
        """Lower to the patterns and their weights, or to neurons and their counters."""
        n_spins = rows.shape[1]
        d = self.distance(n_spins)
        if self.n_neurons is not None:
            neurons = self.draw(key, self.n_neurons, n_spins)
            active = np.arange(n_spins + 1) >= n_spins - d
            share = sum(math.comb(n_spins, a) for a in range(d + 1)) / 2**n_spins
            return Memory(
                rows=neurons,
                slopes=active.astype(np.float64),
                values=_counters(neurons, rows, n_spins - 2 * d),
                weight=1 / (self.n_neurons * share),
                keeps=True,
            )
        if self.own_site == "included":
            return Memory(rows=rows, slopes=shared_share(n_spins, d)[::-1], weight=1.0, keeps=True)
        of_others = shared_share(n_spins - 1, min(d, n_spins - 1))[::-1]
        return Memory(rows=rows, table=_summed(2 * of_others), weight=1.0, keeps=True)


@lru_cache(maxsize=16)
def shared_addresses(n_spins: int, distance: int) -> tuple[int, ...]:
    r"""Return the number I(x) of addresses within d of both ends of segments x = 0, 1, ..., N.

    It changes, when a site is added to the segment, by those at distance d of both ends on the
    other N - 1 sites,

    .. math:: I(x) - I(x+1) = \binom{x}{x/2} \binom{N - 1 - x}{d - x/2} \text{ for even } x,

    and not at odd x.

    Parameters
    ----------
    n_spins, distance : int
        N, and d in [0, N].

    Examples
    --------
    >>> shared_addresses(4, 1)
    (5, 2, 2, 0, 0)
    """
    N, d = n_spins, distance
    shared = [sum(math.comb(N, a) for a in range(max(N - d, 0), d + 1))]
    for x in range(N - 1, -1, -1):
        change = 0
        if x % 2 == 0 and x // 2 <= d:
            change = math.comb(x, x // 2) * math.comb(N - 1 - x, d - x // 2)
        shared.append(shared[-1] + change)
    return tuple(reversed(shared))


@lru_cache(maxsize=64)
def shared_share(n_spins: int, distance: int) -> np.ndarray:
    r"""Return :math:`\varphi(x)/\varphi(0)` at Hamming distances x = 0, 1, ..., N.

    Ratios of `shared_addresses`, rounded once.

    Parameters
    ----------
    n_spins, distance : int
        N, and d in [0, N].

    Examples
    --------
    >>> shared_share(4, 1)
    array([1. , 0.4, 0.4, 0. , 0. ])
    """
    shared = shared_addresses(n_spins, distance)
    share = np.array([count / shared[0] for count in shared])
    share.flags.writeable = False
    return share


def _summed(steps: np.ndarray) -> np.ndarray:
    """Return numbers whose differences are `steps`, equal ones to the last bit: (n + 1,).

    Steps do not fall.  Patterns whose shares are equal cancel, and so must their energies: a run
    of equal steps is rounded to the spacing of floats at its upper end.
    """
    table = np.concatenate([[0.0], np.cumsum(steps)])
    stop = len(steps)
    while stop and steps[stop - 1] > 0:
        start = int(np.searchsorted(steps, steps[stop - 1]))
        upper, spacing = table[stop], np.spacing(table[stop])
        size = stop - start
        step = spacing * np.rint((upper - table[start]) / (size * spacing))
        table[start:stop] = upper - step * np.arange(size, 0, -1)
        stop = start
    table[:stop] = table[stop]
    return table


def _counters(neurons: Packed, rows: np.ndarray | Packed, least: int) -> np.ndarray:
    """Sum the patterns whose overlap with a neuron is at least `least`: (n_neurons, n_spins)."""
    n_patterns, n_spins = rows.shape
    counters = np.zeros(neurons.shape, COUNTER)
    step = max(1, _BLOCK // n_spins)
    for first in range(0, n_patterns, step):
        # Whole numbers below 2**24: exact in single precision.
        block = take(rows, slice(first, first + step)).astype(np.float32)
        size = max(1, _BLOCK // max(n_spins, len(block)))
        for start in range(0, len(neurons), size):
            near = slice(start, start + size)
            active = neurons.take(near).astype(np.float32) @ block.T >= least
            counters[near] += (active.astype(np.float32) @ block).astype(COUNTER)
    return counters
