"""Networks of disorder samples on a CUDA device: their rows, and what the kernels make of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from hebbian import Memory
from montecarlo.dynamics import PARALLEL_DIAGONAL
from montecarlo.kernels.shared.levels import level_tables
from montecarlo.kernels.shared.ranges import check_range

from . import variants
from .rows import (
    draw_kernel,
    entry_of,
    launch,
    sums_of_squares,
    uploaded_rows,
)
from .variants import Variant

__all__ = ["Networks", "finish", "upload"]


#: Variant, the three arrays of a network, and the weight of its fields.
Finished = tuple[Variant, list[Any], float]


class Networks(NamedTuple):
    """The networks of some samples on the device; arrays as `Network` of the sources.

    Parameters
    ----------
    variant : Variant
    rows, first, second, third : cupy.ndarray
    weight, field_weight : float
    n_rows, n_spins, n_samples : int
    sample_of : (n_chains,) int, optional
        Sample of every chain; default: the first.
    """

    variant: Variant
    rows: Any
    first: Any
    second: Any
    third: Any
    weight: float
    field_weight: float
    n_rows: int
    n_spins: int
    n_samples: int
    sample_of: np.ndarray | None = None

    @property
    def arguments(self) -> tuple[Any, ...]:
        """Leading arguments of the kernels."""
        numbers = np.float64(self.weight), np.float64(self.field_weight)
        arrays = self.rows, self.first, self.second, self.third
        return (*arrays, *numbers, np.int64(self.n_rows), np.int32(self.n_spins))


def upload(memories: Sequence[Memory], move: int) -> Networks:
    """Copy the networks of given samples to the device; they differ in their rows alone."""
    return finish(uploaded_rows(memories), memories[0].n_rows, memories[0], move)


def finish(rows: Any, n_rows: int, memory: Memory, move: int) -> Networks:
    """Make the networks of some samples whose rows are on the device.

    Parameters
    ----------
    rows : cupy.ndarray
        See `montecarlo.kernels.device.rows.drawn_rows`.
    n_rows : int
    memory : Memory
        The same network, perhaps with fewer rows: its size, interaction and weight are used.
    move : int
        Code of the dynamics.

    Raises
    ------
    ValueError
        If the integers of the interaction would not fit 64 bits.
    """
    made = _binary if rows.dtype == np.uint32 else _integer
    variant, arrays, field_weight = made(rows, n_rows, memory, move)
    return Networks(
        variant, rows, *arrays, memory.weight, field_weight, n_rows, memory.n_spins, len(rows)
    )


def _multiplies_bytes() -> bool:
    """Whether the device multiplies matrices of bytes, as those of 2020 and later do."""
    import cupy

    device = cupy.cuda.runtime.getDevice()
    return bool(cupy.cuda.runtime.getDeviceProperties(device)["major"] >= 8)


def _binary(rows: Any, n_rows: int, memory: Memory, move: int) -> Finished:
    import cupy

    signed, common, interaction = level_tables(memory.n_spins, memory.order, memory.indices)
    field_weight = 0.5 * memory.weight
    if move == PARALLEL_DIAGONAL:
        common = [0] * len(common)  # a row adds eta_i M whatever s_i is
    span = max(signed) - min(signed) if _multiplies_bytes() else None
    unit = signed[1] - signed[0]
    linear = signed == [signed[0] + unit * u for u in range(len(signed))] and len(set(common)) == 1
    largest = max(map(abs, signed + common))
    variant = variants.binary(memory.n_spins, n_rows, largest, span=span, linear=linear)
    dtype = {"int": np.int32, "i64": np.int64, "double": np.float64}[variant["VALUE"]]
    if variant.products:
        # Bytes have no sign: values are told from the least one.  Eight need not be, because
        # sums are right modulo 2**64.
        offset = 0 if variant["PLANES"] == "8" else signed[0] if linear else min(signed)
        signed = [a - offset for a in signed] + [offset, unit if linear else 1]
    tables = (signed, dtype), (common, dtype), (interaction, np.float64)
    return variant, [cupy.asarray(np.array(*table)) for table in tables], field_weight


def _integer(rows: Any, n_rows: int, memory: Memory, move: int) -> Finished:
    import cupy

    n_samples, n_spins, width = rows.shape
    largest = max(int(rows.max()), -int(rows.min()))
    check_range(largest, memory.order, n_spins)
    distinct = memory.indices == "distinct"
    entry = entry_of(rows)
    first = second = cupy.zeros(1, np.int64)
    if memory.order == 2:
        variant = variants.quadratic(entry, n_spins, n_rows, largest, distinct)
        squares = sums_of_squares(rows)
        third = squares.sum(axis=1).astype(np.float64) * distinct
        first = cupy.zeros_like(squares) if move == PARALLEL_DIAGONAL else squares
        field_weight = memory.weight * (1 if distinct else 2)
    else:
        variant = variants.polynomial(entry, memory.order, distinct)
        third = cupy.empty((n_samples, memory.order // 2, width), np.float64)
        sizes = np.int64(width), np.int32(n_spins), np.int32(n_samples), np.int32(third.shape[1])
        launch(draw_kernel("sum_powers", entry), n_samples * width, (rows, *sizes, third))
        field_weight = memory.weight
    return variant, [first, second, third], field_weight
