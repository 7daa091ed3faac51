"""Integer rows, two bodies."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import types
from numba.extending import overload

from hebbian import Memory
from montecarlo.kernels.shared.ranges import add_product, as_float, check_range, exact_pairs

from .state import State

__all__ = ["IntegerOverlaps", "energy", "field", "flip", "lower", "prepare"]

NAME = "overlaps"


class IntegerOverlaps(NamedTuple):
    """Integer rows with a two-body interaction.

    Parameters
    ----------
    rows : (n_spins, n_rows) int8, int16 or int32
    strengths : (n_rows,) or (0,) int64
    squares : (n_spins,) int64
        Sum of row_i**2 over rows, times their strengths: what a spin adds to the overlaps it feels.
    self_energy : int
        Sum of the squares where sites are distinct, else 0.
    half : float
        1/2 where sites are distinct (each pair once), else 1.
    weight : float
    """

    rows: np.ndarray
    strengths: np.ndarray
    squares: np.ndarray
    self_energy: int
    half: float
    weight: float


def holds(memory: Memory) -> bool:
    """Whether rows are other integers than +-1 and the interaction is of two bodies."""
    of_pairs = memory.order == 2 and memory.mixing is None
    return of_pairs and not memory.binary and exact_pairs(memory)


def lower(memory: Memory) -> IntegerOverlaps:
    """Turn the rows to the order of the visits.

    Raises
    ------
    ValueError
        If the integers of the interaction would not fit 64 bits.
    """
    rows = np.ascontiguousarray(memory.rows.T)
    largest = max(int(rows.max()), -int(rows.min()))
    check_range(largest, memory.order, memory.n_spins)
    distinct = memory.indices == "distinct"
    strengths = np.zeros(0, np.int64) if memory.strengths is None else memory.strengths
    if strengths.size:
        squares = np.array([np.square(row, dtype=np.int64) @ strengths for row in rows])
    else:
        squares = np.einsum("ir,ir->i", rows, rows, dtype=np.int64)
    return IntegerOverlaps(
        rows=rows,
        strengths=strengths,
        squares=squares,
        self_energy=int(squares.sum()) if distinct else 0,
        half=0.5 if distinct else 1.0,
        weight=memory.weight,
    )


def visit_time(memory: Memory, flips: float) -> float:
    """Nanoseconds of a visit: it multiplies the overlaps of all rows, a flip shifts them."""
    return 9.4 + 0.085 * memory.n_rows + flips * (30.0 + 0.055 * memory.n_rows)


def prepare(network: IntegerOverlaps, spins: np.ndarray) -> State:
    """Build the state of a chain from `spins` (n_spins,).

    Its overlaps (1, n_rows) are M, int32, or the strengths times M, int64.
    """
    overlaps = np.zeros((1, network.rows.shape[1]), np.int32)
    for row, spin in zip(network.rows, spins, strict=True):
        overlaps[0] += np.int32(spin) * row
    if network.strengths.size:
        overlaps = overlaps * network.strengths
    unused = np.zeros(1, np.int64)
    return State(spins, overlaps, unused, unused)


def field(network, state, i):
    """Local field h_i."""
    total = np.int64(0)
    for r in range(network.rows.shape[1]):
        total += np.int64(network.rows[i, r]) * np.int64(state.overlaps[0, r])
    total -= state.spins[i] * network.squares[i]
    return 2.0 * network.half * network.weight * np.float64(total)


def _shift(network, state, i):
    """Shift the overlaps of all rows; overloaded on their type."""
    raise TypeError("compiled code only")


@overload(_shift, inline="always")
def _overload_shift(network, state, i):
    def shift(network, state, i):
        change = np.int32(-2 * state.spins[i])
        for r in range(network.rows.shape[1]):
            state.overlaps[0, r] += change * np.int32(network.rows[i, r])

    def shift_strong(network, state, i):
        change = np.int64(-2 * state.spins[i])
        for r in range(network.rows.shape[1]):
            step = np.int64(network.rows[i, r]) * network.strengths[r]
            state.overlaps[0, r] += change * step

    strong = state.types[state.fields.index("overlaps")].dtype == types.int64
    return shift_strong if strong else shift


def flip(network, state, i):
    """Flip spin i and bring the state up to date."""
    _shift(network, state, i)
    state.spins[i] = -state.spins[i]


def energy(network, state):
    """Energy H."""
    return -network.weight * network.half * _squares(network, state)


def _squares(network, state):
    """Sum of the squares of the overlaps, less the self energy; overloaded on their type."""
    raise TypeError("compiled code only")


@overload(_squares, inline="always")
def _overload_squares(network, state):
    def squares(network, state):
        total = 0.0
        for r in range(state.overlaps.shape[1]):
            total += np.float64(state.overlaps[0, r]) ** 2
        return total - np.float64(network.self_energy)

    def strong_squares(network, state):
        high, low = add_product(0, 0, np.int64(network.self_energy), -1)
        for r in range(state.overlaps.shape[1]):
            value = state.overlaps[0, r]
            if value != 0:
                high, low = add_product(high, low, value, value // network.strengths[r])
        return as_float(high, low)

    strong = state.types[state.fields.index("overlaps")].dtype == types.int64
    return strong_squares if strong else squares
