"""Sums over packed rows as vector code: the inner loop of every binary network.

LLVM does not turn a loop over the bits of a word into masked vector additions by itself,
so the intrinsic below writes that loop in LLVM's own language: 64 rows a step, the bits
of a word used directly as lane masks.  It compiles on every processor; where masked
instructions exist (AVX-512, SVE) a row term costs a sixteenth of an instruction.
"""

from __future__ import annotations

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

__all__ = ["masked_sum", "shift_levels"]

_LANES = {types.int32: 16, types.int64: 8, types.float64: 8}
_INDEX = ir.IntType(64)


@intrinsic
def masked_sum(typingctx, bits, row, values, n_words, flush):
    """Sum values[r] over the set bits r of bits[row].

    Parameters
    ----------
    bits : (n_spins, >= n_words) uint64, C order
        Bit b of word w belongs to row 64 w + b.
    row : intp
    values : (64 n_words,) int32, int64 or float64, C order
    n_words : intp
    flush : intp
        Words after which partial sums are widened to 64 bits; for int32 values the caller
        keeps 4 flush max|values| below 2**31, the bound of a lane.

    Returns
    -------
    int64 or float64
        Integer sums are exact; the order of a float sum is fixed.
    """
    dtype = values.dtype
    if dtype not in _LANES or bits.dtype != types.uint64:
        return None
    result = types.float64 if dtype == types.float64 else types.int64
    lanes = _LANES[dtype]
    signature = result(bits, types.intp, values, types.intp, types.intp)

    def codegen(context, builder, signature, args):
        vector = ir.VectorType(context.get_value_type(dtype), lanes)
        wide = context.get_value_type(result)
        zero = ir.Constant(vector, None)
        add = builder.fadd if dtype == types.float64 else builder.add
        word_pointer = _row_pointer(context, builder, bits, args[0], args[1])
        data = context.make_array(values)(context, builder, args[2]).data
        n_words, flush = args[3], args[4]
        none, one = ir.Constant(_INDEX, 0), ir.Constant(_INDEX, 1)
        total = cgutils.alloca_once_value(builder, ir.Constant(wide, 0))
        sums = [cgutils.alloca_once(builder, vector) for _ in range(64 // lanes)]

        with cgutils.for_range_slice(builder, none, n_words, flush) as (start, _):
            for partial in sums:
                builder.store(zero, partial)
            stop = builder.add(start, flush)
            stop = builder.select(builder.icmp_signed("<", stop, n_words), stop, n_words)
            with cgutils.for_range_slice(builder, start, stop, one) as (index, _):
                word = builder.load(builder.gep(word_pointer, [index]))
                first = builder.mul(index, ir.Constant(_INDEX, 64))
                for part, partial in enumerate(sums):
                    mask, pointer = _lane_part(builder, word, data, first, part * lanes, vector)
                    terms = builder.load(pointer, align=dtype.bitwidth // 8)
                    chosen = builder.select(mask, terms, zero)
                    builder.store(add(builder.load(partial), chosen), partial)
            lane_sums = builder.load(sums[0])
            for partial in sums[1:]:
                lane_sums = add(lane_sums, builder.load(partial))
            if dtype == types.int32:
                lane_sums = builder.sext(lane_sums, ir.VectorType(wide, lanes))
            width = lanes
            while width > 1:  # a fixed tree, so that float sums have one order everywhere
                width //= 2
                low, high = (_lane_range(builder, lane_sums, at, width) for at in (0, width))
                lane_sums = add(low, high)
            piece = builder.extract_element(lane_sums, ir.Constant(ir.IntType(32), 0))
            builder.store(add(builder.load(total), piece), total)
        return builder.load(total)

    return signature, codegen


@intrinsic
def shift_levels(typingctx, bits, row, levels, step, n_words):
    """Subtract `step` from the levels of the set bits of bits[row], add it to the others.

    Parameters
    ----------
    bits : (n_spins, n_words) uint64, C order
    row : intp
    levels : (64 n_words,) int32, C order
        Changed in place, the padding past the last row included.
    step : int32
    n_words : intp
    """
    if levels.dtype != types.int32 or bits.dtype != types.uint64:
        return None
    signature = types.void(bits, types.intp, levels, types.int32, types.intp)

    def codegen(context, builder, signature, args):
        vector = ir.VectorType(ir.IntType(32), 16)
        word_pointer = _row_pointer(context, builder, bits, args[0], args[1])
        data = context.make_array(levels)(context, builder, args[2]).data
        minus, plus = (_splat(builder, value, vector) for value in (builder.neg(args[3]), args[3]))
        start, one = ir.Constant(_INDEX, 0), ir.Constant(_INDEX, 1)
        with cgutils.for_range_slice(builder, start, args[4], one) as (index, _):
            word = builder.load(builder.gep(word_pointer, [index]))
            first = builder.mul(index, ir.Constant(_INDEX, 64))
            for part in range(4):
                mask, pointer = _lane_part(builder, word, data, first, 16 * part, vector)
                change = builder.select(mask, minus, plus)
                builder.store(builder.add(builder.load(pointer, align=4), change), pointer, align=4)
        return context.get_dummy_value()

    return signature, codegen


def _row_pointer(context, builder, bits, array, row):
    """Return a pointer to the first word of bits[row]."""
    words = context.make_array(bits)(context, builder, array)
    row_bytes, _ = cgutils.unpack_tuple(builder, words.strides)
    address = builder.ptrtoint(words.data, _INDEX)
    address = builder.add(address, builder.mul(row_bytes, row))
    return builder.inttoptr(address, _INDEX.as_pointer())


def _lane_part(builder, word, data, first, offset, vector):
    """Return the lane mask of the bits from `offset` on and a pointer to their values."""
    shift = ir.Constant(_INDEX, offset)
    mask = builder.trunc(builder.lshr(word, shift), ir.IntType(vector.count))
    mask = builder.bitcast(mask, ir.VectorType(ir.IntType(1), vector.count))
    pointer = builder.gep(data, [builder.add(first, shift)])
    return mask, builder.bitcast(pointer, vector.as_pointer())


def _splat(builder, value, vector):
    """Return a vector with `value` in every lane."""
    index = ir.Constant(ir.IntType(32), 0)
    single = builder.insert_element(ir.Constant(vector, None), value, index)
    lanes = ir.Constant(ir.VectorType(ir.IntType(32), vector.count), None)
    return builder.shuffle_vector(single, single, lanes)


def _lane_range(builder, vector, first, count):
    """Return lanes first ... first + count - 1 of a vector."""
    index_type = ir.VectorType(ir.IntType(32), count)
    return builder.shuffle_vector(
        vector, vector, ir.Constant(index_type, list(range(first, first + count)))
    )
