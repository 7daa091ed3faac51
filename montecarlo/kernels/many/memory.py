"""Rows of arrays as vectors, and the marks that tell the compiler how many lanes they have."""

from __future__ import annotations

from typing import NamedTuple

from llvmlite import ir
from numba import types
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
def _load(typingctx, lanes, array, row):
    kind = Vector(array.dtype, lanes.instance_class._field_defaults["lanes"])
    sig = kind(lanes, array, types.intp)

    def codegen(context, builder, sig, args):
        pointer = _pointer(context, builder, sig.args[1], kind, *args[1:])
        return builder.load(pointer, align=array.dtype.bitwidth // 8)

    return sig, codegen


@intrinsic
def _store(typingctx, array, row, vector):
    if not isinstance(vector, Vector) or vector.dtype != array.dtype:
        return None
    sig = types.void(array, types.intp, vector)

    def codegen(context, builder, sig, args):
        pointer = _pointer(context, builder, sig.args[0], vector, *args[:2])
        builder.store(args[2], pointer, align=array.dtype.bitwidth // 8)
        return context.get_dummy_value()

    return sig, codegen


def _pointer(context, builder, array, kind, value, row):
    """Return the pointer to a row of a C-ordered array as wide as the vector."""
    made = context.make_array(array)(context, builder, value)
    first = builder.mul(row, ir.Constant(row.type, kind.lanes))
    return builder.bitcast(
        builder.gep(made.data, [first]), context.get_value_type(kind).as_pointer()
    )


def load(lanes, array, row):
    """Return a row of an array (rows, lanes) in C order; compiled code only."""
    raise TypeError("compiled code only")


def store(array, row, vector):
    """Write a row of an array (rows, lanes) in C order; compiled code only."""
    raise TypeError("compiled code only")


# The entries that are looked at vanish, unless array indices are checked.
@overload(load, inline="always")
def _overload_load(lanes, array, row):
    last = lanes.instance_class._field_defaults["lanes"] - 1

    def checked(lanes, array, row):
        array[row, last]
        return _load(lanes, array, row)

    return checked


@overload(store, inline="always")
def _overload_store(array, row, vector):
    last = vector.lanes - 1

    def checked(array, row, vector):
        array[row, last]
        _store(array, row, vector)

    return checked
