"""One Markov chain from its start to its series."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from hebbian import Dataset

from .backend import Backend
from .observables import overlaps
from .schedule import Schedule

__all__ = ["Chain", "Record", "Stopped"]

PATIENCE = 0.2  # seconds between two looks at the stop flag and the progress bar


class Stopped(Exception):
    """The run was interrupted from outside; nothing is wrong with the chain."""


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
    """

    m: np.ndarray
    n: np.ndarray
    energy: np.ndarray
    packed: np.ndarray
    flip_rate: float
    start_overlap: float


@dataclass(frozen=True, kw_only=True)
class Chain:
    """A chain ready to run.

    Parameters
    ----------
    backend : Backend
    data : Dataset
    network : object
        ``backend.lower(data.memory)``, shared by the chains of the sample.
    spins : (n_spins,) int8
        First configuration.
    key : (2,) uint32
    T : float
    rule : int
        Code of the dynamics.
    schedule : Schedule
    patterns : (n_patterns,) intp
        Archetypes to observe.
    """

    backend: Backend
    data: Dataset
    network: Any
    spins: np.ndarray
    key: np.ndarray
    T: float
    rule: int
    schedule: Schedule
    patterns: np.ndarray

    def run(self, advance: Callable[[int], None], stop: threading.Event) -> Record:
        """Run to the end of the schedule.

        Parameters
        ----------
        advance : callable
            Told the number of sweeps done since it was last called.
        stop : threading.Event
            Looked at every fraction of a second.

        Raises
        ------
        Stopped
            If `stop` was set.
        """
        schedule, n_spins = self.schedule, self.data.n_spins
        archetypes, averages = self.data.observed(self.patterns)
        scale = self.data.model.example_overlap_scale()
        state = self.backend.prepare(self.network, self.spins)
        m, n, energy, packed = [], [], [], []
        sweep = flips = 0
        for n_measured, stride in self._pieces(stop):
            snapshots = np.empty((n_measured, n_spins), np.int8)
            energies = np.empty(n_measured)
            flips += self.backend.run(
                self.network,
                state,
                self.key,
                self.T,
                self.rule,
                sweep,
                n_measured,
                stride,
                snapshots,
                energies,
            )
            sweep += n_measured * stride
            if sweep > schedule.warmup:
                m.append(overlaps(snapshots, archetypes))
                n.append(scale * overlaps(snapshots, averages))
                energy.append(energies / n_spins)
                packed.append(np.packbits(snapshots > 0, axis=1))
            advance(n_measured * stride)
        empty = np.empty((0, len(self.patterns)))
        return Record(
            m=np.concatenate([empty, *m]),
            n=np.concatenate([empty, *n]),
            energy=np.concatenate([np.empty(0), *energy]),
            packed=np.concatenate([np.empty((0, -(-n_spins // 8)), np.uint8), *packed]),
            flip_rate=flips / (n_spins * sweep) if sweep else np.nan,
            start_overlap=float(overlaps(self.spins, archetypes[:1])[0]),
        )

    def _pieces(self, stop: threading.Event) -> Iterator[tuple[int, int]]:
        """Cut the schedule into calls (n_measured, stride) of about `PATIENCE` seconds.

        Sweeps are numbered, so the cuts change no bit of the result.
        """
        pace = 1.0  # sweeps per call, adapted to the clock
        warmup, measured = self.schedule.warmup, self.schedule.n_measurements
        while warmup + measured > 0:
            if stop.is_set():
                raise Stopped
            if warmup:
                call = (1, min(warmup, max(1, int(pace))))
                warmup -= call[1]
            else:
                call = (
                    min(measured, max(1, int(pace / self.schedule.stride))),
                    self.schedule.stride,
                )
                measured -= call[0]
            begin = time.perf_counter()
            yield call
            spent = max(time.perf_counter() - begin, 1e-9)
            pace = call[0] * call[1] * min(max(PATIENCE / spent, 0.5), 4.0)
