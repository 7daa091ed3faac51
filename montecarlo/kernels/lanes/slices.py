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

__all__ = ["CHUNK", "LARGEST", "LEAST", "WORDS", "count_products", "shift_digits"]

WORDS = 8  # of a vector: 512 rows
CHUNK = 32  # vectors that stay in the first cache while all levels are counted
LARGEST = 4  # free digits of a group of levels: as many sums as leave registers for the rest
LEAST = 3  # planes there are

_UNROLLED = 7  # planes whose loads and ANDs are written out: up to 127 spins
_VECTOR = ir.VectorType(INDEX, WORDS)


def _number(value):
    return ir.Constant(INDEX, value)


def _place(builder, pointer, word):
    """Return a pointer to the vector that starts so many words further."""
    word = _number(word) if isinstance(word, int) else word
    return builder.bitcast(builder.gep(pointer, [word]), _VECTOR.as_pointer())


def _load(builder, pointer, word):
    return builder.load(_place(builder, pointer, word), align=8)


def _fetch(builder, pointer):
    """Ask for a cache line that will be read."""
    word = ir.IntType(32)
    kind = ir.FunctionType(ir.VoidType(), [pointer.type, word, word, word])
    function = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
    reading, near, data = (ir.Constant(word, x) for x in (0, 3, 1))
    builder.call(function, [pointer, reading, near, data])


class _Blocks:
    """Blocks of 512 rows: their words in a line of the bits, and their planes."""

    def __init__(self, builder, words, planes, n, n_planes):
        self.builder, self.words, self.planes, self.n = builder, words, planes, n
        self.stride = builder.mul(n_planes, _number(WORDS))

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


def _range(context, builder, signature, args):
    """Return pointers to the words and planes of the first block, and the number of blocks."""
    first, stop, n_planes = cgutils.unpack_tuple(builder, args[3])[:3]
    words = row_pointer(context, builder, signature.args[0], args[0], args[1])
    planes = context.make_array(signature.args[2])(context, builder, args[2]).data
    words = builder.gep(words, [builder.mul(first, _number(WORDS))])
    planes = builder.gep(planes, [builder.mul(first, builder.mul(n_planes, _number(WORDS)))])
    return words, planes, builder.sub(stop, first)


@intrinsic
def count_products(typingctx, bits, row, planes, integers, counts):
    """Count the set rows of bits[row] whose levels have some digits, among those of a group.

    The group has the levels from `start` on with their `low` lowest digits free.  For k = 0,
    1, ... 2**low - 1 the rows of the group whose digits are 1 wherever those of k are, and
    anything elsewhere, are added to counts[start + k], a sum for each word of a vector.

    Parameters
    ----------
    bits : (n_lines, >= 8 stop) uint64, C order
    row : intp
    planes : (>= stop, n_planes, 8) uint64, C order
        Digits of the levels, the lowest first, of blocks of 512 rows.
    integers : tuple of five int64
        first, stop: the blocks; n_planes, at least 3; low, at most 4 and n_planes; start.
    counts : (> start + k, 8) int64, C order
    """
    if bits.dtype != types.uint64 or planes.dtype != types.uint64:
        return None
    signature = types.void(bits, types.intp, planes, integers, counts)

    def codegen(context, builder, signature, args):
        words, planes, n = _range(context, builder, signature, args)
        _, _, n_planes, low, start = cgutils.unpack_tuple(builder, args[3])
        sums = context.make_array(signature.args[4])(context, builder, args[4]).data
        sums = builder.gep(sums, [builder.mul(start, _number(WORDS))])
        function = _counting(builder.module)
        builder.call(function, [words, planes, n, n_planes, low, start, sums])
        return context.get_dummy_value()

    return signature, codegen


def _counting(module):
    """Return the function of a module that counts a group: one, as it has many cases."""
    pointer = INDEX.as_pointer()
    kind = ir.FunctionType(ir.VoidType(), [pointer, pointer, *[INDEX] * 4, pointer])
    function = cgutils.get_or_insert_function(module, kind, "hebbian_count_products")
    if function.is_declaration:
        function.linkage = "linkonce_odr"
        function.attributes.add("noinline")
        builder = ir.IRBuilder(function.append_basic_block())
        _count_cases(builder, *function.args)
        builder.ret_void()
    return function


def _count_cases(builder, words, planes, n, n_planes, low, start, sums):
    blocks = _Blocks(builder, words, planes, n, n_planes)
    kind = ir.FunctionType(_VECTOR, [_VECTOR])
    set_bits = cgutils.get_or_insert_function(builder.module, kind, "llvm.ctpop.v8i64")

    def complement(plane):
        """All bits where the digit of the group is 0, none where it is 1."""
        digit = builder.and_(builder.lshr(start, plane), _number(1))
        return splat(builder, builder.sub(digit, _number(1)), _VECTOR)

    def count(free, n_unrolled, more):
        totals = [cgutils.alloca_once(builder, _VECTOR) for _ in range(1 << free)]
        for k, total in enumerate(totals):
            builder.store(_load(builder, sums, WORDS * k), total)
        flips = [complement(_number(plane)) for plane in range(free, n_unrolled)]
        chosen = cgutils.alloca_once(builder, _VECTOR)

        def block(words, planes):
            rows = _load(builder, words, 0)
            if free == LARGEST:
                ahead = builder.gep(planes, [builder.mul(blocks.stride, _number(CHUNK))])
                _fetch(builder, builder.gep(words, [_number(CHUNK * WORDS)]))
                for plane in range(n_unrolled):
                    _fetch(builder, builder.gep(ahead, [_number(WORDS * plane)]))
            for plane, flip in enumerate(flips, free):
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
            for plane in range(free):
                digit = _load(builder, planes, WORDS * plane)
                products += [builder.and_(product, digit) for product in products]
            for product, total in zip(products, totals, strict=True):
                found = builder.call(set_bits, [product])
                builder.store(builder.add(builder.load(total), found), total)

        blocks.each(block)
        for k, total in enumerate(totals):
            builder.store(builder.load(total), _place(builder, sums, WORDS * k), align=8)

    done = builder.append_basic_block("counted")
    beyond = builder.icmp_signed(">", n_planes, _number(_UNROLLED))
    known = builder.select(beyond, _number(_UNROLLED + 1), n_planes)
    case = builder.add(builder.mul(low, _number(_UNROLLED + 2)), known)
    cases = builder.switch(case, done)
    for free in range(LARGEST + 1):
        for n_unrolled in range(max(free, LEAST), _UNROLLED + 2):
            here = builder.append_basic_block(f"count_{free}_{n_unrolled}")
            cases.add_case(_number(free * (_UNROLLED + 2) + n_unrolled), here)
            builder.position_at_end(here)
            count(free, min(n_unrolled, _UNROLLED), more=n_unrolled > _UNROLLED)
            builder.branch(done)
    builder.position_at_end(done)


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
        _, _, n_planes, spin, flipped = cgutils.unpack_tuple(builder, args[3])
        blocks = _Blocks(builder, *_range(context, builder, signature, args), n_planes)
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
