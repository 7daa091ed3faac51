r"""Where chains that started in a pattern have ended: in it, in another one, or in none.

A network holds as many retrieval states as patterns, and twice as many where the energy does
not know a state from its reversal (an even number of spins in every interaction).  A chain that
left the pattern it started from may therefore have found another of them, at small sizes easily:
the patterns together have the entropy :math:`\ln(2K)/N` per spin.

A chain has *left* archetype 0 where the overlap with it, averaged over the second half of the
measurements, is below half of the one it started from.  It is then *elsewhere* where, in at least
half of 16 configurations spread over that half, the largest overlap with any state of retrieval is
at least

.. math:: \max\left(\tfrac a2, \; \sqrt{\tfrac{2}{N} \ln (100\,n)}\right),

a the share of sites on which the pattern is not blank, n the number of states: half of a whole
retrieval, and by Hoeffding's inequality more than one in a hundred configurations without
any relation to the patterns has with one of them.  Of tabulated interactions, whose patterns may
be exponentially many, the second level is sharp, by Chernoff's inequality,

.. math:: I^{-1}\left(\tfrac1N \ln (100\,n)\right), \qquad
    I(m) = \tfrac{1+m}2 \ln(1+m) + \tfrac{1-m}2 \ln(1-m),

and no overlap says anything beyond :math:`\ln(100\,n)/N = \ln 2`.  A chain that hops from pattern
to pattern is elsewhere, in whichever it happens to be.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from hebbian import Dataset
from hebbian.packed import Packed

__all__ = [
    "BEGUN",
    "chance_overlap",
    "late",
    "left",
    "n_states",
    "overlap_blocks",
    "settled_elsewhere",
]

BEGUN = 0.02  # smallest overlap that is a start from archetype 0
RARITY = 0.01  # of configurations without any relation to the patterns
JUDGED = 16  # configurations at the end of a chain
BLOCK = 1 << 24  # entries of archetypes that are widened at a time


def late(m: np.ndarray) -> np.ndarray:
    """Mean of the last half of the measurements, the last axis; NaN without any."""
    half = m[..., m.shape[-1] // 2 :]
    return half.mean(axis=-1) if half.shape[-1] else np.full(m.shape[:-1], np.nan)


def left(late_m: np.ndarray, start_overlaps: np.ndarray) -> np.ndarray:
    """Whether chains left archetype 0."""
    return late_m < 0.5 * start_overlaps


def n_states(n_patterns: int, reversible: bool) -> int:
    """Return the number of states of retrieval: the patterns and, of some networks, reversals.

    Examples
    --------
    >>> n_states(8, True), n_states(8, False)
    (16, 8)
    """
    return 2 * n_patterns if reversible else n_patterns


def chance_overlap(
    n_patterns: int, n_spins: int, reversible: bool, *, sharp: bool = False
) -> float:
    """Return the overlap that one random configuration in a hundred has with some pattern.

    A bound by Hoeffding's inequality, or the `sharp` one by Chernoff's, of patterns +-1; more
    than 1, infinity, where every overlap is by chance.

    Examples
    --------
    >>> round(chance_overlap(8333, 100, True), 3), round(chance_overlap(30, 1000, True), 3)
    (0.535, 0.132)
    >>> round(chance_overlap(8333, 100, True, sharp=True), 3)
    0.522
    """
    rate = math.log(n_states(n_patterns, reversible) / RARITY) / n_spins
    if not sharp:
        return math.sqrt(2 * rate)
    if rate > math.log(2):
        return math.inf

    from scipy.optimize import brentq  # takes longer to import than this module
    from scipy.special import xlogy

    def excess(m: float) -> float:
        return float(xlogy(1 + m, 1 + m) + xlogy(1 - m, 1 - m)) / 2 - rate

    return float(brentq(excess, 0.0, 1.0))


def overlap_blocks(data: Dataset, spins: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    r"""Yield :math:`\sum_i \xi_i^\mu s_i` with all archetypes, in blocks, which bounds the memory.

    Parameters
    ----------
    data : Dataset
    spins : numpy.ndarray
        Shape (n_configurations, n_spins), int8.

    Yields
    ------
    sums : numpy.ndarray
        Shape (n_configurations, n), float32: exact, since no sum exceeds 2**24.
    share : numpy.ndarray
        Shape (n,) or (): share of the sites on which an archetype is not blank.
    """
    widened, kept = spins.astype(np.float32), data.kept_archetypes
    total = widened.sum(axis=1, keepdims=True)
    step = 8 * max(1, BLOCK // (8 * max(data.n_spins, 4 * len(spins))))
    for first in range(0, data.n_patterns, step):
        if isinstance(kept, Packed):
            ups = kept.columns(first, first + step).astype(np.float32)
            yield 2 * (widened @ ups) - total, np.ones((), np.float32)
        else:
            patterns = kept[first : first + step].astype(np.float32)
            yield widened @ patterns.T, np.abs(patterns).mean(axis=1)


def settled_elsewhere(data: Dataset, packed: np.ndarray) -> np.ndarray:
    """Whether chains on one disorder sample, all of which left archetype 0, are in another state.

    Parameters
    ----------
    data : Dataset
    packed : numpy.ndarray
        Shape (n_chains, n_measurements, n_bytes), uint8: configurations as bits.

    Returns
    -------
    numpy.ndarray
        Shape (n_chains,), bool.
    """
    n_spins, reversible = data.n_spins, data.model.reversible
    n = packed.shape[1]
    chosen = np.unique(np.linspace(n // 2, n - 1, JUDGED).round().astype(np.intp))
    bits = np.unpackbits(packed[:, chosen].reshape(-1, packed.shape[2]), axis=-1, count=n_spins)
    spins = 2 * bits.astype(np.int8) - 1
    sharp = not data.model.polynomial
    chance = chance_overlap(data.n_patterns, n_spins, reversible, sharp=sharp)
    found = np.zeros(len(spins), bool)
    for sums, share in overlap_blocks(data, spins):
        level = n_spins * np.maximum(0.5 * share, chance)
        found |= ((np.abs(sums) if reversible else sums) >= level).any(axis=1)
    return found.reshape(len(packed), -1).mean(axis=1) >= 0.5
