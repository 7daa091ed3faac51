"""Rows +-1, any interaction: masked sums over packed rows (`montecarlo.forms.lowering.Binary`)."""

from __future__ import annotations

import numpy as np
from numba import types
from numba.extending import overload
from numba.np.numpy_support import as_dtype

from montecarlo.forms.lowering import Binary

from .bits import masked_sum, shift_and_evaluate, shift_levels
from .philox import njit
from .state import State

__all__ = ["energy", "field", "flip", "initial_levels", "prepare"]


def prepare(network: Binary, spins: np.ndarray) -> State:
    """Build the state of a chain that starts from `spins` of shape (n_spins,)."""
    table = network.signed
    padded = 64 * network.bits.shape[1]
    level = np.zeros((1, padded), _level_type(len(spins)))
    values = np.zeros(padded, table.dtype)
    totals = np.zeros(2, np.float64 if table.dtype == np.float64 else np.int64)
    initial_levels(network.bits, spins, level[0])
    _initial_values(network, level[0], values, totals)
    return State(spins, level, values, totals)


def _level_type(n_spins: int) -> type:
    """Levels are most of a chain's memory when spins are few: the smallest type that fits."""
    return next(t for t in (np.uint8, np.uint16, np.uint32) if n_spins <= np.iinfo(t).max)


@njit
def initial_levels(bits, spins, level):
    """Count for every row, rows of -1 in the padding, the spins that agree with it."""
    n_words = bits.shape[1]
    for i in range(spins.shape[0]):
        agree = spins[i] > 0
        for w in range(n_words):
            word = bits[i, w] if agree else ~bits[i, w]
            for b in range(64):
                level[64 * w + b] += (word >> np.uint64(b)) & np.uint64(1)


@njit
def _initial_values(network, level, values, totals):
    for r in range(level.shape[0]):
        values[r] = network.signed[level[r]]
    for r in range(network.n_rows):
        totals[0] += values[r]
        totals[1] += network.common[level[r]]


def field(network, state, i):
    """Local field h_i."""
    n_words = network.bits.shape[1]
    positive = masked_sum(network.bits, i, state.values, n_words, network.flush)
    signed = 2 * positive - state.totals[0] - state.spins[i] * state.totals[1]
    return 0.5 * network.weight * np.float64(signed)


def flip(network, state, i):
    """Flip spin i and bring the state up to date."""
    _update_rows(network, state, i)
    state.spins[i] = -state.spins[i]


def _update_rows(network, state, i):
    """Levels, values and totals after a flip; overloaded on the type of the tables."""
    raise TypeError("compiled code only")


def _look_up(network, state, i):
    """Levels, values and totals after a flip, from the tables; overloaded likewise."""
    raise TypeError("compiled code only")


@overload(_look_up, inline="always")
def _overload_look_up(network, state, i):
    level_type = as_dtype(state.types[state.fields.index("overlaps")].dtype).type

    def look_up(network, state, i):
        level, values = state.overlaps[0], state.values
        step = level_type(state.spins[i])
        shift_levels(network.bits, i, level, step, network.bits.shape[1])
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

    return look_up


def _evaluate(network, state, i):
    n_words, n_terms = network.bits.shape[1], network.polynomials.shape[1]
    if n_terms == 0:
        _look_up(network, state, i)
    else:
        level, n_spins = state.overlaps[0], state.spins.shape[0]
        step = np.int64(state.spins[i])
        integers = (step, n_words, n_spins, n_terms, network.odd, network.right)
        first, second = shift_and_evaluate(
            network.bits, i, level, state.values, network.polynomials, integers
        )
        padding = 64 * n_words - network.n_rows
        if padding:
            u = level[64 * n_words - 1]
            first -= padding * np.int64(network.signed[u])
            second -= padding * np.int64(network.common[u])
        state.totals[0] = first
        state.totals[1] = second


@overload(_update_rows, inline="always")
def _overload_update_rows(network, state, i):
    table = network.types[network.fields.index("signed")].dtype
    if table == types.float64:
        return lambda network, state, i: _look_up(network, state, i)
    return _evaluate


def energy(network, state):
    """Energy H."""
    total = 0.0
    for r in range(network.n_rows):
        total += network.interaction[state.overlaps[0, r]]
    return -network.weight * total
