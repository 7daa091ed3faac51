"""Integer rows, three bodies or more; two, where sums over rows of strengths are too large."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from hebbian import Memory
from montecarlo.kernels.shared.philox import njit
from montecarlo.kernels.shared.ranges import exact_pairs

from .state import State

__all__ = ["Polynomials", "energy", "field", "flip", "lower", "prepare"]

NAME = "polynomials"

ROW_BLOCK = 256


class Polynomials(NamedTuple):
    """Integer rows with an interaction of any number of bodies.

    Parameters
    ----------
    rows : (n_spins, n_rows) int8, int16 or int32
    strengths : (n_rows,) or (0,) float64
    even : (order // 2, n_rows) float64
        Power sums 2, 4, ..., which no flip changes.
    shifts : ((order + 1) // 2,) int64
        Bits by which the powers 1, 3, ... of entries are shifted to the right: 0 where their
        sums fit 62 bits and are exact.  Beyond, a sum is that of rounded powers, an integer
        that still does not drift, and is as good as a float64.
    order : int
    distinct : bool
    weight : float
    """

    rows: np.ndarray
    strengths: np.ndarray
    even: np.ndarray
    shifts: np.ndarray
    order: int
    distinct: bool
    weight: float


def holds(memory: Memory) -> bool:
    """Whether rows are other integers than +-1 and nothing else holds their polynomial."""
    if memory.binary or memory.mixing is not None:
        return False
    return memory.order > 2 or (memory.order == 2 and not exact_pairs(memory))


def lower(memory: Memory) -> Polynomials:
    """Turn the rows to the order of the visits, and sum their even powers."""
    rows = np.ascontiguousarray(memory.rows.T)
    largest = max(int(rows.max()), -int(rows.min()))
    even = np.zeros((memory.order // 2, memory.n_rows))
    for row in rows:  # spin by spin: powers of all rows at once would take many times theirs
        square = row.astype(np.float64) ** 2
        for k in range(len(even)):
            even[k] += square ** (k + 1)
    bounds = [largest**power * memory.n_spins for power in range(1, memory.order + 1, 2)]
    strengths = np.zeros(0) if memory.strengths is None else memory.strengths.astype(np.float64)
    return Polynomials(
        rows=rows,
        strengths=strengths,
        even=even,
        shifts=np.array([max(0, bound.bit_length() - 62) for bound in bounds]),
        order=memory.order,
        distinct=memory.indices == "distinct",
        weight=memory.weight,
    )


def visit_time(memory: Memory, flips: float) -> float:
    """There is nothing to choose from."""
    return math.inf


def prepare(network: Polynomials, spins: np.ndarray) -> State:
    """Build the state of a chain that starts from `spins` of shape (n_spins,).

    Its overlaps (n_odd, n_rows) int64 are the power sums 1, 3, ...; its values the elementary
    symmetric polynomials 0..order of the rows, made of the power sums anew at every flip; its
    totals (order + 1, ROW_BLOCK) are scratch.
    """
    n_rows = network.rows.shape[1]
    sums = np.zeros(((network.order + 1) // 2, n_rows), np.int64)
    for i, spin in enumerate(spins):
        _add_powers(network, i, int(spin), sums)
    polynomials = np.zeros((network.order + 1, n_rows))
    scratch = np.zeros((network.order + 1, ROW_BLOCK))
    _refresh_polynomials(network, sums, polynomials, scratch)
    return State(spins, sums, polynomials, scratch)


@njit
def _add_powers(network, i, change, sums):
    """Add the odd powers of the entries of spin i, times `change`, to the power sums."""
    rows = network.rows
    for k in range(sums.shape[0]):
        if network.shifts[k]:
            unit = 0.5 ** network.shifts[k]
            for r in range(rows.shape[1]):
                power = unit * np.float64(rows[i, r]) ** (2 * k + 1)
                sums[k, r] += change * np.int64(np.rint(power))
            continue
        for r in range(rows.shape[1]):
            c = np.int64(rows[i, r])
            power = c
            for _ in range(k):
                power *= c * c
            sums[k, r] += change * power


@njit
def _refresh_polynomials(network, overlaps, polynomials, sums):
    """Elementary symmetric polynomials 0..order of every row from its power sums.

    Newton's identities, k e_k = e_{k-1} p_1 - e_{k-2} p_2 + ..., a block of rows at a time.
    """
    order = network.order
    for first in range(0, network.rows.shape[1], ROW_BLOCK):
        n = min(ROW_BLOCK, network.rows.shape[1] - first)
        for j in range(n):
            polynomials[0, first + j] = 1.0
        for k in range(1, order + 1):
            half = k >> 1
            odd = min(half, overlaps.shape[0] - 1)
            unit = 2.0 ** network.shifts[odd]
            for j in range(n):
                even = network.even[max(half - 1, 0), first + j]
                sums[k, j] = unit * overlaps[odd, first + j] if k & 1 else even
            for j in range(n):
                polynomials[k, first + j] = 0.0
            sign = 1.0
            for power in range(1, k + 1):
                for j in range(n):
                    term = polynomials[k - power, first + j] * sums[power, j]
                    polynomials[k, first + j] += sign * term
                sign = -sign
            for j in range(n):
                polynomials[k, first + j] /= k


def field(network, state, i):
    """Local field h_i."""
    order, s = network.order, np.float64(state.spins[i])
    x, terms = state.totals[0], state.totals[1]
    total = 0.0
    for first in range(0, network.rows.shape[1], ROW_BLOCK):
        n = min(ROW_BLOCK, network.rows.shape[1] - first)
        for j in range(n):
            x[j] = network.rows[i, first + j] * s
        if network.distinct:
            # Without spin i: e_k of the others = e_k - x e_{k-1} of the others.
            for j in range(n):
                terms[j] = 1.0
            for k in range(1, order):
                for j in range(n):
                    terms[j] = state.values[k, first + j] - x[j] * terms[j]
            for j in range(n):
                terms[j] *= x[j]
        else:
            for j in range(n):
                other = np.float64(state.overlaps[0, first + j]) - x[j]
                terms[j] = 0.5 * ((other + x[j]) ** order - (other - x[j]) ** order)
        if network.strengths.size:
            for j in range(n):
                terms[j] *= network.strengths[first + j]
        a = b = c = d = 0.0
        whole = n & ~3
        for j in range(0, whole, 4):
            a += terms[j]
            b += terms[j + 1]
            c += terms[j + 2]
            d += terms[j + 3]
        for j in range(whole, n):
            a += terms[j]
        total += (a + b) + (c + d)
    return s * network.weight * total


def flip(network, state, i):
    """Flip spin i and bring the state up to date."""
    _add_powers(network, i, np.int64(-2 * state.spins[i]), state.overlaps)
    state.spins[i] = -state.spins[i]
    if network.distinct:
        _refresh_polynomials(network, state.overlaps, state.values, state.totals)


def energy(network, state):
    """Energy H."""
    total = 0.0
    for r in range(network.rows.shape[1]):
        if network.distinct:
            term = state.values[network.order, r]
        else:
            term = np.float64(state.overlaps[0, r]) ** network.order
        total += network.strengths[r] * term if network.strengths.size else term
    return -network.weight * total
