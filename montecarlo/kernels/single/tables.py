"""Rows +-1, a polynomial of any degree: masked sums over packed rows.

A chain keeps the level of every row and its value A, or, for three and four bodies of up to
255 spins, the levels alone; the type of its values tells which.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import types
from numba.extending import overload
from numba.np.numpy_support import as_dtype

from hebbian import Memory
from hebbian.packed import pack
from montecarlo.kernels.lanes.bits import masked_sum, shift_and_evaluate, shift_levels
from montecarlo.kernels.lanes.moments import CENTRE, masked_moments, shift_and_sum
from montecarlo.kernels.shared.levels import MOST_SPINS, level_tables, moments, polynomials
from montecarlo.kernels.shared.philox import njit

from .state import State, initial_levels

__all__ = ["Tables", "energy", "field", "flip", "lower", "prepare"]

NAME = "tables"

_NO_VALUES = np.int8  # type of the values of a chain that keeps levels alone
_ALIKE = np.zeros(0, np.int8)  # strengths of rows that have none
_INT32, _INT64 = 2**31 - 1, 2**62


class Tables(NamedTuple):
    r"""Rows +-1 and an interaction tabulated over the level u = (M + N)/2 of a row.

    With :math:`G(M') = (F(M' + 1) - F(M' - 1))/2` at the overlap M' of the other spins,
    a row adds :math:`\eta_i G(M - \eta_i s_i) = (\eta_i A - s_i B)/2` to the field,
    :math:`A = G(M-1) + G(M+1)` and :math:`B = G(M+1) - G(M-1)`: a signed sum of A over
    rows, and a sum of B that is the same for all spins.

    Parameters
    ----------
    bits : (n_spins, n_words) uint64
    n_rows : int
    signed, common : (n_spins + 1,) int32, int64 or float64
        A and B; floats where the sums would leave 62 bits.
    interaction : (n_spins + 1,) float64
        F.
    polynomials : (2, n_terms) of the type of signed
        A and B as polynomials of M, one even and one odd, in powers of M**2 from the
        highest down and in the arithmetic of two's complement; no terms where the table
        has to be looked up.
    odd : int
        1 if A is the odd one, 0 if B is.
    right : int
        Bits by which the polynomials are shifted to the right.
    flush : int
        Words after which 32-bit partial sums have to be widened.
    powers : (2, 2) or (2, 0) int64
        A and B times an odd number as polynomials of x, M/2 for an even number of spins and M
        for an odd one: coefficients of x**2 and 1, one of the two polynomials times x.  Where
        there are terms a chain keeps the levels alone; see `montecarlo.kernels.lanes.moments`.
    inverse : int
        Of that number, modulo 2**64.
    weight : float
    """

    bits: np.ndarray
    n_rows: int
    signed: np.ndarray
    common: np.ndarray
    interaction: np.ndarray
    polynomials: np.ndarray
    odd: int
    right: int
    flush: int
    powers: np.ndarray
    inverse: int
    weight: float


def holds(memory: Memory) -> bool:
    """Whether rows are +-1, alike, and the interaction is a polynomial."""
    one_strength = memory.mixing is None and memory.strengths is None
    return memory.polynomial and one_strength and memory.binary


def lower(memory: Memory) -> Tables:
    """Fill the tables, in the narrowest integers that hold all sums."""
    order, n_rows = memory.order, memory.n_rows
    signed, common, interaction = level_tables(memory.n_spins, order, memory.indices)
    largest = _largest(signed, common)
    flush = 1 << 40
    dtype: type = np.float64
    if 4 * largest <= _INT32 and largest * n_rows < _INT64:
        dtype, flush = np.int32, _INT32 // (4 * largest)
    elif largest * n_rows < _INT64:
        dtype = np.int64
    terms, right = polynomials(signed, common, order, dtype)
    powers, inverse = moments(signed, common, order)
    return Tables(
        bits=pack(memory.kept_rows),
        n_rows=n_rows,
        signed=np.array(signed, dtype),
        common=np.array(common, dtype),
        interaction=np.array(interaction, np.float64),
        polynomials=terms,
        odd=(order + 1) % 2,
        right=right,
        flush=flush,
        powers=powers,
        inverse=inverse,
        weight=memory.weight,
    )


def _largest(signed: list[int], common: list[int]) -> int:
    return max(1, *map(abs, signed + common))  # fewer spins than sites: no interaction at all


def whole(memory: Memory) -> bool:
    """Whether 62 bits hold the sums of the values of all rows."""
    signed, common, _ = level_tables(memory.n_spins, memory.order, memory.indices)
    return _largest(signed, common) * memory.n_rows < _INT64


def visit_time(memory: Memory, flips: float) -> float:
    """Nanoseconds of a visit; for two bodies `Overlaps` does less."""
    if memory.order == 2:
        return math.inf
    of_levels = memory.order in (3, 4) and memory.n_spins <= MOST_SPINS
    per_flip = 200.0 + 0.06 * memory.n_rows if of_levels else 80.0 + 0.1 * memory.n_rows
    return 17.0 + 0.03 * memory.n_rows + flips * per_flip


def prepare(network: Tables, spins: np.ndarray) -> State:
    """Build the state of a chain that starts from `spins` of shape (n_spins,).

    Its overlaps (1, 64 n_words) are levels u, rows of the padding -1; its values
    (64 n_words,) the tabulated A of every row, 0 past the last one, or int8 and empty where
    fields are made of the levels; its totals the sums of A and of B over rows, times their
    denominator where there are no values.
    """
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
            network.bits, i, level, state.values, network.polynomials, _ALIKE, integers
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
