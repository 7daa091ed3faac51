r"""Rows +-1 and a tabulated interaction, outer function identity or logarithm.

All that matters of the rows is how many are at each level u = (M + N)/2, and how many of those
are +1 on the spin that is visited: whole numbers (`montecarlo.kernels.single.occupation`).  Let
v in 0..N-1 be the number of other spins that agree with a row, :math:`A_v` the rows that are +1
on spin i, :math:`B_v` the others.  Then

.. math::
    S_\pm = \sum_v A_v F_{v + (1 \pm 1)/2} + B_v F_{v + (1 \mp 1)/2}, \qquad
    S_+ - S_- = \sum_v (A_v - B_v) (F_{v+1} - F_v)

are the sums over rows with the spin up and down, and the field is :math:`w (S_+ - S_-)/2`, or,
with the logarithm, :math:`(w/2) \ln (S_+/S_-) = w \operatorname{artanh} (S_+ - S_-)/(S_+ + S_-)`.
Sums run over v from the lowest up: a field depends neither on the order of the rows nor on the
spin itself, nothing drifts, and where all rows cancel the field is zero.

Exponentials of the table are a fraction times a power of two, so that none overflows, and none
is computed at a visit.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from hebbian import Memory
from hebbian.packed import pack
from montecarlo.kernels.shared.philox import LN2_HIGH, LN2_LOW, njit

from .occupation import Occupation, count_site, move_rows, occupation, tails_of
from .overlaps import set_bits

__all__ = ["Histograms", "energy", "field", "flip", "lower", "prepare"]

NAME = "histograms"

LN2 = math.log(2.0)
NO_UNIT = -(1 << 62)
NEAR = 200  # neighbouring values a ratio of 2**200 apart lose no term in a common unit


class Histograms(NamedTuple):
    r"""Rows +-1 and an interaction tabulated over the level u = (M + N)/2 of a row.

    Parameters
    ----------
    bits : (n_spins, n_words) uint64
    tails : (n_spins, 8) uint64
        The last words of `bits`; see `montecarlo.kernels.single.occupation.tails_of`.
    n_positive : (n_spins,) int64
        Rows that are +1 on each spin.
    n_rows : int
    logarithm, steep : int
        1 where the outer function is the logarithm, and where the exponents of neighbouring
        levels differ by more than `NEAR`, else 0.
    table : (n_spins + 1,) float64
        F, or ln F with the logarithm.
    fractions, exponents : (n_spins + 1,) float64 and int64
        F = fraction times 2**exponent.
    steps, step_exponents : (n_spins,) float64 and int64
        F(u + 1) - F(u), likewise.
    weight : float
    """

    bits: np.ndarray
    tails: np.ndarray
    n_positive: np.ndarray
    n_rows: int
    logarithm: int
    steep: int
    table: np.ndarray
    fractions: np.ndarray
    exponents: np.ndarray
    steps: np.ndarray
    step_exponents: np.ndarray
    weight: float


class State(NamedTuple):
    """One chain.

    Parameters
    ----------
    spins : (n_spins,) int8
    found : Occupation
    values, steps : (n_spins + 1,) and (n_spins,) float64
        F and its differences in units of a power of two that leaves the largest of the levels
        that are occupied, and of their neighbours, below 1.
    unit : (1,) int64
        Its exponent.
    fields : (n_spins,) float64
        Those known since the last flip, else NaN: where few spins flip most visits find theirs.
    """

    spins: np.ndarray
    found: Occupation
    values: np.ndarray
    steps: np.ndarray
    unit: np.ndarray
    fields: np.ndarray


def holds(memory: Memory) -> bool:
    """Whether the interaction is tabulated."""
    return memory.table is not None


def lower(memory: Memory) -> Histograms:
    """Pack the rows, and take the exponentials of the table where it holds logarithms."""
    table = np.asarray(memory.table, np.float64)
    fractions, exponents = table, np.zeros(len(table), np.int64)
    steps = np.diff(table)
    if memory.outer == "log":
        fractions, exponents = _exponentials(table)
        upper = np.diff(table) > 0
        larger = np.where(upper, fractions[1:], fractions[:-1])
        step_exponents = np.where(upper, exponents[1:], exponents[:-1])
        change = -np.expm1(-np.abs(np.diff(table)))
        steps = np.where(upper, larger, -larger) * change
    else:
        step_exponents = np.zeros(len(steps), np.int64)
    bits = pack(memory.kept_rows)
    return Histograms(
        bits=bits,
        tails=tails_of(bits),
        n_positive=set_bits(bits),
        n_rows=memory.n_rows,
        logarithm=int(memory.outer == "log"),
        steep=int(np.abs(np.diff(exponents)).max() > NEAR),
        table=table,
        fractions=fractions,
        exponents=exponents,
        steps=steps,
        step_exponents=step_exponents,
        weight=memory.weight,
    )


def _exponentials(logarithms: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return fractions in [1/2, 1] and exponents of 2 of exp(logarithms)."""
    exponents = np.ceil(logarithms / LN2)
    rest = (logarithms - exponents * LN2_HIGH) - exponents * LN2_LOW
    return np.exp(rest), exponents.astype(np.int64)


def visit_time(memory: Memory, flips: float) -> float:
    """There is nothing to choose from."""
    return math.inf


def prepare(network: Histograms, spins: np.ndarray) -> State:
    """Build the state of a chain that starts from `spins` of shape (n_spins,)."""
    found = occupation(network.bits, network.n_rows, spins)
    fields = np.full(len(spins), np.nan)
    values, steps = network.fractions.copy(), network.steps.copy()
    state = State(spins, found, values, steps, np.full(1, NO_UNIT), fields)
    _scale(network, state)
    return state


@njit
def _scale(network, state):
    """Choose the unit of `values` and `steps`, a function of the levels that are occupied."""
    if network.logarithm == 0 or network.steep:
        return
    rows, n_spins = state.found.rows, network.bits.shape[0]
    unit = np.int64(NO_UNIT)
    for u in range(n_spins + 1):
        if rows[u] > 0:
            for neighbour in range(max(u - 1, 0), min(u + 1, n_spins) + 1):
                unit = max(unit, network.exponents[neighbour])
    if unit == state.unit[0]:
        return
    state.unit[0] = unit
    # The values of levels that no flip reaches are of no use, and might overflow.
    for u in range(n_spins + 1):
        state.values[u] = _power(network.fractions[u], min(network.exponents[u] - unit, 0))
    for u in range(n_spins):
        state.steps[u] = _power(network.steps[u], min(network.step_exponents[u] - unit, 0))


@njit
def _power(fraction, exponent):
    """Return fraction 2**exponent, 0 where that is too small."""
    return math.ldexp(fraction, int(max(exponent, -2000)))


@njit
def _pair(network, state, i, v):
    """Return A_v and B_v of spin i, which was counted last."""
    rows, positive = state.found.rows, state.found.positive
    up = np.int64(state.spins[i] > 0)
    of_up = positive[v + up]
    of_down = rows[v + 1 - up] - positive[v + 1 - up]
    return np.float64(of_up), np.float64(of_down)


@njit
def _local_field(network, state, i):
    found = state.found
    count_site(network, i, found)
    first, stop = max(found.numbers[2] - 1, 0), min(found.numbers[3] + 1, network.bits.shape[0])
    if network.steep:
        return 0.5 * network.weight * _distant_logarithms(network, state, i, first, stop)
    difference = above = below = 0.0
    for v in range(first, stop):
        of_up, of_down = _pair(network, state, i, v)
        difference += (of_up - of_down) * state.steps[v]
        above += of_up * state.values[v + 1] + of_down * state.values[v]
        below += of_up * state.values[v] + of_down * state.values[v + 1]
    if network.logarithm == 0:
        return 0.5 * network.weight * difference
    tangent = difference / (above + below)
    if abs(tangent) < 0.5:
        return network.weight * math.atanh(tangent)
    return 0.5 * network.weight * math.log(above / below)


@njit
def _distant_logarithms(network, state, i, first, stop):
    """Return ln S_+ - ln S_-, each sum in the unit of its own largest term."""
    unit = np.full(2, NO_UNIT, np.int64)
    exponents, fractions = network.exponents, network.fractions
    for v in range(first, stop):
        for side, count in enumerate(_pair(network, state, i, v)):
            if count > 0.0:
                unit[0] = max(unit[0], exponents[v + 1 - side])
                unit[1] = max(unit[1], exponents[v + side])
    above = below = 0.0
    for v in range(first, stop):
        of_up, of_down = _pair(network, state, i, v)
        lower, upper = exponents[v], exponents[v + 1]
        if of_up > 0.0:
            above += of_up * _power(fractions[v + 1], upper - unit[0])
            below += of_up * _power(fractions[v], lower - unit[1])
        if of_down > 0.0:
            above += of_down * _power(fractions[v], lower - unit[0])
            below += of_down * _power(fractions[v + 1], upper - unit[1])
    return math.log(above / below) + np.float64(unit[0] - unit[1]) * LN2


def field(network, state, i):
    """Local field h_i."""
    return _known_field(network, state, i)


@njit
def _known_field(network, state, i):
    if np.isnan(state.fields[i]):
        state.fields[i] = _local_field(network, state, i)
    return state.fields[i]


def flip(network, state, i):
    """Flip spin i and bring the state up to date."""
    changed = move_rows(network, i, state.spins[i], state.found)
    state.spins[i] = -state.spins[i]
    state.fields[:] = np.nan
    if changed:
        _scale(network, state)


def energy(network, state):
    """Energy H."""
    return _energy(network, state)


@njit
def _energy(network, state):
    rows, table, total, largest = state.found.rows, network.table, 0.0, -np.inf
    for u in range(network.table.shape[0]):
        if rows[u] > 0:
            largest = max(largest, table[u])
    for u in range(network.table.shape[0]):
        if rows[u] > 0:
            share = math.exp(table[u] - largest) if network.logarithm else table[u]
            total += np.float64(rows[u]) * share
    if network.logarithm:
        total = largest + math.log(total)
    return -network.weight * total
