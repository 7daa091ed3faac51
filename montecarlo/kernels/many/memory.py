"""Rows of arrays as vectors, and the marks that tell the compiler how many lanes they have."""

from __future__ import annotations

from typing import NamedTuple

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic, overload

from .vectors import Vector

__all__ = ["Lanes8", "Lanes16", "Lanes32", "half_of", "load", "store"]


class Lanes8(NamedTuple):
    """Marks code of eight lanes."""

    lanes: int = 8


class Lanes16(NamedTuple):
    """Marks code of sixteen lanes."""

    lanes: int = 16


class Lanes32(NamedTuple):
    """Marks code of thirty-two lanes."""

    lanes: int = 32


def half_of(lanes):
    """Return the mark of half as many lanes; compiled code only."""
    raise TypeError("compiled code only")


@overload(half_of, inline="always")
def _overload_half_of(lanes):
    half = Lanes8() if lanes.instance_class is Lanes16 else Lanes16()
    return lambda lanes: half


@intrinsic
def load(typingctx, lanes, array, row):
    """Return a row of an array (rows, lanes) in C order; its index is not counted from the end."""
    kind = Vector(array.dtype, lanes.instance_class._field_defaults["lanes"])
    sig = kind(lanes, array, types.intp)

    def codegen(context, builder, sig, args):
        pointer = _pointer(context, builder, sig.args[1], kind, *args[1:])
        return builder.load(pointer, align=array.dtype.bitwidth // 8)

    return sig, codegen


@intrinsic
def store(typingctx, array, row, vector):
    """Write a row of an array (rows, lanes) in C order; its index is not counted from the end."""
    if not isinstance(vector, Vector) or vector.dtype != array.dtype:
        return None
    sig = types.void(array, types.intp, vector)

    def codegen(context, builder, sig, args):
        pointer = _pointer(context, builder, sig.args[0], vector, *args[:2])
        builder.store(args[2], pointer, align=array.dtype.bitwidth // 8)
        return context.get_dummy_value()

    return sig, codegen


def _pointer(context, builder, array, kind, value, row):
    """Return the pointer to a row as wide as the vector, within the array if that is checked."""
    made = context.make_array(array)(context, builder, value)
    if context.enable_boundscheck:
        n_rows, width = cgutils.unpack_tuple(builder, made.shape)
        cgutils.do_boundscheck(context, builder, row, n_rows, 0)
        last = ir.Constant(row.type, kind.lanes - 1)
        cgutils.do_boundscheck(context, builder, last, width, 1)
    first = builder.mul(row, ir.Constant(row.type, kind.lanes))
    pointer = builder.gep(made.data, [first])
    return builder.bitcast(pointer, context.get_value_type(kind).as_pointer())
