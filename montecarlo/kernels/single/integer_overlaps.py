"""Integer rows, two bodies; see `montecarlo.kernels.single.lowering.Quadratic`."""

from __future__ import annotations

import numpy as np

from montecarlo.kernels.single.lowering import Quadratic

from .state import State

__all__ = ["energy", "field", "flip", "prepare"]


def prepare(network: Quadratic, spins: np.ndarray) -> State:
    """Build the state of a chain that starts from `spins` of shape (n_spins,)."""
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
