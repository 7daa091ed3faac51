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

from .vectors import INDEX, Shift, lane_part, lane_range, lane_sum, row_pointer, splat

__all__ = ["masked_sum", "shift_and_evaluate", "shift_by", "shift_levels"]

_LANES = {types.int16: 32, types.int32: 16, types.int64: 8, types.float64: 8}
_LEVELS = (types.uint8, types.uint16, types.uint32)


@intrinsic
def masked_sum(typingctx, bits, row, values, n_words, flush):
    """Sum values[r] over the set bits r of bits[row].

    Parameters
    ----------
    bits : (n_spins, >= n_words) uint64, C order
        Bit b of word w belongs to row 64 w + b.
    row : intp
    values : (64 n_words,) int16, int32, int64 or float64, C order
    n_words : intp
    flush : intp
        Words after which partial sums are widened; the caller keeps flush max|values|
        below 2**15 for int16 values and 4 flush max|values| below 2**31 for int32 ones,
        the bound of a lane.

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
        word_pointer = row_pointer(context, builder, bits, args[0], args[1])
        data = context.make_array(values)(context, builder, args[2]).data
        n_words, flush = args[3], args[4]
        none, one = ir.Constant(INDEX, 0), ir.Constant(INDEX, 1)
        total = cgutils.alloca_once_value(builder, ir.Constant(wide, 0))
        sums = [cgutils.alloca_once(builder, vector) for _ in range(64 // lanes)]

        with cgutils.for_range_slice(builder, none, n_words, flush) as (start, _):
            for partial in sums:
                builder.store(zero, partial)
            stop = builder.add(start, flush)
            stop = builder.select(builder.icmp_signed("<", stop, n_words), stop, n_words)
            with cgutils.for_range_slice(builder, start, stop, one) as (index, _):
                word = builder.load(builder.gep(word_pointer, [index]))
                first = builder.mul(index, ir.Constant(INDEX, 64))
                for part, partial in enumerate(sums):
                    mask, pointer = lane_part(builder, word, data, first, part * lanes, vector)
                    terms = builder.load(pointer, align=dtype.bitwidth // 8)
                    chosen = builder.select(mask, terms, zero)
                    builder.store(add(builder.load(partial), chosen), partial)
            partials = [builder.load(partial) for partial in sums]
            if dtype == types.int16:
                middle = ir.VectorType(ir.IntType(32), lanes)
                partials = [builder.sext(partial, middle) for partial in partials]
            lane_sums = partials[0]
            for partial in partials[1:]:
                lane_sums = add(lane_sums, partial)
            width = lanes
            if dtype == types.int16:  # 64 values of 16 bits fit 32
                low, high = (lane_range(builder, lane_sums, at, 16) for at in (0, 16))
                lane_sums, width = add(low, high), 16
            if dtype in (types.int16, types.int32):
                lane_sums = builder.sext(lane_sums, ir.VectorType(wide, width))
            piece = lane_sum(builder, lane_sums, width, add)
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
    levels : (64 n_words,) integer, C order
        Changed in place; the padding past the last row moves as rows of -1 would.
    step : the type of levels
    n_words : intp
    """
    if not isinstance(levels.dtype, types.Integer) or bits.dtype != types.uint64:
        return None
    signature = types.void(bits, types.intp, levels, levels.dtype, types.intp)

    def codegen(context, builder, signature, args):
        word_pointer = row_pointer(context, builder, bits, args[0], args[1])
        data = context.make_array(levels)(context, builder, args[2]).data
        shift = Shift(builder, args[3], levels.dtype)
        start, one = ir.Constant(INDEX, 0), ir.Constant(INDEX, 1)
        with cgutils.for_range_slice(builder, start, args[4], one) as (index, _):
            shift.word(builder.load(builder.gep(word_pointer, [index])), data, index)
        return context.get_dummy_value()

    return signature, codegen


@intrinsic
def shift_by(typingctx, bits, row, values, steps, spin, n_words):
    """Subtract `spin` times its step from the value of every set bit of bits[row], add to others.

    Parameters
    ----------
    bits : (n_spins, n_words) uint64, C order
    row : intp
    values, steps : (64 n_words,) int64, C order
        The values are changed in place.
    spin : int64
        +1 or -1.
    n_words : intp
    """
    if values.dtype != types.int64 or steps.dtype != types.int64 or bits.dtype != types.uint64:
        return None
    signature = types.void(bits, types.intp, values, steps, types.int64, types.intp)

    def codegen(context, builder, signature, args):
        lanes = _LANES[types.int64]
        vector = ir.VectorType(INDEX, lanes)
        word_pointer = row_pointer(context, builder, bits, args[0], args[1])
        data = context.make_array(values)(context, builder, args[2]).data
        of_rows = context.make_array(steps)(context, builder, args[3]).data
        reversed_signs = builder.ashr(args[4], ir.Constant(INDEX, 63))
        start, one = ir.Constant(INDEX, 0), ir.Constant(INDEX, 1)
        with cgutils.for_range_slice(builder, start, args[5], one) as (index, _):
            word = builder.load(builder.gep(word_pointer, [index]))
            word = builder.xor(word, reversed_signs)
            first = builder.mul(index, ir.Constant(INDEX, 64))
            for offset in range(0, 64, lanes):
                down, pointer = lane_part(builder, word, data, first, offset, vector)
                _, step_pointer = lane_part(builder, word, of_rows, first, offset, vector)
                value, step = (builder.load(p, align=8) for p in (pointer, step_pointer))
                moved = builder.select(down, builder.sub(value, step), builder.add(value, step))
                builder.store(moved, pointer, align=8)
        return context.get_dummy_value()

    return signature, codegen


@intrinsic
def shift_and_evaluate(typingctx, bits, row, levels, values, polynomials, strengths, integers):
    r"""Shift the levels of all rows and evaluate two polynomials of the new ones.

    With M = 2 level - n_spins and z = M**2, the polynomials are p(z) and q(z), one of them
    times M, in the arithmetic of two's complement: what overflows on the way cancels.

    Parameters
    ----------
    bits : (n_spins, n_words) uint64, C order
    row : intp
    levels : (64 n_words,) uint8, uint16 or uint32, C order
    values : (64 n_words,) int32 or int64, C order
        Replaced by the first polynomial.
    polynomials : (2, n_terms) of the type of values, C order
        Coefficients of p and q from the highest power down.
    strengths : (64 n_words,) of the type of values, or of int8
        What multiplies both polynomials of a row, after the shift to the right; int8: nothing.
    integers : tuple of six int64
        step, n_words, n_spins, n_terms, 1 if p is the one times M else 0, and the number
        of bits to shift the results to the right.

    Returns
    -------
    UniTuple of two int64
        Sums of both polynomials over all rows, padding included.
    """
    dtype = values.dtype
    if dtype not in (types.int32, types.int64) or levels.dtype not in _LEVELS:
        return None
    result = types.UniTuple(types.int64, 2)
    signature = result(bits, types.intp, levels, values, polynomials, strengths, integers)
    strong = strengths.dtype == dtype

    def codegen(context, builder, signature, args):
        lanes = _LANES[dtype]
        scalar = context.get_value_type(dtype)
        vector, wide = ir.VectorType(scalar, lanes), ir.VectorType(INDEX, lanes)
        word_pointer = row_pointer(context, builder, bits, args[0], args[1])
        data = context.make_array(levels)(context, builder, args[2]).data
        out = context.make_array(values)(context, builder, args[3]).data
        terms = context.make_array(polynomials)(context, builder, args[4]).data
        of_rows = context.make_array(strengths)(context, builder, args[5]).data
        step, n_words, n_spins, n_terms, odd, right = cgutils.unpack_tuple(builder, args[6])
        start, one = ir.Constant(INDEX, 0), ir.Constant(INDEX, 1)
        width = context.get_value_type(levels.dtype)
        step = builder.trunc(step, width)
        shift = Shift(builder, step, levels.dtype)
        n_spins, right = (
            splat(builder, x if dtype == types.int64 else builder.trunc(x, scalar), vector)
            for x in (n_spins, right)
        )
        totals = [cgutils.alloca_once_value(builder, ir.Constant(wide, None)) for _ in range(2)]
        sums = [[cgutils.alloca_once(builder, vector) for _ in range(64 // lanes)] for _ in "pq"]

        def every_word(odd):
            with cgutils.for_range_slice(builder, start, n_words, one) as (index, _):
                level = shift.word(builder.load(builder.gep(word_pointer, [index])), data, index)
                M, z = [], []
                for part in range(64 // lanes):
                    u = builder.zext(lane_range(builder, level, part * lanes, lanes), vector)
                    M.append(builder.sub(builder.add(u, u), n_spins))
                    z.append(builder.mul(M[part], M[part]))
                leading = [builder.load(builder.gep(terms, [at])) for at in (start, n_terms)]
                for partials, term in zip(sums, leading, strict=True):
                    for partial in partials:
                        builder.store(splat(builder, term, vector), partial)
                with cgutils.for_range_slice(builder, one, n_terms, one) as (k, _):
                    for partials, at in zip(sums, (k, builder.add(k, n_terms)), strict=True):
                        term = splat(builder, builder.load(builder.gep(terms, [at])), vector)
                        for square, partial in zip(z, partials, strict=True):
                            scaled = builder.mul(builder.load(partial), square)
                            builder.store(builder.add(scaled, term), partial)
                first = builder.mul(index, ir.Constant(INDEX, 64))
                for which in range(2):
                    of_word = ir.Constant(vector, None)
                    for part, partial in enumerate(sums[which]):
                        value = builder.load(partial)
                        if which != odd:
                            value = builder.mul(value, M[part])
                        value = builder.ashr(value, right)
                        place = builder.add(first, ir.Constant(INDEX, part * lanes))
                        if strong:
                            pointer = builder.gep(of_rows, [place])
                            pointer = builder.bitcast(pointer, vector.as_pointer())
                            strength = builder.load(pointer, align=dtype.bitwidth // 8)
                            value = builder.mul(value, strength)
                        if which == 0:
                            pointer = builder.gep(out, [place])
                            pointer = builder.bitcast(pointer, vector.as_pointer())
                            builder.store(value, pointer, align=dtype.bitwidth // 8)
                        of_word = builder.add(of_word, value)
                    if dtype == types.int32:
                        of_word = builder.sext(of_word, wide)
                    builder.store(builder.add(builder.load(totals[which]), of_word), totals[which])

        first_is_odd = builder.icmp_signed("==", odd, one)
        with builder.if_else(first_is_odd) as (then, otherwise):
            with then:
                every_word(1)
            with otherwise:
                every_word(0)
        added = [lane_sum(builder, builder.load(total), lanes, builder.add) for total in totals]
        return context.make_tuple(builder, result, added)

    return signature, codegen
