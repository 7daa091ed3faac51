"""Rows +-1, two bodies: the field from the overlaps."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import types
from numba.extending import overload
from numba.np.numpy_support import as_dtype

from hebbian import Memory
from hebbian.packed import pack
from montecarlo.kernels.lanes.bits import masked_sum, shift_by, shift_levels
from montecarlo.kernels.shared.philox import njit
from montecarlo.kernels.shared.ranges import add_product, as_float, exact_pairs

from .state import State, initial_levels

__all__ = ["Overlaps", "energy", "field", "flip", "lower", "prepare"]

NAME = "overlaps"


class Overlaps(NamedTuple):
    r"""Rows +-1 with a two-body interaction: the field is a signed sum of the overlaps.

    :math:`h_i = w (\sum_r \eta_{ri} M_r - K s_i)`; of unequal strengths :math:`g_r M_r` stands for
    the overlap and :math:`\sum_r g_r` for K.

    Parameters
    ----------
    bits : (n_spins, n_words) uint64
    row_sums : (n_spins,) int64
        Sum over rows of the entries of each spin, times the strengths.
    overlap_type : (0,) int16, int32, or, where rows are of unequal strengths, int64
        Empty; its type holds the overlaps.
    steps : (64 n_words,) or (0,) int64
        Strengths times 2, 0 past the last row.
    flush : int
        Words after which partial sums have to be widened.
    n_rows : int
    own : int
        Sum of the strengths, K where there are none: what a spin adds to its own overlaps.
    self_energy : int
        That times N where sites are distinct, else 0.
    half : float
        1/2 where sites are distinct (each pair once), else 1.
    weight : float
    """

    bits: np.ndarray
    row_sums: np.ndarray
    overlap_type: np.ndarray
    steps: np.ndarray
    flush: int
    n_rows: int
    own: int
    self_energy: int
    half: float
    weight: float


def holds(memory: Memory) -> bool:
    """Whether rows are +-1 and the interaction is of two bodies."""
    return memory.binary and memory.order == 2 and memory.mixing is None and exact_pairs(memory)


def lower(memory: Memory) -> Overlaps:
    """Pack the rows, and choose the narrowest overlaps."""
    n_rows, n_spins = memory.n_rows, memory.n_spins
    bits = pack(memory.kept_rows)
    narrow = n_spins < 2**15 and n_rows * n_spins < 2**31
    distinct = memory.indices == "distinct"
    limit = 2**15 if narrow else 2**29
    kind: type = np.int16 if narrow else np.int32
    own, steps = n_rows, np.zeros(0, np.int64)
    if memory.strengths is None:
        row_sums = 2 * set_bits(bits) - n_rows
    else:
        kind, own = np.int64, int(memory.strengths.sum())
        steps = np.zeros(64 * bits.shape[1], np.int64)
        steps[:n_rows] = 2 * memory.strengths
        row_sums = _strong_sums(bits, steps) - own
    return Overlaps(
        bits=bits,
        row_sums=row_sums,
        overlap_type=np.empty(0, kind),
        steps=steps,
        flush=max(1, (limit - 1) // n_spins),
        n_rows=n_rows,
        own=own,
        self_energy=own * n_spins if distinct else 0,
        half=0.5 if distinct else 1.0,
        weight=memory.weight,
    )


def set_bits(bits: np.ndarray) -> np.ndarray:
    """Count the set bits of every spin, some spins at a time: an eighth of the rows is much."""
    blocks = np.array_split(bits, 1 + (bits.nbytes >> 24))
    return np.concatenate([np.bitwise_count(x).sum(axis=1, dtype=np.int64) for x in blocks])


@njit
def _strong_sums(bits, steps):
    """Steps of every spin, summed over the rows that are +1 on it."""
    sums = np.empty(bits.shape[0], np.int64)
    for i in range(bits.shape[0]):
        sums[i] = masked_sum(bits, i, steps, bits.shape[1], bits.shape[1])
    return sums


def visit_time(memory: Memory, flips: float) -> float:
    """Nanoseconds of a visit: it adds the overlaps of all rows, a flip shifts them."""
    per_row, per_shift = (0.0143, 0.019) if memory.strengths is None else (0.051, 0.086)
    return 9.4 + per_row * memory.n_rows + flips * (30.0 + per_shift * memory.n_rows)


def prepare(network: Overlaps, spins: np.ndarray) -> State:
    """Build the state of a chain that starts from `spins` of shape (n_spins,).

    Its overlaps (1, 64 n_words) are M, rows of the padding -1; its total (1,) is their sum.
    """
    level = np.zeros(64 * network.bits.shape[1], np.uint32)
    initial_levels(network.bits, spins, level)
    overlaps = (2 * level.astype(np.int64) - len(spins)).astype(network.overlap_type.dtype)
    if network.steps.size:
        overlaps *= network.steps >> 1
    total = overlaps[: network.n_rows].sum(dtype=np.int64)
    return State(spins, overlaps[None], np.zeros(1, np.int64), np.array([total]))


def field(network, state, i):
    """Local field h_i."""
    n_words, overlaps = network.bits.shape[1], state.overlaps[0]
    positive = masked_sum(network.bits, i, overlaps, n_words, network.flush)
    signed = 2 * positive - state.totals[0] - state.spins[i] * network.own
    return 2.0 * network.half * network.weight * np.float64(signed)


def _shift(network, state, i):
    """Shift the overlaps of all rows; overloaded on their type."""
    raise TypeError("compiled code only")


@overload(_shift, inline="always")
def _overload_shift(network, state, i):
    kind = as_dtype(state.types[state.fields.index("overlaps")].dtype).type

    def shift(network, state, i):
        step = kind(2 * state.spins[i])
        shift_levels(network.bits, i, state.overlaps[0], step, network.bits.shape[1])

    def shift_strong(network, state, i):
        spin, n_words = np.int64(state.spins[i]), network.bits.shape[1]
        shift_by(network.bits, i, state.overlaps[0], network.steps, spin, n_words)

    return shift_strong if kind is np.int64 else shift


def flip(network, state, i):
    """Flip spin i and bring the state up to date."""
    _shift(network, state, i)
    state.totals[0] -= 2 * state.spins[i] * network.row_sums[i]
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
        for r in range(network.n_rows):
            total += np.float64(state.overlaps[0, r]) ** 2
        return total - np.float64(network.self_energy)

    def strong_squares(network, state):
        high, low = add_product(0, 0, np.int64(network.self_energy), -1)
        for r in range(network.n_rows):
            value = state.overlaps[0, r]
            if value != 0:
                high, low = add_product(high, low, value, 2 * value // network.steps[r])
        return as_float(high, low)

    strong = state.types[state.fields.index("overlaps")].dtype == types.int64
    return strong_squares if strong else squares
