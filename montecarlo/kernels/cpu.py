"""The compiled kernel: one chain, any of the lowered forms.

The form of the network is a type, so numba compiles one `run` for each and the sweep is
written once.  See `montecarlo.kernels` for the contract.
"""

from __future__ import annotations

import numpy as np
from numba import types
from numba.extending import overload

from montecarlo.dynamics import GLAUBER, METROPOLIS, ZERO_TEMPERATURE
from montecarlo.lowering import Binary, Network, Polynomial, Quadratic
from montecarlo.pairs import Couplings, Pairs

from . import binary, couplings, pairs, polynomial, quadratic
from .philox import fill_logarithms, njit
from .state import State

__all__ = ["State", "energy", "field", "flip", "prepare", "run"]

SITE_BLOCK = 1024  # sites whose random logarithms are made at a time: 32 KiB

_FORMS = {
    Binary: binary,
    Pairs: pairs,
    Couplings: couplings,
    Quadratic: quadratic,
    Polynomial: polynomial,
}


def prepare(network: Network, spins: np.ndarray) -> State:
    """Build the state of a chain that starts from `spins` of shape (n_spins,)."""
    return _FORMS[type(network)].prepare(network, np.array(spins, np.int8))


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
    for form, module in _FORMS.items():
        if isinstance(network, types.NamedTuple) and network.instance_class is form:
            return getattr(module, name)
    return None


@overload(field, inline="always")
def _overload_field(network, state, i):
    return _implementation(network, "field")


@overload(flip, inline="always")
def _overload_flip(network, state, i):
    return _implementation(network, "flip")


@overload(energy)
def _overload_energy(network, state):
    return _implementation(network, "energy")


@njit
def _sweep(network, state, key, T, rule, sweep, words, ratio, ratio_bits, logs):
    n_spins, flips = state.spins.shape[0], 0
    half_T = 0.0 if rule == ZERO_TEMPERATURE else 0.5 * T
    for first in range(0, n_spins, SITE_BLOCK):
        stop = min(first + SITE_BLOCK, n_spins)
        if rule != ZERO_TEMPERATURE:
            n = (stop - first + 3) >> 2
            fill_logarithms(key, first, sweep, rule == GLAUBER, n, words, ratio, ratio_bits, logs)
        for i in range(first, stop):
            h = field(network, state, i)
            s = np.float64(state.spins[i])
            x = logs[i & 3, (i - first) >> 2]
            toward = s if rule == GLAUBER else -1.0
            # One comparison decides all but exact zeros of the field; see the contract.
            if s * h <= toward * half_T * x and (
                h != 0.0 or rule == METROPOLIS or (rule == GLAUBER and s * x > 0.0)
            ):
                flip(network, state, i)
                flips += 1
    return flips


@njit
def run(network, state, key, T, rule, first_sweep, n_measurements, stride, snapshots, energies):
    """Advance one chain; see `montecarlo.kernels`."""
    width = SITE_BLOCK >> 2
    words = np.empty((4, width), np.uint64)
    ratio = np.empty((4, width))
    logs = np.zeros((4, width))
    ratio_bits = ratio.view(np.int64)
    flips = 0
    for k in range(n_measurements):
        for sweep in range(first_sweep + k * stride, first_sweep + (k + 1) * stride):
            flips += _sweep(network, state, key, T, rule, sweep, words, ratio, ratio_bits, logs)
        snapshots[k] = state.spins
        energies[k] = energy(network, state)
    return flips
