"""Rows +-1 of unequal strengths, a polynomial of any degree: masked sums over packed rows.

The sums of `montecarlo.kernels.single.tables`, every row times its strength.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import types
from numba.extending import overload

from hebbian import Memory
from hebbian.packed import pack
from montecarlo.kernels.lanes.bits import masked_sum, shift_and_evaluate, shift_levels
from montecarlo.kernels.shared.levels import level_tables, polynomials
from montecarlo.kernels.shared.philox import njit
from montecarlo.kernels.shared.ranges import exact_pairs, fits

from .state import State, initial_levels

__all__ = ["Weighted", "energy", "field", "flip", "lower", "prepare"]

NAME = "weighted"


class Weighted(NamedTuple):
    """Rows +-1, their strengths, and an interaction tabulated over the level of a row.

    Parameters
    ----------
    bits : (n_spins, n_words) uint64
    n_rows : int
    strengths : (64 n_words,) int64 or float64
        Floats where the sums would leave 62 bits; 0 past the last row.
    signed, common : (n_spins + 1,) of that type
        A and B of `montecarlo.kernels.shared.levels.level_tables`.
    interaction : (n_spins + 1,) float64
    polynomials : (2, n_terms) int64
        A and B, see `montecarlo.kernels.single.tables`; no terms where tables are looked up.
    right : int
        Bits by which the polynomials are shifted to the right.
    odd : int
        1 if A is the odd one, 0 if B is.
    weight : float
    """

    bits: np.ndarray
    n_rows: int
    strengths: np.ndarray
    signed: np.ndarray
    common: np.ndarray
    interaction: np.ndarray
    polynomials: np.ndarray
    right: int
    odd: int
    weight: float


def holds(memory: Memory) -> bool:
    """Whether rows are +-1, of unequal strengths, and nothing else holds their polynomial."""
    if memory.strengths is None or not memory.binary:
        return False
    return memory.order > 2 or not exact_pairs(memory)


def lower(memory: Memory) -> Weighted:
    """Fill the tables, whole numbers where these hold all sums."""
    assert memory.strengths is not None
    order = memory.order
    signed, common, interaction = level_tables(memory.n_spins, order, memory.indices)
    largest = max(1, *map(abs, signed + common))
    whole = fits(largest * int(memory.strengths.sum()))
    dtype: type = np.int64 if whole else np.float64
    terms, right = polynomials(signed, common, order, dtype)
    bits = pack(memory.kept_rows)
    strengths = np.zeros(64 * bits.shape[1], dtype)
    strengths[: memory.n_rows] = memory.strengths
    return Weighted(
        bits=bits,
        n_rows=memory.n_rows,
        strengths=strengths,
        signed=np.array(signed, dtype),
        common=np.array(common, dtype),
        interaction=np.array(interaction, np.float64),
        polynomials=terms,
        right=right,
        odd=(order + 1) % 2,
        weight=memory.weight,
    )


def visit_time(memory: Memory, flips: float) -> float:
    """There is nothing to choose from."""
    return math.inf


def prepare(network: Weighted, spins: np.ndarray) -> State:
    """Build the state of a chain that starts from `spins` of shape (n_spins,).

    Its overlaps (1, 64 n_words) are levels, rows of the padding -1; its values (64 n_words,) A of
    every row times its strength, 0 past the last one; its totals the sums of these, and of B.
    """
    padded, dtype = 64 * network.bits.shape[1], network.signed.dtype
    state = State(
        spins, np.zeros((1, padded), np.uint32), np.zeros(padded, dtype), np.zeros(2, dtype)
    )
    initial_levels(network.bits, spins, state.overlaps[0])
    _look_up(network, state)
    return state


@njit
def _look_up(network, state):
    """Values and totals of the levels, in the order of the rows."""
    level, values, g = state.overlaps[0], state.values, network.strengths
    first = second = state.totals[0] - state.totals[0]
    for r in range(network.n_rows):
        values[r] = g[r] * network.signed[level[r]]
        first += values[r]
        second += g[r] * network.common[level[r]]
    state.totals[0] = first
    state.totals[1] = second


def field(network, state, i):
    """Local field h_i."""
    n_words = network.bits.shape[1]
    positive = masked_sum(network.bits, i, state.values, n_words, n_words)
    signed = 2 * positive - state.totals[0] - state.spins[i] * state.totals[1]
    return 0.5 * network.weight * np.float64(signed)


def flip(network, state, i):
    """Flip spin i and bring the state up to date."""
    _update_rows(network, state, i)
    state.spins[i] = -state.spins[i]


def _update_rows(network, state, i):
    """Levels, values and totals after a flip; overloaded on the type of the tables."""
    raise TypeError("compiled code only")


def _shift_and_look_up(network, state, i):
    step = np.uint32(state.spins[i])
    shift_levels(network.bits, i, state.overlaps[0], step, network.bits.shape[1])
    _look_up(network, state)


def _evaluate(network, state, i):
    n_words, n_terms = network.bits.shape[1], network.polynomials.shape[1]
    if n_terms == 0:
        step = np.uint32(state.spins[i])
        shift_levels(network.bits, i, state.overlaps[0], step, n_words)
        _look_up(network, state)
        return
    step, n_spins = np.int64(state.spins[i]), state.spins.shape[0]
    integers = (step, n_words, n_spins, n_terms, network.odd, network.right)
    state.totals[0], state.totals[1] = shift_and_evaluate(
        network.bits, i, state.overlaps[0], state.values, network.polynomials, network.strengths,
        integers,
    )  # fmt: skip


@overload(_update_rows, inline="always")
def _overload_update_rows(network, state, i):
    table = network.types[network.fields.index("signed")].dtype
    return _shift_and_look_up if table == types.float64 else _evaluate


def energy(network, state):
    """Energy H."""
    total = 0.0
    for r in range(network.n_rows):
        total += network.strengths[r] * network.interaction[state.overlaps[0, r]]
    return -network.weight * total
