"""Sums over rows for the mean-field equations: one pass over the rows a step.

A row sees the spins through the additive numbers ``c_k = sum_i row_i**k cumulants[k, i]``,
k = 1..P, and its mean interaction is the complete Bell polynomial ``B_P(c_1..c_P)``
(`montecarlo.plefka`).  Both kernels fill ``fields[k, i] = sum_r row_ri**k B_{P-k}(r)``,
from which all local fields follow, and return ``sum_r B_P(r)``.  Rows are taken a block at
a time, so the scratch memory is that of a block; sums have one fixed order.
"""

from __future__ import annotations

import math

import numpy as np

from hebbian import Memory
from hebbian.packed import pack
from montecarlo.kernels.lanes.bits import masked_sum
from montecarlo.kernels.shared.philox import njit

__all__ = ["RowSums", "integer_sums", "packed_sums"]

ROW_BLOCK = 1024
BLOCK_WORDS = 64


class RowSums:
    """The rows of one sample, ready to be summed; +-1 rows are kept as bits."""

    def __init__(self, memory: Memory) -> None:
        degrees = range(memory.order + 1)
        self._binomials = np.array([[math.comb(n, k) for k in degrees] for n in degrees], float)
        self._n_rows, self._rows = memory.n_rows, None
        if not memory.binary:
            self._rows = np.ascontiguousarray(memory.rows.T)
            return
        bits = pack(memory.kept_rows)
        n_blocks = -(-bits.shape[1] // BLOCK_WORDS)
        n_words = -(-bits.shape[1] // n_blocks)
        padded = np.zeros((bits.shape[0], n_blocks * n_words), np.uint64)
        padded[:, : bits.shape[1]] = bits
        blocks = padded.reshape(bits.shape[0], n_blocks, n_words)
        self._bits = np.ascontiguousarray(blocks.transpose(1, 0, 2))

    def __call__(self, samples: np.ndarray, cumulants: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Sum over the rows for each state; see `montecarlo.kernels.device.sums.RowSums`."""
        totals, fields = np.empty(len(samples)), np.empty_like(cumulants)
        for state in range(len(samples)):
            own, sums = np.ascontiguousarray(cumulants[:, state]), np.empty(cumulants[:, 0].shape)
            if self._rows is None:
                found = packed_sums(self._bits, self._n_rows, own, self._binomials, sums)
            else:
                found = integer_sums(self._rows, own, self._binomials, sums)
            totals[state], fields[:, state] = found, sums
        return totals, fields


@njit
def _bell(order, binomials, c, bell):
    """Fill bell[0..P] from c[1..P]: B_n = sum_k C(n-1, k-1) c_k B_{n-k}."""
    bell[0] = 1.0
    for n in range(1, order + 1):
        total = 0.0
        for k in range(1, n + 1):
            total += binomials[n - 1, k - 1] * c[k] * bell[n - k]
        bell[n] = total


@njit
def packed_sums(bits, n_rows, cumulants, binomials, fields):
    """Rows +-1: odd powers are the row, even powers 1.

    Parameters
    ----------
    bits : (n_blocks, n_spins, n_words) uint64, C order
        Bit b of word w of block j belongs to row 64 (j n_words + w) + b.
    n_rows : int
    cumulants : (P + 1, n_spins) float64
        Entry 0 unused.
    binomials : (P + 1, P + 1) float64
    fields : (P + 1, n_spins) float64
        Overwritten from entry 1 on.
    """
    n_blocks, n_spins, n_words = bits.shape
    order, width = cumulants.shape[0] - 1, 64 * n_words
    n_odd = (order + 1) // 2
    overlaps = np.empty((n_odd, width))
    values = np.empty((n_odd, width))
    c, bell = np.empty(order + 1), np.empty(order + 1)
    common, sums = np.zeros(order + 1), np.zeros(order + 1)
    for k in range(1, order + 1):
        for i in range(n_spins):
            common[k] += cumulants[k, i]
            fields[k, i] = 0.0
    for block in range(n_blocks):
        n = min(width, n_rows - block * width)
        for odd in range(n_odd):
            overlap, term = overlaps[odd], cumulants[2 * odd + 1]
            overlap[:] = -common[2 * odd + 1]
            for i in range(n_spins):
                twice = 2.0 * term[i]
                for w in range(n_words):
                    word = bits[block, i, w]
                    for b in range(64):
                        up = (word >> np.uint64(b)) & np.uint64(1)
                        overlap[64 * w + b] += twice if up else 0.0
        values[:] = 0.0  # rows of the padding add nothing
        block_sums = np.zeros(order + 1)
        for r in range(n):
            for k in range(1, order + 1):
                c[k] = overlaps[k >> 1, r] if k & 1 else common[k]
            _bell(order, binomials, c, bell)
            for k in range(order + 1):
                block_sums[k] += bell[order - k]
            for odd in range(n_odd):
                values[odd, r] = bell[order - 2 * odd - 1]
        for k in range(order + 1):
            sums[k] += block_sums[k]
        for odd in range(n_odd):
            k = 2 * odd + 1
            for i in range(n_spins):
                positive = masked_sum(bits[block], i, values[odd], n_words, n_words)
                fields[k, i] += 2.0 * positive - block_sums[k]
    for k in range(2, order + 1, 2):
        fields[k, :] = sums[k]
    return sums[0]


@njit
def integer_sums(rows, cumulants, binomials, fields):
    """Any integer rows, of shape (n_spins, n_rows); see `packed_sums`."""
    n_spins, n_rows = rows.shape
    order = cumulants.shape[0] - 1
    overlaps = np.empty((order + 1, ROW_BLOCK))
    values = np.empty((order + 1, ROW_BLOCK))
    power = np.empty(ROW_BLOCK)
    c, bell = np.empty(order + 1), np.empty(order + 1)
    total = 0.0
    fields[:] = 0.0
    for first in range(0, n_rows, ROW_BLOCK):
        n = min(ROW_BLOCK, n_rows - first)
        overlaps[:] = 0.0
        for i in range(n_spins):
            power[:n] = 1.0
            for k in range(1, order + 1):
                term = cumulants[k, i]
                for j in range(n):
                    power[j] *= np.float64(rows[i, first + j])
                    overlaps[k, j] += power[j] * term
        for j in range(n):
            for k in range(1, order + 1):
                c[k] = overlaps[k, j]
            _bell(order, binomials, c, bell)
            total += bell[order]
            for k in range(1, order + 1):
                values[k, j] = bell[order - k]
        for i in range(n_spins):
            power[:n] = 1.0
            for k in range(1, order + 1):
                even = odd = 0.0
                for j in range(n):
                    power[j] *= np.float64(rows[i, first + j])
                for j in range(0, n - 1, 2):
                    even += power[j] * values[k, j]
                    odd += power[j + 1] * values[k, j + 1]
                if n & 1:
                    even += power[n - 1] * values[k, n - 1]
                fields[k, i] += even + odd
    return total
