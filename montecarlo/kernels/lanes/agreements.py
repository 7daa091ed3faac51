r"""How the rows of every level agree with a configuration, counted from bits.

The level u of a row +-1 is the number of sites on which it agrees with the spins, its overlap
M = 2 u - N.  Any function of the overlaps has fields that are linear in whole numbers: the
number :math:`A_{ui}` of rows of level u that agree at site i, and the number :math:`n_u` of
rows of level u.  The bits of a row on which it agrees are a lane mask: one masked
addition for 64 sites, into the bytes of its level.
"""

from __future__ import annotations

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from montecarlo.kernels.shared.philox import njit

from .registers import SITES
from .vectors import INDEX, row_pointer

__all__ = ["count_agreements", "count_levels", "level_of", "site_masks", "transpose"]

BYTE = 255  # rows that a lane counts
ROWS = 1 << 14  # rows that are counted together
SQUARES = 8  # of bits that are transposed together, a vector
PART = 4  # words of sites whose lanes stay in the fastest cache
_WORD = np.uint64(2**64 - 1)
_HALF = np.uint64(2**32 - 1)


def site_masks(n_spins: int) -> np.ndarray:
    """Return the bits of the sites in the words of a row: (1, ceil(n_spins / 64)) uint64.

    Examples
    --------
    >>> site_masks(66)
    array([[18446744073709551615,                    3]], dtype=uint64)
    """
    masks = np.full((1, -(-n_spins // SITES)), _WORD)
    masks[0, -1] >>= np.uint64(-n_spins % SITES)
    return masks


@njit
def transpose(bits, first, words):
    """Fill words (n_rows, n_words) with the rows from 64 first on of bits (n_spins, >= n).

    Bit i of word j of a row is that of spin 64 j + i; of `bits`, those of `hebbian.packed`.
    """
    n_spins, n_rows, squares = bits.shape[0], words.shape[0], np.empty((64, SQUARES), np.uint64)
    n_squares = (n_rows + 63) >> 6
    for start in range(0, n_squares, SQUARES):
        n = min(SQUARES, n_squares - start)
        for j in range(words.shape[1]):
            squares[:] = 0
            for i in range(min(64, n_spins - 64 * j)):
                for k in range(n):
                    squares[i, k] = bits[64 * j + i, first + start + k]
            _transpose_squares(squares)
            for k in range(n):
                row = 64 * (start + k)
                for r in range(min(64, n_rows - row)):
                    words[row + r, j] = squares[r, k]


@njit
def _transpose_squares(squares):
    """Exchange rows and columns of 64 x 64 bits by exchanging quarters, ever smaller ones."""
    step, mask = 32, _HALF
    while step > 0:
        shift = np.uint64(step)
        for block in range(0, 64, 2 * step):
            for i in range(block, block + step):
                for k in range(SQUARES):
                    apart = ((squares[i, k] >> shift) ^ squares[i + step, k]) & mask
                    squares[i + step, k] ^= apart
                    squares[i, k] ^= apart << shift
        step >>= 1
        mask ^= mask << np.uint64(step)


def _agreeing(builder, rows, spins, masks, index):
    """Return the bits of a word in which a row and the spins agree."""
    row, spin, mask = (builder.load(builder.gep(p, [index])) for p in (rows, spins, masks))
    return builder.and_(builder.not_(builder.xor(row, spin)), mask)


def _pointers(context, builder, kinds, arrays, row):
    """Return pointers to words[row] and to the only row of spins and of masks."""
    first = ir.Constant(INDEX, 0)
    places = (row, first, first)
    return [
        row_pointer(context, builder, kind, array, place)
        for kind, array, place in zip(kinds, arrays, places, strict=True)
    ]


@intrinsic
def level_of(typingctx, words, row, spins, masks, n_words):
    """Number of sites on which words[row] and the spins agree.

    All are uint64: words (n_rows, n_words), spins and masks (1, n_words).
    """
    signature = types.intp(words, types.intp, spins, masks, types.intp)

    def codegen(context, builder, signature, args):
        arrays, kinds = (args[0], args[2], args[3]), (words, spins, masks)
        pointers = _pointers(context, builder, kinds, arrays, args[1])
        count = cgutils.get_or_insert_function(
            builder.module, ir.FunctionType(INDEX, [INDEX]), "llvm.ctpop.i64"
        )
        total = cgutils.alloca_once_value(builder, ir.Constant(INDEX, 0))
        with cgutils.for_range(builder, args[4], intp=INDEX) as loop:
            found = builder.call(count, [_agreeing(builder, *pointers, loop.index)])
            builder.store(builder.add(builder.load(total), found), total)
        return builder.load(total)

    return signature, codegen


@intrinsic
def _add_one(typingctx, words, row, spins, masks, first, stop, counts, level):
    """Add 1 to counts[level] (uint8) at the sites on which a row and the spins agree.

    Of the words first..stop - 1 of words[row].
    """
    intp = types.intp
    signature = types.void(words, intp, spins, masks, intp, intp, counts, intp)

    def codegen(context, builder, signature, args):
        arrays, kinds = (args[0], args[2], args[3]), (words, spins, masks)
        pointers = _pointers(context, builder, kinds, arrays, args[1])
        vector = ir.VectorType(ir.IntType(8), SITES)
        place = row_pointer(context, builder, counts, args[6], args[7])
        place = builder.bitcast(place, vector.as_pointer())
        one = ir.Constant(INDEX, 1)
        with cgutils.for_range_slice(builder, args[4], args[5], one) as (index, _):
            bits = _agreeing(builder, *pointers, index)
            ones = builder.zext(builder.bitcast(bits, ir.VectorType(ir.IntType(1), SITES)), vector)
            here = builder.gep(place, [index])
            builder.store(builder.add(builder.load(here, align=1), ones), here, align=1)
        return context.get_dummy_value()

    return signature, codegen


@njit
def count_agreements(words, answers, spins, masks, wanted, octets, counts, numbers):
    """Count the agreements of all rows, or of what answers them, with one configuration.

    Parameters
    ----------
    words, answers : (n_rows, n_words) uint64
        The level is that of a row; the same array twice where rows answer for themselves.
    spins, masks : (1, n_words) uint64
    wanted : (n_spins + 1,) bool
        Levels that are counted.
    octets : (n_spins + 1, 64 n_words) uint8
        All 0, and left so.
    counts : (n_spins + 1, 64 n_words) int64
        Raised by A.
    numbers : (n_spins + 1,) int64
        Raised by n.
    """
    n_rows, n_words = words.shape
    levels, found = np.empty(ROWS, np.int32), np.zeros(numbers.shape[0], np.int64)
    first = 0
    while first < n_rows:
        stop = min(first + ROWS, n_rows)
        # The number of words is a constant where it is small: no loop is left.
        if n_words == 1:
            first = _count_at_once(
                words, answers, first, stop, spins, masks, 1, wanted, octets, found
            )
        elif n_words == 2:
            first = _count_at_once(
                words, answers, first, stop, spins, masks, 2, wanted, octets, found
            )
        else:
            start = first
            first = _find_levels(words, start, stop, spins, masks, wanted, levels, found)
            for part in range(0, n_words, PART):
                end = min(part + PART, n_words)
                for r in range(start, first):
                    if levels[r - start] >= 0:
                        _add_one(answers, r, spins, masks, part, end, octets, levels[r - start])
        for u in range(found.shape[0]):
            if found[u] > 0:
                numbers[u] += found[u]
                found[u] = 0
                for i in range(octets.shape[1]):
                    counts[u, i] += np.int64(octets[u, i])
                octets[u] = 0


@njit
def _count_at_once(words, answers, first, stop, spins, masks, n_words, wanted, octets, found):
    """Count rows up to `stop`, or until a byte is full; return the row after the last."""
    for r in range(first, stop):
        u = level_of(words, r, spins, masks, n_words)
        if wanted[u]:
            _add_one(answers, r, spins, masks, 0, n_words, octets, u)
            found[u] += 1
            if found[u] == BYTE:
                return r + 1
    return stop


@njit
def _find_levels(words, first, stop, spins, masks, wanted, levels, found):
    """Fill levels, -1 where none is wanted, as far as `_count_at_once` would count."""
    for r in range(first, stop):
        u = level_of(words, r, spins, masks, words.shape[1])
        levels[r - first] = u if wanted[u] else -1
        if wanted[u]:
            found[u] += 1
            if found[u] == BYTE:
                return r + 1
    return stop


@njit
def count_levels(words, spins, masks, numbers):
    """Raise numbers (n_spins + 1,) int64 by the rows of every level."""
    n_rows, n_words = words.shape
    for r in range(n_rows):
        numbers[level_of(words, r, spins, masks, n_words)] += 1
