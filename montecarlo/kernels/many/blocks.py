"""Pairs that interact, on blocks of sites whose flips change the overlaps together."""

from __future__ import annotations

import numpy as np

from hebbian import Memory

from .state import SITES

__all__ = ["LARGEST", "block_products", "flips_together", "in_blocks", "pairs"]

LARGEST = 2**30  # of a sum of overlaps, with room for the changes of a block


def pairs(memory: Memory) -> bool:
    """Whether rows, alike, interact in pairs."""
    alike = memory.mixing is None and memory.strengths is None and memory.values is None
    return memory.polynomial and memory.order == 2 and alike and memory.weight > 0


def block_products(rows: np.ndarray) -> np.ndarray:
    """Return the products, int64, of rows (n_spins, K) with those of the sites of their block."""
    n_spins, n_rows = rows.shape
    found = np.zeros((-(-n_spins // SITES) * SITES, SITES), np.int64)
    step = SITES * max(1, 2**22 // (SITES * n_rows))
    for first in range(0, n_spins, step):
        some = rows[first : first + step].astype(np.float64)
        some = np.pad(some, ((0, -len(some) % SITES), (0, 0))).reshape(-1, SITES, n_rows)
        products = some @ some.transpose(0, 2, 1)
        found[first : first + SITES * len(some)] = products.reshape(-1, SITES)
    return found


def flips_together(flips: float, lanes: int) -> float:
    """Return how likely it is that any lane flips in a block of sites, from flips per visit."""
    return 1.0 - (1.0 - flips) ** (SITES * lanes)


def in_blocks(values: np.ndarray) -> np.ndarray:
    """Fill numbers of sites up to whole blocks with zeros."""
    return np.pad(values, (0, -len(values) % SITES))
