"""Names of the states of a multitasking network, read off their overlaps.

=================  ==================================================================
ergodic            no overlap
pure               one pattern
hierarchical       all K patterns, all overlaps different
hierarchical-k     k < K patterns, all overlaps different
parallel           all K patterns, all overlaps equal
mixed:aab, ...     everything else: equal overlaps share a letter, absent ones are 0
=================  ==================================================================
"""

from __future__ import annotations

import string

import numpy as np

__all__ = ["label", "without_rounding"]

#: Overlaps that differ by this fraction are different.
DIFFERENT = 1e-7
#: At T = 0 the equations are solved to rounding.
DIFFERENT_COLD = 1e-13
#: Overlaps whose fields are below this fraction of T > 0 are none: where one condenses it grows
#: as the square root of the distance to its critical point, here 1e-14.  At T = 0: of the
#: ladder d^(mu-1).
ABSENT = 1e-7


def without_rounding(n: np.ndarray, T: np.ndarray, dilution: float, variance: float) -> np.ndarray:
    """Return overlaps, shape (B, K) and in descending order of size, with rounding set to 0.

    `dilution` and `variance` are those of the entries v: of their blanks, and rho of the others.
    """
    # at T = 0 the overlaps that condense are of the order of the ladder, or of 1 without blanks
    ladder = (dilution if dilution > 0 else 1.0) ** np.arange(n.shape[1])
    cold = np.abs(n[:, :1]) * ladder
    warm = T[:, None] / np.sqrt(1 + variance)
    return np.where(np.abs(n) <= ABSENT * np.where(warm > 0, warm, cold), 0.0, n)


def label(n: np.ndarray, T: np.ndarray) -> np.ndarray:
    """Name states.

    Parameters
    ----------
    n : numpy.ndarray
        Shape (B, K), overlaps in descending order of size, as `without_rounding` leaves them.
    T : numpy.ndarray
        Shape (B,).

    Returns
    -------
    numpy.ndarray
        Shape (B,), str.

    Examples
    --------
    >>> label(np.array([[0.3, 0.3, 0.1], [0.5, 0.2, 0.0]]), np.array([0.1, 0.1])).tolist()
    ['mixed:aab', 'hierarchical-2']
    """
    size = np.abs(n)
    tolerance = np.where(T > 0, DIFFERENT, DIFFERENT_COLD)[:, None]
    lower = size[:, :-1] - size[:, 1:] > tolerance * size[:, :-1]
    # a grid has few kinds of states: each kind is named once
    kinds, which = np.unique(np.hstack([size > 0, lower]), axis=0, return_inverse=True)
    names = np.array([_name(kind[: n.shape[1]], kind[n.shape[1] :]) for kind in kinds], str)
    return np.asarray(names[which.ravel()])


def _name(present: np.ndarray, lower: np.ndarray) -> str:
    """Name a state by which overlaps are not 0, and which are below the one before."""
    size, count = present.size, int(present.sum())
    if count <= 1:
        return ("ergodic", "pure")[count]
    steps = lower[: count - 1]
    if steps.all():
        return "hierarchical" if count == size else f"hierarchical-{count}"
    if not steps.any() and count == size:
        return "parallel"
    level = np.concatenate([[0], np.cumsum(steps)])
    letters = "".join(string.ascii_letters[k % 52] for k in level)
    return "mixed:" + letters + "0" * (size - count)
