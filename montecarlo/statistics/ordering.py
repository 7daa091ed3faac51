"""The patterns of a chain in the order of their size: where nothing else tells them apart."""

from __future__ import annotations

import numpy as np

__all__ = ["by_size"]


def by_size(overlaps: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rank the patterns of every chain by the size of their mean overlap.

    The mean over time ranks, not one measurement: thermal noise changes no order.

    Parameters
    ----------
    overlaps : numpy.ndarray
        Shape (..., n_measurements, n_patterns), n_measurements at least 1.

    Returns
    -------
    ranked : numpy.ndarray
        Shape (..., 1, n_patterns): numbers of the patterns, the largest first; equal ones in
        the order of their numbers.
    sign : numpy.ndarray
        Shape (..., 1, n_patterns): what makes the mean of each of them positive, +-1.

    Examples
    --------
    >>> ranked, sign = by_size(np.array([[0.1, -0.7, 0.2], [0.1, -0.9, 0.2]]))
    >>> ranked.tolist(), sign.tolist()
    ([[1, 2, 0]], [[-1.0, 1.0, 1.0]])
    """
    mean = overlaps.mean(axis=-2, keepdims=True)
    ranked = np.argsort(-np.abs(mean), axis=-1, kind="stable")
    return ranked, np.where(np.take_along_axis(mean, ranked, -1) < 0, -1.0, 1.0)
