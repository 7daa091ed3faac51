r"""Products of matrices with rows of +1 and -1 kept as bits, in integers.

Parallel dynamics needs two of them, for all chains c at once:

* overlaps :math:`M_{cr} = \sum_i s_{ci} \eta_{ri} = N - 2 d` with d the number of set bits of
  the spins xor the row;
* sums :math:`g_{ci} = \sum_r \eta_{ri} v_{cr}` of a value of every row, or of other signs in
  the place of the row.  Five rows have one of 32 sign patterns at a spin; a chain tabulates
  the 32 signed sums of its five values, and the five bits of every spin look one up (the
  method of the four Russians: Arlazarov, Dinic, Kronrod and Faradzev 1970).  The table is a
  vector register, and an instruction that permutes it does 160 multiplications.

Sums of a block of rows are exact in 16 bits where the absolute values add up to less than
2**15, which is found out for every block, and in 32 bits otherwise.
"""

from __future__ import annotations

from typing import NamedTuple

import llvmlite.binding
import numpy as np

from montecarlo.kernels.shared.philox import njit

from .registers import (
    GROUP,
    ROWS,
    SITES,
    TILE,
    look_up_one,
    look_up_tile,
    overlaps_of_four,
    overlaps_of_one,
    sign_word,
    tabulate,
)

__all__ = [
    "BLOCK",
    "Signs",
    "add_energies",
    "add_sums",
    "add_values",
    "available",
    "fill_overlaps",
    "pack_sites",
    "pack_spins",
    "signs",
    "subtract_crossed",
]

BLOCK = 160  # rows added in narrow lanes: whole groups and whole vectors
_CACHE_LINE = 64


class Signs(NamedTuple):
    """Rows +-1 in the orders of the two products.

    Parameters
    ----------
    words : (ceil(n_spins / 64), n_rows padded to 16) uint64
        Bit j of word w of a row is set where it is +1 on spin 64 w + j.
    groups : (ceil(n_rows / 5), n_spins padded to 64) uint8
        Bit k of group g is set where row 5 g + k, or what answers it, is +1.
    crossed : (ceil(n_rows / 5), n_spins padded to 64) or (0, 0) uint8
        Bit k of group g is set where row 5 g + k is what answers it: the sign of their product.
    n_rows, n_spins : int
    """

    words: np.ndarray
    groups: np.ndarray
    crossed: np.ndarray
    n_rows: int
    n_spins: int


def available() -> bool:
    """Whether this processor permutes 16-bit lanes; the code is right elsewhere, but slow."""
    return bool(llvmlite.binding.get_host_cpu_features().get("avx512bw"))


def signs(rows: np.ndarray, answers: np.ndarray | None = None, *, crossed: bool = False) -> Signs:
    """Pack rows of shape (n_rows, n_spins), entries +-1.

    The sums are those of `answers` where there are any, of this shape and these entries; with
    `crossed`, those of their products with the rows, too.

    Examples
    --------
    >>> packed = signs(np.array([[1, -1], [1, 1]], np.int8))
    >>> packed.words[0, :2], packed.groups[0, :2]
    (array([1, 3], dtype=uint64), array([3, 2], dtype=uint8))
    """
    n_rows, n_spins = rows.shape
    n_words = -(-n_spins // SITES)
    positive = np.zeros((n_rows, SITES * n_words), bool)
    positive[:, :n_spins] = rows > 0
    words = np.zeros((n_words, -(-n_rows // ROWS) * ROWS), np.uint64)
    packed = np.packbits(positive, axis=1, bitorder="little")
    words[:, :n_rows] = packed.view(np.uint64).T
    answers = rows if answers is None else answers
    own = _groups(answers > 0)
    products = _groups((answers > 0) == (rows > 0)) if crossed else np.zeros((0, 0), np.uint8)
    return Signs(words, own, products, n_rows, n_spins)


def _groups(positive: np.ndarray) -> np.ndarray:
    n_rows, n_spins = positive.shape
    n_groups = -(-n_rows // GROUP)
    padded = np.zeros((GROUP * n_groups, -(-n_spins // SITES) * SITES), bool)
    padded[:n_rows, :n_spins] = positive
    groups = aligned((n_groups, padded.shape[1]), np.uint8)
    groups[:] = 0
    for k in range(GROUP):
        groups |= padded[k::GROUP].view(np.uint8) << np.uint8(k)
    return groups


def aligned(shape: tuple[int, ...], dtype: type) -> np.ndarray:
    """Return an empty array that starts at a cache line, so that no vector straddles two."""
    n_bytes = int(np.prod(shape)) * np.dtype(dtype).itemsize
    memory = np.empty(n_bytes + _CACHE_LINE, np.uint8)
    first = -memory.ctypes.data % _CACHE_LINE
    return memory[first : first + n_bytes].view(dtype).reshape(shape)


@njit
def pack_spins(spins, words):
    """Fill words (c, n_words) uint64 with the signs of spins (c, n_spins) float32."""
    pack_sites(spins, 0, spins.shape[1], words)


@njit
def pack_sites(spins, begin, stop, words):
    """Fill words with the signs of the spins of the sites from `begin` to `stop`."""
    n_spins = stop - begin
    whole = n_spins // SITES
    for c in range(spins.shape[0]):
        for w in range(whole):
            words[c, w] = sign_word(spins, c, begin + w * SITES)
        if whole < words.shape[1]:
            last = np.uint64(0)
            for j in range(n_spins - whole * SITES):
                last |= np.uint64(spins[c, begin + whole * SITES + j] > 0.0) << np.uint64(j)
            words[c, whole] = last


@njit
def add_sums(signs, spin_words, tables, factor, sums, crossed, own):
    """Add what the rows give to the fields of all chains.

    Parameters
    ----------
    signs : Signs
    spin_words : (c, n_words) uint64
    tables : (2, n_spins + 1) int32, or (2, 0)
        Over the level (M + N)/2 of a row: its value, and what it adds to `own` or, where rows
        are crossed with their answers, its value there.  Where they are empty the value is
        factor M.
    factor : int
        `BLOCK` times the largest value is below 2**31.
    sums : (c, n_spins padded) int32 or int64
    crossed : (c, n_spins padded), of rows that are crossed, or (0, n_spins padded)
        Of the type of the sums.
    own : (c,) float64, whole numbers
    """
    overlaps = np.empty((TILE, BLOCK), np.int32)
    values = np.empty((TILE, BLOCK), np.int32)
    narrow, wide = _tables()
    n_products = 2 if crossed.shape[0] > 0 else 1
    for c in range(0, sums.shape[0], TILE):
        n_chains = min(TILE, sums.shape[0] - c)
        for first in range(0, signs.n_rows, BLOCK):
            stop = min(first + BLOCK, signs.n_rows)
            _fill_overlaps(signs, spin_words, c, n_chains, first, stop, overlaps, 0)
            for k in range(n_products):
                values[:] = overlaps
                for j in range(n_chains):
                    if tables.shape[1] > 0:
                        total = _look_levels_up(values[j], stop - first, signs.n_spins, tables[k:])
                        own[c + j] += total if n_products == 1 else 0.0
                    else:
                        for r in range(BLOCK):
                            values[j, r] *= factor
                groups, found = (signs.crossed, crossed) if k else (signs.groups, sums)
                _add_block(groups, first, stop, values, 0, narrow, wide, found, c, n_chains)


@njit
def subtract_crossed(sums, crossed, spins):
    """Take from sums (c, i) the crossed ones, where there are any, times the spins."""
    for c in range(crossed.shape[0]):
        for i in range(spins.shape[1]):
            sums[c, i] -= crossed[c, i] if spins[c, i] > 0.0 else -crossed[c, i]


@njit
def fill_overlaps(signs, spin_words, overlaps):
    """Fill overlaps (c, n_rows padded to `BLOCK`) int32 of up to `TILE` chains, with 0 beyond."""
    for first in range(0, signs.n_rows, BLOCK):
        stop = min(first + BLOCK, signs.n_rows)
        _fill_overlaps(signs, spin_words, 0, spin_words.shape[0], first, stop, overlaps, first)


@njit
def add_values(signs, values, n_chains, sums):
    """Add the signed values of all rows to sums (c, n_spins padded), of up to `TILE` chains.

    Values are (c, n_rows padded to `BLOCK`) int32; `BLOCK` times the largest is below 2**31.
    """
    narrow, wide = _tables()
    for first in range(0, signs.n_rows, BLOCK):
        stop = min(first + BLOCK, signs.n_rows)
        _add_block(signs.groups, first, stop, values, first, narrow, wide, sums, 0, n_chains)


@njit
def _tables():
    """Return memory for the tables of a block, in 16 and in 32 bits: it is the same."""
    n_tables = BLOCK // GROUP * TILE
    memory = np.empty(4 * 32 * n_tables + _CACHE_LINE, np.uint8)
    scratch = memory[-memory.ctypes.data & (_CACHE_LINE - 1) :]
    narrow = scratch[: 2 * 32 * n_tables].view(np.int16).reshape((n_tables, 32))
    wide = scratch[: 4 * 32 * n_tables].view(np.int32).reshape((n_tables, 32))
    return narrow, wide


@njit
def add_energies(signs, spin_words, table, distinct, energies):
    """Add the interaction of every row to `energies` (c,), in the order of the rows.

    It is table[(M + N)/2], or of two bodies where the table is empty.
    """
    values = np.empty((TILE, BLOCK), np.int32)
    n_spins = signs.n_spins
    for c in range(0, spin_words.shape[0], TILE):
        n_chains = min(TILE, spin_words.shape[0] - c)
        for first in range(0, signs.n_rows, BLOCK):
            stop = min(first + BLOCK, signs.n_rows)
            _fill_overlaps(signs, spin_words, c, n_chains, first, stop, values, 0)
            for j in range(n_chains):
                for r in range(stop - first):
                    overlap = np.int64(values[j, r])
                    if table.shape[0] > 0:
                        energies[c + j] += table[(overlap + n_spins) >> 1]
                    elif distinct:
                        energies[c + j] += np.float64((overlap * overlap - n_spins) >> 1)
                    else:
                        energies[c + j] += np.float64(overlap * overlap)


@njit
def _fill_overlaps(signs, spin_words, chain, n_chains, first, stop, overlaps, column):
    """Fill `BLOCK` columns of overlaps (c, ...) int32 of the rows first..stop, with 0 beyond."""
    tiled = n_chains & ~3
    for r in range(first, stop, ROWS):
        at = column + r - first
        for c in range(0, tiled, 4):
            overlaps_of_four(signs.words, r, spin_words, chain + c, signs.n_spins, overlaps, c, at)
        for c in range(tiled, n_chains):
            overlaps_of_one(signs.words, r, spin_words, chain + c, signs.n_spins, overlaps, c, at)
    for c in range(n_chains):
        for r in range(stop - first, BLOCK):
            overlaps[c, column + r] = 0


@njit
def _look_levels_up(values, n_rows, n_spins, tables):
    """Replace overlaps by what the first table holds; return the sum of the last."""
    total, last = np.int64(0), tables.shape[0] - 1
    for r in range(n_rows):
        level = (values[r] + n_spins) >> 1
        values[r] = tables[0, level]
        total += tables[last, level]
    return np.float64(total)


@njit
def _bound(values, column, n_chains):
    """Largest sum of absolute values of a chain."""
    bound = np.int64(0)
    for c in range(n_chains):
        total = np.int64(0)
        for r in range(column, column + BLOCK):
            total += abs(np.int64(values[c, r]))
        bound = max(bound, total)
    return bound


@njit
def _add_block(groups, first, stop, values, column, narrow, wide, sums, chain, n_chains):
    """Add the values from `column` on, of the rows first..stop, in the narrowest lanes."""
    if _bound(values, column, n_chains) < 2**15:
        _add_groups(groups, first, stop, values, column, narrow, sums, chain, n_chains)
    else:
        _add_groups(groups, first, stop, values, column, wide, sums, chain, n_chains)


@njit
def _add_groups(groups, first, stop, values, column, tables, sums, chain, n_chains):
    group, n_groups = first // GROUP, (stop - first + GROUP - 1) // GROUP
    for g in range(n_groups):
        for c in range(n_chains):
            tabulate(values, c, column + g * GROUP, tables, g * TILE + c)
    for i in range(0, sums.shape[1], SITES):
        if n_chains == TILE:
            look_up_tile(groups, group, n_groups, i, tables, 0, sums, chain)
        else:
            for c in range(n_chains):
                look_up_one(groups, group, n_groups, i, tables, c, sums, chain + c)
