"""A vector with a lane for each chain, as a type of numba.

Sums, products and comparisons of lanes are single instructions of LLVM, which makes of a vector
as many registers as the processor needs: two of AVX-512, four of AVX2, eight of Arm for 32
integers of 32 bits.  Integers wrap around.  Products and sums of floats may be fused.
"""

from __future__ import annotations

import operator

from llvmlite import ir
from numba import types
from numba.core.typing.templates import AbstractTemplate, infer_global, signature
from numba.extending import (
    intrinsic,
    lower_builtin,
    models,
    register_model,
)

from montecarlo.kernels.lanes.vectors import splat as splat_code

__all__ = [
    "Vector",
    "as_bits",
    "as_mask",
    "cast",
    "choose",
    "like",
    "paired",
    "same",
    "viewed",
]

_CONTRACT = ("contract",)


class Vector(types.Type):
    """The type of a vector: `lanes` entries of a number, or of a boolean, a mask."""

    def __init__(self, dtype, lanes):
        self.dtype, self.lanes = dtype, lanes
        super().__init__(name=f"Vector({dtype}, {lanes})")

    def of(self, dtype):
        """Return the type of as many entries of another number."""
        return Vector(dtype, self.lanes)

    @property
    def floating(self):
        """Whether entries are floats."""
        return isinstance(self.dtype, types.Float)


@register_model(Vector)
class _VectorModel(models.PrimitiveModel):
    def __init__(self, manager, kind):
        entry = manager.lookup(kind.dtype).get_value_type()
        super().__init__(manager, kind, ir.VectorType(entry, kind.lanes))


def _sign(kind):
    return isinstance(kind.dtype, types.Integer) and kind.dtype.signed


def _shift(builder, kind, x, y):
    return (builder.ashr if _sign(kind) else builder.lshr)(x, y)


#: Operator -> the instruction of integers or masks, of floats.
_ARITHMETIC = {
    operator.add: (
        lambda builder, kind, x, y: builder.add(x, y),
        lambda builder, kind, x, y: builder.fadd(x, y, flags=_CONTRACT),
    ),
    operator.sub: (
        lambda builder, kind, x, y: builder.sub(x, y),
        lambda builder, kind, x, y: builder.fsub(x, y, flags=_CONTRACT),
    ),
    operator.mul: (
        lambda builder, kind, x, y: builder.mul(x, y),
        lambda builder, kind, x, y: builder.fmul(x, y, flags=_CONTRACT),
    ),
    operator.truediv: (None, lambda builder, kind, x, y: builder.fdiv(x, y)),
    operator.and_: (lambda builder, kind, x, y: builder.and_(x, y), None),
    operator.xor: (lambda builder, kind, x, y: builder.xor(x, y), None),
    operator.rshift: (_shift, None),
    operator.lshift: (lambda builder, kind, x, y: builder.shl(x, y), None),
}

_COMPARISONS = {operator.gt: ">", operator.lt: "<", operator.eq: "==", operator.ne: "!="}


def _same_kind(args):
    """Return the type of an operand, where the other is alike or a scalar, else None."""
    if len(args) == 2 and isinstance(args[0], Vector):
        scalar = isinstance(args[1], types.Number | types.Boolean)
        return args[0] if scalar or args[0] == args[1] else None
    return None


def _operand(context, builder, kind, other, value):
    """Return the second operand, a scalar in all lanes."""
    if isinstance(other, Vector):
        return value
    value = context.cast(builder, value, other, kind.dtype)
    return splat_code(builder, value, context.get_value_type(kind))


def _register(key, instruction, result):
    @infer_global(key)
    class _Typing(AbstractTemplate):
        def generic(self, args, kws):
            kind = _same_kind(args)
            return None if kind is None else signature(result(kind), *args)

    for second in (Vector, types.Number, types.Boolean):

        @lower_builtin(key, Vector, second)
        def lower(context, builder, sig, args):
            kind = sig.args[0]
            y = _operand(context, builder, kind, sig.args[1], args[1])
            return instruction(builder, kind, args[0], y)


def _arithmetic(of_integers, of_floats):
    def instruction(builder, kind, x, y):
        return (of_floats if kind.floating else of_integers)(builder, kind, x, y)

    return instruction


def _comparison(sign):
    def instruction(builder, kind, x, y):
        if kind.floating:
            return builder.fcmp_ordered(sign, x, y)
        return (builder.icmp_signed if _sign(kind) else builder.icmp_unsigned)(sign, x, y)

    return instruction


for _key, _pair in _ARITHMETIC.items():
    _register(_key, _arithmetic(*_pair), lambda kind: kind)
for _key, _name in _COMPARISONS.items():
    _register(_key, _comparison(_name), lambda kind: kind.of(types.boolean))


@intrinsic
def like(typingctx, vector, value):
    """Return a vector as `vector` with a scalar in every lane."""
    sig = vector(vector, value)

    def codegen(context, builder, sig, args):
        return _operand(context, builder, *sig.args, args[1])

    return sig, codegen


@intrinsic
def cast(typingctx, vector, dtype):
    """Return the entries as numbers of another type; narrower integers keep their low bits."""
    kind = vector.of(dtype.instance_type)
    sig = kind(vector, dtype)

    def codegen(context, builder, sig, args):
        return _converted(builder, vector, kind, context.get_value_type(kind), args[0])

    return sig, codegen


@intrinsic
def same(typingctx, vector, other):
    """Return the entries as numbers of the type of another vector."""
    sig = other(vector, other)

    def codegen(context, builder, sig, args):
        return _converted(builder, vector, other, context.get_value_type(other), args[0])

    return sig, codegen


def _converted(builder, old, new, target, value):
    if new.floating and not old.floating:
        return (builder.sitofp if _sign(old) else builder.uitofp)(value, target)
    if old.floating and not new.floating:
        return builder.fptosi(value, target)
    before, after = old.dtype.bitwidth, new.dtype.bitwidth
    if before == after:
        return value
    if before > after:
        return builder.trunc(value, target)
    return (builder.sext if _sign(old) else builder.zext)(value, target)


@intrinsic
def paired(typingctx, even, odd):
    """Return the low halves of two vectors of 64 bits, taken in turn."""
    kind = Vector(types.uint32, 2 * even.lanes)
    sig = kind(even, even)

    def codegen(context, builder, sig, args):
        wide = context.get_value_type(even)
        low = ir.Constant(wide, [0xFFFFFFFF] * even.lanes)
        half = ir.Constant(wide, [32] * even.lanes)
        both = builder.or_(builder.and_(args[0], low), builder.shl(args[1], half))
        return builder.bitcast(both, context.get_value_type(kind))

    return sig, codegen


@intrinsic
def viewed(typingctx, vector, dtype):
    """Return the bits of the entries as numbers of another type of that size."""
    kind = vector.of(dtype.instance_type)
    sig = kind(vector, dtype)

    def codegen(context, builder, sig, args):
        return builder.bitcast(args[0], context.get_value_type(kind))

    return sig, codegen


@intrinsic
def choose(typingctx, mask, first, second):
    """Return the first where the mask is set, else the second."""
    sig = first(mask, first, first)

    def codegen(context, builder, sig, args):
        return builder.select(*args)

    return sig, codegen


@intrinsic
def as_bits(typingctx, mask):
    """Return a mask as an integer, lane 0 the lowest bit."""
    sig = types.uint64(mask)

    def codegen(context, builder, sig, args):
        bits = builder.bitcast(args[0], ir.IntType(mask.lanes))
        return builder.zext(bits, ir.IntType(64))

    return sig, codegen


@intrinsic
def as_mask(typingctx, bits, mask):
    """Return an integer of `as_bits` as a mask like another."""
    sig = mask(types.uint64, mask)

    def codegen(context, builder, sig, args):
        bits = builder.trunc(args[0], ir.IntType(mask.lanes))
        return builder.bitcast(bits, context.get_value_type(mask))

    return sig, codegen
