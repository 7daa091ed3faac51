r"""Fields of given couplings, brought up to date by the spins that a sweep has flipped.

Couplings are whole numbers (`hebbian.whole_couplings`), and so are the fields, exact in any order.
A sweep costs N additions a flip: few in a pattern, N/2 at high temperature.  Blocks of rows are
read once for all chains.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from hebbian import Memory
from montecarlo.kernels.shared.philox import njit

from .heat_bath import draw_spins

__all__ = ["Given", "advance", "energies_of", "field_sums", "lower"]

ROW_BLOCK = 64  # rows that all chains read before the next
TOGETHER = 4  # rows that are added at a time


class Given(NamedTuple):
    """Couplings of a memory.

    Parameters
    ----------
    matrix : (n_spins, n_spins) int64
        In units that are part of the weight.
    diagonal : bool
        Whether a spin sees itself.
    """

    matrix: np.ndarray
    diagonal: bool


def lower(memory: Memory, diagonal: bool) -> Given:
    """Take the couplings of the memory as they are."""
    return Given(memory.whole_couplings.matrix, diagonal)


def field_sums(network: Given, spins: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the fields (c, i) int64, and 0 (c,); see `montecarlo.kernels.parallel.steps`."""
    of_up = network.matrix.sum(axis=0)
    if not network.diagonal:
        of_up -= network.matrix.diagonal()
    fields = np.tile(of_up, (len(spins), 1))
    _follow(network.matrix, network.diagonal, np.ones_like(spins), spins, fields)
    return fields, np.zeros(len(spins))


def energies_of(network: Given, fields: np.ndarray, spins: np.ndarray) -> np.ndarray:
    """Return the energies over the weight of all chains, (c,), from their fields."""
    s = spins.astype(np.int64)
    others = fields - s * network.matrix.diagonal() if network.diagonal else fields
    return np.asarray(-0.5 * (s * others).astype(np.float64).sum(axis=1))


@njit
def advance(matrix, diagonal, weight, spins, fields, temperatures, key, first_sweep, flips):
    """Do a sweep at each of the temperatures (sweep, c); fields and spins change in place."""
    own, squares = np.zeros(spins.shape[0]), np.zeros(spins.shape[1])
    for j in range(temperatures.shape[0]):
        before = spins.copy()
        draw_spins(
            spins, fields, own, squares, weight, temperatures[j], key, first_sweep + j, flips
        )
        _follow(matrix, diagonal, before, spins, fields)


@njit
def _follow(matrix, diagonal, before, spins, fields):
    """Bring the fields of `before` to those of the spins."""
    n_spins = matrix.shape[0]
    flipped = np.empty(ROW_BLOCK, np.int64)
    for first in range(0, n_spins, ROW_BLOCK):
        for c in range(spins.shape[0]):
            n_flipped = 0
            for i in range(first, min(first + ROW_BLOCK, n_spins)):
                if spins[c, i] != before[c, i]:
                    flipped[n_flipped] = i
                    n_flipped += 1
            whole = n_flipped - n_flipped % TOGETHER
            for k in range(0, whole, TOGETHER):
                _add_four(matrix, spins[c], flipped[k : k + TOGETHER], fields[c])
            for k in range(whole, n_flipped):
                _add_one(matrix[flipped[k]], spins[c, flipped[k]], fields[c])
            if not diagonal:
                for k in range(n_flipped):
                    i = flipped[k]
                    fields[c, i] -= np.int64(2.0 * spins[c, i]) * matrix[i, i]


@njit
def _add_one(row, spin, fields):
    down = np.int64(-(spin < 0))  # -1 or 0: x ^ down - down is -x or x
    for j in range(fields.shape[0]):
        fields[j] += ((row[j] << 1) ^ down) - down


@njit
def _add_four(matrix, spins, sites, fields):
    a, b, c, d = matrix[sites[0]], matrix[sites[1]], matrix[sites[2]], matrix[sites[3]]
    down_a, down_b = np.int64(-(spins[sites[0]] < 0)), np.int64(-(spins[sites[1]] < 0))
    down_c, down_d = np.int64(-(spins[sites[2]] < 0)), np.int64(-(spins[sites[3]] < 0))
    all_down = down_a + down_b + down_c + down_d
    for j in range(fields.shape[0]):
        total = (a[j] ^ down_a) + (b[j] ^ down_b) + (c[j] ^ down_c) + (d[j] ^ down_d) - all_down
        fields[j] += total << 1
