"""The kernel contract in plain numpy, from the definitions: slow, for checking.

Fields are energy differences of the interaction itself (no table, no power sum, no update
of overlaps), random words come from `hebbian.streams.philox` and logarithms from numpy.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from hebbian import Memory
from hebbian.streams import philox
from montecarlo.dynamics import GLAUBER, METROPOLIS

__all__ = ["State", "field", "prepare", "run"]


class State(NamedTuple):
    """One chain: its spins are its whole state."""

    spins: np.ndarray


def prepare(network: Memory, spins: np.ndarray) -> State:
    """Build the state of a chain that starts from `spins` of shape (n_spins,)."""
    return State(np.array(spins, np.int8))


def field(network: Memory, spins: np.ndarray, site: int) -> float:
    """Return (H(s_i = -1) - H(s_i = +1)) / 2 at site i."""
    up, down = spins.astype(np.float64), spins.astype(np.float64)
    up[site], down[site] = 1.0, -1.0
    change = _interaction(network, up) - _interaction(network, down)
    return float(0.5 * network.weight * change.sum())


def _interaction(network: Memory, spins: np.ndarray) -> np.ndarray:
    """F of every row; for distinct sites the coefficient of t**P in prod_i (1 + t x_i)."""
    terms = network.rows * spins
    if network.indices == "all":
        return terms.sum(axis=1) ** network.order
    coefficients = np.zeros((network.order + 1, len(terms)))
    coefficients[0] = 1.0
    for x in terms.T:
        coefficients[1:] += x * coefficients[:-1]
    return coefficients[-1]


def _logarithms(key: np.ndarray, sweep: int, n_spins: int, symmetric: bool) -> np.ndarray:
    words = philox(key, np.arange(-(-n_spins // 4)), sweep & 0xFFFFFFFF, sweep >> 32)
    u = (words.reshape(-1)[:n_spins] + 0.5) / 2.0**32
    return np.log(u / (1 - u)) if symmetric else np.log(u)


def run(
    network: Memory,
    state: State,
    key: np.ndarray,
    T: float,
    rule: int,
    first_sweep: int,
    n_measurements: int,
    stride: int,
    snapshots: np.ndarray,
    energies: np.ndarray,
) -> int:
    """Advance one chain; see `montecarlo.kernels`."""
    spins, flips = state.spins, 0
    for k in range(n_measurements):
        for sweep in range(first_sweep + k * stride, first_sweep + (k + 1) * stride):
            x = _logarithms(key, sweep, len(spins), rule == GLAUBER)
            for i in range(len(spins)):
                h, s = field(network, spins, i), spins[i]
                if rule == GLAUBER:
                    up = x[i] < 0 if h == 0 else h > 0.5 * T * x[i]
                    change = up != (s > 0)
                elif rule == METROPOLIS:
                    change = s * h <= -0.5 * T * x[i]
                else:
                    change = s * h < 0
                if change:
                    spins[i] = -s
                    flips += 1
        snapshots[k] = spins
        energies[k] = -network.weight * _interaction(network, spins.astype(np.float64)).sum()
    return flips
