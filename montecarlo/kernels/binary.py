"""Rows +-1: masked sums over packed rows; see `montecarlo.lowering.Binary`."""

from __future__ import annotations

import numpy as np

from montecarlo.lowering import Binary

from .bits import masked_sum, shift_levels
from .philox import njit
from .state import State

__all__ = ["energy", "field", "flip", "prepare"]


def prepare(network: Binary, spins: np.ndarray) -> State:
    """Build the state of a chain that starts from `spins` of shape (n_spins,)."""
    table = network.signed
    padded = 64 * network.bits.shape[1]
    level = np.zeros((1, padded), np.int32)
    values = np.zeros(padded, table.dtype)
    totals = np.zeros(2, np.float64 if table.dtype == np.float64 else np.int64)
    _initial_levels(network, spins, level, values, totals)
    return State(spins, level, values, totals)


@njit
def _initial_levels(network, spins, level, values, totals):
    for i in range(spins.shape[0]):
        for r in range(network.n_rows):
            bit = (network.bits[i, r >> 6] >> np.uint64(r & 63)) & np.uint64(1)
            level[0, r] += np.int32(bit if spins[i] > 0 else np.uint64(1) - bit)
    for r in range(network.n_rows):
        values[r] = network.signed[level[0, r]]
        totals[0] += values[r]
        totals[1] += network.common[level[0, r]]


def field(network, state, i):
    """Local field h_i."""
    n_words = network.bits.shape[1]
    positive = masked_sum(network.bits, i, state.values, n_words, network.flush)
    signed = 2 * positive - state.totals[0] - state.spins[i] * state.totals[1]
    return 0.5 * network.weight * np.float64(signed)


def flip(network, state, i):
    """Flip spin i and bring the state up to date."""
    level, values = state.overlaps[0], state.values
    shift_levels(network.bits, i, level, np.int32(state.spins[i]), network.bits.shape[1])
    signed, common, n_rows = network.signed, network.common, network.n_rows
    first = state.totals[0] - state.totals[0]
    second = first
    for r in range(n_rows):
        u = np.uint32(level[r])
        values[r] = signed[u]
        first += signed[u]
        second += common[u]
    state.totals[0] = first
    state.totals[1] = second
    state.spins[i] = -state.spins[i]


def energy(network, state):
    """Energy H."""
    total = 0.0
    for r in range(network.n_rows):
        total += network.interaction[state.overlaps[0, r]]
    return -network.weight * total
