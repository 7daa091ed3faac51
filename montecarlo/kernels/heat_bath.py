"""Heat bath of all spins at once, decided in single precision wherever that can.

The logarithms of the contract cost three times their random words.  Here the heat bath is
u (1 + e^-y) < 1 with y = 2 beta h instead, which single precision decides for all but about
one spin in 1e5; those few take the logarithm, so that every spin is that of the contract.
"""

from __future__ import annotations

import numpy as np

from .philox import ACCEPTANCE, fill_logarithms, fill_words, njit

__all__ = ["draw_spins"]

SITE_BLOCK = 1024
LOG2_E = np.float32(1.4426950408889634)
UNSURE = np.float32(1e-5)  # the excess u (1 + e^-y) - 1 is right to 1e-6 near zero


@njit
def draw_spins(spins, sums, own, squares, weight, T, keys, sweep, flips):
    """Draw all spins anew from the integers of their fields.

    Parameters
    ----------
    spins : (c, i) float32, +-1
        Changed in place.
    sums : (c, i) float32 or float64
    own : (c,) float64
    squares : (i,) float64
    weight : float
        The field is weight (sums_i - s_i (own + squares_i)).
    T : (c,) float64
    keys : (c, 2) uint32
    sweep : int
    flips : (c,) int64
        Raised by the number of flips.
    """
    n_spins, width = spins.shape[1], SITE_BLOCK >> 2
    words = np.empty((4, width), np.uint64)
    ratio = np.empty((4, width))
    logs = np.empty((4, width))
    fields = np.empty(SITE_BLOCK)
    u, growth = np.empty(SITE_BLOCK, np.float32), np.empty(SITE_BLOCK, np.float32)
    excess = np.empty(SITE_BLOCK, np.float32)  # negative: up
    for c in range(spins.shape[0]):
        for first in range(0, n_spins, SITE_BLOCK):
            n = min(SITE_BLOCK, n_spins - first)
            fill_words(keys[c], first >> 2, sweep, ACCEPTANCE, (n + 3) >> 2, words)
            here = slice(first, first + n)
            _fields(spins[c, here], sums[c, here], own[c], squares[here], weight, fields)
            if T[c] > 0.0:
                if _screen(fields, n, 2.0 / T[c], words, u, growth, excess) > 0:
                    for j in range(n):
                        if abs(excess[j]) < UNSURE:
                            at = (first + j) & ~3
                            fill_logarithms(
                                keys[c], at, sweep, True, 1, words, ratio, ratio.view(np.int64),
                                logs,
                            )  # fmt: skip
                            excess[j] = -1.0 if fields[j] > 0.5 * T[c] * logs[j & 3, 0] else 1.0
            else:
                for j in range(n):
                    coin = -1.0 if words[j & 3, j >> 2] < 1 << 31 else 1.0
                    excess[j] = coin if fields[j] == 0.0 else -np.sign(fields[j])
            flips[c] += _assign(spins[c, here], excess)


@njit
def _fields(spins, sums, own, squares, weight, fields):
    for j in range(spins.shape[0]):
        fields[j] = weight * (sums[j] - np.float64(spins[j]) * (own + squares[j]))


@njit
def _assign(spins, excess):
    flips = 0
    for j in range(spins.shape[0]):
        new = np.float32(1.0) if excess[j] < np.float32(0.0) else np.float32(-1.0)
        flips += np.int64(abs(new - spins[j]))
        spins[j] = new
    return flips >> 1


@njit
def _screen(fields, n, two_beta, words, u, growth, excess):
    """Find u (1 + e^-y) - 1, y = 2 beta h, in single precision: negative for up.

    Returns the number of sites where that is too close to zero to be sure of its sign.
    """
    bits = growth.view(np.int32)
    for j in range((n + 3) >> 2):
        u[4 * j] = np.float32(np.int64(words[0, j]))
        u[4 * j + 1] = np.float32(np.int64(words[1, j]))
        u[4 * j + 2] = np.float32(np.int64(words[2, j]))
        u[4 * j + 3] = np.float32(np.int64(words[3, j]))
    for j in range(n):
        y = np.float32(-two_beta * fields[j])
        y = min(max(y, np.float32(-40.0)), np.float32(40.0)) * LOG2_E
        whole = np.rint(y)
        r = (y - whole) * np.float32(0.6931471805599453)
        # e^r for |r| <= (ln 2)/2: the Taylor series to r^6 is right to 2e-7.
        p = np.float32(1 / 720)
        p = p * r + np.float32(1 / 120)
        p = p * r + np.float32(1 / 24)
        p = p * r + np.float32(1 / 6)
        p = p * r + np.float32(0.5)
        p = p * r + np.float32(1.0)
        excess[j] = p * r + np.float32(1.0)
        bits[j] = (np.int32(whole) + np.int32(127)) << np.int32(23)
    undecided = 0
    for j in range(n):
        chance = u[j] * np.float32(2.0**-32) * (np.float32(1.0) + growth[j] * excess[j])
        excess[j] = chance - np.float32(1.0)
        undecided += abs(excess[j]) < UNSURE
    return undecided
