"""Rows +-1, any interaction: masked sums over packed rows.

A chain keeps the level of every row and its value A, or, for three and four bodies of up to
255 spins, the levels alone; the type of its values tells which.
"""

from __future__ import annotations

import numpy as np
from numba import types
from numba.extending import overload
from numba.np.numpy_support import as_dtype

from montecarlo.kernels.lanes.bits import masked_sum, shift_and_evaluate, shift_levels
from montecarlo.kernels.lanes.moments import CENTRE, masked_moments, shift_and_sum
from montecarlo.kernels.shared.philox import njit
from montecarlo.kernels.single.lowering import Binary

from .state import State

_NO_VALUES = np.int8  # type of the values of a chain that keeps levels alone

__all__ = ["energy", "field", "flip", "initial_levels", "prepare"]


def prepare(network: Binary, spins: np.ndarray) -> State:
    """Build the state of a chain that starts from `spins` of shape (n_spins,)."""
    table = network.signed
    padded = 64 * network.bits.shape[1]
    level = np.zeros((1, padded), _level_type(len(spins)))
    if network.powers.size:
        state = State(spins, level, np.zeros(0, _NO_VALUES), np.zeros(2, np.int64))
        initial_levels(network.bits, spins, level[0])
        _shift_moments(network, state, 0, 0)
        return state
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
    positive = _positive_sum(network, state, i)
    signed = 2 * positive - state.totals[0] - state.spins[i] * state.totals[1]
    return 0.5 * network.weight * np.float64(_whole(network, state, signed))


def _positive_sum(network, state, i):
    """Sum of A over the rows that are +1 on spin i; overloaded on the type of the values."""
    raise TypeError("compiled code only")


def _whole(network, state, signed):
    """Undo the common denominator of sums of powers; overloaded likewise."""
    raise TypeError("compiled code only")


def _keeps_levels_alone(state):
    return state.types[state.fields.index("values")].dtype == types.int8


@overload(_positive_sum, inline="always")
def _overload_positive_sum(network, state, i):
    def of_values(network, state, i):
        return masked_sum(network.bits, i, state.values, network.bits.shape[1], network.flush)

    def of_levels(network, state, i):
        n_words, n_spins = network.bits.shape[1], state.spins.shape[0]
        first, second = masked_moments(
            network.bits, i, state.overlaps[0], (n_words, n_spins, network.odd)
        )
        second += (n_spins & 1) * CENTRE * first
        return network.powers[0, 0] * second + network.powers[0, 1] * first

    return of_levels if _keeps_levels_alone(state) else of_values


@overload(_whole, inline="always")
def _overload_whole(network, state, signed):
    if _keeps_levels_alone(state):
        return lambda network, state, signed: signed * network.inverse
    return lambda network, state, signed: signed


@njit
def _shift_moments(network, state, i, step):
    """Shift the levels and sum A and B, times their denominator, over all rows."""
    level, n_words, n_spins = state.overlaps[0], network.bits.shape[1], state.spins.shape[0]
    x, square, cube = shift_and_sum(network.bits, i, level, (step, n_words, n_spins))
    centre, n_rows = (n_spins & 1) * CENTRE, 64 * n_words
    square += centre * n_rows
    cube += centre * x
    padding = n_rows - network.n_rows
    if padding:
        u = np.int64(level[n_rows - 1])
        of_padding = 2 * u - n_spins if n_spins & 1 else u - (n_spins >> 1)
        x -= padding * of_padding
        square -= padding * of_padding**2
        cube -= padding * of_padding**3
    odd, even = network.powers[1 - network.odd], network.powers[network.odd]
    sum_odd = odd[0] * cube + odd[1] * x
    sum_even = even[0] * square + even[1] * network.n_rows
    state.totals[0] = sum_odd if network.odd else sum_even
    state.totals[1] = sum_even if network.odd else sum_odd


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
    if _keeps_levels_alone(state):
        return lambda network, state, i: _shift_moments(network, state, i, np.int64(state.spins[i]))
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
