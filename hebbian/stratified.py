r"""Diluted patterns whose columns have the frequencies of the law, without its fluctuations.

A spin sees the column :math:`(\xi^1_i, ..., \xi^K_i)`.  Of N independent columns a kind of
probability p appears :math:`N p \pm \sqrt{N p}` times; here it appears
:math:`\lfloor N p \rfloor` or :math:`\lceil N p \rceil` times, with mean N p, and so does
every beginning :math:`(\xi^1_i, ..., \xi^k_i)` of a column.  What is removed is the disorder
of order :math:`N^{-1/2}` by which, in one network, the patterns differ from each other and
overlap; what remains is of the order of the number of kinds over N, and for
:math:`3^K > N` the kinds rarer than one per network are still a matter of chance.
"""

from __future__ import annotations

import numpy as np

from .streams import philox

__all__ = ["stratified"]

_ENTRIES = np.array([1, 0, -1], np.int8)


def stratified(key: np.ndarray, n_patterns: int, n_spins: int, dilution: float) -> np.ndarray:
    """Draw patterns with blanks in the proportions of the law (see the module).

    The spins are divided by their first entry, every part by the second one, and so on.  A
    larger number of patterns keeps the smaller one's rows; a larger number of spins does not.

    Parameters
    ----------
    key : numpy.ndarray
        Shape (2,), uint32 (`hebbian.streams.key`).
    n_patterns, n_spins : int
        At least 1.
    dilution : float
        Probability d of a blank, in [0, 1).

    Returns
    -------
    numpy.ndarray
        Shape (n_patterns, n_spins), int8, entries -1, 0, +1.

    Examples
    --------
    >>> rows = stratified(np.array([1, 2], np.uint32), 2, 1000, 0.4)
    >>> {entry: int((rows[0] == entry).sum()) for entry in (1, 0, -1)}
    {1: 300, 0: 400, -1: 300}
    >>> int((rows == 0).all(axis=0).sum()), int((rows[0] * rows[1]).sum())
    (160, 0)
    """
    law = np.array([(1 - dilution) / 2, dilution, (1 - dilution) / 2])
    order = _permutation(key, n_spins)
    out = np.empty((n_patterns, n_spins), np.int8)
    expected, counts = np.array([float(n_spins)]), np.array([n_spins])
    for mu in range(n_patterns):
        words = philox(key, np.arange(counts.size), mu, 1)[:, 0]
        expected = np.multiply.outer(expected, law)
        counts = _divide(counts, expected, (words + 0.5) / 2**32).ravel()
        out[mu, order] = np.repeat(np.tile(_ENTRIES, counts.size // 3), counts)
        expected, counts = expected.ravel()[counts > 0], counts[counts > 0]
    return out


def _permutation(key: np.ndarray, n_spins: int) -> np.ndarray:
    words = philox(key, np.arange(n_spins), 0, 2).astype(np.uint64)
    return np.argsort(words[:, 0] << np.uint64(32) | words[:, 1], kind="stable")


def _divide(counts: np.ndarray, expected: np.ndarray, uniform: np.ndarray) -> np.ndarray:
    """Divide whole numbers in given proportions, every share rounded up or down at random.

    Points u, u + 1, ... are laid over the fractional parts of the shares, end to end: a share
    is rounded up where a point falls on it, which has the right probability.  Whether
    `counts` itself was rounded up says on which side of the fractional part of the whole u lies.

    Parameters
    ----------
    counts : numpy.ndarray
        Shape (n,), integer: the sums of `expected` rounded up or down.
    expected : numpy.ndarray
        Shape (n, 3).
    uniform : numpy.ndarray
        Shape (n,), in (0, 1).
    """
    floors = np.floor(expected)
    whole = np.floor(expected.sum(axis=1))
    fraction = expected.sum(axis=1) - whole
    rounded_up = counts > whole
    u = np.where(rounded_up, uniform * fraction, fraction + uniform * (1 - fraction))
    ends = np.cumsum(expected - floors, axis=1)
    ends[:, 2] = whole - floors.sum(axis=1) + fraction
    ends = np.minimum(ends, ends[:, 2:])
    points = np.ceil(ends - u[:, None])
    return (floors + np.diff(points, axis=1, prepend=0)).astype(np.int64)
