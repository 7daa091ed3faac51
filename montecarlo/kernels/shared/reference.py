"""The kernel contract in plain numpy, from the definitions: slow, for checking.

Fields are energy differences of the interaction itself (no table, no power sum, no update
of overlaps), random words come from `hebbian.streams.philox` and logarithms from numpy.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from hebbian import Memory
from hebbian.packed import take
from hebbian.streams import philox
from montecarlo.dynamics import (
    ALL_AT_ONCE,
    GLAUBER,
    LAYERS,
    MANY_AT_ONCE,
    METROPOLIS,
    PARALLEL,
    PERMUTATION,
    SEQUENTIAL,
    ZERO_TEMPERATURE,
)

__all__ = ["State", "field", "parallel_field", "period", "prepare", "run"]


class State(NamedTuple):
    """One chain: its spins are its whole state."""

    spins: np.ndarray


def prepare(network: Memory, spins: np.ndarray) -> State:
    """Build the state of a chain that starts from `spins` of shape (n_spins,)."""
    return State(np.array(spins, np.int8))


def field(network: Memory, spins: np.ndarray, site: int) -> float:
    """Return (H(s_i = -1) - H(s_i = +1)) / 2 at site i."""
    if network.couplings is not None:
        return _coupled(network, spins, site, itself=False)
    up, down = spins.astype(np.float64), spins.astype(np.float64)
    up[site], down[site] = 1.0, -1.0
    after, before = _interaction(network, up), _interaction(network, down)
    if network.outer == "log":
        # Each sum from its own largest term: a flip at a sharpness of 1000 is one of e**2000.
        sums = [math.fsum(np.exp(terms - terms.max())) for terms in (after, before)]
        change = after.max() - before.max() + math.log(sums[0] / sums[1])
        return 0.5 * network.weight * float(change)
    if network.table is not None:
        return 0.5 * network.weight * math.fsum(after - before)
    return float(0.5 * network.weight * (after - before).sum())


def _coupled(network: Memory, spins: np.ndarray, site: int, *, itself: bool) -> float:
    """Return the field of given couplings, with or without that of the spin on itself."""
    whole = network.whole_couplings
    terms = whole.matrix[site] * spins.astype(np.int64)
    return network.weight * whole.unit * float(terms.sum() - (0 if itself else terms[site]))


def parallel_field(network: Memory, spins: np.ndarray, site: int, move: int = PARALLEL) -> float:
    """Return the field of a parallel step: of the slopes, if any, else of the energies.

    It is -dH/ds_i of a two-body interaction that keeps its diagonal, and a sum over the values of
    a polynomial that has some.
    """
    if network.polynomial and network.values is not None:
        return network.weight * float(
            (_values(network)[:, site] * _others(network, spins, site)).sum()
        )
    if network.slopes is not None:
        values = network.rows if network.values is None else _values(network)
        slopes = _tabulated(network, network.slopes, spins)
        if network.outer == "log":
            logarithms = _interaction(network, spins)
            shares = np.exp(logarithms - logarithms.max())
            slopes = slopes * shares / shares.sum()
        return network.weight * math.fsum(values[:, site] * slopes)
    if move in (PARALLEL, LAYERS):
        return field(network, spins, site)
    if network.couplings is not None:
        return _coupled(network, spins, site, itself=True)
    overlaps = _strong(network, network.rows @ spins.astype(np.float64))
    return float(2 * network.weight * (network.rows[:, site] * overlaps).sum())


def _values(network: Memory) -> np.ndarray:
    assert network.values is not None
    return take(network.values, slice(None)).astype(np.float64)


def _others(network: Memory, spins: np.ndarray, site: int) -> np.ndarray:
    """f_i of every row: the power of the overlap, or e_(P-1) of the terms of all other sites."""
    terms = network.rows * spins.astype(np.float64)
    if network.order == 2 or network.indices == "all":
        return np.asarray(terms.sum(axis=1) ** (network.order - 1))
    return _elementary(np.delete(terms, site, axis=1), network.order - 1)


def _interaction(network: Memory, spins: np.ndarray) -> np.ndarray:
    """F of every row, ln F with the logarithm."""
    if network.table is not None:
        return _tabulated(network, network.table, spins)
    terms = network.rows * spins
    if network.indices == "all":
        return _strong(network, terms.sum(axis=1) ** network.order)
    if network.mixing is not None:
        of = np.array([terms[:, sites].sum(axis=1) for sites in network.layer_slices])
        squares = [(terms[:, sites] ** 2).sum(axis=1) for sites in network.layer_slices]
        both = np.einsum("ar,ab,br->r", of, network.mixing, of)
        return np.asarray(both - np.diagonal(network.mixing) @ squares) / 2
    return _strong(network, _elementary(terms, network.order))


def _strong(network: Memory, of_rows: np.ndarray) -> np.ndarray:
    """Return numbers of the rows times the strengths of these."""
    return of_rows if network.strengths is None else of_rows * network.strengths


def _elementary(terms: np.ndarray, degree: int) -> np.ndarray:
    """Coefficient of t**degree in prod_i (1 + t x_i) of every row."""
    coefficients = np.zeros((degree + 1, len(terms)))
    coefficients[0] = 1.0
    for x in terms.T:
        coefficients[1:] += x * coefficients[:-1]
    return coefficients[-1]


def _tabulated(network: Memory, table: np.ndarray, spins: np.ndarray) -> np.ndarray:
    overlaps = network.rows.astype(np.int64) @ spins.astype(np.int64)
    return table[overlaps + network.n_spins >> 1]


def _energy(network: Memory, spins: np.ndarray) -> float:
    if not network.energetic or network.couplings is not None:
        return network.energy(spins)
    terms = _interaction(network, spins.astype(np.float64))
    if network.outer == "log":
        largest = terms.max()
        return -network.weight * float(largest + np.log(np.exp(terms - largest).sum()))
    return -network.weight * float(terms.sum())


def _words(key: np.ndarray, sweep: int, n_spins: int, purpose: int) -> np.ndarray:
    words = philox(key, np.arange(-(-n_spins // 4)), sweep & 0xFFFFFFFF, sweep >> 32, purpose)
    return words.reshape(-1)[:n_spins]


def _logarithms(key: np.ndarray, sweep: int, n_spins: int, symmetric: bool) -> np.ndarray:
    u = (_words(key, sweep, n_spins, 0) + 0.5) / 2.0**32
    return np.log(u / (1 - u)) if symmetric else np.log(u)


def _sites(key: np.ndarray, sweep: int, n_spins: int, site_order: int) -> list[int]:
    sites = list(range(n_spins))
    if site_order == SEQUENTIAL:
        return sites
    words = [int(word) for word in _words(key, sweep, n_spins, 1)]
    if site_order == PERMUTATION:
        for v, word in enumerate(words):
            other = v + (word * (n_spins - v) >> 32)
            sites[v], sites[other] = sites[other], sites[v]
        return sites
    return [word * n_spins >> 32 for word in words]


def _parallel(
    network: Memory, spins: np.ndarray, move: int, sites: slice = slice(None)
) -> np.ndarray:
    return np.array([parallel_field(network, spins, i, move) for i in range(len(spins))[sites]])


def period(network: Memory, state: State, move: int = ZERO_TEMPERATURE) -> int:
    """Period of the zero-temperature map; see `montecarlo.kernels`."""
    spins = state.spins
    if move not in ALL_AT_ONCE:
        return int(all(spins[i] * field(network, spins, i) >= 0 for i in range(len(spins))))
    path = [spins]
    for _ in range(2):
        fields = _parallel(network, path[-1], move)
        path.append(np.where(fields == 0, path[-1], np.sign(fields)).astype(np.int8))
    return next((k for k in (1, 2) if (path[k] == spins).all()), 0)


def run(
    network: Memory,
    state: State,
    key: np.ndarray,
    T: Any,
    move: int,
    first_sweep: int,
    n_measurements: int,
    stride: int,
    snapshots: np.ndarray,
    energies: np.ndarray,
    site_order: int = SEQUENTIAL,
) -> int:
    """Advance one chain; see `montecarlo.kernels`."""
    spins, flips = state.spins, 0
    half_T = 0.5 * np.broadcast_to(T, n_measurements * stride)
    for k in range(n_measurements):
        for j in range(k * stride, (k + 1) * stride):
            sweep = first_sweep + j
            x = half_T[j] * _logarithms(key, sweep, len(spins), move in (GLAUBER, *MANY_AT_ONCE))
            coins = _words(key, sweep, len(spins), 0) < 2**31
            if move in MANY_AT_ONCE:
                for sites in network.layer_slices if move == LAYERS else (slice(None),):
                    fields = _parallel(network, spins, move, sites)
                    kept = network.keeps and np.all(half_T[j] == 0)
                    idle = spins[sites] > 0 if kept else coins[sites]
                    new = np.where(np.where(fields == 0, idle, fields > x[sites]), 1, -1)
                    flips += int((new != spins[sites]).sum())
                    spins[sites] = new
                continue
            for visit, i in enumerate(_sites(key, sweep, len(spins), site_order)):
                h, s = field(network, spins, i), spins[i]
                if move == GLAUBER:
                    up = coins[visit] if h == 0 else h > x[visit]
                    change = up != (s > 0)
                elif move == METROPOLIS:
                    change = s * h <= -x[visit]
                else:
                    change = s * h < 0
                if change:
                    spins[i] = -s
                    flips += 1
        snapshots[k] = spins
        energies[k] = _energy(network, spins)
    return flips
