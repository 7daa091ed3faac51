"""The compiled kernel: one chain, any of the lowered forms.

The form of the network is a type, so numba compiles one `run` for each and the sweep is
written once.  See `montecarlo.kernels` for the contract.
"""

from __future__ import annotations

import numpy as np
from numba import types
from numba.extending import overload

from montecarlo.dynamics import GLAUBER, METROPOLIS, RANDOM, SEQUENTIAL, ZERO_TEMPERATURE
from montecarlo.kernels.shared.philox import fill_logarithms, fill_sites, njit

from .forms import FORMS, Network
from .state import State

__all__ = ["State", "energy", "field", "flip", "period", "prepare", "run"]

VISIT_BLOCK = 1024  # visits whose random logarithms are made at a time: 32 KiB


def prepare(network: Network, spins: np.ndarray) -> State:
    """Build the state of a chain that starts from `spins` of shape (n_spins,)."""
    return FORMS[type(network)].prepare(network, np.array(spins, np.int8))


def field(network, state, i):
    """Local field h_i; overloaded on the form of the network."""
    raise TypeError("compiled code only")


def flip(network, state, i):
    """Flip spin i and bring the state up to date; overloaded likewise."""
    raise TypeError("compiled code only")


def energy(network, state):
    """Energy H; overloaded likewise."""
    raise TypeError("compiled code only")


def _implementation(network, name):
    if isinstance(network, types.NamedTuple) and network.instance_class in FORMS:
        return getattr(FORMS[network.instance_class], name)
    return None


# Compiled code on disk is that of all forms, whose files numba does not know of.
for function in (field, flip, energy):
    vars(function)["implementations"] = [
        getattr(form, function.__name__) for form in FORMS.values()
    ]


@overload(field, inline="always")
def _overload_field(network, state, i):
    return _implementation(network, "field")


@overload(flip, inline="always")
def _overload_flip(network, state, i):
    return _implementation(network, "flip")


@overload(energy)
def _overload_energy(network, state):
    return _implementation(network, "energy")


def temperature(T, k):
    """Temperature of the k-th sweep of a call: T itself, or its k-th entry; overloaded."""
    raise TypeError("compiled code only")


@overload(temperature)
def _overload_temperature(T, k):
    if isinstance(T, types.Array):
        return lambda T, k: T[k]
    return lambda T, k: T


@njit
def _sweep(network, state, key, T, move, site_order, sweep, sites, words, ratio, ratio_bits, logs):
    n_spins, flips = state.spins.shape[0], 0
    half_T = 0.0 if move == ZERO_TEMPERATURE else 0.5 * T
    if site_order != SEQUENTIAL:
        fill_sites(key, sweep, site_order, n_spins, words, sites)
    for first in range(0, n_spins, VISIT_BLOCK):
        stop = min(first + VISIT_BLOCK, n_spins)
        if move != ZERO_TEMPERATURE:
            n = (stop - first + 3) >> 2
            fill_logarithms(key, first, sweep, move == GLAUBER, n, words, ratio, ratio_bits, logs)
        for visit in range(first, stop):
            i = visit if site_order == SEQUENTIAL else np.int64(sites[visit])
            h = field(network, state, i)
            s = np.float64(state.spins[i])
            x = logs[visit & 3, (visit - first) >> 2]
            toward = s if move == GLAUBER else -1.0
            # One comparison decides all but exact zeros of the field; see the contract.
            if s * h <= toward * half_T * x and (
                h != 0.0 or move == METROPOLIS or (move == GLAUBER and s * x > 0.0)
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
    move,
    first_sweep,
    n_measurements,
    stride,
    snapshots,
    energies,
    site_order=SEQUENTIAL,
):
    """Advance one chain; see `montecarlo.kernels`."""
    width = VISIT_BLOCK >> 2
    words = np.empty((4, width), np.uint64)
    ratio = np.empty((4, width))
    logs = np.zeros((4, width))
    ratio_bits = ratio.view(np.int64)
    sites = np.empty(1 if site_order == SEQUENTIAL else state.spins.shape[0], np.int32)
    flips, fixed = 0, False
    for k in range(n_measurements):
        for j in range(k * stride, (k + 1) * stride):
            if fixed:
                break
            flipped = _sweep(
                network, state, key, temperature(T, j), move, site_order, first_sweep + j,
                sites, words, ratio, ratio_bits, logs,
            )  # fmt: skip
            flips += flipped
            if move == ZERO_TEMPERATURE and flipped == 0:
                # A sweep that visited every site is its own certificate.
                fixed = site_order != RANDOM or period(network, state) == 1
        snapshots[k] = state.spins
        energies[k] = energy(network, state)
    return flips
