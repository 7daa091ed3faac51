"""What a chain leaves behind."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .progress import Progress

__all__ = ["Record"]


@dataclass(frozen=True, kw_only=True)
class Record:
    """What one chain leaves behind; axes of several chains come first.

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
        """Return the record of a chain, or of a batch, that has ended."""
        series = dict(progress.series)
        own = {name: series.pop(name) for name in ("m", "n", "energy", "packed")}
        attempts = n_spins * progress.sweep
        assert progress.last is not None
        return cls(
            **own,
            flip_rate=progress.flips / attempts if attempts else 0 * progress.flips + np.nan,
            start_overlap=progress.start_overlap,
            last=progress.last,
            period=progress.period,
            observables=series,
        )

    def split(self) -> list[Record]:
        """Return the records of the single chains of a batch."""
        fields = {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}
        own = fields.pop("observables")
        return [
            Record(
                **{name: value[c] for name, value in fields.items()},
                observables={name: value[c] for name, value in own.items()},
            )
            for c in range(len(self.last))
        ]
