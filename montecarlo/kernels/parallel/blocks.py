"""The rows of a memory, unpacked a block at a time."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from hebbian import Memory
from hebbian.packed import take

__all__ = ["row_blocks", "small"]

BLOCK_BYTES = 1 << 26  # of rows that are kept in a form of a kernel's own, or made at a time


def small(memory: Memory, bytes_per_entry: float) -> bool:
    """Whether all rows may be kept at this many bytes an entry."""
    return bytes_per_entry * memory.n_rows * memory.n_spins <= BLOCK_BYTES


def row_blocks(memory: Memory) -> Iterator[tuple[slice, np.ndarray]]:
    """Yield which rows, and those rows of shape (n, n_spins)."""
    step = max(1, BLOCK_BYTES // (8 * memory.n_spins))
    for first in range(0, memory.n_rows, step):
        which = slice(first, first + step)
        yield which, take(memory.kept_rows, which)
