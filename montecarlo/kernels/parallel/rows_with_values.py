r"""Fields of rows that answer with values of their own: :math:`h_i = w \sum_r f(M_r) v_{ri}`.

The values are whole numbers, such as the counters of the neurons of a sparse distributed
memory, and so are the sums over the rows that share an f: exact, in any order.  Rows with
f = 0 cost their overlap alone.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from hebbian import Memory
from montecarlo.kernels.lanes.agreements import level_of
from montecarlo.kernels.shared.philox import njit

from .words import Words, spin_words, words_of

__all__ = ["Valued", "energies", "field_sums", "lower"]


class Valued(NamedTuple):
    """Rows +-1 and their values.

    Parameters
    ----------
    words : Words
    values : (n_rows, n_spins) integer
    slopes : (n,) float64
        The distinct absolute f but zero, ascending.
    which : (n_spins + 1,) int64
        The place of the f of a level there, -1 where it is zero.
    signs : (n_spins + 1,) int64
    """

    words: Words
    values: np.ndarray
    slopes: np.ndarray
    which: np.ndarray
    signs: np.ndarray


def lower(memory: Memory) -> Valued:
    """Find the distinct slopes, and keep the words of the rows where they are few."""
    assert memory.slopes is not None
    assert memory.values is not None
    slopes, which = np.unique(np.abs(memory.slopes), return_inverse=True)
    none = int(slopes[0] == 0)
    return Valued(
        words=words_of(memory),
        values=np.ascontiguousarray(memory.values),
        slopes=slopes[none:],
        which=which.astype(np.int64) - none,
        signs=np.sign(memory.slopes).astype(np.int64),
    )


def field_sums(network: Valued, spins: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the fields over w, (c, i), and 0 (c,); see `montecarlo.kernels.parallel.steps`."""
    rows, words = network.words, spin_words(spins)
    whole = np.zeros((len(spins), len(network.slopes), spins.shape[1]), np.int64)
    for first, block in rows.blocks():
        values = network.values[first : first + len(block)]
        _add_values(block, words, rows.masks, values, network.which, network.signs, whole)
    sums = np.zeros(spins.shape)
    for k, slope in enumerate(network.slopes):
        sums += slope * whole[:, k]
    return sums, np.zeros(len(spins))


@njit
def _add_values(words, spins, masks, values, which, signs, whole):
    """Add to whole (c, k, n_spins) the signed values of the rows whose slope is the k-th."""
    n_words = words.shape[1]
    for c in range(spins.shape[0]):
        for r in range(words.shape[0]):
            u = level_of(words, r, spins[c : c + 1], masks, n_words)
            if which[u] >= 0:
                total, own = whole[c, which[u]], values[r]
                if signs[u] > 0:
                    for i in range(own.shape[0]):
                        total[i] += own[i]
                else:
                    for i in range(own.shape[0]):
                        total[i] -= own[i]


def energies(network: Valued, spins: np.ndarray) -> np.ndarray:
    """Return NaN for every chain: what is read has no energy."""
    return np.full(len(spins), np.nan)
