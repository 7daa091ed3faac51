"""Philox4x32-10 and the acceptance thresholds for numba, bit for bit reproducible.

The random word of (chain, sweep, visit) is word ``visit % 4`` of the counter
``(visit // 4, sweep mod 2**32, sweep >> 32, purpose)`` under the chain's key; purpose 0
decides acceptance and purpose 1 the order of the sites.  Acceptance is decided by comparing
the local field with ``T/2`` times a random logarithm; that logarithm is computed here from
additions, multiplications and divisions alone, so that every device rounds it alike.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numba
import numpy as np

from hebbian.code_cache import cached
from montecarlo.dynamics import PERMUTATION

__all__ = ["fill_logarithms", "fill_sites", "fill_words", "njit"]


def njit(function: Any = None, /, **options: Any) -> Any:
    """Compile to machine code, cached on disk; a decorator with options or without."""
    if function is None:
        return partial(njit, **options)
    return cached(numba.njit(nogil=True, error_model="numpy", **options)(function))


M0, M1 = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
W0, W1 = np.uint64(0x9E3779B9), np.uint64(0xBB67AE85)
LOW, HALF = np.uint64(0xFFFFFFFF), np.uint64(32)
SCALE = 2.0**33
LN2_HIGH = 6.93147180369123816490e-01  # ln 2 in two parts: exponent * LN2_HIGH is exact
LN2_LOW = 1.90821492927058770002e-10
SQRT2 = 1.4142135623730951
MANTISSA = np.int64(0x000FFFFFFFFFFFFF)
ONE = np.int64(0x3FF0000000000000)


ACCEPTANCE, SITES = 0, 1  # purposes


@njit
def fill_words(key, first, sweep, purpose, n, out):
    """Philox for the n counters first, first + 1, ...: out[word, counter]."""
    c1, c2, c3 = np.uint64(sweep) & LOW, np.uint64(sweep) >> HALF, np.uint64(purpose)
    for j in range(n):
        x0, x1, x2, x3 = np.uint64(first + j), c1, c2, c3
        k0, k1 = np.uint64(key[0]), np.uint64(key[1])
        for _ in range(10):
            p0, p1 = M0 * x0, M1 * x2
            x0, x1 = (p1 >> HALF) ^ x1 ^ k0, p1 & LOW
            x2, x3 = (p0 >> HALF) ^ x3 ^ k1, p0 & LOW
            k0, k1 = (k0 + W0) & LOW, (k1 + W1) & LOW
        out[0, j] = x0
        out[1, j] = x1
        out[2, j] = x2
        out[3, j] = x3


@njit
def fill_logarithms(key, first_visit, sweep, symmetric, n, words, ratio, bits, out):
    """Fill `out` with the random logarithms of a block of visits.

    With u = (word + 1/2) / 2**32 the value is log(u / (1 - u)) if `symmetric` (heat bath)
    and log(u) otherwise (Metropolis).

    Parameters
    ----------
    key : (2,) uint32
    first_visit : int
        Multiple of 4.
    sweep : int
    symmetric : bool
    n : int
        Number of groups of four visits.
    words : (4, >= n) uint64, C order, scratch
    ratio : (4, >= n) float64, C order, scratch
    bits : int64
        The memory of `ratio`, viewed as integers.
    out : (4, >= n) float64, C order
        out[visit % 4, (visit - first_visit) // 4].
    """
    fill_words(key, first_visit // 4, sweep, ACCEPTANCE, n, words)
    for lane in range(4):
        for j in range(n):
            odd = np.float64(np.int64(words[lane, j])) * 2.0 + 1.0
            ratio[lane, j] = odd / (SCALE - odd if symmetric else SCALE)
        for j in range(n):
            pattern = bits[lane, j]
            out[lane, j] = np.float64((pattern >> 52) - 1023)
            bits[lane, j] = (pattern & MANTISSA) | ONE
        for j in range(n):
            mantissa, exponent = ratio[lane, j], out[lane, j]
            large = mantissa > SQRT2
            mantissa = 0.5 * mantissa if large else mantissa
            exponent = exponent + 1.0 if large else exponent
            # log(mantissa) = 2 artanh(t) with |t| < 0.1716: eleven terms reach 1e-17.
            t = (mantissa - 1.0) / (mantissa + 1.0)
            z = t * t
            tail = 1.0 / 21.0
            tail = tail * z + 1.0 / 19.0
            tail = tail * z + 1.0 / 17.0
            tail = tail * z + 1.0 / 15.0
            tail = tail * z + 1.0 / 13.0
            tail = tail * z + 1.0 / 11.0
            tail = tail * z + 1.0 / 9.0
            tail = tail * z + 1.0 / 7.0
            tail = tail * z + 1.0 / 5.0
            tail = tail * z + 1.0 / 3.0
            log_mantissa = 2.0 * t + 2.0 * t * z * tail
            out[lane, j] = exponent * LN2_HIGH + (exponent * LN2_LOW + log_mantissa)


@njit
def fill_sites(key, sweep, site_order, n_spins, words, sites):
    """Fill `sites` with the N visits of a sweep, from integers alone.

    With the 32-bit word w of visit v: a random site is ``(w N) >> 32``; a permutation
    starts from the identity and exchanges entry v with entry ``v + ((w (N - v)) >> 32)``,
    v = 0, 1, ... (Fisher-Yates).  Probabilities differ from uniform by less than
    N / 2**32, which leaves the stationary law untouched: a visit keeps it at any site.

    Parameters
    ----------
    key : (2,) uint32
    sweep : int
    site_order : int
        RANDOM or PERMUTATION.
    n_spins : int
    words : (4, n_groups) uint64, scratch
    sites : (n_spins,) int32
    """
    block = 4 * words.shape[1]
    if site_order == PERMUTATION:
        for v in range(n_spins):
            sites[v] = v
    for first in range(0, n_spins, block):
        stop = min(first + block, n_spins)
        fill_words(key, first >> 2, sweep, SITES, (stop - first + 3) >> 2, words)
        for v in range(first, stop):
            word = words[v & 3, (v - first) >> 2]
            if site_order == PERMUTATION:
                other = v + np.int64((word * np.uint64(n_spins - v)) >> HALF)
                sites[v], sites[other] = sites[other], sites[v]
            else:
                sites[v] = np.int64((word * np.uint64(n_spins)) >> HALF)
