"""Heat bath of all spins at once, decided in single precision wherever that can.

The logarithms of the contract cost three times their random words.  Here the heat bath is
u (1 + 2^y) < 1 with y = -2 beta h / ln 2 instead, which single precision decides for all but
about one spin in 1e5; those few take the logarithm, so that every spin is that of the
contract.
"""

from __future__ import annotations

from functools import partial

import numpy as np

from montecarlo.kernels.shared.philox import ACCEPTANCE, HALF, fill_logarithms, fill_words, njit

__all__ = ["draw_sites", "draw_spins"]

SITE_BLOCK = 1024
LOG2_E = 1.4426950408889634
LN_2 = np.float32(0.6931471805599453)
UNSURE = np.float32(1e-5)  # u (1 + 2^y) - 1 is right to 4e-6 near zero
ONE, LIMIT = np.float32(1.0), np.float32(60.0)  # beyond it the decision is certain

# Fused operations change roundings below UNSURE alone, hence no spin.
_fused = partial(njit, fastmath={"contract"})


@njit
def draw_spins(spins, sums, own, squares, weight, T, keys, sweep, flips):
    """Draw all spins anew from the integers of their fields; see `draw_sites`."""
    draw_sites(spins, 0, spins.shape[1], sums, own, squares, weight, T, keys, sweep, flips)


@njit
def draw_sites(spins, begin, end, sums, own, squares, weight, T, keys, sweep, flips):
    """Draw the spins of the sites from `begin` to `end` anew from the integers of their fields.

    Parameters
    ----------
    spins : (c, i) float32, +-1
        Changed in place.
    begin, end : int
    sums : (c, >= end - begin) float32, float64, int32 or int64
        From the site `begin` on.
    own : (c,) float32 or float64
    squares : (i,) of the type of own
        The field of site i is weight (sums_i - s_i (own + squares_i)); that type has to hold the
        bracket to its relative precision.
    weight : float
    T : (c,) float64
    keys : (c, 2) uint32
    sweep : int
    flips : (c,) int64
        Raised by the number of flips.
    """
    width = (SITE_BLOCK >> 2) + 1  # a layer may begin within four words
    words = np.empty((4, width), np.uint64)
    ratio, logs = np.empty((4, width)), np.empty((4, width))
    pairs = np.empty(2 * width, np.uint64)
    excess = np.empty(SITE_BLOCK, np.float32)  # negative: up
    for c in range(spins.shape[0]):
        log2_scale = -2.0 * LOG2_E * weight / T[c] if T[c] > 0.0 else -1.0
        for first in range(begin, end, SITE_BLOCK):
            here = slice(first, min(first + SITE_BLOCK, end))
            n, skipped, origin = here.stop - first, first & 3, first - begin
            n_words = (n + skipped + 3) >> 2
            fill_words(keys[c], first >> 2, sweep, ACCEPTANCE, n_words, words)
            u = _in_order(words, n_words, pairs)[skipped:]
            there = slice(origin, origin + n)
            _exponents(spins[c, here], sums[c, there], own[c], squares[here], log2_scale, excess)
            if T[c] > 0.0:
                if _screen(u, excess, n) > 0:
                    for j in range(n):
                        if abs(excess[j]) < UNSURE:
                            i, at = first + j, (first + j) & ~3
                            others = np.float64(own[c]) + np.float64(squares[i])
                            h = weight * (np.float64(sums[c, i - begin]) - spins[c, i] * others)
                            fill_logarithms(
                                keys[c], at, sweep, True, 1, words, ratio, ratio.view(np.int64),
                                logs,
                            )  # fmt: skip
                            excess[j] = -1.0 if h > 0.5 * T[c] * logs[i & 3, 0] else 1.0
            else:
                for j in range(n):
                    coin = -ONE if u[j] < 1 << 31 else ONE
                    excess[j] = coin if excess[j] == 0.0 else excess[j]
            flips[c] += _assign(spins[c, here], excess)


@njit
def _in_order(words, n, pairs):
    """Return the 32-bit words in the order of the visits."""
    for j in range(n):
        pairs[2 * j] = words[0, j] | (words[1, j] << HALF)
        pairs[2 * j + 1] = words[2, j] | (words[3, j] << HALF)
    return pairs.view(np.uint32)


@_fused
def _exponents(spins, sums, own, squares, log2_scale, y):
    """Fill y with -2 beta h / ln 2."""
    kind = squares.dtype.type
    scale = kind(max(log2_scale, -1e30))  # finite in single precision; whole numbers are >= 1
    for j in range(spins.shape[0]):
        exponent = np.float32(scale * (kind(sums[j]) - spins[j] * (own + squares[j])))
        y[j] = min(max(exponent, -LIMIT), LIMIT)


@_fused
def _screen(u, y, n):
    """Replace y by u (1 + 2^y) - 1, negative for up; count those too small to be sure of."""
    undecided = np.int32(0)
    for j in range(n):
        whole = np.rint(y[j])
        r = (y[j] - whole) * LN_2
        # e^r for |r| <= (ln 2)/2: the Taylor series to r^6 is right to 2e-7.
        p = np.float32(1 / 720)
        p = p * r + np.float32(1 / 120)
        p = p * r + np.float32(1 / 24)
        p = p * r + np.float32(1 / 6)
        p = p * r + np.float32(0.5)
        p = p * r + ONE
        p = p * r + ONE
        growth = np.int32((np.int32(whole) + np.int32(127)) << np.int32(23)).view(np.float32)
        excess = np.float32(u[j]) * np.float32(2.0**-32) * (ONE + growth * p) - ONE
        undecided = np.int32(undecided + np.int32(abs(excess) < UNSURE))
        y[j] = excess
    return undecided


@njit
def _assign(spins, excess):
    flips = np.int32(0)
    for j in range(spins.shape[0]):
        new = ONE if excess[j] < 0.0 else -ONE
        flips = np.int32(flips + np.int32(new != spins[j]))
        spins[j] = new
    return flips
