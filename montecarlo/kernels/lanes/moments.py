"""Sums of powers of the overlaps, from levels of one byte: nothing else is kept of a row.

Up to 255 spins an overlap M and its square fit lanes of 16 bits, and one instruction of x86
(pmaddwd) multiplies two such vectors and adds neighbours.  That takes as long as reading
values of four bytes from the second cache, and less than reading them from any other.

All is in units of x = M/2 for an even number of spins, which is an integer; for an odd one
x = M, and its square is less by `CENTRE` so as to fit 16 bits with a sign.
"""

from __future__ import annotations

from contextlib import contextmanager

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from .vectors import INDEX, Shift, lane_range, lane_sum, row_pointer, splat

__all__ = ["CENTRE", "MOST_SPINS", "masked_moments", "shift_and_sum"]

CENTRE = 1 << 15
MOST_SPINS = 255
FLUSH = 60  # words whose sums fit 32 bits: each adds four products up to 255 CENTRE to a lane

_HALF = 32  # rows a step: 16-bit lanes of a vector
_SHORT, _INT = ir.IntType(16), ir.IntType(32)
_SHORTS, _INTS = ir.VectorType(_SHORT, _HALF), ir.VectorType(_INT, _HALF // 2)
_ONES = ir.Constant(_SHORTS, [1] * _HALF)
# LLVM has a pattern for this instruction, and loses it in a loop that adds the results up.
_PMADDWD = (
    ("+avx512bw", "llvm.x86.avx512.pmaddw.d.512", 32),
    ("+avx2", "llvm.x86.avx2.pmadd.wd", 16),
    ("+sse2", "llvm.x86.sse2.pmadd.wd", 8),
)


@intrinsic
def masked_moments(typingctx, bits, row, levels, integers):
    r"""Sum b and b (x**2 - c) over the set bits of bits[row].

    b is x or 1; c is 0 for an even number of spins and `CENTRE` for an odd one.

    Parameters
    ----------
    bits : (n_spins, n_words) uint64, C order
    row : intp
    levels : (64 n_words,) uint8, C order
    integers : tuple of three int64
        n_words, n_spins up to 255, and 1 if b is x else 0.

    Returns
    -------
    UniTuple of two int64
    """
    if levels.dtype != types.uint8 or bits.dtype != types.uint64:
        return None
    result = types.UniTuple(types.int64, 2)
    signature = result(bits, types.intp, levels, integers)

    def codegen(context, builder, signature, args):
        word_pointer = row_pointer(context, builder, bits, args[0], args[1])
        data = context.make_array(levels)(context, builder, args[2]).data
        n_words, n_spins, odd = cgutils.unpack_tuple(builder, args[3])
        sums = _Sums(context, builder, 2)

        def every_word(overlaps, of_overlap):
            with sums.over(n_words) as index:
                word = builder.load(builder.gep(word_pointer, [index]))
                if not of_overlap:
                    sums.count(0, builder.ctpop(word))
                for half in range(2):
                    x = overlaps.of(_levels(builder, data, index, half))
                    mask = builder.trunc(
                        builder.lshr(word, ir.Constant(INDEX, half * _HALF)), ir.IntType(_HALF)
                    )
                    mask = builder.bitcast(mask, ir.VectorType(ir.IntType(1), _HALF))
                    none = ir.Constant(_SHORTS, None)
                    if of_overlap:
                        x = builder.select(mask, x, none)
                        sums.add(0, half, x, _ONES)
                        sums.add(1, half, x, overlaps.square(x))
                    else:
                        square = builder.select(mask, overlaps.square(x), none)
                        sums.add(1, half, square, _ONES)

        for overlaps in _cases(builder, n_spins):
            is_odd = builder.icmp_signed("!=", odd, ir.Constant(INDEX, 0))
            with builder.if_else(is_odd) as (yes, no):
                with yes:
                    every_word(overlaps, of_overlap=True)
                with no:
                    every_word(overlaps, of_overlap=False)
        return context.make_tuple(builder, result, sums.totals())

    return signature, codegen


@intrinsic
def shift_and_sum(typingctx, bits, row, levels, integers):
    r"""Shift the levels of all rows; sum x, x**2 - c and x (x**2 - c) of the new ones.

    Parameters
    ----------
    bits : (n_spins, n_words) uint64, C order
    row : intp
    levels : (64 n_words,) uint8, C order
        See `montecarlo.kernels.lanes.bits.shift_levels`.
    integers : tuple of three int64
        step, n_words, n_spins up to 255.

    Returns
    -------
    UniTuple of three int64
        Padding included.
    """
    if levels.dtype != types.uint8 or bits.dtype != types.uint64:
        return None
    result = types.UniTuple(types.int64, 3)
    signature = result(bits, types.intp, levels, integers)

    def codegen(context, builder, signature, args):
        word_pointer = row_pointer(context, builder, bits, args[0], args[1])
        data = context.make_array(levels)(context, builder, args[2]).data
        step, n_words, n_spins = cgutils.unpack_tuple(builder, args[3])
        shift = Shift(builder, builder.trunc(step, ir.IntType(8)), levels.dtype)
        sums = _Sums(context, builder, 3)
        for overlaps in _cases(builder, n_spins):
            with sums.over(n_words) as index:
                level = shift.word(builder.load(builder.gep(word_pointer, [index])), data, index)
                for half in range(2):
                    x = overlaps.of(lane_range(builder, level, half * _HALF, _HALF))
                    square = overlaps.square(x)
                    sums.add(0, half, x, _ONES)
                    sums.add(1, half, square, _ONES)
                    sums.add(2, half, x, square)
        return context.make_tuple(builder, result, sums.totals())

    return signature, codegen


class _Overlaps:
    """Code for x and x**2 - c in 16-bit lanes."""

    def __init__(self, builder, n_spins, *, even):
        self.builder, self.even = builder, even
        offset = builder.ashr(n_spins, ir.Constant(INDEX, 1)) if even else n_spins
        self.offset = splat(builder, builder.trunc(offset, _SHORT), _SHORTS)

    def of(self, level):
        """Return x of the levels."""
        level = self.builder.zext(level, _SHORTS)
        if not self.even:
            level = self.builder.add(level, level)
        return self.builder.sub(level, self.offset)

    def square(self, x):
        """Return x**2 - c."""
        square = self.builder.mul(x, x)
        if self.even:
            return square
        return self.builder.xor(square, ir.Constant(_SHORTS, [CENTRE] * _HALF))


def _cases(builder, n_spins):
    """Yield the overlaps of an even and of an odd number of spins, each in its branch."""
    last = builder.and_(n_spins, ir.Constant(INDEX, 1))
    with builder.if_else(builder.icmp_signed("==", last, ir.Constant(INDEX, 0))) as (yes, no):
        with yes:
            yield _Overlaps(builder, n_spins, even=True)
        with no:
            yield _Overlaps(builder, n_spins, even=False)


class _Sums:
    """Sums kept in 32-bit lanes, two vectors for each, and widened every `FLUSH` words."""

    def __init__(self, context, builder, n):
        self.context, self.builder = context, builder
        self.lanes = [[cgutils.alloca_once(builder, _INTS) for _ in range(2)] for _ in range(n)]
        zero = ir.Constant(ir.VectorType(INDEX, 8), None)
        self.wide = [cgutils.alloca_once_value(builder, zero) for _ in range(n)]
        self.counts = [cgutils.alloca_once_value(builder, ir.Constant(INDEX, 0)) for _ in range(n)]

    @contextmanager
    def over(self, n_words):
        """Loop over the words; the body adds the halves of each to the sums."""
        builder, every = self.builder, ir.Constant(INDEX, FLUSH)
        none, one = ir.Constant(INDEX, 0), ir.Constant(INDEX, 1)
        with cgutils.for_range_slice(builder, none, n_words, every) as (start, _):
            for halves in self.lanes:
                for lane in halves:
                    builder.store(ir.Constant(_INTS, None), lane)
            stop = builder.add(start, every)
            stop = builder.select(builder.icmp_signed("<", stop, n_words), stop, n_words)
            with cgutils.for_range_slice(builder, start, stop, one) as (index, _):
                yield index
            for halves, wide in zip(self.lanes, self.wide, strict=True):
                self._widen(builder.add(*map(builder.load, halves)), wide)

    def add(self, which, half, a, b):
        """Add products of 16-bit lanes to the lanes of a sum."""
        lane, builder = self.lanes[which][half], self.builder
        products = _pairs(self.context, builder, a, b)
        builder.store(builder.add(builder.load(lane), products), lane)

    def count(self, which, number):
        """Add a number to a sum."""
        count = self.counts[which]
        self.builder.store(self.builder.add(self.builder.load(count), number), count)

    def totals(self):
        """Return the sums as integers of 64 bits."""
        builder = self.builder
        return [
            builder.add(lane_sum(builder, builder.load(wide), 8, builder.add), builder.load(count))
            for wide, count in zip(self.wide, self.counts, strict=True)
        ]

    def _widen(self, vector, wide):
        builder = self.builder
        for first in (0, 8):
            part = lane_range(builder, vector, first, 8)
            part = builder.sext(part, ir.VectorType(INDEX, 8))
            builder.store(builder.add(builder.load(wide), part), wide)


def _levels(builder, data, index, half):
    """Load the levels of half a word of rows."""
    first = builder.mul(index, ir.Constant(INDEX, 2 * _HALF))
    first = builder.add(first, ir.Constant(INDEX, half * _HALF))
    pointer = builder.gep(data, [first])
    pointer = builder.bitcast(pointer, ir.VectorType(ir.IntType(8), _HALF).as_pointer())
    return builder.load(pointer, align=1)


def _pairs(context, builder, a, b):
    """Multiply 16-bit lanes and add neighbours in 32 bits."""
    features = context.codegen().magic_tuple()[2].split(",")
    for feature, name, lanes in _PMADDWD:
        if feature in features:
            shorts, ints = ir.VectorType(_SHORT, lanes), ir.VectorType(_INT, lanes // 2)
            kind = ir.FunctionType(ints, [shorts, shorts])
            instruction = cgutils.get_or_insert_function(builder.module, kind, name)
            parts = [
                builder.call(instruction, [lane_range(builder, x, first, lanes) for x in (a, b)])
                for first in range(0, _HALF, lanes)
            ]
            while len(parts) > 1:
                parts = [_joined(builder, *parts[at : at + 2]) for at in range(0, len(parts), 2)]
            return parts[0]
    products = []
    for first in range(2):
        places = list(range(first, _HALF, 2))
        places = ir.Constant(ir.VectorType(_INT, len(places)), places)
        halves = (builder.sext(builder.shuffle_vector(x, x, places), _INTS) for x in (a, b))
        products.append(builder.mul(*halves))
    return builder.add(*products)


def _joined(builder, low, high):
    n = low.type.count + high.type.count
    return builder.shuffle_vector(low, high, ir.Constant(ir.VectorType(_INT, n), list(range(n))))
