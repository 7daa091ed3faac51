"""What a chain leaves behind."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .progress import Progress

__all__ = ["Record"]


@dataclass(frozen=True, kw_only=True)
class Record:
    """What one chain leaves behind.

    Parameters
    ----------
    m, n : (n_measurements, n_patterns) float64
    energy : (n_measurements,) float64
        H/N.
    packed : (n_measurements, n_bytes) uint8
        The configurations as bits.
    flip_rate : float
        Flips per attempted update.
    start_overlap : float
        Overlap of the first configuration with the first observed pattern.
    last : (n_spins,) int8
        Last configuration.
    period : int
        1 if it is a fixed point of the zero-temperature dynamics, 2 if it is in a cycle of
        parallel dynamics, else 0.
    observables : dict of str to numpy.ndarray
        The user's, (n_measurements,) or (n_measurements, k) float64.
    """

    m: np.ndarray
    n: np.ndarray
    energy: np.ndarray
    packed: np.ndarray
    flip_rate: Any
    start_overlap: Any
    last: np.ndarray
    period: Any
    observables: dict[str, np.ndarray] = field(default_factory=dict)

    @classmethod
    def of(cls, progress: Progress, n_spins: int) -> Record:
        """Return the record of a chain that has ended."""
        series, arrays = progress.group("series"), progress.arrays
        own = {name: series.pop(name) for name in ("m", "n", "energy", "packed")}
        attempts = n_spins * progress.sweep
        return cls(
            **own,
            flip_rate=arrays["flips"] / attempts if attempts else np.nan,
            start_overlap=arrays["start_overlap"],
            last=arrays["last"],
            period=arrays["period"],
            observables=series,
        )
