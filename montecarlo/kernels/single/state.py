"""The state of one chain, whatever the form of its network, and the levels it starts with."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from montecarlo.kernels.shared.philox import njit

__all__ = ["State", "initial_levels"]


class State(NamedTuple):
    """One chain: its spins (n_spins,) int8, and what its form keeps (`prepare` of each)."""

    spins: np.ndarray
    overlaps: np.ndarray
    values: np.ndarray
    totals: np.ndarray


@njit
def initial_levels(bits, spins, level):
    """Count for every row, rows of -1 in the padding, the spins that agree with it."""
    n_words = bits.shape[1]
    for i in range(spins.shape[0]):
        agree = spins[i] > 0
        for w in range(n_words):
            word = bits[i, w] if agree else ~bits[i, w]
            for b in range(64):
                level[64 * w + b] += (word >> np.uint64(b)) & np.uint64(1)
