"""Two bodies, local fields maintained at every flip."""

from __future__ import annotations

import numpy as np

from montecarlo.kernels.single.two_bodies import Couplings

from .state import State

__all__ = ["energy", "field", "flip", "prepare"]

ROW_BLOCK = 1 << 20  # entries of the matrix widened at a time


def prepare(network: Couplings, spins: np.ndarray) -> State:
    """Build the state of a chain that starts from `spins`; its overlaps are local fields."""
    step = max(1, ROW_BLOCK // len(spins))
    fields = np.empty((1, len(spins)), np.int32)
    for first in range(0, len(spins), step):
        block = network.matrix[first : first + step].astype(np.int32)
        fields[0, first : first + step] = block @ spins.astype(np.int32)
    unused = np.zeros(1, np.int64)
    return State(spins, fields, unused, unused)


def field(network, state, i):
    """Local field h_i."""
    return 2.0 * network.half * network.weight * np.float64(state.overlaps[0, i])


def flip(network, state, i):
    """Flip spin i and bring the state up to date."""
    fields, matrix = state.overlaps, network.matrix
    if state.spins[i] > 0:
        for j in range(matrix.shape[1]):
            fields[0, j] -= np.int32(matrix[i, j]) << 1
    else:
        for j in range(matrix.shape[1]):
            fields[0, j] += np.int32(matrix[i, j]) << 1
    state.spins[i] = -state.spins[i]


def energy(network, state):
    """Energy H."""
    total = 0.0
    for i in range(state.spins.shape[0]):
        total += np.float64(state.spins[i]) * np.float64(state.overlaps[0, i])
    return -network.weight * network.half * (total + network.diagonal)
