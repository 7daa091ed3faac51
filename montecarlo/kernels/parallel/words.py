"""Rows +-1 as the words of their sites, kept or made of the words of their spins."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from hebbian import Memory
from hebbian.packed import Packed, pack
from montecarlo.kernels.lanes.agreements import site_masks, transpose
from montecarlo.kernels.lanes.registers import SITES
from montecarlo.kernels.lanes.signs import pack_spins

from . import blocks

__all__ = ["Words", "spin_words", "words_of"]

CACHED = 1 << 18  # bytes of words that all chains read before the next are made


class Words(NamedTuple):
    """Rows +-1, 64 sites to a word.

    Parameters
    ----------
    bits : (n_spins, ceil(n_rows / 64)) uint64
        The rows as `hebbian.packed` keeps them.
    n_rows : int
    masks : (1, n_words) uint64
        Bits that are sites.
    kept : (n_rows, n_words) uint64 or None
        All rows, where they are few.
    """

    bits: np.ndarray
    n_rows: int
    masks: np.ndarray
    kept: np.ndarray | None

    def blocks(self) -> Iterator[tuple[int, np.ndarray]]:
        """Yield the number of a row, and the words of the rows from it on: all, in blocks."""
        if self.kept is not None:
            yield 0, self.kept
            return
        n_words = self.masks.size
        step = 64 * max(1, min(blocks.BLOCK_BYTES, CACHED) // (512 * n_words))
        for first in range(0, self.n_rows, step):
            words = np.empty((min(step, self.n_rows - first), n_words), np.uint64)
            transpose(self.bits, first // 64, words)
            yield first, words


def words_of(memory: Memory, rows: np.ndarray | Packed | None = None) -> Words:
    """Return the rows of a memory, or others of as many and as long, kept where they are few."""
    masks = site_masks(memory.n_spins)
    bits = pack(memory.kept_rows if rows is None else rows)
    words = Words(bits, memory.n_rows, masks, None)
    if not blocks.small(memory, 8 * masks.size / memory.n_spins):
        return words
    kept = np.empty((memory.n_rows, masks.size), np.uint64)
    transpose(words.bits, 0, kept)
    return words._replace(kept=kept)


def spin_words(spins: np.ndarray) -> np.ndarray:
    """Return the signs of spins (c, n_spins) float32 as bits: (c, n_words) uint64."""
    words = np.empty((len(spins), -(-spins.shape[1] // SITES)), np.uint64)
    pack_spins(spins, words)
    return words
