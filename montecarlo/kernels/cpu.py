"""The compiled kernel: one chain, any of the three lowered forms.

The form of the network is a type, so numba compiles one `run` for each and the sweep is
written once.  See `montecarlo.kernels` for the contract.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import types
from numba.extending import overload

from montecarlo.dynamics import GLAUBER, METROPOLIS, RANDOM, SEQUENTIAL, ZERO_TEMPERATURE
from montecarlo.lowering import Binary, Network, Polynomial, Quadratic

from .bits import masked_sum, shift_levels
from .philox import fill_logarithms, fill_sites, njit

__all__ = ["State", "period", "prepare", "run"]

VISIT_BLOCK = 1024  # visits whose random logarithms are made at a time: 32 KiB
ROW_BLOCK = 256


class State(NamedTuple):
    """One chain.

    Parameters
    ----------
    spins : (n_spins,) int8
    overlaps : (1, n_rows) int32, or (n_odd, n_rows) int64 for `Polynomial`
        Level u for `Binary` (padded to 64 n_words, the padding meaningless), overlap M for
        `Quadratic`, power sums 1, 3, ... for `Polynomial`.
    values : (64 n_words,) of the table's type
        For `Binary` the tabulated A of every row, 0 past the last row; for `Polynomial`
        the elementary symmetric polynomials 0..order of the rows, made of the power sums
        anew at every flip; else unused.
    totals : (2,) int64 or float64
        For `Binary` the sums of A and of B over rows; for `Polynomial` scratch of shape
        (order + 1, ROW_BLOCK); else unused.
    """

    spins: np.ndarray
    overlaps: np.ndarray
    values: np.ndarray
    totals: np.ndarray


def prepare(network: Network, spins: np.ndarray) -> State:
    """Build the state of a chain that starts from `spins` of shape (n_spins,)."""
    spins = np.array(spins, np.int8)
    unused = np.zeros(1, np.int64)
    if isinstance(network, Binary):
        table = network.signed
        padded = 64 * network.bits.shape[1]
        level = np.zeros((1, padded), np.int32)
        values = np.zeros(padded, table.dtype)
        totals = np.zeros(2, np.float64 if table.dtype == np.float64 else np.int64)
        _initial_levels(network, spins, level, values, totals)
        return State(spins, level, values, totals)
    if isinstance(network, Quadratic):
        overlaps = network.rows.T.astype(np.int64) @ spins.astype(np.int64)
        return State(spins, overlaps[None].astype(np.int32), unused, unused)
    odd = range(1, network.order + 1, 2)
    rows = network.rows.T.astype(np.int64)
    sums = np.array([rows**k @ spins.astype(np.int64) for k in odd])
    polynomials = np.zeros((network.order + 1, rows.shape[0]))
    scratch = np.zeros((network.order + 1, ROW_BLOCK))
    _refresh_polynomials(network, sums, polynomials, scratch)
    return State(spins, sums, polynomials, scratch)


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
    """Local field h_i; overloaded on the form of the network."""
    raise TypeError("compiled code only")


def flip(network, state, i):
    """Flip spin i and bring the state up to date; overloaded likewise."""
    raise TypeError("compiled code only")


def energy(network, state):
    """Energy H; overloaded likewise."""
    raise TypeError("compiled code only")


def _is(network, form):
    return isinstance(network, types.NamedTuple) and network.instance_class is form


def _binary_field(network, state, i):
    n_words = network.bits.shape[1]
    positive = masked_sum(network.bits, i, state.values, n_words, network.flush)
    signed = 2 * positive - state.totals[0] - state.spins[i] * state.totals[1]
    return 0.5 * network.weight * np.float64(signed)


def _binary_flip(network, state, i):
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


def _binary_energy(network, state):
    total = 0.0
    for r in range(network.n_rows):
        total += network.interaction[state.overlaps[0, r]]
    return -network.weight * total


def _quadratic_field(network, state, i):
    total = np.int64(0)
    for r in range(network.rows.shape[1]):
        total += np.int64(network.rows[i, r]) * np.int64(state.overlaps[0, r])
    total -= state.spins[i] * network.squares[i]
    return 2.0 * network.half * network.weight * np.float64(total)


def _quadratic_flip(network, state, i):
    change = np.int32(-2 * state.spins[i])
    for r in range(network.rows.shape[1]):
        state.overlaps[0, r] += change * np.int32(network.rows[i, r])
    state.spins[i] = -state.spins[i]


def _quadratic_energy(network, state):
    total = 0.0
    for r in range(state.overlaps.shape[1]):
        total += np.float64(state.overlaps[0, r]) ** 2
    return -network.weight * network.half * (total - network.self_energy)


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
            for j in range(n):
                even = network.even[max(half - 1, 0), first + j]
                sums[k, j] = (
                    overlaps[min(half, overlaps.shape[0] - 1), first + j] if k & 1 else even
                )
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


def _polynomial_field(network, state, i):
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


def _polynomial_flip(network, state, i):
    change = np.int64(-2 * state.spins[i])
    for k in range(state.overlaps.shape[0]):
        for r in range(network.rows.shape[1]):
            c = np.int64(network.rows[i, r])
            power = c
            for _ in range(k):
                power *= c * c
            state.overlaps[k, r] += change * power
    state.spins[i] = -state.spins[i]
    if network.distinct:
        _refresh_polynomials(network, state.overlaps, state.values, state.totals)


def _polynomial_energy(network, state):
    total = 0.0
    for r in range(network.rows.shape[1]):
        if network.distinct:
            total += state.values[network.order, r]
        else:
            total += np.float64(state.overlaps[0, r]) ** network.order
    return -network.weight * total


_FORMS = {
    Binary: (_binary_field, _binary_flip, _binary_energy),
    Quadratic: (_quadratic_field, _quadratic_flip, _quadratic_energy),
    Polynomial: (_polynomial_field, _polynomial_flip, _polynomial_energy),
}


def _implementation(network, index):
    for form, functions in _FORMS.items():
        if _is(network, form):
            return functions[index]
    return None


@overload(field, inline="always")
def _overload_field(network, state, i):
    return _implementation(network, 0)


@overload(flip, inline="always")
def _overload_flip(network, state, i):
    return _implementation(network, 1)


@overload(energy)
def _overload_energy(network, state):
    return _implementation(network, 2)


def temperature(T, k):
    """Temperature of the k-th sweep of a call: T itself, or its k-th entry; overloaded."""
    raise TypeError("compiled code only")


@overload(temperature)
def _overload_temperature(T, k):
    if isinstance(T, types.Array):
        return lambda T, k: T[k]
    return lambda T, k: T


@njit
def _sweep(network, state, key, T, rule, order, sweep, sites, words, ratio, ratio_bits, logs):
    n_spins, flips = state.spins.shape[0], 0
    half_T = 0.0 if rule == ZERO_TEMPERATURE else 0.5 * T
    if order != SEQUENTIAL:
        fill_sites(key, sweep, order, n_spins, words, sites)
    for first in range(0, n_spins, VISIT_BLOCK):
        stop = min(first + VISIT_BLOCK, n_spins)
        if rule != ZERO_TEMPERATURE:
            n = (stop - first + 3) >> 2
            fill_logarithms(key, first, sweep, rule == GLAUBER, n, words, ratio, ratio_bits, logs)
        for visit in range(first, stop):
            i = visit if order == SEQUENTIAL else np.int64(sites[visit])
            h = field(network, state, i)
            s = np.float64(state.spins[i])
            x = logs[visit & 3, (visit - first) >> 2]
            toward = s if rule == GLAUBER else -1.0
            # One comparison decides all but exact zeros of the field; see the contract.
            if s * h <= toward * half_T * x and (
                h != 0.0 or rule == METROPOLIS or (rule == GLAUBER and s * x > 0.0)
            ):
                flip(network, state, i)
                flips += 1
    return flips


@njit
def period(network, state):
    """1 if no spin opposes its field, else 0; see `montecarlo.kernels`."""
    for i in range(state.spins.shape[0]):
        if np.float64(state.spins[i]) * field(network, state, i) < 0.0:
            return 0
    return 1


@njit
def run(
    network,
    state,
    key,
    T,
    rule,
    first_sweep,
    n_measurements,
    stride,
    snapshots,
    energies,
    order=SEQUENTIAL,
):
    """Advance one chain; see `montecarlo.kernels`."""
    width = VISIT_BLOCK >> 2
    words = np.empty((4, width), np.uint64)
    ratio = np.empty((4, width))
    logs = np.zeros((4, width))
    ratio_bits = ratio.view(np.int64)
    sites = np.empty(1 if order == SEQUENTIAL else state.spins.shape[0], np.int32)
    flips, fixed = 0, False
    for k in range(n_measurements):
        for j in range(k * stride, (k + 1) * stride):
            if fixed:
                break
            flipped = _sweep(
                network, state, key, temperature(T, j), rule, order, first_sweep + j,
                sites, words, ratio, ratio_bits, logs,
            )  # fmt: skip
            flips += flipped
            if rule == ZERO_TEMPERATURE and flipped == 0:
                # A sweep that visited every site is its own certificate.
                fixed = order != RANDOM or period(network, state) == 1
        snapshots[k] = state.spins
        energies[k] = energy(network, state)
    return flips
