"""Words and lanes of vectors in the language of LLVM: what the inner loops are built from."""

from __future__ import annotations

from llvmlite import ir
from numba.core import cgutils

__all__ = ["INDEX", "Shift", "lane_part", "lane_range", "lane_sum", "row_pointer", "splat"]

INDEX = ir.IntType(64)


class Shift:
    """Code that adds a step to the 64 levels of a word, or subtracts it at its set bits."""

    def __init__(self, builder, step, dtype):
        self.builder, self.bytes = builder, dtype.bitwidth // 8
        self.vector = ir.VectorType(ir.IntType(dtype.bitwidth), 64)
        self.minus, self.plus = (splat(builder, x, self.vector) for x in (builder.neg(step), step))

    def word(self, word, data, index):
        """Change levels 64 index ... 64 index + 63 and return them."""
        builder = self.builder
        mask = builder.bitcast(word, ir.VectorType(ir.IntType(1), 64))
        first = builder.mul(index, ir.Constant(INDEX, 64))
        pointer = builder.bitcast(builder.gep(data, [first]), self.vector.as_pointer())
        change = builder.select(mask, self.minus, self.plus)
        level = builder.add(builder.load(pointer, align=self.bytes), change)
        builder.store(level, pointer, align=self.bytes)
        return level


def lane_sum(builder, vector, lanes, add):
    """Add the lanes in a fixed tree, so that float sums have one order everywhere."""
    while lanes > 1:
        lanes //= 2
        low, high = (lane_range(builder, vector, at, lanes) for at in (0, lanes))
        vector = add(low, high)
    return builder.extract_element(vector, ir.Constant(ir.IntType(32), 0))


def row_pointer(context, builder, bits, array, row):
    """Return a pointer to the first word of bits[row]."""
    words = context.make_array(bits)(context, builder, array)
    row_bytes, _ = cgutils.unpack_tuple(builder, words.strides)
    address = builder.ptrtoint(words.data, INDEX)
    address = builder.add(address, builder.mul(row_bytes, row))
    return builder.inttoptr(address, INDEX.as_pointer())


def lane_part(builder, word, data, first, offset, vector):
    """Return the lane mask of the bits from `offset` on and a pointer to their values."""
    shift = ir.Constant(INDEX, offset)
    mask = builder.trunc(builder.lshr(word, shift), ir.IntType(vector.count))
    mask = builder.bitcast(mask, ir.VectorType(ir.IntType(1), vector.count))
    pointer = builder.gep(data, [builder.add(first, shift)])
    return mask, builder.bitcast(pointer, vector.as_pointer())


def splat(builder, value, vector):
    """Return a vector with `value` in every lane."""
    index = ir.Constant(ir.IntType(32), 0)
    single = builder.insert_element(ir.Constant(vector, None), value, index)
    lanes = ir.Constant(ir.VectorType(ir.IntType(32), vector.count), None)
    return builder.shuffle_vector(single, single, lanes)


def lane_range(builder, vector, first, count):
    """Return lanes first ... first + count - 1 of a vector."""
    index_type = ir.VectorType(ir.IntType(32), count)
    return builder.shuffle_vector(
        vector, vector, ir.Constant(index_type, list(range(first, first + count)))
    )
