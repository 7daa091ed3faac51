"""Observables: pure functions of a batch of configurations, no averaging."""

from __future__ import annotations

import numpy as np

__all__ = ["overlaps", "replica_overlaps"]


def overlaps(snapshots: np.ndarray, patterns: np.ndarray) -> np.ndarray:
    """Normalised overlaps (1/N) sum_i pattern_i s_i.

    Parameters
    ----------
    snapshots : numpy.ndarray
        Shape (..., n_spins), int8.
    patterns : numpy.ndarray
        Shape (n_patterns, n_spins), any integer type.

    Returns
    -------
    numpy.ndarray
        Shape (..., n_patterns), float64; sums are taken in float64, exact to 2**53.
    """
    n_spins = patterns.shape[1]
    return snapshots.astype(np.float64) @ patterns.T.astype(np.float64) / n_spins


def replica_overlaps(packed: np.ndarray, n_spins: int) -> np.ndarray:
    """Overlaps of all pairs of replicas at equal times.

    Parameters
    ----------
    packed : numpy.ndarray
        Shape (n_replicas, n_measurements, n_bytes), uint8: spins as bits, padding equal.
    n_spins : int

    Returns
    -------
    numpy.ndarray
        Shape (n_replicas (n_replicas - 1)/2, n_measurements).
    """
    first, second = np.triu_indices(len(packed), k=1)
    different = np.bitwise_count(packed[first] ^ packed[second]).sum(axis=-1, dtype=np.int64)
    return 1 - 2 * different / n_spins
