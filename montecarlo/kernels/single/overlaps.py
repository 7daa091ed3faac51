"""Rows +-1, two bodies: the field from the overlaps."""

from __future__ import annotations

import numpy as np
from numba.extending import overload
from numba.np.numpy_support import as_dtype

from montecarlo.kernels.lanes.bits import masked_sum, shift_levels
from montecarlo.kernels.single.two_bodies import Pairs

from .state import State
from .tables import initial_levels

__all__ = ["energy", "field", "flip", "prepare"]


def prepare(network: Pairs, spins: np.ndarray) -> State:
    """Build the state of a chain that starts from `spins` of shape (n_spins,)."""
    level = np.zeros(64 * network.bits.shape[1], np.uint32)
    initial_levels(network.bits, spins, level)
    overlaps = (2 * level.astype(np.int64) - len(spins)).astype(network.overlap_type.dtype)
    total = overlaps[: network.n_rows].sum(dtype=np.int64)
    return State(spins, overlaps[None], np.zeros(1, np.int64), np.array([total]))


def field(network, state, i):
    """Local field h_i."""
    n_words, overlaps = network.bits.shape[1], state.overlaps[0]
    positive = masked_sum(network.bits, i, overlaps, n_words, network.flush)
    signed = 2 * positive - state.totals[0] - state.spins[i] * network.n_rows
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

    return shift


def flip(network, state, i):
    """Flip spin i and bring the state up to date."""
    _shift(network, state, i)
    state.totals[0] -= 2 * state.spins[i] * network.row_sums[i]
    state.spins[i] = -state.spins[i]


def energy(network, state):
    """Energy H."""
    total = 0.0
    for r in range(network.n_rows):
        total += np.float64(state.overlaps[0, r]) ** 2
    return -network.weight * network.half * (total - network.self_energy)
