"""Levels kept as bits, a plane for each binary digit, and how many rows are at each.

512 rows are one vector of every plane.  The rows at a level are those whose digits are its
own: an AND of the planes or their complements, and a count of its set bits.  The levels of an
aligned group share the high digits; of the low ones all products are counted, which determine
the counts of the levels (`montecarlo.kernels.single.histograms`).  A vector costs an AND, a
count and an addition for each level, so that a row term takes a quarter of an instruction for
40 levels, and counts are exact, whatever the order of the rows.
"""

from __future__ import annotations

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from .vectors import INDEX, row_pointer, splat

__all__ = ["GROUPS", "WORDS", "count_products", "shift_digits"]

WORDS = 8  # of a vector: 512 rows
#: Low digits of a group of levels: a single level, 8 and 16 of them.
GROUPS = (0, 3, 4)

_UNROLLED = 7  # planes whose loads and ANDs are written out: up to 127 spins
_VECTOR = ir.VectorType(INDEX, WORDS)
_ALL = ir.Constant(_VECTOR, [-1] * WORDS)


def _number(value):
    return ir.Constant(INDEX, value)


def _place(builder, pointer, word):
    """Return a pointer to the vector that starts so many words further."""
    word = _number(word) if isinstance(word, int) else word
    return builder.bitcast(builder.gep(pointer, [word]), _VECTOR.as_pointer())


def _load(builder, pointer, word):
    return builder.load(_place(builder, pointer, word), align=8)


class _Blocks:
    """Blocks of 512 rows: their words in a line of the bits, and their planes."""

    def __init__(self, context, builder, signature, args):
        bits, planes = signature.args[0], signature.args[2]
        self.builder = builder
        first, stop, self.n_planes = cgutils.unpack_tuple(builder, args[3])[:3]
        self.n = builder.sub(stop, first)
        self.stride = builder.mul(self.n_planes, _number(WORDS))
        words = row_pointer(context, builder, bits, args[0], args[1])
        data = context.make_array(planes)(context, builder, args[2]).data
        self.words = builder.gep(words, [builder.mul(first, _number(WORDS))])
        self.planes = builder.gep(data, [builder.mul(first, self.stride)])

    def each(self, body):
        """Call body(words, planes) with pointers to those of every block."""
        builder = self.builder
        words = cgutils.alloca_once_value(builder, self.words)
        planes = cgutils.alloca_once_value(builder, self.planes)
        with cgutils.for_range(builder, self.n, intp=INDEX):
            here = builder.load(words), builder.load(planes)
            body(*here)
            builder.store(builder.gep(here[0], [_number(WORDS)]), words)
            builder.store(builder.gep(here[1], [self.stride]), planes)


@intrinsic
def count_products(typingctx, bits, row, planes, integers, counts):
    """Count the set rows of bits[row] whose levels have some digits, among those of a group.

    The group has the levels from `start` on with their `low` lowest digits free.  For k = 0,
    1, ... 2**low - 1 the rows of the group whose digits are 1 wherever those of k are, and
    anything elsewhere, are added to counts[start + k], a sum for each word of a vector.

    Parameters
    ----------
    bits : (n_lines, >= 8 (stop - 0)) uint64, C order
    row : intp
    planes : (>= stop, n_planes, 8) uint64, C order
        Digits of the levels, the lowest first, of blocks of 512 rows.
    integers : tuple of five int64
        first, stop: the blocks; n_planes; low, one of `GROUPS` and no more than n_planes; start.
    counts : (> start + k, 8) int64, C order
    """
    if bits.dtype != types.uint64 or planes.dtype != types.uint64:
        return None
    signature = types.void(bits, types.intp, planes, integers, counts)

    def codegen(context, builder, signature, args):
        blocks = _Blocks(context, builder, signature, args)
        _, _, n_planes, low, start = cgutils.unpack_tuple(builder, args[3])
        sums = context.make_array(signature.args[4])(context, builder, args[4]).data
        sums = builder.gep(sums, [builder.mul(start, _number(WORDS))])
        kind = ir.FunctionType(_VECTOR, [_VECTOR])
        count = cgutils.get_or_insert_function(builder.module, kind, "llvm.ctpop.v8i64")

        def complement(plane):
            """All bits where the digit of the group is 0, none where it is 1."""
            digit = builder.and_(builder.lshr(start, plane), _number(1))
            return splat(builder, builder.sub(digit, _number(1)), _VECTOR)

        def of_group(low, n_unrolled, more):
            totals = [cgutils.alloca_once(builder, _VECTOR) for _ in range(1 << low)]
            for k, total in enumerate(totals):
                builder.store(_load(builder, sums, WORDS * k), total)
            flips = [complement(_number(plane)) for plane in range(low, n_unrolled)]
            chosen = cgutils.alloca_once(builder, _VECTOR)

            def block(words, planes):
                rows = _load(builder, words, 0)
                for plane, flip in enumerate(flips, low):
                    digit = _load(builder, planes, WORDS * plane)
                    rows = builder.and_(rows, builder.xor(digit, flip))
                if more:
                    builder.store(rows, chosen)
                    first, one = _number(n_unrolled), _number(1)
                    with cgutils.for_range_slice(builder, first, n_planes, one) as (plane, _):
                        digit = _load(builder, planes, builder.mul(plane, _number(WORDS)))
                        digit = builder.xor(digit, complement(plane))
                        builder.store(builder.and_(builder.load(chosen), digit), chosen)
                    rows = builder.load(chosen)
                products = [rows]
                for plane in range(low):
                    digit = _load(builder, planes, WORDS * plane)
                    products += [builder.and_(product, digit) for product in products]
                for product, total in zip(products, totals, strict=True):
                    builder.store(
                        builder.add(builder.load(total), builder.call(count, [product])), total
                    )

            blocks.each(block)
            for k, total in enumerate(totals):
                builder.store(builder.load(total), _place(builder, sums, WORDS * k), align=8)

        done = builder.append_basic_block("counted")
        beyond = builder.icmp_signed(">", n_planes, _number(_UNROLLED))
        known = builder.select(beyond, _number(_UNROLLED + 1), n_planes)
        case = builder.add(builder.mul(low, _number(_UNROLLED + 2)), known)
        cases = builder.switch(case, done)
        for free in GROUPS:
            for n in range(free, _UNROLLED + 2):
                here = builder.append_basic_block(f"count_{free}_{n}")
                cases.add_case(_number(free * (_UNROLLED + 2) + n), here)
                builder.position_at_end(here)
                of_group(free, min(n, _UNROLLED), more=n > _UNROLLED)
                builder.branch(done)
        builder.position_at_end(done)
        return context.get_dummy_value()

    return signature, codegen


@intrinsic
def shift_digits(typingctx, bits, row, planes, integers):
    """Add 1 to the levels of rows that agree with a spin, or shift all when it is flipped.

    Parameters
    ----------
    bits : (n_lines, >= 8 stop) uint64, C order
    row : intp
    planes : (>= stop, n_planes, 8) uint64, C order
        See `count_products`; changed in place.
    integers : tuple of five int64
        first, stop: the blocks; n_planes; the spin, +-1; 1 if it is flipped, which subtracts 1
        from the levels of rows that agree with it and adds 1 to the others, else 0.
    """
    if bits.dtype != types.uint64 or planes.dtype != types.uint64:
        return None
    signature = types.void(bits, types.intp, planes, integers)

    def codegen(context, builder, signature, args):
        blocks = _Blocks(context, builder, signature, args)
        _, _, n_planes, spin, flipped = cgutils.unpack_tuple(builder, args[3])
        negative = splat(builder, builder.ashr(spin, _number(63)), _VECTOR)
        flipped = splat(builder, builder.neg(flipped), _VECTOR)
        carry = cgutils.alloca_once(builder, _VECTOR)

        def block(words, planes):
            agree = builder.xor(_load(builder, words, 0), negative)
            downwards = builder.and_(agree, flipped)
            builder.store(builder.or_(agree, flipped), carry)
            with cgutils.for_range(builder, n_planes, intp=INDEX) as loop:
                place = _place(builder, planes, builder.mul(loop.index, _number(WORDS)))
                digit, carried = builder.load(place, align=8), builder.load(carry)
                builder.store(builder.xor(digit, carried), place, align=8)
                # A 1 is carried where 1 is added to it, a 0 where 1 is subtracted from it.
                onwards = builder.and_(carried, builder.xor(digit, downwards))
                builder.store(onwards, carry)

        blocks.each(block)
        return context.get_dummy_value()

    return signature, codegen
