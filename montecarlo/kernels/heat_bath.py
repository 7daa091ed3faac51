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
LOG2_E = 1.4426950408889634
LN_2 = np.float32(0.6931471805599453)
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
    y, u = np.empty(SITE_BLOCK, np.float32), np.empty(SITE_BLOCK, np.float32)
    growth = np.empty(SITE_BLOCK, np.float32)
    excess = np.empty(SITE_BLOCK, np.float32)  # negative: up
    marks = np.zeros(SITE_BLOCK, np.int32)
    for c in range(spins.shape[0]):
        log2_scale = -2.0 * LOG2_E * weight / T[c] if T[c] > 0.0 else -1.0
        for first in range(0, n_spins, SITE_BLOCK):
            n = min(SITE_BLOCK, n_spins - first)
            fill_words(keys[c], first >> 2, sweep, ACCEPTANCE, (n + 3) >> 2, words)
            here = slice(first, first + n)
            _exponents(spins[c, here], sums[c, here], own[c], squares[here], log2_scale, y)
            if T[c] > 0.0:
                if _screen(y, n, words, u, growth, excess, marks) > 0:
                    for j in range(n):
                        if marks[j] > 0:
                            i, at = first + j, (first + j) & ~3
                            h = weight * (sums[c, i] - spins[c, i] * (own[c] + squares[i]))
                            fill_logarithms(
                                keys[c], at, sweep, True, 1, words, ratio, ratio.view(np.int64),
                                logs,
                            )  # fmt: skip
                            excess[j] = -1.0 if h > 0.5 * T[c] * logs[j & 3, 0] else 1.0
            else:
                for j in range(n):
                    coin = -1.0 if words[j & 3, j >> 2] < 1 << 31 else 1.0
                    excess[j] = coin if y[j] == 0.0 else y[j]
            flips[c] += _assign(spins[c, here], excess)


@njit
def _exponents(spins, sums, own, squares, log2_scale, y):
    """Fill y with -2 beta h / ln 2; beyond 60 the decision is certain."""
    for j in range(spins.shape[0]):
        exponent = log2_scale * (sums[j] - np.float64(spins[j]) * (own + squares[j]))
        y[j] = np.float32(min(max(exponent, -60.0), 60.0))


@njit
def _assign(spins, excess):
    flips = 0
    for j in range(spins.shape[0]):
        new = np.float32(1.0) if excess[j] < np.float32(0.0) else np.float32(-1.0)
        flips += np.int64(abs(new - spins[j]))
        spins[j] = new
    return flips >> 1


@njit
def _screen(y, n, words, u, growth, excess, marks):
    """Find u (1 + 2^y) - 1 in single precision: negative for up.

    Marks the sites where that is too close to zero to be sure of its sign, and counts them.
    """
    bits = growth.view(np.int32)
    for j in range((n + 3) >> 2):
        u[4 * j] = np.float32(np.int64(words[0, j]))
        u[4 * j + 1] = np.float32(np.int64(words[1, j]))
        u[4 * j + 2] = np.float32(np.int64(words[2, j]))
        u[4 * j + 3] = np.float32(np.int64(words[3, j]))
    for j in range(n):
        whole = np.rint(y[j])
        r = (y[j] - whole) * LN_2
        # e^r for |r| <= (ln 2)/2: the Taylor series to r^6 is right to 2e-7.
        p = np.float32(1 / 720)
        p = p * r + np.float32(1 / 120)
        p = p * r + np.float32(1 / 24)
        p = p * r + np.float32(1 / 6)
        p = p * r + np.float32(0.5)
        p = p * r + np.float32(1.0)
        excess[j] = p * r + np.float32(1.0)
        bits[j] = (np.int32(whole) + np.int32(127)) << np.int32(23)
    for j in range(n):
        chance = u[j] * np.float32(2.0**-32) * (np.float32(1.0) + growth[j] * excess[j])
        excess[j] = chance - np.float32(1.0)
        marks[j] = abs(excess[j]) < UNSURE
    # Two 32-bit marks to a 64-bit word add without a carry.
    pairs = marks.view(np.int64)
    undecided = 0
    for j in range(n >> 1):
        undecided += pairs[j]
    return undecided + marks[n - 1]
