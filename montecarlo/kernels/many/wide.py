"""Sums of numbers of 16 bits that 16 bits do not hold, two lanes to a word of 32 bits.

To widen a vector before it is added takes five instructions, here three, and nothing has to know
after how many numbers 16 bits are full.
"""

from __future__ import annotations

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from .vectors import Vector

__all__ = ["apart", "in_pairs"]


def _is_pairs(kind):
    return kind.dtype.bitwidth == 16


@intrinsic
def in_pairs(typingctx, vector):
    """Return neighbouring lanes of 16 bits as words, the odd one high; wider ones as they are."""
    kind = Vector(types.uint32, vector.lanes // 2) if _is_pairs(vector) else vector
    sig = kind(vector)

    def codegen(context, builder, sig, args):
        return builder.bitcast(args[0], context.get_value_type(kind))

    return sig, codegen


@intrinsic
def apart(typingctx, both, high, other):
    """Return the sums of lanes, typed as `other`, of the sums of words and of their high halves.

    The lanes were no less than zero, and words as of `in_pairs`.
    """
    sig = other(both, both, other)

    def codegen(context, builder, sig, args):
        if both.lanes == other.lanes:
            return args[0]
        kind = context.get_value_type(both)
        half = ir.Constant(kind, [16] * both.lanes)
        low = builder.sub(args[0], builder.shl(args[1], half))
        order = [half * both.lanes + pair for pair in range(both.lanes) for half in range(2)]
        indices = ir.Constant(ir.VectorType(ir.IntType(32), len(order)), order)
        return builder.shuffle_vector(low, args[1], indices)

    return sig, codegen
