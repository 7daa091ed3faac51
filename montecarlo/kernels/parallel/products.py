"""Products of integer matrices that have one value whatever the order of their sums."""

from __future__ import annotations

import numpy as np

from montecarlo.kernels.shared.philox import njit

__all__ = ["column_sums", "product"]


def product(left: np.ndarray, right: np.ndarray, largest: int, ones: bool = False) -> np.ndarray:
    """Product of two matrices of integers, the same for every batch and number of threads.

    Parameters
    ----------
    left : numpy.ndarray
        Shape (a, b).
    right : numpy.ndarray
        Shape (b, c).
    largest : int
        Bound of the entries of `right`, or of `left` where `right` holds +-1.
    ones : bool
        Whether `right` holds +-1 alone.

    Returns
    -------
    numpy.ndarray
        Shape (a, c), float32 or float64.

    Examples
    --------
    >>> product(np.array([[3.0, 4.0]]), np.array([[1.0], [-1.0]]), 4, ones=True)
    array([[-1.]], dtype=float32)
    """
    size = left.shape[1] if ones else float(np.abs(left).sum(axis=1, dtype=np.float64).max())
    if size * largest < 2**24:
        return left.astype(np.float32, copy=False) @ right.astype(np.float32, copy=False)
    left, right = (x.astype(np.float64, copy=False) for x in (left, right))
    if size * largest < 2**53:
        return left @ right
    return _ordered_product(np.ascontiguousarray(left), np.ascontiguousarray(right))


@njit
def _ordered_product(left, right):
    result = np.zeros((left.shape[0], right.shape[1]))
    for a in range(left.shape[0]):
        for b in range(left.shape[1]):
            for c in range(right.shape[1]):
                result[a, c] += left[a, b] * right[b, c]
    return result


@njit
def column_sums(values):
    """Sum over the first axis of (r, c) in the order of r, for any number of columns."""
    total = np.zeros(values.shape[1])
    for r in range(values.shape[0]):
        for c in range(values.shape[1]):
            total[c] += values[r, c]
    return total
