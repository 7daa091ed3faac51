"""Sums of numbers of 16 bits that 16 bits do not hold, two lanes to a word of 32 bits.

Two neighbouring lanes, no less than zero, are a word; beside the sum of the words goes that of
their high halves, which tells the two apart at the end.  That is three instructions for a vector,
where it takes five to widen one, and nothing has to know when 16 bits are full.
"""

from __future__ import annotations

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from .vectors import Vector

__all__ = ["apart", "words"]


def _constant(integer, values):
    values = list(values)
    return ir.Constant(ir.VectorType(ir.IntType(integer), len(values)), values)


@intrinsic
def words(typingctx, vector):
    """Return the words of lanes of 16 bits, and then their high halves; of 32, the lanes."""
    kind = vector.of(types.int32)
    sig = kind(vector)

    def codegen(context, builder, sig, args):
        if vector.dtype.bitwidth == 32:
            return args[0]
        pairs = Vector(types.int32, vector.lanes // 2)
        found = builder.bitcast(args[0], context.get_value_type(pairs))
        high = builder.lshr(found, _constant(32, [16] * pairs.lanes))
        return builder.shuffle_vector(found, high, _constant(32, range(vector.lanes)))

    return sig, codegen


@intrinsic
def apart(typingctx, sums, vector):
    """Return the sums of lanes, of sums of `words` of vectors like this."""
    sig = sums(sums, vector)

    def codegen(context, builder, sig, args):
        if vector.dtype.bitwidth == 32:
            return args[0]
        half = sums.lanes // 2
        both, high = (
            builder.shuffle_vector(args[0], args[0], _constant(32, range(first, first + half)))
            for first in (0, half)
        )
        low = builder.sub(both, builder.shl(high, _constant(32, [16] * half)))
        turns = [lane + odd for lane in range(half) for odd in (0, half)]
        return builder.shuffle_vector(low, high, _constant(32, turns))

    return sig, codegen
