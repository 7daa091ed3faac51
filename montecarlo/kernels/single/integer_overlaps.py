"""Integer rows, two bodies."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from hebbian import Memory
from montecarlo.kernels.shared.ranges import check_range

from .state import State

__all__ = ["IntegerOverlaps", "energy", "field", "flip", "lower", "prepare"]

NAME = "overlaps"


class IntegerOverlaps(NamedTuple):
    """Integer rows with a two-body interaction.

    Parameters
    ----------
    rows : (n_spins, n_rows) int8, int16 or int32
    squares : (n_spins,) int64
        Sum of row_i**2 over rows: what a spin adds to the overlaps it feels.
    self_energy : float
        Sum of the squares where sites are distinct, else 0.
    half : float
        1/2 where sites are distinct (each pair once), else 1.
    weight : float
    """

    rows: np.ndarray
    squares: np.ndarray
    self_energy: float
    half: float
    weight: float


def holds(memory: Memory) -> bool:
    """Whether rows are other integers than +-1 and the interaction is of two bodies."""
    return not memory.binary and memory.order == 2 and memory.mixing is None


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
    squares = np.einsum("ir,ir->i", rows, rows, dtype=np.int64)
    return IntegerOverlaps(
        rows=rows,
        squares=squares,
        self_energy=float(squares.sum()) if distinct else 0.0,
        half=0.5 if distinct else 1.0,
        weight=memory.weight,
    )


def visit_time(memory: Memory, flips: float) -> float:
    """Nanoseconds of a visit: it multiplies the overlaps of all rows, a flip shifts them."""
    return 9.4 + 0.085 * memory.n_rows + flips * (30.0 + 0.055 * memory.n_rows)


def prepare(network: IntegerOverlaps, spins: np.ndarray) -> State:
    """Build the state of a chain from `spins` (n_spins,); its overlaps (1, n_rows) are M, int32."""
    overlaps = np.zeros((1, network.rows.shape[1]), np.int32)
    for row, spin in zip(network.rows, spins, strict=True):
        overlaps[0] += np.int32(spin) * row
    unused = np.zeros(1, np.int64)
    return State(spins, overlaps, unused, unused)


def field(network, state, i):
    """Local field h_i."""
    total = np.int64(0)
    for r in range(network.rows.shape[1]):
        total += np.int64(network.rows[i, r]) * np.int64(state.overlaps[0, r])
    total -= state.spins[i] * network.squares[i]
    return 2.0 * network.half * network.weight * np.float64(total)


def flip(network, state, i):
    """Flip spin i and bring the state up to date."""
    change = np.int32(-2 * state.spins[i])
    for r in range(network.rows.shape[1]):
        state.overlaps[0, r] += change * np.int32(network.rows[i, r])
    state.spins[i] = -state.spins[i]


def energy(network, state):
    """Energy H."""
    total = 0.0
    for r in range(state.overlaps.shape[1]):
        total += np.float64(state.overlaps[0, r]) ** 2
    return -network.weight * network.half * (total - network.self_energy)
